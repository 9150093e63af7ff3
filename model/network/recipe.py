"""How the table of a node is made from its rates and effects, apart from the numbers that are drawn.

A rate says how often a state is seen in a disease, effects say how findings go together. For each
configuration of a node's rate parents the table is

    P(state | rates, effects) proportional to base(state) * product of odds ratios(state, effect parents)

with the base solved so that the average over the effect parents is exactly the stated rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.network.factors import NO_PARENTS, Array, Conditional, Index, Joints, runs
from model.network.sampling import Sampling
from model.network.solve import solve_base
from model.priors.folder import Priors
from model.priors.numbers import Effect, Rate

# Where drawn rates of single configurations exceed the drawn rate of the whole, the others keep this much.
LEAST_REST = 1e-4
MEAN_TOLERANCE = 1e-11
# A drawn rate is uncertain by far more.
DRAWN_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Rest:
    """A disease whose rate as a whole stands beside rates for some of its configurations: the others get what is left.

    whole, special: the rows of either kind in the list of configurations of the rate parents.
    """

    diagnosis: str
    rate: int
    whole: Index
    special: Index


@dataclass(frozen=True)
class Acting:
    """An effect and where it acts: on the odds of one state, in the entries in which its parent is so, (entries,)."""

    effect: Effect
    state: int
    entries: NDArray[np.bool_]


@dataclass(frozen=True)
class Recipe:
    """The structure of one node's table.

    configurations: of all parents that can be, (entries, parents); those with the same rate parents are a group
    and lie side by side from `starts` on. winners: which of the rates holds in each group, (groups,). ratios:
    product of the odds ratios of all effects, (entries, states, 1).
    """

    node: str
    rates: tuple[Rate, ...]
    rate_parents: tuple[str, ...]
    effect_parents: tuple[str, ...]
    winners: Index
    rests: tuple[Rest, ...]
    effects: tuple[Acting, ...]
    ratios: Array
    starts: Index
    parents: tuple[str, ...]
    sizes: tuple[int, ...]
    configurations: Index


def root(parents: tuple[str, ...], values: Array) -> Conditional:
    """A table that is written as it stands, (rows, states, draws), over at most one parent."""
    sizes = (len(values),) if parents else ()
    configurations = np.arange(len(values))[:, None] if parents else NO_PARENTS
    return Conditional(parents, sizes, configurations, np.asarray((values > 0).any(axis=-1)), values)


def write_recipe(priors: Priors, node: str, joints: Joints) -> Recipe:
    """The recipe of a node whose ancestors are in `joints`. Raises InputError for edges without numbers."""
    variables, parents = priors.vocabulary.variables, priors.parents[node]
    effects = priors.effects.get(node, ())
    effect_parents = tuple(p for p in parents if any(e.parent == p for e in effects))
    rate_parents = tuple(p for p in parents if p not in effect_parents)
    _check_edges(priors, node, rate_parents, effect_parents)
    groups = joints.share(rate_parents, ()).configurations
    winners, rests = _winners(priors, node, rate_parents, groups)
    entries = joints.share(rate_parents, effect_parents).configurations
    columns = entries[:, [(*rate_parents, *effect_parents).index(p) for p in parents]]
    acting = tuple(
        Acting(
            effect,
            variables[node].states.index(effect.state),
            columns[:, parents.index(effect.parent)] == variables[effect.parent].states.index(effect.parent_state),
        )
        for effect in effects
    )
    shape = len(entries), len(variables[node].states)
    return Recipe(
        node=node,
        rates=priors.rates[node],
        rate_parents=rate_parents,
        effect_parents=effect_parents,
        winners=winners,
        rests=rests,
        effects=acting,
        ratios=_product(acting, [np.array([effect.odds_ratio]) for effect in effects], shape),
        starts=runs(entries[:, : len(rate_parents)]),
        parents=parents,
        sizes=tuple(len(variables[p].states) for p in parents),
        configurations=columns,
    )


@dataclass(frozen=True)
class Made:
    """A table and what it was made from. target: the rate of each group, (groups, states, draws)."""

    recipe: Recipe
    target: Array
    table: Conditional


def make(recipe: Recipe, joints: Joints, sampling: Sampling, mean: Made | None = None) -> Made:
    """The table of a node whose ancestors are in `joints`, at the means of its numbers or for draws of them.

    `mean`: the same node at the means, where draws begin to be solved; what cannot be there cannot be in a
    draw. Averages over the effect parents are the rates to 1e-11 at the means, to DRAWN_TOLERANCE in draws
    (both of the logarithm). Raises InputError for rates that contradict each other.
    """
    values = np.stack([sampling.values(rate) for rate in recipe.rates])
    target = _targets(recipe, joints, values, mean)
    solved = target
    if recipe.effect_parents:
        weights = joints.share(recipe.rate_parents, recipe.effect_parents).values
        ratios = _product(recipe.effects, [sampling.ratio(a.effect) for a in recipe.effects], recipe.ratios.shape[:2])
        guess = _beginning(target, mean) if mean else None
        tolerance = DRAWN_TOLERANCE if mean else MEAN_TOLERANCE
        solved = solve_base(target, weights, ratios, recipe.starts, guess, tolerance)
    possible = mean.table.possible if mean else solved[..., 0] > 0
    return Made(recipe, target, Conditional(recipe.parents, recipe.sizes, recipe.configurations, possible, solved))


def _product(effects: Sequence[Acting], values: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """Each odds ratio, (draws or 1,), multiplied in where it acts: (entries, states, draws or 1)."""
    product = np.ones((*shape, max(map(len, values), default=1)))
    for acting, ratio in zip(effects, values, strict=True):
        product[acting.entries, acting.state] *= ratio
    return product


def _beginning(target: Array, mean: Made) -> Array:
    """ln base at the means, moved by as much as the rate moved."""
    recipe, least = mean.recipe, np.finfo(np.float32).tiny
    base = mean.table.values[recipe.starts] / recipe.ratios[recipe.starts]
    return np.log(np.maximum(base / np.maximum(mean.target, least) * target, least))


def _targets(recipe: Recipe, joints: Joints, values: Array, mean: Made | None) -> Array:
    """The rate in every configuration of the rate parents, (groups, states, draws); `values` (rates, states, draws)."""
    target: Array = values[recipe.winners]
    for rest in recipe.rests:
        shared = rest_weights(recipe, rest, joints)
        if shared is None:
            continue
        weight = shared[:, None]
        size = weight[rest.whole].sum(axis=0)
        taken = (weight[rest.special] * target[rest.special]).sum(axis=0)
        left = (values[rest.rate] - taken) / np.maximum(size, 1e-9)
        if mean is None and left.min() < -1e-9:
            raise (
                recipe.rates[rest.rate]
                .rows[0]
                .fault(
                    "percent",
                    f"{recipe.node} in {rest.diagnosis}: the rows for single conditions leave "
                    f"{100 * left.min():.1f} % for the rest",
                )
            )
        least = np.minimum(mean.target[rest.whole[0]], LEAST_REST) if mean else 0
        left = np.maximum(left, least)
        target[rest.whole] = left / left.sum(axis=0)
    return target


def rest_weights(recipe: Recipe, rest: Rest, joints: Joints) -> Array | None:
    """P(configuration of the rate parents | diagnosis), (groups, draws); None where there is no rest to share out."""
    others = tuple(p for p in recipe.rate_parents if p != "diagnosis")
    weight: Array = joints.share(("diagnosis",), others).values
    nothing_left, nothing_taken = (weight[rest.whole].sum(axis=0) < 1e-9).all(), (weight[rest.special] < 1e-12).all()
    return None if nothing_left or nothing_taken else weight


def _winners(priors: Priors, node: str, rate_parents: tuple[str, ...], groups: Index) -> tuple[Index, tuple[Rest, ...]]:
    """Which rate holds in each configuration of the rate parents, and where a disease's own rate is shared out."""
    states = [priors.vocabulary.variables[p].states for p in rate_parents]
    rates = priors.rates[node]
    named = [dict(zip(rate_parents, (s[i] for s, i in zip(states, row, strict=True)), strict=True)) for row in groups]
    winners = np.array([winner(priors, rates, node, configuration) for configuration in named], np.intp)
    if "diagnosis" not in rate_parents:
        return winners, ()
    rests = []
    for diagnosis in priors.vocabulary.diagnoses:
        rows = [i for i, configuration in enumerate(named) if configuration["diagnosis"] == diagnosis]
        whole = [i for i in rows if rates[winners[i]].diagnosis == diagnosis and not rates[winners[i]].given]
        special = [i for i in rows if i not in whole]
        if whole and special:
            rests.append(Rest(diagnosis, int(winners[whole[0]]), np.array(whole), np.array(special)))
    return winners, tuple(rests)


def winner(priors: Priors, rates: Sequence[Rate], node: str, configuration: Mapping[str, str]) -> int:
    """Index of the most specific rate that matches: most conditions, then id before family before any."""
    diagnosis = configuration.get("diagnosis", "any")
    ranked = priors.vocabulary.specificity(diagnosis)
    matching = [
        (len(rate.given), ranked[rate.diagnosis], -i)
        for i, rate in enumerate(rates)
        if rate.diagnosis in ranked and all(configuration[p] == s for p, s in rate.given.items())
    ]
    if not matching:
        others = {p: s for p, s in configuration.items() if p != "diagnosis"}
        raise InputError(f"rates: no row of {node} holds for {diagnosis} {others or ''}")
    return -max(matching)[2]


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
