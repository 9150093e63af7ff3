"""The missing information of a cohort: the covariance of the complete-data gradient, given what is known.

It is computed exactly, by one pass over the junction tree from the leaves to the root. A cluster's configuration
determines the residuals of the nodes in it and the expected residuals of all clusters below. Their variance given the
separator to the cluster above is what this cluster adds. These contributions are uncorrelated, so their covariances
sum to the total (law of total covariance).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from model.cases.cohort import Cohort
from model.fit.coordinates import Coordinates
from model.fit.counts import blocks
from model.fit.gradient import covariance
from model.inference.engine import Engine, Evidence
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.network.build import Array

NEGLIGIBLE = 1e-9


def missing_information(net: Net, cohort: Cohort, at: Coordinates) -> Array:
    """The missing information of Louis (1982), (size, size).

    It is the sum over the patients of the covariance, given each patient's findings, of the gradient that the patient
    would have if every variable were known. The sums of parts of a cohort add up to that of the whole.
    """
    total = np.zeros((at.size, at.size))
    for _, evidence, cluster_beliefs, log_evidence in blocks(net, cohort):
        possible = np.flatnonzero(np.isfinite(log_evidence))
        if len(possible):
            total += _of_block(net, at, evidence.take(possible), [belief[possible] for belief in cluster_beliefs])
    return total


def _of_block(net: Net, at: Coordinates, evidence: Evidence, cluster_beliefs: list[Array]) -> Array:
    """The missing information of some patients, (size, size). Every patient must be possible.

    Clusters below the root have few residuals, so their covariances are summed before the map to the coordinates; the
    rows of the root have residuals of all nodes and are mapped first.
    """
    engine, patients, residuals = net.engine, len(cluster_beliefs[0]), at.gradients.shape[0]
    lower = sparse.csr_array((residuals, residuals))
    means: dict[int, sparse.csr_array] = {}
    for index in range(len(engine.clusters) - 1, -1, -1):
        patient, configuration = np.nonzero(cluster_beliefs[index] > NEGLIGIBLE)
        weight = cluster_beliefs[index][patient, configuration]
        nodes = [*_node_residuals(net, at, index, evidence, patient, configuration)]
        rows = _expected_residuals(nodes, len(patient), residuals)
        for soft in (node for node in nodes if node.soft):
            lower = lower + _soft_covariance(soft, weight, residuals)
        for child in [child for child in means if engine.clusters[child].parent == index]:
            values = len(engine.tables[child].starts)
            rows = rows + means.pop(child)[patient * values + engine.tables[child].to_parent[configuration]]
        if index:
            values = len(engine.tables[index].starts)
            value = patient * values + engine.tables[index].to_separator[configuration]
            belief = np.bincount(value, weights=weight, minlength=patients * values).astype(np.float64)
            means[index] = _averages(weight / belief[value], value, len(belief)) @ rows
            lower = lower + _squares(rows, weight) - _squares(means[index], belief)
    gradients = rows @ at.gradients
    mean = (_averages(weight, patient, patients) @ gradients).toarray()
    whole: Array = _squares(gradients, weight).toarray() - mean.T @ mean
    return whole + (at.gradients.T @ lower @ at.gradients).toarray()


def _squares(rows: sparse.csr_array, weights: Array) -> sparse.csr_array:
    """The weighted sum of each row times itself, (columns, columns)."""
    return sparse.csr_array(rows.T @ sparse.diags_array(weights) @ rows)


def _averages(weights: Array, group: Index, groups: int) -> sparse.csr_array:
    """The matrix that sums weighted rows by group, (groups, rows)."""
    return sparse.csr_array((weights, (group, np.arange(len(group)))), (groups, len(group)))


@dataclass(frozen=True)
class _NodeResiduals:
    """The expected residuals of one node, in the rows (a patient and a configuration) with information on it.

    soft: whether the evidence on the node is soft. rows: indices of these rows. indices: of the residuals, (rows,
    states - 1). values: the expected residuals, of that shape. probabilities: P(state | configuration, findings),
    (rows, states); 0 or 1 unless `soft`.
    """

    soft: bool

    rows: Index
    indices: Index
    values: Array
    probabilities: Array


def _node_residuals(
    net: Net, at: Coordinates, index: int, evidence: Evidence, patient: Index, configuration: Index
) -> Iterator[_NodeResiduals]:
    """The expected residuals of each node whose table is in a cluster. patient, configuration: of each row, (rows,)."""
    cluster = net.engine.clusters[index]
    for node in (name for name in at.residuals if net.engine.home[name] == index):
        table = net.means.joints.tables[node]
        columns = [cluster.variables.index(parent) for parent in table.parents]
        entry = table.rows(cluster.configurations[:, columns])[configuration]
        expected = table.values[entry, :, 0]
        probabilities = _states(net.engine, node, evidence, patient, configuration, expected)
        if probabilities is not None:
            rows = np.flatnonzero(np.isfinite(probabilities[:, 0]))
            indices = at.residuals[node][_group(net, node, entry[rows])]
            residuals = (probabilities - expected)[rows, 1:]
            yield _NodeResiduals(node in evidence.likelihoods, rows, indices, residuals, probabilities[rows])


def _group(net: Net, node: str, entry: Index) -> Index:
    """The group that each entry of a node's table belongs to, (rows,); for the diagnosis, the setting."""
    if node not in net.means.built:
        return entry
    return np.searchsorted(net.means.built[node].recipe.starts, entry, side="right") - 1


def _states(
    engine: Engine, node: str, evidence: Evidence, patient: Index, configuration: Index, expected: Array
) -> Array | None:
    """P(state | configuration, findings), (rows, states).

    NaN in rows without information on the node; None if no patient has any. expected: the table, (rows, states).
    """
    index, states = engine.home[node], expected.shape[1]
    if node in engine.core:
        return np.eye(states)[engine.clusters[index].column(node)[configuration]]
    if node in evidence.states:
        return np.vstack([np.eye(states), np.full(states, np.nan)])[np.asarray(evidence.states[node])[patient]]
    if node not in evidence.likelihoods:
        return None
    likelihoods = evidence.likelihoods[node][patient]
    informative = likelihoods.min(axis=1, keepdims=True) < likelihoods.max(axis=1, keepdims=True)
    joint = np.where(informative, likelihoods, np.nan) * expected
    probabilities: Array = joint / joint.sum(axis=1, keepdims=True)
    return probabilities


def _expected_residuals(nodes: Sequence[_NodeResiduals], rows: int, size: int) -> sparse.csr_array:
    """The expected residuals of all nodes as one matrix, (rows, residuals)."""
    if not nodes:
        return sparse.csr_array((rows, size))
    row = np.concatenate([np.repeat(node.rows, node.indices.shape[1]) for node in nodes])
    column = np.concatenate([node.indices.ravel() for node in nodes])
    value = np.concatenate([node.values.ravel() for node in nodes])
    return sparse.csr_array((value, (row, column)), (rows, size))


def _soft_covariance(node: _NodeResiduals, weights: Array, size: int) -> sparse.csr_array:
    """The covariance of the residuals of a node with soft evidence, given the configuration, (residuals, residuals)."""
    inside = weights[node.rows][:, None, None] * covariance(node.probabilities)[:, 1:, 1:]
    one, other = np.broadcast_arrays(node.indices[:, :, None], node.indices[:, None, :])
    return sparse.csr_array((inside.ravel(), (one.ravel(), other.ravel())), (size, size))
