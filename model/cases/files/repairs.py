"""Repairs made while a cohort is read. Each is recorded, so that nothing is changed silently."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Repair:
    """One kind of repair. `kind`: what was done. `field`: the column, or "" for the whole file.

    `count`: how many cells (or rows). `row`: the first of them. `example`: its original text.
    """

    kind: str
    field: str
    count: int
    row: int
    example: str = ""

    def __str__(self) -> str:
        where = f" in {self.field}" if self.field else ""
        first = f", first in row {self.row}" if self.row else ""
        shown = f": {self.example!r}" if self.example else ""
        return f"{self.kind}{where} ({self.count}x{first}{shown})"


def together(repairs: Iterable[Repair]) -> tuple[Repair, ...]:
    """Combine repairs of the same kind and field: counts are added, the first row is kept.

    >>> together([Repair("spaces dropped", "sex", 2, 5, " male"), Repair("spaces dropped", "sex", 1, 3, "male ")])
    (Repair(kind='spaces dropped', field='sex', count=3, row=3, example='male '),)
    """
    found: dict[tuple[str, str], Repair] = {}
    for repair in repairs:
        key = (repair.kind, repair.field)
        old = found.get(key, repair)
        first = min(old, repair, key=lambda r: r.row)
        count = repair.count if key not in found else old.count + repair.count
        found[key] = Repair(*key, count, first.row, first.example)
    return tuple(found.values())


def sentences(repairs: Iterable[Repair]) -> Iterator[str]:
    """One line for each kind of repair."""
    return (str(repair) for repair in together(repairs))
