"""Which numbers deserve research: for a cohort, whose uncertainty makes the answers unsure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app_pages.calibrate import work
from app_pages.calibrate.cohort_choice import Chosen, choose_cohort
from app_pages.shared.charts import BLUE, NUMBER_PIXELS, data, number_axis, show_chart
from app_pages.shared.network import same_priors
from app_pages.shared.number_words import number_label, unit
from model import Net
from model.calibrate.research import Research, value_of_research
from model.cases.known import cases_of

if TYPE_CHECKING:
    from app_pages.shared.charts import Drawing

MOST_PATIENTS = 60
KEY = "research"


def show_research(net: Net) -> None:
    """A cohort, a button, and the ranking."""
    st.header("Which numbers deserve research?", anchor=False)
    st.markdown(
        "For a whole cohort: how much narrower the answers would get, on average, if this number were known exactly."
    )
    chosen = choose_cohort(net)
    if chosen is None:
        return
    mark = (same_priors(net), chosen.mark)
    used = min(len(chosen.cohort), MOST_PATIENTS)
    st.button(f"Rank the numbers for {used} patients", key="run research", on_click=work.start,
              args=(KEY, mark, _task(net, chosen)), disabled=work.running(KEY))  # fmt: skip
    found = work.result(KEY, mark)
    if isinstance(found, tuple) and found:
        rows = [research_row(net, place, one) for place, one in enumerate(found, 1)]
        show_chart(research_chart(rows), rows, "research")


def _task(net: Net, chosen: Chosen) -> work.Task:
    def task(tell: work.Tell) -> tuple[Research, ...]:
        cases = cases_of(chosen.cohort, net.vocabulary)[:MOST_PATIENTS]
        return value_of_research(net, cases, progress=work.steps(tell, len(cases), "Patients"))

    return task


def research_row(net: Net, place: int, one: Research) -> dict[str, object]:
    """One number as a row."""
    number = one.number
    return {
        "rank": place,
        "number": number_label(net, number),
        "share of the uncertainty (%)": round(100 * one.share, 2),
        "value": round(number.value, 2),
        "unit": unit(number),
        "worth (patients)": number.strength,
        "grade": number.grade,
        "source": number.row.cells.get("source", ""),
    }


def research_chart(rows: Sequence[dict[str, object]]) -> "Drawing":
    """One bar a number."""
    import altair as alt

    bars = [{"number": row["number"], "share": row["share of the uncertainty (%)"]} for row in rows]
    said = (
        f"Bars of {len(rows)} numbers; the first is {bars[0]['number']} with {bars[0]['share']} % of the uncertainty."
    )
    return (
        alt.Chart(data(bars))
        .mark_bar(color=BLUE, aria=False)
        .encode(
            y=number_axis(bars),
            x=alt.X("share:Q", title="Share of the uncertainty (%)"),
            tooltip=["number:N", alt.Tooltip("share:Q", format=".2f")],
        )
        .properties(description=said, height=NUMBER_PIXELS * len(rows) + 80)
    )
