"""Exact inference by message passing in log space, compiled once from any discrete network.

The general way: hard and soft evidence, leading axes ([draws of the priors,] [patients,]), and no
underflow however extreme the evidence. `model.inference.linear_scale` does the common case much faster.

A zero probability is the finite number IMPOSSIBLE in log space, so that sums of logarithms stay defined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from model.inference.junction_tree import Cluster, Index, build_clusters, core_of
from model.network.build import Array, Network

IMPOSSIBLE = -1e30


@dataclass(frozen=True)
class Leaves:
    """The leaves of one cluster: `row[name]` is the first of its rows in the table, one row a state."""

    row: Mapping[str, int]
    rows: int


@dataclass(frozen=True)
class Engine:
    """The cluster tree and its numbers, one array a cluster.

    potentials[c]: log prior of each configuration, ([draws,] configurations).
    tables[c]: log probability of each leaf state, ([draws,] rows, configurations).
    separator_starts[c]: first configuration of each separator value; to_separator[c]: the value of each
    configuration; to_parent[c]: the value that each configuration of the parent cluster has.
    resting[c]: message without evidence; idle[c]: it is zero, so that it need not be sent.
    """

    network: Network
    target: str
    clusters: tuple[Cluster, ...]
    home: Mapping[str, int]
    leaves: tuple[Leaves, ...]
    separator_starts: tuple[Index, ...]
    to_parent: tuple[Index, ...]
    to_separator: tuple[Index, ...]
    potentials: tuple[Array, ...]
    tables: tuple[Array, ...]
    resting: tuple[Array, ...] = ()
    idle: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What is known of one patient, or of many.

    codes: variable -> state index, an integer or (patients,) with -1 for unknown.
    likelihoods: variable -> weight of each state, (states,) or (patients, states).
    No variable stands in both.
    """

    codes: Mapping[str, Index | int]
    likelihoods: Mapping[str, Array]

    @property
    def of_many(self) -> bool:
        return any(np.ndim(c) for c in self.codes.values()) or any(w.ndim > 1 for w in self.likelihoods.values())

    def as_patients(self) -> "Evidence":
        """The same with an axis of patients on every variable, of length 1 where all share a value."""
        codes = {name: np.atleast_1d(code) for name, code in self.codes.items()}
        return Evidence(codes, {name: np.atleast_2d(weights) for name, weights in self.likelihoods.items()})


def compile_engine(network: Network, target: str = "diagnosis") -> Engine:
    """Compile `network`; its tables may carry a leading axis of draws."""
    clusters = build_clusters(network, target)
    core = core_of(network.parents, target)
    home = {name: _home(network, clusters, name, target, core) for name in network.nodes}
    inside = [[n for n in network.nodes if home[n] == index] for index in range(len(clusters))]
    leaves = [_leaves(network, [n for n in names if n not in core]) for names in inside]
    starts = [cluster.starts(cluster.separator) for cluster in clusters]
    sizes = [np.diff(s, append=len(c.configurations)) for s, c in zip(starts, clusters, strict=True)]
    engine = Engine(
        network=network,
        target=target,
        clusters=clusters,
        home=home,
        leaves=tuple(leaves),
        separator_starts=tuple(starts),
        to_parent=tuple(_match(c, s, clusters) for c, s in zip(clusters, starts, strict=True)),
        to_separator=tuple(np.repeat(np.arange(len(s)), s) for s in sizes),
        potentials=tuple(
            _gather_core(network, c, [n for n in names if n in core]) for c, names in zip(clusters, inside, strict=True)
        ),
        tables=tuple(_gather_leaves(network, c, list(group.row)) for c, group in zip(clusters, leaves, strict=True)),
    )
    resting = _collect(engine, Evidence({}, {}))[0]
    return replace(engine, resting=tuple(resting), idle=tuple(bool(np.abs(values).max() < 1e-12) for values in resting))


def _home(network: Network, clusters: Sequence[Cluster], name: str, target: str, core: tuple[str, ...]) -> int:
    """The smallest cluster that holds the parents of a node, and a core node itself."""
    needed = {*network.parents[name], *({name} if name in core else {target})}
    fitting = [i for i, cluster in enumerate(clusters) if needed <= set(cluster.variables)]
    return min(fitting, key=lambda i: len(clusters[i].configurations))


def _leaves(network: Network, names: Sequence[str]) -> Leaves:
    first = np.cumsum([0, *(len(network.states[n]) for n in names)]).tolist()
    return Leaves(dict(zip(names, first, strict=False)), first[-1])


def _match(cluster: Cluster, first: Index, clusters: Sequence[Cluster]) -> Index:
    """For each configuration of the parent cluster, the separator value of `cluster` that it has."""
    if cluster.parent < 0:
        return np.empty(0, np.intp)
    parent = clusters[cluster.parent]
    values = cluster.configurations[first, : len(cluster.separator)]
    lookup = {tuple(v): i for i, v in enumerate(values.tolist())}
    columns = np.stack([parent.column(v) for v in cluster.separator], axis=1)
    return np.array([lookup[tuple(v)] for v in columns.tolist()], dtype=np.intp)


def _log(values: Array) -> Array:
    return np.where(values > 0, np.log(np.where(values > 0, values, 1)), IMPOSSIBLE)


def _at(table: Array, index: tuple[Index, ...]) -> Array:
    """The entries at `index` of the last axes."""
    place: tuple[Any, ...] = (..., *index)
    return table[place]


def _gather_core(network: Network, cluster: Cluster, names: Sequence[str]) -> Array:
    """Log prior of each configuration, ([draws,] configurations)."""
    total = np.zeros(len(cluster.configurations))
    for name in names:
        index = tuple(cluster.column(n) for n in (*network.parents[name], name))
        total = total + _log(_at(network.tables[name], index))
    return total


def _gather_leaves(network: Network, cluster: Cluster, names: Sequence[str]) -> Array:
    """Log probability of each leaf state in each configuration, ([draws,] rows, configurations)."""
    size = len(cluster.configurations)
    blocks = [np.empty((0, size))]
    for name in names:
        table = np.moveaxis(network.tables[name], -1, -1 - len(network.parents[name]))
        index = tuple(cluster.column(p) for p in network.parents[name])
        block = _at(table, index) if index else np.broadcast_to(table[..., None], (*table.shape, size))
        blocks.append(_log(block))
    lead = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
    return np.concatenate([np.broadcast_to(b, (*lead, *b.shape[-2:])) for b in blocks], axis=-2)


def _collect(engine: Engine, evidence: Evidence) -> tuple[list[Array], list[Array]]:
    """Messages from the leaves of the tree to its root, and the log weights of each cluster.

    Messages are (..., separator values); the root's is the log joint of target and evidence.
    """
    mine = _by_cluster(engine, evidence)
    count = len(engine.clusters)
    resting, weights = list(engine.resting), list(engine.potentials)
    if evidence.of_many:
        evidence = evidence.as_patients()
        resting, weights = [[_beside_patients(values) for values in group] for group in (resting, weights)]
    messages = list(resting) or [np.zeros(1)] * count
    for index in reversed(range(count)):
        cluster = engine.clusters[index]
        heard = [c for c in range(count) if engine.clusters[c].parent == index]
        if resting and index and not mine[index] and all(messages[c] is resting[c] for c in heard):
            continue
        weights[index] = weights[index] + sum(_likelihood(engine, index, evidence, n) for n in mine[index])
        for child in heard:
            if not (engine.idle and engine.idle[child] and messages[child] is resting[child]):
                weights[index] = weights[index] + messages[child][..., engine.to_parent[child]]
        starts = engine.separator_starts[index] if index else cluster.starts((engine.target,))
        messages[index] = _log_sum(weights[index], starts)
    return messages, weights


def _beside_patients(values: Array) -> Array:
    """An axis for the patients after that of the draws, if there is one."""
    return values if values.ndim == 1 else values[:, None]


def _by_cluster(engine: Engine, evidence: Evidence) -> list[list[str]]:
    """The observed variables of each cluster."""
    mine: list[list[str]] = [[] for _ in engine.clusters]
    for name in (*evidence.codes, *evidence.likelihoods):
        mine[engine.home[name]].append(name)
    return mine


def _likelihood(engine: Engine, index: int, evidence: Evidence, name: str) -> Array:
    """Log likelihood of what is known of one variable in each configuration, (..., configurations)."""
    first = engine.leaves[index].row.get(name)
    if first is not None and name in evidence.codes and np.ndim(evidence.codes[name]) == 0:
        return engine.tables[index][..., first + int(evidence.codes[name]), :]
    size = len(engine.network.states[name])
    if name in evidence.likelihoods:
        weights = evidence.likelihoods[name]
    else:
        weights = np.vstack([np.eye(size), np.ones(size)])[evidence.codes[name]]
    if first is None:
        return _log(weights)[..., engine.clusters[index].column(name)]
    return _log(np.matmul(weights, np.exp(engine.tables[index][..., first : first + size, :])))


def _log_sum(values: Array, starts: Index) -> Array:
    """log sum exp over runs of the last axis that begin at `starts`."""
    if len(starts) == values.shape[-1]:
        return values
    sizes = np.diff(starts, append=values.shape[-1])
    top = np.maximum.reduceat(values, starts, axis=-1)
    shifted = np.exp(values - np.repeat(top, sizes, axis=-1))
    return np.log(np.add.reduceat(shifted, starts, axis=-1)) + top


def posterior(engine: Engine, evidence: Evidence) -> tuple[Array, Array]:
    """P(target | evidence), (..., target states), and log P(evidence), (...).

    Where the evidence is impossible the log probability is below IMPOSSIBLE / 10 and the row is NaN.
    """
    joint = log_joint(engine, evidence)
    top = joint.max(axis=-1, keepdims=True)
    weights = np.exp(joint - top)
    total = weights.sum(axis=-1, keepdims=True)
    log_evidence = np.log(total) + top
    return np.where(log_evidence < IMPOSSIBLE / 10, np.nan, weights / total), log_evidence[..., 0]


def log_joint(engine: Engine, evidence: Evidence) -> Array:
    """ln P(target, evidence), (..., target states); below IMPOSSIBLE / 10 where it cannot be."""
    message = _collect(engine, evidence)[0][0]
    root = engine.clusters[0]
    result = np.full((*message.shape[:-1], len(engine.network.states[engine.target])), IMPOSSIBLE)
    result[..., root.configurations[root.starts((engine.target,)), 0]] = message
    return result


def beliefs(engine: Engine, evidence: Evidence) -> list[Array]:
    """P(configuration | evidence) of every cluster, each (..., configurations), by a full propagation.

    NaN where the evidence is impossible.
    """
    messages, weights = _collect(replace(engine, resting=(), idle=()), evidence)
    log_evidence = _log_sum(messages[0], np.zeros(1, np.intp))
    result = [np.where(log_evidence < IMPOSSIBLE / 10, np.nan, np.exp(weights[0] - log_evidence))]
    for index, cluster in enumerate(engine.clusters[1:], start=1):
        outside = _sum_by(result[cluster.parent], engine.to_parent[index])
        inside = np.exp(weights[index] - messages[index][..., engine.to_separator[index]])
        result.append(inside * outside[..., engine.to_separator[index]])
    return result


def _sum_by(values: Array, group: Index) -> Array:
    """Sums of the last axis by group number; every group from 0 has a member."""
    order = np.argsort(group, kind="stable")
    starts = np.unique(group[order], return_index=True)[1]
    return np.add.reduceat(values[..., order], starts, axis=-1)


def joint_with_target(engine: Engine, believed: Sequence[Array], name: str) -> Array:
    """P(target, name | evidence) from `beliefs`, ([draws,] [patients,] target states, states)."""
    index = engine.home[name]
    cluster, belief = engine.clusters[index], believed[index]
    states, targets = len(engine.network.states[name]), len(engine.network.states[engine.target])
    first = engine.leaves[index].row.get(name)
    if first is None:
        table = (cluster.column(name) == np.arange(states)[:, None]) * 1.0
    else:
        table = np.exp(engine.tables[index][..., first : first + states, :])
        if table.ndim == belief.ndim == 3:
            table = table[:, None]
    starts = cluster.starts((engine.target,))
    result = np.zeros((*belief.shape[:-1], targets, states))
    summed = np.add.reduceat(belief[..., None, :] * table, starts, axis=-1)
    result[..., cluster.configurations[starts, 0], :] = np.swapaxes(summed, -1, -2)
    return result
