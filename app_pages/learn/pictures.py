"""Drawings as images that stand alone: SVG in the page's light or dark colours, with alternative text."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model.io.markup import html, joined

COLOURS = Markup("""
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
.ink { stroke: light-dark(#17242d, #f2f6f8); } .muted { stroke: light-dark(#8896a0, #75868f); }
.watched { stroke: light-dark(#0b5f86, #58b4dd); } .other { stroke: light-dark(#a8692a, #e0a468); }
text { fill: light-dark(#17242d, #f2f6f8); } text.small { fill: light-dark(#4d5f6b, #a9b8c1); font-size: 12px; }
path, line { fill: none; }
""")
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
    return html("<img class='{}' alt='{}' src='data:image/svg+xml;base64,{}'>", style, alternative, source)


def icon_array(groups: Sequence[Icons], title: str) -> str:
    """One icon a person, group after group, with a legend that counts them."""
    legend = joined(html("<li>{}<b>{}</b> {}</li>", _one_icon(group.look), group.said, group.label) for group in groups)
    alternative = f"{title}: " + "; ".join(f"{group.said} {group.label}" for group in groups)
    return html(
        "<figure class='icons'><figcaption>{}</figcaption>{}<ul>{}</ul></figure>",
        title,
        image(_icons_svg(groups), alternative),
        legend,
    )


def _icons_svg(groups: Sequence[Icons]) -> str:
    rows = -(-sum(group.count for group in groups) // COLUMNS)
    paths, first = "", 0
    for group in groups:
        colour, cap, size = LOOKS[group.look]
        places = range(first, first + group.count)
        dots = "".join(f"M{CELL * (i % COLUMNS) + 5} {CELL * (i // COLUMNS) + 5}h0" for i in places)
        paths += html("<path class='{}' stroke-linecap='{}' stroke-width='{}' d='{}'/>", colour, cap, size, dots)
        first += group.count
    box = f"0 0 {CELL * COLUMNS} {CELL * rows}"
    return html("<svg xmlns='http://www.w3.org/2000/svg' viewBox='{}'><style>{}</style>{}</svg>", box, COLOURS, paths)


def _one_icon(look: str) -> str:
    colour, cap, size = LOOKS[look]
    path = html("<path class='{}' stroke-linecap='{}' stroke-width='{}' d='M5 5h0'/>", colour, cap, size)
    svg = html("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'><style>{}</style>{}</svg>", COLOURS, path)
    return image(svg, "", "icon")
