"""Which numbers deserve research: for a cohort, whose uncertainty or error would change the answers most."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app_pages.calibrate import work
from app_pages.calibrate.cohort_choice import Chosen, choose_cohort
from app_pages.shared.charts import BLUE, NUMBER_PIXELS, data, number_axis, show_chart
from app_pages.shared.network import same_priors
from app_pages.shared.number_words import number_label, unit
from model import Net
from model.calibrate.influence import Influence, influence
from model.calibrate.research import Research, value_of_research
from model.cases.known import cases_of

if TYPE_CHECKING:
    from app_pages.shared.charts import Drawing

MOST_PATIENTS = 60
MOST_BARS = 20
UNCERTAINTY, ERROR = "share of the uncertainty (%)", "probability that moves (points)"


def show_research(net: Net) -> None:
    """A cohort, and two rankings of the numbers."""
    st.header("Which numbers deserve research?", anchor=False)
    chosen = choose_cohort(net)
    if chosen is None:
        return
    used = min(len(chosen.cohort), MOST_PATIENTS)
    st.markdown("How much narrower the answers would get, on average, if a number were known exactly:")
    _ranking(net, "research", f"Rank the numbers for {used} patients", chosen, _research_task(net, chosen), UNCERTAINTY)
    st.markdown(
        "How much probability changes its diagnosis, on average, if a number is wrong by as much as its 90 % interval "
        "allows. This takes one to two seconds a patient:"
    )
    _ranking(net, "influence", f"Try every number at both ends for {used} patients", chosen,
             _influence_task(net, chosen), ERROR)  # fmt: skip


def _ranking(net: Net, key: str, button: str, chosen: Chosen, task: work.Task, measure: str) -> None:
    """The button that starts a ranking; then its first bars, and all rows behind them."""
    mark = (same_priors(net), chosen.mark)
    st.button(button, key=f"run {key}", on_click=work.start, args=(key, mark, task), disabled=work.running(key))
    found = work.result(key, mark)
    if isinstance(found, tuple) and found:
        rows = [_row(net, rank, one, measure) for rank, one in enumerate(found, 1)]
        show_chart(ranking_chart(rows[:MOST_BARS], measure), rows, key)


def _research_task(net: Net, chosen: Chosen) -> work.Task:
    def task(tell: work.Tell) -> tuple[Research, ...]:
        cases = cases_of(chosen.cohort, net.vocabulary)[:MOST_PATIENTS]
        return value_of_research(net, cases, progress=work.steps(tell, len(cases), "Patients"))

    return task


def _influence_task(net: Net, chosen: Chosen) -> work.Task:
    def task(tell: work.Tell) -> tuple[Influence, ...]:
        cases = cases_of(chosen.cohort, net.vocabulary)[:MOST_PATIENTS]
        return influence(net, cases, progress=work.steps(tell, len(cases), "Patients"))

    return task


def _row(net: Net, rank: int, one: Research | Influence, measure: str) -> dict[str, object]:
    """One number as a row."""
    number = one.number
    return {
        "rank": rank,
        "number": number_label(net, number),
        measure: round(100 * (one.share if isinstance(one, Research) else one.shift), 2),
        "value": round(number.value, 2),
        "unit": unit(number),
        "worth (patients)": number.strength,
        "grade": number.grade,
        "source": number.row.cells.get("source", ""),
    }


def ranking_chart(rows: Sequence[dict[str, object]], measure: str) -> "Drawing":
    """One bar for each number."""
    import altair as alt

    bars = [{"number": row["number"], "share": row[measure]} for row in rows]
    said = f"Bars of {len(rows)} numbers, {measure}; the first is {bars[0]['number']} with {bars[0]['share']}."
    title = measure[0].upper() + measure[1:]
    return (
        alt.Chart(data(bars))
        .mark_bar(color=BLUE, aria=False)
        .encode(
            y=number_axis(bars),
            x=alt.X("share:Q", title=title),
            tooltip=["number:N", alt.Tooltip("share:Q", title=title, format=".2f")],
        )
        .properties(description=said, height=NUMBER_PIXELS * len(rows) + 80)
    )
