"""The joint probability of each diagnosis with subsets of a patient's findings (coalitions), many in one batch."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from model.inference import sweep
from model.inference.engine import Engine, Evidence, Table
from model.inference.evidence import is_unknown
from model.inference.hard_evidence import SAFE, joint_of_patients
from model.inference.junction_tree import Index
from model.inference.net import Findings, Net, Setting
from model.network.build import Array

ROWS_IN_SWEEP = 64


def known(net: Net, findings: Findings) -> tuple[str, ...]:
    """The findings that are known, in the order of the vocabulary, without the setting."""
    names = [name for name, value in findings.items() if not is_unknown(value) and name != "setting"]
    rank = {name: index for index, name in enumerate(net.vocabulary.variables)}
    return tuple(sorted(names, key=lambda name: rank.get(name, -1)))


def log_joints(net: Net, findings: Findings, setting: Setting, chosen: Array) -> Array:
    """ln P(diagnosis, chosen findings | setting), (coalitions, diagnoses); -inf where impossible.

    chosen: whether each of `known(net, findings)` is in a coalition, (coalitions, findings). The largest likelihood of
    soft evidence is 1.
    """
    names = known(net, findings)
    evidence = net.evidence(findings, setting)
    rows = np.concatenate([np.asarray(chosen, bool), np.zeros((1, len(names)), bool)])
    counts = {name: rows[:, names.index(name)] if name in names else np.ones(len(rows), bool)
              for name in (*evidence.states, *evidence.likelihoods)}  # fmt: skip
    engine, states = _with_likelihoods(net.engine, evidence)
    observed = {name: np.where(counts[name], state, -1) for name, state in states.items()}
    joint = joint_of_patients(engine, observed, len(rows))
    logs = np.log(joint, out=np.full(joint.shape, -np.inf), where=joint > 0)
    if _least(engine, states) < np.log(SAFE):
        doubtful = np.flatnonzero((joint < SAFE).any(axis=1))
        for first in range(0, len(doubtful), ROWS_IN_SWEEP):
            block = doubtful[first : first + ROWS_IN_SWEEP]
            logs[block] = sweep.log_joint(net.engine, _of_coalitions(evidence, counts, block))
    return logs[:-1] - sweep.log_total(logs[-1])


def _with_likelihoods(engine: Engine, evidence: Evidence) -> tuple[Engine, dict[str, int]]:
    """The engine with one more state for each variable with soft evidence, and the observed state of each variable.

    The added state has the likelihood of the soft evidence, so that it can be observed like hard evidence.
    """
    tables, states = [], {name: int(state) for name, state in evidence.states.items()}
    for table in engine.tables:
        soft = {name: values for name, values in evidence.likelihoods.items() if name in table.columns}
        states |= {name: len(table.weights) + i - table.columns[name] for i, name in enumerate(soft)}
        tables.append(_with_rows(table, soft) if soft else table)
    return replace(engine, tables=tuple(tables)), states


def _with_rows(table: Table, soft: Mapping[str, Array]) -> Table:
    columns = table.columns
    rows = [values @ table.weights[columns[name] : columns[name] + len(values)] for name, values in soft.items()]
    return replace(table, weights=np.concatenate([table.weights, rows]))


def _least(engine: Engine, states: Mapping[str, int]) -> float:
    """ln of the smallest positive product that observing these states can give.

    If it is above ln SAFE, a product of 0 means that the evidence is impossible.
    """
    priors = sum(table.least[0] for table in engine.tables)
    tables = {name: engine.tables[engine.home[name]] for name in states}
    return priors + sum(tables[name].least[tables[name].columns[name] + state] for name, state in states.items())


def _of_coalitions(evidence: Evidence, counts: Mapping[str, Array], coalitions: Index) -> Evidence:
    """The evidence of some coalitions as that of one patient each.

    counts: finding -> whether it is in each coalition, (coalitions,). coalitions: the indices of those wanted.
    """
    inside = {name: chosen[coalitions] for name, chosen in counts.items()}
    states = {name: np.where(inside[name], state, -1) for name, state in evidence.states.items()}
    soft = {name: np.where(inside[name][:, None], values, 1.0) for name, values in evidence.likelihoods.items()}
    return Evidence(states, soft)
