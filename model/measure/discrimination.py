"""Discrimination: are the true diagnoses ranked first, and is each diagnosis separated from the others?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.estimate import Estimate
from model.inference.junction_tree import Index
from model.measure.resampling import RESAMPLES, percentiles, resampled_counts
from model.network.factors import Array

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class OneAgainstRest:
    """How well one diagnosis (or family) is separated from all others.

    patients: how many have it. area: under the ROC curve, the probability that a patient with it has a higher
    probability of it than a patient without; 0.5 is chance, 1 perfect, NaN if nobody or everybody has it. low, high:
    its 90 % bootstrap interval, NaN with fewer than two patients on a side.
    """

    name: str
    patients: int
    area: float
    low: float
    high: float


def areas(
    posteriors: Array, truth: Index, groups: Mapping[str, Flags], seed: int = 0, resamples: int = RESAMPLES
) -> tuple[OneAgainstRest, ...]:
    """Area under the ROC curve of each group of diagnoses against all others.

    posteriors (patients, diagnoses), truth (patients,), groups: name -> flags (diagnoses,).
    """
    from sklearn.metrics import roc_auc_score

    nan = float("nan")
    result = []
    for name, members in groups.items():
        positive = members[truth]
        smaller = min(int(positive.sum()), int((~positive).sum()))
        predicted = posteriors[:, members].sum(axis=1)
        area = float(roc_auc_score(positive, predicted)) if smaller else nan
        bounds = _interval(predicted, positive, seed, resamples) if smaller > 1 else (nan, nan)
        result.append(OneAgainstRest(name, int(positive.sum()), area, *bounds))
    return tuple(result)


def _interval(predicted: Array, positive: Flags, seed: int, resamples: int) -> tuple[float, float]:
    """5th and 95th percentile of the area over resampled patients."""
    cells = _cells(predicted, positive)
    drawn = [_areas(counts.reshape(-1, *cells.shape)) for counts in resampled_counts(cells.ravel(), seed, resamples)]
    low, high = percentiles(np.concatenate(drawn)[:, None])
    return float(low[0]), float(high[0])


def _cells(predicted: Array, positive: Flags) -> Array:
    """Numbers of patients (negative, positive) in ascending cells of the probability, (2, cells).

    Neighbouring probabilities share a cell if all their patients are negative, or all positive: their order does not
    affect the area.
    """
    values, cell = np.unique(predicted, return_inverse=True)
    counts = np.stack([np.bincount(cell[positive == side], minlength=len(values)) for side in (False, True)])
    return np.add.reduceat(counts, _starts(counts > 0), axis=1)


def _starts(present: Flags) -> Index:
    """The first cell of each group of neighbouring cells that hold one class only; present (classes, cells)."""
    alike = ~(present[:, 1:] | present[:, :-1]).all(axis=0)
    return np.flatnonzero(np.r_[True, ~alike])


def _areas(cells: Array) -> Array:
    """Area under the ROC curve of each sample, (samples,), as a Mann-Whitney statistic in which ties count half.

    cells (samples, 2, cells): as `_cells`, for each sample. NaN if a side is empty.
    """
    negative, positive = cells[:, 0], cells[:, 1]
    below = negative.cumsum(axis=1) - 0.5 * negative
    pairs = negative.sum(axis=1) * positive.sum(axis=1)
    wins: Array = (positive * below).sum(axis=1)
    return np.where(pairs > 0, wins / np.maximum(pairs, 1), np.nan)


def areas_under_curve(values: Array, positive: Flags) -> Callable[[Array], Array]:
    """A function from bootstrap samples to the area under the ROC curve.

    values, positive (patients,). The function takes counts (samples, patients), how often each patient is in each
    sample, and returns (samples,); NaN if a sample has only one class.
    """
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf))
    classes = np.stack([~positive, positive])[:, order]
    starts = starts[_starts(np.logical_or.reduceat(classes, starts, axis=1))]

    def areas(counts: Array) -> Array:
        return _areas(np.add.reduceat(counts[:, None, order] * classes, starts, axis=2))

    return areas


def confusion(posteriors: Array, truth: Index) -> Index:
    """Patients by true (rows) and leading (columns) diagnosis, (diagnoses, diagnoses)."""
    size = posteriors.shape[1]
    counts = np.zeros((size, size), dtype=np.intp)
    np.add.at(counts, (truth, posteriors.argmax(axis=1)), 1)
    return counts


def top(
    posteriors: Array,
    truth: Index,
    most: Sequence[int] = (1, 2, 3, 5),
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[int, Estimate]:
    """k -> share of patients whose true diagnosis is among the k most probable, with its 90 % bootstrap interval.

    posteriors (patients, diagnoses), truth (patients,); `most`: the k, ascending. Of the other diagnoses that are as
    probable as the true one, half count as more probable.
    """
    own = posteriors[np.arange(len(truth)), truth][:, None]
    ahead = (posteriors > own).sum(axis=1) + ((posteriors == own).sum(axis=1) - 1) / 2
    cells = np.bincount(np.searchsorted(most, ahead, side="right"), minlength=len(most) + 1)
    drawn = np.concatenate([*resampled_counts(cells, seed, resamples)])
    point, resampled = (counts.cumsum(axis=-1)[..., :-1] / len(truth) for counts in (cells, drawn))
    columns = (point.tolist(), *(end.tolist() for end in percentiles(resampled)))
    return {k: Estimate(*row) for k, row in zip(most, zip(*columns, strict=True), strict=True)}
