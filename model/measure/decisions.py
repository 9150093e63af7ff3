"""Decision curves: at a given threshold, is it better to act on the probabilities than on everyone or nobody?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.measure.resampling import RESAMPLES, percentiles, resampled_counts
from model.network.factors import Array

Flags = NDArray[np.bool_]
THRESHOLDS = tuple(np.round(np.arange(0.01, 1.0, 0.01), 2).tolist())
# PyPI dcurves 1.1.7 agrees, but has no intervals, fails without events, needs lifelines and Python < 3.14: not used.


@dataclass(frozen=True)
class NetBenefit:
    """True positives less false positives weighted by the odds of the threshold, per patient.

    threshold: the probability from which one would act. model, everyone, nobody: net benefit of acting on
    the probability, on all, on none (always 0). low, high: 90 % bootstrap interval of `model`. gain: `model` less
    the better of `everyone` and `nobody`, with gain_low and gain_high: above 0 the probabilities are of use.
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

    predicted (patients,): probability of the event; happened (patients,). Thresholds lie inside 0 to 1 and ascend.
    The interval at each threshold is the 5th to 95th percentile over resampled patients.
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
    """Net benefit at each threshold in samples in which each patient occurs so and so often.

    Arguments as in `decision_curve`; the result takes counts (samples, patients) and gives (samples, thresholds).
    """
    reached = np.searchsorted(thresholds, predicted, side="right")[:, None] == np.arange(len(thresholds) + 1)
    sides = [side[:, None] & reached for side in (~happened, happened)]
    return lambda counts: _net_benefits(np.stack([counts @ side for side in sides], axis=1), thresholds)[0]


def _cells(predicted: Array, happened: Flags, thresholds: Sequence[float]) -> Array:
    """Patients (without, with the event) by how many thresholds they reach, (2, thresholds + 1)."""
    reached = np.searchsorted(thresholds, predicted, side="right")
    return np.stack([np.bincount(reached[happened == with_it], minlength=len(thresholds) + 1)
                     for with_it in (False, True)])  # fmt: skip


def _net_benefits(cells: Array, thresholds: Sequence[float]) -> tuple[Array, Array]:
    """Of the model and of acting on everyone, each (samples, thresholds), for `cells` (samples, 2, thresholds + 1)."""
    odds = np.array(thresholds) / (1 - np.array(thresholds))
    patients = cells.sum(axis=(1, 2))[:, None]
    acted = cells[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    all_of_them = cells.sum(axis=2)[:, :, None]
    model, everyone = ((of[:, 1] - odds * of[:, 0]) / patients for of in (acted[:, :, 1:], all_of_them))
    return model, everyone
