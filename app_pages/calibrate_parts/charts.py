"""What the charts of this page share."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app_pages.about_model.tables import show_table

if TYPE_CHECKING:
    import altair

    Drawing = altair.Chart | altair.LayerChart | altair.FacetChart

BLUE, ORANGE, GREY = "#0b5f86", "#a8692a", "#5f6b73"
# Okabe & Ito 2008, without yellow: told apart by people who see red and green alike.
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])


def data(rows: Sequence[Mapping[str, object]]) -> "altair.InlineData":
    """Rows as the data of a chart."""
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def show_chart(
    chart: "Drawing", rows: Sequence[Mapping[str, object]], name: str, table: str = "The table behind it"
) -> None:
    """A chart whose description is its alternative text, and behind a click its rows, which can be downloaded."""
    import altair as alt

    bare = chart.copy(deep=False)
    bare.description = alt.Undefined
    st.altair_chart(bare, alt=str(chart.description))
    with st.expander(table):
        show_table(rows, name)
