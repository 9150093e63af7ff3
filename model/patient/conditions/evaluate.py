"""Is a condition true of a patient? Three truth values, exact over every completion of the unknown findings.

A completion gives each finding one of the values that it may still have (`values`). A condition is true if it holds in
every completion, false if it holds in none, and unknown (None) otherwise. A finding with more than one such value is
open. If every open finding is tested once, Kleene's strong three-valued logic (Introduction to Metamathematics, 1952,
section 64) gives exactly this. If one is tested more than once (an age that is below 18 or not), the parts that share
it are evaluated together, once for each value that their tests distinguish. Parts that share nothing are independent.

Cost: for each group of parts, the product of the numbers of values that the tests distinguish, over the open findings
that the group tests more than once. `CELLS` bounds it. `parse` refuses a condition beyond the bound when nothing is
known of the patient, because in no other patient are more findings open.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import nan, prod
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.inference.evidence import is_unknown
from model.patient.conditions.language import (
    AtLeast,
    Compound,
    Condition,
    Count,
    Known,
    Leaf,
    Name,
    Not,
    Possible,
    Probability,
    Subject,
    Test,
    Value,
    subjects,
)
from model.patient.conditions.values import entered_values, finding_values
from model.priors.vocabulary import Vocabulary

CELLS = 2**16
Flags = NDArray[np.bool_]
Bounds = tuple[Any, Any]
"""(certainly true, possibly true): two truth values, or two arrays of flags."""
Item = TypeVar("Item")


@dataclass(frozen=True)
class Facts:
    """What is known of one patient.

    `findings`: id -> state, number, list of states, or mapping of state to likelihood. `posterior`: diagnosis ->
    probability; without it every probability is unknown.
    """

    vocabulary: Vocabulary
    findings: Mapping[str, object]
    posterior: Mapping[str, float] | None = None
    _leaves: dict[Leaf, Bounds] = field(default_factory=dict, init=False, repr=False, compare=False)
    _others: dict[int, tuple[Condition, Bounds]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _open: dict[Subject, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def bounds(self, condition: Condition) -> Bounds:
        """Whether the condition is certainly true, and whether possibly, by Kleene's rules.

        Exact where no open subject is tested twice. Results are kept, because many conditions use the same named one.
        """
        if not isinstance(condition, Compound | Possible):
            if condition not in self._leaves:
                self._leaves[condition] = self._look(condition)
            return self._leaves[condition]
        if id(condition) not in self._others:
            found = _possible(condition, self) if isinstance(condition, Possible) else combine(condition, self.bounds)
            self._others[id(condition)] = condition, found
        return self._others[id(condition)][1]

    def _look(self, leaf: Leaf) -> Bounds:
        if isinstance(leaf, Known):
            values = (self.findings.get(finding) for finding in leaf.findings)
            value = any(len(entered_values(v)) == 1 if leaf.settled else not is_unknown(v) for v in values)
            return value, value
        if isinstance(leaf, Name):
            return False, True
        held = [leaf.holds(value) for value in self.values(leaf.subject, [leaf])]
        return all(held), any(held)

    def is_open(self, subject: Subject) -> bool:
        """Whether the subject may have more than one value."""
        if subject not in self._open:
            self._open[subject] = len(self.values(subject, ())) > 1
        return self._open[subject]

    def values(self, subject: Subject, tests: Iterable[Test]) -> tuple[Value, ...]:
        """The values that the subject may have; of those that the tests do not distinguish, at least one."""
        limits = [test.limit for test in tests if isinstance(test, AtLeast | Probability)]
        if isinstance(subject, str):
            return finding_values(self.vocabulary, subject, self.findings.get(subject), limits)
        kind, *diagnoses = subject
        if kind == "leads":
            return tuple(
                (d, nan) for d in (diagnoses if self.posterior is None else [leader(diagnoses, self.posterior)])
            )
        if self.posterior:
            return (("", sum(self.posterior[d] for d in diagnoses)),)
        edges = sorted({0.0, 1.0, *limits})
        return tuple(("", n) for n in (*edges, *((a + b) / 2 for a, b in pairwise(edges))))


def leader(diagnoses: Iterable[str], posterior: Mapping[str, float]) -> str:
    """The most probable of the diagnoses."""
    return max(diagnoses, key=posterior.__getitem__)


def truth(condition: Condition, facts: Facts) -> bool | None:
    """True or False if every completion of the facts agrees, else None.

    Raises InputError for a value that is not a state of its finding.
    """
    repeated = condition.repeated if isinstance(condition, Compound) else ()
    if not any(facts.is_open(subject) for subject in repeated):
        certain, possible = facts.bounds(condition)
    elif isinstance(condition, Not):
        value = truth(condition.part, facts)
        return None if value is None else not value
    elif isinstance(condition, Count):
        fewest, most = _how_many(condition.parts, facts)
        certain, possible = fewest >= condition.least, most >= condition.least
    else:
        low, high = joint_bounds([condition], facts)
        certain, possible = low.all(), high.any()
    return bool(certain) if certain == possible else None


def _possible(condition: Possible, facts: Facts) -> Bounds:
    value = truth(condition.part, facts) is not False
    return value, value


def combine(condition: Compound, bounds: Callable[[Condition], Bounds]) -> Bounds:
    """Bounds of a condition from the bounds of its parts, by Kleene's rules; arrays of flags broadcast."""
    if isinstance(condition, Not):
        low, high = bounds(condition.part)
        opposite = high ^ True
        return opposite, opposite if low is high else low ^ True
    if isinstance(condition, Count):
        pairs, needs_all, needs_one = [], condition.least == len(condition.parts), condition.least == 1
        for part in condition.parts:
            low, high = bounds(part)
            if (needs_all and high is False) or (needs_one and low is True):
                return low, high
            pairs.append((low, high))
        certain = sum(low for low, _ in pairs) >= condition.least
        if all(low is high for low, high in pairs):
            return certain, certain
        return certain, sum(high for _, high in pairs) >= condition.least
    part, when = condition.inner
    (low, high), (_, open_) = bounds(part), bounds(when)
    return low & (open_ ^ True), high | open_


def _how_many(parts: Sequence[Condition], facts: Facts) -> tuple[int, int]:
    """The smallest and the largest number of parts that are true in one completion."""
    fewest = most = 0
    for group in _sharing(parts, facts):
        if len(group) == 1:
            value = truth(group[0], facts)
            fewest, most = fewest + (value is True), most + (value is not False)
        else:
            low, high = joint_bounds(group, facts)
            fewest, most = fewest + int(low.sum(axis=1).min()), most + int(high.sum(axis=1).max())
    return fewest, most


def _sharing(parts: Iterable[Condition], facts: Facts) -> list[list[Condition]]:
    """The parts in groups, so that parts of different groups share no open subject."""
    return connected(parts, lambda part: filter(facts.is_open, subjects(part)))


def connected(items: Iterable[Item], keys: Callable[[Item], Iterable[Hashable]]) -> list[list[Item]]:
    """Items in groups, so that items of different groups have no key in common.

    >>> connected(["ab", "c", "bd"], list)
    [['c'], ['ab', 'bd']]
    """
    groups: list[tuple[set[Hashable], list[Item]]] = []
    for item in items:
        own, members = set(keys(item)), [item]
        for group in [g for g in groups if g[0] & own]:
            own, members = own | group[0], group[1] + members
            groups.remove(group)
        groups.append((own, members))
    return [members for _, members in groups]


def joint_bounds(parts: Sequence[Condition], facts: Facts) -> tuple[Flags, Flags]:
    """Whether each part is certainly true, and whether possibly, in each cell: two arrays (cells, parts).

    There is one cell for each combination of values of the open subjects that are tested more than once. Within a cell
    the parts are independent: every combination of their possible truth values occurs. Raises InputError for more than
    CELLS cells.
    """
    shared = [subject for subject in Count(0, tuple(parts)).repeated if facts.is_open(subject)]
    tests: dict[Subject, dict[Test, None]] = {subject: {} for subject in shared}
    for part in parts:
        for leaf in _tests(part):
            if leaf.subject in tests:
                tests[leaf.subject][leaf] = None
    held = [
        dict.fromkeys(tuple(test.holds(value) for test in own) for value in facts.values(subject, own))
        for subject, own in tests.items()
    ]
    sizes = [len(rows) for rows in held]
    if prod(sizes) > CELLS:
        raise InputError(f"{len(shared)} findings are tested more than once: too many combinations ({prod(sizes):,})")
    indices = np.unravel_index(np.arange(prod(sizes)), sizes) if sizes else ()
    flags: dict[Condition, Flags] = {
        test: np.array(list(rows))[index, column]
        for own, rows, index in zip(tests.values(), held, indices, strict=True)
        for column, test in enumerate(own)
    }

    def in_cells(condition: Condition) -> Bounds:
        if isinstance(condition, Compound):
            return combine(condition, in_cells)
        found = None if isinstance(condition, Possible) else flags.get(condition)
        return facts.bounds(condition) if found is None else (found, found)

    found = [in_cells(part) for part in parts]
    low, high = (
        np.stack([np.broadcast_to(pair[end], prod(sizes)) for pair in found], axis=1).astype(bool) for end in (0, 1)
    )
    return low, high


def _tests(condition: Condition) -> Iterable[Test]:
    """The leaves whose truth depends on the completion."""
    if isinstance(condition, Compound):
        return (leaf for part in condition.inner for leaf in _tests(part))
    return () if isinstance(condition, Known | Name | Possible) else (condition,)


def outcomes(parts: Mapping[str, Condition], facts: Facts) -> list[tuple[tuple[str, ...], Flags]]:
    """The possible truth values of the parts, in blocks that are independent of each other.

    Each block: the names of its parts, and every combination of their truth values that occurs in a completion,
    (ways, parts).
    """
    blocks = connected(parts, lambda name: filter(facts.is_open, subjects(parts[name])))
    return [(tuple(names), _ways([parts[name] for name in names], facts)) for names in blocks]


def _ways(parts: Sequence[Condition], facts: Facts) -> Flags:
    if len(parts) == 1:
        value = truth(parts[0], facts)
        return np.array([[False], [True]] if value is None else [[value]])
    low, high = joint_bounds(parts, facts)
    ways = np.hstack([low, high])
    for i in range(len(parts)):
        other = ways.copy()
        other[:, i] = ways[:, len(parts) + i]
        ways = np.unique(np.vstack([ways, other]), axis=0)
    return np.unique(ways[:, : len(parts)], axis=0)


def deciding(condition: Condition, facts: Facts) -> tuple[Leaf, ...]:
    """The leaves that decide the truth value of a condition, or that leave it unknown; each once."""
    if isinstance(condition, Possible):
        return ()
    if not isinstance(condition, Compound):
        return (condition,)
    if not isinstance(condition, Count):
        return _each(condition.inner, facts)
    value, own = truth(condition, facts), [truth(part, facts) for part in condition.parts]
    needed = condition.least if value else len(own) - condition.least + 1
    alike = [part for part, found in zip(condition.parts, own, strict=True) if found is value]
    if value is None or len(alike) >= needed:
        return _each(alike, facts)
    together = [part for group in _sharing(condition.parts, facts) if len(group) > 1 for part in group]
    undecided = [p for p, found in zip(condition.parts, own, strict=True) if found is None and p in together]
    return _each([*alike, *undecided], facts)


def _each(parts: Iterable[Condition], facts: Facts) -> tuple[Leaf, ...]:
    return tuple(dict.fromkeys(leaf for part in parts for leaf in deciding(part, facts)))
