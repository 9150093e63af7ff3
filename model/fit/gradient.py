"""The gradient of the log likelihood of counts with respect to each rate.

For a node without odds ratios, the gradient in the log odds of its rate is the residual: observed minus expected
counts. With odds ratios, the base of the table is solved so that its average over the effect parents is the rate. The
residual then has a gradient with respect to the rate, and one with respect to the distribution of the effect parents,
which is propagated to their ancestors.
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


def residual(built: BuiltTable, entries: Array) -> Array:
    """Observed minus expected counts of a node, in patients, (groups, states, cohorts).

    entries: the count of each state in each entry of the table, (entries, states, cohorts).
    """
    expected = entries.sum(axis=1, keepdims=True) * built.table.values
    return np.add.reduceat(entries - expected, built.recipe.starts)


@dataclass(frozen=True)
class Response:
    """The gradients of the log likelihood that follow from the residual of one node, (groups, states, cohorts)."""

    built: BuiltTable
    joints: Joints

    @cached_property
    def inverse_covariance(self) -> Array:
        """Pseudoinverse of the covariance of the states within entries, averaged by group, (groups, states, states)."""
        recipe = self.built.recipe
        conditional = self.joints.conditional(recipe.rate_parents, recipe.effect_parents).values
        inside = np.add.reduceat(conditional[..., None] * covariance(self.built.table.values[..., 0]), recipe.starts)
        inverse = np.linalg.pinv(inside, 1e-9, hermitian=True)
        return np.asarray(inverse, dtype=np.float64)

    @cached_property
    def rate_matrix(self) -> Array:
        """The matrix from residual to gradient, V C^+, (groups, states, states).

        V is the covariance of the states under the rate, C the average covariance within entries. It is the identity
        for a node without odds ratios.
        """
        rate = self.built.target[..., 0]
        if not self.built.recipe.effect_parents:
            return np.broadcast_to(np.eye(rate.shape[1]), (*rate.shape, rate.shape[1]))
        matrix: Array = covariance(rate) @ self.inverse_covariance
        return matrix

    def gradient(self, residual: Array) -> Array:
        """The gradient in the log odds of the states of each group's rate, (groups, states, cohorts)."""
        return np.einsum("gst,gtc->gsc", self.rate_matrix, residual)

    def gradient_above(self, residual: Array) -> Array:
        """The gradient with respect to P(effect parents | rate parents), (entries, cohorts).

        The base depends on this distribution, because it keeps the average over the effect parents at the rate.
        """
        starts, table = self.built.recipe.starts, self.built.table.values[..., 0]
        turned = np.einsum("gst,gtc->gsc", self.inverse_covariance, residual)
        sizes = np.diff(starts, append=len(table))
        return -np.einsum("esc,es->ec", np.repeat(turned, sizes, axis=0), table)


def covariance(probabilities: Array) -> Array:
    """The covariance of the state indicators of one draw, (..., states) to (..., states, states)."""
    column = probabilities[..., :, None]
    return column * np.eye(probabilities.shape[-1]) - column * probabilities[..., None, :]


@dataclass(frozen=True)
class _AncestorTable:
    """How an entry of P(wanted | given) depends on the table of an ancestor, as pairs of a cell and an entry.

    table: probabilities of the ancestor, (*parents, states). cells: flat index of a cell in it, (pairs,). entries:
    index of the entry, (pairs,). probabilities: P(cell | entry), (pairs,).
    """

    node: str
    table: Array
    cells: Index
    entries: Index
    probabilities: Array


def propagated(
    net: Net, given: tuple[str, ...], wanted: tuple[str, ...], gradient: Array
) -> Iterator[tuple[str, Array]]:
    """Propagate a gradient with respect to P(wanted | given), (entries,), to the tables of all ancestors.

    Yields each ancestor and its residual in patients by cell, (*parents, states). It uses the score identity: the
    derivative of P(wanted | given) with respect to ln table(state | parents) is P(wanted | given) times the change of
    the residual of that cell when `wanted` becomes known in addition to `given`.
    """
    conditional = net.means.joints.conditional(given, wanted)
    probability = conditional.values[:, 0]
    group = _group_of(conditional.configurations[:, : len(given)])
    weight = probability * (gradient - np.bincount(group, probability * gradient)[group])
    for ancestor in _ancestor_tables(net, given, wanted):
        counts = np.bincount(ancestor.cells, ancestor.probabilities * weight[ancestor.entries], ancestor.table.size)
        counts = counts.reshape(ancestor.table.shape)
        yield ancestor.node, counts - ancestor.table * counts.sum(axis=-1, keepdims=True)


def propagated_many(
    net: Net, given: tuple[str, ...], wanted: tuple[str, ...], gradient: sparse.csr_array
) -> Iterator[tuple[str, sparse.csr_array]]:
    """As `propagated`, for many sparse gradients at once: (entries, gradients) to (cells, gradients)."""
    conditional = net.means.joints.conditional(given, wanted)
    probability = sparse.diags_array(conditional.values[:, 0])
    groups = _summing(_group_of(conditional.configurations[:, : len(given)]))
    weight = probability @ (gradient - groups.T @ (groups @ (probability @ gradient)))
    for ancestor in _ancestor_tables(net, given, wanted):
        shape = ancestor.table.size, len(conditional.values)
        counts = sparse.csr_array((ancestor.probabilities, (ancestor.cells, ancestor.entries)), shape) @ weight
        states = ancestor.table.shape[-1]
        rows = _summing(np.repeat(np.arange(ancestor.table.size // states), states))
        expected = sparse.diags_array(ancestor.table.ravel()) @ (rows.T @ (rows @ counts))
        yield ancestor.node, sparse.csr_array(counts - expected)


def _ancestor_tables(net: Net, given: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[_AncestorTable]:
    """The ancestors whose tables P(wanted | given) depends on; the setting and the diagnosis are not included."""
    joints, priors = net.means.joints, net.priors
    for node in ancestors(priors.parents, wanted):
        family = (*priors.parents[node], node)
        if node not in net.means.built or set(family) <= set(given):
            continue
        more = tuple(name for name in family if name not in (*given, *wanted))
        joint = joints.conditional((*given, *wanted), more)
        entries = _group_of(joint.configurations[:, : len(given) + len(wanted)])
        table = net.network.tables[node]
        yield _AncestorTable(node, table, flat_index(joint.columns(family), table.shape), entries, joint.values[:, 0])


def _group_of(configurations: Index) -> Index:
    """The index of the run of equal rows that each row belongs to, (rows,)."""
    starts = run_starts(configurations)
    return np.repeat(np.arange(len(starts)), np.diff(starts, append=len(configurations)))


def _summing(group: Index) -> sparse.csr_array:
    """The matrix that sums rows by group, (groups, rows)."""
    return sparse.csr_array((np.ones(len(group)), (group, np.arange(len(group)))))


def in_entries(built: BuiltTable, family: Array) -> Array:
    """Counts over all combinations of the parents, (*parents, states, ...), by entry, (entries, states, ...)."""
    configurations = built.recipe.configurations
    rest = family.shape[len(built.recipe.parents) :]
    return family[tuple(configurations.T)].reshape(len(configurations), *rest)
