"""Simulate patients from the network."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from model.inference.junction_tree import Index
from model.network.build import Network


def simulate(
    network: Network,
    patients: int,
    seed: int | np.random.SeedSequence,
    fixed: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Index]:
    """Node -> its state index in each simulated patient, (patients,), parents before children.

    Ancestral sampling: each node is drawn from the row of its table that its parents' states select. The same seed
    gives the same patients. The tables must have no axis of draws. fixed: node -> the state index that all patients
    have, whatever the states of its parents.
    """
    generator = np.random.default_rng(seed)
    states: dict[str, Index] = {}
    for name in network.nodes:
        if name in fixed:
            states[name] = np.full(patients, fixed[name])
            continue
        cumulative = network.tables[name].cumsum(axis=-1)
        cumulative /= cumulative[..., -1:]
        chosen = cumulative[tuple(states[parent] for parent in network.parents[name])]
        states[name] = (generator.random((patients, 1)) >= chosen[..., :-1]).sum(axis=-1)
    return states
