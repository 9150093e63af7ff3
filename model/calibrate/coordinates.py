"""The log odds of every rate as coordinates, and how the log likelihood answers in them to what a patient shows.

What a patient shows of a node is a misfit: in the configuration of the rate parents that he or she has, the state
seen less the table's probabilities. Misfits of all nodes lie side by side (each without its first state, which is
minus the sum of the others); a sparse matrix turns them into the gradient in the coordinates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from model.calibrate.gradient import Lever, in_entries, misfit, pulled
from model.calibrate.maximise import Shares
from model.calibrate.rates import rates_of, spoken_values
from model.clusters import Index
from model.net import Net
from model.network import Array


@dataclass(frozen=True)
class Coordinates:
    """Where the log odds of each state of each rate stand, and what misfits say of them.

    places: node -> (rates, states), -1 for the state that the others are held against, for what cannot be, and for
    shares that stay as they are; settings whose shares change together have the same places. size: how many.
    misfits: node -> place of the misfit of each state but the first, (groups, states - 1). gradients: (misfits, size).
    """

    places: Mapping[str, Index]
    size: int
    misfits: Mapping[str, Index]
    gradients: sparse.csr_array


def coordinates(net: Net, shares: Shares) -> Coordinates:
    """The coordinates of `net` for a fit in which the shares of the settings change as told."""
    places, size = _places(net, shares)
    misfits, _ = misfit_places(net)
    gradients: dict[str, sparse.csr_array] = {"diagnosis": _of_shares(places["diagnosis"], size)}
    for node, made in net.means.made.items():
        lever, recipe = Lever(made, net.means.joints), made.recipe
        single = _each_alone(misfits[node].shape)
        own = lever.gradient(single)
        answer = _at_places(own, places[node][recipe.winners], size)
        if recipe.effect_parents:
            pull = lever.gradient_above(single)
            answer = answer + above(net, gradients, recipe.rate_parents, recipe.effect_parents, pull)
        gradients[node] = sparse.csr_array(answer)
    return Coordinates(places, size, misfits, sparse.vstack([gradients[node] for node in misfits], format="csr"))


def misfit_places(net: Net) -> tuple[dict[str, Index], int]:
    """Places of the misfits, node -> (groups, states - 1), and how many there are."""
    groups = {"diagnosis": len(net.vocabulary.settings), **{n: len(m.recipe.starts) for n, m in net.means.made.items()}}
    found: dict[str, Index] = {}
    first = 0
    for node, count in groups.items():
        shape = (count, len(net.vocabulary.variables[node].states) - 1)
        found[node] = first + np.arange(shape[0] * shape[1]).reshape(shape)
        first += found[node].size
    return found, first


def above(
    net: Net,
    gradients: Mapping[str, sparse.csr_array],
    given: tuple[str, ...],
    wanted: tuple[str, ...],
    pull: Array,
) -> sparse.csr_array:
    """Gradients in the coordinates from gradients on P(wanted | given), (entries, cohorts): (cohorts, size)."""
    total = sparse.csr_array((pull.shape[1], gradients["diagnosis"].shape[1]))
    for node, seen in pulled(net, given, wanted, pull):
        made = net.means.made[node]
        own = misfit(made, in_entries(made, seen))[:, 1:].reshape(-1, pull.shape[1])
        total = total + sparse.csr_array(own.T) @ gradients[node]
    return total


def _places(net: Net, shares: Shares) -> tuple[dict[str, Index], int]:
    found: dict[str, Index] = {}
    size = 0
    for node, values in spoken_values(net).items():
        tied = node == "diagnosis" and shares != "by-setting"
        if tied:
            values = np.broadcast_to(values.mean(axis=0), (1, values.shape[1]))
        free = (values > 0) & (np.arange(values.shape[1]) != values.argmax(axis=1)[:, None])
        if tied and shares == "fixed":
            free = np.zeros_like(free)
        place = np.where(free, size - 1 + free.cumsum().reshape(free.shape), -1)
        size += int(free.sum())
        found[node] = np.repeat(place, len(rates_of(net.priors)[node]), axis=0) if tied else place
    return found, size


def _each_alone(shape: tuple[int, ...]) -> Array:
    """The misfits of one patient too few in the first and one too many in another state, (groups, states, misfits)."""
    groups, others = shape
    single = np.zeros((groups, others + 1, groups * others))
    single[:, 1:] = np.eye(groups * others).reshape(groups, others, -1)
    single[:, 0] = -single[:, 1:].sum(axis=1)
    return single


def _at_places(values: Array, places: Index, size: int) -> sparse.csr_array:
    """Gradients of groups, (groups, states, misfits), at their places, (groups, states): (misfits, size)."""
    group, state, column = np.nonzero(values * (places >= 0)[..., None])
    cells = (column, places[group, state])
    return sparse.csr_array((values[group, state, column], cells), (values.shape[2], size))


def _of_shares(places: Index, size: int) -> sparse.csr_array:
    single = _each_alone((len(places), places.shape[1] - 1))
    return _at_places(single, places, size)
