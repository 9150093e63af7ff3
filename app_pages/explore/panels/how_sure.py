"""How sure? The interval of each probability, where it comes from, and whether the findings fit together at all."""

from contextlib import nullcontext

import streamlit as st

from app_pages.explore.panels.how_sure_view import fit_html, intervals_html, says_html, spread_html
from model.io.markup import html
from model.patient.how_sure.credible_interval import NOTE_ON_STRUCTURE
from model.patient.patient import Patient


def show(patient: Patient) -> None:
    """The sentence, the intervals, what spreads them, what contradicts, and what no interval says."""
    net = patient.net
    with nullcontext() if net.drawn.begun else st.spinner("Running the model with 1,000 plausible sets of numbers"):
        intervals = patient.intervals
    fit = patient.surprise
    st.html(
        html(
            "<section class='how-sure'>{}{}{}{}<p class='how-sure-note'>{}</p></section>",
            says_html(intervals, fit, net.vocabulary),
            intervals_html(intervals, net.vocabulary),
            spread_html(intervals, net.priors.grades),
            fit_html(patient.conflict, fit, intervals.leading, net.vocabulary, patient.findings),
            NOTE_ON_STRUCTURE,
        )
    )
