"""How probable every diagnosis is together with any part of a patient's findings, many parts in one batch.

A coalition is a set of the findings; what is not in it counts as unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from model.inference import linear_scale as linear
from model.inference import log_scale as inference
from model.inference.evidence import is_unknown
from model.inference.junction_tree import Index
from model.inference.linear_scale import SAFE, LinearEngine, Table
from model.inference.log_scale import IMPOSSIBLE, Evidence
from model.inference.net import Findings, Net, Setting
from model.network.build import Array

MOST_FOR_ALL_COALITIONS = 14
ORDERS = 256
ROWS_ON_LOG_SCALE = 512


@dataclass(frozen=True)
class Coalitions:
    """ln P(diagnosis, coalition | setting) of the coalitions that weights of evidence need.

    names: the findings, in the order of the vocabulary, so that the order of entry changes nothing.
    log_joint: (coalitions, diagnoses), -inf where it cannot be. Coalition 0 holds nothing, the last holds all.
    orders: None when all 2^n coalitions are there, numbered by their bits; else random orders of the
    findings, (orders, findings), each beside its reverse. prefixes: the coalition of the first k findings of
    each order, (orders, findings + 1). without: the coalition that leaves one finding out, (findings,).
    """

    findings: Findings
    names: tuple[str, ...]
    diagnoses: tuple[str, ...]
    log_joint: Array
    without: Index
    orders: Index | None = None
    prefixes: Index | None = None

    @property
    def leading(self) -> str:
        """The most probable diagnosis given all findings."""
        return self.diagnoses[int(self.log_joint[-1].argmax())]


def known(net: Net, findings: Findings) -> tuple[str, ...]:
    """What was found, in the order of the vocabulary; without what is unknown and the setting."""
    names = [name for name, value in findings.items() if not is_unknown(value) and name != "setting"]
    rank = {name: place for place, name in enumerate(net.vocabulary.variables)}
    return tuple(sorted(names, key=lambda name: rank.get(name, -1)))


def all_or_sampled(net: Net, findings: Findings, setting: Setting = None, seed: int = 0) -> Coalitions:
    """All coalitions of up to MOST_FOR_ALL_COALITIONS findings; of more, those along ORDERS random orders.

    Raises InputError for an unknown word and ImpossibleEvidence for findings that cannot be.
    """
    net.posterior(findings, setting)
    names = known(net, findings)
    if len(names) <= MOST_FOR_ALL_COALITIONS:
        numbers = np.arange(2 ** len(names))
        chosen = (numbers[:, None] >> np.arange(len(names))) & 1 == 1
        without = numbers[-1] - (1 << np.arange(len(names)))
        return Coalitions(
            findings, names, net.vocabulary.diagnoses, log_joints(net, findings, setting, chosen), without
        )
    return _sampled(net, findings, setting, names, seed)


def _sampled(net: Net, findings: Findings, setting: Setting, names: tuple[str, ...], seed: int) -> Coalitions:
    count = len(names)
    half = np.argsort(np.random.default_rng(seed).random((ORDERS // 2, count)), axis=1)
    orders = np.concatenate([half, half[:, ::-1]])
    place = np.argsort(orders, axis=1)
    along = place[:, None, :] < np.arange(count + 1)[:, None]
    every = np.concatenate([along.reshape(-1, count), ~np.eye(count, dtype=bool)])
    chosen, number = np.unique(every, axis=0, return_inverse=True)
    number = number.reshape(-1)
    prefixes = number[: along.shape[0] * (count + 1)].reshape(along.shape[:2])
    log_joint = log_joints(net, findings, setting, chosen)
    return Coalitions(findings, names, net.vocabulary.diagnoses, log_joint, number[-count:], orders, prefixes)


def log_joints(net: Net, findings: Findings, setting: Setting, chosen: Array) -> Array:
    """ln P(diagnosis, chosen findings | setting), (coalitions, diagnoses); -inf where it cannot be.

    chosen: whether each of `known(net, findings)` counts, (coalitions, findings). Soft evidence counts with
    its likelihoods, of which the largest is 1. Linear scale where nothing can be lost on it, else log scale.
    """
    names = known(net, findings)
    evidence = net.evidence(findings, setting)
    rows = np.concatenate([np.asarray(chosen, bool), np.zeros((1, len(names)), bool)])
    counts = {name: rows[:, names.index(name)] if name in names else np.ones(len(rows), bool)
              for name in (*evidence.codes, *evidence.likelihoods)}  # fmt: skip
    engine, lowest = _with_likelihoods(net.linear, evidence)
    codes = {name: np.where(counts[name], code, -1) for name, code in evidence.codes.items()}
    codes |= {name: np.where(counts[name], 0, -1) for name in evidence.likelihoods}
    joint = linear.joint_of_patients(engine, codes, len(rows))
    logs = np.log(joint, out=np.full(joint.shape, -np.inf), where=joint > 0)
    if lowest < np.log(SAFE):
        _replace_doubtful(net, evidence, counts, np.flatnonzero((joint < SAFE).any(axis=1)), logs)
    return logs[:-1] - log_total(logs[-1])


def log_total(logs: Array) -> Array:
    """ln of the sum of exp along the last axis; -inf where every term is."""
    top = logs.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(logs - top).sum(axis=-1)) + top[..., 0]


def _with_likelihoods(engine: LinearEngine, evidence: Evidence) -> tuple[LinearEngine, float]:
    """The engine with what soft evidence says of a variable as that variable's one state.

    And the logarithm of the smallest product that the evidence can make: above SAFE, a zero means impossible.
    """
    tables, lowest = [], 0.0
    for table in engine.tables:
        soft = {name: weights for name, weights in evidence.likelihoods.items() if name in table.columns}
        table = _with_rows(table, soft) if soft else table
        own = [table.columns[name] + int(evidence.codes[name]) for name in evidence.codes if name in table.columns]
        own += [table.columns[name] for name in soft]
        values = table.padded[[0, *own]]
        smallest = np.where(values > 0, values, np.inf).min(axis=(1, 2))
        lowest += float(np.log(smallest[np.isfinite(smallest)]).sum())
        tables.append(table)
    return replace(engine, tables=tuple(tables)), lowest


def _with_rows(table: Table, soft: Mapping[str, Array]) -> Table:
    blocks = [
        np.tensordot(weights, table.padded[table.columns[name] : table.columns[name] + len(weights)], 1)[None]
        for name, weights in soft.items()
    ]
    padded = np.concatenate([table.padded, *blocks])
    first = {name: len(table.padded) + i for i, name in enumerate(soft)}
    prior = np.concatenate([padded[:1], padded[1:] * padded[0]])
    return replace(table, padded=padded, padded_prior=prior, columns={**table.columns, **first})


def _replace_doubtful(net: Net, evidence: Evidence, counts: Mapping[str, Array], doubtful: Index, logs: Array) -> None:
    """Compute some rows of `logs` anew on the log scale, few at once: each holds every configuration."""
    for start in range(0, len(doubtful), ROWS_ON_LOG_SCALE):
        rows = doubtful[start : start + ROWS_ON_LOG_SCALE]
        codes = {name: np.where(counts[name][rows], code, -1) for name, code in evidence.codes.items()}
        likelihoods = {
            name: np.where(counts[name][rows, None], weights, 1.0) for name, weights in evidence.likelihoods.items()
        }
        values = inference.log_joint(net.engine, Evidence(codes, likelihoods))
        logs[rows] = np.where(values < IMPOSSIBLE / 10, -np.inf, values)
