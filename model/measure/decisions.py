"""Decision curves: at a given threshold, is acting on the probabilities better than acting in everyone or nobody?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.measure.resampling import RESAMPLES, percentiles, resampled_counts
from model.network.factors import Array

Flags = NDArray[np.bool_]
THRESHOLDS = tuple(np.round(np.arange(0.01, 1.0, 0.01), 2).tolist())
# The package dcurves 1.1.7 agrees, but has no intervals, fails without events, and needs lifelines and Python < 3.14.


@dataclass(frozen=True)
class NetBenefit:
    """True positives minus false positives weighted by the odds of the threshold, per patient.

    threshold: the probability from which on one would act. model, everyone, nobody: net benefit of acting on the
    probabilities, in everyone, in nobody (always 0). low, high: 90 % bootstrap interval of `model`. gain: `model` minus
    the better of `everyone` and `nobody`, with its interval gain_low, gain_high; above 0 the probabilities are useful.
    """

    threshold: float
    model: float
    low: float
    high: float
    everyone: float
    gain: float
    gain_low: float
    gain_high: float
    nobody: float = 0.0


def decision_curve(
    predicted: Array,
    happened: Flags,
    thresholds: Sequence[float] = THRESHOLDS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[NetBenefit, ...]:
    """Net benefit over thresholds (Vickers & Elkin 2006): TP/n - FP/n x threshold / (1 - threshold).

    predicted (patients,): probability of the event; happened (patients,). Thresholds ascend, all between 0 and 1. The
    interval at each threshold is the 5th to 95th percentile over resampled patients.
    """
    cells = _cells(predicted, happened, thresholds)
    model, everyone = _net_benefits(cells[None], thresholds)
    drawn = [
        _net_benefits(counts.reshape(-1, *cells.shape), thresholds)
        for counts in resampled_counts(cells.ravel(), seed, resamples)
    ]
    models, everyones = (np.concatenate(part) for part in zip(*drawn, strict=True))
    columns = (
        model[0], *percentiles(models), everyone[0],
        (model - np.maximum(everyone, 0))[0], *percentiles(models - np.maximum(everyones, 0)),
    )  # fmt: skip
    return tuple(map(NetBenefit, thresholds, *(column.tolist() for column in columns)))


def net_benefits(predicted: Array, happened: Flags, thresholds: Sequence[float]) -> Callable[[Array], Array]:
    """A function from bootstrap samples to the net benefit at each threshold.

    Arguments as in `decision_curve`. The function takes counts (samples, patients), how often each patient is in each
    sample, and returns (samples, thresholds).
    """
    reached = np.searchsorted(thresholds, predicted, side="right")[:, None] == np.arange(len(thresholds) + 1)
    sides = [side[:, None] & reached for side in (~happened, happened)]
    return lambda counts: _net_benefits(np.stack([counts @ side for side in sides], axis=1), thresholds)[0]


def _cells(predicted: Array, happened: Flags, thresholds: Sequence[float]) -> Array:
    """Numbers of patients (without, with the event) by how many thresholds they reach, (2, thresholds + 1)."""
    reached = np.searchsorted(thresholds, predicted, side="right")
    return np.stack([np.bincount(reached[happened == with_it], minlength=len(thresholds) + 1)
                     for with_it in (False, True)])  # fmt: skip


def _net_benefits(cells: Array, thresholds: Sequence[float]) -> tuple[Array, Array]:
    """Net benefit of the model and of acting in everyone, each (samples, thresholds).

    cells (samples, 2, thresholds + 1): as `_cells`, for each sample.
    """
    odds = np.array(thresholds) / (1 - np.array(thresholds))
    patients = cells.sum(axis=(1, 2))[:, None]
    acted = cells[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    all_of_them = cells.sum(axis=2)[:, :, None]
    model, everyone = ((of[:, 1] - odds * of[:, 0]) / patients for of in (acted[:, :, 1:], all_of_them))
    return model, everyone
