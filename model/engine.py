"""Exact inference by message passing in log space, compiled once from any discrete network.

The leading axis of every array is free: it may be patients, draws of the priors, or imagined results.
A zero probability is the finite number IMPOSSIBLE in log space, so that sums and matrix products of
logarithms stay defined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.clusters import Cluster, Index, build_clusters, core_of
from model.network import Array, Network

IMPOSSIBLE = -1e30


@dataclass(frozen=True)
class Leaves:
    """The leaves of one cluster: `row[name]` is the first of its rows in `table`, one row a state."""

    names: tuple[str, ...]
    row: Mapping[str, int]
    rows: int


@dataclass(frozen=True)
class Engine:
    """Everything about the structure; `potentials` and `tables` hold the numbers, one array a cluster.

    potentials[c]: log prior of each configuration, ([draws,] configurations).
    tables[c]: log probability of each leaf state, ([draws,] rows, configurations).
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
    resting: tuple[Array, ...]
    idle: tuple[bool, ...]


@dataclass(frozen=True)
class Evidence:
    """Evidence on any axis of cases: per leaf a state index (-1 unknown), and likelihoods.

    codes: variable -> state index, (cases,) or an integer. likelihoods: variable -> (cases, states) or (states,).
    """

    codes: Mapping[str, Index | int]
    likelihoods: Mapping[str, Array]


def _log(values: Array) -> Array:
    return np.where(values > 0, np.log(np.where(values > 0, values, 1)), IMPOSSIBLE)


def compile_engine(network: Network, target: str = "diagnosis") -> Engine:
    """Compile `network`; its tables may carry a leading axis of draws."""
    clusters = build_clusters(network, target)
    core = core_of(network.parents, target)
    home = {}
    for name in network.nodes:
        needed = {*network.parents[name], *({name} if name in core else {target})}
        home[name] = min(
            (i for i, c in enumerate(clusters) if needed <= set(c.variables)),
            key=lambda i: len(clusters[i].configurations),
        )
    leaves = []
    for index in range(len(clusters)):
        names = tuple(n for n in network.nodes if n not in core and home[n] == index)
        sizes = np.cumsum([0, *(len(network.states[n]) for n in names)])
        leaves.append(Leaves(names, dict(zip(names, sizes.tolist(), strict=False)), int(sizes[-1])))
    starts, to_parent, to_separator = [], [], []
    for cluster in clusters:
        first = cluster.starts(cluster.separator)
        starts.append(first)
        sizes = np.diff([*first, len(cluster.configurations)])
        to_separator.append(np.repeat(np.arange(len(first)), sizes))
        to_parent.append(_match(cluster, first, clusters) if cluster.parent >= 0 else np.empty(0, np.intp))
    potentials = tuple(_gather_core(network, c, [n for n in core if home[n] == i]) for i, c in enumerate(clusters))
    tables = tuple(_gather_leaves(network, c, leaves[i].names) for i, c in enumerate(clusters))
    bare = Engine(
        network,
        target,
        clusters,
        home,
        tuple(leaves),
        tuple(starts),
        tuple(to_parent),
        tuple(to_separator),
        potentials,
        tables,
        (),
        (),
    )
    resting = tuple(_collect(bare, list(potentials))[1])
    idle = tuple(bool(np.abs(message).max() < 1e-12) for message in resting)
    return replace(bare, resting=resting, idle=idle)


def _match(cluster: Cluster, first: Index, clusters: Sequence[Cluster]) -> Index:
    """For each configuration of the parent cluster, the separator value of `cluster` that it has."""
    parent = clusters[cluster.parent]
    values = cluster.configurations[first, : len(cluster.separator)]
    lookup = {tuple(v): i for i, v in enumerate(values.tolist())}
    columns = np.stack([parent.column(v) for v in cluster.separator], axis=1)
    return np.array([lookup[tuple(v)] for v in columns.tolist()], dtype=np.intp)


def _lookup(network: Network, cluster: Cluster, table: Array, names: Sequence[str]) -> Array:
    """Values of a table over `names` at each configuration, ([draws,] configurations[, states])."""
    lead = (slice(None),) * (table.ndim - len(network.shape(tuple(names))))
    index = tuple(cluster.column(n) for n in names)
    return table[(*lead, *index)] if names else table


def _gather_core(network: Network, cluster: Cluster, names: Sequence[str]) -> Array:
    total = np.zeros(len(cluster.configurations))
    for name in names:
        total = total + _log(_lookup(network, cluster, network.tables[name], (*network.parents[name], name)))
    return total


def _gather_leaves(network: Network, cluster: Cluster, names: Sequence[str]) -> Array:
    """([draws,] rows, configurations)"""
    blocks = []
    for name in names:
        by_state = np.moveaxis(network.tables[name], -1, 0)
        parents = network.parents[name]
        draws = by_state.ndim - 1 - len(parents)
        index = tuple(cluster.column(p) for p in parents)
        block = by_state[(slice(None),) * (1 + draws) + index] if parents else by_state[..., None]
        block = np.broadcast_to(block, (*block.shape[: 1 + draws], len(cluster.configurations)))
        blocks.append(_log(np.moveaxis(block, 0, -2)))
    if not blocks:
        return np.empty((0, len(cluster.configurations)))
    return np.ascontiguousarray(np.concatenate(blocks, axis=-2))


def _touched(engine: Engine, evidence: Evidence) -> set[int]:
    """Clusters whose message differs from the one without evidence."""
    touched = {engine.home[name] for name in (*evidence.codes, *evidence.likelihoods)}
    for index in reversed(range(len(engine.clusters))):
        if index in touched and engine.clusters[index].parent >= 0:
            touched.add(engine.clusters[index].parent)
    return touched


def _enter(engine: Engine, evidence: Evidence) -> list[Array]:
    """Log potential of each cluster with its own evidence, (..., configurations)."""
    potentials = list(engine.potentials)
    hard: dict[int, list[str]] = {}
    for name in evidence.codes:
        hard.setdefault(engine.home[name], []).append(name)
    for index, names in hard.items():
        potentials[index] = potentials[index] + _hard(engine, index, names, evidence.codes)
    for name, likelihood in evidence.likelihoods.items():
        index = engine.home[name]
        potentials[index] = potentials[index] + _soft(engine, index, name, likelihood)
    return potentials


def _hard(engine: Engine, index: int, names: list[str], codes: Mapping[str, Index | int]) -> Array:
    """Log likelihood of observed states: a gather for one case, a matrix product for many."""
    leaves, table = engine.leaves[index], engine.tables[index]
    many = [n for n in names if n not in leaves.row or np.ndim(codes[n])]
    rows = [leaves.row[n] + int(codes[n]) for n in names if n not in many]  # type: ignore[arg-type]
    total: Array = table[..., rows, :].sum(axis=-2)
    batch = [n for n in many if n in leaves.row]
    if batch:
        cases = np.asarray(codes[batch[0]])
        chosen = np.zeros((len(cases), leaves.rows))
        for name in batch:
            known = np.flatnonzero(np.asarray(codes[name]) >= 0)
            chosen[known, leaves.row[name] + np.asarray(codes[name])[known]] = 1
        total = total + chosen @ table
    for name in many:
        if name not in leaves.row:
            size = len(engine.network.states[name])
            one_hot = np.vstack([np.eye(size), np.ones(size)])[np.asarray(codes[name])]
            total = total + _soft(engine, index, name, one_hot)
    return total


def _soft(engine: Engine, index: int, name: str, likelihood: Array) -> Array:
    """Log likelihood in each configuration of a weighting of the states of `name`."""
    leaves = engine.leaves[index]
    if name not in leaves.row:
        return _log(likelihood)[..., engine.clusters[index].column(name)]
    first = leaves.row[name]
    table = np.exp(engine.tables[index][..., first : first + likelihood.shape[-1], :])
    return _log(np.matmul(likelihood, table))


def _collect(engine: Engine, potentials: list[Array], touched: set[int] | None = None) -> tuple[Array, list[Array]]:
    """Messages from the leaves of the tree to its root; `potentials` are completed in place.

    Returns the log joint of target and evidence, (..., target states), and every message.
    """
    messages: list[Array] = [np.zeros(1)] * len(engine.clusters)
    for index in reversed(range(len(engine.clusters))):
        parent = engine.clusters[index].parent
        if parent < 0:
            break
        if touched is not None and index not in touched:
            if engine.idle[index] or (parent not in touched and parent > 0):
                continue
            messages[index] = engine.resting[index]
        else:
            messages[index] = _log_sum(potentials[index], engine.separator_starts[index])
        potentials[parent] = potentials[parent] + messages[index][..., engine.to_parent[index]]
    root = engine.clusters[0]
    starts = root.starts((engine.target,))
    joint = _log_sum(potentials[0], starts)
    size = len(engine.network.states[engine.target])
    full = np.full((*joint.shape[:-1], size), IMPOSSIBLE)
    full[..., root.configurations[starts, 0]] = joint
    return full, messages


def _log_sum(values: Array, starts: Index) -> Array:
    """log sum exp over runs of the last axis that begin at `starts`."""
    if len(starts) == values.shape[-1]:
        return values
    top = np.maximum.reduceat(values, starts, axis=-1)
    sizes = np.diff(starts, append=values.shape[-1])
    shifted = np.exp(values - np.repeat(top, sizes, axis=-1))
    return np.log(np.add.reduceat(shifted, starts, axis=-1)) + top


def _sum_by(values: Array, group: Index) -> Array:
    """Sums of the last axis by group number; every group from 0 has a member."""
    order = np.argsort(group, kind="stable")
    starts = np.unique(group[order], return_index=True)[1]
    return np.add.reduceat(values[..., order], starts, axis=-1)  # type: ignore[no-any-return]


def log_joint(engine: Engine, evidence: Evidence) -> Array:
    """log P(target, evidence), (..., target states). The leading axes are those of the evidence and draws."""
    touched = _touched(engine, evidence)
    return _collect(engine, _enter(engine, evidence), touched)[0]


def posterior(engine: Engine, evidence: Evidence) -> tuple[Array, Array]:
    """P(target | evidence), (..., target states), and log P(evidence), (...).

    Where the evidence is impossible the log probability is below IMPOSSIBLE / 10 and the row is NaN.
    """
    joint = log_joint(engine, evidence)
    top = joint.max(axis=-1, keepdims=True)
    weights = np.exp(joint - top)
    total = weights.sum(axis=-1, keepdims=True)
    log_evidence = (np.log(total) + top)[..., 0]
    result = weights / total
    if (log_evidence < IMPOSSIBLE / 10).any():
        result = np.where((log_evidence < IMPOSSIBLE / 10)[..., None], np.nan, result)
    return result, log_evidence


def beliefs(engine: Engine, evidence: Evidence) -> list[Array]:
    """P(configuration | evidence) of every cluster, each (..., configurations), by a full propagation."""
    potentials = _enter(engine, evidence)
    joint, messages = _collect(engine, potentials)
    log_evidence = _log_sum(joint, np.zeros(1, np.intp))
    result: list[Array] = []
    for index, cluster in enumerate(engine.clusters):
        if cluster.parent < 0:
            result.append(np.exp(potentials[index] - log_evidence))
            continue
        above = result[cluster.parent]
        outside = _sum_by(above, engine.to_parent[index])
        inside = np.exp(potentials[index] - messages[index][..., engine.to_separator[index]])
        result.append(inside * outside[..., engine.to_separator[index]])
    return result


def joint_with_target(engine: Engine, believed: Sequence[Array], name: str) -> Array:
    """P(target, name | evidence) from `beliefs`, (..., target states, states)."""
    index = engine.home[name]
    cluster, belief = engine.clusters[index], believed[index]
    states, targets = len(engine.network.states[name]), len(engine.network.states[engine.target])
    result = np.zeros((*belief.shape[:-1], targets, states))
    starts = cluster.starts((engine.target,))
    present = cluster.configurations[starts, 0]
    if name in engine.leaves[index].row:
        first = engine.leaves[index].row[name]
        table = np.exp(engine.tables[index][..., first : first + states, :])
        summed = np.add.reduceat(belief[..., None, :] * table, starts, axis=-1)
        result[..., present, :] = np.swapaxes(summed, -1, -2)
        return result
    column = cluster.column(name)
    for state in range(states):
        summed = np.add.reduceat(np.where(column == state, belief, 0), starts, axis=-1)
        result[..., present, state] = summed
    return result
