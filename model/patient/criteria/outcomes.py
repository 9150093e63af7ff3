"""What a set's items can turn out to be, once every finding that is unknown has been looked for.

An unknown finding is not an absent one: each may still take any of its values. A completion gives every finding
one value; an item is met, not met or unknown as it holds in all completions, in none or in some. Where each finding
stands in a rule once this is Kleene's strong three-valued logic (Kleene 1952); where one stands twice (an age that
is below 18 or not) it is sharper, since both cannot be open at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.inference.evidence import is_unknown, likelihood
from model.patient.criteria.rules import Comparison, Flags, Known, Name, Rule, holds
from model.patient.criteria.tables import Column, CriteriaSet, Proposition
from model.priors.vocabulary import Variable, Vocabulary

Values = tuple[str | float, ...]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Outcomes:
    """Every way the items can turn out, on a grid: one axis for each block of items that turn out together.

    states: item id -> True (met in all ways), False (in none), None (in some). truths: id of a proposition that a
    label depends on -> where it holds, broadcast over the grid. tenths: the points of the remaining items, which
    matter only through the score, on the last axis: every sum that they can reach, in tenths.
    """

    states: Mapping[str, bool | None]
    truths: Mapping[str, Flags]
    tenths: Index
    shape: tuple[int, ...]


def outcomes(
    criteria: CriteriaSet, findings: Mapping[str, object], vocabulary: Vocabulary, column: Column | None
) -> Outcomes:
    """The outcomes for one patient. Items that the column does not score are left out: they hold nowhere."""
    local = _local(criteria, findings, vocabulary, column)
    states = {name: _state(rows[:, i]) for names, rows in local for i, name in enumerate(names)}
    kept = [block for block in local if criteria.named.intersection(block[0])]
    sums = np.zeros(1, dtype=np.int64)
    for names, rows in local:
        if not criteria.named.intersection(names):
            sums = np.unique(sums[:, None] + rows @ np.array([_points(criteria, name, column) for name in names]))
    shape = (*(len(rows) for _, rows in kept), len(sums))
    truths = {
        name: rows[:, i].reshape([-1 if other == axis else 1 for other in range(len(shape))])
        for axis, (names, rows) in enumerate(kept)
        for i, name in enumerate(names)
    }
    every = _with_derived(criteria, truths, findings)
    states.update({name: _state(every[name]) for name in every if name not in states})
    return Outcomes(states, every, sums, shape)


def unknown_as_absent(criteria: CriteriaSet, found: Outcomes, findings: Mapping[str, object]) -> Outcomes:
    """The one outcome in which every item that is unknown does not hold, as published calculators count."""
    base = {p.id for p in criteria.propositions if p.comparisons}
    truths = {name: np.array(found.states[name] is True) for name in found.truths if name in base}
    return Outcomes(found.states, _with_derived(criteria, truths, findings), found.tenths[:1], (1,))


def points(criteria: CriteriaSet, found: Outcomes, column: Column | None) -> Index:
    """The score in tenths of a point, whole numbers, over the grid."""
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


def _local(
    criteria: CriteriaSet, findings: Mapping[str, object], vocabulary: Vocabulary, column: Column | None
) -> list[tuple[tuple[str, ...], Flags]]:
    blocks = ([p for p in block if in_column(p, column)] for block in criteria.blocks)
    return [_block_outcomes(block, findings, vocabulary) for block in blocks if block]


def in_column(proposition: Proposition, column: Column | None) -> bool:
    """Whether the column in use knows the item; one without points belongs to every column."""
    return column is None or not proposition.tenths or column.id in proposition.tenths


def rule_holds(rule: Rule, truths: Mapping[str, Flags], findings: Mapping[str, object]) -> Flags:
    """Where a rule of items and of what is known holds, broadcast over the grid of the truths."""

    def truth(leaf: Comparison | Known | Name) -> Flags:
        if isinstance(leaf, Name):
            return truths.get(leaf.id, np.array(False))
        return _is_known(leaf, findings)

    return holds(rule, truth)


def certainly_holds(rule: Rule, findings: Mapping[str, object], vocabulary: Vocabulary) -> bool:
    """Whether a rule on findings holds whatever the unknown ones turn out to be."""
    proposition = Proposition("rule", "", rule)
    if not proposition.comparisons:
        return bool(rule_holds(rule, {}, findings))
    return bool(_block_outcomes([proposition], findings, vocabulary)[1].all())


def _with_derived(
    criteria: CriteriaSet, truths: Mapping[str, Flags], findings: Mapping[str, object]
) -> dict[str, Flags]:
    """Adds the propositions that rest on others alone, in file order."""
    every = dict(truths)
    for proposition in criteria.propositions:
        if not proposition.comparisons:
            every[proposition.id] = rule_holds(proposition.rule, every, findings)
    return every


def _block_outcomes(
    block: Sequence[Proposition], findings: Mapping[str, object], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], Flags]:
    """Names of the block's propositions and their distinct joint truths, (outcomes, propositions)."""
    comparisons = list(dict.fromkeys(c for p in block for c in p.comparisons))
    axes = []
    for finding in dict.fromkeys(c.finding for c in comparisons):
        own = [c for c in comparisons if c.finding == finding]
        values = possible_values(vocabulary.variable(finding), findings.get(finding), own, vocabulary)
        axes.append((own, list(dict.fromkeys(tuple(c.holds(v) for c in own) for v in values))))
    open_items = [p for p in block if p.unknown_when is not None]
    sizes = [len(signatures) for _, signatures in axes] + [2] * len(open_items)
    places = np.unravel_index(np.arange(int(np.prod(sizes))), sizes)
    truth_of: dict[Comparison, Flags] = {}
    for (own, signatures), place in zip(axes, places, strict=False):
        table = np.array(signatures, dtype=bool)
        truth_of.update({c: table[place, i] for i, c in enumerate(own)})
    either = {p.id: place == 1 for p, place in zip(open_items, places[len(axes) :], strict=True)}
    columns = [_block_truth(p, truth_of, either, findings) for p in block]
    powers = 1 << np.arange(len(block))
    distinct = np.unique(np.stack(columns, axis=1) @ powers)
    return tuple(p.id for p in block), (distinct[:, None] & powers) > 0


def _block_truth(
    proposition: Proposition,
    truth_of: Mapping[Comparison, Flags],
    either: Mapping[str, Flags],
    findings: Mapping[str, object],
) -> Flags:
    def truth(leaf: Comparison | Known | Name) -> Flags:
        if isinstance(leaf, Comparison):
            return truth_of[leaf]
        return _is_known(leaf, findings)

    found = holds(proposition.rule, truth)
    if proposition.unknown_when is None:
        return found
    return np.where(holds(proposition.unknown_when, truth), either[proposition.id], found)


def _is_known(leaf: Comparison | Known | Name, findings: Mapping[str, object]) -> Flags:
    assert isinstance(leaf, Known)  # the reader of the files refuses names beside comparisons, and the reverse
    return np.asarray(any(not is_unknown(findings.get(f)) for f in leaf.findings))


def possible_values(
    variable: Variable, value: object, comparisons: Sequence[Comparison], vocabulary: Vocabulary
) -> Values:
    """The values that a finding may have, given what is entered; unknown allows all.

    A number stays the number. A bin, several states or soft evidence allow every state whose likelihood is not
    zero. States of a binned finding become numbers of each stretch between bin edges and the limits compared with,
    so that a limit inside a bin stays open. Raises InputError for a value that is none of the finding's.
    """
    numbers = _numbers(variable, value)
    if numbers:
        return numbers
    if is_unknown(value):
        states = set(variable.states)
    else:
        weights = likelihood(vocabulary, variable, value)
        states = {s for s, weight in zip(variable.states, weights, strict=True) if weight > 0}
    if not variable.bins:
        return tuple(s for s in variable.states if s in states)
    edges = {edge for b in variable.bins for edge in (b.low, b.high)}
    edges |= {c.value for c in comparisons if not isinstance(c.value, str)}
    ordered = sorted(edges)
    spread = [*ordered, *((low + high) / 2 for low, high in pairwise(ordered))]
    return tuple(n for n in spread if any(b.holds(n) and b.state in states for b in variable.bins))


def _numbers(variable: Variable, value: object) -> Values:
    """The number or numbers entered; nothing for states."""
    if not variable.bins:
        return ()
    entered = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    numbers = []
    for one in entered:
        if isinstance(one, bool) or not isinstance(one, (int, float, str)) or one in variable.states:
            return ()
        try:
            numbers.append(float(one))
        except ValueError:
            return ()
    for number in numbers:
        variable.state(number)
    return tuple(numbers) if all(n == n for n in numbers) else ()
