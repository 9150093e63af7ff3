"""Answers that print as a small table, in a terminal and in a notebook."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup

from model.io.markup import html

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 25
Record = TypeVar("Record", covariant=True)


class Printed:
    """A record that prints as its heading and its table."""

    def heading(self) -> str:
        """One line above the table; empty for none."""
        return ""

    def table(self) -> "DataFrame":
        """The record as a pandas DataFrame."""
        raise NotImplementedError

    def __repr__(self) -> str:
        table = self.table()
        body = table.to_string(max_rows=MOST_ROWS, max_colwidth=60, float_format="{:.3g}".format) if len(table) else ""
        return "\n".join(filter(None, [self.heading(), body])) or "nothing"

    def _repr_html_(self) -> str:
        table, heading = self.table(), self.heading()
        body = table.to_html(max_rows=MOST_ROWS, border=0, float_format="{:.3g}".format) if len(table) else ""
        return (html("<p>{}</p>", heading) if heading else "") + Markup(body) or "<p>nothing</p>"


class Rows(tuple[Record, ...], Printed):
    """A tuple of records that prints as a table, one row a record; `columns` are the fields it shows."""

    columns: tuple[str, ...]

    def __new__(cls, records: Sequence[Record], columns: Sequence[str]) -> "Rows[Record]":
        rows = super().__new__(cls, records)
        rows.columns = tuple(columns)
        return rows

    def __repr__(self) -> str:
        return Printed.__repr__(self)

    def table(self) -> "DataFrame":
        """One row a record."""
        from pandas import DataFrame

        return DataFrame([[getattr(record, name) for name in self.columns] for record in self], columns=self.columns)
