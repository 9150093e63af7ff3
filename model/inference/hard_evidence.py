"""Fast exact posteriors for hard evidence: tens of microseconds for one patient, a few per patient in a cohort.

The messages are those of `model.inference.sweep`, but without protection against underflow. Every factor is a
probability, so a product can only lose terms below 1e-308. A total above SAFE is exact to double precision; for
anything smaller the sweep must be used. In a cohort, patients with the same findings in a cluster and all clusters
below it share one message.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from model.inference.engine import Engine, Table
from model.inference.junction_tree import Index
from model.network.build import Array

SAFE = 1e-250
NUMBERS_AT_ONCE = 1 << 16


def posterior(engine: Engine, rows: Mapping[int, list[int]]) -> Array | None:
    """P(target | observations) of one patient, (target states,); None if only the sweep is exact.

    rows: index of a cluster -> the observed rows of its table.
    """
    received: dict[int, Array] = {}
    for index in range(len(engine.tables) - 1, -1, -1):
        table, observed, weights = engine.tables[index], rows.get(index), received.get(index)
        if observed is None:
            if weights is not None:
                message = np.add.reduceat(weights * table.weights[0], table.starts)
            elif table.idle and index:
                continue
            else:
                message = table.alone[0]
        elif weights is None and len(observed) == 1:
            message = table.alone[observed[0]]
        else:
            own = table.with_prior[observed[0]]
            weights = own if weights is None else weights * own
            for row in observed[1:]:
                weights = weights * table.weights[row]
            message = np.add.reduceat(weights, table.starts)
        if index:
            if table.to_parent_differs:
                message = message.take(table.to_parent)
            above = table.cluster.parent
            received[above] = received[above] * message if above in received else message
    total = message.sum()
    if not total > SAFE:
        return None
    result = np.zeros(engine.size)
    result[engine.tables[0].by_target[1]] = message / total
    return result


def posteriors(engine: Engine, states: Mapping[str, Index], patients: int) -> Array:
    """P(target | findings) of a cohort, (patients, target states); NaN where only the sweep is exact.

    states: variable -> state index of each patient, -1 for unknown, (patients,).
    """
    joint = joint_of_patients(engine, states, patients)
    total = joint.sum(axis=1, keepdims=True)
    return np.where(total > SAFE, joint / total.clip(SAFE), np.nan)


def joint_of_patients(engine: Engine, states: Mapping[str, Index], patients: int) -> Array:
    """P(target, findings) of a cohort, (patients, target states); values far below SAFE may have lost terms.

    states: variable -> state index of each patient, -1 for unknown, (patients,).
    """
    sent: dict[int, tuple[Array, Index | None]] = {}
    inbox: dict[int, list[int]] = {}
    for index in range(len(engine.tables) - 1, -1, -1):
        table, children = engine.tables[index], inbox.get(index, [])
        own = [name for name in table.columns if name in states]
        if not own and not children and table.idle and index:
            continue
        keys = [states[name] for name in own]
        keys += [pattern for child in children if (pattern := sent[child][1]) is not None]
        first, pattern = _distinct(keys) if keys else (np.zeros(1, np.intp), None)
        chosen, order = _chosen_rows(table, own, [states[name][first] for name in own], len(first))
        first = first[order]
        if pattern is not None:
            pattern = np.argsort(order)[pattern]
        blocks = np.array_split(np.arange(len(first)), -(-len(first) * table.layout.size // NUMBERS_AT_ONCE))
        received = [(c, *sent[c]) for c in children]
        parts = [_batch_message(engine, index, chosen[block], received, first[block]) for block in blocks]
        sent[index] = (np.concatenate(parts), pattern)
        inbox.setdefault(table.parent, []).append(index)
    weights, pattern = sent[0]
    joint = weights @ engine.target_of_root
    return joint[pattern] if pattern is not None else np.broadcast_to(joint, (patients, engine.size))


def _distinct(keys: Sequence[Index]) -> tuple[Index, Index]:
    """The first patient with each distinct combination of keys, and the index of each patient's combination."""
    combined = keys[0] + 1
    for key in keys[1:]:
        size = int(key.max()) + 2
        if int(combined.max()) >= 2**62 // size:
            combined = np.unique(combined, return_inverse=True)[1]
        combined = combined * size + (key + 1)
    _, first, pattern = np.unique(combined, return_index=True, return_inverse=True)
    return first, pattern


def _chosen_rows(table: Table, names: Sequence[str], states: Sequence[Index], patterns: int) -> tuple[Index, Index]:
    """The observed rows of a table in each pattern, padded with 0, (patterns, observations), and the patterns' order.

    Patterns with the most observations come first.
    """
    if not names:
        return np.zeros((patterns, 1), np.intp), np.arange(patterns)
    rows = np.stack([np.where(s >= 0, table.columns[n] + s, 0) for n, s in zip(names, states, strict=True)], axis=1)
    order = np.argsort(-np.count_nonzero(rows, axis=1), kind="stable")
    return -np.sort(-rows[order], axis=1), order


def _batch_message(
    engine: Engine,
    index: int,
    chosen: Index,
    children: Sequence[tuple[int, Array, Index | None]],
    patients: Index,
) -> Array:
    """The messages of a cluster for some patients, (patients, separator values).

    chosen: the observed rows of the table, as from `_chosen_rows`, (patients, observations). children: index, message
    and pattern of each patient for every child that sent a message.
    """
    padded, with_prior = engine.tables[index].padded
    weights = with_prior.take(chosen[:, 0], 0)
    for column in chosen.T[1:]:
        count = np.count_nonzero(column)
        weights[:count] *= padded.take(column[:count], 0)
    for child, message, pattern in children:
        values = message.take(pattern[patients], 0) if pattern is not None else message
        match = engine.padded_to_parent[child]
        weights *= values[:, None] if match is None else values.take(match, 1)
    return weights.sum(axis=1)
