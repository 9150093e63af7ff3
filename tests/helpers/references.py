"""Other people's inference on the very same tables, and evidence drawn at random."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

import model
from model.inference.simulate import simulate
from model.network.build import Array, Network
from tests.helpers.peers import pyagrum, to_pyagrum

TOLERANCE = 1e-9


class Agrum:
    """pyAgrum's LazyPropagation; the evidence on a node is a state, or a list of likelihoods."""

    def __init__(self, network: Network):
        self.bayes_net = to_pyagrum(network)

    def posterior(self, node: str, evidence: Mapping[str, Any]) -> Array:
        """P(node | evidence), (states,)."""
        inference = pyagrum.LazyPropagation(self.bayes_net)
        inference.setTargets({node})
        inference.setEvidence(dict(evidence))
        inference.makeInference()
        return np.array(inference.posterior(node).tolist())

    def impossible(self, evidence: Mapping[str, Any]) -> bool:
        """Whether the evidence has probability 0."""
        inference = pyagrum.LazyPropagation(self.bayes_net)
        inference.setEvidence(dict(evidence))
        try:
            return bool(inference.evidenceProbability() == 0)
        except pyagrum.IncompatibleEvidence:
            return True


def values(answer: Mapping[str, float]) -> Array:
    """The probabilities of a posterior or marginal, in the order of the states."""
    return np.array(list(answer.values()))


def of_all(measure: Callable[[Array], Array], patients: int) -> float:
    """A measure of samples, of the one in which each patient occurs once."""
    return float(measure(np.ones((1, patients)))[0])


def agree(ours: Mapping[str, float] | Array, theirs: Array, tolerance: float = TOLERANCE) -> None:
    own = values(ours) if isinstance(ours, Mapping) else ours
    np.testing.assert_allclose(own, theirs, rtol=0, atol=tolerance)


@st.composite
def patients(draw: st.DrawFn, net: model.Net, most: int = 1000) -> dict[str, str]:
    """Any number of findings of an imagined patient, some of them replaced by any state at all."""
    count = draw(st.integers(0, min(most, len(net.vocabulary.findings))))
    replaced = draw(st.sampled_from([0.0, 0.2, 1.0]))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    drawn = simulate(net.network, 1, seed)
    findings = {}
    for name in generator.permutation(net.vocabulary.findings)[:count].tolist():
        states = net.vocabulary.variables[name].states
        any_state = int(generator.integers(len(states)))
        findings[name] = states[any_state if generator.random() < replaced else int(drawn[name][0])]
    return findings


@st.composite
def likelihoods(draw: st.DrawFn, net: model.Net, node: str) -> dict[str, float]:
    """Soft evidence on `node`: a likelihood for each state, one of them 1 and some perhaps 0."""
    states = net.vocabulary.variables[node].states
    weights = {state: draw(st.sampled_from([0.0, 0.01, 0.3, 0.7])) for state in states}
    return {**weights, draw(st.sampled_from(states)): 1.0}


def weights(net: model.Net, node: str, soft: Mapping[str, float]) -> list[float]:
    """Soft evidence as pyAgrum takes it: in the order of the states."""
    return [soft.get(state, 0.0) for state in net.vocabulary.variables[node].states]
