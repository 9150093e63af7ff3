"""What the charts of this page share."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app_pages.shared.tables import show_table

if TYPE_CHECKING:
    import altair

    Drawing = altair.Chart | altair.LayerChart | altair.FacetChart

BLUE, ORANGE, GREY = "#0b5f86", "#a8692a", "#5f6b73"
# Okabe & Ito 2008, without yellow: people who see red and green alike can distinguish them.
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
NUMBER_PIXELS = 34  # a row of two lines
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])


def data(rows: Sequence[Mapping[str, object]]) -> "altair.InlineData":
    """Rows as the data of a chart."""
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def number_axis(rows: Sequence[Mapping[str, object]]) -> "altair.Y":
    """The numbers of these rows from top to bottom, each label on two lines, of what and in whom: phones are narrow."""
    import altair as alt

    at_first_colon = "split(replace(datum.label, ': ', '|'), '|')"
    # Of two lines the first stands at the row, so both go up by half a line.
    raised = {"condition": {"test": "indexof(datum.value, ': ') > 0", "value": -6}, "value": 0}
    two_lines = alt.Axis(labelExpr=at_first_colon, labelOffset=raised, labelLimit=170, labelOverlap=False)
    return alt.Y("number:N", title=None, sort=[str(row["number"]) for row in rows], axis=two_lines)


def show_chart(
    chart: "Drawing", rows: Sequence[Mapping[str, object]], name: str, table: str = "Show as a table"
) -> None:
    """A chart, and behind a click its rows, which can be downloaded."""
    draw_chart(chart)
    with st.expander(table):
        show_table(rows, name)


def draw_chart(chart: "Drawing") -> None:
    """A chart whose description is its alternative text."""
    import altair as alt

    bare = chart.copy(deep=False)
    bare.description = alt.Undefined
    bare.padding = {"left": 0, "top": 5, "right": 12, "bottom": 20}  # the last label of an axis reaches beyond it
    st.altair_chart(bare, alt=str(chart.description))
