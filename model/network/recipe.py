"""Build the table of a node from its rates and effects.

A rate says how frequent the states of a node are in patients with a diagnosis and perhaps other conditions (the rate
parents). Effects are odds ratios for the effect parents. In each configuration of the rate parents the table is

    P(state | parents) proportional to base(state) * product of the odds ratios(state, effect parents)

where the base is solved so that the average over the effect parents is exactly the stated rate.

A recipe is the part of this that does not depend on the values of the numbers; it is written once for all draws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.network.factors import NO_PARENTS, Array, Conditional, Index, Joints, run_starts
from model.network.sampling import Sampling
from model.network.solve import solve_base
from model.priors.folder import Priors
from model.priors.numbers import Effect, Rate

# In a draw, specific rates may exceed the rate of the whole disease; the remaining configurations keep this much.
LEAST_REMAINDER = 1e-4
MEAN_TOLERANCE = 1e-11
# Looser than at the means, but far below the uncertainty of a drawn rate.
DRAWN_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Remainder:
    """A disease that has a rate for all its patients and more specific rates for some configurations.

    The configurations without a specific rate share one probability, such that the average over all configurations is
    the rate of the disease. rate: index of that rate. remaining, specific: the groups without and with a specific
    rate, as indices of configurations of the rate parents.
    """

    diagnosis: str
    rate: int
    remaining: Index
    specific: Index


@dataclass(frozen=True)
class IndexedEffect:
    """An effect with the index of the state whose odds it multiplies, and the entries where it applies, (entries,)."""

    effect: Effect
    state: int
    entries: NDArray[np.bool_]


@dataclass(frozen=True)
class Recipe:
    """The structure of one node's table.

    configurations: the possible configurations of all parents, (entries, parents). An entry is a row of the table.
    Entries with the same configuration of the rate parents form a group; groups are contiguous. starts: the first
    entry of each group, (groups,). rate_of_group: the index of the rate that applies in each group, (groups,).
    ratios: the product of the odds ratios of all effects at their means, (entries, states, 1).
    """

    node: str
    rates: tuple[Rate, ...]
    rate_parents: tuple[str, ...]
    effect_parents: tuple[str, ...]
    rate_of_group: Index
    remainders: tuple[Remainder, ...]
    effects: tuple[IndexedEffect, ...]
    ratios: Array
    starts: Index
    parents: tuple[str, ...]
    sizes: tuple[int, ...]
    configurations: Index


def root(parents: tuple[str, ...], values: Array) -> Conditional:
    """A table given directly by its values, (rows, states, draws), with at most one parent."""
    sizes = (len(values),) if parents else ()
    configurations = np.arange(len(values))[:, None] if parents else NO_PARENTS
    return Conditional(parents, sizes, configurations, np.asarray((values > 0).any(axis=-1)), values)


def write_recipe(priors: Priors, node: str, joints: Joints) -> Recipe:
    """The recipe of a node. `joints` must hold the tables of its ancestors.

    Raises InputError for an edge without numbers, for an edge with both rates and effects, and for a configuration
    to which no rate applies.
    """
    variables, parents = priors.vocabulary.variables, priors.parents[node]
    effects = priors.effects.get(node, ())
    effect_parents = tuple(p for p in parents if any(e.parent == p for e in effects))
    rate_parents = tuple(p for p in parents if p not in effect_parents)
    _check_edges(priors, node, rate_parents, effect_parents)
    groups = joints.conditional(rate_parents, ()).configurations
    rate_of_group, remainders = _rates_of_groups(priors, node, rate_parents, groups)
    entries = joints.conditional(rate_parents, effect_parents).configurations
    columns = entries[:, [(*rate_parents, *effect_parents).index(p) for p in parents]]
    acting = tuple(
        IndexedEffect(
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
        rate_of_group=rate_of_group,
        remainders=remainders,
        effects=acting,
        ratios=_product(acting, [np.array([effect.odds_ratio]) for effect in effects], shape),
        starts=run_starts(entries[:, : len(rate_parents)]),
        parents=parents,
        sizes=tuple(len(variables[p].states) for p in parents),
        configurations=columns,
    )


@dataclass(frozen=True)
class BuiltTable:
    """A table with its recipe. target: the rate of each group, (groups, states, draws)."""

    recipe: Recipe
    target: Array
    table: Conditional


def build_table(recipe: Recipe, joints: Joints, sampling: Sampling, mean: BuiltTable | None = None) -> BuiltTable:
    """The table of a node, at the means of its numbers or for draws of them. `joints` holds its ancestors' tables.

    mean: for draws, the same node built at the means. The solver starts from it, and a state that is impossible there
    stays impossible in every draw. The averages over the effect parents equal the rates within MEAN_TOLERANCE or, for
    draws, DRAWN_TOLERANCE (on the log scale). Raises InputError for rates that contradict each other.
    """
    values = np.stack([sampling.values(rate) for rate in recipe.rates])
    target = _targets(recipe, joints, values, mean)
    solved = target
    if recipe.effect_parents:
        weights = joints.conditional(recipe.rate_parents, recipe.effect_parents).values
        ratios = _product(recipe.effects, [sampling.ratio(a.effect) for a in recipe.effects], recipe.ratios.shape[:2])
        guess = _first_guess(target, mean) if mean else None
        tolerance = DRAWN_TOLERANCE if mean else MEAN_TOLERANCE
        solved = solve_base(target, weights, ratios, recipe.starts, guess, tolerance)
    possible = mean.table.possible if mean else solved[..., 0] > 0
    return BuiltTable(
        recipe, target, Conditional(recipe.parents, recipe.sizes, recipe.configurations, possible, solved)
    )


def _product(effects: Sequence[IndexedEffect], values: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """The product of the odds ratios in each entry, (entries, states, draws or 1).

    values: each effect's odds ratio, (draws or 1,). shape: (entries, states).
    """
    product = np.ones((*shape, max(map(len, values), default=1)))
    for acting, ratio in zip(effects, values, strict=True):
        product[acting.entries, acting.state] *= ratio
    return product


def _first_guess(target: Array, mean: BuiltTable) -> Array:
    """ln base at the means, plus ln(drawn rate / mean rate), (groups, states, draws)."""
    recipe, least = mean.recipe, np.finfo(np.float32).tiny
    base = mean.table.values[recipe.starts] / recipe.ratios[recipe.starts]
    return np.log(np.maximum(base / np.maximum(mean.target, least) * target, least))


def _targets(recipe: Recipe, joints: Joints, values: Array, mean: BuiltTable | None) -> Array:
    """The rate in every group, (groups, states, draws). `values`: all rates of the node, (rates, states, draws)."""
    target: Array = values[recipe.rate_of_group]
    for remainder in recipe.remainders:
        weights = remainder_weights(recipe, remainder, joints)
        if weights is None:
            continue
        weights = weights[:, None]
        size = weights[remainder.remaining].sum(axis=0)
        taken = (weights[remainder.specific] * target[remainder.specific]).sum(axis=0)
        left = (values[remainder.rate] - taken) / np.maximum(size, 1e-9)
        if mean is None and left.min() < -1e-9:
            row = recipe.rates[remainder.rate].rows[0]
            raise row.fault(
                "percent",
                f"{recipe.node} in {remainder.diagnosis}: the rows for single conditions leave "
                f"{100 * left.min():.1f} % for the rest of the patients; lower them or raise this percentage",
            )
        least = np.minimum(mean.target[remainder.remaining[0]], LEAST_REMAINDER) if mean else 0
        left = np.maximum(left, least)
        target[remainder.remaining] = left / left.sum(axis=0)
    return target


def remainder_weights(recipe: Recipe, remainder: Remainder, joints: Joints) -> Array | None:
    """P(configuration of the rate parents | diagnosis), (groups, draws).

    None where all patients of the disease are in groups with a specific rate, or none is: there is nothing to share.
    """
    others = tuple(p for p in recipe.rate_parents if p != "diagnosis")
    weights: Array = joints.conditional(("diagnosis",), others).values
    nothing_left = (weights[remainder.remaining].sum(axis=0) < 1e-9).all()
    nothing_taken = (weights[remainder.specific] < 1e-12).all()
    return None if nothing_left or nothing_taken else weights


def _rates_of_groups(
    priors: Priors, node: str, rate_parents: tuple[str, ...], groups: Index
) -> tuple[Index, tuple[Remainder, ...]]:
    """The index of the rate that applies in each configuration of the rate parents, (groups,), and the remainders."""
    states = [priors.vocabulary.variables[p].states for p in rate_parents]
    rates = priors.rates[node]
    named = [dict(zip(rate_parents, (s[i] for s, i in zip(states, row, strict=True)), strict=True)) for row in groups]
    rate_of_group = np.array([most_specific_rate(priors, rates, node, group) for group in named], np.intp)
    if "diagnosis" not in rate_parents:
        return rate_of_group, ()
    remainders = []
    for diagnosis in priors.vocabulary.diagnoses:
        rows = [i for i, configuration in enumerate(named) if configuration["diagnosis"] == diagnosis]
        chosen = {i: rates[rate_of_group[i]] for i in rows}
        remaining = [i for i in rows if chosen[i].diagnosis == diagnosis and not chosen[i].given]
        specific = [i for i in rows if i not in remaining]
        if remaining and specific:
            rate = int(rate_of_group[remaining[0]])
            remainders.append(Remainder(diagnosis, rate, np.array(remaining), np.array(specific)))
    return rate_of_group, tuple(remainders)


def most_specific_rate(priors: Priors, rates: Sequence[Rate], node: str, configuration: Mapping[str, str]) -> int:
    """The index of the most specific rate for a configuration, parent -> state.

    A rate with more conditions goes first; then one for the diagnosis before one for its family before one for any
    diagnosis; then the first row. Raises InputError if no rate applies.
    """
    diagnosis = configuration.get("diagnosis", "any")
    ranked = priors.vocabulary.specificity(diagnosis)
    matching = [
        (len(rate.given), ranked[rate.diagnosis], -i)
        for i, rate in enumerate(rates)
        if rate.diagnosis in ranked and all(configuration[p] == s for p, s in rate.given.items())
    ]
    if not matching:
        others = {p: s for p, s in configuration.items() if p != "diagnosis"}
        raise InputError(f"rates: no row of {node} applies to {diagnosis} {others or ''}".rstrip() + "; add one")
    return -max(matching)[2]


def _check_edges(priors: Priors, node: str, rate_parents: tuple[str, ...], effect_parents: tuple[str, ...]) -> None:
    named = {p for rate in priors.rates[node] for p in rate.given}
    if any(rate.diagnosis != "any" for rate in priors.rates[node]):
        named.add("diagnosis")
    for parent in rate_parents:
        if parent not in named:
            raise InputError(f"edges: {parent} -> {node} has no rate and no effect; add a row to rates/ or effects/")
    for parent in effect_parents:
        if parent in named:
            raise InputError(f"effects: {parent} -> {node} has both rates and effects; remove one of them")
        if "diagnosis" not in priors.parents[node]:
            raise InputError(f"effects: {node} has effects but no edge from diagnosis; add the edge")
