"""The conclusions that a set can reach, and which of them follows from the truth of its items and from the score."""

from dataclasses import dataclass
from math import exp

import numpy as np

from model.patient.criteria.outcomes import Index, Outcomes, holds, points
from model.patient.criteria.tables import SUBGROUP, Column, CriteriaSet, Label


@dataclass(frozen=True)
class Conclusion:
    """A label with its subgroup, if it has one; whether it classifies; the diagnoses it means."""

    label: str
    subgroup: str
    positive: bool
    diagnoses: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words of the set."""
        return self.label.replace(SUBGROUP, self.subgroup)


def possible_conclusions(criteria: CriteriaSet) -> tuple[Conclusion, ...]:
    """Every label, once for each of its subgroups if it has any, in order of rank."""
    result = []
    for label in criteria.labels:
        if label.has_subgroups:
            result += [Conclusion(label.text, g.text, label.positive, g.diagnoses) for g in criteria.subgroups]
        else:
            result.append(Conclusion(label.text, "", label.positive, label.diagnoses))
    return tuple(result)


def probability(column: Column, tenths: int) -> float:
    """Probability of the disease at a score: the logistic function of the column (Lundberg et al 2017)."""
    return 1 / (1 + exp(column.intercept - tenths / 10))


def score_and_conclusion(criteria: CriteriaSet, found: Outcomes, column: Column | None) -> tuple[Index, Index]:
    """Score in tenths of a point, and index in `possible_conclusions`, at each point of the grid."""
    tenths = points(criteria, found, column)
    return tenths, _concluded(criteria, found, tenths, column)


def _concluded(criteria: CriteriaSet, found: Outcomes, tenths: Index, column: Column | None) -> Index:
    """Index in `possible_conclusions` of the conclusion at each point of the grid."""
    chosen = _first(criteria.labels, found, tenths, column)
    group = _first(criteria.subgroups, found, tenths, column)
    sizes = [len(criteria.subgroups) if label.has_subgroups else 1 for label in criteria.labels]
    start = np.cumsum([0, *sizes[:-1]])
    completed = np.array([label.has_subgroups for label in criteria.labels])
    return np.broadcast_to(start[chosen] + np.where(completed[chosen], group, 0), found.shape)


def _first(labels: tuple[Label, ...], found: Outcomes, tenths: Index, column: Column | None) -> Index:
    """Index of the first label that holds, broadcast over the grid; of the last label if none holds."""
    result = np.array(max(len(labels) - 1, 0))
    for index in reversed(range(len(labels))):
        rule = labels[index].rule
        if rule is None:
            assert column is not None  # `tables` sees to a column for every patient
            holding = tenths >= column.cut_offs[labels[index].cut_off]
        else:
            holding = holds(rule, found.truths)
        result = np.where(holding, index, result)
    return result
