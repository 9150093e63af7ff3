"""Learn: see evidence weigh. Four parts, of which only the open one computes."""

import streamlit as st

from app_pages.learn.finding import one_finding
from app_pages.learn.practise import practise
from app_pages.learn.steps import step_by_step
from app_pages.learn.traps import traps
from app_pages.shared.case_state import keep_link, open_case, widget_answered
from app_pages.shared.network import load_network
from app_pages.shared.notice import show_notice

PARTS = {
    "Step by step": step_by_step.show,
    "One finding": one_finding.show,
    "Practise": practise.show,
    "Traps": traps.show,
}

net = load_network()
fault = open_case(net.vocabulary)
widget_answered()
if fault:
    show_notice(fault)
keep_link(net.vocabulary)
if st.session_state.get("learn_part") not in PARTS:
    st.session_state["learn_part"] = st.session_state.get("learn part kept", next(iter(PARTS)))
part = str(st.segmented_control("Part", list(PARTS), key="learn_part", required=True, label_visibility="collapsed"))
st.session_state["learn part kept"] = part
with st.container(key="learn"):
    PARTS[part](net)
