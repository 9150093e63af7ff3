"""Sensitivity: what a patient's probability hangs on, two numbers together, and how far the answer is from another."""

from collections.abc import Mapping

import streamlit as st

from app_pages.calibrate import work
from app_pages.calibrate.patient_choice import Patient, choose_patient
from app_pages.calibrate.sensitivity import sensitivity_charts as charts
from app_pages.calibrate.sensitivity.research import show_research
from app_pages.shared.charts import show_chart
from app_pages.shared.network import same_priors
from app_pages.shared.notice import show_notice
from app_pages.shared.number_words import number_label, unit
from app_pages.shared.tables import show_table
from model import InputError, Net
from model.calibrate.numbers import Number
from model.calibrate.sensitivity import Bar, Flip, Surface, smallest_change, tornado, two_way
from model.calibrate.variants import relevant

MOST_BARS, MOST_FLIPS = 15, 10


def show(net: Net) -> None:
    """One patient first; then which numbers deserve research, for a cohort."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        patient = choose_patient(net)
        try:
            posterior = net.posterior(patient.findings, patient.setting)
        except InputError as error:
            show_notice(f"{error}.")
            return
        diagnosis = _choose_diagnosis(net, posterior)
    mark = (same_priors(net), repr(sorted(patient.findings.items())), patient.setting)
    _show_tornado(net, patient, diagnosis, posterior[diagnosis], mark)
    _show_smallest(net, patient, mark)
    show_research(net)


def _choose_diagnosis(net: Net, posterior: Mapping[str, float]) -> str:
    ranked = sorted(posterior, key=lambda d: -posterior[d])
    labels = net.vocabulary.diagnosis_labels
    chosen: str = st.selectbox("Probability of", ranked, key="sensitivity diagnosis",
                               persist_state="session", width=420,
                               format_func=lambda d: f"{labels.get(d, d)}: {100 * posterior[d]:.1f} %")  # fmt: skip
    return chosen


def _show_tornado(net: Net, patient: Patient, diagnosis: str, now: float, mark: tuple[str, str, str]) -> None:
    st.header("Which numbers it depends on", anchor=False)
    st.markdown(
        "Each number moves across its own 90 % interval while all others stay fixed. An odds ratio says how strongly a "
        "finding depends on its cause."
    )
    bars = _tornado(net, patient, diagnosis, mark)
    if not bars:
        st.markdown("No number with an interval changes this probability.")
        return
    rows = [bar_row(net, place, bar) for place, bar in enumerate(bars, 1)]
    show_chart(charts.tornado_chart(rows, now), rows, "tornado")
    st.header("Two numbers together", anchor=False)
    labels = {str(row["number"]): bar.number for row, bar in zip(rows, bars, strict=True)}
    with st.container(horizontal=True):
        first = st.selectbox("First", list(labels), key="first number", persist_state="session", width=420)
        others = [label for label, number in labels.items() if not _share_distribution(number, labels[first])]
        second = st.selectbox("Second", others, key="second number", persist_state="session", width=420)
    if second is None:
        st.markdown("No other number changes it.")
        return
    try:
        surface = _surface(net, patient, diagnosis, labels[first], labels[second], (*mark, first, second))
    except InputError as error:
        show_notice(f"{error}.")
        return
    points = charts.surface_rows(surface)
    titles = [f"{label} ({unit(labels[label])})" for label in (first, second)]
    show_chart(charts.surface_chart(points, *titles), points, "two_numbers")


def _show_smallest(net: Net, patient: Patient, mark: tuple[str, str, str]) -> None:
    st.header("The smallest change that alters the answer", anchor=False)
    st.markdown(
        "For each single number: the nearest value at which another diagnosis would lead. The number whose odds change "
        "least comes first; changes of more than 100× are not considered."
    )
    st.button("Find the smallest change", key="run smallest", disabled=work.running("smallest"), on_click=work.start,
              args=("smallest", mark, _smallest_task(net, patient)))  # fmt: skip
    flips = work.result("smallest", mark)
    if isinstance(flips, tuple) and flips:
        show_table([flip_row(net, flip) for flip in flips], "smallest_change")
    elif flips is not None:
        st.markdown("No single number can change the leading diagnosis.")


def _smallest_task(net: Net, patient: Patient) -> work.Task:
    def task(tell: work.Tell) -> tuple[Flip, ...]:
        asked = len(relevant(net, patient.findings, patient.setting))
        progress = work.steps(tell, asked, "Numbers tried on either side")
        return smallest_change(net, patient.findings, patient.setting, MOST_FLIPS, progress)

    return task


def _share_distribution(one: Number, other: Number) -> bool:
    return one.key == other.key or one.key in other.siblings


@st.cache_data(max_entries=8, show_spinner="Moving each number")
def _tornado(_net: Net, _patient: Patient, diagnosis: str, mark: tuple[str, str, str]) -> tuple[Bar, ...]:
    return tornado(_net, _patient.findings, _patient.setting, diagnosis, MOST_BARS)


@st.cache_data(max_entries=8, show_spinner="Moving both numbers")
def _surface(
    _net: Net, _patient: Patient, diagnosis: str, _first: Number, _second: Number, mark: tuple[str, ...]
) -> Surface:
    return two_way(_net, _patient.findings, _patient.setting, _first, _second, diagnosis)


def bar_row(net: Net, place: int, bar: Bar) -> dict[str, object]:
    """One bar of the tornado as a row; probabilities in percent."""
    number = bar.number
    return {
        "rank": place,
        "number": number_label(net, number),
        "value": round(number.value, 2),
        "unit": unit(number),
        "5th percentile": round(number.low or 0, 2),
        "95th percentile": round(number.high or 0, 2),
        "probability at the 5th (%)": round(100 * bar.at_low, 2),
        "probability at the 95th (%)": round(100 * bar.at_high, 2),
        "grade": number.grade,
        "source": number.row.cells.get("source", ""),
    }


def flip_row(net: Net, flip: Flip) -> dict[str, object]:
    """One smallest change as a row."""
    inside = (flip.number.low or 0) <= flip.value <= (flip.number.high or 0)
    return {
        "number": number_label(net, flip.number),
        "value": round(flip.number.value, 2),
        "would have to be": round(flip.value, 2),
        "unit": unit(flip.number),
        "odds change (times)": round(flip.times, 2),
        "leading diagnosis then": net.vocabulary.diagnosis_labels.get(flip.leads, flip.leads),
        "inside its 90 % interval": "yes" if inside else "no",
        "grade": flip.number.grade,
    }
