"""The quiz of this session: whose turn it is, what was asked and believed, and the rounds played."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from app_pages.shared.case_state import note_widget
from app_pages.shared.examples import published_patients
from model import Net
from model.cases.case import Case
from model.learn.belief import SHORTLIST, belief_of, scaled
from model.learn.quiz import QuizPatient, quiz_order, quiz_patient, revealed
from model.learn.quiz_scores import Round
from model.learn.quiz_value import AskedValue

QUIZ = "practise quiz"
ALL_SEEDS = 2**32


@dataclass(frozen=True)
class Quiz:
    """Everything about the quiz; it is replaced as a whole, and stays in the session.

    values: what the procedures were worth, None while they are not computed. done: this patient is resolved.
    """

    order: tuple[str, ...]
    place: int = 0
    asked: tuple[str, ...] = ()
    percentages: dict[str, float] = field(default_factory=dict)
    done: bool = False
    values: tuple[AskedValue, ...] | None = None
    rounds: tuple[Round, ...] = ()

    @property
    def patient(self) -> str:
        return self.order[self.place]


def cases_to_play(net: Net) -> dict[str, Case]:
    """The published patients whose diagnosis is known."""
    return {name: case for name, case in published_patients(net.vocabulary).items() if case.diagnosis}


def current_quiz(net: Net) -> Quiz:
    """The quiz of the session, begun in an order of its own; begun anew where the patients are others."""
    names = cases_to_play(net)
    quiz = st.session_state.get(QUIZ)
    if not isinstance(quiz, Quiz) or set(quiz.order) != set(names):
        seed = st.session_state.setdefault("practise seed", random.SystemRandom().randrange(ALL_SEEDS))
        quiz = Quiz(quiz_order(names, seed))
        st.session_state[QUIZ] = quiz
    return quiz


def current_patient(net: Net, quiz: Quiz) -> QuizPatient:
    return quiz_patient(net, cases_to_play(net)[quiz.patient])


def change(**changes: Any) -> None:
    """Another state of the quiz; for callbacks."""
    st.session_state[QUIZ] = replace(st.session_state[QUIZ], **changes)
    note_widget()


def ask_for(procedure: str) -> None:
    change(asked=(*st.session_state[QUIZ].asked, procedure))


def name(diagnosis: str) -> None:
    """One more on the shortlist, while there is room."""
    percentages = st.session_state[QUIZ].percentages
    if len(percentages) < SHORTLIST:
        change(percentages={**percentages, diagnosis: percentages.get(diagnosis, 0.0)})


def drop(diagnosis: str) -> None:
    """One fewer on the shortlist."""
    change(percentages={d: p for d, p in st.session_state[QUIZ].percentages.items() if d != diagnosis})


def believe(diagnosis: str, percentage: float | None) -> None:
    change(percentages={**st.session_state[QUIZ].percentages, diagnosis: percentage or 0.0})


def scale() -> None:
    change(percentages=scaled(st.session_state[QUIZ].percentages))


def commit(net: Net) -> None:
    """The round is over: what was believed stands beside what the model says."""
    quiz: Quiz = st.session_state[QUIZ]
    patient = current_patient(net, quiz)
    prior = net.posterior({}, patient.setting)
    played = Round(
        patient.id,
        patient.diagnosis,
        quiz.asked,
        belief_of(quiz.percentages, prior),
        net.posterior(revealed(patient, quiz.asked), patient.setting),
        net.posterior(patient.findings, patient.setting),
    )
    change(done=True, values=None, rounds=(*quiz.rounds, played))


def next_patient() -> None:
    """The next in the order; after the last the first again."""
    quiz: Quiz = st.session_state[QUIZ]
    place = (quiz.place + 1) % len(quiz.order)
    change(place=place, asked=(), percentages={}, done=False, values=None)
