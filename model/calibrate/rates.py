"""All rates of a folder of priors as arrays, and priors with other values in their place."""

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


def rates_of(priors: Priors) -> dict[str, tuple[Rate, ...]]:
    """All rates by node; those of `diagnosis` are the shares, in the order of the settings."""
    settings = priors.vocabulary.settings
    return {**priors.rates, "diagnosis": tuple(priors.shares[setting] for setting in settings)}


def rate_values(priors: Priors) -> dict[str, Array]:
    """The probabilities of every rate, node -> (rates, states)."""
    return {node: np.array([rate.percents for rate in rates]) / 100 for node, rates in rates_of(priors).items()}


def with_values(priors: Priors, values: Values) -> Priors:
    """The same priors with other probabilities; strengths and sources stay."""
    return _replaced(priors, {node: _with(rates, values[node]) for node, rates in rates_of(priors).items()})


def with_percents(priors: Priors, percents: Mapping[str, Sequence[Sequence[float]]]) -> Priors:
    """The same priors with the percents of each rate as given, to the last digit, node -> (rates, states)."""
    return _replaced(priors, {
        node: tuple(replace(rate, percents=tuple(own)) for rate, own in zip(rates, percents[node], strict=True))
        for node, rates in rates_of(priors).items()
    })  # fmt: skip


def _replaced(priors: Priors, rates: Mapping[str, tuple[Rate, ...]]) -> Priors:
    changed = dict(rates)
    shares = dict(zip(priors.vocabulary.settings, changed.pop("diagnosis"), strict=True))
    return replace(priors, rates=changed, shares=shares)


def _with(rates: tuple[Rate, ...], values: Array) -> tuple[Rate, ...]:
    return tuple(
        replace(rate, percents=tuple((100 * own / own.sum()).tolist())) for rate, own in zip(rates, values, strict=True)
    )


def spoken_values(net: Net) -> dict[str, Array]:
    """What each rate says where it speaks, node -> (rates, states).

    The rate of a disease that stands beside rates for single conditions speaks for the other patients.
    """
    values = rate_values(net.priors)
    for node, built in net.means.built.items():
        for rest in built.recipe.remainders:
            values[node][rest.rate] = built.target[rest.remaining[0], :, 0]
    return values


def with_spoken(net: Net, spoken: Values) -> Net:
    """The network in which the rates speak so; the inverse of `spoken_values`.

    The rate of a disease as a whole is what its conditions come to, each as common as the new tables say.
    """
    values = {node: array.copy() for node, array in spoken.items()}
    built, joints = net.means.built, Joints({})
    needed = ancestors(net.priors.parents, [node for node in built if built[node].recipe.remainders])
    for node, table in net.means.joints.tables.items():
        if node not in built:
            joints.tables[node] = table
            continue
        recipe = built[node].recipe
        for rest in recipe.remainders:
            weights = remainder_weights(recipe, rest, joints)
            if weights is not None:
                rows = [*rest.remaining, *rest.specific]
                values[node][rest.rate] = weights[rows, 0] @ spoken[node][recipe.rate_of_group[rows]]
        if node in needed:
            changed = replace(recipe, rates=_with(net.priors.rates[node], values[node]))
            joints.tables[node] = build_table(changed, joints, Sampling()).table
    return Net(with_values(net.priors, values))
