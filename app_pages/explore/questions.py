"""The five questions a clinician asks of the patient on the screen; at most one is open, and only that one computes."""

from collections.abc import Callable, Mapping

import streamlit as st

from app_pages.explore.panels import criteria, how_sure, not_to_miss, what_next, why
from app_pages.shared.case_state import note_widget
from app_pages.shared.current_patient import current_patient
from model import ImpossibleEvidence, Net
from model.patient.patient import Patient

QUESTIONS: Mapping[str, tuple[str, Callable[[Patient], None]]] = {
    "why": ("Why?", why.show),
    "how_sure": ("How sure?", how_sure.show),
    "what_next": ("What next?", what_next.show),
    "criteria": ("Criteria", criteria.show),
    "not_to_miss": ("Not to miss", not_to_miss.show),
}


def open_question() -> str | None:
    """The id of the question that is open."""
    chosen = st.session_state.get("question")
    return chosen if chosen in QUESTIONS else None


def choose_question() -> None:
    """One button a question; a second click closes it."""
    st.segmented_control(
        "Questions about this patient",
        list(QUESTIONS),
        format_func=lambda question: QUESTIONS[question][0],
        key="question",
        on_change=_choose,
        width="stretch",
    )


@st.fragment(key="question")
def answer_question(net: Net) -> None:
    """The panel of the open question."""
    question = open_question()
    if question is None:
        return
    patient = current_patient(net)
    try:
        _ = patient.probabilities
    except ImpossibleEvidence:
        return  # the posterior says which findings conflict
    with st.container(key=f"panel-{question}"):
        QUESTIONS[question][1](patient)


def _choose() -> None:
    note_widget()
    st.rerun(["posterior", "question"])
