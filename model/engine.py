"""Exact inference by message passing in log space, compiled once from any discrete network.

A zero probability is the finite number IMPOSSIBLE in log space, so that sums and matrix products of
logarithms stay defined. Patients who agree in all that a cluster and the clusters below it see share
one message, so that a cohort costs little more than its distinct patterns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.clusters import Cluster, Index, build_clusters, core_of
from model.network import Array, Network

IMPOSSIBLE = -1e30
PATTERNS_AT_ONCE = 1024


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
    """

    codes: Mapping[str, Index | int]
    likelihoods: Mapping[str, Array]


@dataclass(frozen=True)
class Message:
    """Log weight of each separator value, (..., patterns, values); `pattern` (patients,) picks the row.

    Without `pattern` it is one message for all, (..., values).
    """

    values: Array
    pattern: Index | None


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
            _gather_core(network, c, [n for n in names if n in core])
            for c, names in zip(clusters, inside, strict=True)
        ),
        tables=tuple(_gather_leaves(network, c, list(group.row)) for c, group in zip(clusters, leaves, strict=True)),
    )
    resting = [message.values for message in _collect(engine, Evidence({}, {}))]
    return replace(
        engine, resting=tuple(resting), idle=tuple(bool(np.abs(values).max() < 1e-12) for values in resting)
    )


def _home(
    network: Network, clusters: Sequence[Cluster], name: str, target: str, core: tuple[str, ...]
) -> int:
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


def _gather_core(network: Network, cluster: Cluster, names: Sequence[str]) -> Array:
    """Log prior of each configuration, ([draws,] configurations)."""
    total = np.zeros(len(cluster.configurations))
    for name in names:
        index = tuple(cluster.column(n) for n in (*network.parents[name], name))
        total = total + _log(network.tables[name][(..., *index)])
    return total


def _gather_leaves(network: Network, cluster: Cluster, names: Sequence[str]) -> Array:
    """Log probability of each leaf state in each configuration, ([draws,] rows, configurations)."""
    size = len(cluster.configurations)
    blocks = [np.empty((0, size))]
    for name in names:
        table = np.moveaxis(network.tables[name], -1, -1 - len(network.parents[name]))
        index = tuple(cluster.column(p) for p in network.parents[name])
        block = table[(..., *index)] if index else np.broadcast_to(table[..., None], (*table.shape, size))
        blocks.append(_log(block))
    lead = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
    return np.concatenate([np.broadcast_to(b, (*lead, *b.shape[-2:])) for b in blocks], axis=-2)


def _collect(engine: Engine, evidence: Evidence) -> list[Message]:
    """Messages from the leaves of the tree to its root; the root's is the log joint of target and evidence."""
    mine: dict[int, list[str]] = {}
    for name in (*evidence.codes, *evidence.likelihoods):
        mine.setdefault(engine.home[name], []).append(name)
    messages = [Message(values, None) for values in engine.resting] or [Message(np.zeros(1), None)] * len(
        engine.clusters
    )
    inbox: dict[int, list[int]] = {}
    for index in reversed(range(len(engine.clusters))):
        names, children = mine.get(index, []), inbox.get(index, [])
        quiet = bool(engine.resting) and not names and not children and index > 0
        if not quiet:
            messages[index] = _message(engine, index, evidence, names, [(c, messages[c]) for c in children])
        if not (quiet and engine.idle[index]):
            inbox.setdefault(engine.clusters[index].parent, []).append(index)
    return messages


def _message(
    engine: Engine, index: int, evidence: Evidence, names: Sequence[str], children: Sequence[tuple[int, Message]]
) -> Message:
    """What a cluster tells its parent, once for each distinct pattern of what it sees."""
    starts = engine.separator_starts[index] if index else engine.clusters[0].starts((engine.target,))
    keys = [np.asarray(evidence.codes[n]) for n in names if n in evidence.codes and np.ndim(evidence.codes[n])]
    keys += [m.pattern for _, m in children if m.pattern is not None]
    soft = [n for n in names if n in evidence.likelihoods and evidence.likelihoods[n].ndim == 2]
    if soft:
        keys.append(np.arange(len(evidence.likelihoods[soft[0]])))
    if not keys:
        return Message(_log_sum(_potential(engine, index, evidence, names, children, None), starts), None)
    first, pattern = _distinct(keys)
    parts = [
        _log_sum(_potential(engine, index, evidence, names, children, rows), starts)
        for rows in np.array_split(first, -(-len(first) // PATTERNS_AT_ONCE))
    ]
    return Message(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2), pattern)


def _distinct(keys: Sequence[Index]) -> tuple[Index, Index]:
    """First patient of each distinct combination of keys, and the combination of each patient."""
    combined = keys[0] - keys[0].min()
    for key in keys[1:]:
        key = key - key.min()
        if combined.max() >= 2**62 // (int(key.max()) + 1):
            combined = np.unique(combined, return_inverse=True)[1]
        combined = combined * (key.max() + 1) + key
    _, first, pattern = np.unique(combined, return_index=True, return_inverse=True)
    return first, pattern


def _potential(
    engine: Engine,
    index: int,
    evidence: Evidence,
    names: Sequence[str],
    children: Sequence[tuple[int, Message]],
    rows: Index | None,
) -> Array:
    """Log weight of each configuration for some patients (`rows`) or for the one: (..., [rows,] configurations)."""
    total = engine.potentials[index]
    if rows is not None:
        total = total[..., None, :]
    observed = [n for n in names if n in evidence.codes and n in engine.leaves[index].row]
    if observed:
        total = total + _observed(engine, index, evidence, observed, rows)
    for name in names:
        if name not in observed:
            weights = _weights(engine, evidence, name, rows)
            total = total + _likelihood(engine, index, name, weights)
    for child, message in children:
        values = message.values
        if message.pattern is not None and rows is not None:
            values = values[..., message.pattern[rows], :]
        elif rows is not None:
            values = values[..., None, :]
        total = total + values[..., engine.to_parent[child]]
    return total


def _observed(engine: Engine, index: int, evidence: Evidence, names: Sequence[str], rows: Index | None) -> Array:
    """Log likelihood of observed leaf states: a sum of rows for one patient, a matrix product for many."""
    table, first = engine.tables[index], engine.leaves[index].row
    if rows is None:
        return table[..., [first[n] + int(evidence.codes[n]) for n in names], :].sum(axis=-2)
    chosen = np.zeros((len(rows), engine.leaves[index].rows))
    for name in names:
        codes = np.broadcast_to(evidence.codes[name], len(chosen)) if np.ndim(evidence.codes[name]) == 0 else None
        states = codes if codes is not None else np.asarray(evidence.codes[name])[rows]
        known = np.flatnonzero(states >= 0)
        chosen[known, first[name] + states[known]] = 1
    return chosen @ table


def _weights(engine: Engine, evidence: Evidence, name: str, rows: Index | None) -> Array:
    """Weight of each state of a variable, ([rows,] states)."""
    if name in evidence.likelihoods:
        weights = evidence.likelihoods[name]
        return weights[rows] if rows is not None and weights.ndim == 2 else weights
    size = len(engine.network.states[name])
    one_hot = np.vstack([np.eye(size), np.ones(size)])
    codes = evidence.codes[name]
    return one_hot[np.asarray(codes)[rows] if np.ndim(codes) and rows is not None else codes]


def _likelihood(engine: Engine, index: int, name: str, weights: Array) -> Array:
    """Log likelihood of each configuration when the states of `name` have `weights`."""
    first = engine.leaves[index].row.get(name)
    if first is None:
        return _log(weights)[..., engine.clusters[index].column(name)]
    table = np.exp(engine.tables[index][..., first : first + weights.shape[-1], :])
    return _log(np.matmul(weights, table))


def _log_sum(values: Array, starts: Index) -> Array:
    """log sum exp over runs of the last axis that begin at `starts`."""
    if len(starts) == values.shape[-1]:
        return values
    sizes = np.diff(starts, append=values.shape[-1])
    if (sizes == sizes[0]).all():
        runs = values.reshape(*values.shape[:-1], len(starts), sizes[0])
        top = runs.max(axis=-1, keepdims=True)
        return (np.log(np.exp(runs - top).sum(axis=-1, keepdims=True)) + top)[..., 0]  # type: ignore[no-any-return]
    top = np.maximum.reduceat(values, starts, axis=-1)
    shifted = np.exp(values - np.repeat(top, sizes, axis=-1))
    return np.log(np.add.reduceat(shifted, starts, axis=-1)) + top  # type: ignore[no-any-return]


def posterior(engine: Engine, evidence: Evidence) -> tuple[Array, Array]:
    """P(target | evidence), ([draws,] [patients,] target states), and log P(evidence) without the last axis.

    Where the evidence is impossible the log probability is below IMPOSSIBLE / 10 and the row is NaN.
    """
    root = _collect(engine, evidence)[0]
    top = root.values.max(axis=-1, keepdims=True)
    weights = np.exp(root.values - top)
    total = weights.sum(axis=-1, keepdims=True)
    log_evidence = np.log(total) + top
    first = engine.clusters[0]
    full = np.zeros((*weights.shape[:-1], len(engine.network.states[engine.target])))
    full[..., first.configurations[first.starts((engine.target,)), 0]] = weights / total
    full = np.where(log_evidence < IMPOSSIBLE / 10, np.nan, full)
    if root.pattern is None:
        return full, log_evidence[..., 0]
    return full[..., root.pattern, :], log_evidence[..., root.pattern, 0]


def beliefs(engine: Engine, evidence: Evidence) -> list[Array]:
    """P(configuration | evidence) of every cluster for one patient, each ([draws,] configurations)."""
    messages = _collect(replace(engine, resting=(), idle=()), evidence)
    log_evidence = _log_sum(messages[0].values, np.zeros(1, np.intp))
    children: dict[int, list[tuple[int, Message]]] = {}
    for index, cluster in enumerate(engine.clusters):
        children.setdefault(cluster.parent, []).append((index, messages[index]))
    result: list[Array] = []
    for index, cluster in enumerate(engine.clusters):
        names = [n for n in (*evidence.codes, *evidence.likelihoods) if engine.home[n] == index]
        potential = _potential(engine, index, evidence, names, children.get(index, []), None)
        if cluster.parent < 0:
            result.append(np.exp(potential - log_evidence))
            continue
        outside = _sum_by(result[cluster.parent], engine.to_parent[index])
        inside = np.exp(potential - messages[index].values[..., engine.to_separator[index]])
        result.append(inside * outside[..., engine.to_separator[index]])
    return result


def _sum_by(values: Array, group: Index) -> Array:
    """Sums of the last axis by group number; every group from 0 has a member."""
    order = np.argsort(group, kind="stable")
    starts = np.unique(group[order], return_index=True)[1]
    return np.add.reduceat(values[..., order], starts, axis=-1)  # type: ignore[no-any-return]


def joint_with_target(engine: Engine, believed: Sequence[Array], name: str) -> Array:
    """P(target, name | evidence) from `beliefs`, ([draws,] target states, states)."""
    index = engine.home[name]
    cluster, belief = engine.clusters[index], believed[index]
    states, targets = len(engine.network.states[name]), len(engine.network.states[engine.target])
    first = engine.leaves[index].row.get(name)
    if first is None:
        table = (cluster.column(name) == np.arange(states)[:, None]) * 1.0
    else:
        table = np.exp(engine.tables[index][..., first : first + states, :])
    starts = cluster.starts((engine.target,))
    result = np.zeros((*belief.shape[:-1], targets, states))
    summed = np.add.reduceat(belief[..., None, :] * table, starts, axis=-1)
    result[..., cluster.configurations[starts, 0], :] = np.swapaxes(summed, -1, -2)
    return result
