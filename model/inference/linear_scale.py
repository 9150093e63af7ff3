"""Fast exact posteriors on the linear scale: one patient in tens of microseconds, cohorts in a few each.

The messages are those of `model.inference.log_scale`, for hard evidence and one set of tables. Every factor is a
probability, so a product can only lose terms below 1e-308; a total above SAFE is exact to double
precision, and anything else is left to the log scale. In a cohort, patients who agree in all that a
cluster and the clusters below it see share one message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.inference.junction_tree import Index
from model.inference.log_scale import IMPOSSIBLE, Engine
from model.network.build import Array

SAFE = 1e-250
NUMBERS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Table:
    """One cluster on the linear scale.

    weights: row 0 the prior of each configuration, then one row a state, (1 + rows, configurations).
    columns: variable -> its first row. alone: the message of each row when nothing else is observed,
    (1 + rows, separator values). starts: first configuration of each separator value. to_parent: the
    separator value of each configuration of the parent. idle: the message without evidence is 1.
    by_separator, groups, to_separator: the way back. by_target, targets: runs with one state of the target.
    padded: the weights as (1 + rows, members, separator values), zero where a value has fewer members; at
    the root (1 + rows, 1, configurations). padded_prior: each row times the prior. padded_to_parent:
    to_parent in the layout of the parent, (members, values), None where that is the parent's own separator.
    """

    parent: int
    idle: bool
    weights: Array
    columns: Mapping[str, int]
    alone: Array
    starts: Index
    to_parent: Index
    by_separator: Index
    groups: Index
    to_separator: Index
    by_target: Index
    targets: Index
    padded: Array
    padded_prior: Array
    padded_to_parent: Index | None


@dataclass(frozen=True)
class LinearEngine:
    """Tables of all clusters, parents first.

    place: (variable, state) -> cluster and row. target_of_root: 1 where a configuration of the root has
    that state of the target, (configurations, targets).
    """

    tables: tuple[Table, ...]
    place: Mapping[tuple[str, object], tuple[int, int]]
    states: Mapping[str, int]
    size: int
    target_of_root: Array


def compile_linear(engine: Engine) -> LinearEngine:
    """Prepare `engine`, whose tables have no axis of draws."""
    states = engine.network.states
    layouts = [_padding(engine, index) for index in range(len(engine.clusters))]
    tables = tuple(_table(engine, index, layouts) for index in range(len(engine.clusters)))
    place: dict[tuple[str, object], tuple[int, int]] = {
        (name, state): (index, first + i)
        for index, table in enumerate(tables)
        for name, first in table.columns.items()
        for i, state in enumerate(states[name])
    }
    size = len(states[engine.target])
    target_of_root = np.eye(size)[engine.clusters[0].column(engine.target)]
    return LinearEngine(tables, place, {n: len(s) for n, s in states.items()}, size, target_of_root)


def _rows(engine: Engine, index: int) -> tuple[Array, dict[str, int]]:
    """Prior, leaf states, and indicators of the core states at home in a cluster; first row of each variable."""
    cluster, leaves, states = engine.clusters[index], engine.leaves[index], engine.network.states
    rows = [_linear(engine.potentials[index])[None], _linear(engine.tables[index])]
    columns = {name: 1 + first for name, first in leaves.row.items()}
    count = 1 + leaves.rows
    for name in engine.network.nodes:
        if engine.home[name] == index and name not in leaves.row:
            rows.append((cluster.column(name) == np.arange(len(states[name]))[:, None]) * 1.0)
            columns[name] = count
            count += len(states[name])
    return np.concatenate(rows), columns


def _linear(logs: Array) -> Array:
    return np.where(logs > IMPOSSIBLE / 10, np.exp(logs), 0.0)


def _starts(engine: Engine, index: int) -> Index:
    return engine.separator_starts[index] if index else engine.clusters[0].starts((engine.target,))


def _padding(engine: Engine, index: int) -> Index:
    """Configuration of each member of each separator value, (members, values); -1 where there is none."""
    size = len(engine.clusters[index].configurations)
    starts = engine.separator_starts[index] if index else np.arange(size)
    sizes = np.diff(starts, append=size)
    members = np.arange(sizes.max())[:, None]
    return np.where(members < sizes, starts + members, -1)


def _table(engine: Engine, index: int, layouts: Sequence[Index]) -> Table:
    cluster, match, starts = engine.clusters[index], engine.to_parent[index], _starts(engine, index)
    weights, columns = _rows(engine, index)
    layout = layouts[index]
    order = np.argsort(match, kind="stable")
    by_target = cluster.starts((engine.target,))
    above = match[layouts[cluster.parent]] if index else layouts[0]
    padded = np.where(layout < 0, 0, weights.take(layout, 1))
    values = np.arange(len(starts))
    same = above.shape[1] == len(values) and bool(((above == values) | (layouts[cluster.parent] < 0)).all())
    return Table(
        parent=cluster.parent,
        idle=engine.idle[index],
        weights=weights,
        columns=columns,
        alone=np.add.reduceat(np.concatenate([weights[:1], weights[1:] * weights[0]]), starts, axis=1),
        starts=starts,
        to_parent=match,
        by_separator=order,
        groups=np.unique(match[order], return_index=True)[1],
        to_separator=engine.to_separator[index],
        by_target=by_target,
        targets=cluster.configurations[by_target, 0],
        padded=padded,
        padded_prior=np.concatenate([padded[:1], padded[1:] * padded[0]]),
        padded_to_parent=None if same else above,
    )


def posterior(engine: LinearEngine, rows: Mapping[int, list[int]]) -> Array | None:
    """P(target | observations) of one patient, (targets,); None where the linear scale is not safe.

    `rows`: cluster -> the rows of its table that were observed.
    """
    inbox: dict[int, list[int]] = {}
    messages: dict[int, Array] = {}
    for index in range(len(engine.tables) - 1, -1, -1):
        table, observed, children = engine.tables[index], rows.get(index), inbox.get(index)
        if observed is None and children is None:
            if table.idle and index:
                continue
            message = table.alone[0]
        elif children is None and observed is not None and len(observed) == 1:
            message = table.alone[observed[0]]
        else:
            message = np.add.reduceat(_weights(engine, index, observed, children, messages), table.starts)
        messages[index] = message
        inbox.setdefault(table.parent, []).append(index)
    total = messages[0].sum()
    if not total > SAFE:
        return None
    result = np.zeros(engine.size)
    result[engine.tables[0].targets] = messages[0] / total
    return result


def _weights(
    engine: LinearEngine,
    index: int,
    observed: list[int] | None,
    children: list[int] | None,
    messages: Mapping[int, Array],
) -> Array:
    """Weight of each configuration of a cluster: its prior, its own observations, what its children say."""
    table = engine.tables[index].weights
    weights: Array = table.take([0, *observed], 0).prod(0) if observed else table[0]
    for child in children or ():
        weights = weights * messages[child].take(engine.tables[child].to_parent)
    return weights


def joints(engine: LinearEngine, rows: Mapping[int, list[int]]) -> dict[str, Array] | None:
    """P(target, variable | observations) of every variable of one patient, each (targets, states).

    One pass to the root and one back (Lauritzen & Spiegelhalter 1988), then one product per cluster
    of all its tables with its belief. None where the linear scale is not safe.
    """
    count = len(engine.tables)
    weights: list[Array] = [np.empty(0)] * count
    messages: dict[int, Array] = {}
    inbox: dict[int, list[int]] = {}
    for index in range(count - 1, -1, -1):
        table = engine.tables[index]
        weights[index] = _weights(engine, index, rows.get(index), inbox.get(index), messages)
        messages[index] = np.add.reduceat(weights[index], table.starts)
        inbox.setdefault(table.parent, []).append(index)
    total = messages[0].sum()
    if not total > SAFE:
        return None
    weights[0] = weights[0] / total
    result: dict[str, Array] = {}
    for index, table in enumerate(engine.tables):
        if index:
            outside = np.add.reduceat(weights[table.parent].take(table.by_separator), table.groups)
            ratio = np.divide(outside, messages[index], out=np.zeros_like(outside), where=messages[index] > 0)
            weights[index] = weights[index] * ratio.take(table.to_separator)
        joint = np.zeros((engine.size, len(table.weights)))
        joint[table.targets] = np.add.reduceat(table.weights * weights[index], table.by_target, axis=1).T
        for name, first in table.columns.items():
            result[name] = joint[:, first : first + engine.states[name]]
    return result


def posteriors(engine: LinearEngine, codes: Mapping[str, Index], patients: int) -> Array:
    """P(target | findings) of a cohort, (patients, targets); NaN where the linear scale is not safe.

    codes: variable -> state index of each patient, -1 for unknown, (patients,).
    """
    joint = joint_of_patients(engine, codes, patients)
    total = joint.sum(axis=1, keepdims=True)
    return np.where(total > SAFE, joint / total.clip(SAFE), np.nan)


def joint_of_patients(engine: LinearEngine, codes: Mapping[str, Index], patients: int) -> Array:
    """P(target, findings) of a cohort, (patients, targets); what is far below SAFE may have lost terms.

    codes: variable -> state index of each patient, -1 for unknown, (patients,).
    """
    sent: dict[int, tuple[Array, Index | None]] = {}
    inbox: dict[int, list[int]] = {}
    for index in range(len(engine.tables) - 1, -1, -1):
        table, children = engine.tables[index], inbox.get(index, [])
        own = [name for name in table.columns if name in codes]
        if not own and not children and table.idle and index:
            continue
        keys = [codes[name] for name in own]
        keys += [pattern for child in children if (pattern := sent[child][1]) is not None]
        first, pattern = _distinct(keys) if keys else (np.zeros(1, np.intp), None)
        chosen, order = _chosen_rows(table, own, [codes[name][first] for name in own], len(first))
        first = first[order]
        if pattern is not None:
            pattern = np.argsort(order)[pattern]
        blocks = np.array_split(np.arange(len(first)), -(-len(first) * table.padded[0].size // NUMBERS_AT_ONCE))
        heard = [(c, *sent[c]) for c in children]
        parts = [_batch_message(engine, index, chosen[block], heard, first[block]) for block in blocks]
        sent[index] = (np.concatenate(parts), pattern)
        inbox.setdefault(table.parent, []).append(index)
    weights, pattern = sent[0]
    joint = weights @ engine.target_of_root
    return joint[pattern] if pattern is not None else np.broadcast_to(joint, (patients, engine.size))


def _distinct(keys: Sequence[Index]) -> tuple[Index, Index]:
    """First patient of each distinct combination of keys, and the combination of each patient."""
    combined = keys[0] + 1
    for key in keys[1:]:
        size = int(key.max()) + 2
        if int(combined.max()) >= 2**62 // size:
            combined = np.unique(combined, return_inverse=True)[1]
        combined = combined * size + (key + 1)
    _, first, pattern = np.unique(combined, return_index=True, return_inverse=True)
    return first, pattern


def _chosen_rows(table: Table, names: Sequence[str], states: Sequence[Index], patterns: int) -> tuple[Index, Index]:
    """The observed rows of a table, (patterns, observations), known ones first and 0 after them.

    Patterns with most observations come first: the second value is their order.
    """
    if not names:
        return np.zeros((patterns, 1), np.intp), np.arange(patterns)
    rows = np.stack([np.where(s >= 0, table.columns[n] + s, 0) for n, s in zip(names, states, strict=True)], axis=1)
    order = np.argsort(-np.count_nonzero(rows, axis=1), kind="stable")
    return -np.sort(-rows[order], axis=1), order


def _batch_message(
    engine: LinearEngine,
    index: int,
    chosen: Index,
    children: Sequence[tuple[int, Array, Index | None]],
    patients: Index,
) -> Array:
    """Messages of a cluster for some patients, (patients, separator values).

    `chosen`: the rows of its table that each observed, most first, 0 for none, (patients, observations).
    """
    table = engine.tables[index]
    weights = table.padded_prior.take(chosen[:, 0], 0)
    for column in chosen.T[1:]:
        count = np.count_nonzero(column)
        weights[:count] *= table.padded.take(column[:count], 0)
    for child, message, pattern in children:
        values = message.take(pattern[patients], 0) if pattern is not None else message
        match = engine.tables[child].padded_to_parent
        weights *= values[:, None] if match is None else values.take(match, 1)
    return weights.sum(axis=1)
