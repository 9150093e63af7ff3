"""The same questions put to pyAgrum and pgmpy. pyAgrum gets state indices, which it reads fastest."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from model import Net
from model.network.build import Array, Network
from model.network.export import to_pgmpy

States = Mapping[str, int]

# Untyped: its own annotations are partial.
pyagrum: Any = import_module("pyagrum")


def to_pyagrum(network: Network) -> Any:
    """The network in pyAgrum, with the very same numbers in double precision."""
    result = pyagrum.BayesNet()
    for name in network.nodes:
        result.add(pyagrum.LabelizedVariable(name, name, list(network.states[name])))
    for name in network.nodes:
        for parent in network.parents[name]:
            result.addArc(parent, name)
    for name in network.nodes:
        axes = (*network.parents[name], name)
        table = result.cpt(name)
        order = [axes.index(axis) for axis in reversed(table.names)]
        table[:] = np.ascontiguousarray(network.tables[name].transpose(order))
    return result


def pyagrum_posteriors(bayes_net: Any, algorithm: str) -> dict[str, Callable[[States], list[float]]]:
    """Two ways to P(diagnosis | evidence): one inference object for all patients, and a fresh one for each."""

    def make() -> Any:
        inference = getattr(pyagrum, algorithm)(bayes_net)
        inference.setTargets({"diagnosis"})
        return inference

    def ask(inference: Any, states: States) -> list[float]:
        inference.setEvidence(states)
        inference.makeInference()
        return inference.posterior("diagnosis").tolist()

    kept = make()
    return {
        f"{algorithm} reused": lambda states: ask(kept, states),
        f"{algorithm} fresh": lambda states: ask(make(), states),
    }


def pgmpy_posterior(network: Network) -> Callable[[Mapping[str, str]], list[float]]:
    """P(diagnosis | evidence) by pgmpy's VariableElimination, which takes states by name."""
    from pgmpy.inference import VariableElimination

    inference = VariableElimination(to_pgmpy(network))

    def ask(evidence: Mapping[str, str]) -> list[float]:
        factor = inference.query(["diagnosis"], evidence=dict(evidence), show_progress=False)
        return [float(factor.get_value(diagnosis=d)) for d in network.states["diagnosis"]]

    return ask


def pyagrum_joints(net: Net, bayes_net: Any) -> dict[str, Callable[[States], dict[str, Array]]]:
    """Three ways to P(diagnosis, node | evidence) of every unobserved node, each (diagnoses, states).

    Joint targets on one inference object, on a fresh one for each patient, and one inference for each
    diagnosis taken as evidence.
    """
    nodes = [name for name in net.nodes if name not in ("setting", "diagnosis")]
    diagnoses = range(len(net.vocabulary.diagnoses))

    def make(wanted: list[str]) -> Any:
        inference = pyagrum.LazyPropagation(bayes_net)
        inference.eraseAllTargets()
        for name in wanted:
            inference.addJointTarget({"diagnosis", name})
        return inference

    def ask(inference: Any, states: States) -> dict[str, Array]:
        inference.setEvidence(states)
        inference.makeInference()
        return {n: _two_axes(inference.jointPosterior({"diagnosis", n})) for n in nodes if n not in states}

    def by_diagnosis(states: States) -> dict[str, Array]:
        wanted = [name for name in nodes if name not in states]
        whole = pyagrum.LazyPropagation(bayes_net)
        whole.setTargets({"diagnosis"})
        whole.setEvidence(states)
        whole.makeInference()
        share = whole.posterior("diagnosis").toarray()
        result = {name: np.zeros((len(share), len(net.network.states[name]))) for name in wanted}
        inference = pyagrum.LazyPropagation(bayes_net)
        inference.setTargets(set(wanted))
        inference.setEvidence({**states, "diagnosis": 0})
        for diagnosis in diagnoses:
            if share[diagnosis] > 0:
                inference.chgEvidence("diagnosis", diagnosis)
                inference.makeInference()
                for name in wanted:
                    result[name][diagnosis] = share[diagnosis] * inference.posterior(name).toarray()
        return result

    kept = make(nodes)
    return {
        "joint targets reused": lambda states: ask(kept, states),
        "joint targets fresh": lambda states: ask(make([n for n in nodes if n not in states]), states),
        "by diagnosis": by_diagnosis,
    }


def _two_axes(table: Any) -> Array:
    """A pyAgrum table over the diagnosis and one more variable as an array, diagnosis first."""
    values = np.asarray(table.toarray())
    return values if table.names[-1] == "diagnosis" else values.T
