"""The verdict of every set of `priors/criteria/` on one patient, by one evaluator.

Classification criteria were made to select patients for research, not to diagnose: they apply only if nothing else
explains the picture better. Rules, points and sources are data (`priors/criteria/README.md`). What unknown findings
leave open is computed exactly.
"""

from dataclasses import dataclass

import numpy as np

from model.inference.net import Findings, Net
from model.patient.conditions.evaluate import Facts
from model.patient.criteria.conclusions import Conclusion, possible_conclusions, probability, score_and_conclusion
from model.patient.criteria.implied import with_implied
from model.patient.criteria.outcomes import (
    Index,
    Outcomes,
    certainly_met,
    holds,
    in_column,
    outcomes,
    unknown_as_absent,
)
from model.patient.criteria.tables import SUBGROUP, Column, CriteriaSet, Proposition, criteria_set, criteria_sets

UNDECIDED = "cannot be decided"


@dataclass(frozen=True)
class ItemState:
    """An item: met (True), not met (False) or unknown (None); the points it adds when met (None without a score)."""

    id: str
    label: str
    met: bool | None
    points: float | None
    definition: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class ColumnScore:
    """The patient scored by one column, with unknown items as absent; `positive`: whether it classifies."""

    id: str
    label: str
    score: float
    probability: float
    verdict: str
    positive: bool


@dataclass(frozen=True)
class Verdict:
    """The verdict of one set on one patient.

    positive: True if classified whatever the unknown items are, False if not classified whatever they are, None if
    they decide. label: the set's words; if the set counts unknown items as absent, those of its published score.
    possible_labels: the labels that unknown items leave open, best first, within the column in use (scoring with a
    biopsy is another column). score (points) and probability of the disease: as published, lowest, highest.
    classified: whether `label` classifies. stands_for: the diagnoses that `label` means. targets: all diagnoses that
    the set is about. would_need: while undecided, the smallest sets of unknown items that would classify. least: the
    lowest score that classifies. column: the label of the column in use. columns: the result of every column.
    """

    set_id: str
    name: str
    year: int
    about: str
    label: str
    positive: bool | None
    possible_labels: tuple[str, ...]
    score: float | None
    score_low: float | None
    score_high: float | None
    probability: float | None
    probability_low: float | None
    probability_high: float | None
    items: tuple[ItemState, ...]
    certainty: str
    source: str
    notes: tuple[str, ...]
    classified: bool = False
    stands_for: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    would_need: tuple[tuple[str, ...], ...] = ()
    column: str = ""
    columns: tuple[ColumnScore, ...] = ()
    least: float | None = None


def judge(net: Net, findings: Findings) -> tuple[Verdict, ...]:
    """The verdict of every set of `priors/criteria/`, broadest first; empty if the priors have no such folder.

    A finding may be a state, a number, several states or soft evidence. An item is met if every possible state meets
    it, not met if none does, else unknown. Raises InputError for unknown findings or values, and for a faulty criteria
    file: the message names file, table, field and the nearest valid word.
    """
    for name in findings:
        net.vocabulary.variable(name)
    facts = Facts(net.vocabulary, with_implied(net, findings))
    return tuple(verdict(criteria, facts) for criteria in criteria_sets(net.priors))


def judge_by(net: Net, set_id: str, findings: Findings) -> Verdict:
    """The verdict of one set; raises InputError that names the nearest id if no set has this id."""
    return verdict(criteria_set(net.priors, set_id), Facts(net.vocabulary, with_implied(net, findings)))


def verdict(criteria: CriteriaSet, facts: Facts) -> Verdict:
    """The verdict of one set on the facts of one patient."""
    column = next((c for c in criteria.columns if holds(c.rule, {}, facts.bounds)), None)
    found = outcomes(criteria, facts, column)
    tenths, indices = score_and_conclusion(criteria, found, column)
    conclusions = possible_conclusions(criteria)
    possible = [conclusions[i] for i in np.flatnonzero(np.bincount(indices.ravel()))]
    positive = None if len({c.positive for c in possible}) > 1 else possible[0].positive
    published, least = _as_published(criteria, found, facts, column), _least(criteria, column)
    stated = _stated(criteria, published[1], possible)
    low, high = (published[0], int(tenths.max())) if column else (None, None)
    shown = [p for p in criteria.propositions if p.shown and in_column(p, column)]
    undecided = positive is None and not column
    return Verdict(
        criteria.id, criteria.name, criteria.year, criteria.about, stated.text, positive,
        tuple(dict.fromkeys(c.text for c in possible)),
        _score(low), _score(low), _score(high),
        _probability(column, low), _probability(column, low), _probability(column, high),
        tuple(_item(p, found, column) for p in shown), criteria.certainty, criteria.source, criteria.notes,
        stated.positive, stated.diagnoses, criteria.targets,
        _would_need(criteria, found, indices, conclusions) if undecided else (),
        column.label if column else "",
        tuple(_column_score(criteria, facts, c) for c in criteria.columns), least,
    )  # fmt: skip


def _score(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10


def _probability(column: Column | None, tenths: int | None) -> float | None:
    return probability(column, tenths) if column and tenths is not None else None


def _stated(criteria: CriteriaSet, published: Conclusion, possible: list[Conclusion]) -> Conclusion:
    """The conclusion to show: the published one, or "cannot be decided", or the possible labels joined.

    The published conclusion counts unknown items as absent. It is shown if the set is defined so, or if every possible
    conclusion is about the same disease and the published one is among them.
    """
    one_disease = len({(c.positive, c.diagnoses) for c in possible}) == 1
    if criteria.unknown_is_absent or (one_disease and published in possible):
        return published
    if len({c.positive for c in possible}) > 1:
        return Conclusion(UNDECIDED, "", False, ())
    diagnoses = dict.fromkeys(d for c in possible for d in c.diagnoses)
    return Conclusion(_joined(possible), "", possible[0].positive, tuple(diagnoses))


def _joined(conclusions: list[Conclusion]) -> str:
    """For example "definite A or B, or probable B": each label once, with its possible subgroups."""
    groups: dict[str, list[str]] = {}
    for conclusion in conclusions:
        groups.setdefault(conclusion.label, []).append(conclusion.subgroup)
    return ", or ".join(label.replace(SUBGROUP, " or ".join(found)) for label, found in groups.items())


def _as_published(
    criteria: CriteriaSet, found: Outcomes, facts: Facts, column: Column | None
) -> tuple[int, Conclusion]:
    """Score in tenths and conclusion with unknown items counted as absent."""
    met = {name: np.array([value]) for name, value in certainly_met(criteria, found).items()}
    counted = unknown_as_absent(criteria, met, found.tenths[:1], facts.bounds)
    tenths, index = score_and_conclusion(criteria, counted, column)
    return int(tenths[0]), possible_conclusions(criteria)[index[0]]


def _column_score(criteria: CriteriaSet, facts: Facts, column: Column) -> ColumnScore:
    found = outcomes(criteria, facts, column)
    tenths, conclusion = _as_published(criteria, found, facts, column)
    return ColumnScore(
        column.id, column.label, tenths / 10, probability(column, tenths), conclusion.text, conclusion.positive
    )


def _item(proposition: Proposition, found: Outcomes, column: Column | None) -> ItemState:
    tenths = proposition.tenths.get(column.id) if column else None
    return ItemState(
        proposition.id, proposition.label, found.states[proposition.id], None if tenths is None else tenths / 10,
        proposition.definition, proposition.certainty,
    )  # fmt: skip


def _least(criteria: CriteriaSet, column: Column | None) -> float | None:
    """The lowest score that classifies, in points."""
    cut_offs = [column.cut_offs[label.cut_off] for label in criteria.labels if column and label.positive]
    return min(cut_offs) / 10 if cut_offs else None


def _would_need(
    criteria: CriteriaSet, found: Outcomes, indices: Index, conclusions: tuple[Conclusion, ...]
) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of unknown items that would classify the patient if met: item labels, in file order."""
    unknown = [p for p in criteria.propositions if p.shown and p.id in found.truths and found.states[p.id] is None]
    positive = np.isin(indices, [i for i, c in enumerate(conclusions) if c.positive])
    truths = np.stack([np.broadcast_to(found.truths[p.id], found.shape)[positive] for p in unknown], axis=1)
    fewest = np.unique(truths[truths.sum(axis=1) == truths.sum(axis=1).min()], axis=0)
    return tuple(tuple(p.label for p, met in zip(unknown, row, strict=True) if met) for row in fewest[::-1])
