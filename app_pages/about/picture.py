"""The drawn network as SVG: shapes and words tell kinds apart, lines and marks tell relatives of a chosen node."""

from base64 import b64encode
from collections.abc import Mapping

from markupsafe import Markup

from app_pages.about.layout import BOX_WIDTH, LINE_HEIGHT, PADDING, Arrow, Box, Drawing, Point
from app_pages.shared.labels import GROUP_LABELS
from model.io.markup import html, joined
from model.priors.vocabulary import Vocabulary

MARKS = {"chosen": "◆ ", "parent": "▲ ", "child": "▼ ", "": ""}
CORNER = {"setting": 0, "diagnosis": 3, "hidden": 16, "finding": 3}

STYLE = Markup("""
text { font: 12.5px "Source Sans 3", "Source Sans Pro", "Segoe UI", Arial, sans-serif; fill: #17242d; }
.group { font-weight: 700; }
rect { fill: #fff; stroke: #4d5f6b; }
.setting rect, .diagnosis rect { stroke-width: 2; }
.hidden rect { fill: #edf1f4; stroke-dasharray: 5 3; stroke-width: 1.5; }
.chosen rect { fill: #17242d; stroke: #17242d; }
.chosen text { fill: #fff; font-weight: 700; }
.parent rect { stroke: #0b5f86; stroke-width: 2.5; }
.child rect { stroke: #a8692a; stroke-width: 2.5; }
.edge { fill: none; stroke: #4d5f6b; stroke-width: .8; opacity: .4; }
.around .edge { opacity: .15; }
.around .edge.parent { stroke: #0b5f86; stroke-width: 2; opacity: 1; }
.around .edge.child { stroke: #a8692a; stroke-width: 1.6; opacity: 1; stroke-dasharray: 6 3; }
.head { fill: #17242d; }
""")


def network_html(picture: str, said: str, width: float, zoom: int) -> str:
    """The picture in a frame that scrolls; `zoom`: percent of full size, 0 to fit the frame.

    An image, because the screen's cleaning of HTML drops inline SVG. `said` is its alternative text.
    """
    size = f"width:{width * zoom / 100:.0f}px" if zoom else "width:100%"
    data = b64encode(picture.encode()).decode()
    return html(
        "<div class='network' role='region' tabindex='0' aria-label='Drawing of the network; scrolls both ways'>"
        "<img alt='{}' style='{}' src='data:image/svg+xml;base64,{}'></div>",
        said,
        size,
        data,
    )


def network_svg(drawing: Drawing, roles: Mapping[str, str], chosen: str = "") -> str:
    """The drawing as an SVG document that stands alone. `roles`: node -> chosen, parent or child."""
    below = joined(_arrow(arrow, "") for arrow in drawing.arrows if not _role(arrow, chosen))
    above = joined(_arrow(arrow, _role(arrow, chosen)) for arrow in drawing.arrows if _role(arrow, chosen))
    names = joined(
        html(
            "<text class='group' x='{:g}' y='{:g}'>{}</text>",
            heading.x,
            heading.y,
            GROUP_LABELS.get(heading.group, heading.group.capitalize()),
        )
        for heading in drawing.headings
    )
    boxes = joined(_box(box, roles.get(node, "")) for node, box in drawing.boxes.items())
    return html(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {:g} {:g}' "
        "width='{:g}' height='{:g}'><style>{}</style>"
        "<rect width='100%' height='100%' style='stroke:none'/>"
        "<g class='{}'>{}{}{}{}</g></svg>",
        drawing.width,
        drawing.height,
        drawing.width,
        drawing.height,
        STYLE,
        "around" if chosen else "whole",
        below,
        above,
        names,
        boxes,
    )


def description(drawing: Drawing, vocabulary: Vocabulary, roles: Mapping[str, str]) -> str:
    """The picture in words."""
    kinds = [box.kind for box in drawing.boxes.values()]
    says = (
        f"Layered drawing of {len(kinds)} nodes and {len(drawing.arrows)} arrows, from above: setting, diagnosis, "
        f"{kinds.count('hidden')} hidden variables, {kinds.count('finding')} findings by group."
    )
    for role, words in (("chosen", "Chosen"), ("parent", "Parents"), ("child", "Children")):
        names = [vocabulary.variables[node].label for node, own in roles.items() if own == role]
        says += f" {words}: {', '.join(names)}." if names else ""
    return says


def _role(arrow: Arrow, chosen: str) -> str:
    """Whether an arrow comes from a parent of the chosen node, goes to a child, or neither."""
    return "parent" if arrow.child == chosen else "child" if arrow.parent == chosen else ""


def _box(box: Box, role: str) -> str:
    marked = (MARKS[role] + box.lines[0], *box.lines[1:])
    top = box.y + PADDING + LINE_HEIGHT - 4
    lines = joined(
        html("<tspan x='{:g}' y='{:g}'>{}</tspan>", box.x + 8, top + i * LINE_HEIGHT, line)
        for i, line in enumerate(marked)
    )
    return html(
        "<g class='node {} {}' data-node='{}'><rect x='{:g}' "
        "y='{:g}' width='{:g}' height='{:g}' rx='{}'/><text>{}</text></g>",
        box.kind,
        role,
        box.node,
        box.x,
        box.y,
        box.width,
        box.height,
        CORNER[box.kind],
        lines,
    )


def _arrow(arrow: Arrow, role: str) -> str:
    """A line that leaves each point downwards; the last piece ends in a small head."""
    path = f"M{_at(arrow.points[0])}"
    for start, end in zip(arrow.points, arrow.points[1:], strict=False):
        path += f"L{_at(end)}" if start[0] == end[0] or _inwards(start, end) else _curve(start, end)
    return html("<path class='edge {}' d='{}'/>{}", role, path, _head(arrow) if role else "")


def _inwards(start: Point, end: Point) -> bool:
    return abs(end[0] - start[0]) < BOX_WIDTH / 8


def _curve(start: Point, end: Point) -> str:
    half = (start[1] + end[1]) / 2
    return f"C{start[0]:g} {half:g} {end[0]:g} {half:g} {_at(end)}"


def _head(arrow: Arrow) -> str:
    (before, _), (x, y) = arrow.points[-2:]
    sideways = len(arrow.points) > 2 and before < x
    corners = ((-7, -4), (-7, 4)) if sideways else ((-4, -7), (4, -7))
    points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in ((0, 0), *corners))
    return html("<polygon class='head' points='{}'/>", points)


def _at(point: Point) -> str:
    return f"{point[0]:g} {point[1]:g}"
