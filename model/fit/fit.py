"""Priors fitted to a cohort: the posterior mode of every rate, by expectation-maximisation.

Each rate is a Dirichlet whose prior counts are strength x mean, so that the mode under n observed
patients of whom n_s have state s is (strength x mean_s + n_s) / (strength + n). Effects (odds ratios)
stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from model.calibrate.rates import Values, rates_of, spoken_values, with_spoken
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
    """Where the counts of a fit come from: a cohort in memory, or a file that is read anew for each iteration."""

    def expected(self, net: Net) -> Counts:
        """The expectation step under `net`."""

    def missing(self, net: Net, at: Coordinates) -> Array:
        """As `model.fit.missing_information.missing_information`."""


@dataclass(frozen=True)
class InMemory:
    """A cohort that fits into memory."""

    cohort: Cohort

    def expected(self, net: Net) -> Counts:
        """The expectation step under `net`."""
        return expected_counts(net, self.cohort)

    def missing(self, net: Net, at: Coordinates) -> Array:
        """As `model.fit.missing_information.missing_information`."""
        return missing_information(net, self.cohort, at)


@dataclass(frozen=True)
class Fit:
    """What a cohort made of the priors.

    net: the fitted network. log_posteriors: before the first and after each iteration, never falling, up to
    a constant. converged: the last step gained next to nothing. patients: how many were used; impossible:
    rows of the cohort whose findings the network excludes. information: node -> patients' worth of
    information on each of its rates, (rates,), `diagnosis` having the shares of each setting; empty if not weighed.
    """

    net: Net
    log_posteriors: tuple[float, ...]
    converged: bool
    patients: int
    impossible: tuple[int, ...]
    information: Mapping[str, Array]


@dataclass(frozen=True)
class Reached:
    """Where a fit stands: the network of the last step, and the log posteriors of all (`Fit.log_posteriors`)."""

    net: Net
    log_posteriors: tuple[float, ...]


def fit(
    net: Net,
    cohort: Cohort | Patients,
    shares: Shares = "by-setting",
    iterations: int = 100,
    tolerance: float = 1e-4,
    progress: Callable[[int, float], bool] = lambda iteration, log_posterior: True,
    start: Reached | None = None,
    keep: Callable[[Reached], object] = lambda reached: None,
    weigh: bool = True,
) -> Fit:
    """Fit every rate, and the shares of the settings, to a cohort with missing findings and diagnoses.

    The mode of the posterior, by generalised expectation-maximisation (Dempster, Laird & Rubin 1977): the step of a
    node at which the expected log posterior would fall is shortened, for where odds ratios act the step is only a
    proposal.

    Parameters
    ----------
    net
        The network whose priors are the start and the prior of the fit.
    cohort
        The patients.
    shares
        "by-setting": each setting by itself. "together": all by one factor a diagnosis. "fixed": as they are.
    iterations, tolerance
        Stops when a step gains less than `tolerance` of all that was gained, or after `iterations`.
    progress
        Called with each iteration and its log posterior; False stops the fit at the best priors so far.
    start, keep
        `keep` is called with the state of the fit after each step; a fit that was stopped resumes from that as `start`,
        with the same result.
    weigh
        Whether one more pass over the cohort finds how much it tells of each rate.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        For a cohort without a usable patient.

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
        raise InputError("no patient of the cohort can be used: none has findings that the network allows")
    trace = list(start.log_posteriors) if start else [counts.log_likelihood]
    converged = _settled(trace, tolerance)
    while len(trace) <= iterations and not converged:
        step = _step(net, current, counts, patients, shares, trace[-1])
        if step is None:
            converged = True
            break
        current, counts, reached = step
        trace.append(reached)
        keep(Reached(current, tuple(trace)))
        if not progress(len(trace) - 1, reached):
            break
        converged = _settled(trace, tolerance)
    learnt = _information(current, counts, patients, shares) if weigh else {}
    return Fit(current, tuple(trace), converged, counts.patients, counts.impossible, learnt)


def _information(net: Net, counts: Counts, patients: Patients, shares: Shares) -> Mapping[str, Array]:
    at = coordinates(net, shares)
    return information(net, at, counts, patients.missing(net, at))


def _settled(trace: Sequence[float], tolerance: float) -> bool:
    """Whether the last step gained less than `tolerance` of all that was gained."""
    return len(trace) > 1 and trace[-1] - trace[-2] <= tolerance * (trace[-1] - trace[0])


def _step(
    prior: Net, current: Net, counts: Counts, patients: Patients, shares: Shares, before: float
) -> tuple[Net, Counts, float] | None:
    """The next network, its counts and its log posterior, which does not fall; None where no step is left."""
    start = spoken_values(current)
    target = proposed(prior, current, start, counts, shares)
    lengths = dict.fromkeys(target, 1.0)
    while max(lengths.values()) > 0:
        trial = with_spoken(current, _between(start, target, lengths))
        falling = _falling(prior, current, trial, counts, lengths)
        if not falling:
            tried = patients.expected(trial)
            reached = tried.log_likelihood + sum(prior_gains(prior, prior, trial).values())
            if reached >= before:
                return trial, tried, reached
            falling = set(lengths)
        lengths = {name: _shorter(length) if name in falling else length for name, length in lengths.items()}
    return None


def _falling(prior: Net, current: Net, trial: Net, counts: Counts, lengths: Mapping[str, float]) -> set[str]:
    """Nodes that take a step which lowers their part of the expected log posterior by more than others gain from it."""
    likelihood, density = count_gains(counts, current, trial), prior_gains(prior, current, trial)
    gains = {name: likelihood[name] + density[name] for name in lengths}
    total = sum(gains.values())
    allowed = ROUNDING + LOSS_FOR_OTHERS * max(total, 0)
    falling = {name for name in lengths if lengths[name] and gains[name] < -allowed}
    return falling if falling or total > -ROUNDING else set(lengths)


def _shorter(length: float) -> float:
    return length / 2 if length > SMALLEST_STEP else 0.0


def _between(old: Values, new: Values, lengths: Mapping[str, float]) -> Values:
    """Part of the way of each node from old to new."""
    return {name: old[name] + lengths[name] * (new[name] - old[name]) for name in old}


def strengthened(fitted: Fit, cap: float) -> Mapping[str, Array]:
    """The strength of each rate with the information of the cohort added, at most `cap`, node -> (rates,)."""
    result: dict[str, Array] = {}
    for name, rates in rates_of(fitted.net.priors).items():
        own = np.array([rate.strength for rate in rates])
        added = fitted.information.get(name, np.zeros(len(own)))
        result[name] = np.where(added > 0, np.minimum(np.maximum(cap, own), own + added), own)
    return result
