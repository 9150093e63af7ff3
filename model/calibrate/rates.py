"""All rates of the priors as arrays, and priors with other values of the rates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from model.inference.net import Net
from model.network.ancestors import ancestors
from model.network.build import Array
from model.network.factors import Joints
from model.network.recipe import build_table, remainder_weights
from model.network.sampling import Sampling
from model.priors.folder import Priors
from model.priors.numbers import Rate

Values = Mapping[str, Array]


def rate_values(priors: Priors) -> dict[str, Array]:
    """The probabilities of every rate, node -> (rates, states)."""
    return {node: np.array([rate.percents for rate in rates]) / 100 for node, rates in priors.rates.items()}


def with_values(priors: Priors, values: Values) -> Priors:
    """The same priors with other probabilities, node -> (rates, states), rescaled to sum to 1."""
    rates = {node: _with(rates, values[node]) for node, rates in priors.rates.items()}
    return replace(priors, rates=rates)


def with_percents(priors: Priors, percents: Mapping[str, Sequence[Sequence[float]]]) -> Priors:
    """The same priors with other percentages, not rescaled. percents: node -> (rates, states)."""
    rates = {
        node: tuple(replace(rate, percents=tuple(own)) for rate, own in zip(rates, percents[node], strict=True))
        for node, rates in priors.rates.items()
    }
    return replace(priors, rates=rates)


def _with(rates: tuple[Rate, ...], values: Array) -> tuple[Rate, ...]:
    return tuple(
        replace(rate, percents=tuple((100 * own / own.sum()).tolist())) for rate, own in zip(rates, values, strict=True)
    )


def applied_values(net: Net) -> dict[str, Array]:
    """The probabilities of each rate in the configurations to which it applies, node -> (rates, states).

    For a disease that also has more specific rates, these are the remaining configurations
    (`model.network.recipe.Remainder`). All other rates are as written.
    """
    values = rate_values(net.priors)
    for node, built in net.means.built.items():
        for remainder in built.recipe.remainders:
            values[node][remainder.rate] = built.target[remainder.remaining[0], :, 0]
    return values


def with_applied(net: Net, applied: Values) -> Net:
    """The network with these applied values, node -> (rates, states); the inverse of `applied_values`.

    The rate of a whole disease becomes the average over its configurations, weighted by how frequent they are in the
    new network.
    """
    values = {node: array.copy() for node, array in applied.items()}
    built, joints = net.means.built, Joints({})
    needed = ancestors(net.priors.parents, [node for node in built if built[node].recipe.remainders])
    for node, table in net.means.joints.tables.items():
        if node not in built:
            joints.tables[node] = table
            continue
        recipe = built[node].recipe
        for remainder in recipe.remainders:
            weights = remainder_weights(recipe, remainder, joints)
            if weights is not None:
                rows = [*remainder.remaining, *remainder.specific]
                values[node][remainder.rate] = weights[rows, 0] @ applied[node][recipe.rate_of_group[rows]]
        if node in needed:
            changed = replace(recipe, rates=_with(net.priors.rates[node], values[node]))
            joints.tables[node] = build_table(changed, joints, Sampling()).table
    return Net(with_values(net.priors, values))
