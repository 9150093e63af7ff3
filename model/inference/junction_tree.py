"""The skeleton of exact inference: a tree of clusters over the core, found from the graph alone.

The core are the variables that have children; every other variable is a leaf whose evidence is one
row of a table over the cluster that holds its parents. The tree is the junction tree of the moral
graph (Lauritzen & Spiegelhalter 1988), with the target variable in every cluster, so that each cluster
also yields joints with the target. That multiplies the size of a cluster by the states of the target
at most, which is the work of one propagation for each state.
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
    """Variables of one cluster, those shared with its parent cluster first; `parent` is -1 at the root.

    `configurations` (configurations, variables): the state indices that have positive prior
    probability, sorted, so that configurations with one separator value lie side by side.
    `to_parent`: the number of the separator value of each configuration of the parent; empty at the root.
    """

    variables: tuple[str, ...]
    separator: tuple[str, ...]
    parent: int
    configurations: Index
    to_parent: Index

    def column(self, variable: str) -> Index:
        """State index of `variable` in each configuration, (configurations,)."""
        return self.configurations[:, self.variables.index(variable)]

    def starts(self, variables: Sequence[str]) -> Index:
        """First configuration of each run with equal `variables`, which must be the leading ones."""
        leading = self.configurations[:, : len(variables)]
        if not len(variables):
            return np.zeros(1, dtype=np.intp)
        change = np.any(leading[1:] != leading[:-1], axis=1)
        return np.concatenate([[0], 1 + np.flatnonzero(change)])


@dataclass(frozen=True)
class _Coded:
    """A cluster under construction. Each configuration is one code, with the states as its digits (mixed radix).

    values: how many separator values its parent has. to_value: which of them each configuration has.
    """

    variables: tuple[str, ...]
    separator: tuple[str, ...]
    parent: int
    codes: Index
    values: int
    to_value: Index
    to_parent: Index


def core_of(parents: Mapping[str, tuple[str, ...]], target: str) -> tuple[str, ...]:
    """The target and the variables that have children, in the order of `parents`."""
    inside = {target, *(p for chosen in parents.values() for p in chosen)}
    return tuple(name for name in parents if name in inside)


def build_clusters(network: Network, target: str) -> tuple[Cluster, ...]:
    """The cluster tree, parents before children, rooted at a smallest cluster that holds `target`.

    Raises InputError if the clusters would take more than MEMORY.
    """
    scopes, links = scopes_and_links(network, core_of(network.parents, target), target)
    rules = _rules(network)
    clusters: list[_Coded] = []
    place = {-1: -1}
    room = MEMORY
    for scope, above in links:
        shared = scopes[scope] & scopes[above] if above >= 0 else frozenset()
        separator = _ordered(network, shared, target)
        variables = separator + _ordered(network, scopes[scope] - shared, target)
        parent = clusters[place[above]] if above >= 0 else None
        known, to_parent = _separator_values(network, parent, separator)
        codes = _possible(network, rules, variables, len(separator), known, room)
        if codes is None:
            raise _too_large(network, scopes)
        room -= _bytes(len(codes), len(variables))
        to_value = np.searchsorted(known, codes // prod(network.shape(variables[len(separator) :])))
        place[scope] = len(clusters)
        clusters.append(_Coded(variables, separator, place[above], codes, len(known), to_value, to_parent))
    return _consistent(network, clusters)


def _ordered(network: Network, names: Scope, target: str) -> tuple[str, ...]:
    rank = {name: i for i, name in enumerate(network.nodes)}
    return tuple(sorted(names, key=lambda n: (n != target, rank[n])))


def _separator_values(network: Network, parent: _Coded | None, separator: tuple[str, ...]) -> tuple[Index, Index]:
    """The codes of the separator values that the parent has, sorted, and which of them each of its configurations has.

    A table of all values is several times faster than sorting, where it is not much longer than what it counts.
    """
    if parent is None:
        return np.zeros(1, np.intp), np.empty(0, np.intp)
    values = _recoded(network, parent.codes, parent.variables, separator)
    size = prod(network.shape(separator))
    if size > 8 * len(values):
        return np.unique(values, return_inverse=True)
    seen = _seen(values, size)
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[values]


def _rules(network: Network) -> Rules:
    """For each variable, its families that have impossible configurations, and which configurations are possible."""
    rules: dict[str, list[tuple[tuple[str, ...], Flags]]] = {name: [] for name in network.nodes}
    for name, table in network.tables.items():
        family = (*network.parents[name], name)
        possible = np.asarray((table > 0).reshape(-1, *network.shape(family)).any(axis=0))
        if not possible.all():
            for member in family:
                rules[member].append((family, possible))
    return rules


def _possible(
    network: Network, rules: Rules, variables: tuple[str, ...], count: int, known: Index, room: int
) -> Index | None:
    """Codes of the configurations that no table inside `variables` makes impossible, sorted.

    `known` are the codes of the first `count` variables. One variable is added at a time, and what its families
    exclude is dropped at once. None where more than `room` bytes would be needed.
    """
    sizes, codes = network.shape(variables), known
    if prod(sizes) > np.iinfo(codes.dtype).max:
        return None
    for place in range(count, len(variables)):
        if _bytes(len(codes) * sizes[place], len(variables)) > room:
            return None
        codes = (codes[:, None] * sizes[place] + np.arange(sizes[place])).ravel()
        within = variables[: place + 1]
        for family, possible in rules[variables[place]]:
            if set(family).issubset(within):
                codes = codes[possible.take(_recoded(network, codes, within, family))]
    return codes


def _recoded(network: Network, codes: Index, variables: tuple[str, ...], wanted: tuple[str, ...]) -> Index:
    """The code of `wanted` alone in each configuration of `variables`. Neighbouring digits are read together."""
    sizes = network.shape(variables)
    places = [variables.index(name) for name in wanted]
    total = np.zeros_like(codes)
    while places:
        first = last = places.pop(0)
        while places and places[0] == last + 1:
            last = places.pop(0)
        size = prod(sizes[first : last + 1])
        total *= size
        total += codes // prod(sizes[last + 1 :]) % size
    return total


def _states(network: Network, codes: Index, variables: tuple[str, ...]) -> Index:
    """State index of each variable in each configuration, (configurations, variables)."""
    sizes = network.shape(variables)
    units = np.array([[prod(sizes[place + 1 :])] for place in range(len(sizes))])
    return (codes // units % np.array(sizes)[:, None]).T


def _consistent(network: Network, clusters: Sequence[_Coded]) -> tuple[Cluster, ...]:
    """Drop configurations that a neighbour makes impossible: one pass to the root, one back."""
    keep = [np.ones(len(cluster.codes), bool) for cluster in clusters]
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
        configurations = _states(network, cluster.codes[keep[index]], cluster.variables)
        result.append(Cluster(cluster.variables, cluster.separator, cluster.parent, configurations, to_parent))
    return tuple(result)


def _seen(values: Index, count: int) -> Flags:
    """Which of the numbers below `count` occur."""
    result = np.zeros(count, bool)
    result[values] = True
    return result


def _bytes(configurations: int, variables: int) -> int:
    """What a cluster takes: its state indices and about four numbers for each configuration, 8 bytes each."""
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
