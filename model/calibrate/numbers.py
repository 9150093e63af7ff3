"""All numbers of the priors as one list: value, strength, interval and row."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import exp
from statistics import NormalDist

import numpy as np

from model.network.sampling import ONCE, log_spread, rare_spread
from model.priors.folder import Priors
from model.priors.numbers import Rate
from model.priors.tables import Row

ODDS_RATIO = "odds ratio"
KINDS = ("rate", "share", ODDS_RATIO, "term")
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True)
class Number:
    """One number of the priors.

    key: what it describes, independent of its row in a file. kind: one of KINDS. value: a percentage, or an odds
    ratio. strength: how many patients it is worth, for an odds ratio in each of the two groups compared; None for a
    term. low, high: its 90 % interval, in the unit of `value`; None if it has none. siblings: keys of the numbers that
    add up to 100 with it. row: where it is written.
    """

    key: str
    kind: str
    node: str
    state: str
    given: str
    value: float
    strength: float | None
    low: float | None
    high: float | None
    siblings: tuple[str, ...]
    row: Row

    @property
    def grade(self) -> str:
        return self.row.cells.get("grade", "")

    def odds(self, value: float) -> float:
        """A value of this number as odds; an odds ratio is returned unchanged."""
        return value if self.kind == ODDS_RATIO else value / (100 - value)

    def moved(self, log_factor: float) -> float:
        """The value whose odds are exp(log_factor) times those of this number's value."""
        odds = self.odds(self.value) * exp(log_factor)
        return odds if self.kind == ODDS_RATIO else 100 * odds / (1 + odds)


def numbers(priors: Priors) -> tuple[Number, ...]:
    """All numbers of a folder: rates, shares, odds ratios, and the terms of the verbal scale.

    Parameters
    ----------
    priors
        Of the network: `net.priors`.

    Returns
    -------
    tuple of Number

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> {number.kind for number in numbers(net.priors)} == {"rate", "share", "odds ratio", "term"}
    True
    """
    return (*_rates(priors), *_odds_ratios(priors), *_terms(priors))


def by_key(priors: Priors) -> dict[str, Number]:
    """The numbers by key, such as "P(heliotrope_rash=present | dermatomyositis)".

    Parameters
    ----------
    priors
        Of the network: `net.priors`.

    Returns
    -------
    dict
        Key -> Number.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> by_key(net.priors)["P(heliotrope_rash=present | dermatomyositis)"].value > 30
    True
    """
    return {number.key: number for number in numbers(priors)}


@cache
def rate_interval(percent: float, strength: float) -> tuple[float, float]:
    """The 90 % interval of a percentage.

    The marginal of a Dirichlet of mean m and concentration s is Beta(s m, s (1 - m)). Where s m or s (1 - m) is below
    one patient, the rarer side is log-normal, as `model.network.sampling` draws it.

    Parameters
    ----------
    percent
        The mean, 0 to 100.
    strength
        How many patients the percentage is worth.

    Returns
    -------
    tuple of float
        The two ends in percent.

    Examples
    --------
    >>> [round(bound, 1) for bound in rate_interval(50, 4)]
    [13.5, 86.5]
    >>> [round(bound, 2) for bound in rate_interval(1, 8)]
    [0.04, 3.65]
    """
    from scipy.special import betaincinv

    mean = percent / 100
    if mean <= 0 or mean >= 1:
        return percent, percent
    rare = min(mean, 1 - mean)
    if strength * rare < ONCE:
        spread = float(rare_spread(np.array(strength * rare)))
        odds = [rare / (1 - rare) * exp(spread * NormalDist().inv_cdf(p) - spread**2 / 2) for p in INTERVAL]
        low, high = (100 * ratio / (1 + ratio) for ratio in odds)
        return (low, high) if mean <= 0.5 else (100 - high, 100 - low)
    low, high = (100 * float(betaincinv(strength * mean, strength * (1 - mean), p)) for p in INTERVAL)
    return low, high


def odds_ratio_interval(ratio: float, strength: float) -> tuple[float, float]:
    """The 90 % interval of an odds ratio, log-normal as in `model.network.sampling`.

    >>> [round(bound, 1) for bound in odds_ratio_interval(10, 8)]
    [1.9, 51.8]
    """
    factor = exp(NormalDist().inv_cdf(INTERVAL[1]) * log_spread(strength))
    return ratio / factor, ratio * factor


def _rates(priors: Priors) -> Iterator[Number]:
    """The numbers of all rates; those of the node `diagnosis` are shares."""
    for node, rates in priors.rates.items():
        kind, states = "share" if node == "diagnosis" else "rate", priors.vocabulary.variables[node].states
        for rate in rates:
            yield from _of_rate(kind, rate, states)


def _of_rate(kind: str, rate: Rate, states: tuple[str, ...]) -> Iterator[Number]:
    node = rate.node
    given = ", ".join(filter(None, [rate.diagnosis, *(f"{p}={s}" for p, s in sorted(rate.given.items()))]))
    keys = {row["state"]: f"P({node}={row['state']} | {given})" for row in rate.rows}
    for row in rate.rows:
        percent = rate.percents[states.index(row["state"])]
        low, high = rate_interval(percent, rate.strength)
        siblings = tuple(key for state, key in keys.items() if state != row["state"])
        yield Number(keys[row["state"]], kind, node, row["state"], given, percent, rate.strength, low, high,
                     siblings, row)  # fmt: skip


def _odds_ratios(priors: Priors) -> Iterator[Number]:
    for node, effects in priors.effects.items():
        for effect in effects:
            given = f"{effect.parent}={effect.parent_state}"
            key = f"OR({node}={effect.state} | {given})"
            low, high = odds_ratio_interval(effect.odds_ratio, effect.strength)
            yield Number(key, ODDS_RATIO, node, effect.state, given, effect.odds_ratio, effect.strength, low, high, (),
                         effect.row)  # fmt: skip


def _terms(priors: Priors) -> Iterator[Number]:
    columns = ["term", "percent", "low", "high", "source"]
    for row in priors.tables["verbal_scale"]:
        cells = {column: row.cells.get(column, "") for column in columns}
        low, high = (float(cells[name]) if cells[name] else None for name in ("low", "high"))
        percent = row.number("percent", 0, 100)
        yield Number(f"term({row['term']})", "term", "", row["term"], "", percent, None, low, high, (), row)
