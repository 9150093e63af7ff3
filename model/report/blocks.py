"""What a report is made of, before it is a page or paper: sections of texts, lists, tables and charts."""

from collections.abc import Sequence
from dataclasses import dataclass

from model.report.waterfall import Waterfall


@dataclass(frozen=True)
class Text:
    """A paragraph. tone: "lead" (the answer), "plain", "note" (small) or "warning"."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Item:
    """A line of a list: a mark in words, a title, a text, and small print, which may hold addresses."""

    title: str
    text: str = ""
    small: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Table:
    """A table. widths: share of each column, sum 1; numbers: how many columns at the end are right-aligned."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numbers: int = 0


@dataclass(frozen=True)
class IntervalRow:
    """One diagnosis: its family, and probabilities from 0 to 1."""

    id: str
    label: str
    family: str
    before: float
    now: float
    low: float
    high: float


@dataclass(frozen=True)
class Intervals:
    """The probability of each diagnosis with its interval, most probable first."""

    caption: str
    rows: tuple[IntervalRow, ...]


@dataclass(frozen=True)
class Steps:
    """A waterfall from prior to posterior."""

    chart: Waterfall


Block = Text | Items | Table | Intervals | Steps


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: Sequence[Block]
