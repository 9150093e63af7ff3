"""A value with its interval, and the interval of a share."""

from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple


class Estimate(NamedTuple):
    """A value and the ends of its interval; where no level is named, that of 90 %. Unknown ends are NaN.

    Examples
    --------
    >>> Estimate(0.8, 0.7, 0.9).low
    0.7
    """

    value: float
    low: float
    high: float


def wilson(share: float, n: float, level: float = 0.95, variance: float = 0.0) -> Estimate:
    """A share of `n` patients with Wilson's interval; `variance` between studies lowers the effective n.

    Wilson 1927, J Am Stat Assoc 22:209. With between-study variance t the share of a new study varies
    by p(1-p)/n + t, which is the variance of a sample of n / (1 + n t / p(1-p)) patients.

    >>> [round(bound, 3) for bound in wilson(0.5, 100)]
    [0.5, 0.404, 0.596]
    """
    spread = max(share * (1 - share), 0.25 / max(n, 1))
    effective = n / (1 + n * variance / spread)
    z = _deviate(level)
    z2 = z**2 / effective
    middle = (share + z2 / 2) / (1 + z2)
    half = z / (1 + z2) * sqrt(share * (1 - share) / effective + z2 / effective / 4)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


@cache
def _deviate(level: float) -> float:
    """The normal deviate that leaves half of 1 - level beyond it."""
    return NormalDist().inv_cdf((1 + level) / 2)
