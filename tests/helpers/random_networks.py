"""Random discrete networks and a brute-force reference for them."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from model.network.build import Array, Network


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Two to seven nodes after a root `diagnosis`, with random parents, sizes, and some zeros."""
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    names = ["diagnosis", *(f"n{i}" for i in range(draw(st.integers(2, 7))))]
    states = {n: tuple(f"s{i}" for i in range(int(generator.integers(2, 4)))) for n in names}
    parents: dict[str, tuple[str, ...]] = {"diagnosis": ()}
    tables: dict[str, Array] = {}
    for i, name in enumerate(names):
        if i:
            count = int(generator.integers(0, min(3, i) + 1))
            parents[name] = tuple(generator.choice(names[:i], size=count, replace=False).tolist())
        shape = [len(states[p]) for p in parents[name]]
        table = generator.dirichlet(np.full(len(states[name]), 0.7), size=shape or None)
        zero = generator.random(table.shape) < draw(st.sampled_from([0.0, 0.15]))
        zero[..., 0] = False
        table = np.where(zero, 0, table)
        tables[name] = table / table.sum(axis=-1, keepdims=True)
    return Network(states, parents, tables)


def brute_force_joint(network: Network, evidence: dict[str, Array]) -> Array:
    """P(all nodes, evidence) by enumeration, one axis a node in the order of `network.nodes`."""
    names = network.nodes
    joint = np.zeros(network.shape(names))
    for place in product(*(range(size) for size in joint.shape)):
        at = dict(zip(names, place, strict=True))
        value = 1.0
        for name in names:
            value *= network.tables[name][(*(at[p] for p in network.parents[name]), at[name])]
            value *= evidence[name][at[name]] if name in evidence else 1.0
        joint[place] = value
    return joint


def brute_force_log_joint(network: Network, evidence: dict[str, Array]) -> Array:
    """ln P(all nodes, evidence) by enumeration, however small; -inf where impossible."""
    names = network.nodes
    total = np.zeros(network.shape(names))
    with np.errstate(divide="ignore"):
        for name in names:
            family = (*network.parents[name], name)
            order = np.argsort([names.index(n) for n in family])
            table = np.log(network.tables[name]).transpose(order)
            total += table.reshape([len(network.states[n]) if n in family else 1 for n in names])
            if name in evidence:
                total += np.log(evidence[name]).reshape([-1 if n == name else 1 for n in names])
    return total


@st.composite
def networks_with_extreme_evidence(draw: st.DrawFn) -> tuple[Network, dict[str, Array]]:
    """A network and likelihoods from 1 down to 1e-300 on most of its nodes, which may contradict each other."""
    network = draw(networks())
    evidence: dict[str, Array] = {}
    for name in network.nodes:
        size = len(network.states[name])
        if draw(st.booleans()) or draw(st.booleans()):
            evidence[name] = np.array([draw(st.sampled_from([0.0, 1e-300, 1e-200, 1e-100, 1e-3])) for _ in range(size)])
            evidence[name][draw(st.integers(0, size - 1))] = 1.0
    return network, evidence


@st.composite
def networks_with_evidence(draw: st.DrawFn) -> tuple[Network, dict[str, Array]]:
    """A network and evidence on any of its nodes, hard or soft."""
    network = draw(networks())
    evidence: dict[str, Array] = {}
    for name in network.nodes:
        size = len(network.states[name])
        kind = draw(st.sampled_from(["none", "none", "hard", "soft"]))
        if kind == "hard":
            evidence[name] = np.eye(size)[draw(st.integers(0, size - 1))]
        elif kind == "soft":
            evidence[name] = np.array([draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])) for _ in range(size)])
            evidence[name][draw(st.integers(0, size - 1))] = 1.0
    return network, evidence
