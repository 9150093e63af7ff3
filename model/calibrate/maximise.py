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

from model.calibrate.counts import Counts
from model.calibrate.rates import Values, ancestors, rate_values, rates_of
from model.factors import Joints, runs
from model.net import Net
from model.network import Array
from model.recipe import Made, rest_weights

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
    for node, made in reversed(list(net.means.made.items())):
        part = _Part(made, net.means.joints, weights[node], spoken[node], families[node])
        result[node] = _next(part)
        for given, wanted, pull in _pulls(part):
            for above, seen in pulled(net, given, wanted, pull):
                families[above] += seen
    return result


@dataclass(frozen=True)
class _Part:
    """One node in the maximisation step.

    weights: strength x mean, (rates, states). spoken: where its rates stand. family: expected counts,
    (*parents, states).
    """

    made: Made
    joints: Joints
    weights: Array
    spoken: Array
    family: Array

    @property
    def shared(self) -> list[tuple[int, Array, list[int]]]:
        """Rates that are shared out among conditions: rate, P(condition | diagnosis), places of the conditions."""
        found = [(rest, rest_weights(self.made.recipe, rest, self.joints)) for rest in self.made.recipe.rests]
        rows = [[*rest.whole, *rest.special] for rest, _ in found]
        return [(rest.rate, share[own, 0], own) for (rest, share), own in zip(found, rows, strict=True)
                if share is not None]  # fmt: skip

    @cached_property
    def entries(self) -> Array:
        """Expected counts of each configuration of the parents, (entries, states)."""
        configurations = self.made.recipe.configurations
        return self.family[tuple(configurations.T)].reshape(len(configurations), -1)

    @cached_property
    def missed(self) -> Array:
        """By how much the table says too little of each state, in patients, (groups, states)."""
        expected = self.entries.sum(axis=1, keepdims=True) * self.made.table.values[..., 0]
        return np.add.reduceat(self.entries - expected, self.made.recipe.starts)

    @cached_property
    def inner(self) -> Array:
        """Inverse covariance of the states within configurations of the effect parents, (groups, states, states)."""
        recipe, table = self.made.recipe, self.made.table.values[..., 0]
        share = self.joints.share(recipe.rate_parents, recipe.effect_parents).values
        products = np.add.reduceat(share[..., None] * table[:, :, None] * table[:, None, :], recipe.starts)
        rate = self.made.target[..., 0]
        inverse = np.linalg.pinv(rate[:, :, None] * np.eye(rate.shape[1]) - products, 1e-9, hermitian=True)
        return np.asarray(inverse, dtype=np.float64)


def _next(part: _Part) -> Array:
    """The next value of the rates of one node, (rates, states).

    The strength of a rate that is shared out is that of patients with the disease whose other conditions
    nobody knows: each round tells them to the conditions in proportion to what these imply
    (expectation-maximisation within the step).
    """
    winners, shared = part.made.recipe.winners, part.shared
    counts = part.weights.copy()
    counts[[rate for rate, _, _ in shared]] = 0
    np.add.at(counts, winners, _seen(part))
    value = part.spoken
    for _ in range(SHARING_ROUNDS if shared else 1):
        total = counts.copy()
        for rate, share, rows in shared:
            joint = share[:, None] * value[winners[rows]]
            implied = joint.sum(axis=0)
            np.add.at(total, winners[rows], part.weights[rate] * joint / np.where(implied > 0, implied, 1))
        value = on_simplex(total, part.spoken)
    return value


def _seen(part: _Part) -> Array:
    """Patients of each configuration of the rate parents by state, (groups, states).

    Where odds ratios act, what the table says too little of a state pulls at the rate by V C^+: V is the
    covariance of the states at the rate alone, C that within the configurations of the effect parents. The
    group weighs as many patients as the information on the rate makes it (Fisher scoring).
    """
    recipe = part.made.recipe
    if not recipe.effect_parents:
        return np.add.reduceat(part.entries, recipe.starts)
    rate = part.made.target[..., 0]
    pull = (rate[:, :, None] * np.eye(rate.shape[1]) - rate[:, :, None] * rate[:, None, :]) @ part.inner
    freedom = np.maximum((rate > 0).sum(axis=1) - 1, 1)
    weight = np.maximum(np.trace(pull, axis1=1, axis2=2) / freedom, 1)
    patients = np.add.reduceat(part.entries.sum(axis=1), recipe.starts)
    return (patients * weight)[:, None] * rate + np.einsum("gst,gt->gs", pull, part.missed)


def _pulls(part: _Part) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Array]]:
    """Where a node pulls at the variables above it: given, wanted, gradient on P(wanted | given), (entries,).

    An intercept keeps the rate only for the effect parents as they are; so does the rate of a disease as a
    whole for the conditions that it is shared out among.
    """
    recipe = part.made.recipe
    if recipe.effect_parents:
        sizes = np.diff(recipe.starts, append=len(part.entries))
        turned = np.repeat(np.einsum("gst,gt->gs", part.inner, part.missed), sizes, axis=0)
        yield recipe.rate_parents, recipe.effect_parents, -(turned * part.made.table.values[..., 0]).sum(axis=1)
    others = tuple(name for name in recipe.rate_parents if name != "diagnosis")
    for rate, share, rows in part.shared:
        value = part.spoken[recipe.winners[rows]]
        implied = share @ value
        pull = np.zeros(len(recipe.winners))
        pull[rows] = value @ (part.weights[rate] / np.where(implied > 0, implied, 1))
        yield ("diagnosis",), others, pull


def pulled(net: Net, given: tuple[str, ...], wanted: tuple[str, ...], pull: Array) -> Iterator[tuple[str, Array]]:
    """What a gradient on P(wanted | given) is worth in patients to each node above, (*parents, states).

    By the score identity the gradient of P(wanted | given) in ln table(state | parents) is P(wanted | given)
    times what its knowledge adds to the expected count of that state.
    """
    joints, priors = net.means.joints, net.priors
    share = joints.share(given, wanted)
    starts = runs(share.configurations[:, : len(given)])
    sizes = np.diff(starts, append=len(pull))
    average = np.add.reduceat(share.values[:, 0] * pull, starts)
    weight = share.values[:, 0] * (pull - np.repeat(average, sizes))
    for node in ancestors(priors, wanted):
        family = (*priors.parents[node], node)
        if node not in net.means.made or set(family) <= set(given):
            continue
        more = tuple(name for name in family if name not in (*given, *wanted))
        spread = joints.share((*given, *wanted), more)
        first = runs(spread.configurations[:, : len(given) + len(wanted)])
        own = np.repeat(weight, np.diff(first, append=len(spread.values))) * spread.values[:, 0]
        table = net.network.tables[node]
        seen = np.zeros(table.shape)
        np.add.at(seen, tuple(spread.columns(family).T), own)
        yield node, seen - seen.sum(axis=-1, keepdims=True) * table


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
