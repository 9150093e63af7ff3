"""How sure are the measures: the bootstrap over patients, and pairs of predictors on the same patients."""

import warnings
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from model.estimate import Estimate
from model.inference.junction_tree import Index
from model.network.factors import Array

Measure = Callable[[Array], Mapping[str, Array]]
"""How often each patient occurs in each sample, (samples, patients) -> the values of each measure, (samples,)."""
RESAMPLES = 500
NUMBERS_AT_ONCE = 4_000_000


def bootstrap(measure: Measure, patients: int, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Estimate]:
    """Each measure with the 5th and 95th percentile over resampled patients (Efron 1979).

    The ends are NaN where no resample has a value.
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
        As `weighed_metrics` makes them.
    patients
        How many there are.
    seed
        Of the random draws.
    resamples
        How many samples are drawn.

    Returns
    -------
    dict
        Measure -> Estimate, with 90 % interval. One that leaves out 0 says that the two differ by more than the choice
        of patients explains.

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
    """How many patients each cell holds in each resample, block by block, (resamples of the block, cells).

    counts (cells,): how many patients of the sample each cell holds. Patients drawn with replacement fall into
    the cells as a multinomial does, so that a measure which knows the patients by their cells alone has its
    bootstrap without a draw of patients, however many they are.
    """
    generator = np.random.default_rng(seed)
    block = max(1, NUMBERS_AT_ONCE // len(counts))
    for start in range(0, resamples, block):
        yield generator.multinomial(int(counts.sum()), counts / counts.sum(), min(block, resamples - start))


def percentiles(drawn: Array) -> tuple[Array, Array]:
    """The 5th and 95th percentile of each measure over the resamples that have it.

    drawn (resamples, measures) -> two arrays (measures,); not finite where no resample has a value, or too many
    have an infinite one.
    """
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.filterwarnings("ignore", "All-NaN slice")
        low, high = np.nanpercentile(drawn, [5, 95], axis=0)
    return low, high


def _resamples(patients: int, seed: int, resamples: int) -> Iterator[Array]:
    """How often each patient is drawn, block by block, (resamples of the block, patients)."""
    generator = np.random.default_rng(seed)
    block = max(1, NUMBERS_AT_ONCE // patients)
    for start in range(0, resamples, block):
        drawn = [generator.integers(0, patients, patients) for _ in range(min(block, resamples - start))]
        yield np.stack([np.bincount(rows, minlength=patients) for rows in drawn]).astype(float)


def folds(patients: int, count: int, seed: int = 0) -> list[Index]:
    """The patients left out in each fold of a cross-validation: every patient once."""
    return np.array_split(np.random.default_rng(seed).permutation(patients), min(count, patients))
