"""The log odds of all rates as coordinates, and the gradient of the log likelihood in them.

The residual of a node is the count of each state minus the count that the table expects, for each configuration of the
rate parents (a group). The residuals of all nodes form one vector; the first state of each group is left out, because
the residuals of a group sum to 0. A sparse matrix maps this vector to the gradient in the coordinates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from model.calibrate.rates import applied_values
from model.fit.gradient import Response, propagated_many
from model.fit.maximise import Shares
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.network.build import Array
from model.network.recipe import BuiltTable


@dataclass(frozen=True)
class Coordinates:
    """The coordinates of a fit, and the map from residuals to the gradient.

    indices: node -> the coordinate of each state of each rate, (rates, states). It is -1 for the reference state of
    each rate, for impossible states and for shares that are not fitted; shares that change together in all settings
    have the same coordinates. size: the number of coordinates. residuals: node -> the index of each residual but that
    of the first state, (groups, states - 1). gradients: the map, (residuals, size).
    """

    indices: Mapping[str, Index]
    size: int
    residuals: Mapping[str, Index]
    gradients: sparse.csr_array


def coordinates(net: Net, shares: Shares) -> Coordinates:
    """The coordinates of `net` for a fit. `shares`: how the shares of the settings are fitted."""
    indices, size = _coordinate_indices(net, shares)
    residuals, _ = residual_indices(net)
    gradients = {
        "diagnosis": _in_coordinates(_unit_residuals(residuals["diagnosis"].shape), indices["diagnosis"], size)
    }
    for node, built in net.means.built.items():
        response, recipe = Response(built, net.means.joints), built.recipe
        alone = _unit_residuals(residuals[node].shape)
        jacobian = _in_coordinates(response.gradient(alone), indices[node][recipe.rate_of_group], size)
        if recipe.effect_parents:
            gradient = _by_residual(response.gradient_above(alone), recipe.starts)
            jacobian = jacobian + above(net, gradients, recipe.rate_parents, recipe.effect_parents, gradient)
        gradients[node] = jacobian
    return Coordinates(indices, size, residuals, sparse.vstack([gradients[node] for node in residuals], format="csr"))


def residual_indices(net: Net) -> tuple[dict[str, Index], int]:
    """The indices of the residuals, node -> (groups, states - 1), and how many there are."""
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
    gradient: sparse.csr_array,
) -> sparse.csr_array:
    """Gradients in the coordinates from gradients with respect to P(wanted | given).

    gradients: node -> the map from its residuals to the coordinates, (residuals of the node, size), for all ancestors.
    gradient: (entries, cohorts). Returns (cohorts, size).
    """
    total = sparse.csr_array((gradient.shape[1], gradients["diagnosis"].shape[1]))
    for node, counts in propagated_many(net, given, wanted, gradient):
        total = total + (_to_residuals(net.means.built[node]) @ counts).T @ gradients[node]
    return sparse.csr_array(total)


def _to_residuals(built: BuiltTable) -> sparse.csr_array:
    """The matrix that sums a node's residuals by cell of its table into those by group, (residuals, cells)."""
    recipe = built.recipe
    shape = (*recipe.sizes, built.target.shape[1])
    cells = np.arange(np.prod(shape)).reshape(shape)[tuple(recipe.configurations.T)][:, 1:]
    indices = np.arange(len(recipe.starts) * cells.shape[1]).reshape(-1, cells.shape[1])
    sizes = np.diff(recipe.starts, append=len(cells))
    rows = np.repeat(indices, sizes, axis=0)
    size = (indices.size, int(np.prod(shape)))
    return sparse.csr_array((np.ones(cells.size), (rows.ravel(), cells.ravel())), size)


def _coordinate_indices(net: Net, shares: Shares) -> tuple[dict[str, Index], int]:
    found: dict[str, Index] = {}
    size = 0
    for node, values in applied_values(net).items():
        tied = node == "diagnosis" and shares != "by-setting"
        if tied:
            values = np.broadcast_to(values.mean(axis=0), (1, values.shape[1]))
        free = (values > 0) & (np.arange(values.shape[1]) != values.argmax(axis=1)[:, None])
        if tied and shares == "fixed":
            free = np.zeros_like(free)
        index = np.where(free, size - 1 + free.cumsum().reshape(free.shape), -1)
        size += int(free.sum())
        found[node] = np.repeat(index, len(net.priors.rates[node]), axis=0) if tied else index
    return found, size


def _unit_residuals(shape: tuple[int, ...]) -> Array:
    """Each residual alone as 1, that of the first state being -1, (groups, states, states - 1).

    shape: (groups, states - 1).
    """
    groups, others = shape
    return np.broadcast_to(np.vstack([-np.ones(others), np.eye(others)]), (groups, others + 1, others))


def _in_coordinates(values: Array, indices: Index, size: int) -> sparse.csr_array:
    """The gradients for each unit residual as rows over the coordinates, (residuals, size).

    values: (groups, states, states - 1). indices: the coordinate of each state of each group, (groups, states).
    """
    group, state, other = np.nonzero(values * (indices >= 0)[..., None])
    cells = (group * values.shape[2] + other, indices[group, state])
    return sparse.csr_array((values[group, state, other], cells), (len(values) * values.shape[2], size))


def _by_residual(gradient: Array, starts: Index) -> sparse.csr_array:
    """The gradient at each entry for each residual of its group, (entries, states - 1), as (entries, residuals)."""
    entries, others = gradient.shape
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=entries))
    columns = group[:, None] * others + np.arange(others)
    return sparse.csr_array((gradient.ravel(), (np.repeat(np.arange(entries), others), columns.ravel())),
                            (entries, len(starts) * others))  # fmt: skip
