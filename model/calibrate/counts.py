"""Expected counts of a cohort: how often each node's family was seen, and how much of that is information."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from model.calibrate.beliefs import PATIENTS_AT_ONCE, beliefs
from model.clusters import Index
from model.cohort.record import Cohort
from model.engine import Engine, Evidence
from model.net import Net
from model.network import Array

Owners = Mapping[str, Index]


@dataclass(frozen=True)
class Counts:
    """Expected counts of a cohort.

    families: node -> (*parents, states), over the patients who tell something of the node: those in whom a
    finding is known, and everyone for the diagnosis and the hidden variables (a finding that is unknown
    and has no children says nothing of its own numbers, so that leaving it out makes EM faster, not other).
    log_likelihood: sum of ln P(findings | setting). patients: how many were used. impossible: rows of the
    patients whose findings the network excludes; they are left out.
    """

    families: Mapping[str, Array]
    log_likelihood: float
    patients: int
    impossible: tuple[int, ...]


def added(parts: Iterable[Counts]) -> Counts:
    """The counts of several cohorts together."""
    families: dict[str, Array] = {}
    log_likelihood, patients = 0.0, 0
    impossible: list[int] = []
    for part in parts:
        families = {name: families[name] + own if families else own for name, own in part.families.items()} or families
        log_likelihood += part.log_likelihood
        patients += part.patients
        impossible += part.impossible
    return Counts(families, log_likelihood, patients, tuple(impossible))


def expected_counts(net: Net, cohort: Cohort, progress: Callable[[int], object] = lambda rows: None) -> Counts:
    """The expectation step (Dempster, Laird & Rubin 1977) over a cohort, in blocks of bounded memory."""
    by_cluster: list[Array] | None = None
    leaves: dict[str, Array] = {}
    log_likelihood, used = 0.0, 0
    impossible: list[int] = []
    for start, evidence, believed, log_evidence in _blocks(net, cohort):
        possible = np.isfinite(log_evidence)
        impossible += [cohort.row(start + int(patient)) for patient in np.flatnonzero(~possible)]
        believed = [np.where(possible[:, None], belief, 0) for belief in believed]
        sums = [belief.sum(axis=0) for belief in believed]
        by_cluster = sums if by_cluster is None else [a + b for a, b in zip(by_cluster, sums, strict=True)]
        for name, counts in _leaf_counts(net.engine, evidence, believed):
            leaves[name] = leaves.get(name, 0) + counts
        log_likelihood += float(log_evidence[possible].sum())
        used += int(possible.sum())
        progress(len(log_evidence))
    families = {} if by_cluster is None else dict(_families(net.engine, by_cluster, leaves))
    settings = len(net.vocabulary.settings)
    return Counts(families, log_likelihood + used * float(np.log(settings)), used, tuple(impossible))


def _blocks(net: Net, cohort: Cohort) -> Iterator[tuple[int, Evidence, list[Array], Array]]:
    for start in range(0, len(cohort), PATIENTS_AT_ONCE):
        rows = slice(start, min(start + PATIENTS_AT_ONCE, len(cohort)))
        evidence = cohort.evidence(rows, net.vocabulary.settings.index(net.default_setting))
        told = cohort.diagnoses[rows]
        if (told >= 0).any():
            evidence = Evidence({**evidence.codes, "diagnosis": told}, evidence.likelihoods)
        yield start, evidence, *beliefs(net, evidence)


def _leaf_counts(engine: Engine, evidence: Evidence, believed: list[Array]) -> Iterator[tuple[str, Array]]:
    """Counts of each observed leaf by state and configuration of its cluster, (states, configurations)."""
    for name in (*evidence.codes, *evidence.likelihoods):
        index = engine.home[name]
        if name not in engine.leaves[index].row:
            continue
        belief = believed[index]
        states = len(engine.network.states[name])
        if name in evidence.codes:
            codes = np.asarray(evidence.codes[name])
            shown = np.vstack([np.eye(states), np.zeros(states)])[codes]
            yield name, shown.T @ belief
        else:
            first = engine.leaves[index].row[name]
            table = np.exp(engine.tables[index][first : first + states])
            weights = evidence.likelihoods[name]
            telling = weights.min(axis=1) < weights.max(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                parts = weights[telling, :, None] * table
                parts = np.nan_to_num(parts / parts.sum(axis=1, keepdims=True))
            yield name, np.einsum("psc,pc->sc", parts, belief[telling])


def _families(engine: Engine, by_cluster: list[Array], leaves: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Counts by the axes of the node's table, (*parents, states)."""
    network = engine.network
    for name in network.nodes:
        if name == "setting":
            continue
        index = engine.home[name]
        cluster = engine.clusters[index]
        table = np.zeros((*network.shape(network.parents[name]), len(network.states[name])))
        parents = tuple(cluster.column(parent) for parent in network.parents[name])
        if name in engine.leaves[index].row:
            if name in leaves:
                for state in range(table.shape[-1]):
                    np.add.at(table[..., state], parents, leaves[name][state])
        else:
            np.add.at(table, (*parents, cluster.column(name)), by_cluster[index])
        yield name, table


def scores(net: Net, cohort: Cohort, owners: Owners, values: Mapping[str, Array]) -> dict[str, Array]:
    """Sums over a cohort that `information` needs, node -> (3, rates); those of several cohorts add up.

    `owners`: node -> which rate speaks for each configuration of its parents, (*parents,).
    `values`: node -> the probabilities of its rates, (rates, states).
    """
    total: dict[str, Array] = {}
    for _, evidence, believed, log_evidence in _blocks(net, cohort):
        believed = [np.where(np.isfinite(log_evidence)[:, None], belief, 0) for belief in believed]
        for name, owner in owners.items():
            joint = _rate_joint(net.engine, evidence, believed, name, owner, len(values[name]))
            if joint is not None:
                total[name] = total.get(name, 0) + _squared_scores(joint, values[name])
    return total


def information(sums: Mapping[str, Array]) -> dict[str, Array]:
    """Patients' worth of information on each rate, node -> (rates,), from `scores`.

    The patients whom the rate describes, times the share of their information that is not missing. Let a be
    the posterior probability that a patient is among them and in a state of probability p, and b that of the
    other states. With all observed the score of p is 1/p or -1/(1-p); what the findings leave of it is
    a/p - b/(1-p). The share is the sum of the squares of the latter to the expected squares of the former
    (the missing information principle: Orchard & Woodbury 1972; Louis 1982); states are averaged by p(1-p).
    It is all patients where all is observed, and nothing for those in whom the node is unknown.
    """
    return {name: patients * known / np.maximum(whole, 1e-300) for name, (known, whole, patients) in sums.items()}


def _rate_joint(
    engine: Engine, evidence: Evidence, believed: list[Array], name: str, owner: Index, rates: int
) -> Array | None:
    """P(a configuration of the rate, state | findings), (patients, rates, states); None where nobody tells."""
    index = engine.home[name]
    cluster, belief = engine.clusters[index], believed[index]
    states = len(engine.network.states[name])
    place = owner[tuple(cluster.column(p) for p in engine.network.parents[name])]
    member = (place[:, None] == np.arange(rates)) * 1.0
    if name not in engine.leaves[index].row:
        of_state = cluster.column(name)[:, None] == np.arange(states)
        return np.einsum("pc,cr,cs->prs", belief, member, of_state, optimize=True)
    if name not in evidence.codes:
        return None
    codes = np.asarray(evidence.codes[name])
    shown = np.vstack([np.eye(states), np.zeros(states)])[codes]
    return (belief @ member)[:, :, None] * shown[:, None, :]


def _squared_scores(joint: Array, values: Array) -> Array:
    """Squared scores that are known, those if all were observed, and the patients of each rate, (3, rates).

    `joint` (patients, rates, states), `values` (rates, states).
    """
    whole = joint.sum(axis=2, keepdims=True)
    inside = (values > 0) & (values < 1)
    mean = np.where(inside, values, 0.5)
    spread = np.where(inside, mean * (1 - mean), 0)
    score = joint / mean - (whole - joint) / (1 - mean)
    squares = joint / mean**2 + (whole - joint) / (1 - mean) ** 2
    known, complete = ((spread * part.sum(axis=0)).sum(axis=1) for part in (score**2, squares))
    return np.stack([known, complete, whole.sum(axis=(0, 2))])
