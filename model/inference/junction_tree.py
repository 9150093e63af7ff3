"""The skeleton of exact inference: a tree of clusters over the core, found from the graph alone.

The core are the variables that have children; every other variable is a leaf whose evidence is one
row of a table over the cluster that holds its parents. The tree is the junction tree of the moral
graph (Lauritzen & Spiegelhalter 1988; min-fill elimination, Kjaerulff 1990), with the target variable
in every cluster, so that each cluster also yields joints with the target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from model.network.build import Network

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Cluster:
    """Variables of one cluster, those shared with its parent cluster first; `parent` is -1 at the root.

    `configurations` (configurations, variables): the state indices that have positive prior
    probability, sorted, so that configurations with one separator value lie side by side.
    """

    variables: tuple[str, ...]
    separator: tuple[str, ...]
    parent: int
    configurations: Index

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


def core_of(parents: Mapping[str, tuple[str, ...]], target: str) -> tuple[str, ...]:
    """The target and the variables that have children, in the order of `parents`."""
    inside = {target, *(p for chosen in parents.values() for p in chosen)}
    return tuple(name for name in parents if name in inside)


def build_clusters(network: Network, target: str) -> tuple[Cluster, ...]:
    """The cluster tree, parents before children, rooted at a smallest cluster that holds `target`."""
    core = core_of(network.parents, target)
    scopes = _with_hubs(_maximal_scopes(network, core, target))
    links = _tree(network, scopes)
    clusters: list[Cluster] = []
    place: dict[int, int] = {}
    for scope, parent in links:
        separator = scopes[scope] & scopes[parent] if parent >= 0 else frozenset({target})
        order = _ordered(network, separator, target) + _ordered(network, scopes[scope] - separator, target)
        configurations = _possible(network, core, order)
        place[scope] = len(clusters)
        above = tuple(_ordered(network, separator, target)) if parent >= 0 else ()
        clusters.append(Cluster(tuple(order), above, place.get(parent, -1), configurations))
    return _consistent(clusters)


def _consistent(clusters: list[Cluster]) -> tuple[Cluster, ...]:
    """Drop configurations that a neighbour makes impossible: one pass to the root, one back."""
    for index in reversed(range(1, len(clusters))):
        parent = clusters[index].parent
        clusters[parent] = _matching(clusters[parent], clusters[index], clusters[index].separator)
    for index in range(1, len(clusters)):
        cluster = clusters[index]
        clusters[index] = _matching(cluster, clusters[cluster.parent], cluster.separator)
    return tuple(clusters)


def _matching(cluster: Cluster, other: Cluster, shared: tuple[str, ...]) -> Cluster:
    allowed = {tuple(row) for row in np.stack([other.column(v) for v in shared], axis=1).tolist()}
    own = np.stack([cluster.column(v) for v in shared], axis=1).tolist()
    keep = np.array([tuple(row) in allowed for row in own])
    return replace(cluster, configurations=cluster.configurations[keep])


def _ordered(network: Network, names: frozenset[str], target: str) -> list[str]:
    rank = {name: i for i, name in enumerate(network.nodes)}
    return sorted(names, key=lambda n: (n != target, rank[n]))


def _maximal_scopes(network: Network, core: tuple[str, ...], target: str) -> list[frozenset[str]]:
    """Cliques of the triangulated moral graph, by min-fill elimination with the target last."""
    neighbours: dict[str, set[str]] = {name: set() for name in core}
    families = [{*network.parents[n], *({n} & set(core))} for n in network.parents]
    for family in [*families, *({name, target} for name in core)]:
        for a, b in combinations(sorted(family), 2):
            neighbours[a].add(b)
            neighbours[b].add(a)
    scopes: list[frozenset[str]] = []
    remaining = set(core)
    while remaining:

        def cost(name: str) -> tuple[bool, int, float, str]:
            around = neighbours[name] & remaining
            fill = sum(b not in neighbours[a] for a, b in combinations(sorted(around), 2))
            size = float(np.prod([len(network.states[n]) for n in {name, *around}]))
            return (name == target, fill, size, name)

        chosen = min(remaining, key=cost)
        around = neighbours[chosen] & remaining
        for a, b in combinations(sorted(around), 2):
            neighbours[a].add(b)
            neighbours[b].add(a)
        scopes.append(frozenset({chosen, *around}))
        remaining.remove(chosen)
    return [s for i, s in enumerate(scopes) if not any(s < o or (s == o and j < i) for j, o in enumerate(scopes))]


def _with_hubs(scopes: list[frozenset[str]]) -> list[frozenset[str]]:
    """The scopes and their pairwise overlaps: small meeting points that keep messages short."""
    overlaps = {a & b for a, b in combinations(scopes, 2)}
    return [*scopes, *sorted((o for o in overlaps if o and o not in scopes), key=sorted)]


def _tree(network: Network, scopes: list[frozenset[str]]) -> list[tuple[int, int]]:
    """A maximum-weight spanning tree over shared variables (Jensen & Jensen 1994): (scope, its parent).

    Parents come first. The root is the scope, beyond the target alone, that most others contain, and
    among equals a child hangs nearest to it: what most findings say then passes through few clusters.
    """
    size = [float(np.prod(network.shape(tuple(s)))) for s in scopes]
    contained = [(len(s) > 1) * sum(s < other for other in scopes) for s in scopes]
    root = max(range(len(scopes)), key=lambda i: (contained[i], -size[i]))
    links, waiting, depth = [(root, -1)], [i for i in range(len(scopes)) if i != root], {root: 0}
    while waiting:
        child, parent = max(
            ((c, p) for c in waiting for p in depth),
            key=lambda pair: (len(scopes[pair[0]] & scopes[pair[1]]), -depth[pair[1]], -size[pair[0]], -pair[0]),
        )
        links.append((child, parent))
        depth[child] = depth[parent] + 1
        waiting.remove(child)
    return links


def _possible(network: Network, core: tuple[str, ...], order: list[str]) -> Index:
    """Configurations of `order` that no table inside it makes impossible, sorted lexicographically."""
    shape = tuple(len(network.states[n]) for n in order)
    grid = np.indices(shape).reshape(len(order), -1).T
    keep = np.ones(len(grid), dtype=bool)
    for name in core:
        family = (*network.parents[name], name)
        if set(family) <= set(order):
            table = network.tables[name]
            table = table.reshape(-1, *network.shape(family)).max(axis=0)
            keep &= table[tuple(grid[:, order.index(n)] for n in family)] > 0
    return grid[keep].astype(np.intp)
