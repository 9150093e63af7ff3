"""The log odds of every rate as coordinates, and how the log likelihood answers in them to what a patient shows.

What a patient shows of a node is a misfit: in the configuration of the rate parents that he or she has, the state
seen less the table's probabilities. Misfits of all nodes lie side by side (each without its first state, which is
minus the sum of the others); a sparse matrix turns them into the gradient in the coordinates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from model.calibrate.rates import rates_of, spoken_values
from model.fit.gradient import Lever, pulled_by_many
from model.fit.maximise import Shares
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.network.build import Array
from model.network.recipe import BuiltTable


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
    gradients = {"diagnosis": _at_places(_each_alone(misfits["diagnosis"].shape), places["diagnosis"], size)}
    for node, built in net.means.built.items():
        lever, recipe = Lever(built, net.means.joints), built.recipe
        alone = _each_alone(misfits[node].shape)
        answer = _at_places(lever.gradient(alone), places[node][recipe.rate_of_group], size)
        if recipe.effect_parents:
            pull = _side_by_side(lever.gradient_above(alone), recipe.starts)
            answer = answer + above(net, gradients, recipe.rate_parents, recipe.effect_parents, pull)
        gradients[node] = answer
    return Coordinates(places, size, misfits, sparse.vstack([gradients[node] for node in misfits], format="csr"))


def misfit_places(net: Net) -> tuple[dict[str, Index], int]:
    """Places of the misfits, node -> (groups, states - 1), and how many there are."""
    groups = {
        "diagnosis": len(net.vocabulary.settings),
        **{n: len(m.recipe.starts) for n, m in net.means.built.items()},
    }
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
    pull: sparse.csr_array,
) -> sparse.csr_array:
    """Gradients in the coordinates from gradients on P(wanted | given), (entries, cohorts): (cohorts, size)."""
    total = sparse.csr_array((pull.shape[1], gradients["diagnosis"].shape[1]))
    for node, seen in pulled_by_many(net, given, wanted, pull):
        total = total + (_to_misfits(net.means.built[node]) @ seen).T @ gradients[node]
    return sparse.csr_array(total)


def _to_misfits(built: BuiltTable) -> sparse.csr_array:
    """The matrix from counts that a table expects, but for how they spread, to misfits, (misfits, cells)."""
    recipe = built.recipe
    shape = (*recipe.sizes, built.target.shape[1])
    cells = np.arange(np.prod(shape)).reshape(shape)[tuple(recipe.configurations.T)][:, 1:]
    places = np.arange(len(recipe.starts) * cells.shape[1]).reshape(-1, cells.shape[1])
    sizes = np.diff(recipe.starts, append=len(cells))
    rows = np.repeat(places, sizes, axis=0)
    size = (places.size, int(np.prod(shape)))
    return sparse.csr_array((np.ones(cells.size), (rows.ravel(), cells.ravel())), size)


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
    """The misfits of one patient too few in the first and one too many in another state, (groups, states, states - 1),
    of each group alone.
    """
    groups, others = shape
    return np.broadcast_to(np.vstack([-np.ones(others), np.eye(others)]), (groups, others + 1, others))


def _at_places(values: Array, places: Index, size: int) -> sparse.csr_array:
    """Gradients of groups, (groups, states, states - 1), at their places, (groups, states): (misfits, size)."""
    group, state, other = np.nonzero(values * (places >= 0)[..., None])
    cells = (group * values.shape[2] + other, places[group, state])
    return sparse.csr_array((values[group, state, other], cells), (len(values) * values.shape[2], size))


def _side_by_side(pull: Array, starts: Index) -> sparse.csr_array:
    """What the misfits of each group pull at its entries, (entries, states - 1), as (entries, misfits)."""
    entries, others = pull.shape
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=entries))
    columns = group[:, None] * others + np.arange(others)
    return sparse.csr_array((pull.ravel(), (np.repeat(np.arange(entries), others), columns.ravel())),
                            (entries, len(starts) * others))  # fmt: skip
