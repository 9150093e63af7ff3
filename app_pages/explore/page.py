"""Explore: enter a patient's findings one by one and see the probability of every diagnosis."""

import streamlit as st

from app_pages.explore.entered import list_entered
from app_pages.explore.findings_form import choose_findings, enter_findings
from app_pages.explore.letter import paste_letter
from app_pages.explore.patient_bar import describe_patient
from app_pages.explore.posterior_view import show_posterior
from app_pages.explore.questions import answer_question, choose_question
from app_pages.shared.case_state import open_case
from app_pages.shared.network import load_network
from app_pages.shared.notice import show_notice

net = load_network()
fault = open_case(net.vocabulary)
if fault:
    show_notice(fault)
describe_patient(net)
form, answer = st.columns(2, gap="medium")
with form:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="form head"):
        st.html("<h2>Findings</h2>")
        paste_letter(net)
    choose_findings(net.vocabulary)
    with st.container(key="rows"):
        enter_findings(net.vocabulary)
with answer, st.container(key="answer"):
    choose_question()
    show_posterior(net)
    answer_question(net)
    list_entered(net.vocabulary)
