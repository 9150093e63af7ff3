"""One line of the table: what was measured, both medians, their ratio, and the target beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("measured", "ours", "theirs", "ratio", "target")
AGREEMENT = 1e-9
SCALES = {"s": (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)), "B": (("GiB", 2.0**30), ("MiB", 2.0**20))}


@dataclass(frozen=True)
class Line:
    """`ours` and `theirs` in the unit ("s", "B" or none); the ratio is theirs / ours, or ours / theirs if `cost`.

    Where there is no figure, it is the reason, and there is no ratio.

    `target`: the ratio to reach, or not to exceed if `cost`.
    """

    what: str
    ours: float | str
    theirs: float | str
    target: float | None = None
    unit: str = "s"
    cost: bool = False

    @property
    def ratio(self) -> float | None:
        if isinstance(self.ours, str) or isinstance(self.theirs, str):
            return None
        return self.ours / self.theirs if self.cost else self.theirs / self.ours

    @property
    def met(self) -> bool | None:
        if self.target is None or self.ratio is None:
            return None
        return self.ratio <= self.target if self.cost else self.ratio >= self.target

    def cells(self) -> tuple[str, ...]:
        sign = "at most" if self.cost else "at least"
        target = "" if self.met is None else f"{sign} {self.target:g}: {'met' if self.met else 'missed'}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        return (self.what, amount(self.ours, self.unit), amount(self.theirs, self.unit), ratio, target)

    def as_json(self) -> dict[str, object]:
        return {
            "measured": self.what,
            "ours": self.ours,
            "theirs": self.theirs,
            "unit": self.unit,
            "ratio": self.ratio,
            "ratio_is": "ours / theirs" if self.cost else "theirs / ours",
            "target": self.target,
            "met": self.met,
        }


def agreement(what: str, difference: float) -> Line:
    """The largest difference between two answers, against the largest that counts as none."""
    return Line(f"{what}: largest difference, against {AGREEMENT:g}", float(difference), AGREEMENT, 1, "", cost=True)


def amount(value: float | str, unit: str) -> str:
    """A number with three digits and the unit that suits its size, or the reason why there is none.

    >>> amount(0.000046, "s"), amount(3 * 2**20, "B"), amount(1e-15, "")
    ('46 µs', '3 MiB', '1e-15')
    """
    if isinstance(value, str):
        return value
    if unit not in SCALES:
        return f"{value:.3g}"
    name, size = next((scale for scale in SCALES[unit] if value >= scale[1]), SCALES[unit][-1])
    return f"{value / size:.4g} {name}" if value >= 1000 * size else f"{value / size:.3g} {name}"


def table(lines: Sequence[Line]) -> str:
    """The lines as aligned text."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    return "\n".join("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
