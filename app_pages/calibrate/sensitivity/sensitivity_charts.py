"""The pictures of sensitivity, and the rows behind them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from app_pages.shared.charts import BLUE, GREY, NUMBER_PIXELS, ORANGE, data, number_axis
from model.calibrate.sensitivity import Surface

if TYPE_CHECKING:
    from app_pages.shared.charts import Drawing

Row = dict[str, object]
AT_LOW, AT_HIGH = "at its 5th percentile", "at its 95th percentile"


def tornado_chart(rows: Sequence[Row], now: float) -> "Drawing":
    """One bar a number, widest first; circle and square tell which end is which, the line is the probability now."""
    import altair as alt

    names = {"probability at the 5th (%)": AT_LOW, "probability at the 95th (%)": AT_HIGH}
    bars = [{"number": r["number"], "from": r[a], "to": r[b]} for a, b in [tuple(names)] for r in rows]
    ends = [{"number": r["number"], "end": word, "percent": r[name]} for r in rows for name, word in names.items()]
    y = number_axis(rows)
    scale = alt.Scale(zero=False, nice=True)
    rule = alt.Chart(data(bars)).mark_rule(strokeWidth=6, opacity=0.35, color=BLUE, aria=False).encode(
        y=y, x=alt.X("from:Q", scale=scale), x2="to:Q")  # fmt: skip
    kinds = [AT_LOW, AT_HIGH]
    top = alt.Legend(orient="top", columns=1, labelLimit=300)
    points = (
        alt.Chart(data(ends))
        .mark_point(filled=True, size=70, opacity=1, aria=False)
        .encode(
            y=y,
            x=alt.X("percent:Q", title="Probability (%)", scale=scale),
            color=alt.Color("end:N", title=None, legend=top, scale=alt.Scale(domain=kinds, range=[ORANGE, BLUE])),
            shape=alt.Shape("end:N", title=None, legend=top, scale=alt.Scale(domain=kinds, range=["circle", "square"])),
            tooltip=["number:N", "end:N", alt.Tooltip("percent:Q", format=".2f")],
        )
    )
    line = alt.Chart(data([{"now": 100 * now}])).mark_rule(color=GREY, strokeDash=[3, 3], aria=False).encode(x="now:Q")
    first = rows[0]
    said = (
        f"Tornado of {len(rows)} numbers around a probability of {100 * now:.1f} %. The widest: {first['number']}, "
        f"{first['probability at the 5th (%)']} % to {first['probability at the 95th (%)']} %."
    )
    return alt.layer(rule, line, points).properties(description=said, height=NUMBER_PIXELS * len(rows) + 130)


def surface_rows(surface: Surface) -> list[Row]:
    """One row a pair of values."""
    return [
        {"first": round(a, 3), "second": round(b, 3), "probability (%)": round(100 * float(surface.values[i, j]), 3)}
        for i, a in enumerate(surface.first_values)
        for j, b in enumerate(surface.second_values)
    ]


def surface_chart(rows: Sequence[Row], first: str, second: str) -> "Drawing":
    """A heat map; darker is more probable. first, second: the numbers in words, with their units."""
    import altair as alt

    known = [float(str(row["probability (%)"])) for row in rows]
    finite = [value for value in known if np.isfinite(value)]
    said = (
        f"Heat map of the probability over two numbers, {first} across and {second} up; "
        f"from {min(finite, default=0):.1f} % to {max(finite, default=0):.1f} %."
    )
    cells = [{**row, "percent": row["probability (%)"]} for row in rows if row["probability (%)"] in finite]
    chart = alt.Chart(data(cells))
    axis = alt.Axis(labelOverlap=True, format=".3~g", titleLimit=300)
    return (
        chart.mark_rect(aria=False)
        .encode(
            x=alt.X("first:O", title=first, axis=axis),
            y=alt.Y("second:O", title=second, axis=axis, sort="descending"),
            color=alt.Color("percent:Q", title="Probability (%)", scale=alt.Scale(scheme="blues"),
                            legend=alt.Legend(orient="top", gradientLength=200)),
            tooltip=[alt.Tooltip("first:O"), alt.Tooltip("second:O"), alt.Tooltip("percent:Q", format=".2f")],
        )
        .properties(description=said, height=380)
    )  # fmt: skip
