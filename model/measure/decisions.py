"""Decision curves: at a given threshold, is it better to act on the probabilities than on everyone or nobody?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.measure.discrimination import Z90
from model.network import Array

Flags = NDArray[np.bool_]
THRESHOLDS = tuple(np.round(np.arange(0.01, 1.0, 0.01), 2).tolist())


@dataclass(frozen=True)
class NetBenefit:
    """True positives less false positives weighted by the odds of the threshold, per patient.

    threshold: the probability from which one would act. model, everyone, nobody: net benefit of acting on
    the probability, on all, on none (always 0). low, high: 90 % interval of `model`, a mean over patients.
    """

    threshold: float
    model: float
    low: float
    high: float
    everyone: float
    nobody: float = 0.0


def decision_curve(
    predicted: Array, happened: Flags, thresholds: Sequence[float] = THRESHOLDS
) -> tuple[NetBenefit, ...]:
    """Net benefit over thresholds (Vickers & Elkin 2006): TP/n - FP/n x threshold / (1 - threshold).

    predicted (patients,): probability of the event; happened (patients,). Thresholds lie inside 0 to 1.
    """
    result = []
    for threshold in thresholds:
        odds = threshold / (1 - threshold)
        each = (predicted >= threshold) * np.where(happened, 1.0, -odds)
        benefit, half = float(each.mean()), Z90 * float(each.std()) / len(each) ** 0.5
        everyone = float(happened.mean() - (~happened).mean() * odds)
        result.append(NetBenefit(threshold, benefit, benefit - half, benefit + half, everyone))
    return tuple(result)
