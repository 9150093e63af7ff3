"""Fit: the priors updated by a cohort, step by step, with a stop that keeps the best; the result as a new set."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app_pages.calibrate import sets, work
from app_pages.calibrate.cohort_choice import Chosen, choose_cohort
from app_pages.shared.charts import BLUE, data, show_chart
from app_pages.shared.network import OwnPriors, same_priors
from app_pages.shared.notice import show_notice
from app_pages.shared.number_words import number_label
from app_pages.shared.tables import show_table
from model import InputError, Net
from model.calibrate.difference import Difference, difference
from model.fit.fit import Fit, fit
from model.fit.fitted import Source, write_fitted
from model.fit.maximise import Shares

if TYPE_CHECKING:
    from app_pages.shared.charts import Drawing

KEY = "fit"
SHARES: Mapping[Shares, str] = {
    "by-setting": "Fitted for each referral setting",
    "together": "One factor per diagnosis for all settings",
    "fixed": "Left unchanged",
}


def show(net: Net) -> None:
    """Cohort, options, run; then the trace, the numbers that moved, and the form that keeps the result."""
    st.markdown(
        "The cohort updates the priors: each number is combined with what the patients show. Findings and "
        "diagnoses may be missing. Odds ratios do not change."
    )
    chosen = choose_cohort(net)
    if chosen is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shares = st.selectbox("How common the diagnoses are", list(SHARES), format_func=SHARES.__getitem__,
                              key="fit shares", persist_state="session", width=330)  # fmt: skip
        iterations = int(
            st.number_input(
                "Maximum number of iterations", 1, 200, 30, key="fit iterations", persist_state="session", width=160
            )
        )
        mark = (same_priors(net), chosen.mark, shares, iterations)
        st.button("Fit", type="primary", key="run fit", disabled=work.running(KEY), on_click=work.start,
                  args=(KEY, mark, _task(net, chosen, shares, iterations)))  # fmt: skip
    fitted = work.result(KEY, mark)
    if isinstance(fitted, Fit):
        _show_fit(net, chosen, fitted)


def _task(net: Net, chosen: Chosen, shares: Shares, iterations: int) -> work.Task:
    def task(tell: work.Tell) -> Fit:
        def progress(iteration: int, log_posterior: float) -> bool:
            return tell(iteration / iterations, f"Iteration {iteration}: log posterior {log_posterior:,.2f}")

        tell(0.0, "Counting what the patients show")
        return fit(net, chosen.cohort, shares, iterations, progress=progress)

    return task


def _show_fit(net: Net, chosen: Chosen, fitted: Fit) -> None:
    gained = fitted.log_posteriors[-1] - fitted.log_posteriors[0]
    end = "It has converged." if fitted.converged else "It stopped before it converged; this is the best result so far."
    st.markdown(
        f"{fitted.patients:,} patients used; the log posterior rose by **{gained:,.1f}** in "
        f"{len(fitted.log_posteriors) - 1} iterations. {end}"
    )
    if fitted.impossible:
        rows = ", ".join(str(chosen.cohort.row(patient)) for patient in fitted.impossible[:10])
        st.markdown(f"Left out because their findings cannot occur together: {len(fitted.impossible)} (rows {rows}).")
    trace: list[dict[str, object]] = [
        {"iteration": i, "log posterior": round(value, 3)} for i, value in enumerate(fitted.log_posteriors)
    ]
    show_chart(trace_chart(trace), trace, "fit_trace")
    _keep(net, chosen, fitted)


def trace_chart(rows: list[dict[str, object]]) -> "Drawing":
    """The log posterior over the iterations."""
    import altair as alt

    points = [{"iteration": row["iteration"], "value": row["log posterior"]} for row in rows]
    said = (
        f"Line of the log posterior, from {points[0]['value']} to {points[-1]['value']} in {len(rows) - 1} iterations."
    )
    return (
        alt.Chart(data(points))
        .mark_line(point=True, color=BLUE, aria=False)
        .encode(
            x=alt.X("iteration:Q", title="Iteration", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title="Log posterior", scale=alt.Scale(zero=False)),
            tooltip=["iteration:Q", alt.Tooltip("value:Q", format=",.2f")],
        )
        .properties(description=said, height=230)
    )


def _keep(net: Net, chosen: Chosen, fitted: Fit) -> None:
    """Name the set and its source; then what moved, and the download."""
    kept = st.session_state.get("fit kept")
    if kept is None or kept[0] is not fitted or kept[1] not in sets.own_sets():
        st.header("Save the fitted priors", anchor=False)
        with st.form("keep fit", border=False):
            name = st.text_input("Name of these priors", f"Fitted to {chosen.name}"[:60], max_chars=60)
            with st.container(horizontal=True):
                key = st.text_input("Short name for citing this cohort", "fitted_cohort", max_chars=60, width=240)
                citation = st.text_input("Full citation of the cohort", chosen.name, max_chars=400)
            sent = st.form_submit_button("Save these priors", type="primary")
        if not sent:
            return
        try:
            with st.spinner("Writing and checking the tables"):
                own = written(net, fitted, name.strip(), Source(key.strip(), citation.strip()))
                sets.keep(own)
        except InputError as error:
            show_notice(f"Not saved: {error}.")
            return
        st.session_state["fit kept"] = (fitted, own.name)
        st.rerun()
    own = sets.own_sets()[kept[1]]
    st.header("What the cohort changed", anchor=False)
    rows = moved_rows(net, difference(net.priors, own.net.priors))
    st.markdown(f"{len(rows):,} numbers changed in value or in weight; the largest changes first.")
    show_table(rows, "moved", "Search the numbers")
    with st.container(horizontal=True):
        st.download_button("Download these priors (zip)", lambda: sets.zipped_set(own.net), sets.file_name(own.net),
                           "application/zip", key="zip fit", on_click="ignore")  # fmt: skip
        st.button("Use them on every page", key="use fit", on_click=sets.use_from_button, args=(own.name,),
                  disabled=own.name == sets.name_in_use())  # fmt: skip


def written(net: Net, fitted: Fit, name: str, source: Source) -> OwnPriors:
    """The fit as a set of priors; raises InputError for a fault in name or source."""
    if not source.key or not source.citation:
        raise InputError("please enter a short name and a citation for the cohort")
    return sets.made(name, lambda out: write_fitted(net.priors, fitted, out, source, sets.today()))


def moved_rows(net: Net, found: Difference) -> list[dict[str, object]]:
    """Numbers of other value or strength, the farthest first, in words."""
    moved = [(d.before, d.after) for d in found.numbers if d.before and d.after and d.what != "source"]
    moved.sort(key=lambda pair: -abs(pair[1].value - pair[0].value))
    return [
        {"number": number_label(net, new), "before": round(old.value, 3), "after": round(new.value, 3),
         "change": round(new.value - old.value, 3), "worth before (patients)": old.strength,
         "worth now (patients)": new.strength,
         "grade": new.grade}
        for old, new in moved
    ]  # fmt: skip
