"""The maximisation step: from expected counts to the next value of every rate.

A rate is fitted as it is spoken: by its own value, or, for the rate of a disease beside rates for single
conditions, by what is left for the other patients. The rate of the disease as a whole then follows, and no
step can make the rest negative.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from model.calibrate.counts import Counts
from model.calibrate.rates import Values, rate_values, rates_of
from model.factors import Joints
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
    """
    means, rates = rate_values(prior.priors), rates_of(prior.priors)
    weights = {node: np.array([r.strength for r in rates[node]])[:, None] * means[node] for node in rates}
    result = {
        node: _of_node(made, net.means.joints, weights[node], spoken[node], counts.families[node])
        for node, made in net.means.made.items()
    }
    result["diagnosis"] = _shares(counts.families["diagnosis"], weights["diagnosis"], spoken["diagnosis"], shares)
    return result


def _of_node(made: Made, joints: Joints, weights: Array, spoken: Array, family: Array) -> Array:
    """The next value of the rates of one node, (rates, states).

    weights: strength x mean, (rates, states). The strength of a rate that is shared out is that of patients
    with the disease whose other conditions nobody knows: each round tells them to the conditions in
    proportion to what these imply (expectation-maximisation within the step).
    """
    recipe = made.recipe
    counts = np.zeros_like(weights)
    np.add.at(counts, recipe.winners, _seen(made, joints, family))
    shared = [(rest.rate, found[:, 0], [*rest.whole, *rest.special]) for rest in recipe.rests
              if (found := rest_weights(recipe, rest, joints)) is not None]  # fmt: skip
    plain = weights.copy()
    for rate, _, _ in shared:
        plain[rate] = 0
    value = spoken
    for _ in range(SHARING_ROUNDS if shared else 1):
        total = plain + counts
        for rate, share, rows in shared:
            joint = share[rows, None] * value[recipe.winners[rows]]
            implied = joint.sum(axis=0)
            told = weights[rate] * joint / np.where(implied > 0, implied, 1)
            np.add.at(total, recipe.winners[rows], told)
        value = on_simplex(total, spoken)
    return value


def _seen(made: Made, joints: Joints, family: Array) -> Array:
    """Patients of each configuration of the rate parents by state, (groups, states).

    Where odds ratios act, what a table says too little of a state pulls at the rate by V C^+: C is the
    covariance of the states within the configurations of the effect parents, V that at the rate alone. The
    group weighs as many patients as the information on the rate makes it (Fisher scoring).
    """
    recipe = made.recipe
    entries = family[tuple(recipe.configurations.T)].reshape(len(recipe.configurations), -1)
    seen = np.add.reduceat(entries, recipe.starts)
    if not recipe.effect_parents:
        return seen
    table, rate = made.table.values[..., 0], made.target[..., 0]
    patients = entries.sum(axis=1, keepdims=True)
    expected = np.add.reduceat(patients * table, recipe.starts)
    share = joints.share(recipe.rate_parents, recipe.effect_parents).values
    products = np.add.reduceat(share[..., None] * table[:, :, None] * table[:, None, :], recipe.starts)
    diagonal = rate[:, :, None] * np.eye(rate.shape[1])
    pull = (diagonal - rate[:, :, None] * rate[:, None, :]) @ np.linalg.pinv(diagonal - products, 1e-9, hermitian=True)
    freedom = np.maximum((rate > 0).sum(axis=1) - 1, 1)
    weight = np.maximum(np.trace(pull, axis1=1, axis2=2) / freedom, 1)
    group = np.add.reduceat(patients, recipe.starts)
    return group * weight[:, None] * rate + np.einsum("gst,gt->gs", pull, seen - expected)


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
    """By how much the log density of each node's rates grows, Dirichlets with 1 + strength x mean; their mode is the mean."""
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
    return {node: float((family * (_log(new[node]) - _log(old[node]))).sum()) for node, family in counts.families.items()}


def _log(values: Array) -> Array:
    return np.log(np.maximum(values, 1e-300))
