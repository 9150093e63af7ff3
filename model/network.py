"""From the numbers of `priors/` to the conditional probability tables of the network.

A rate says how often a state is seen in a disease, effects say how findings go together. For each
configuration of a node's rate parents the table is

    P(state | rates, effects) proportional to base(state) * product of odds ratios(state, effect parents)

with the base solved so that the average over the effect parents is exactly the stated rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.priors import Priors, Rate

Array = NDArray[np.float64]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"


@dataclass(frozen=True)
class Network:
    """A discrete Bayesian network. `tables[node]` has axes (*parents, states), sums to 1 over states.

    With parameter draws every table has one more axis in front: (draws, *parents, states).
    `nodes` are in topological order.
    """

    states: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Array]

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(self.tables)

    def shape(self, names: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(len(self.states[name]) for name in names)


def build_network(priors: Priors, draws: int = 0, seed: int = 0) -> Network:
    """The network that `priors` describe; with `draws`, that many networks drawn from the priors.

    Each rate is a Dirichlet of mean `percents` and concentration `strength`. Raises InputError for
    a cycle, an edge without numbers, and rates that contradict each other.
    """
    generator = np.random.default_rng(seed)
    states = {name: v.states for name, v in priors.vocabulary.variables.items()}
    tables: dict[str, Array] = {}
    for node in _topological_order(priors):
        done = Network(states, priors.parents, tables)
        if node == "setting":
            tables[node] = np.full(len(states[node]), 1 / len(states[node]))
        elif node == "diagnosis":
            rates = [priors.shares[s] for s in states["setting"]]
            tables[node] = np.stack([_values(r, draws, generator) for r in rates], axis=-2)
        else:
            tables[node] = _table(priors, done, node, draws, generator)
    return Network(states, priors.parents, tables)


def _topological_order(priors: Priors) -> list[str]:
    parents = priors.parents
    order: list[str] = []
    waiting = list(parents)
    while waiting:
        ready = [n for n in waiting if all(p in order for p in parents[n])]
        if not ready:
            raise _cycle(priors, waiting)
        order += ready
        waiting = [n for n in waiting if n not in ready]
    return order


def _cycle(priors: Priors, waiting: list[str]) -> InputError:
    """The fault at the last edge of the cycles among nodes that all wait for one another."""
    inside = waiting
    while fewer := [n for n in inside if not any(n in priors.parents[child] for child in inside)]:
        inside = [n for n in inside if n not in fewer]
    edges = [row for row in priors.edges if row["parent"] in inside and set(row.words("child")) & set(inside)]
    return edges[-1].fault("child", f"a cycle among {', '.join(sorted(inside))}")


def _values(rate: Rate, draws: int, generator: np.random.Generator) -> Array:
    """The probabilities of a rate, (states,); or drawn from its Dirichlet, (draws, states)."""
    mean = np.array(rate.percents) / 100
    if not draws:
        return mean
    gammas = generator.standard_gamma(np.broadcast_to(rate.strength * mean, (draws, len(mean))))
    total = gammas.sum(axis=-1, keepdims=True)
    return np.where(total > 0, gammas / np.where(total > 0, total, 1), mean)


def _table(priors: Priors, network: Network, node: str, draws: int, generator: np.random.Generator) -> Array:
    parents = priors.parents[node]
    effects = priors.effects.get(node, ())
    effect_parents = tuple(p for p in parents if any(e.parent == p for e in effects))
    rate_parents = tuple(p for p in parents if p not in effect_parents)
    _check_edges(priors, node, rate_parents, effect_parents)
    values = [_values(rate, draws, generator) for rate in priors.rates[node]]
    target = _targets(priors, network, node, rate_parents, values)
    if not effect_parents:
        return target
    weights = joint_given(network, rate_parents, effect_parents)
    log_ratios = np.zeros((*network.shape(effect_parents), len(network.states[node])))
    for effect in effects:
        place: list[slice | int] = [slice(None)] * len(effect_parents)
        place[effect_parents.index(effect.parent)] = network.states[effect.parent].index(effect.parent_state)
        log_ratios[(*place, network.states[node].index(effect.state))] += np.log(effect.odds_ratio)
    size = int(np.prod(network.shape(effect_parents)))
    solved = solve_base(
        target, weights.reshape(*weights.shape[: -len(effect_parents)], size), log_ratios.reshape(size, -1)
    )
    shaped = solved.reshape(*solved.shape[:-2], *network.shape(effect_parents), solved.shape[-1])
    return _reorder(shaped, (*rate_parents, *effect_parents), parents)


def _reorder(table: Array, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
    extra = table.ndim - len(have) - 1
    axes = [*range(extra), *(extra + have.index(p) for p in want), table.ndim - 1]
    return table.transpose(axes)


def _check_edges(priors: Priors, node: str, rate_parents: tuple[str, ...], effect_parents: tuple[str, ...]) -> None:
    named = {p for rate in priors.rates[node] for p in rate.given}
    if any(rate.diagnosis != "any" for rate in priors.rates[node]):
        named.add("diagnosis")
    for parent in rate_parents:
        if parent not in named:
            raise InputError(f"edges: {parent} -> {node} has no rate and no effect; give it a number")
    for parent in effect_parents:
        if parent in named:
            raise InputError(f"effects: {parent} -> {node} has rates and effects; use one of them")
        if "diagnosis" not in priors.parents[node]:
            raise InputError(f"effects: {node} needs an edge from diagnosis for its effects")


def _targets(priors: Priors, network: Network, node: str, rate_parents: tuple[str, ...], values: list[Array]) -> Array:
    """The rate in every configuration of the rate parents: ([draws,] *rate_parents, states)."""
    rates = priors.rates[node]
    others = tuple(p for p in rate_parents if p != "diagnosis")
    configurations = [dict(zip(others, c, strict=True)) for c in product(*(network.states[p] for p in others))]
    if len(others) == len(rate_parents):
        winners = [_winner(priors, rates, node, "any", c) for c in configurations]
        block = np.stack([values[w] for w in winners], axis=-2)
        return block.reshape(*block.shape[:-2], *network.shape(others), block.shape[-1])
    shares = joint_given(network, ("diagnosis",), others)
    shares = shares.reshape(*shares.shape[: shares.ndim - len(others)], -1)
    blocks = []
    for d, diagnosis in enumerate(network.states["diagnosis"]):
        winners = [_winner(priors, rates, node, diagnosis, c) for c in configurations]
        block = np.stack([values[w] for w in winners], axis=-2)
        blocks.append(_share_out_the_rest(block, shares[..., d, :], winners, rates, diagnosis, node))
    target = np.stack(blocks, axis=-3)
    shaped = target.reshape(*target.shape[:-3], target.shape[-3], *network.shape(others), target.shape[-1])
    return _reorder(shaped, ("diagnosis", *others), rate_parents)


def _winner(
    priors: Priors, rates: tuple[Rate, ...], node: str, diagnosis: str, configuration: Mapping[str, str]
) -> int:
    """Index of the most specific rate that matches: most conditions, then id before family before any."""
    ranked = {
        "any": 0,
        **{family: 1 for family, ids in priors.vocabulary.families.items() if diagnosis in ids},
    }
    ranked[diagnosis] = 2 if diagnosis != "any" else 0
    matching = [
        (len(rate.given), ranked[rate.diagnosis], -i)
        for i, rate in enumerate(rates)
        if rate.diagnosis in ranked and all(configuration[p] == s for p, s in rate.given.items())
    ]
    if not matching:
        raise InputError(f"rates: no row of {node} holds for {diagnosis} {dict(configuration) or ''}")
    return -max(matching)[2]


def _share_out_the_rest(
    block: Array, weight: Array, winners: list[int], rates: tuple[Rate, ...], diagnosis: str, node: str
) -> Array:
    """Where a whole-disease rate stands beside rates for single conditions, the others get what is left.

    `block` ([draws,] configurations, states), `weight` ([draws,] configurations).
    """
    whole = [i for i, w in enumerate(winners) if rates[w].diagnosis == diagnosis and not rates[w].given]
    special = [i for i in range(len(winners)) if i not in whole]
    if not whole or not special:
        return block
    rest = weight[..., whole].sum(axis=-1)[..., None]
    if np.all(rest < 1e-9) or np.all(weight[..., special] < 1e-12):
        return block
    stated = block[..., whole[0], :]
    taken = (weight[..., special, None] * block[..., special, :]).sum(axis=-2)
    left = (stated - taken) / np.maximum(rest, 1e-9)
    if block.ndim == 2 and left.min() < -1e-9:
        row = rates[winners[whole[0]]].rows[0]
        raise row.fault(
            "percent",
            f"{node} in {diagnosis}: the rows for single conditions leave {100 * left.min():.1f} % for the rest",
        )
    left = np.clip(left, 1e-4, None) if block.ndim > 2 else np.clip(left, 0, None)
    left = left / left.sum(axis=-1, keepdims=True)
    result = block.copy()
    result[..., whole, :] = left[..., None, :]
    return result


def joint_given(network: Network, given: tuple[str, ...], wanted: tuple[str, ...]) -> Array:
    """P(wanted | given), axes ([draws,] *given, *wanted); uniform where `given` is impossible.

    `given` must hold the diagnosis, so that the referral setting does not choose it; where the setting
    is a parent of something else, the default (the first) setting is meant.
    """
    if not wanted:
        return np.ones(network.shape(given))
    names: list[str] = []

    def add(name: str) -> None:
        if name not in names:
            names.append(name)
            if name != "diagnosis":
                for parent in network.parents[name]:
                    add(parent)

    for name in ("diagnosis", *given, *wanted):
        add(name)
    letter = dict(zip(names, LETTERS, strict=False))
    operands, terms = [np.ones(len(network.states["diagnosis"]))], [letter["diagnosis"]]
    for name in names:
        if name != "diagnosis":
            table = network.tables[name]
            operands.append(np.eye(len(table))[0] if name == "setting" else table)
            terms.append("..." + "".join(letter[p] for p in network.parents[name]) + letter[name])
    out = "..." + "".join(letter[n] for n in (*given, *wanted))
    joint = np.einsum(",".join(terms) + "->" + out, *operands, optimize=len(operands) > 2)
    axes = tuple(range(joint.ndim - len(wanted), joint.ndim))
    total = joint.sum(axis=axes, keepdims=True)
    size = np.prod(network.shape(wanted))
    return np.where(total > 0, joint / np.where(total > 0, total, 1), 1 / size)


def solve_base(target: Array, weights: Array, log_ratios: Array) -> Array:
    """Tables whose average over the effect parents is `target`.

    target (..., states), weights (..., effects) summing to 1, log_ratios (effects, states).
    Returns (..., effects, states). Newton's method on the convex function
    sum_e weights_e logsumexp(theta + log_ratios_e) - target . theta, whose gradient is the misfit;
    steps are bounded, so that it cannot run away where a target is near 0 or 1.
    """
    states = target.shape[-1]
    goal = np.clip(target, 1e-12, None).reshape(-1, states)
    goal = goal / goal.sum(axis=-1, keepdims=True)
    lead = np.broadcast_shapes(target.shape[:-1], weights.shape[:-1])
    goal = np.broadcast_to(goal.reshape(*target.shape), (*lead, states)).reshape(-1, states)
    mixing = np.broadcast_to(weights, (*lead, weights.shape[-1])).reshape(-1, weights.shape[-1])
    theta = np.log(goal) - np.log(goal[:, :1])
    for _ in range(200):
        probability = _softmax(theta[:, None, :] + log_ratios)
        weighted = mixing[:, :, None] * probability
        misfit = weighted.sum(axis=1) - goal
        if np.abs(misfit).max() < 1e-13:
            break
        curvature = np.einsum("nes,nst->nst", weighted, np.broadcast_to(np.eye(states), (len(goal), states, states)))
        curvature = curvature - np.einsum("nes,net->nst", weighted, probability)
        inner = curvature[:, 1:, 1:] + 1e-14 * np.eye(states - 1)
        step = np.linalg.solve(inner, misfit[:, 1:, None])[..., 0]
        length = np.abs(step).max(axis=-1, keepdims=True)
        theta[:, 1:] -= step * np.minimum(1, 2 / np.maximum(length, 1e-300))
    table = _softmax(theta[:, None, :] + log_ratios)
    table = np.where(goal[:, None, :] <= 2e-12, 0, table)
    table = table / table.sum(axis=-1, keepdims=True)
    return table.reshape(*lead, weights.shape[-1], states)


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
