"""Rank the numbers by how much more certain the answers for a cohort would be if they were known exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.calibrate.numbers import Number, numbers
from model.cases.case import Case
from model.inference.net import Net
from model.network.factors import Array

NEAR_CERTAIN = 1e-9


@dataclass(frozen=True)
class Research:
    """The value of knowing one number exactly.

    share: the part of the variance of the cohort's log odds that the number causes by itself, 0 to 1. If the number
    were known exactly, the variance would be smaller by this part on average.
    """

    number: Number
    share: float


def value_of_research(
    net: Net, cases: Sequence[Case], most: int = 20, progress: Callable[[int], object] = lambda done: None
) -> tuple[Research, ...]:
    """The `most` numbers whose uncertainty causes most of the variance in a cohort, largest share first.

    Over the draws of the priors, the log odds of each patient's leading diagnosis are regressed on the log odds of one
    number (for an odds ratio: its logarithm). The squared correlation, minus its expectation by chance, is the
    number's first-order share of the variance (the linear part of Sobol's index; Saltelli et al 2008, Global
    Sensitivity Analysis, ch. 1). Numbers with correlated draws (states of one rate, odds ratios with a common
    reference) are each credited with part of what the others cause. Patients are weighted by the variance of their log
    odds. progress: called with the number of patients finished. Raises InputError for a case with impossible findings.
    """
    draws = net.drawn.sampling.draws
    spread = np.empty((len(cases), draws))
    for index, case in enumerate(cases):
        posterior = net.drawn.posterior(net.evidence(case.findings, case.setting))[:draws]
        spread[index] = _log_odds(posterior[:, np.nanmean(posterior, axis=0).argmax()])
        progress(index + 1)
    candidates, varied = _draws_of_numbers(net)
    patients = _centred(np.nan_to_num(spread, nan=0.0))
    variance = (patients**2).mean(axis=1)
    scale = np.sqrt(np.outer((varied**2).mean(axis=1), variance))
    correlation = varied @ patients.T / draws / np.where(scale > 0, scale, 1)
    by_chance = 1 / (draws - 1)
    shares = np.maximum(0, (correlation**2 - by_chance) @ variance / max(variance.sum(), 1e-300))
    order = np.argsort(-shares)[:most]
    return tuple(Research(candidates[i], float(shares[i])) for i in order if shares[i] > 0)


def _draws_of_numbers(net: Net) -> tuple[list[Number], Array]:
    """The numbers that vary, and the log odds of each in every draw minus their mean, (numbers, draws)."""
    sampling, draws = net.drawn.sampling, net.drawn.sampling.draws
    drawn: dict[tuple[str, int], Array] = {}
    for rates in net.priors.rates.values():
        for rate in rates:
            states = net.vocabulary.variables[rate.node].states
            values = sampling.values(rate)[:, :draws]
            for row in rate.rows:
                drawn[row.file, row.line] = _log_odds(values[states.index(row["state"])])
    for effects in net.priors.effects.values():
        drawn.update({(e.row.file, e.row.line): np.log(sampling.ratio(e)[:draws]) for e in effects})
    candidates = [n for n in numbers(net.priors) if (n.row.file, n.row.line) in drawn and (n.low or 0) < (n.high or 0)]
    return candidates, _centred(np.stack([drawn[n.row.file, n.row.line] for n in candidates]))


def _log_odds(shares: Array) -> Array:
    inside = np.clip(shares, NEAR_CERTAIN, 1 - NEAR_CERTAIN)
    return np.log(inside / (1 - inside))


def _centred(values: Array) -> Array:
    result: Array = values - values.mean(axis=1, keepdims=True)
    return result
