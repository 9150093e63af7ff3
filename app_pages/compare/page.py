"""Compare: the patient of Explore (A) beside a variant, another patient or a file (B)."""

import streamlit as st

from app_pages.compare.choice import choose_second
from app_pages.compare.view import comparison_html, patient_html
from app_pages.shared.case_state import keep_link, open_case, widget_answered
from app_pages.shared.current_patient import current_patient
from app_pages.shared.labels import finding_list
from app_pages.shared.network import load_network
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence

net = load_network()
fault = open_case(net.vocabulary)
widget_answered()
if fault:
    show_notice(fault)
keep_link(net.vocabulary)
first = current_patient(net)
left, right = st.columns([2, 3], gap="medium")
with left:
    st.html(patient_html("A: the patient in Explore", first, net.vocabulary))
    st.page_link("app_pages/explore/page.py", label="Change A in Explore", icon=":material/edit:")
with right:
    second = choose_second(net, first)
    if second is not None:
        st.html(patient_html("", second, net.vocabulary))
if second is not None:
    try:
        st.html(comparison_html(first.compare(second), net))
    except ImpossibleEvidence as conflict:
        entered = finding_list(net.vocabulary, conflict.findings, {**first.findings, **second.findings})
        show_notice(f"No diagnosis in this model can explain these findings together: {entered}. Choose another B.")
