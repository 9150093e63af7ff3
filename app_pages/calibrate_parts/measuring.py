"""Measure: discrimination, calibration and usefulness on a cohort with known diagnoses; two sets compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app_pages.about_model.check_charts import METRIC_WORDS, group_row, metric_chart, metric_rows, with_interval
from app_pages.about_model.checks import STAGE_WORDS
from app_pages.about_model.tables import show_table
from app_pages.calibrate_parts import measure_charts as charts
from app_pages.calibrate_parts import sets, work
from app_pages.calibrate_parts.charts import show_chart
from app_pages.calibrate_parts.cohort_choice import Chosen, choose_cohort
from app_pages.network import same_priors
from model import InputError, Net
from model.cases import Case
from model.clusters import Index
from model.measure.evaluate import METRICS, STAGES, Evaluation, evaluate, metrics
from model.measure.groups import GROUPED_BY, by_group
from model.measure.patients import cases_of
from model.measure.resampling import Estimate, paired_bootstrap
from model.measure.tables import FAMILY, Rows, measure

KEY = "measure"
NONE = "No comparison"
VIEWS = {
    "summary": "Summary",
    "calibration": "Calibration",
    "decisions": "Decisions",
    "discrimination": "Discrimination",
    "groups": "By group",
    "comparison": "Two sets",
}
SQUARE, WIDE = 560, 800
FOLDS = 5


@dataclass(frozen=True)
class Measured:
    """Predictors on a cohort, the network first; `differences`: other set less this one; `cases` as evaluated."""

    results: list[Evaluation]
    tables: Mapping[str, Rows]
    cases: list[Case]
    groups: list[dict[str, object]]
    differences: Mapping[str, Estimate]


def show(net: Net) -> None:
    """Cohort, stage, the other set; then one view of the result."""
    st.markdown("How good are the probabilities? On patients whose diagnosis is known, beside simpler predictors.")
    chosen = choose_cohort(net)
    if chosen is None:
        return
    others = [NONE, *(name for name in sets.nets() if name != sets.name_in_use())]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.selectbox("What is known", STAGES[::-1], format_func=STAGE_WORDS.__getitem__,
                             key="measure stage", persist_state="session",
                             width=400)  # fmt: skip
        other = st.selectbox("Compare with", others, key="measure other", persist_state="session", width=300)
        folds = FOLDS if st.checkbox(f"Also fit, judged by {FOLDS}-fold cross-validation (minutes)",
                                     key="measure folds", persist_state="session") else 0  # fmt: skip
        against = sets.nets().get(other)
        mark = (same_priors(net), chosen.mark, stage, same_priors(against) if against else "", folds)
        st.button("Measure", type="primary", key="run measure", disabled=work.running(KEY), on_click=work.start,
                  args=(KEY, mark, _task(net, chosen, stage, against, folds)))  # fmt: skip
    found = work.result(KEY, mark)
    if isinstance(found, Measured):
        _show(net, found)


def _task(net: Net, chosen: Chosen, stage: str, against: Net | None, folds: int) -> work.Task:
    def task(tell: Callable[[float | None, str], bool]) -> Measured | None:
        cases = [case for case in cases_of(chosen.cohort, net.vocabulary) if case.diagnosis]
        if not cases:
            raise InputError(f"{chosen.name}: no patient has a diagnosis to compare with")
        tell(0.1, f"Posteriors of {len(cases):,} patients, by the network and simpler predictors")
        results = evaluate(net, cases, stage, folds=folds)
        if not tell(0.6, "Tables and curves"):
            return None
        truth = np.array([net.vocabulary.diagnoses.index(str(case.diagnosis)) for case in cases])
        tables = measure({e.name: e.posteriors for e in results}, truth, net.vocabulary)
        groups = _groups(net, results[0], cases, tell)
        if not tell(0.8, "The other set on the same patients"):
            return None
        differences = _differences(net, results[0], evaluate(against, cases, stage)[0], truth) if against else {}
        return Measured(results, tables, cases, groups, differences)

    return task


def _groups(
    net: Net, result: Evaluation, cases: Sequence[Case], tell: Callable[[float | None, str], bool]
) -> list[dict[str, object]]:
    rows = []
    for finding in ("setting", *GROUPED_BY):
        if finding in net.vocabulary.variables and tell(0.7, f"By {net.vocabulary.variables[finding].label.lower()}"):
            rows += [group_row(group, net.vocabulary) for group in by_group(net, result, cases, finding)]
    return rows


def _differences(net: Net, first: Evaluation, second: Evaluation, truth: Index) -> dict[str, Estimate]:
    family = np.isin(net.vocabulary.diagnoses, net.vocabulary.families[FAMILY])
    return paired_bootstrap(first.posteriors, second.posteriors, truth, lambda p, t: metrics(p, t, family))


def _show(net: Net, found: Measured) -> None:
    views = [view for view in VIEWS if view != "comparison" or found.differences]
    view = st.segmented_control("View", views, default="summary", format_func=VIEWS.__getitem__,
                                key="measure view", persist_state="session",
                                required=True)  # fmt: skip
    with st.container(key=f"view-{view}"):
        SHOWN[view if view in views else "summary"](net, found)


def _summary(net: Net, found: Measured) -> None:
    metric = st.selectbox("Measure", METRIC_WORDS, format_func=METRIC_WORDS.__getitem__, key="cohort metric", width=330)
    st.caption(f"{METRIC_WORDS[metric]}: {METRICS[metric]}. Intervals are 90 %, by bootstrap over the patients.")
    show_chart(metric_chart(found.results, metric, METRIC_WORDS[metric]), metric_rows(found.results), "measures")


def _calibration(net: Net, found: Measured) -> None:
    rows = charts.in_words(found.tables["reliability"], net.vocabulary)
    event = st.selectbox("Probability of", list(dict.fromkeys(str(row["event"]) for row in rows)), width=330,
                         key="reliability event")  # fmt: skip
    names = _choose_predictors(found, "reliability")
    chosen = [row for row in rows if row["event"] == event and row["predictor"] in names]
    st.markdown(
        "Of the patients given 70 %, do seven in ten have it? On the dotted line they do. Bars are 95 % intervals."
    )
    with st.container(width=SQUARE):
        show_chart(charts.reliability_chart(chosen, event), chosen, "reliability")
    st.subheader("Slope, intercept, parts of the Brier score", anchor=False)
    st.markdown(
        "A slope below 1 says that the probabilities are too extreme; an intercept above 0 that they are too low."
    )
    show_table(charts.rounded(charts.in_words(found.tables["calibration"], net.vocabulary)), "calibration")


def _decisions(net: Net, found: Measured) -> None:
    rows = charts.in_words(found.tables["decisions"], net.vocabulary)
    event = st.selectbox("Treat for", list(dict.fromkeys(str(row["event"]) for row in rows)), width=420,
                         key="decision event")  # fmt: skip
    names = _choose_predictors(found, "decisions")
    chosen = [row for row in rows if row["event"] == event and row["predictor"] in names]
    st.markdown(
        "Net benefit: true positives less false positives, which weigh the more the higher the threshold. A predictor "
        "is of use where it lies above treating everyone and treating nobody."
    )
    lines = charts.decision_rows(chosen)
    show_chart(charts.decision_chart(lines, event), chosen, "decision_curves")


def _choose_predictors(found: Measured, name: str) -> list[str]:
    known = [result.name for result in found.results]
    chosen = st.pills("Predictors", known, selection_mode="multi", default=known[:1], key=f"predictors {name}")
    return list(chosen) or known[:1]


def _discrimination(net: Net, found: Measured) -> None:
    cells = charts.confusion_rows(found.tables["confusion"], net.vocabulary)
    st.markdown("True diagnoses against the one that leads, by the network; shares of each true diagnosis.")
    table = charts.confusion_table(found.tables["confusion"], net.vocabulary)
    with st.container(width=WIDE):
        show_chart(charts.confusion_chart(cells, net.vocabulary), table, "confusion")
    st.subheader("Each diagnosis against the rest: area under the ROC curve", anchor=False)
    show_table(charts.rounded(charts.in_words(found.tables["discrimination"], net.vocabulary)), "discrimination")
    st.subheader("True diagnosis among the first k", anchor=False)
    show_table(charts.rounded(found.tables["ranks"]), "ranks")


def _by_group(net: Net, found: Measured) -> None:
    st.markdown("The network alone. A small group has a wide interval.")
    show_table(found.groups, "groups")


def _comparison(net: Net, found: Measured) -> None:
    st.markdown(
        "The other set less the one in use, on the same resampled patients (paired bootstrap). An interval that leaves "
        "out 0 says more than chance."
    )
    rows = [
        {"measure": METRIC_WORDS[name], "difference (90 % interval)": with_interval(e.value, e.low, e.high),
         "more than chance": "yes" if e.low > 0 or e.high < 0 else "no"}
        for name, e in found.differences.items()
    ]  # fmt: skip
    show_table(rows, "two_sets")


SHOWN: Mapping[str, Callable[[Net, Measured], None]] = {
    "summary": _summary,
    "calibration": _calibration,
    "decisions": _decisions,
    "discrimination": _discrimination,
    "groups": _by_group,
    "comparison": _comparison,
}
