"""How sure are the measures: the bootstrap over patients, and pairs of predictors on the same patients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.clusters import Index
from model.network import Array

Measure = Callable[[Array, Index], Mapping[str, float]]
RESAMPLES = 500


@dataclass(frozen=True)
class Estimate:
    """A measure and its 90 % interval; NaN bounds where no resample had a value."""

    value: float
    low: float
    high: float


def bootstrap(
    posteriors: Array, truth: Index, measure: Measure, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Each measure with the 5th and 95th percentile over resampled patients (Efron 1979).

    posteriors (patients, diagnoses), truth (patients,).
    """
    point = measure(posteriors, truth)
    drawn = [list(measure(posteriors[rows], truth[rows]).values()) for rows in _resamples(len(truth), seed, resamples)]
    return {name: _estimate(value, [d[i] for d in drawn]) for i, (name, value) in enumerate(point.items())}


def paired_bootstrap(
    first: Array, second: Array, truth: Index, measure: Measure, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Second minus first of each measure, on the same resampled patients for both.

    An interval that leaves out 0 says that the two differ by more than the choice of patients explains.
    """
    one, two = measure(first, truth), measure(second, truth)
    drawn = []
    for rows in _resamples(len(truth), seed, resamples):
        a, b = measure(first[rows], truth[rows]), measure(second[rows], truth[rows])
        drawn.append([b[name] - a[name] for name in one])
    return {name: _estimate(two[name] - one[name], [d[i] for d in drawn]) for i, name in enumerate(one)}


def _resamples(patients: int, seed: int, resamples: int) -> list[Index]:
    generator = np.random.default_rng(seed)
    return [generator.integers(0, patients, patients) for _ in range(resamples)]


def _estimate(value: float, drawn: list[float]) -> Estimate:
    known = [number for number in drawn if number == number]
    if not known:
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.percentile(known, [5, 95]).tolist()
    return Estimate(value, low, high)


def folds(patients: int, count: int, seed: int = 0) -> list[Index]:
    """The patients left out in each fold of a cross-validation: every patient once."""
    return np.array_split(np.random.default_rng(seed).permutation(patients), min(count, patients))
