"""The pictures of the checks, and the rows of the tables behind them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app_pages.shared.number_rows import given_phrase
from model.estimate import Estimate
from model.measure.audit import TOLERANCE, Audited
from model.measure.evaluate import Evaluation
from model.measure.groups import GroupPerformance
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    import altair

    Chart = altair.LayerChart | altair.FacetChart

STAGE_WORDS = {"initial": "At first sight (history, examination, blood tests)", "full": "With all findings"}
HOLDS, FAILS = "holds", "does not hold"
METRIC_WORDS = {
    "top1": "True diagnosis ranked first",
    "top2": "True diagnosis among the first two",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "calibration_error": "Calibration error",
    "auc_iim": "AUC, inflammatory myopathy against all others",
}
BLUE, ORANGE = "#0b5f86", "#a8692a"


def audit_row(item: Audited, vocabulary: Vocabulary) -> dict[str, object]:
    """One published rate as a row."""
    row = item.rate.row
    return {
        "finding": vocabulary.variables[item.rate.finding].label,
        "state": row["state"].replace("_", " "),
        "diagnosis": whom(row["diagnosis"], vocabulary),
        "given": whom(row["given"], vocabulary),
        "patients": item.rate.n,
        "published %": round(item.rate.percent, 1),
        "implied %": round(item.implied_percent, 1),
        "difference": round(item.difference, 1),
        "verdict": HOLDS if item.holds else FAILS,
        "source": row["source"],
        "link": row["url"] or None,
    }


def whom(cell: str, vocabulary: Vocabulary) -> str:
    """Diagnoses or conditions of a published rate, separated by semicolons, by their labels."""
    return "; ".join(given_phrase(word, vocabulary) for word in cell.split(";") if word.strip())


def audit_chart(audited: Sequence[Audited], vocabulary: Vocabulary) -> "Chart":
    """Published against implied percent: on the line they agree; dotted, the tolerance."""
    import altair as alt

    rows = [audit_row(item, vocabulary) for item in audited]
    for row in rows:
        row.update(published=row["published %"], implied=row["implied %"])
    verdict = alt.Scale(domain=[HOLDS, FAILS], range=[BLUE, ORANGE])
    points = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, opacity=0.6, size=45, aria=False)
        .encode(
            x=alt.X("published:Q", title="Published (%)", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("implied:Q", title="Implied by the model (%)", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("verdict:N", title=None, scale=verdict, legend=alt.Legend(orient="top")),
            shape=alt.Shape("verdict:N", title=None, scale=alt.Scale(domain=[HOLDS, FAILS], range=["circle", "cross"])),
            tooltip=[alt.Tooltip(f"{name}:N") for name in ("finding", "state", "diagnosis", "given", "published",
                                                           "implied", "source")],
        )
    )  # fmt: skip
    fails = sum(not item.holds for item in audited)
    said = (
        f"Scatter plot of {len(audited)} published rates against the rates that the model implies; "
        f"{len(audited) - fails} hold "
        f"(circles), {fails} do not (crosses). The table below lists them."
    )
    return alt.layer(*(_parallel(shift) for shift in (0, -TOLERANCE, TOLERANCE)), points).properties(
        description=said, height=430
    )


def _parallel(shift: float) -> "altair.Chart":
    """A line along which the implied percent differs from the published one by `shift`."""
    import altair as alt

    ends = [{"published": p, "implied": p + shift} for p in (max(0, -shift), min(100, 100 - shift))]
    line = alt.Chart(alt.InlineData(values=ends)).mark_line(color="#808b93", strokeDash=[2, 3] if shift else [1, 0])
    return line.encode(x="published:Q", y="implied:Q")


def metric_rows(results: Sequence[Evaluation]) -> list[dict[str, object]]:
    """One row a predictor: each measure with its interval."""
    return [{"predictor": result.name} | metrics_in_words(result.metrics) for result in results]


def group_row(group: GroupPerformance, vocabulary: Vocabulary) -> dict[str, object]:
    """One row a group of patients."""
    label = vocabulary.variables[group.finding].label
    return {"group": f"{label}: {group.state}", "patients": group.patients} | metrics_in_words(group.metrics)


def metrics_in_words(metrics: Mapping[str, Estimate]) -> dict[str, object]:
    """Each measure, by its label, with its interval."""
    return {METRIC_WORDS[name]: with_interval(*values) for name, values in metrics.items()}


def with_interval(value: float, low: float, high: float) -> str:
    """
    >>> with_interval(0.8123, 0.7, 0.9), with_interval(float("nan"), float("nan"), float("nan"))
    ('0.81 (0.70-0.90)', '–')
    """
    return "–" if value != value else f"{value:.2f} ({low:.2f}-{high:.2f})"


def metric_chart(results: Sequence[Evaluation], metric: str, title: str) -> "Chart":
    """One measure of every predictor with its interval."""
    import altair as alt

    values = {result.name: result.metrics[metric] for result in results}
    rows = [{"predictor": name, "value": v, "low": a, "high": b} for name, (v, a, b) in values.items()]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("predictor:N", title=None, sort=list(values), axis=alt.Axis(labelLimit=230))
    )
    bars = base.mark_rule(color=BLUE, strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=alt.Scale(zero=True)), x2="high:Q"
    )
    tooltip = [alt.Tooltip("predictor:N"), *(alt.Tooltip(f"{n}:Q", format=".2f") for n in ("value", "low", "high"))]
    points = base.mark_point(filled=True, size=80, color=BLUE).encode(x="value:Q", tooltip=tooltip)
    said = "; ".join(f"{name} {with_interval(*value)}" for name, value in values.items())
    return alt.layer(bars, points).properties(description=f"{title} of each predictor: {said}.", height=190)
