"""Drawings as images that stand alone: SVG in the page's light or dark colours, with alternative text."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = """
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
.ink { stroke: light-dark(#17242d, #f2f6f8); } .muted { stroke: light-dark(#8896a0, #75868f); }
.watched { stroke: light-dark(#0b5f86, #58b4dd); } .other { stroke: light-dark(#a8692a, #e0a468); }
text { fill: light-dark(#17242d, #f2f6f8); } text.small { fill: light-dark(#4d5f6b, #a9b8c1); font-size: 12px; }
path, line { fill: none; }
"""
COLUMNS = 40
CELL = 10


@dataclass(frozen=True)
class Icons:
    """So many icons of one of LOOKS, and what they stand for. `some`: there are such people, however few."""

    count: int
    look: str
    label: str
    some: bool = False

    @property
    def said(self) -> str:
        """How many."""
        return "fewer than 1" if self.some and not self.count else f"{self.count:,}"


LOOKS = {
    "full": ("watched", "square", 8),
    "dot": ("other", "round", 6.5),
    "point": ("muted", "round", 2.6),
}
"""Look -> colour, shape and size, so that shape and size tell the groups apart without colour."""


def image(svg: str, alternative: str, style: str = "picture") -> str:
    """An SVG as an `img` with alternative text; empty text marks a mere ornament."""
    source = b64encode(svg.encode()).decode()
    return f"<img class='{style}' alt='{escape(alternative, quote=True)}' src='data:image/svg+xml;base64,{source}'>"


def icon_array(groups: Sequence[Icons], title: str) -> str:
    """One icon a person, group after group, with a legend that counts them."""
    legend = "".join(f"<li>{_one_icon(group.look)}<b>{group.said}</b> {escape(group.label)}</li>" for group in groups)
    alternative = f"{title}: " + "; ".join(f"{group.said} {group.label}" for group in groups)
    return (
        f"<figure class='icons'><figcaption>{escape(title)}</figcaption>{image(_icons_svg(groups), alternative)}"
        f"<ul>{legend}</ul></figure>"
    )


def _icons_svg(groups: Sequence[Icons]) -> str:
    rows = -(-sum(group.count for group in groups) // COLUMNS)
    paths, first = "", 0
    for group in groups:
        colour, cap, size = LOOKS[group.look]
        places = range(first, first + group.count)
        dots = "".join(f"M{CELL * (i % COLUMNS) + 5} {CELL * (i // COLUMNS) + 5}h0" for i in places)
        paths += f"<path class='{colour}' stroke-linecap='{cap}' stroke-width='{size}' d='{dots}'/>"
        first += group.count
    box = f"0 0 {CELL * COLUMNS} {CELL * rows}"
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{box}'><style>{COLOURS}</style>{paths}</svg>"


def _one_icon(look: str) -> str:
    colour, cap, size = LOOKS[look]
    path = f"<path class='{colour}' stroke-linecap='{cap}' stroke-width='{size}' d='M5 5h0'/>"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'><style>{COLOURS}</style>{path}</svg>"
    return image(svg, "", "icon")
