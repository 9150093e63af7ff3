"""The drawn network: whatever the priors, boxes keep apart and every arrow goes down."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from app_pages.about.layout import GUTTER, Box, Drawing, draw, relatives
from model.priors.folder import Priors


def overlap(one: Box, other: Box) -> bool:
    apart_across = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (apart_across or one.bottom <= other.y or other.bottom <= one.y)


def expect_readable(drawing: Drawing) -> None:
    """Boxes apart and inside the picture; arrows downward, from the border of one box to that of the other."""
    for one, other in combinations(drawing.boxes.values(), 2):
        assert not overlap(one, other), (one.node, other.node)
    for box in drawing.boxes.values():
        assert box.x >= 0 and box.x + box.width <= drawing.width
        assert box.y >= 0 and box.bottom <= drawing.height
    for arrow in drawing.arrows:
        parent, child = drawing.boxes[arrow.parent], drawing.boxes[arrow.child]
        levels = [y for _, y in arrow.points]
        assert levels == sorted(levels), arrow
        assert parent.bottom <= child.y
        assert on_border(parent, *arrow.points[0]) and on_border(child, *arrow.points[-1])


def on_border(box: Box, x: float, y: float) -> bool:
    within = box.x <= x <= box.x + box.width and box.y <= y <= box.bottom
    return within and (x in (box.x, box.x + box.width) or y in (box.y, box.bottom))


def edges(priors: Priors, nodes: Iterable[str]) -> set[tuple[str, str]]:
    chosen = set(nodes)
    return {(parent, child) for child in chosen for parent in priors.parents[child] if parent in chosen}


@pytest.mark.parametrize("folder", ["shipped", "small"])
def test_the_whole_network_is_drawn_without_overlap_and_downward(folder: str, request: pytest.FixtureRequest) -> None:
    net: model.Net = request.getfixturevalue(folder)
    drawing = draw(net.priors)
    assert set(drawing.boxes) == set(net.nodes)
    assert {(arrow.parent, arrow.child) for arrow in drawing.arrows} == edges(net.priors, net.nodes)
    expect_readable(drawing)


@given(data=st.data())
def test_so_is_any_part_of_it(data: st.DataObject, shipped: model.Net) -> None:
    nodes = data.draw(st.sets(st.sampled_from(shipped.nodes), min_size=1, max_size=40))
    drawing = draw(shipped.priors, nodes)
    assert set(drawing.boxes) == nodes
    assert {(arrow.parent, arrow.child) for arrow in drawing.arrows} == edges(shipped.priors, nodes)
    expect_readable(drawing)


@given(data=st.data())
def test_so_is_a_network_of_any_other_edges(data: st.DataObject, small: model.Net) -> None:
    """Findings above findings, above hidden variables even: the drawing supposes nothing but that there is no cycle."""
    names = [name for name in small.priors.vocabulary.variables if name not in ("setting", "diagnosis")]
    order = data.draw(st.permutations(names))
    parents = dict(small.priors.parents)
    for place, name in enumerate(order):
        above = st.sets(st.sampled_from(order[:place]), max_size=3) if place else st.just(set())
        parents[name] = ("diagnosis", *sorted(data.draw(above)))
    expect_readable(draw(replace(small.priors, parents=parents)))


def test_the_columns_of_the_shipped_network_come_out_even(shipped: model.Net) -> None:
    """No column reaches twice as far down as the shortest, so that the picture is not half empty."""
    drawing = draw(shipped.priors)
    ends: dict[float, float] = {}
    for box in drawing.boxes.values():
        if box.kind == "finding":
            ends[box.x] = max(ends.get(box.x, 0), box.bottom)
    first = min(box.y for box in drawing.boxes.values() if box.kind == "finding")
    assert max(ends.values()) - first < 2 * (min(ends.values()) - first)


def test_no_arrow_crosses_the_name_of_a_finding(shipped: model.Net) -> None:
    """Below the first finding arrows run in the gutters between the columns only."""
    drawing = draw(shipped.priors)
    findings = [box for box in drawing.boxes.values() if box.kind == "finding"]
    top = min(box.y for box in findings)
    gutters = {box.x - GUTTER / 2 for box in findings}
    for arrow in drawing.arrows:
        if drawing.boxes[arrow.child].kind == "finding":
            lower = [(one, other) for one, other in pairwise(arrow.points[:-1]) if one[1] >= top]
            assert all(x in gutters or (x, y) == arrow.points[0] for part in lower for x, y in part)


def test_relatives_are_parents_and_children_both_ways(shipped: model.Net) -> None:
    for node in shipped.nodes:
        parents, children = relatives(shipped.priors, node)
        assert set(parents) == set(shipped.priors.parents[node])
        assert all(node in relatives(shipped.priors, child)[0] for child in children)


def test_an_unknown_node_is_named_with_the_nearest(small: model.Net) -> None:
    with pytest.raises(model.InputError, match="did you mean heliotrope_rash"):
        draw(small.priors, ["heliotrope_rush"])
