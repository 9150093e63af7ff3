"""The posterior of one patient in tens of microseconds.

The same messages as in `model.engine`, for hard evidence and fixed tables, on the linear scale: every
factor is a probability, so a product can only lose terms below 1e-308. A result whose total is above
SAFE is therefore exact to double precision; anything else is left to the log scale of the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.clusters import Index
from model.engine import IMPOSSIBLE, Engine
from model.network import Array

SAFE = 1e-250


@dataclass(frozen=True)
class SingleCase:
    """Tables of the engine, ready for one patient.

    place[variable, state]: the cluster and the row of its table that the observation selects.
    tables[c]: row 0 the prior of each configuration, then one row a state, (1 + rows, configurations).
    alone[c]: the message that each row sends when nothing else is observed there, (1 + rows, separators).
    idle[c]: its message without evidence is 1.
    present: states of the target that are possible at all.
    by_separator[c], groups[c]: configurations of the parent ordered by separator, and where each begins.
    by_target[c], target_of[c]: where each state of the target begins, and which it is.
    slices[c]: variable, first and last column among the rows of the table after row 0.
    """

    place: Mapping[tuple[str, object], tuple[int, int]]
    tables: tuple[Array, ...]
    alone: tuple[Array, ...]
    starts: tuple[Index, ...]
    to_parent: tuple[Index, ...]
    parent: tuple[int, ...]
    idle: tuple[bool, ...]
    present: Index
    targets: int
    by_separator: tuple[Index, ...]
    groups: tuple[Index, ...]
    to_separator: tuple[Index, ...]
    by_target: tuple[Index, ...]
    target_of: tuple[Index, ...]
    slices: tuple[tuple[tuple[str, int, int], ...], ...]


def compile_single(engine: Engine) -> SingleCase:
    """Prepare `engine`, whose tables have no axis of draws."""
    tables, slices, alone = [], [], []
    for index in range(len(engine.clusters)):
        table, columns = _table(engine, index)
        tables.append(table)
        slices.append(columns)
        weighted = np.concatenate([table[:1], table[1:] * table[0]])
        alone.append(np.add.reduceat(weighted, engine.separator_starts[index], axis=1))
    orders = [np.argsort(match, kind="stable") for match in engine.to_parent]
    groups = [np.unique(m[o], return_index=True)[1] for m, o in zip(engine.to_parent, orders, strict=True)]
    by_target = [cluster.starts((engine.target,)) for cluster in engine.clusters]
    states = engine.network.states
    return SingleCase(
        place={
            (name, state): (index, 1 + first + i)
            for index, columns in enumerate(slices)
            for name, first, _ in columns
            for i, state in enumerate(states[name])
        },
        tables=tuple(tables),
        alone=tuple(alone),
        starts=(by_target[0], *engine.separator_starts[1:]),
        to_parent=engine.to_parent,
        parent=tuple(cluster.parent for cluster in engine.clusters),
        idle=engine.idle,
        present=engine.clusters[0].configurations[by_target[0], 0],
        targets=len(states[engine.target]),
        by_separator=tuple(orders),
        groups=tuple(groups),
        to_separator=engine.to_separator,
        by_target=tuple(by_target),
        target_of=tuple(c.configurations[b, 0] for c, b in zip(engine.clusters, by_target, strict=True)),
        slices=tuple(slices),
    )


def _table(engine: Engine, index: int) -> tuple[Array, tuple[tuple[str, int, int], ...]]:
    """Prior, leaf states and indicators of the core states of one cluster; and the columns of each variable."""
    cluster, leaves, states = engine.clusters[index], engine.leaves[index], engine.network.states
    rows = [_linear(engine.potentials[index])[None], _linear(engine.tables[index])]
    columns = [(name, first, first + len(states[name])) for name, first in leaves.row.items()]
    count = leaves.rows
    for name in engine.network.nodes:
        if engine.home[name] == index and name not in leaves.row:
            rows.append((cluster.column(name) == np.arange(len(states[name]))[:, None]) * 1.0)
            columns.append((name, count, count + len(states[name])))
            count += len(states[name])
    return np.concatenate(rows), tuple(columns)


def _linear(logs: Array) -> Array:
    return np.where(logs > IMPOSSIBLE / 10, np.exp(logs), 0.0)


def posterior_of(single: SingleCase, rows: Mapping[int, list[int]]) -> Array | None:
    """P(target | observations), (targets,); None where the linear scale is not safe.

    `rows`: cluster -> the rows of its table that were observed.
    """
    inbox: dict[int, list[int]] = {}
    messages: dict[int, Array] = {}
    for index in range(len(single.tables) - 1, -1, -1):
        observed, children = rows.get(index), inbox.get(index)
        if observed is None and children is None:
            if single.idle[index] and index:
                continue
            message = single.alone[index][0]
        elif children is None and observed is not None and len(observed) == 1 and index:
            message = single.alone[index][observed[0]]
        else:
            message = np.add.reduceat(_weights(single, index, observed, children, messages), single.starts[index])
        messages[index] = message
        inbox.setdefault(single.parent[index], []).append(index)
    total = messages[0].sum()
    if not total > SAFE:
        return None
    result = np.zeros(single.targets)
    result[single.present] = messages[0] / total
    return result


def _weights(
    single: SingleCase,
    index: int,
    observed: list[int] | None,
    children: list[int] | None,
    messages: Mapping[int, Array],
) -> Array:
    """Weight of each configuration of a cluster: its prior, its own observations, what its children say."""
    table = single.tables[index]
    weights: Array = table.take([0, *observed], 0).prod(0) if observed else table[0]
    for child in children or ():
        weights = weights * messages[child].take(single.to_parent[child])
    return weights


def joints_of(single: SingleCase, rows: Mapping[int, list[int]]) -> dict[str, Array] | None:
    """P(target, variable | observations) of every variable, each (targets, states); None if unsafe.

    One pass to the root and one back (Lauritzen & Spiegelhalter 1988), then one product per cluster
    of all its tables with its belief.
    """
    count = len(single.tables)
    weights: list[Array] = [np.empty(0)] * count
    messages: dict[int, Array] = {}
    inbox: dict[int, list[int]] = {}
    for index in range(count - 1, -1, -1):
        weights[index] = _weights(single, index, rows.get(index), inbox.get(index), messages)
        messages[index] = np.add.reduceat(weights[index], single.starts[index])
        inbox.setdefault(single.parent[index], []).append(index)
    total = messages[0].sum()
    if not total > SAFE:
        return None
    result: dict[str, Array] = {}
    for index in range(count):
        belief = weights[index] / total
        if index:
            above = np.add.reduceat(weights[single.parent[index]].take(single.by_separator[index]), single.groups[index])
            ratio = np.divide(above, messages[index], out=np.zeros_like(above), where=messages[index] > 0)
            belief = weights[index] * ratio.take(single.to_separator[index])
            weights[index] = belief
        else:
            weights[0] = belief
        joint = np.zeros((single.targets, len(single.tables[index]) - 1))
        by_target = np.add.reduceat(single.tables[index][1:] * belief, single.by_target[index], axis=1)
        joint[single.target_of[index]] = by_target.T
        for name, first, last in single.slices[index]:
            result[name] = joint[:, first:last]
    return result
