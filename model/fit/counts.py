"""Expected counts of a cohort: how often each configuration of a node and its parents is expected."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from model.cases.cohort import Cohort
from model.inference.engine import Engine, Evidence
from model.inference.net import Net
from model.inference.sweep import beliefs
from model.network.build import Array

PATIENTS_AT_ONCE = 512


@dataclass(frozen=True)
class Counts:
    """Expected counts of a cohort.

    families: node -> (*parents, states). The diagnosis, hidden variables and findings with children count every
    patient. A finding without children counts only patients in whom it is known: where it is unknown it carries no
    information on its own numbers, and leaving it out makes the fit faster without changing the result.
    log_likelihood: the sum of ln P(findings | setting). patients: how many were used. impossible: the rows of patients
    whose findings are impossible in the network; they are left out.
    """

    families: Mapping[str, Array]
    log_likelihood: float
    patients: int
    impossible: tuple[int, ...]


def added(parts: Iterable[Counts]) -> Counts:
    """The sum of the counts of several cohorts."""
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
    """The expectation step (Dempster, Laird & Rubin 1977) over a cohort, in blocks of bounded memory.

    progress: called with the number of patients in each finished block.
    """
    by_cluster: list[Array] | None = None
    leaves: dict[str, Array] = {}
    log_likelihood, used = 0.0, 0
    impossible: list[int] = []
    for start, evidence, cluster_beliefs, log_evidence in blocks(net, cohort):
        possible = np.isfinite(log_evidence)
        impossible += [cohort.row(start + int(patient)) for patient in np.flatnonzero(~possible)]
        cluster_beliefs = [np.where(possible[:, None], belief, 0) for belief in cluster_beliefs]
        sums = [belief.sum(axis=0) for belief in cluster_beliefs]
        by_cluster = sums if by_cluster is None else [a + b for a, b in zip(by_cluster, sums, strict=True)]
        for name, counts in _leaf_counts(net.engine, evidence, cluster_beliefs):
            leaves[name] = leaves.get(name, 0) + counts
        log_likelihood += float(log_evidence[possible].sum())
        used += int(possible.sum())
        progress(len(log_evidence))
    families = {} if by_cluster is None else dict(_families(net.engine, by_cluster, leaves))
    settings = len(net.vocabulary.settings)
    return Counts(families, log_likelihood + used * float(np.log(settings)), used, tuple(impossible))


def blocks(net: Net, cohort: Cohort) -> Iterator[tuple[int, Evidence, list[Array], Array]]:
    """The cohort in blocks of bounded memory.

    Yields the index of the first patient, the evidence, and the two results of `model.inference.sweep.beliefs`.
    """
    for start in range(0, len(cohort), PATIENTS_AT_ONCE):
        rows = slice(start, min(start + PATIENTS_AT_ONCE, len(cohort)))
        evidence = cohort.evidence(rows, net.vocabulary.settings.index(net.default_setting))
        diagnoses = cohort.diagnoses[rows]
        if (diagnoses >= 0).any():
            evidence = Evidence({**evidence.states, "diagnosis": diagnoses}, evidence.likelihoods)
        yield start, evidence, *beliefs(net.engine, evidence)


def _leaf_counts(engine: Engine, evidence: Evidence, cluster_beliefs: list[Array]) -> Iterator[tuple[str, Array]]:
    """The expected counts of each observed finding without children, (states, configurations of its cluster)."""
    for name in (*evidence.states, *evidence.likelihoods):
        if name in engine.core:
            continue
        index = engine.home[name]
        belief = cluster_beliefs[index]
        states = len(engine.network.states[name])
        if name in evidence.states:
            state_indices = np.asarray(evidence.states[name])
            one_hot = np.vstack([np.eye(states), np.zeros(states)])[state_indices]
            yield name, one_hot.T @ belief
        else:
            first = engine.tables[index].columns[name]
            table = engine.tables[index].weights[first : first + states]
            likelihoods = evidence.likelihoods[name]
            informative = likelihoods.min(axis=1) < likelihoods.max(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                parts = likelihoods[informative, :, None] * table
                parts = np.nan_to_num(parts / parts.sum(axis=1, keepdims=True))
            yield name, np.einsum("psc,pc->sc", parts, belief[informative])


def _families(engine: Engine, by_cluster: list[Array], leaves: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """The expected counts of each node, (*parents, states), from those of clusters and observed findings."""
    network = engine.network
    for name in network.nodes:
        if name == "setting":
            continue
        index = engine.home[name]
        cluster = engine.clusters[index]
        table = np.zeros((*network.shape(network.parents[name]), len(network.states[name])))
        parents = tuple(cluster.column(parent) for parent in network.parents[name])
        if name not in engine.core:
            if name in leaves:
                for state in range(table.shape[-1]):
                    np.add.at(table[..., state], parents, leaves[name][state])
        else:
            np.add.at(table, (*parents, cluster.column(name)), by_cluster[index])
        yield name, table
