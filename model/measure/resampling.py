"""How sure the measures are: the bootstrap over patients, and of two predictors on the same patients."""

import warnings
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from model.estimate import Estimate
from model.inference.junction_tree import Index
from model.network.factors import Array

Measure = Callable[[Array], Mapping[str, Array]]
"""A function of counts (samples, patients), how often each patient is in each sample: measure -> values (samples,)."""
RESAMPLES = 500
NUMBERS_AT_ONCE = 4_000_000


def bootstrap(measure: Measure, patients: int, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Estimate]:
    """Each measure with the 5th and 95th percentile over resampled patients (Efron 1979).

    The ends are NaN if no resample has a value.
    """
    point = measure(np.ones((1, patients)))
    blocks = [measure(counts) for counts in _resamples(patients, seed, resamples)]
    drawn = np.stack([np.concatenate([block[name] for block in blocks]) for name in point], axis=1)
    bounds = zip(*(end.tolist() for end in percentiles(drawn)), strict=True)
    return {name: Estimate(float(point[name][0]), *ends) for name, ends in zip(point, bounds, strict=True)}


def paired_bootstrap(
    first: Measure, second: Measure, patients: int, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Second minus first of each measure, on the same resampled patients for both (Efron 1979).

    Parameters
    ----------
    first, second
        The measures of two predictors, as `weighed_metrics` returns them.
    patients
        Number of patients.
    seed
        Seed of the bootstrap.
    resamples
        Number of bootstrap samples.

    Returns
    -------
    dict
        Measure -> Estimate with its 90 % interval. If the interval leaves out 0, the two differ by more than the
        sampling of patients explains.

    Examples
    --------
    >>> shares = np.array([0.0, 1.0, 1.0])
    >>> low = lambda counts: {"mean": counts @ shares / counts.sum(axis=1)}
    >>> paired_bootstrap(low, low, patients=3)["mean"]
    Estimate(value=0.0, low=0.0, high=0.0)
    """

    def difference(counts: Array) -> dict[str, Array]:
        one, two = first(counts), second(counts)
        return {name: two[name] - one[name] for name in one}

    return bootstrap(difference, patients, seed, resamples)


def resampled_counts(counts: Array, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[Array]:
    """Number of patients of each cell in each resample, in blocks (resamples of the block, cells).

    counts (cells,): number of patients of each cell in the sample. Drawing patients with replacement makes the numbers
    of the cells multinomial. A measure that depends on the cells alone can therefore be resampled without drawing
    patients, at a cost that does not depend on their number.
    """
    generator = np.random.default_rng(seed)
    block = max(1, NUMBERS_AT_ONCE // len(counts))
    for start in range(0, resamples, block):
        yield generator.multinomial(int(counts.sum()), counts / counts.sum(), min(block, resamples - start))


def percentiles(drawn: Array) -> tuple[Array, Array]:
    """The 5th and 95th percentile of each measure over the resamples that have it.

    drawn (resamples, measures) -> two arrays (measures,). An end is not finite if no resample has a value, or if too
    many have an infinite one.
    """
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.filterwarnings("ignore", "All-NaN slice")
        low, high = np.nanpercentile(drawn, [5, 95], axis=0)
    return low, high


def _resamples(patients: int, seed: int, resamples: int) -> Iterator[Array]:
    """How often each patient is in each resample, in blocks (resamples of the block, patients)."""
    generator = np.random.default_rng(seed)
    block = max(1, NUMBERS_AT_ONCE // patients)
    for start in range(0, resamples, block):
        drawn = [generator.integers(0, patients, patients) for _ in range(min(block, resamples - start))]
        yield np.stack([np.bincount(rows, minlength=patients) for rows in drawn]).astype(float)


def folds(patients: int, count: int, seed: int = 0) -> list[Index]:
    """Indices of the patients left out in each fold of a cross-validation; every patient is left out once."""
    return np.array_split(np.random.default_rng(seed).permutation(patients), min(count, patients))
