"""How probable every diagnosis is together with any part of a patient's findings, many parts in one batch."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from model.inference import sweep
from model.inference.engine import Engine, Evidence, Table
from model.inference.evidence import is_unknown
from model.inference.hard_evidence import SAFE, joint_of_patients
from model.inference.net import Findings, Net, Setting
from model.network.build import Array

ROWS_IN_SWEEP = 64


def known(net: Net, findings: Findings) -> tuple[str, ...]:
    """What was found, in the order of the vocabulary; without what is unknown and the setting."""
    names = [name for name, value in findings.items() if not is_unknown(value) and name != "setting"]
    rank = {name: place for place, name in enumerate(net.vocabulary.variables)}
    return tuple(sorted(names, key=lambda name: rank.get(name, -1)))


def log_joints(net: Net, findings: Findings, setting: Setting, chosen: Array) -> Array:
    """ln P(diagnosis, chosen findings | setting), (coalitions, diagnoses); -inf where impossible.

    chosen: whether each of `known(net, findings)` counts, (coalitions, findings). Soft evidence counts with
    its likelihoods, of which the largest is 1.
    """
    names = known(net, findings)
    evidence = net.evidence(findings, setting)
    rows = np.concatenate([np.asarray(chosen, bool), np.zeros((1, len(names)), bool)])
    counts = {name: rows[:, names.index(name)] if name in names else np.ones(len(rows), bool)
              for name in (*evidence.codes, *evidence.likelihoods)}  # fmt: skip
    engine, states = _with_likelihoods(net.engine, evidence)
    codes = {name: np.where(counts[name], code, -1) for name, code in states.items()}
    joint = joint_of_patients(engine, codes, len(rows))
    logs = np.log(joint, out=np.full(joint.shape, -np.inf), where=joint > 0)
    if _least(engine, states) < np.log(SAFE):
        doubtful = np.flatnonzero((joint < SAFE).any(axis=1))
        for first in range(0, len(doubtful), ROWS_IN_SWEEP):
            part = doubtful[first : first + ROWS_IN_SWEEP]
            logs[part] = sweep.log_joint(net.engine, _in_part(evidence, {n: c[part] for n, c in counts.items()}))
    return logs[:-1] - sweep.log_total(logs[-1])


def _with_likelihoods(engine: Engine, evidence: Evidence) -> tuple[Engine, dict[str, int]]:
    """The engine with soft evidence on a variable as one more state of it, and the state of each variable observed."""
    tables, states = [], {name: int(code) for name, code in evidence.codes.items()}
    for table in engine.tables:
        soft = {name: weights for name, weights in evidence.likelihoods.items() if name in table.columns}
        states |= {name: len(table.weights) + i - table.columns[name] for i, name in enumerate(soft)}
        tables.append(_with_rows(table, soft) if soft else table)
    return replace(engine, tables=tuple(tables)), states


def _with_rows(table: Table, soft: Mapping[str, Array]) -> Table:
    columns = table.columns
    rows = [weights @ table.weights[columns[name] : columns[name] + len(weights)] for name, weights in soft.items()]
    return replace(table, weights=np.concatenate([table.weights, rows]))


def _least(engine: Engine, states: Mapping[str, int]) -> float:
    """ln of the smallest product but 0 that observing these states can make: if it is safe, 0 means impossible."""
    priors = sum(table.least[0] for table in engine.tables)
    tables = {name: engine.tables[engine.home[name]] for name in states}
    return priors + sum(tables[name].least[tables[name].columns[name] + state] for name, state in states.items())


def _in_part(evidence: Evidence, counts: Mapping[str, Array]) -> Evidence:
    """The evidence of many patients, of each finding only in those for whom it counts."""
    codes = {name: np.where(counts[name], code, -1) for name, code in evidence.codes.items()}
    soft = {name: np.where(counts[name][:, None], weights, 1.0) for name, weights in evidence.likelihoods.items()}
    return Evidence(codes, soft)
