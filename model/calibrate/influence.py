"""Rank all numbers of the priors by what an error of their own size does to the posteriors of a cohort."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.calibrate.numbers import Number, numbers
from model.calibrate.variants import Variant, posteriors, relevant
from model.cases.case import Case
from model.inference.net import Net
from model.network.factors import Array


@dataclass(frozen=True)
class Influence:
    """What an error in one number does.

    shift: mean change of the posterior, 0 to 1, in total variation distance: how much probability moves from some
    diagnoses to others when the number is at the 5th or the 95th percentile of its interval instead of its value. The
    mean is over both ends and over all patients; a patient whose posterior cannot depend on it counts as 0.
    patients: the share of patients in whom the mean of both ends is over LARGE.
    """

    number: Number
    shift: float
    patients: float


LARGE = 0.05
FIRST = 100


def influence(
    net: Net, cases: Sequence[Case], progress: Callable[[int], object] = lambda done: None
) -> tuple[Influence, ...]:
    """Every rate, share and odds ratio that has an interval, the most influential first.

    One number changes at a time, all others keep their values, and the posteriors are exact; this is the one-way
    sensitivity analysis of Coupe & van der Gaag (Ann Math Artif Intell 2002;36:323) averaged over a cohort.

    Parameters
    ----------
    net
        The network.
    cases
        The patients, at least one; simulated ones speak for the model, those of a clinic for that clinic.
    progress
        Called with the number of patients finished.

    Returns
    -------
    tuple of Influence

    Raises
    ------
    InputError
        For a case whose findings are impossible.
    """
    shifts: dict[str, list[float]] = {}
    for done, case in enumerate(cases, 1):
        for key, shift in _shifts(net, case).items():
            shifts.setdefault(key, []).append(shift)
        progress(done)
    ranked = [
        Influence(number, sum(found) / len(cases), sum(shift > LARGE for shift in found) / len(cases))
        for number in numbers(net.priors)
        if _varies(number)
        for found in [shifts.get(number.key, [])]
    ]
    return tuple(sorted(ranked, key=lambda one: -one.shift))


def _varies(number: Number) -> bool:
    return number.kind != "term" and number.low is not None and number.high is not None and number.low < number.high


def _shifts(net: Net, case: Case) -> dict[str, float]:
    """Key of each relevant number -> the distance of the posteriors at its two ends from the posterior, on average."""
    varied = [number for number in relevant(net, case.findings, case.setting) if _varies(number)]
    ends = [Variant(number, end or 0.0) for number in varied for end in (number.low, number.high)]
    if not ends:
        return {}
    posterior = np.array(list(net.posterior(case.findings, case.setting).values()))
    moved = total_variation(posteriors(net, case.findings, case.setting, ends), posterior).reshape(-1, 2)
    return {number.key: float(shift) for number, shift in zip(varied, moved.mean(axis=1), strict=True)}


def total_variation(posteriors: Array, reference: Array) -> Array:
    """Half the sum of absolute differences, (variants,), of posteriors (variants, diagnoses) from one (diagnoses,).

    An impossible patient, whose posterior is NaN, has a distance of 1.

    >>> total_variation(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0.5, 0.5])).tolist()
    [0.0, 0.5]
    """
    distance: Array = np.abs(posteriors - reference).sum(axis=-1) / 2
    return np.nan_to_num(distance, nan=1.0)


def influence_columns(ranked: Sequence[Influence]) -> dict[str, list[object]]:
    """The ranking as columns of words and numbers; shifts in percentage points, patients in percent."""
    return {
        "rank": list(range(1, len(ranked) + 1)),
        "number": [one.number.key for one in ranked],
        "points": [round(100 * one.shift, 3) for one in ranked],
        "patients": [round(100 * one.patients, 1) for one in ranked],
        "value": [float(f"{one.number.value:.4g}") for one in ranked],
        "low": [float(f"{one.number.low:.4g}") for one in ranked],
        "high": [float(f"{one.number.high:.4g}") for one in ranked],
        "strength": [one.number.strength for one in ranked],
        "grade": [one.number.grade for one in ranked],
        "source": [one.number.row.cells.get("source", "") for one in ranked],
    }


def grades_of_first(ranked: Sequence[Influence], first: int = FIRST) -> dict[str, int]:
    """How many of the first numbers have each grade, the most frequent grade first."""
    return dict(Counter(one.number.grade for one in ranked[:first]).most_common())
