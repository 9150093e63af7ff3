"""The information that a cohort lacks: how much the gradients of its patients would vary, if the rest were known.

The tree of clusters is gone through from its leaves. In each configuration of a cluster the misfits at home there,
with those expected in the clusters below it, are known; what they vary by, once the separator to the cluster above is
told, is news, and news of different clusters is uncorrelated. So the covariances of the news add up to the whole
(the law of total covariance), exactly.
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
    """The sum over the patients of the covariance, given what is known of each, of the gradient that they would have,
    were everything known, (size, size): the missing information of Louis (1982). Those of partitions add up.
    """
    total = np.zeros((at.size, at.size))
    for _, evidence, believed, log_evidence in blocks(net, cohort):
        possible = np.flatnonzero(np.isfinite(log_evidence))
        if len(possible):
            total += _of_block(net, at, evidence.take(possible), [belief[possible] for belief in believed])
    return total


def _of_block(net: Net, at: Coordinates, known: Evidence, believed: list[Array]) -> Array:
    """The root's misfits are of all nodes and are taken to the coordinates first; those of the others are few."""
    engine, patients, misfits = net.engine, len(believed[0]), at.gradients.shape[0]
    below = sparse.csr_array((misfits, misfits))
    means: dict[int, sparse.csr_array] = {}
    for index in range(len(engine.clusters) - 1, -1, -1):
        patient, configuration = np.nonzero(believed[index] > NEGLIGIBLE)
        weight = believed[index][patient, configuration]
        seen = [*_seen(net, at, index, known, patient, configuration)]
        rows = _misfits(seen, len(patient), misfits)
        for soft in (own for own in seen if own.soft):
            below = below + _spread(soft, weight, misfits)
        for child in [child for child in means if engine.clusters[child].parent == index]:
            values = len(engine.tables[child].starts)
            rows = rows + means.pop(child)[patient * values + engine.tables[child].to_parent[configuration]]
        if index:
            values = len(engine.tables[index].starts)
            run = patient * values + engine.tables[index].to_separator[configuration]
            share = np.bincount(run, weights=weight, minlength=patients * values).astype(np.float64)
            means[index] = _averages(weight / share[run], run, len(share)) @ rows
            below = below + _squares(rows, weight) - _squares(means[index], share)
    gradients = rows @ at.gradients
    mean = (_averages(weight, patient, patients) @ gradients).toarray()
    whole: Array = _squares(gradients, weight).toarray() - mean.T @ mean
    return whole + (at.gradients.T @ below @ at.gradients).toarray()


def _squares(rows: sparse.csr_array, weights: Array) -> sparse.csr_array:
    """The weighted sum of each row times itself, (columns, columns)."""
    return sparse.csr_array(rows.T @ sparse.diags_array(weights) @ rows)


def _averages(weights: Array, group: Index, groups: int) -> sparse.csr_array:
    """The matrix that adds up rows by group with their weights, (groups, rows)."""
    return sparse.csr_array((weights, (group, np.arange(len(group)))), (groups, len(group)))


@dataclass(frozen=True)
class _Seen:
    """One node in some configurations of its cluster, where it tells something.

    rows: which of the configurations. places: of its misfits, (rows, states - 1). values: the misfits that are
    expected. shares: P(state | configuration, findings), (rows, states), 0 or 1 but for `soft` evidence.
    """

    soft: bool

    rows: Index
    places: Index
    values: Array
    shares: Array


def _seen(
    net: Net, at: Coordinates, index: int, known: Evidence, patient: Index, configuration: Index
) -> Iterator[_Seen]:
    """The nodes at home in a cluster, in some of its configurations for some patients."""
    cluster = net.engine.clusters[index]
    for node in (name for name in at.misfits if net.engine.home[name] == index):
        table = net.means.joints.tables[node]
        columns = [cluster.variables.index(parent) for parent in table.parents]
        entry = table.rows(cluster.configurations[:, columns])[configuration]
        expected = table.values[entry, :, 0]
        shares = _states(net.engine, node, known, patient, configuration, expected)
        if shares is not None:
            rows = np.flatnonzero(np.isfinite(shares[:, 0]))
            places = at.misfits[node][_group(net, node, entry[rows])]
            yield _Seen(node in known.likelihoods, rows, places, (shares - expected)[rows, 1:], shares[rows])


def _group(net: Net, node: str, entry: Index) -> Index:
    """The group of rate parents of each entry of a table; of the diagnosis, the setting itself."""
    if node not in net.means.built:
        return entry
    return np.searchsorted(net.means.built[node].recipe.starts, entry, side="right") - 1


def _states(
    engine: Engine, node: str, known: Evidence, patient: Index, configuration: Index, expected: Array
) -> Array | None:
    """P(state | configuration, findings), (rows, states); NaN where the findings do not speak of the node, None where
    they do for nobody.
    """
    index, states = engine.home[node], expected.shape[1]
    if node in engine.core:
        return np.eye(states)[engine.clusters[index].column(node)[configuration]]
    if node in known.codes:
        return np.vstack([np.eye(states), np.full(states, np.nan)])[np.asarray(known.codes[node])[patient]]
    if node not in known.likelihoods:
        return None
    weights = known.likelihoods[node][patient]
    telling = weights.min(axis=1, keepdims=True) < weights.max(axis=1, keepdims=True)
    joint = np.where(telling, weights, np.nan) * expected
    shares: Array = joint / joint.sum(axis=1, keepdims=True)
    return shares


def _misfits(seen: Sequence[_Seen], rows: int, size: int) -> sparse.csr_array:
    """The expected misfits side by side, (rows, misfits)."""
    if not seen:
        return sparse.csr_array((rows, size))
    row = np.concatenate([np.repeat(own.rows, own.places.shape[1]) for own in seen])
    place = np.concatenate([own.places.ravel() for own in seen])
    value = np.concatenate([own.values.ravel() for own in seen])
    return sparse.csr_array((value, (row, place)), (rows, size))


def _spread(seen: _Seen, weights: Array, size: int) -> sparse.csr_array:
    """What the misfits of a node known as soft evidence vary by in a configuration, (misfits, misfits)."""
    inside = weights[seen.rows][:, None, None] * covariance(seen.shares)[:, 1:, 1:]
    one, other = np.broadcast_arrays(seen.places[:, :, None], seen.places[:, None, :])
    return sparse.csr_array((inside.ravel(), (one.ravel(), other.ravel())), (size, size))
