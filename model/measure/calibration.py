"""Calibration: of the patients given 70 %, do seven in ten have it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.estimate import wilson
from model.inference.junction_tree import Index
from model.network.factors import Array

Flags = NDArray[np.bool_]
NEAR_CERTAIN = 1e-6
LEVEL = 0.9


@dataclass(frozen=True)
class Bin:
    """Patients with similar probabilities.

    predicted: their mean probability. observed: the share of them with the event; low, high: its 90 % Wilson interval,
    because a bootstrap interval has no width if nobody or everybody in the bin has the event.
    """

    patients: int
    predicted: float
    observed: float
    low: float
    high: float


def reliability(predicted: Array, happened: Flags, bins: int = 10) -> tuple[Bin, ...]:
    """The reliability curve, in bins of equal numbers of patients; equal probabilities are in the same bin.

    predicted (patients,): probability of the event; happened (patients,).
    """
    members = bin_of(predicted, quantiles(predicted, bins))
    result = []
    for index in np.unique(members):
        inside = members == index
        patients, with_it = int(inside.sum()), int(happened[inside].sum())
        given = float(predicted[inside].mean())
        result.append(Bin(patients, given, *wilson(with_it / patients, patients, LEVEL)))
    return tuple(result)


def quantiles(predicted: Array, bins: int) -> Array:
    """The edges of bins of equal numbers of patients, ascending; fewer bins if many probabilities are equal."""
    edges: Array = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)))
    return edges


def bin_of(predicted: Array, edges: Array) -> Index:
    """Index of the bin of each probability, for ascending edges; the last bin includes its upper edge."""
    index: Index = np.clip(np.searchsorted(edges, predicted, side="right") - 1, 0, max(len(edges) - 2, 0))
    return index


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
    """Calibration slope and intercept of the probabilities of an event (Cox 1958).

    Parameters
    ----------
    predicted
        Probability of the event, (patients,).
    happened
        Whether it happened, (patients,).

    Returns
    -------
    Recalibration
        slope: below 1 the probabilities are too extreme. intercept: above 0 they are too low on the whole.

    Examples
    --------
    >>> fair = recalibration(np.array([0.5, 0.5]), np.array([True, False]))
    >>> abs(fair.intercept) < 1e-9
    True
    """
    from scipy.optimize import brentq
    from scipy.special import expit
    from sklearn.linear_model import LogisticRegression

    if happened.all() or not happened.any():
        return Recalibration(float("nan"), float("nan"))
    given = log_odds(predicted)
    slope = float("nan")
    if np.ptp(given) > 0:
        slope = float(LogisticRegression(C=np.inf, tol=1e-8).fit(given[:, None], happened).coef_[0, 0])
    excess = happened.sum()
    return Recalibration(slope, float(brentq(lambda a: expit(a + given).sum() - excess, -50, 50)))


def log_odds(predicted: Array) -> Array:
    """Log odds of probabilities of any shape; 0 and 1 are first moved inwards by NEAR_CERTAIN."""
    inside = np.clip(predicted, NEAR_CERTAIN, 1 - NEAR_CERTAIN)
    result: Array = np.log(inside / (1 - inside))
    return result
