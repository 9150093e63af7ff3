"""Imagined patients, drawn from the network."""

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
    """State index of every node in each of `patients` patients, (patients,), parents before children.

    Ancestral sampling: each node is drawn from the row of its table that its parents' states choose.
    The same seed gives the same patients. The tables must have no axis of draws. `fixed`: node -> the
    state index that all patients have, whatever its parents.
    """
    generator = np.random.default_rng(seed)
    codes: dict[str, Index] = {}
    for name in network.nodes:
        if name in fixed:
            codes[name] = np.full(patients, fixed[name])
            continue
        cumulative = network.tables[name].cumsum(axis=-1)
        cumulative /= cumulative[..., -1:]
        chosen = cumulative[tuple(codes[parent] for parent in network.parents[name])]
        codes[name] = (generator.random((patients, 1)) >= chosen[..., :-1]).sum(axis=-1)
    return codes
