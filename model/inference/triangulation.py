"""Triangulate the moral graph of a network, and join its cliques in a junction tree."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from math import prod

import numpy as np

from model.network.build import Network

Scope = frozenset[str]


def scopes_and_links(network: Network, core: Sequence[str], target: str) -> tuple[list[Scope], list[tuple[int, int]]]:
    """The scopes of the clusters of a junction tree over `core`, and its links (scope, parent scope) as indices.

    The scopes are the cliques of the triangulated moral graph, each with the target, and small hubs that keep messages
    short: the variables that neighbouring cliques share, and the target alone. Parents come first in the links; the
    root's parent is -1.
    """
    cliques = maximal_cliques(network, core, target)
    shared = {cliques[clique] & cliques[parent] for clique, parent in _links(network, cliques) if parent >= 0}
    hubs = (shared | {frozenset({target})}) - set(cliques)
    scopes = [*cliques, *sorted(hubs, key=sorted)]
    return scopes, _links(network, scopes)


def moral_graph(network: Network, core: Sequence[str]) -> dict[str, set[str]]:
    """Neighbours of each core variable: its parents, its children in the core, and their other parents."""
    neighbours: dict[str, set[str]] = {name: set() for name in core}
    for name, parents in network.parents.items():
        family = {*parents, name} & neighbours.keys()
        for member in family:
            neighbours[member] |= family - {member}
    return neighbours


def maximal_cliques(network: Network, core: Sequence[str], target: str) -> list[Scope]:
    """The cliques of the triangulated moral graph, each with the target, by min-fill elimination (Kjaerulff 1990).

    The target is added to every clique, so the other variables are eliminated without it. Eliminating a variable
    changes only the costs of its neighbours and, if it adds edges, of their neighbours; a queue finds the next
    cheapest variable.
    """
    neighbours = moral_graph(network, core)
    for other in neighbours.pop(target):
        neighbours[other].discard(target)

    def cost(name: str) -> tuple[int, int, str]:
        around = neighbours[name]
        missing = sum(len(around) - 1 - len(around & neighbours[a]) for a in around) // 2
        return missing, prod(network.shape((name, *around))), name

    costs = {name: cost(name) for name in neighbours}
    queue = list(costs.values())
    heapify(queue)
    cliques: list[Scope] = []
    holding: dict[str, list[Scope]] = {name: [] for name in neighbours}
    while queue:
        missing, _, name = cheapest = heappop(queue)
        if costs.get(name) != cheapest:
            continue
        del costs[name]
        around = neighbours.pop(name)
        clique = frozenset({name, *around})
        if not any(clique < earlier for earlier in holding[name]):
            cliques.append(clique | {target})
            for member in clique:
                holding[member].append(clique)
        changed = around.union(*(neighbours[a] for a in around if missing)) - {name}
        for a in around:
            neighbours[a] = (neighbours[a] | around) - {a, name}
        for other in changed:
            if costs[other] != (new := cost(other)):
                costs[other] = new
                heappush(queue, new)
    return cliques or [frozenset({target})]


def _links(network: Network, scopes: Sequence[Scope]) -> list[tuple[int, int]]:
    """A maximum-weight spanning tree over shared variables (Prim 1957; Jensen & Jensen 1994): (scope, its parent).

    The root is the scope with more than one variable that most others contain. Of equally good parents, a child gets
    the one nearest to the root. Evidence on most findings then passes through few clusters.
    """
    count = len(scopes)
    shared = _shared(scopes)
    length = shared.diagonal()
    contained = ((shared == length[:, None]) & (length > length[:, None])).sum(axis=1) * (length > 1)
    sizes = [prod(network.shape(tuple(scope))) for scope in scopes]
    root = max(range(count), key=lambda i: (contained[i], -sizes[i]))
    rank = np.empty(count, np.int64)
    rank[sorted(range(count), key=lambda i: (-sizes[i], -i))] = np.arange(count)

    links, depth = [(root, -1)], np.zeros(count, np.int64)
    parent, best = np.full(count, root), shared[root] * count
    waiting = np.arange(count) != root
    for _ in range(count - 1):
        child = int(np.argmax(np.where(waiting, best * count + rank, -1)))
        links.append((child, int(parent[child])))
        waiting[child] = False
        depth[child] = depth[parent[child]] + 1
        offered = shared[child] * count - depth[child]
        nearer = waiting & (offered > best)
        best[nearer], parent[nearer] = offered[nearer], child
    return links


def _shared(scopes: Sequence[Scope]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The number of variables that each pair of scopes shares, (scopes, scopes)."""
    column = {name: i for i, name in enumerate(sorted(frozenset().union(*scopes)))}
    member = np.zeros((len(scopes), len(column)), np.float32)
    for row, scope in zip(member, scopes, strict=True):
        row[[column[name] for name in scope]] = 1
    return (member @ member.T).astype(np.int64)
