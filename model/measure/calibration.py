"""Calibration: of the patients given 70 %, do seven in ten have it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.network import Array
from model.published import wilson

Flags = NDArray[np.bool_]
NEAR_CERTAIN = 1e-6


@dataclass(frozen=True)
class Bin:
    """Patients with like probabilities: their mean probability, how many have it, and its 95 % interval (Wilson)."""

    patients: int
    predicted: float
    observed: float
    low: float
    high: float


def reliability(predicted: Array, happened: Flags, bins: int = 10) -> tuple[Bin, ...]:
    """The reliability curve, in bins of equal numbers of patients; ties stay together.

    predicted (patients,): probability of the event; happened (patients,).
    """
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)))
    place = np.clip(np.searchsorted(edges, predicted, side="right") - 1, 0, max(len(edges) - 2, 0))
    result = []
    for number in np.unique(place):
        inside = place == number
        share = float(happened[inside].mean())
        low, high = wilson(share, int(inside.sum()))
        result.append(Bin(int(inside.sum()), float(predicted[inside].mean()), share, low / 100, high / 100))
    return tuple(result)


@dataclass(frozen=True)
class Recalibration:
    """Cox's regression of the event on the log odds given (Cox 1958).

    slope: 1 is perfect, below 1 the probabilities are too extreme, above 1 too timid. intercept: 0 is
    perfect, above 0 they are too low on the whole (fitted with the slope held at 1). NaN where the event
    always or never happened.
    """

    slope: float
    intercept: float


def recalibration(predicted: Array, happened: Flags) -> Recalibration:
    """Calibration slope and intercept of probabilities (patients,) of an event (patients,)."""
    from scipy.optimize import brentq
    from scipy.special import expit
    from sklearn.linear_model import LogisticRegression

    if happened.all() or not happened.any():
        return Recalibration(float("nan"), float("nan"))
    inside = np.clip(predicted, NEAR_CERTAIN, 1 - NEAR_CERTAIN)
    log_odds = np.log(inside / (1 - inside))
    slope = float("nan")
    if np.ptp(log_odds) > 0:
        slope = float(LogisticRegression(C=np.inf, tol=1e-8).fit(log_odds[:, None], happened).coef_[0, 0])
    excess = happened.sum()
    return Recalibration(slope, float(brentq(lambda a: expit(a + log_odds).sum() - excess, -50, 50)))


@dataclass(frozen=True)
class BrierParts:
    """Murphy's parts of the Brier score of one event: score = reliability - resolution + uncertainty + within.

    reliability: squared gap between probability and frequency in the bins, 0 is perfect. resolution: how far
    the bins' frequencies lie from the overall one, more is better. uncertainty: of the event itself.
    within: what is left because probabilities differ inside a bin (Stephenson, Coelho & Jolliffe 2008).
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


def brier_parts(predicted: Array, happened: Flags, bins: int = 10) -> BrierParts:
    """The Brier score of an event and its parts (Murphy 1973), over the bins of `reliability`."""
    curve = reliability(predicted, happened, bins)
    weights = np.array([b.patients for b in curve]) / len(predicted)
    given, seen = np.array([b.predicted for b in curve]), np.array([b.observed for b in curve])
    base = float(happened.mean())
    parts = (
        float((weights * (given - seen) ** 2).sum()),
        float((weights * (seen - base) ** 2).sum()),
        base * (1 - base),
    )
    score = float(((predicted - happened) ** 2).mean())
    return BrierParts(score, *parts, score - parts[0] + parts[1] - parts[2])
