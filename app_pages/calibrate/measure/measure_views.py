"""What was measured, view by view: a sentence on how to read it, the picture, the table behind it."""

from collections.abc import Callable, Collection, Mapping, Sequence

import streamlit as st

from app_pages.calibrate.measure import measure_charts as charts
from app_pages.calibrate.measure.measure_task import Measured
from app_pages.shared.charts import show_chart
from app_pages.shared.measures import METRIC_WORDS, metric_chart, metric_rows
from app_pages.shared.tables import show_table
from model import Net
from model.measure.calibration_measures import CALIBRATION
from model.measure.comparison import NET_BENEFITS
from model.measure.evaluate import METRICS
from model.patient.criteria.baseline import baselines

VIEWS = {
    "summary": "Summary",
    "calibration": "Calibration",
    "decisions": "Decisions",
    "discrimination": "Discrimination",
    "groups": "By group",
    "comparison": "Two priors",
}
SQUARE, WIDE = 560, 800
BOOTSTRAP = "Intervals are 90 %, by bootstrap over the patients."


def show(net: Net, found: Measured) -> None:
    """The choice of a view, and that view."""
    views = [view for view in VIEWS if view != "comparison" or found.differences]
    view = st.segmented_control("View", views, default="summary", format_func=VIEWS.__getitem__,
                                key="measure view", persist_state="session",
                                required=True)  # fmt: skip
    with st.container(key=f"view-{view}"):
        SHOWN[view if view in views else "summary"](net, found)


def _summary(net: Net, found: Measured) -> None:
    metric = st.selectbox("Measure", METRIC_WORDS, format_func=METRIC_WORDS.__getitem__, key="cohort metric", width=330)
    st.caption(f"{METRIC_WORDS[metric]}: {METRICS[metric]}. {BOOTSTRAP}")
    show_chart(metric_chart(found.results, metric, METRIC_WORDS[metric]), metric_rows(found.results), "measures")


def _calibration(net: Net, found: Measured) -> None:
    rows = charts.in_words(found.tables["reliability"], net.vocabulary)
    event = st.selectbox("Probability of", list(dict.fromkeys(str(row["event"]) for row in rows)), width=330,
                         key="reliability event")  # fmt: skip
    names = _choose_predictors(found, "reliability", {found.results[0].name, found.other})
    chosen = _of(rows, event, names)
    st.markdown(
        "Of the patients given 70 %, do seven in ten have it? On the dotted line they do. Each mark is a tenth of the "
        "patients; its bar is Wilson's 90 % interval, because the bootstrap gives no width where nobody or everybody "
        "has the diagnosis."
    )
    with st.container(width=SQUARE):
        show_chart(charts.reliability_chart(chosen, event), charts.rounded(chosen), "reliability")
    st.subheader("Slope, intercept, scores", anchor=False)
    st.caption(
        f"{BOOTSTRAP} Resampling widens gaps, so the intervals of calibration error, reliability and resolution are "
        "biased upwards."
    )
    measures = _of(charts.in_words(found.tables["calibration"], net.vocabulary), event, names)
    show_table(
        [{**row, "measure": str(row["measure"]).replace("_", " "), "meaning": CALIBRATION[str(row["measure"])]}
         for row in charts.rounded(measures)],
        "calibration",
    )  # fmt: skip


def _decisions(net: Net, found: Measured) -> None:
    rows = charts.in_words(found.tables["decisions"], net.vocabulary)
    event = st.selectbox("Treat for", list(dict.fromkeys(str(row["event"]) for row in rows)), width=420,
                         key="decision event")  # fmt: skip
    banded = {found.results[0].name, found.other}
    chosen = _of(rows, event, _choose_predictors(found, "decisions", {*banded, *baselines(net.priors)}))
    first = [row for row in chosen if row["predictor"] == chosen[0]["predictor"]]
    st.markdown(
        "Net benefit: true positives less false positives, which weigh the more the higher the threshold. A predictor "
        f"is of use where it lies above treating everyone and treating nobody. {charts.gain_words(first)}"
    )
    lines = charts.decision_rows(chosen)
    show_chart(charts.decision_chart(lines, event, banded), charts.rounded(chosen, 4), "decision_curves")
    st.caption(
        "Bands are 90 % intervals at each threshold, by bootstrap over the patients: of the network"
        f"{' and the other set' if found.other else ''}. Those of the other predictors are in the table."
    )


def _choose_predictors(found: Measured, where: str, usual: Collection[str]) -> list[str]:
    known = [result.name for result in found.results]
    default = [name for name in known if name in usual]
    chosen = st.pills("Predictors", known, selection_mode="multi", default=default,
                      key=f"predictors {where} {found.other}")  # fmt: skip
    return [name for name in known if name in chosen] or known[:1]


def _of(rows: Sequence[charts.Row], event: str, names: Sequence[str]) -> list[charts.Row]:
    return [row for row in rows if row["event"] == event and row["predictor"] in names]


def _discrimination(net: Net, found: Measured) -> None:
    cells = charts.confusion_rows(found.tables["confusion"], net.vocabulary)
    st.markdown("True diagnoses against the one that leads, by the model; shares of each true diagnosis.")
    table = charts.confusion_table(found.tables["confusion"], net.vocabulary)
    with st.container(width=WIDE):
        show_chart(charts.confusion_chart(cells, net.vocabulary), table, "confusion")
    st.subheader("Each diagnosis against the rest: area under the ROC curve", anchor=False)
    st.caption(f"0.5 is chance, 1 is perfect. {BOOTSTRAP}")
    show_table(charts.rounded(charts.in_words(found.tables["discrimination"], net.vocabulary)), "discrimination")
    st.subheader("True diagnosis among the first k", anchor=False)
    st.caption(BOOTSTRAP)
    show_table(charts.rounded(found.tables["ranks"]), "ranks")


def _by_group(net: Net, found: Measured) -> None:
    st.markdown(f"The model alone. {BOOTSTRAP} In a small group they are wide.")
    show_table(found.groups, "groups")


def _comparison(net: Net, found: Measured) -> None:
    st.markdown(
        "The other priors minus the priors in use, on the same resampled patients (paired bootstrap, 90 % intervals). "
        "If the interval excludes 0, the difference is more than chance."
    )
    benefits = {name: f"Net benefit, inflammatory myopathy, from {100 * at:.0f} %" for name, at in NET_BENEFITS.items()}
    words = {**METRIC_WORDS, **benefits}
    rows = [
        {"measure": words[name], "difference": e.value, "from": e.low, "to": e.high,
         "more than chance": "yes" if e.low > 0 or e.high < 0 else "no"}
        for name, e in found.differences.items()
    ]  # fmt: skip
    show_table(charts.rounded(rows, 4), "two_sets")


SHOWN: Mapping[str, Callable[[Net, Measured], None]] = {
    "summary": _summary,
    "calibration": _calibration,
    "decisions": _decisions,
    "discrimination": _discrimination,
    "groups": _by_group,
    "comparison": _comparison,
}
