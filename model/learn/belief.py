"""A student's belief: percentages for a shortlist of diagnoses, and the rest for "something else"."""

import math
from collections.abc import Mapping

from model.errors import InputError, nearest
from model.learn.frequencies import whole_people

SHORTLIST = 6
LEAST_REST = 1
"""Least percent for something else: a diagnosis of probability 0 stays excluded whatever is found (Lindley 1985)."""
ROUNDING = 1e-6


def belief_of(percentages: Mapping[str, float], prior: Mapping[str, float]) -> dict[str, float]:
    """Probability of every diagnosis; adds up to 1.

    `percentages`: of the shortlist; 0 counts as not named. The rest to 100 is divided among all other diagnoses in
    proportion to `prior`. Raises InputError for an unknown diagnosis, a number that is not between 0 and 100, a sum
    above 100, less than LEAST_REST left for the others, or, if there are no others, a sum below 100.
    """
    named = {diagnosis: _checked(diagnosis, value, prior) for diagnosis, value in percentages.items() if value != 0}
    others = {diagnosis: p for diagnosis, p in prior.items() if diagnosis not in named}
    rest = 100 - math.fsum(named.values())
    fault = fault_of_rest(rest, bool(others))
    if fault:
        raise InputError(fault)
    if not math.fsum(others.values()) > 0:
        others = dict.fromkeys(others, 1.0)
    whole = math.fsum(others.values())
    total = math.fsum(named.values()) + (rest if others else 0)
    return {d: (named[d] if d in named else rest * others[d] / whole) / total for d in prior}


def fault_of_rest(rest: float, others: bool = True) -> str:
    """What is wrong with leaving `rest` percent for the diagnoses that are not named; empty if nothing is."""
    if rest < -ROUNDING:
        return f"The percentages add up to {100 - rest:g}; they must add up to 100: take away {-rest:g}."
    if others and rest < LEAST_REST - ROUNDING:
        return f"Leave at least {LEAST_REST} % for something else: no diagnosis is certain."
    if not others and rest > ROUNDING:
        return f"The percentages add up to {100 - rest:g}; they must add up to 100: {rest:g} to go."
    return ""


def scaled(percentages: Mapping[str, float], room: int = 100 - LEAST_REST) -> dict[str, float]:
    """The same proportions in whole percents that add up to `room`; equal parts if all are 0.

    >>> scaled({"a": 10, "b": 20})
    {'a': 33.0, 'b': 66.0}
    """
    if not percentages:
        return {}
    weights = list(percentages.values())
    shares = whole_people(weights if any(weights) else [1.0] * len(weights), room)
    return dict(zip(percentages, map(float, shares), strict=True))


def _checked(diagnosis: str, value: float, prior: Mapping[str, float]) -> float:
    if diagnosis not in prior:
        raise InputError(f"{diagnosis!r} is not a diagnosis{nearest(diagnosis, prior)}")
    if not 0 <= value <= 100:
        raise InputError(f"{diagnosis}: {value:g} is not between 0 and 100")
    return value
