"""Build the junction tree over the core of a network.

The core is the target and the variables that have children. Every other variable is a leaf; evidence on it is a row of
a table over a cluster that contains its parents. The tree is a junction tree of the moral graph (Lauritzen &
Spiegelhalter 1988) with the target in every cluster, so that every cluster gives joint distributions with the target.
This multiplies the size of a cluster by at most the number of states of the target, which is as much work as one
propagation for each state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.inference.triangulation import Scope, scopes_and_links
from model.network.build import Network

Index = NDArray[np.intp]
Flags = NDArray[np.bool_]
Rules = Mapping[str, Sequence[tuple[tuple[str, ...], Flags]]]

# The memory that all clusters of a network may take, in bytes.
MEMORY = 2 << 30
NAMES_SHOWN = 6


@dataclass(frozen=True)
class Cluster:
    """A cluster of the junction tree.

    variables: those of the separator (shared with the parent cluster) first. parent: the index of the parent cluster,
    -1 at the root. configurations: the state indices of the possible configurations, (configurations, variables),
    sorted, so that those with the same separator value are contiguous. to_parent: the index of the separator value of
    each configuration of the parent; empty at the root.
    """

    variables: tuple[str, ...]
    separator: tuple[str, ...]
    parent: int
    configurations: Index
    to_parent: Index

    def column(self, variable: str) -> Index:
        """The state index of `variable` in each configuration, (configurations,)."""
        return self.configurations[:, self.variables.index(variable)]

    def starts(self, variables: Sequence[str]) -> Index:
        """The first configuration of each run with equal states of `variables`, which must be the first variables."""
        leading = self.configurations[:, : len(variables)]
        if not len(variables):
            return np.zeros(1, dtype=np.intp)
        change = np.any(leading[1:] != leading[:-1], axis=1)
        return np.concatenate([[0], 1 + np.flatnonzero(change)])


@dataclass(frozen=True)
class _FlatCluster:
    """A cluster under construction.

    flat: each configuration as a flat index, the number whose digits are the state indices (mixed radix). values: the
    number of separator values of the parent. to_value: which of them each configuration has.
    """

    variables: tuple[str, ...]
    separator: tuple[str, ...]
    parent: int
    flat: Index
    values: int
    to_value: Index
    to_parent: Index


def core_of(parents: Mapping[str, tuple[str, ...]], target: str) -> tuple[str, ...]:
    """The target and the variables that have children, in the order of `parents`."""
    inside = {target, *(p for chosen in parents.values() for p in chosen)}
    return tuple(name for name in parents if name in inside)


def build_clusters(network: Network, target: str) -> tuple[Cluster, ...]:
    """The junction tree, parents before children. Raises InputError if the clusters would take more than MEMORY."""
    scopes, links = scopes_and_links(network, core_of(network.parents, target), target)
    rules = _rules(network)
    clusters: list[_FlatCluster] = []
    cluster_of = {-1: -1}
    room = MEMORY
    for scope, above in links:
        shared = scopes[scope] & scopes[above] if above >= 0 else frozenset()
        separator = _ordered(network, shared, target)
        variables = separator + _ordered(network, scopes[scope] - shared, target)
        parent = clusters[cluster_of[above]] if above >= 0 else None
        separator_values, to_parent = _separator_values(network, parent, separator)
        flat = _possible(network, rules, variables, len(separator), separator_values, room)
        if flat is None:
            raise _too_large(network, scopes)
        room -= _bytes(len(flat), len(variables))
        to_value = np.searchsorted(separator_values, flat // prod(network.shape(variables[len(separator) :])))
        cluster_of[scope] = len(clusters)
        count = len(separator_values)
        clusters.append(_FlatCluster(variables, separator, cluster_of[above], flat, count, to_value, to_parent))
    return _consistent(network, clusters)


def _ordered(network: Network, names: Scope, target: str) -> tuple[str, ...]:
    rank = {name: i for i, name in enumerate(network.nodes)}
    return tuple(sorted(names, key=lambda n: (n != target, rank[n])))


def _separator_values(network: Network, parent: _FlatCluster | None, separator: tuple[str, ...]) -> tuple[Index, Index]:
    """The separator values of the parent as sorted flat indices, and which of them each of its configurations has."""
    if parent is None:
        return np.zeros(1, np.intp), np.empty(0, np.intp)
    values = _projected(network, parent.flat, parent.variables, separator)
    size = prod(network.shape(separator))
    # A table of all values is several times faster than sorting, unless it is much longer than the values.
    if size > 8 * len(values):
        return np.unique(values, return_inverse=True)
    seen = _seen(values, size)
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[values]


def _rules(network: Network) -> Rules:
    """Variable -> its families with impossible configurations, and which of their configurations are possible."""
    rules: dict[str, list[tuple[tuple[str, ...], Flags]]] = {name: [] for name in network.nodes}
    for name, table in network.tables.items():
        family = (*network.parents[name], name)
        possible = np.asarray((table > 0).reshape(-1, *network.shape(family)).any(axis=0))
        if not possible.all():
            for member in family:
                rules[member].append((family, possible))
    return rules


def _possible(
    network: Network, rules: Rules, variables: tuple[str, ...], count: int, separator_values: Index, room: int
) -> Index | None:
    """The configurations of `variables` that no table over them makes impossible, as sorted flat indices.

    separator_values: those of the first `count` variables. The other variables are added one at a time, and
    configurations that their families exclude are dropped at once. None if more than `room` bytes would be needed.
    """
    sizes, flat = network.shape(variables), separator_values
    if prod(sizes) > np.iinfo(flat.dtype).max:
        return None
    for position in range(count, len(variables)):
        if _bytes(len(flat) * sizes[position], len(variables)) > room:
            return None
        flat = (flat[:, None] * sizes[position] + np.arange(sizes[position])).ravel()
        within = variables[: position + 1]
        for family, possible in rules[variables[position]]:
            if set(family).issubset(within):
                flat = flat[possible.take(_projected(network, flat, within, family))]
    return flat


def _projected(network: Network, flat: Index, variables: tuple[str, ...], wanted: tuple[str, ...]) -> Index:
    """The flat index over `wanted` of each configuration of `variables`. Neighbouring digits are read together."""
    sizes = network.shape(variables)
    positions = [variables.index(name) for name in wanted]
    total = np.zeros_like(flat)
    while positions:
        first = last = positions.pop(0)
        while positions and positions[0] == last + 1:
            last = positions.pop(0)
        size = prod(sizes[first : last + 1])
        total *= size
        total += flat // prod(sizes[last + 1 :]) % size
    return total


def _states(network: Network, flat: Index, variables: tuple[str, ...]) -> Index:
    """The state index of each variable in each configuration, (configurations, variables)."""
    sizes = network.shape(variables)
    units = np.array([[prod(sizes[position + 1 :])] for position in range(len(sizes))])
    return (flat // units % np.array(sizes)[:, None]).T


def _consistent(network: Network, clusters: Sequence[_FlatCluster]) -> tuple[Cluster, ...]:
    """The clusters without configurations that a neighbour makes impossible: one pass to the root, one back."""
    keep = [np.ones(len(cluster.flat), bool) for cluster in clusters]
    for index in reversed(range(1, len(clusters))):
        cluster = clusters[index]
        keep[cluster.parent] &= _seen(cluster.to_value[keep[index]], cluster.values)[cluster.to_parent]
    result = []
    for index, cluster in enumerate(clusters):
        to_parent = cluster.to_parent
        if index:
            to_parent = to_parent[keep[cluster.parent]]
            seen = _seen(to_parent, cluster.values)
            to_parent = (np.cumsum(seen) - 1)[to_parent]
            keep[index] &= seen[cluster.to_value]
        configurations = _states(network, cluster.flat[keep[index]], cluster.variables)
        result.append(Cluster(cluster.variables, cluster.separator, cluster.parent, configurations, to_parent))
    return tuple(result)


def _seen(values: Index, count: int) -> Flags:
    """Which of the numbers below `count` occur."""
    result = np.zeros(count, bool)
    result[values] = True
    return result


def _bytes(configurations: int, variables: int) -> int:
    """The memory of a cluster: its state indices and about four numbers for each configuration, 8 bytes each."""
    return 8 * configurations * (variables + 4)


def _too_large(network: Network, scopes: Sequence[Scope]) -> InputError:
    sizes = {scope: prod(network.shape(tuple(scope))) for scope in scopes}
    largest = max(scopes, key=lambda scope: (sizes[scope], sorted(scope)))
    names = sorted(largest)
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    memory = [_bytes(sizes[scope], len(scope)) / (1 << 30) for scope in scopes]
    return InputError(
        f"The network is too large for exact inference. Its largest cluster has {len(names)} variables "
        f"({', '.join(names[:NAMES_SHOWN])}{more}) with up to {sizes[largest]:.2g} configurations: "
        f"{max(memory):,.1f} GiB; all clusters together {sum(memory):,.1f} GiB. "
        f"The limit is {MEMORY / (1 << 30):g} GiB."
    )
