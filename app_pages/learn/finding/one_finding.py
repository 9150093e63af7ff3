"""One finding: what a result tells between two sides, and what it means where the patient comes from."""

from dataclasses import astuple

import streamlit as st
from markupsafe import Markup

from app_pages.learn.finding.finding_choice import Question, choose_question
from app_pages.learn.finding.finding_view import measures_html, people_html, settings_html
from app_pages.learn.finding.nomogram import nomogram
from app_pages.shared.case_state import widget_answered
from app_pages.shared.kept import ask
from app_pages.shared.notice import show_notice
from model import InputError, Net
from model.io.markup import html
from model.learn.one_finding import OneFinding, in_settings, one_finding, post_test
from model.learn.table import one_finding_csv
from model.patient.how_sure.credible_interval import NOTE_ON_STRUCTURE
from model.patient.phrases import percent

CHANCES = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45,
           0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)  # fmt: skip


@st.fragment
def show(net: Net) -> None:
    """The choice, then people and measures beside the nomogram, then every setting."""
    widget_answered()
    question = choose_question(net)
    try:
        with st.spinner("Computing the 90 % intervals"):
            answer = one_finding(net, *astuple(question))
    except InputError as fault:
        show_notice(_said(net, question, str(fault)))
        return
    rows = in_settings(net, answer.finding, answer.positive, answer.diagnosis, answer.rival)
    left, right = st.columns(2, gap="medium")
    with right:
        before = _show_nomogram(answer)
    with left:
        st.html(people_html(answer, before, net.vocabulary) + measures_html(answer, net.vocabulary))
    st.html(settings_html(answer, rows, net))
    st.html(html("<p class='learn-note'>{}</p>", NOTE_ON_STRUCTURE))
    st.download_button("Download the numbers (CSV)", one_finding_csv(answer, rows), "one_finding.csv", "text/csv",
                       on_click="ignore", icon=":material/download:")  # fmt: skip


def _show_nomogram(answer: OneFinding) -> float:
    """The picture, and the slider that moves its left end; returns the pre-test probability."""
    st.html(Markup("<h2>Fagan nomogram</h2>"))
    chances = sorted({*CHANCES, answer.pre_test})
    before = float(
        ask(st.select_slider, "one before", "Probability before the test", chances, answer.pre_test,
            format_func=lambda chance: percent(chance) + (" (in this setting)" if chance == answer.pre_test else ""))
    )  # fmt: skip
    ratios = answer.positive_ratio.value, answer.negative_ratio.value
    after = [percent(post_test(before, ratio)) for ratio in ratios]
    st.html(
        html(
            "<p class='learn-says'>From {} to <b>{}</b> after a positive result (solid line), to "
            "<b>{}</b> after a negative one (dashed line).</p>{}",
            percent(before),
            after[0],
            after[1],
            nomogram(before, *ratios),
        )
    )
    return before


def _said(net: Net, question: Question, fault: str) -> str:
    """A refusal in the words of the page."""
    if "excludes" in fault:
        setting = net.vocabulary.setting_labels[question.setting]
        return (
            f"{setting}: one of the two sides does not occur in this referral setting. Choose another setting or "
            "another side."
        )
    if "positive" in fault:
        return "Choose at least one positive result, and leave at least one that is not."
    return "“For” and “Against” overlap. Choose two sides that exclude each other."
