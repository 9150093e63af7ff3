"""The probability and the conclusion of one scored set for many patients.

An item reads few findings. Each distinct pattern of these is evaluated once, by the evaluator for one patient.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from model.inference.net import Findings, Net
from model.network.build import Array
from model.patient.conditions.evaluate import Bounds, Facts, Flags, connected
from model.patient.conditions.language import AtLeast, Condition, InStates, Known, subjects, walk
from model.patient.criteria.conclusions import possible_conclusions, probability, score_and_conclusion
from model.patient.criteria.implied import settling, with_implied
from model.patient.criteria.outcomes import Index, certainly_met, holds, in_column, on_findings, unknown_as_absent
from model.patient.criteria.tables import Column, CriteriaSet
from model.patient.criteria.verdicts import verdict


@dataclass(frozen=True)
class Patients:
    """Some patients of a cohort. `findings`: of the whole cohort; `rows`: the patients in question, (patients,).

    `numbered` and `facts` keep what was worked out for the cohort: the values of a finding as numbers, and the facts of
    the patients who serve as the example of a pattern.
    """

    net: Net
    findings: Sequence[Findings]
    rows: Index
    numbered: dict[str, tuple[Index, int]] = field(default_factory=dict, repr=False)
    facts: dict[int, Facts] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def patterns(self, names: Iterable[str]) -> tuple[list[Facts], Index]:
        """One patient for each distinct pattern of these findings, and the pattern of each patient, (patients,)."""
        pattern = np.zeros(len(self), dtype=np.int64)
        first = np.zeros(min(len(self), 1), dtype=np.int64)
        for name in settling(self.net, names):
            numbers, size = self._numbered(name)
            _, first, pattern = np.unique(pattern * size + numbers[self.rows], return_index=True, return_inverse=True)
        return [self._facts_of(patient) for patient in self.rows[first].tolist()], pattern

    def bounds(self, condition: Condition) -> Bounds:
        """Whether something is known of the findings that a condition names, (patients,)."""
        assert isinstance(condition, Known)
        known = np.zeros(len(self), dtype=bool)
        for finding in condition.findings:
            alone = Known((finding,), condition.settled)
            examples, pattern = self.patterns([finding])
            known |= np.array([facts.bounds(alone)[0] for facts in examples], dtype=bool)[pattern]
        return known, known

    def _numbered(self, name: str) -> tuple[Index, int]:
        """The number of the finding's distinct value for the whole cohort, and how many values there are."""
        if name not in self.numbered:
            values = [findings.get(name) for findings in self.findings]
            keys = [value if value is None or isinstance(value, str) else _key(value) for value in values]
            numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
            self.numbered[name] = np.array([numbers[key] for key in keys], dtype=np.int64), len(numbers)
        return self.numbered[name]

    def _facts_of(self, patient: int) -> Facts:
        if patient not in self.facts:
            self.facts[patient] = Facts(self.net.vocabulary, with_implied(self.net, self.findings[patient]))
        return self.facts[patient]


def _key(value: object) -> tuple[type, str]:
    """What tells a number, or several states, from others: 1, 1.0 and true are equal, and a list has no hash."""
    return type(value), repr(value)


def _findings(rules: Iterable[Condition]) -> Iterator[str]:
    """The findings that some rules read."""
    for leaf in (part for rule in rules for part in walk(rule)):
        if isinstance(leaf, Known):
            yield from leaf.findings
        elif isinstance(leaf, InStates | AtLeast):
            yield leaf.finding


@dataclass(frozen=True)
class Verdicts:
    """What a scored set says of many patients.

    probability: of the disease at the published score, (patients,). stands_for: the diagnoses of each conclusion.
    conclusion: index in `stands_for`, (patients,).
    """

    probability: Array
    stands_for: tuple[tuple[str, ...], ...]
    conclusion: Index


def verdicts(net: Net, criteria: CriteriaSet, findings: Sequence[Findings]) -> Verdicts:
    """The verdicts of a scored set; equal to those of `judge_by` for each patient."""
    patients = Patients(net, findings, np.arange(len(findings)))
    if criteria.unknown_is_absent:
        return _published(criteria, patients)
    rules = [p.rule for p in criteria.propositions] + [c.rule for c in criteria.columns]
    examples, pattern = patients.patterns(_findings(rules))
    found = [verdict(criteria, facts) for facts in examples]
    chances = np.array([v.probability for v in found], dtype=float)
    return Verdicts(chances[pattern], tuple(v.stands_for for v in found), pattern)


def _published(criteria: CriteriaSet, patients: Patients) -> Verdicts:
    """The verdicts of a set that counts unknown items as absent: one outcome for each patient, so no grid."""
    chances = np.empty(len(patients.findings))
    conclusion = np.empty(len(patients.findings), dtype=np.int64)
    for column in criteria.columns:
        applies = np.broadcast_to(holds(column.rule, {}, patients.bounds), len(patients))
        own, patients = replace(patients, rows=patients.rows[applies]), replace(patients, rows=patients.rows[~applies])
        met, least = _certain(criteria, own, column)
        counted = unknown_as_absent(criteria, met, least, own.bounds)
        tenths, conclusion[own.rows] = score_and_conclusion(criteria, counted, column)
        scores, place = np.unique(tenths, return_inverse=True)
        chances[own.rows] = np.array([probability(column, int(score)) for score in scores])[place]
    return Verdicts(chances, tuple(c.diagnoses for c in possible_conclusions(criteria)), conclusion)


def _certain(criteria: CriteriaSet, patients: Patients, column: Column) -> tuple[dict[str, Flags], Index]:
    """What `unknown_as_absent` takes: items that are certainly met, and the least points of the rest, (patients,)."""
    met: dict[str, Flags] = {}
    least = np.zeros(len(patients), dtype=np.int64)
    scored = [p for p in criteria.on_findings if in_column(p, column)]
    for group in connected(scored, lambda proposition: subjects(proposition.rule)):
        examples, pattern = patients.patterns(_findings([p.rule for p in group]))
        found = [on_findings(criteria, group, facts, column) for facts in examples]
        least += np.array([one.tenths[0] for one in found], dtype=np.int64)[pattern]
        certain = [certainly_met(criteria, one) for one in found]
        for proposition in group:
            flags = [one.get(proposition.id, False) for one in certain]
            met[proposition.id] = np.array(flags, dtype=bool)[pattern]
    return met, least
