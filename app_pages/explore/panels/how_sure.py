"""How sure? The interval of each probability, where it comes from, and whether the findings fit together at all."""

from contextlib import nullcontext

import streamlit as st

from app_pages.explore.panels.how_sure_view import fit_html, intervals_html, says_html, spread_html
from app_pages.shared.case_state import current_case
from model import Net
from model.patient.how_sure.conflict import conflict
from model.patient.how_sure.credible_interval import NOTE_ON_STRUCTURE, credible_intervals
from model.patient.how_sure.surprise import surprise
from model.priors.tables import read_table


def show(net: Net) -> None:
    """The sentence, the intervals, what spreads them, what contradicts, and what no interval says."""
    case = current_case()
    findings, setting = case["findings"], case["setting"]
    with nullcontext() if net.drawn.begun else st.spinner("Drawing 1,000 plausible readings of the literature"):
        intervals = credible_intervals(net, findings, setting)
    fit = surprise(net, findings, setting)
    grades = read_table(net.priors.folder / "grades.csv", ["grade", "meaning"], net.priors.folder)
    st.html(
        "<section class='how-sure'>"
        f"{says_html(intervals, fit, net.vocabulary)}{intervals_html(intervals, net.vocabulary)}"
        f"{spread_html(intervals, {row['grade']: row['meaning'] for row in grades})}"
        f"{fit_html(conflict(net, findings, setting), fit, intervals.leading, net.vocabulary, findings)}"
        f"<p class='how-sure-note'>{NOTE_ON_STRUCTURE}</p></section>"
    )
