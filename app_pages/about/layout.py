"""Where the nodes of the network stand when it is drawn: in layers, every arrow downward, no box on another.

The layers, from above: the setting, the diagnosis, the hidden variables by the number of hidden variables above them,
the findings that hang below these, and the findings that depend on other findings as well. Findings stand in columns,
one group below the other. Left of each column runs a gutter in which the arrows come down, so that none crosses a
name. A layered drawing after Sugiyama, Tagawa and Toda 1981 (IEEE Trans Syst Man Cybern 11:109), with the gutters in
the place of their crossing reduction: nearly every finding has the same two parents, so any order crosses as much.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from model.priors.folder import Priors

Point = tuple[float, float]
KINDS = ("setting", "diagnosis", "hidden", "finding")
IN_COLUMNS = KINDS.index("finding")
BOX_WIDTH = 200.0
GUTTER = 22.0
LINE_HEIGHT = 15.0
PADDING = 4.0
GAP = 5.0
LAYER_GAP = 44.0
HEADING_HEIGHT = 24.0
LETTERS_IN_A_LINE = 27
LEAST_WIDTH = 330.0
MOST_COLUMNS = 5
ROWS_WORTH_A_COLUMN = 8


@dataclass(frozen=True)
class Box:
    """A node: its upper left corner, size and the lines of its label. Units are pixels at full size."""

    node: str
    kind: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Heading:
    """The name of a group of findings above its boxes; `y` is the line it stands on."""

    group: str
    x: float
    y: float


@dataclass(frozen=True)
class Arrow:
    """An edge as the points it runs through, from the border of the parent to that of the child."""

    parent: str
    child: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Drawing:
    """The whole picture; every box, heading and point lies between 0 and `width`, 0 and `height`."""

    boxes: Mapping[str, Box]
    headings: tuple[Heading, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def draw(priors: Priors, nodes: Iterable[str] | None = None) -> Drawing:
    """The drawing of the whole network, or of some of its nodes and the edges between them.

    Raises InputError for a node that there is not.
    """
    vocabulary = priors.vocabulary
    known = set(vocabulary.variables if nodes is None else (vocabulary.variable(name).id for name in nodes))
    layers = _layers(priors, known)
    rows = max((len(layer) for stage, layer in layers if stage == IN_COLUMNS), default=0)
    columns = min(MOST_COLUMNS, max(1, -(-rows // ROWS_WORTH_A_COLUMN)))
    width = max(LEAST_WIDTH, columns * (GUTTER + BOX_WIDTH) + GAP)
    boxes: dict[str, Box] = {}
    headings: list[Heading] = []
    tops: list[float] = []
    y = GAP
    for stage, layer in layers:
        if stage == IN_COLUMNS:
            tops.append(y)
            placed, named, y = _in_columns(priors, layer, columns, y)
            headings += named
        else:
            placed, y = _in_rows(priors, layer, columns + 1, width, y)
        boxes |= placed
    arrows = tuple(
        Arrow(parent, child, _route(boxes[parent], boxes[child], tops, columns == 1))
        for child in boxes
        for parent in priors.parents[child]
        if parent in boxes
    )
    return Drawing(boxes, tuple(headings), arrows, width, max((box.bottom for box in boxes.values()), default=y) + GAP)


def relatives(priors: Priors, node: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Parents and children of a node, in the order of the vocabulary; raises InputError for one that there is not."""
    name = priors.vocabulary.variable(node).id
    children = tuple(child for child in priors.vocabulary.variables if name in priors.parents[child])
    return tuple(parent for parent in priors.vocabulary.variables if parent in priors.parents[name]), children


def _layers(priors: Priors, known: set[str]) -> list[tuple[int, list[str]]]:
    """Stage and nodes of each layer, these in the order of the vocabulary; no edge joins two nodes of one layer."""
    places: dict[str, tuple[int, int]] = {}
    layers: dict[tuple[int, int], list[str]] = {}
    for name in priors.vocabulary.variables:
        if name in known:
            layers.setdefault(_place(priors, name, places), []).append(name)
    return [(place[0], layers[place]) for place in sorted(layers)]


def _place(priors: Priors, node: str, places: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Stage of a node (its kind, or that of a parent which stands lower) and its depth within the stage."""
    if node not in places:
        above = [_place(priors, parent, places) for parent in priors.parents[node]]
        stage = max([KINDS.index(priors.vocabulary.variables[node].kind), *(place[0] for place in above)])
        places[node] = stage, max((depth + 1 for other, depth in above if other == stage), default=0)
    return places[node]


def _in_rows(priors: Priors, names: Sequence[str], most: int, width: float, y: float) -> tuple[dict[str, Box], float]:
    """Boxes side by side, evenly over the width, at most so many in a row; where the next layer may begin."""
    boxes: dict[str, Box] = {}
    for start in range(0, len(names), most):
        row = names[start : start + most]
        room = width / len(row)
        size = min(BOX_WIDTH, room - 2 * GAP)
        placed = {name: _box(priors, name, (i + 0.5) * room - size / 2, y, size) for i, name in enumerate(row)}
        boxes |= placed
        y = max(box.bottom for box in placed.values()) + GAP
    return boxes, y + LAYER_GAP - GAP


def _in_columns(
    priors: Priors, names: Sequence[str], columns: int, y: float
) -> tuple[dict[str, Box], list[Heading], float]:
    """Boxes group by group, each group in the column that is shortest; where the next layer may begin."""
    ends = [y] * columns
    boxes: dict[str, Box] = {}
    headings = []
    for group, members in _groups(priors, names).items():
        for part in _parts(members, columns, len(names)):
            column = min(range(columns), key=lambda i: (ends[i], i))
            x = column * (GUTTER + BOX_WIDTH) + GUTTER
            headings.append(Heading(group, x, ends[column] + HEADING_HEIGHT - 2 * GAP))
            ends[column] += HEADING_HEIGHT
            for name in part:
                boxes[name] = _box(priors, name, x, ends[column], BOX_WIDTH)
                ends[column] = boxes[name].bottom + GAP
            ends[column] += GAP
    return boxes, headings, max(ends) + LAYER_GAP / 2


def _groups(priors: Priors, names: Sequence[str]) -> dict[str, list[str]]:
    """Groups of findings, the largest first: so the columns come out even."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(priors.vocabulary.variables[name].group, []).append(name)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def _parts(members: Sequence[str], columns: int, total: int) -> list[Sequence[str]]:
    """A group in one piece, or in several where it is longer than the average column."""
    fair = max(ROWS_WORTH_A_COLUMN, -(-total // columns))
    pieces = -(-len(members) // fair)
    size = -(-len(members) // pieces)
    return [members[start : start + size] for start in range(0, len(members), size)]


def _box(priors: Priors, name: str, x: float, y: float, width: float) -> Box:
    variable = priors.vocabulary.variables[name]
    letters = max(6, int(LETTERS_IN_A_LINE * width / BOX_WIDTH))
    lines = tuple(wrap(variable.label, letters)) or (name,)
    if variable.kind == "hidden":
        lines = (*lines, "(hidden)")
    return Box(name, variable.kind, lines, x, y, width, len(lines) * LINE_HEIGHT + 2 * PADDING)


def _route(parent: Box, child: Box, tops: Sequence[float], alone: bool) -> tuple[Point, ...]:
    """From above straight to the top of a box; to a finding down the gutter of its column and in from the left.

    `alone`: there is one column; its gutter runs past all boxes, so that no arrow seems to pass through another.
    """
    if not tops or child.y < tops[0]:
        return (parent.middle[0], parent.bottom), (child.middle[0], child.y)
    gutter = child.x - GUTTER / 2
    level = child.middle[1]
    end = [(gutter, level - PADDING), (child.x, level)]
    if parent.y < tops[0] and alone:
        level_of_parent = parent.middle[1]
        return (parent.x, level_of_parent), (gutter, level_of_parent + LINE_HEIGHT), (gutter, tops[0]), *end
    if parent.y < tops[0]:
        return (parent.middle[0], parent.bottom), (gutter, tops[0]), *end
    own, side = parent.x - GUTTER / 2, parent.middle[1]
    below = next(top for top in tops if top > parent.y)
    return (parent.x, side), (own, side + PADDING), (own, below - LAYER_GAP / 4), (gutter, below), *end
