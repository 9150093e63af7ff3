"""Why? What each finding adds to a diagnosis, and the numbers behind a finding."""

import streamlit as st

from app_pages.explore.panels.why_path import path_html
from app_pages.shared.case_state import note_widget
from model import InputError, Net
from model.io.markup import html
from model.patient.patient import Patient
from model.patient.phrases import capitalised, diagnosis_phrase
from model.patient.why.weight_of_evidence import WeightOfEvidence, sentence
from model.priors.vocabulary import Vocabulary
from model.report.charts import WATERFALL_STYLE, waterfall_html


def show(patient: Patient) -> None:
    """The sentence, the waterfall with its table, and the way of one finding."""
    net = patient.net
    says = st.container()
    diagnosis, rival = _choose_sides(net.vocabulary)
    if (diagnosis or patient.coalitions.leading) == rival:
        says.html(_says("“For” and “Against” name the same diagnosis. Choose another."))
        return
    try:
        weights = patient.why(diagnosis, rival)
    except InputError:
        says.html(_says("The findings or the referral setting exclude both diagnoses. Choose another pair."))
        return
    says.html(_says(sentence(weights, net.vocabulary)))
    st.html(why_html(weights, net))
    if weights.weights:
        _look_closer(patient, weights)


def _says(text: str) -> str:
    return html("<p class='why-says'>{}</p>", text)


def why_html(weights: WeightOfEvidence, net: Net) -> str:
    """The waterfall and what its columns mean."""
    estimate = "" if weights.exact else " With so many findings the effects are estimates (± standard error)."
    return html(
        "<style>{}</style>{}"
        "<p class='why-note'>Solid, to the right: for. Hatched, to the left: against. The bars lead from before any "
        "finding to now. Where findings overlap, their effect is divided between them. "
        "Without it: the probability if this one finding were unknown.{}</p>",
        WATERFALL_STYLE,
        waterfall_html(weights, net.vocabulary),
        estimate,
    )


def _choose_sides(vocabulary: Vocabulary) -> tuple[str | None, str | None]:
    """The diagnosis (None: whichever leads) and its rival (None: all others)."""
    names = ["", *vocabulary.diagnoses]

    def label(diagnosis: str, otherwise: str) -> str:
        return capitalised(diagnosis_phrase(vocabulary, diagnosis)) if diagnosis else otherwise

    diagnosis = st.selectbox(
        "For", names, key="why for", on_change=note_widget, format_func=lambda d: label(d, "The leading diagnosis")
    )
    rival = st.selectbox(
        "Against",
        names,
        key="why against",
        on_change=note_widget,
        format_func=lambda d: label(d, "All other diagnoses"),
    )
    return diagnosis or None, rival or None


def _look_closer(patient: Patient, weights: WeightOfEvidence) -> None:
    """Choose a finding; see the hidden process that carries it and the rows of the priors behind it."""
    ordered = sorted(weights.weights, key=lambda w: -abs(w.shapley))
    options = ["", *(w.finding for w in ordered)]
    if st.session_state.get("why closer") not in options:
        st.session_state["why closer"] = ""
    chosen = st.selectbox(
        "Look closer at one finding", options, key="why closer", on_change=note_widget,
        format_func=lambda f: patient.net.vocabulary.variables[f].label if f else "Choose a finding",
    )  # fmt: skip
    if chosen:
        path = patient.path(chosen, weights.diagnosis, weights.rival)
        st.html(path_html(path, patient.net))
