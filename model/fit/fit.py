"""Fit the priors to a cohort: the posterior mode of every rate, by expectation-maximisation.

Each rate is a Dirichlet whose prior counts are strength x mean. After n observed patients of whom n_s have state s,
its mode is (strength x mean_s + n_s) / (strength + n). Effects (odds ratios) are not fitted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from model.calibrate.rates import Values, applied_values, with_applied
from model.cases.cohort import Cohort
from model.errors import InputError
from model.fit.coordinates import Coordinates, coordinates
from model.fit.counts import Counts, expected_counts
from model.fit.information import information
from model.fit.maximise import Shares, count_gains, prior_gains, proposed
from model.fit.missing_information import missing_information
from model.inference.net import Net
from model.network.build import Array

SMALLEST_STEP = 1 / 16
ROUNDING = 1e-7
LOSS_FOR_OTHERS = 0.5


class Patients(Protocol):
    """The patients of a fit: a cohort in memory, or a file that is read again in each iteration."""

    def expected(self, net: Net) -> Counts:
        """The expected counts under `net`, as `model.fit.counts.expected_counts`."""

    def missing(self, net: Net, at: Coordinates) -> Array:
        """The missing information, as `model.fit.missing_information.missing_information`."""


@dataclass(frozen=True)
class InMemory:
    """A cohort in memory."""

    cohort: Cohort

    def expected(self, net: Net) -> Counts:
        """The expected counts under `net`."""
        return expected_counts(net, self.cohort)

    def missing(self, net: Net, at: Coordinates) -> Array:
        """The missing information of the cohort."""
        return missing_information(net, self.cohort, at)


@dataclass(frozen=True)
class Fit:
    """The result of a fit.

    net: the fitted network. log_posteriors: before the first and after each iteration, up to a constant; it never
    falls. converged: whether the fit stopped because the last step gained too little. patients: how many were used.
    impossible: the rows of the cohort whose findings are impossible in the network. information: node -> the
    information of the cohort on each rate, in patients, (rates,); for `diagnosis`, on the shares of each setting. It
    is empty if the fit was not asked to `weigh`.
    """

    net: Net
    log_posteriors: tuple[float, ...]
    converged: bool
    patients: int
    impossible: tuple[int, ...]
    information: Mapping[str, Array]


@dataclass(frozen=True)
class FitState:
    """The state of a fit after a step: its network, and the log posteriors so far (`Fit.log_posteriors`)."""

    net: Net
    log_posteriors: tuple[float, ...]


def fit(
    net: Net,
    cohort: Cohort | Patients,
    shares: Shares = "by-setting",
    iterations: int = 100,
    tolerance: float = 1e-4,
    progress: Callable[[int, float], bool] = lambda iteration, log_posterior: True,
    start: FitState | None = None,
    keep: Callable[[FitState], object] = lambda state: None,
    weigh: bool = True,
) -> Fit:
    """Fit every rate, and the shares of the settings, to a cohort with missing findings and diagnoses.

    It finds the mode of the posterior by generalised expectation-maximisation (Dempster, Laird & Rubin 1977). With
    odds ratios, the step of a node is only a proposal; it is shortened if the expected log posterior would fall.

    Parameters
    ----------
    net
        The network whose priors are the start and the prior of the fit.
    cohort
        The patients.
    shares
        How the shares of the settings are fitted. "by-setting": each setting by itself. "together": one factor for
        each diagnosis in all settings. "fixed": not at all.
    iterations, tolerance
        The fit stops after `iterations`, or when a step gains less than `tolerance` of the total gain so far.
    progress
        Called with the iteration and its log posterior; if it returns False, the fit stops and keeps this step.
    start, keep
        `keep` is called with the state of the fit after each step. Given as `start`, that state resumes a stopped fit,
        which ends in the same result.
    weigh
        Whether to measure, in one more pass over the cohort, how much information it has on each rate.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        If the cohort has no patient whose findings are possible in the network.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> cohort = next(model.simulate(net, model.Imagined(patients=20)))
    >>> first, last = fit(net, cohort, iterations=1, weigh=False).log_posteriors
    >>> last > first
    True
    """
    patients: Patients = InMemory(cohort) if isinstance(cohort, Cohort) else cohort
    current = start.net if start else net
    counts = patients.expected(current)
    if not counts.patients:
        raise InputError(
            "no patient of the cohort can be used: it is empty, or the findings of every patient are impossible"
        )
    trace = list(start.log_posteriors) if start else [counts.log_likelihood]
    converged = _settled(trace, tolerance)
    while len(trace) <= iterations and not converged:
        step = _step(net, current, counts, patients, shares, trace[-1])
        if step is None:
            converged = True
            break
        current, counts, log_posterior = step
        trace.append(log_posterior)
        keep(FitState(current, tuple(trace)))
        if not progress(len(trace) - 1, log_posterior):
            break
        converged = _settled(trace, tolerance)
    found_information = _information(current, counts, patients, shares) if weigh else {}
    return Fit(current, tuple(trace), converged, counts.patients, counts.impossible, found_information)


def _information(net: Net, counts: Counts, patients: Patients, shares: Shares) -> Mapping[str, Array]:
    at = coordinates(net, shares)
    return information(net, at, counts, patients.missing(net, at))


def _settled(trace: Sequence[float], tolerance: float) -> bool:
    """Whether the last step gained at most `tolerance` of the total gain so far."""
    return len(trace) > 1 and trace[-1] - trace[-2] <= tolerance * (trace[-1] - trace[0])


def _step(
    prior: Net, current: Net, counts: Counts, patients: Patients, shares: Shares, before: float
) -> tuple[Net, Counts, float] | None:
    """The next network, its counts and its log posterior, which does not fall; None if every step would make it fall.

    before: the log posterior of the current network.
    """
    start = applied_values(current)
    target = proposed(prior, current, start, counts, shares)
    lengths = dict.fromkeys(target, 1.0)
    while max(lengths.values()) > 0:
        trial = with_applied(current, _between(start, target, lengths))
        falling = _falling(prior, current, trial, counts, lengths)
        if not falling:
            tried = patients.expected(trial)
            log_posterior = tried.log_likelihood + sum(prior_gains(prior, prior, trial).values())
            if log_posterior >= before:
                return trial, tried, log_posterior
            falling = set(lengths)
        lengths = {name: _shorter(length) if name in falling else length for name, length in lengths.items()}
    return None


def _falling(prior: Net, current: Net, trial: Net, counts: Counts, lengths: Mapping[str, float]) -> set[str]:
    """The nodes whose steps to shorten: they lower their part of the expected log posterior too much.

    A node may lower its own part by LOSS_FOR_OTHERS of the total gain, because its step may raise the parts of others.
    If the total falls without such a node, all steps are shortened.
    """
    likelihood, density = count_gains(counts, current, trial), prior_gains(prior, current, trial)
    gains = {name: likelihood[name] + density[name] for name in lengths}
    total = sum(gains.values())
    allowed = ROUNDING + LOSS_FOR_OTHERS * max(total, 0)
    falling = {name for name in lengths if lengths[name] and gains[name] < -allowed}
    return falling if falling or total > -ROUNDING else set(lengths)


def _shorter(length: float) -> float:
    return length / 2 if length > SMALLEST_STEP else 0.0


def _between(old: Values, new: Values, lengths: Mapping[str, float]) -> Values:
    """The values of each node between `old` and `new`; lengths: node -> 0 (old) to 1 (new)."""
    return {name: old[name] + lengths[name] * (new[name] - old[name]) for name in old}


def strengthened(fitted: Fit, cap: float) -> Mapping[str, Array]:
    """The strength of each rate plus the information of the cohort, node -> (rates,).

    It grows to at most `cap`; a strength that is above it already does not change.
    """
    result: dict[str, Array] = {}
    for name, rates in fitted.net.priors.rates.items():
        own = np.array([rate.strength for rate in rates])
        added = fitted.information.get(name, np.zeros(len(own)))
        result[name] = np.where(added > 0, np.minimum(np.maximum(cap, own), own + added), own)
    return result
