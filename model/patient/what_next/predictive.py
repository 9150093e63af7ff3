"""Which results may this patient still have? The network conditioned on the findings, and results drawn from it.

After the findings have been propagated, every cluster of the junction tree holds its probabilities given its separator
(Lauritzen & Spiegelhalter 1988). From the root down, these are again a network, of this patient alone. Results are
drawn from it without rejection, and their probabilities are computed without underflow. It takes any evidence that the
engine takes: states, several states, likelihoods, a given prior.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from model.inference.engine import Engine
from model.inference.evidence import is_unknown
from model.inference.hard_evidence import joint_of_patients
from model.inference.junction_tree import Index
from model.inference.net import Findings, Net, Setting
from model.inference.sweep import condition
from model.network.build import Array


@dataclass(frozen=True)
class Predictive:
    """The network conditioned on the findings of one patient.

    posterior: P(diagnosis | findings), (diagnoses,). engine: the conditioned network. The prior of its root cluster is
    P(configuration | findings), that of every other cluster P(configuration | separator, findings).
    """

    posterior: Array
    engine: Engine

    def joint(self, results: Mapping[str, Index], patients: int) -> Array:
        """P(diagnosis, results | findings) of many sets of results, (patients, diagnoses).

        results: variable -> state indices, (patients,). Findings that are known may not be among them.
        """
        return joint_of_patients(self.engine, results, patients)


def predictive(net: Net, findings: Findings, setting: Setting = None) -> Predictive:
    """Condition the network on the findings; their order does not matter.

    Raises InputError for an unknown word and ImpossibleEvidence for findings that no diagnosis allows together.
    """
    net.posterior(findings, setting)
    engine, posterior = condition(net.engine, net.evidence(in_order(net, findings), setting))
    return Predictive(posterior, engine)


def in_order(net: Net, findings: Findings) -> Findings:
    """The findings in the order of the vocabulary, so that rounding does not depend on the order of entry."""
    rank = {name: index for index, name in enumerate(net.vocabulary.variables)}
    return {name: findings[name] for name in sorted(findings, key=lambda name: rank.get(name, -1))}


def open_findings(findings: Findings, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that are unknown; several states or likelihoods count as known."""
    return tuple(name for name in names if is_unknown(findings.get(name)))


def every_result(net: Net, names: Sequence[str]) -> tuple[dict[str, Index], int]:
    """All combinations of the states of `names` as state indices, and how many there are."""
    sizes = [len(net.vocabulary.variable(name).states) for name in names]
    count = count_results(net, names)
    grid = np.array(list(product(*(range(size) for size in sizes))), dtype=np.intp).reshape(count, len(names))
    return {name: grid[:, column] for column, name in enumerate(names)}, count


def count_results(net: Net, names: Iterable[str]) -> int:
    """How many combinations `every_result` has."""
    total = 1
    for name in names:
        total *= len(net.vocabulary.variable(name).states)
    return total


@dataclass(frozen=True)
class Imagined:
    """Results drawn for one patient, in the order of the strata.

    results: variable -> state indices, (patients,). excess: how often each diagnosis was drawn, divided by its
    probability, (diagnoses,).
    """

    results: Mapping[str, Index]
    excess: Array
    patients: int

    @property
    def every_second(self) -> "Imagined":
        """Every second result: a sample from strata twice as wide."""
        halved = {name: states[::2] for name, states in self.results.items()}
        return Imagined(halved, self.excess, (self.patients + 1) // 2)


def imagine(outlook: Predictive, names: Iterable[str], patients: int, seed: int) -> Imagined:
    """Draw joint results of `names`. A seed gives the same results; one more name does not change the others.

    The configuration of the root is drawn in equal strata, sorted by diagnosis. Each diagnosis is drawn in proportion
    to the square root of its probability, so that results of improbable diagnoses occur often enough; `excess`
    corrects for this.
    """
    engine, wanted = outlook.engine, set(names)
    generator = np.random.default_rng(seed)
    needed = _clusters_of(engine, wanted)
    root, excess = _stratified_root(outlook)
    strata = (np.arange(patients) + generator.random(patients)) / patients
    drawn: dict[int, Index] = {0: _draw(root, strata)}
    results: dict[str, Index] = {}
    for index, table in enumerate(engine.tables):
        numbers = generator.random((1 + len(table.columns), patients))
        if index not in needed:
            continue
        if index:
            separator = table.to_parent[drawn[table.parent]]
            before = np.concatenate([[0.0], np.cumsum(table.weights[0])])
            start = table.starts[separator]
            end = np.append(table.starts[1:], len(before) - 1)[separator]
            mass = before[start] + numbers[0] * (before[end] - before[start])
            drawn[index] = np.clip(np.searchsorted(before[1:], mass, side="right"), start, end - 1)
        for row, (name, first) in enumerate(table.columns.items(), start=1):
            if name in wanted:
                chance = table.weights[first : first + len(engine.network.states[name]) - 1].cumsum(axis=0)[
                    :, drawn[index]
                ]
                results[name] = (numbers[row] >= chance).sum(axis=0)
    return Imagined(results, excess, patients)


def _clusters_of(engine: Engine, names: set[str]) -> set[int]:
    """Indices of the clusters that hold any of `names`, and of their ancestors in the tree."""
    needed = {0}
    for index, table in enumerate(engine.tables):
        if names & table.columns.keys():
            while index not in needed:
                needed.add(index)
                index = engine.tables[index].parent
    return needed


def _stratified_root(outlook: Predictive) -> tuple[Array, Array]:
    """The distribution from which the root is drawn, and its ratio to the true one for each diagnosis."""
    share = np.sqrt(outlook.posterior.clip(0))
    share = share / share.sum()
    excess = np.divide(share, outlook.posterior, out=np.zeros_like(share), where=outlook.posterior > 0)
    return outlook.engine.tables[0].weights[0] * (outlook.engine.target_of_root @ excess), excess


def _draw(probabilities: Array, numbers: Array) -> Index:
    """Index drawn from the distribution by each number in [0, 1) (inverse transform sampling)."""
    cumulative = np.cumsum(probabilities)
    return np.searchsorted(cumulative, numbers * cumulative[-1], side="right").clip(0, len(cumulative) - 1)
