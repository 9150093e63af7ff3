"""The maximisation step: from expected counts to the next value of every rate.

A rate is fitted as it is spoken: by its own value, or, for the rate of a disease beside rates for single
conditions, by what is left for the other patients. The rate of the disease as a whole then follows, and no
step can make the rest negative.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from model.calibrate.rates import Values, rate_values, rates_of
from model.fit.counts import Counts
from model.fit.gradient import Lever, in_entries, misfit, pulled
from model.inference.net import Net
from model.network.build import Array
from model.network.recipe import remainder_weights

Shares = Literal["by-setting", "together", "fixed"]
LEAST = 1e-6
SCALING_ROUNDS = 50
SHARING_ROUNDS = 20


def proposed(prior: Net, net: Net, spoken: Values, counts: Counts, shares: Shares) -> Values:
    """The next spoken value of every rate, node -> (rates, states).

    prior: the network before the fit. net, spoken: where the fit stands. counts: expected under `net`.
    Where a rate alone makes a table this is the exact step (strength x mean + seen) / (strength + patients).
    Its fixed point is where the gradient of the log posterior is zero.
    """
    means, rates = rate_values(prior.priors), rates_of(prior.priors)
    weights = {node: np.array([r.strength for r in rates[node]])[:, None] * means[node] for node in rates}
    families = {node: family.copy() for node, family in counts.families.items()}
    result = {"diagnosis": _shares(families["diagnosis"], weights["diagnosis"], spoken["diagnosis"], shares)}
    for node, built in reversed(list(net.means.built.items())):
        entries = in_entries(built, families[node])
        part = _Part(Lever(built, net.means.joints), entries, weights[node], spoken[node])
        result[node] = _next(part)
        for given, wanted, pull in _pulls(part):
            for above, seen in pulled(net, given, wanted, pull):
                families[above] += seen
    return result


@dataclass(frozen=True)
class _Part:
    """One node in the maximisation step.

    entries: expected counts, (entries, states). weights: strength x mean, (rates, states). spoken: where its rates
    stand.
    """

    lever: Lever
    entries: Array
    weights: Array
    spoken: Array

    @cached_property
    def misfit(self) -> Array:
        """As `model.fit.gradient.misfit`, of one cohort, (groups, states, 1)."""
        return misfit(self.lever.built, self.entries[..., None])

    @cached_property
    def shared(self) -> list[tuple[int, Array, list[int]]]:
        """Rates that are shared out among conditions: rate, P(condition | diagnosis), places of the conditions."""
        recipe = self.lever.built.recipe
        found = [(rest, remainder_weights(recipe, rest, self.lever.joints)) for rest in recipe.remainders]
        rows = [[*rest.remaining, *rest.specific] for rest, _ in found]
        return [(rest.rate, share[own, 0], own) for (rest, share), own in zip(found, rows, strict=True)
                if share is not None]  # fmt: skip


def _next(part: _Part) -> Array:
    """The next value of the rates of one node, (rates, states).

    The strength of a rate that is shared out is that of patients with the disease whose other conditions
    nobody knows: each round tells them to the conditions in proportion to what these imply
    (expectation-maximisation within the step).
    """
    rate_of_group, shared = part.lever.built.recipe.rate_of_group, part.shared
    counts = part.weights.copy()
    counts[[rate for rate, _, _ in shared]] = 0
    np.add.at(counts, rate_of_group, _seen(part))
    value = part.spoken
    for _ in range(SHARING_ROUNDS if shared else 1):
        total = counts.copy()
        for rate, share, rows in shared:
            joint = share[:, None] * value[rate_of_group[rows]]
            implied = joint.sum(axis=0)
            np.add.at(total, rate_of_group[rows], part.weights[rate] * joint / np.where(implied > 0, implied, 1))
        value = on_simplex(total, part.spoken)
    return value


def _seen(part: _Part) -> Array:
    """Patients of each configuration of the rate parents by state, (groups, states).

    Where odds ratios act, what the table says too little of a state pulls at the rate. The group weighs as many
    patients as the information on the rate makes it (Fisher scoring).
    """
    built = part.lever.built
    recipe = built.recipe
    if not recipe.effect_parents:
        return np.add.reduceat(part.entries, recipe.starts)
    rate = built.target[..., 0]
    freedom = np.maximum((rate > 0).sum(axis=1) - 1, 1)
    weight = np.maximum(np.trace(part.lever.on_rate, axis1=1, axis2=2) / freedom, 1)
    patients = np.add.reduceat(part.entries.sum(axis=1), recipe.starts)
    return (patients * weight)[:, None] * rate + part.lever.gradient(part.misfit)[..., 0]


def _pulls(part: _Part) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Array]]:
    """Where a node pulls at the variables above it: given, wanted, gradient on P(wanted | given), (entries,).

    By its odds ratios, and by the rates of a disease as a whole, which hold only for the conditions as common as
    they are.
    """
    recipe = part.lever.built.recipe
    if recipe.effect_parents:
        yield recipe.rate_parents, recipe.effect_parents, part.lever.gradient_above(part.misfit)[:, 0]
    others = tuple(name for name in recipe.rate_parents if name != "diagnosis")
    for rate, share, rows in part.shared:
        value = part.spoken[recipe.rate_of_group[rows]]
        implied = share @ value
        pull = np.zeros(len(recipe.rate_of_group))
        pull[rows] = value @ (part.weights[rate] / np.where(implied > 0, implied, 1))
        yield ("diagnosis",), others, pull


def on_simplex(values: Array, possible: Array) -> Array:
    """Probabilities in proportion to `values`: what is possible stays so, what is impossible too."""
    positive = np.maximum(values, 0)
    total = positive.sum(axis=-1, keepdims=True)
    kept = np.where(total > 0, positive / np.where(total > 0, total, 1), possible)
    kept = np.where(possible > 0, np.maximum(kept, np.minimum(LEAST, possible)), 0)
    return kept / kept.sum(axis=-1, keepdims=True)


def _shares(family: Array, weights: Array, values: Array, shares: Shares) -> Array:
    """The next shares of each setting, (settings, diagnoses), from counts and strength x mean of that shape.

    `together`: the odds between diagnoses change by one factor each in all settings, found by iterative scaling.
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
    """By how much the log density of each node's rates grows.

    Dirichlets with 1 + strength x mean, whose mode is the mean of the priors.
    """
    means, rates = rate_values(prior.priors), rates_of(prior.priors)
    old, new = rate_values(before.priors), rate_values(after.priors)
    result = {}
    for node in rates:
        weight = np.array([rate.strength for rate in rates[node]])[:, None] * means[node]
        result[node] = float((weight * (_log(new[node]) - _log(old[node]))).sum())
    return result


def count_gains(counts: Counts, before: Net, after: Net) -> Mapping[str, float]:
    """By how much the expected log likelihood of each node grows from one network to the other."""
    old, new = before.network.tables, after.network.tables
    return {
        node: float((family * (_log(new[node]) - _log(old[node]))).sum()) for node, family in counts.families.items()
    }


def _log(values: Array) -> Array:
    return np.log(np.maximum(values, 1e-300))
