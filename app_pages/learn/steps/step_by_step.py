"""Step by step: a patient revealed finding by finding, and what each does to the odds."""

import streamlit as st
from markupsafe import Markup

from app_pages.learn.steps.flow import flow_html
from app_pages.learn.steps.ladder import ladder_html
from app_pages.learn.steps.step_choice import change_order, choose_lesson, choose_step
from app_pages.learn.steps.step_view import numbers_html, step_html
from app_pages.shared.case_state import widget_answered
from app_pages.shared.labels import finding_list
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence, InputError, Net
from model.io.markup import html
from model.learn.step_by_step import StepByStep, step_by_step
from model.learn.table import steps_csv

LADDER_NOTE = Markup(
    "Solid, to the right: for. Hatched, to the left: against. 0 decibans are even odds; 10 more make the odds 10 times "
    "higher. If independent: the likelihood ratio if findings did not depend on one another. "
    "<i class='key-diamond'></i>the odds if all findings so far were independent."
)
FLOW_NOTE = "The full width is everyone with these findings. Mimics and other conditions have stripes along the bottom."


@st.fragment
def show(net: Net) -> None:
    """The choice of patient and step, the present step beside the ladder, then all diagnoses."""
    widget_answered()
    choice = choose_lesson(net)
    if choice is None:
        show_notice("No findings entered yet. Enter some in Explore first.")
        return
    lesson, diagnosis, rival = choice
    order, shown = choose_step(net, lesson)
    try:
        way = step_by_step(net, lesson.findings, lesson.setting, order, diagnosis, rival)
    except ImpossibleEvidence as conflict:
        entered = finding_list(net.vocabulary, conflict.findings, lesson.findings)
        show_notice(f"No diagnosis in this model can explain these findings together: {entered}.")
        return
    except InputError:
        show_notice("“For” and “Against” name the same diagnosis. Choose another.")
        return
    _draw(net, way, shown)
    change_order(net, lesson, order)


def _draw(net: Net, way: StepByStep, shown: int) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(step_html(net, way, shown))
    with right:
        st.html(
            html(
                "<h2>The ladder of evidence</h2>{}<p class='learn-note'>{}</p>",
                ladder_html(way, shown, net.vocabulary),
                LADDER_NOTE,
            )
        )
    st.html(
        html(
            "<h2>All diagnoses, from before to now</h2>{}<p class='learn-note'>{}</p>",
            flow_html(way, shown, net.vocabulary),
            FLOW_NOTE,
        )
    )
    with st.expander("The numbers as a table"):
        st.html(numbers_html(way, shown, net.vocabulary))
        st.download_button("Download all steps (CSV)", steps_csv(way), "steps.csv", "text/csv", on_click="ignore",
                           icon=":material/download:")  # fmt: skip
