"""Priors fitted to a cohort: the posterior mode of every rate, by expectation-maximisation.

Each rate is a Dirichlet whose prior counts are strength x mean, so that the mode under n observed
patients of whom n_s have state s is (strength x mean_s + n_s) / (strength + n). Effects (odds ratios)
stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.calibrate.counts import Counts, expected_counts, information
from model.calibrate.difference import difference
from model.calibrate.maximise import Shares, Values, log_prior, proposed, rate_values, rates_of, with_values
from model.calibrate.owners import rate_owners
from model.cohort.record import Cohort
from model.errors import InputError
from model.net import Net
from model.network import Array

SMALLEST_STEP = 1 / 64


@dataclass(frozen=True)
class Fit:
    """What a cohort made of the priors.

    net: the fitted network. log_posteriors: after each iteration, never falling. converged: the last
    step gained less than the tolerance. patients: how many were used; impossible: places in the cohort
    of those whose findings the network excludes. information: node -> patients' worth of information on
    each of its rates, (rates,); for `diagnosis`, on the shares of each setting.
    """

    net: Net
    log_posteriors: tuple[float, ...]
    converged: bool
    patients: int
    impossible: tuple[int, ...]
    information: Mapping[str, Array]


def fit(
    net: Net,
    cohort: Cohort,
    shares: Shares = "by-setting",
    iterations: int = 50,
    tolerance: float = 1e-4,
    progress: Callable[[int, float], bool] = lambda iteration, log_posterior: True,
) -> Fit:
    """Fit every rate, and the shares of the settings, to a cohort with missing findings and diagnoses.

    `shares`: each setting by itself, all by one factor a diagnosis, or as they are. A step that would lower
    the log posterior is shortened on the scale of log odds until it does not (generalised EM; Dempster,
    Laird & Rubin 1977): where an intercept is solved or the rest is shared out the closed form is only a
    proposal. Stops when a step gains less than `tolerance` per patient, after `iterations`, or when
    `progress`, which hears of each iteration, gives False; the best priors so far are kept.
    Raises InputError for a cohort without a usable patient.
    """
    prior = rate_values(net.priors)
    values: Values = prior
    current = net
    counts = expected_counts(current, cohort)
    if not counts.patients:
        raise InputError("no patient of the cohort can be used: none has findings that the network allows")
    trace = [counts.log_likelihood + log_prior(net.priors, prior, values)]
    converged = False
    for iteration in range(1, iterations + 1):
        target = proposed(net.priors, current, prior, values, counts, shares)
        step = _step(net, cohort, prior, values, target, trace[-1])
        if step is None:
            converged = True
            break
        values, current, counts, reached = step
        gain = reached - trace[-1]
        trace.append(reached)
        if not progress(iteration, reached):
            break
        if gain < tolerance * counts.patients:
            converged = True
            break
    learnt = information(current, cohort, rate_owners(current.priors), values)
    return Fit(current, tuple(trace), converged, counts.patients, counts.impossible, learnt)


def _step(
    net: Net, cohort: Cohort, prior: Values, values: Values, target: Values, before: float
) -> tuple[Values, Net, Counts, float] | None:
    """The longest step towards the target that does not lower the log posterior; None where there is none."""
    length = 1.0
    while length >= SMALLEST_STEP:
        trial = _between(values, target, length)
        try:
            tried = Net(with_values(net.priors, trial))
            counts = expected_counts(tried, cohort)
        except InputError:  # the rest that a whole-disease rate leaves would be negative
            length /= 2
            continue
        reached = counts.log_likelihood + log_prior(net.priors, prior, trial)
        if reached >= before:
            return trial, tried, counts, reached
        length /= 2
    return None


def _between(old: Values, new: Values, length: float) -> Values:
    """Part of the way from old to new on the scale of log odds; an impossible state stays impossible."""
    if length == 1:
        return new
    result: dict[str, Array] = {}
    for name in old:
        mixed = np.where(old[name] > 0, old[name] ** (1 - length) * new[name] ** length, 0)
        result[name] = mixed / mixed.sum(axis=-1, keepdims=True)
    return result


def moved(before: Net, after: Fit, most: int = 25) -> Sequence[tuple[str, float, float]]:
    """The numbers that moved most, (key, percent before, percent after), the farthest first."""
    found = [d for d in difference(before.priors, after.net.priors).numbers if d.before and d.after]
    pairs = [(d.key, d.before.value, d.after.value) for d in found if d.before and d.after]
    return sorted(pairs, key=lambda pair: -abs(pair[2] - pair[1]))[:most]


def strengthened(fitted: Fit, cap: float) -> Mapping[str, Array]:
    """The strength of each rate with the information of the cohort added, at most `cap`, node -> (rates,)."""
    result: dict[str, Array] = {}
    for name, rates in rates_of(fitted.net.priors).items():
        own = np.array([rate.strength for rate in rates])
        added = fitted.information.get(name, np.zeros(len(own)))
        result[name] = np.where(added > 0, np.minimum(np.maximum(cap, own), own + added), own)
    return result
