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

from model.evidence import is_unknown, likelihood
from model.patient.criteria_rules import Comparison, Flags, Known, Name, Rule, holds
from model.patient.criteria_tables import Column, CriteriaSet, Proposition
from model.vocabulary import Variable, Vocabulary

Values = tuple[str | float, ...]


@dataclass(frozen=True)
class Outcomes:
    """Every way the items can turn out: item id -> where it holds, (ways,)."""

    truths: Mapping[str, Flags]

    def met(self, item: str) -> bool | None:
        """True in all ways, False in none, None in some."""
        truth = self.truths[item]
        return bool(truth[0]) if truth.all() or not truth.any() else None


def outcomes(
    criteria: CriteriaSet, findings: Mapping[str, object], vocabulary: Vocabulary, column: Column | None
) -> Outcomes:
    """The outcomes for one patient. Items that the column does not score are left out: they hold nowhere."""
    local = _local(criteria, findings, vocabulary, column)
    sizes = [len(rows) for _, rows in local]
    ways = int(np.prod(sizes, dtype=np.int64))
    places = np.unravel_index(np.arange(ways), sizes) if sizes else ()
    truths: dict[str, Flags] = {}
    for (names, rows), place in zip(local, places, strict=True):
        truths.update({name: rows[place, i] for i, name in enumerate(names)})
    return Outcomes(_with_derived(criteria, truths, findings, ways))


def unknown_as_absent(
    criteria: CriteriaSet, findings: Mapping[str, object], vocabulary: Vocabulary, column: Column | None
) -> Outcomes:
    """The one outcome in which every item that is unknown does not hold, as published calculators count."""
    truths = {
        name: np.array([rows[:, i].all()])
        for names, rows in _local(criteria, findings, vocabulary, column)
        for i, name in enumerate(names)
    }
    return Outcomes(_with_derived(criteria, truths, findings, 1))


def _local(
    criteria: CriteriaSet, findings: Mapping[str, object], vocabulary: Vocabulary, column: Column | None
) -> list[tuple[tuple[str, ...], Flags]]:
    blocks = ([p for p in block if in_column(p, column)] for block in criteria.blocks)
    return [_block_outcomes(block, findings, vocabulary) for block in blocks if block]


def in_column(proposition: Proposition, column: Column | None) -> bool:
    """Whether the column in use knows the item; one without points belongs to every column."""
    return column is None or not proposition.tenths or column.id in proposition.tenths


def rule_holds(rule: Rule, truths: Mapping[str, Flags], findings: Mapping[str, object], ways: int) -> Flags:
    """Where a rule of items and of what is known holds, (ways,)."""

    def truth(leaf: Comparison | Known | Name) -> Flags:
        if isinstance(leaf, Name):
            return truths.get(leaf.id, np.zeros(ways, dtype=bool))
        return _is_known(leaf, findings)

    return np.broadcast_to(holds(rule, truth), (ways,))


def certainly_holds(rule: Rule, findings: Mapping[str, object], vocabulary: Vocabulary) -> bool:
    """Whether a rule on findings holds whatever the unknown ones turn out to be."""
    proposition = Proposition("rule", "", rule)
    if not proposition.comparisons:
        return bool(rule_holds(rule, {}, findings, 1)[0])
    return bool(_block_outcomes([proposition], findings, vocabulary)[1].all())


def _with_derived(
    criteria: CriteriaSet, truths: Mapping[str, Flags], findings: Mapping[str, object], ways: int
) -> dict[str, Flags]:
    """Adds the propositions that rest on others alone, in file order."""
    every = dict(truths)
    for proposition in criteria.propositions:
        if not proposition.comparisons:
            every[proposition.id] = rule_holds(proposition.rule, every, findings, ways)
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
    rows = np.unique(np.stack(columns, axis=1), axis=0)
    return tuple(p.id for p in block), rows


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
