"""The pictures of the measures, and the rows behind them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app_pages.shared.charts import DASHES, GREY, SERIES, SHAPES, data
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    import altair

    from app_pages.shared.charts import Drawing

Row = dict[str, object]
EVERYONE, NOBODY = "treat everyone", "treat nobody"
STRATEGIES = {EVERYONE: (GREY, [10, 4]), NOBODY: (GREY, [1, 2])}
FAMILY_LABELS = {"iim": "Inflammatory myopathy", "leading diagnosis": "The leading diagnosis is right"}


def in_words(rows: Sequence[Mapping[str, object]], vocabulary: Vocabulary) -> list[Row]:
    """Rows whose events (columns `event`, `name`) are named by their labels."""
    labels = {**vocabulary.diagnosis_labels, **FAMILY_LABELS}
    return [{c: labels.get(str(v), v) if c in ("event", "name") else v for c, v in row.items()} for row in rows]


def rounded(rows: Sequence[Mapping[str, object]], digits: int = 3) -> list[Row]:
    """Rows with fewer decimals."""
    return [{c: round(v, digits) if isinstance(v, float) else v for c, v in row.items()} for row in rows]


def reliability_chart(rows: Sequence[Row], event: str) -> "Drawing":
    """Observed shares over probabilities with their intervals; the diagonal is perfect."""
    import altair as alt

    names = list(dict.fromkeys(str(row["predictor"]) for row in rows))
    whole = alt.Scale(domain=[0, 1])
    diagonal = (
        alt.Chart(data([{"predicted": 0, "observed": 0}, {"predicted": 1, "observed": 1}]))
        .mark_line(color=GREY, strokeDash=[2, 3], aria=False)
        .encode(x=alt.X("predicted:Q", scale=whole), y=alt.Y("observed:Q", scale=whole))
    )
    base = alt.Chart(data(rows))
    colour = _colour(names)
    axes = {
        "x": alt.X("predicted:Q", title="Predicted probability", scale=whole, axis=alt.Axis(format="%")),
        "y": alt.Y("observed:Q", title="Share of patients who have it", scale=whole, axis=alt.Axis(format="%")),
    }
    bars = base.mark_rule(aria=False).encode(x=axes["x"], y=alt.Y("low:Q", scale=whole), y2="high:Q", color=colour)
    line = base.mark_line(aria=False).encode(**axes, color=colour, strokeDash=_dash(names))
    points = base.mark_point(filled=True, size=60, opacity=1, aria=False).encode(
        **axes, color=colour, tooltip=["predictor:N", "patients:Q", "predicted:Q", "observed:Q"],
        shape=alt.Shape("predictor:N", title=None, scale=alt.Scale(domain=names, range=list(SHAPES))),
    )  # fmt: skip
    pairs = [(row["predictor"], *(100 * _number(row[c]) for c in ("predicted", "observed"))) for row in rows]
    said = "; ".join(f"{name}: predicted {given:.0f} %, observed {seen:.0f} %" for name, given, seen in pairs)
    return alt.layer(diagonal, bars, line, points).properties(
        description=f"Reliability curve, {event}. {said}.", height=430
    )


def decision_rows(rows: Sequence[Row]) -> list[Row]:
    """One row a threshold and line, with the interval of a predictor; treating everyone and nobody are lines too."""
    first = str(rows[0]["predictor"]) if rows else ""
    lines: list[Row] = [
        {"line": r["predictor"], "threshold": r["threshold"], "benefit": r["model"], "low": r["low"], "high": r["high"]}
        for r in rows
    ]
    for row in rows:
        if row["predictor"] == first:
            for name, column in ((EVERYONE, "everyone"), (NOBODY, "nobody")):
                lines.append({"line": name, "threshold": row["threshold"], "benefit": row[column]})
    return lines


def decision_chart(rows: Sequence[Row], event: str, banded: Collection[str]) -> "Drawing":
    """Net benefit over the threshold, cut off a little below 0; the `banded` predictors with their intervals."""
    import altair as alt

    names = list(dict.fromkeys(str(row["line"]) for row in rows))
    highest = max(max(_number(row.get(c, 0)) for row in rows) for c in ("benefit", "high"))
    seen = alt.Scale(domain=[-0.2 * max(highest, 0.02), max(highest, 0.02)], nice=False)
    x = alt.X("threshold:Q", title="Probability above which one would treat", axis=alt.Axis(format="%"))
    colour, dash = _strategy_colour(names), _strategy_dash(names)
    line = (
        alt.Chart(data(rows))
        .mark_line(strokeWidth=2, aria=False, clip=True)
        .encode(
            x=x,
            y=alt.Y("benefit:Q", title="Net benefit per patient", scale=seen),
            color=colour,
            strokeDash=dash,
            tooltip=["line:N", *(alt.Tooltip(f"{c}:Q", format=".3f") for c in ("threshold", "benefit", "low", "high"))],
        )
    )
    band = alt.Chart(data([row for row in rows if row["line"] in banded]))
    area = band.mark_area(opacity=0.16, aria=False, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=seen), y2="high:Q", color=colour
    )
    edges = [
        band.mark_line(strokeWidth=0.8, opacity=0.7, aria=False, clip=True).encode(
            x=x, y=alt.Y(f"{end}:Q", scale=seen), color=colour, strokeDash=dash
        )
        for end in ("low", "high")
    ]
    return alt.layer(area, *edges, line).properties(description=_decision_words(rows, names, event), height=330)


def gain_words(rows: Sequence[Row]) -> str:
    """Where one predictor is clearly better than treating everyone and treating nobody."""
    better = [_number(row["gain_low"]) > 0 for row in rows]
    runs: list[list[float]] = []
    for place, (row, is_better) in enumerate(zip(rows, better, strict=True)):
        if is_better and not (place and better[place - 1]):
            runs.append([])
        if is_better:
            runs[-1].append(100 * _number(row["threshold"]))
    name = str(rows[0]["predictor"]) if rows else ""
    if not runs:
        return f"At no threshold does the 90 % interval show that **{name}** is better than both."
    listed = ", ".join(f"{run[0]:.0f} %" if len(run) == 1 else f"{run[0]:.0f} to {run[-1]:.0f} %" for run in runs)
    return f"**{name}** is better than both (90 % interval) at thresholds of {listed}."


def _decision_words(rows: Sequence[Row], names: Sequence[str], event: str) -> str:
    curves = []
    for name in names:
        own = {round(_number(row["threshold"]), 2): row for row in rows if row["line"] == name}
        points = [f"{_with_band(own[t])} at {100 * t:.0f} %" for t in (0.1, 0.3, 0.5) if t in own]
        curves.append(f"{name}: {', '.join(points)}")
    return f"Decision curve, {event}. Net benefit by threshold; {'; '.join(curves)}."


def _with_band(row: Row) -> str:
    interval = f" ({_number(row['low']):.3f} to {_number(row['high']):.3f})" if "low" in row else ""
    return f"{_number(row['benefit']):.3f}{interval}"


def confusion_rows(rows: Sequence[Mapping[str, object]], vocabulary: Vocabulary) -> list[Row]:
    """One row a pair of true and leading diagnosis that occurs."""
    short = vocabulary.short
    cells: list[Row] = []
    for row in rows:
        true = short.get(str(row["diagnosis"]), row["diagnosis"])
        counts = {d: int(str(row[d])) for d in vocabulary.diagnoses}
        for leading, count in counts.items():
            if count:
                share = round(count / sum(counts.values()), 4)
                cells.append({"true": true, "leading": short.get(leading, leading), "patients": count, "share": share})
    return cells


def confusion_table(rows: Sequence[Mapping[str, object]], vocabulary: Vocabulary) -> list[Row]:
    """The whole matrix, with labels."""
    short = vocabulary.short
    return [
        {"true \\ leading": vocabulary.diagnosis_labels.get(str(row["diagnosis"]), row["diagnosis"]),
         **{short.get(d, d): row[d] for d in vocabulary.diagnoses}}
        for row in rows
    ]  # fmt: skip


def confusion_chart(rows: Sequence[Row], vocabulary: Vocabulary) -> "Drawing":
    """A heat map with the counts written in it; the darker, the larger the share of the true diagnosis.

    Both axes have the same diagnoses, those that occur, so that the right answers stand on the diagonal.
    """
    import altair as alt

    occurring = {row[axis] for row in rows for axis in ("true", "leading")}
    names = [short for d in vocabulary.diagnoses if (short := vocabulary.short.get(d, d)) in occurring]
    scale = alt.Scale(domain=names)
    shared: dict[str, Any] = {"labelLimit": 90, "labelOverlap": False, "grid": True, "tickBand": "extent"}
    right = sum(int(str(row["patients"])) for row in rows if row["true"] == row["leading"])
    total = sum(int(str(row["patients"])) for row in rows)
    base = alt.Chart(data(rows)).encode(
        x=alt.X("leading:N", title="Leading", scale=scale, axis=alt.Axis(labelAngle=-90, **shared)),
        y=alt.Y("true:N", title="True", scale=scale, axis=alt.Axis(**shared)),
    )
    boxes = base.mark_rect(aria=False).encode(
        color=alt.Color("share:Q", title="Share of the true diagnosis", scale=alt.Scale(scheme="blues", domain=[0, 1]),
                        legend=alt.Legend(orient="top", format="%")),
        tooltip=["true:N", "leading:N", "patients:Q", alt.Tooltip("share:Q", format=".0%")],
    )  # fmt: skip
    dark = alt.condition("datum.share > 0.5", alt.value("white"), alt.value("#17242d"))
    numbers = base.mark_text(fontSize=9, aria=False).encode(text="patients:Q", color=dark)
    said = f"Confusion matrix of {total} patients; in {right} the true diagnosis leads."
    return alt.layer(boxes, numbers).properties(description=said, height=20 * len(names) + 190)


def _colour(names: Sequence[str], column: str = "predictor") -> "altair.Color":
    import altair as alt

    legend = alt.Legend(orient="top", columns=1, labelLimit=300)
    return alt.Color(f"{column}:N", title=None, legend=legend, scale=alt.Scale(domain=list(names), range=list(SERIES)))


def _dash(names: Sequence[str], column: str = "predictor") -> "altair.StrokeDash":
    import altair as alt

    return alt.StrokeDash(
        f"{column}:N", title=None, scale=alt.Scale(domain=list(names), range=[list(d) for d in DASHES])
    )


def _strategy_colour(names: Sequence[str]) -> "altair.Color":
    import altair as alt

    own = iter(SERIES)
    colours = [STRATEGIES[name][0] if name in STRATEGIES else next(own) for name in names]
    legend = alt.Legend(orient="top", columns=1, labelLimit=300, symbolType="stroke", symbolSize=400,
                        symbolOpacity=1, symbolStrokeWidth=2)  # fmt: skip
    return alt.Color("line:N", title=None, legend=legend, scale=alt.Scale(domain=list(names), range=colours))


def _strategy_dash(names: Sequence[str]) -> "altair.StrokeDash":
    import altair as alt

    own = iter(DASHES)
    dashes = [STRATEGIES[name][1] if name in STRATEGIES else next(own) for name in names]
    return alt.StrokeDash(
        "line:N", title=None, scale=alt.Scale(domain=list(names), range=[list(dash) for dash in dashes])
    )


def _number(value: object) -> float:
    return float(str(value))
