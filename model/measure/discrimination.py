"""Discrimination: are the true diagnoses ranked first, and each diagnosis told from the rest?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.clusters import Index
from model.network import Array

Flags = NDArray[np.bool_]
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class OneAgainstRest:
    """How well one diagnosis (or family) is told from all others.

    patients: with it. area: under the ROC curve, the chance that a patient with it has the higher
    probability of it; 0.5 is chance, 1 perfect, NaN where nobody or everybody has it. low, high: its 90 %
    interval (DeLong, DeLong & Clarke-Pearson 1988), NaN with fewer than two patients on a side.
    """

    name: str
    patients: int
    area: float
    low: float
    high: float


def areas(posteriors: Array, truth: Index, groups: Mapping[str, Flags]) -> tuple[OneAgainstRest, ...]:
    """Area under the ROC curve of each group of diagnoses against all others.

    posteriors (patients, diagnoses), truth (patients,), groups: name -> flags (diagnoses,).
    """
    from sklearn.metrics import roc_auc_score

    result = []
    for name, members in groups.items():
        positive = members[truth]
        both = positive.any() and not positive.all()
        predicted = posteriors[:, members].sum(axis=1)
        area = float(roc_auc_score(positive, predicted)) if both else float("nan")
        half = Z90 * standard_error(predicted, positive)
        bounds = (max(0.0, area - half), min(1.0, area + half)) if half == half else (float("nan"), float("nan"))
        result.append(OneAgainstRest(name, int(positive.sum()), area, *bounds))
    return tuple(result)


def standard_error(predicted: Array, positive: Flags) -> float:
    """Of the area under the ROC curve, by DeLong's midranks; NaN with fewer than two patients on a side."""
    from scipy.stats import rankdata

    high, low = predicted[positive], predicted[~positive]
    if len(high) < 2 or len(low) < 2:
        return float("nan")
    ranks = rankdata(predicted)
    of_high = (ranks[positive] - rankdata(high)) / len(low)
    of_low = 1 - (ranks[~positive] - rankdata(low)) / len(high)
    return float(np.sqrt(of_high.var(ddof=1) / len(high) + of_low.var(ddof=1) / len(low)))


def confusion(posteriors: Array, truth: Index) -> Index:
    """Patients by true (rows) and leading (columns) diagnosis, (diagnoses, diagnoses)."""
    size = posteriors.shape[1]
    counts = np.zeros((size, size), dtype=np.intp)
    np.add.at(counts, (truth, posteriors.argmax(axis=1)), 1)
    return counts


def top(posteriors: Array, truth: Index, most: Sequence[int] = (1, 2, 3, 5)) -> dict[int, float]:
    """Share of patients whose true diagnosis is among the k most probable; of equals, half are before it."""
    own = posteriors[np.arange(len(truth)), truth][:, None]
    ahead = (posteriors > own).sum(axis=1) + ((posteriors == own).sum(axis=1) - 1) / 2
    return {k: float((ahead < k).mean()) for k in most}
