"""How the log likelihood of counts answers to each rate, also where odds ratios stand between them.

A rate that alone makes a table answers to its own counts. Where odds ratios act, an intercept is solved so that
the rate comes out: what the table says too little of a state then pulls at the rate, and at the variables
above it over which the intercept is averaged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from model.inference.net import Net
from model.network.ancestors import ancestors
from model.network.build import Array
from model.network.factors import Index, Joints, flat_index, run_starts
from model.network.recipe import BuiltTable


def misfit(built: BuiltTable, entries: Array) -> Array:
    """By how much a table says too little of each state, in patients, (groups, states, cohorts).

    entries: how often each state was seen in each configuration of the parents, (entries, states, cohorts).
    """
    expected = entries.sum(axis=1, keepdims=True) * built.table.values
    return np.add.reduceat(entries - expected, built.recipe.starts)


@dataclass(frozen=True)
class Lever:
    """How the log likelihood answers to a misfit of one node, (groups, states, cohorts)."""

    built: BuiltTable
    joints: Joints

    @cached_property
    def within(self) -> Array:
        """Inverse covariance of the states within configurations of the effect parents, (groups, states, states)."""
        recipe = self.built.recipe
        share = self.joints.conditional(recipe.rate_parents, recipe.effect_parents).values
        inside = np.add.reduceat(share[..., None] * covariance(self.built.table.values[..., 0]), recipe.starts)
        inverse = np.linalg.pinv(inside, 1e-9, hermitian=True)
        return np.asarray(inverse, dtype=np.float64)

    @cached_property
    def on_rate(self) -> Array:
        """V C^+, (groups, states, states): V is the covariance of the states at the rate alone, C that within the
        configurations of the effect parents. The identity without odds ratios.
        """
        rate = self.built.target[..., 0]
        if not self.built.recipe.effect_parents:
            return np.broadcast_to(np.eye(rate.shape[1]), (*rate.shape, rate.shape[1]))
        pull: Array = covariance(rate) @ self.within
        return pull

    def gradient(self, misfit: Array) -> Array:
        """In the log odds of the states of each group's rate, (groups, states, cohorts)."""
        return np.einsum("gst,gtc->gsc", self.on_rate, misfit)

    def gradient_above(self, misfit: Array) -> Array:
        """In P(effect parents | rate parents), (entries, cohorts): an intercept keeps the rate only for the effect
        parents as they are.
        """
        starts, table = self.built.recipe.starts, self.built.table.values[..., 0]
        turned = np.einsum("gst,gtc->gsc", self.within, misfit)
        sizes = np.diff(starts, append=len(table))
        return -np.einsum("esc,es->ec", np.repeat(turned, sizes, axis=0), table)


def covariance(shares: Array) -> Array:
    """Of one draw from each of some distributions: (..., states) to (..., states, states)."""
    return shares[..., :, None] * np.eye(shares.shape[-1]) - shares[..., :, None] * shares[..., None, :]


@dataclass(frozen=True)
class _Reach:
    """A node above P(wanted | given), by pairs of a cell of its table and an entry of that distribution.

    table: its probabilities, (*parents, states). cells, entries: of each pair, (pairs,). chances: P(cell | entry).
    """

    node: str
    table: Array
    cells: Index
    entries: Index
    chances: Array


def pulled(net: Net, given: tuple[str, ...], wanted: tuple[str, ...], pull: Array) -> Iterator[tuple[str, Array]]:
    """What a gradient on P(wanted | given), (entries,), is worth in patients to each node above.

    Gives nodes and counts in their tables, (*parents, states). By the score identity the gradient of
    P(wanted | given) in ln table(state | parents) is P(wanted | given) times what its knowledge adds to the expected
    count of that state.
    """
    share = net.means.joints.conditional(given, wanted)
    chance = share.values[:, 0]
    group = _group_of(share.configurations[:, : len(given)])
    weight = chance * (pull - np.bincount(group, chance * pull)[group])
    for reach in _reaches(net, given, wanted):
        seen = np.bincount(reach.cells, reach.chances * weight[reach.entries], reach.table.size)
        seen = seen.reshape(reach.table.shape)
        yield reach.node, seen - reach.table * seen.sum(axis=-1, keepdims=True)


def pulled_by_many(
    net: Net, given: tuple[str, ...], wanted: tuple[str, ...], pull: sparse.csr_array
) -> Iterator[tuple[str, sparse.csr_array]]:
    """As `pulled`, for many gradients of which each is on few entries: (entries, gradients) to (cells, gradients)."""
    share = net.means.joints.conditional(given, wanted)
    chance = sparse.diags_array(share.values[:, 0])
    groups = _adding(_group_of(share.configurations[:, : len(given)]))
    weight = chance @ (pull - groups.T @ (groups @ (chance @ pull)))
    for reach in _reaches(net, given, wanted):
        shape = reach.table.size, len(share.values)
        seen = sparse.csr_array((reach.chances, (reach.cells, reach.entries)), shape) @ weight
        states = reach.table.shape[-1]
        rows = _adding(np.repeat(np.arange(reach.table.size // states), states))
        yield reach.node, sparse.csr_array(seen - sparse.diags_array(reach.table.ravel()) @ (rows.T @ (rows @ seen)))


def _reaches(net: Net, given: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[_Reach]:
    """All nodes above P(wanted | given) whose tables are made of rates."""
    joints, priors = net.means.joints, net.priors
    for node in ancestors(priors.parents, wanted):
        family = (*priors.parents[node], node)
        if node not in net.means.built or set(family) <= set(given):
            continue
        more = tuple(name for name in family if name not in (*given, *wanted))
        spread = joints.conditional((*given, *wanted), more)
        entries = _group_of(spread.configurations[:, : len(given) + len(wanted)])
        table = net.network.tables[node]
        yield _Reach(node, table, flat_index(spread.columns(family), table.shape), entries, spread.values[:, 0])


def _group_of(configurations: Index) -> Index:
    """The place of each row's run of equal rows, (rows,)."""
    starts = run_starts(configurations)
    return np.repeat(np.arange(len(starts)), np.diff(starts, append=len(configurations)))


def _adding(group: Index) -> sparse.csr_array:
    """The matrix that adds up rows by group, (groups, rows)."""
    return sparse.csr_array((np.ones(len(group)), (group, np.arange(len(group)))))


def in_entries(built: BuiltTable, family: Array) -> Array:
    """Counts over all combinations of the parents, (*parents, states, ...), in those that can be.

    (entries, states, ...)
    """
    configurations = built.recipe.configurations
    rest = family.shape[len(built.recipe.parents) :]
    return family[tuple(configurations.T)].reshape(len(configurations), *rest)
