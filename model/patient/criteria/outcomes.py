"""Every combination of truth values that the items of a set can have, over the completions of unknown findings.

An unknown finding is not an absent one: it may still take any of its values (`model.patient.conditions.evaluate`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.patient.conditions import evaluate
from model.patient.conditions.evaluate import Bounds, Facts, Flags, combine
from model.patient.conditions.language import Compound, Condition, Name
from model.patient.criteria.tables import Column, CriteriaSet, Proposition

Index = NDArray[np.int64]
Known = Callable[[Condition], Bounds]
"""Whether a condition `known(...)` or `entered(...)` is true: `Facts.bounds`, or arrays of flags for many patients."""
NOWHERE = np.array(False)


@dataclass(frozen=True)
class Outcomes:
    """Every combination of truth values of the items, on a grid with one axis for each block of dependent open items.

    states: item id -> True (met everywhere on the grid), False (nowhere), None (in part of it). truths: id of a
    proposition that a label depends on -> where it holds, broadcast over the grid. tenths: the last axis, for the
    remaining items, which matter only through the score: every sum of their points that can be reached, in tenths.
    """

    states: Mapping[str, bool | None]
    truths: Mapping[str, Flags]
    tenths: Index
    shape: tuple[int, ...]


def outcomes(criteria: CriteriaSet, facts: Facts, column: Column | None) -> Outcomes:
    """The outcomes for one patient. Items that the column does not score are left out, and count as not met."""
    found = on_findings(criteria, criteria.on_findings, facts, column)
    every = _with_derived(criteria, found.truths, facts.bounds)
    derived = {name: _state(truth) for name, truth in every.items() if name not in found.states}
    return Outcomes({**found.states, **derived}, every, found.tenths, found.shape)


def on_findings(
    criteria: CriteriaSet, propositions: Iterable[Proposition], facts: Facts, column: Column | None
) -> Outcomes:
    """The outcomes of some propositions that test findings, without those that depend on them."""
    blocks = evaluate.outcomes({p.id: p.rule for p in propositions if in_column(p, column)}, facts)
    states = {name: _state(ways[:, i]) for names, ways in blocks for i, name in enumerate(names)}
    sums, truths, axes = np.zeros(1, dtype=np.int64), dict[str, Flags](), []
    for names, ways in blocks:
        if not criteria.named.intersection(names):
            sums = np.unique(sums[:, None] + ways @ np.array([_points(criteria, name, column) for name in names]))
        elif len(ways) > 1:
            axes.append((names, ways))
        else:
            truths.update(zip(names, ways[0], strict=True))
    shape = (*(len(ways) for _, ways in axes), len(sums))
    for axis, (names, ways) in enumerate(axes):
        along = [-1 if other == axis else 1 for other in range(len(shape))]
        truths.update({name: ways[:, i].reshape(along) for i, name in enumerate(names)})
    return Outcomes(states, truths, sums, shape)


def certainly_met(criteria: CriteriaSet, found: Outcomes) -> dict[str, bool]:
    """Whether each proposition on findings that is an axis or a truth of the grid is met in every outcome."""
    return {p.id: found.states[p.id] is True for p in criteria.on_findings if p.id in found.truths}


def unknown_as_absent(criteria: CriteriaSet, met: Mapping[str, Flags], least: Index, known: Known) -> Outcomes:
    """The outcome in which every unknown item counts as not met, as in published calculators; the grid is patients.

    met: id of a proposition that tests findings, and that a label depends on -> whether it is certainly met,
    (patients,). least: the lowest sum of the points of the remaining items, in tenths, (patients,).
    """
    return Outcomes({}, _with_derived(criteria, met, known), least, least.shape)


def points(criteria: CriteriaSet, found: Outcomes, column: Column | None) -> Index:
    """The score over the grid, in tenths of a point (integers)."""
    total = found.tenths
    for name, truth in found.truths.items():
        tenths = _points(criteria, name, column)
        if tenths:
            total = total + tenths * truth
    return np.broadcast_to(total, found.shape)


def _points(criteria: CriteriaSet, name: str, column: Column | None) -> int:
    return criteria.proposition(name).tenths.get(column.id, 0) if column else 0


def _state(truth: Flags) -> bool | None:
    return bool(truth.flat[0]) if truth.all() or not truth.any() else None


def in_column(proposition: Proposition, column: Column | None) -> bool:
    """Whether the column scores the item; an item without points belongs to every column."""
    return column is None or not proposition.tenths or column.id in proposition.tenths


def nothing_known(condition: Condition) -> Bounds:
    return False, False


def holds(rule: Condition, truths: Mapping[str, Flags], known: Known = nothing_known) -> Flags:
    """Where a rule holds, broadcast over the grid of `truths`; it may use items, definitions and `known(...)`."""

    def on_grid(condition: Condition) -> Bounds:
        if isinstance(condition, Name):
            flags = truths.get(condition.id, NOWHERE)
            return flags, flags
        return combine(condition, on_grid) if isinstance(condition, Compound) else known(condition)

    return np.asarray(on_grid(rule)[0])


def _with_derived(criteria: CriteriaSet, truths: Mapping[str, Flags], known: Known) -> dict[str, Flags]:
    """The truths, with the propositions that depend only on others added, in file order."""
    every = dict(truths)
    for proposition in criteria.derived:
        every[proposition.id] = holds(proposition.rule, every, known)
    return every
