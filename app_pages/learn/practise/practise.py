"""Practise: guess a published patient, then see what the model says, and how good both are."""

import streamlit as st
from markupsafe import Markup

from app_pages.learn.practise.practise_state import (
    QUIZ,
    Quiz,
    ask_for,
    believe,
    change,
    commit,
    current_patient,
    current_quiz,
    drop,
    name,
    next_patient,
    scale,
)
from app_pages.learn.practise.practise_view import known_html, procedures_html, rest_html, solution_html
from app_pages.learn.practise.session_view import session_html
from app_pages.shared.case_state import show_in_widget, widget_answered
from app_pages.shared.examples import published_patients
from app_pages.shared.notice import show_notice
from model import Net
from model.learn.belief import LEAST_REST, SHORTLIST, fault_of_rest
from model.learn.quiz import QuizPatient
from model.learn.quiz_scores import rounds_csv
from model.learn.quiz_value import AskedValue, asked_values
from model.patient.phrases import capitalised, diagnosis_phrase

NO_PATIENTS = "There is no example patient to practise on: they have findings that these priors do not include."


@st.fragment
def show(net: Net) -> None:
    """The patient on one side, the belief or the solution on the other, then the session so far."""
    widget_answered()
    if not published_patients(net.vocabulary):
        show_notice(NO_PATIENTS)
        return
    quiz = current_quiz(net)
    patient = current_patient(net, quiz)
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(known_html(net.vocabulary, quiz, patient))
        if not quiz.done:
            _offer_procedures(quiz, patient)
    with right:
        if quiz.done:
            _solve(net, quiz, patient)
        else:
            _ask_belief(net, quiz)
    if quiz.rounds:
        st.html(session_html(quiz.rounds))
        st.download_button("Download the session (CSV)", rounds_csv(quiz.rounds), "practise.csv", "text/csv",
                           on_click="ignore", icon=":material/download:")  # fmt: skip


def _offer_procedures(quiz: Quiz, patient: QuizPatient) -> None:
    left = [procedure for procedure in patient.procedures if procedure.id not in quiz.asked]
    if not left:
        return
    st.html(Markup("<h3>Order a procedure</h3>"))
    with st.container(horizontal=True, key="practise-ask"):
        for procedure in left:
            st.button(f"{procedure.label} :small[{procedure.burden:g} · {procedure.cost:g}]",
                      key=f"practise ask {procedure.id}", on_click=ask_for, args=(procedure.id,))  # fmt: skip
    st.caption("Beside each: its burden for the patient (0 to 10) and its cost (0 to 100).")


def _ask_belief(net: Net, quiz: Quiz) -> None:
    """The shortlist, a percentage for each, and what is left."""
    st.html(Markup("<h2>What do you believe?</h2>"))
    diagnoses = net.vocabulary.diagnoses
    for diagnosis, percentage in quiz.percentages.items():
        _ask_percentage(_label(net, diagnosis), diagnosis, percentage)
    if len(quiz.percentages) < SHORTLIST:
        show_in_widget("practise add", None)
        others = [diagnosis for diagnosis in diagnoses if diagnosis not in quiz.percentages]
        st.selectbox(f"Add a diagnosis, up to {SHORTLIST}", others, index=None, key="practise add",
                     format_func=lambda d: _label(net, d), placeholder="Choose a diagnosis",
                     on_change=_add)  # fmt: skip
    rest = 100 - sum(quiz.percentages.values())
    fault = fault_of_rest(rest, len(quiz.percentages) < len(diagnoses))
    st.html(rest_html(rest, fault))
    with st.container(horizontal=True, key="practise-commit"):
        st.button("Scale to 100 %", disabled=not quiz.percentages, on_click=scale,
                  help=f"Keeps the proportions and leaves {LEAST_REST} % for something else")  # fmt: skip
        st.button("Submit", type="primary", disabled=bool(fault) or not any(quiz.percentages.values()),
                  on_click=commit, args=(net,))  # fmt: skip
        st.button("Skip this patient", type="tertiary", on_click=next_patient)


def _label(net: Net, diagnosis: str) -> str:
    return capitalised(diagnosis_phrase(net.vocabulary, diagnosis))


def _ask_percentage(label: str, diagnosis: str, percentage: float) -> None:
    key = f"practise percent {diagnosis}"
    show_in_widget(key, percentage)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"practise-row-{diagnosis}"):
        st.number_input(f"{label}, %", 0.0, 100.0, step=5.0, format="%g", key=key, width=240,
                        on_change=_take_percentage, args=(diagnosis, key))  # fmt: skip
        st.button("Remove", key=f"practise remove {diagnosis}", type="tertiary", on_click=drop, args=(diagnosis,))


def _add() -> None:
    name(st.session_state["practise add"])


def _take_percentage(diagnosis: str, key: str) -> None:
    believe(diagnosis, st.session_state[key])


def _solve(net: Net, quiz: Quiz, patient: QuizPatient) -> None:
    """The true diagnosis and its source, both scores, and what the procedures were worth."""
    case = published_patients(net.vocabulary)[patient.id]
    st.html(solution_html(net.vocabulary, case, quiz.rounds[-1]))
    st.button("Next patient", type="primary", icon=":material/arrow_forward:", on_click=next_patient)
    if quiz.asked:
        st.html(procedures_html(_values(net, quiz, patient)))


def _values(net: Net, quiz: Quiz, patient: QuizPatient) -> tuple[AskedValue, ...]:
    """Computed once, with a bar that tells how far it is."""
    if quiz.values is not None:
        return quiz.values
    bar = st.progress(0.0, "Which procedures were worth it?")
    values = []
    for value in asked_values(net, patient, quiz.asked):
        values.append(value)
        bar.progress(len(values) / len(quiz.asked), "Which procedures were worth it?")
    bar.empty()
    change(values=tuple(values))
    widget_answered()
    quiz = st.session_state[QUIZ]
    return quiz.values or ()
