"""Calibrate: look at every number, change it, see what hangs on it, fit it to a cohort, measure the answers."""

import streamlit as st

from app_pages.calibrate.parts import PARTS
from app_pages.shared.case_state import open_case
from app_pages.shared.network import load_network
from app_pages.shared.notice import show_notice

net = load_network()
fault = open_case(net.vocabulary)
if fault:
    show_notice(fault)
chosen = st.segmented_control(
    "Do",
    list(PARTS),
    default="numbers",
    format_func=lambda part: PARTS[part][0],
    key="part of calibrate",
    required=True,
)
with st.container(key=f"calibrate-{chosen}"):
    PARTS[chosen][1](net)
