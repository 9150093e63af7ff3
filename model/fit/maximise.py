"""The maximisation step: from expected counts to the next value of every rate.

What is fitted is the applied value of a rate (`model.calibrate.rates.applied_values`): for a disease that also has
more specific rates, the value in the remaining configurations. The rate of the whole disease then follows from all
configurations, and no step can make the remainder negative.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from model.calibrate.rates import Values, rate_values
from model.fit.counts import Counts
from model.fit.gradient import Response, in_entries, propagated, residual
from model.inference.net import Net
from model.network.build import Array
from model.network.recipe import remainder_weights

Shares = Literal["by-setting", "together", "fixed"]
LEAST = 1e-6
SCALING_ROUNDS = 50
SHARING_ROUNDS = 20


def proposed(prior: Net, net: Net, applied: Values, counts: Counts, shares: Shares) -> Values:
    """The next applied value of every rate, node -> (rates, states).

    prior: the network before the fit. net, applied: the current network and its applied values. counts: expected under
    `net`. For a node without odds ratios or remainders this is the exact step, (strength x mean + count) / (strength +
    patients). At a fixed point the gradient of the log posterior is zero.
    """
    means, rates = rate_values(prior.priors), prior.priors.rates
    weights = {node: np.array([r.strength for r in rates[node]])[:, None] * means[node] for node in rates}
    families = {node: family.copy() for node, family in counts.families.items()}
    result = {"diagnosis": _shares(families["diagnosis"], weights["diagnosis"], applied["diagnosis"], shares)}
    for node, built in reversed(list(net.means.built.items())):
        entries = in_entries(built, families[node])
        step = _NodeStep(Response(built, net.means.joints), entries, weights[node], applied[node])
        result[node] = _next(step)
        for given, wanted, gradient in _gradients_above(step):
            for above, counts_above in propagated(net, given, wanted, gradient):
                families[above] += counts_above
    return result


@dataclass(frozen=True)
class _NodeStep:
    """One node in the maximisation step.

    entries: expected counts, (entries, states). weights: prior counts, strength x mean, (rates, states). applied: the
    current applied values, (rates, states).
    """

    response: Response
    entries: Array
    weights: Array
    applied: Array

    @cached_property
    def residual(self) -> Array:
        """As `model.fit.gradient.residual`, for one cohort, (groups, states, 1)."""
        return residual(self.response.built, self.entries[..., None])

    @cached_property
    def shared(self) -> list[tuple[int, Array, list[int]]]:
        """The rates of whole diseases that have specific rates too.

        For each: the index of the rate, P(group | diagnosis) and the indices of these groups.
        """
        recipe = self.response.built.recipe
        found = []
        for remainder in recipe.remainders:
            weights = remainder_weights(recipe, remainder, self.response.joints)
            if weights is not None:
                groups = [*remainder.remaining, *remainder.specific]
                found.append((remainder.rate, weights[groups, 0], groups))
        return found


def _next(step: _NodeStep) -> Array:
    """The next applied values of the rates of one node, (rates, states).

    The prior counts of a whole-disease rate are patients with the disease whose other conditions are unknown. Each
    round distributes them over the groups in proportion to P(group, state | diagnosis), which is
    expectation-maximisation within the step.
    """
    rate_of_group, shared = step.response.built.recipe.rate_of_group, step.shared
    counts = step.weights.copy()
    counts[[rate for rate, _, _ in shared]] = 0
    np.add.at(counts, rate_of_group, _effective_counts(step))
    value = step.applied
    for _ in range(SHARING_ROUNDS if shared else 1):
        total = counts.copy()
        for rate, weights, rows in shared:
            joint = weights[:, None] * value[rate_of_group[rows]]
            implied = joint.sum(axis=0)
            np.add.at(total, rate_of_group[rows], step.weights[rate] * joint / np.where(implied > 0, implied, 1))
        value = on_simplex(total, step.applied)
    return value


def _effective_counts(step: _NodeStep) -> Array:
    """The counts by group and state that determine the next rates, (groups, states).

    Without odds ratios these are the expected counts. With odds ratios they are such that the step is one of Fisher
    scoring: the group counts for as many patients as it has information on the rate, and the gradient is added.
    """
    built = step.response.built
    recipe = built.recipe
    if not recipe.effect_parents:
        return np.add.reduceat(step.entries, recipe.starts)
    rate = built.target[..., 0]
    freedom = np.maximum((rate > 0).sum(axis=1) - 1, 1)
    weight = np.maximum(np.trace(step.response.rate_matrix, axis1=1, axis2=2) / freedom, 1)
    patients = np.add.reduceat(step.entries.sum(axis=1), recipe.starts)
    return (patients * weight)[:, None] * rate + step.response.gradient(step.residual)[..., 0]


def _gradients_above(step: _NodeStep) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Array]]:
    """The gradients of a node with respect to the distributions of its parents.

    Yields given, wanted and the gradient with respect to P(wanted | given), (entries,). One is for the effect parents;
    the others are for whole-disease rates, which depend on how frequent the configurations of the rate parents are.
    """
    recipe = step.response.built.recipe
    if recipe.effect_parents:
        yield recipe.rate_parents, recipe.effect_parents, step.response.gradient_above(step.residual)[:, 0]
    others = tuple(name for name in recipe.rate_parents if name != "diagnosis")
    for rate, weights, rows in step.shared:
        value = step.applied[recipe.rate_of_group[rows]]
        implied = weights @ value
        gradient = np.zeros(len(recipe.rate_of_group))
        gradient[rows] = value @ (step.weights[rate] / np.where(implied > 0, implied, 1))
        yield ("diagnosis",), others, gradient


def on_simplex(values: Array, possible: Array) -> Array:
    """Probabilities proportional to `values`, along the last axis; a state is possible where `possible` > 0."""
    positive = np.maximum(values, 0)
    total = positive.sum(axis=-1, keepdims=True)
    kept = np.where(total > 0, positive / np.where(total > 0, total, 1), possible)
    kept = np.where(possible > 0, np.maximum(kept, np.minimum(LEAST, possible)), 0)
    return kept / kept.sum(axis=-1, keepdims=True)


def _shares(family: Array, weights: Array, values: Array, shares: Shares) -> Array:
    """The next shares of each setting, (settings, diagnoses).

    family: expected counts; weights: prior counts, strength x mean; values: current shares; all of that shape. With
    "together", each diagnosis gets one factor on its odds in all settings, found by iterative scaling.
    """
    weighted = weights + family
    if shares == "fixed":
        return values
    if shares == "by-setting":
        return on_simplex(weighted, values)
    wanted, size = weighted.sum(axis=0), weighted.sum(axis=1, keepdims=True)
    result = values
    for _ in range(SCALING_ROUNDS):
        reached = (size * result).sum(axis=0)
        result = on_simplex(result * np.where(reached > 0, wanted / np.where(reached > 0, reached, 1), 1), values)
    return result


def prior_gains(prior: Net, before: Net, after: Net) -> Mapping[str, float]:
    """The gain in log prior density of each node's rates from one network to another.

    The density is Dirichlet with parameters 1 + strength x mean, whose mode is the mean of the priors.
    """
    means, rates = rate_values(prior.priors), prior.priors.rates
    old, new = rate_values(before.priors), rate_values(after.priors)
    result = {}
    for node in rates:
        weight = np.array([rate.strength for rate in rates[node]])[:, None] * means[node]
        result[node] = float((weight * (_log(new[node]) - _log(old[node]))).sum())
    return result


def count_gains(counts: Counts, before: Net, after: Net) -> Mapping[str, float]:
    """The gain in expected log likelihood of each node from one network to another."""
    old, new = before.network.tables, after.network.tables
    return {
        node: float((family * (_log(new[node]) - _log(old[node]))).sum()) for node, family in counts.families.items()
    }


def _log(values: Array) -> Array:
    return np.log(np.maximum(values, 1e-300))
