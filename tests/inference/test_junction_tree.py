"""The cluster tree is a junction tree of the moral graph, and holds what is possible and nothing else."""

from collections.abc import Mapping
from importlib import import_module
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from model.errors import InputError
from model.inference import junction_tree
from model.inference.junction_tree import Cluster, build_clusters, core_of
from model.inference.triangulation import maximal_cliques, moral_graph, scopes_and_links
from model.network.build import Array, Network
from tests.helpers.public_networks import public_network
from tests.helpers.random_networks import brute_force_joint, networks

PUBLIC = ("asia", "sachs", "child", "insurance", "alarm", "andes", "pigs")
TARGET = "diagnosis"

# Untyped: its annotations are a package of their own.
nx: Any = import_module("networkx")


def moral(network: Network) -> Any:
    """The moral graph of the core, with the target joined to all, by the definition."""
    core = set(core_of(network.parents, TARGET))
    graph = nx.Graph()
    graph.add_nodes_from(core)
    for name, parents in network.parents.items():
        graph.add_edges_from(combinations({*parents, name} & core, 2))
    graph.add_edges_from((TARGET, name) for name in core - {TARGET})
    return graph


@given(networks())
def test_the_cliques_are_those_of_a_triangulated_moral_graph(network: Network) -> None:
    cliques = maximal_cliques(network, core_of(network.parents, TARGET), TARGET)
    filled = moral(network)
    filled.add_edges_from(edge for clique in cliques for edge in combinations(clique, 2))
    assert nx.is_chordal(filled)
    assert set(nx.chordal_graph_cliques(filled)) == set(cliques)
    assert len(set(cliques)) == len(cliques)


@given(networks())
def test_a_graph_that_is_already_chordal_gets_no_edges(network: Network) -> None:
    graph = moral(network)
    if nx.is_chordal(graph):
        core = core_of(network.parents, TARGET)
        assert set(maximal_cliques(network, core, TARGET)) == set(nx.chordal_graph_cliques(graph))


@given(networks())
def test_neighbours_are_those_of_the_moral_graph(network: Network) -> None:
    neighbours = moral_graph(network, core_of(network.parents, TARGET))
    pairs = {frozenset((a, b)) for a, around in neighbours.items() for b in around}
    assert pairs == {frozenset(edge) for edge in moral(network).edges if TARGET not in edge} | {
        pair for pair in pairs if TARGET in pair
    }


def assert_junction_tree(network: Network, clusters: tuple[Cluster, ...], target: str) -> None:
    core = core_of(network.parents, target)
    scopes = [set(cluster.variables) for cluster in clusters]
    for name, parents in network.parents.items():
        family = {*parents, name} if name in core else {*parents, target}
        assert any(family <= scope for scope in scopes)
    for index, cluster in enumerate(clusters):
        assert cluster.variables[0] == target
        assert cluster.variables[: len(cluster.separator)] == cluster.separator
        assert cluster.parent < index
        if index:
            assert set(cluster.separator) == scopes[index] & scopes[cluster.parent]
    for name in core:
        links = sum(name in cluster.separator for cluster in clusters[1:])
        assert sum(name in scope for scope in scopes) == links + 1


@given(networks())
def test_running_intersection_and_families(network: Network) -> None:
    """The clusters that hold a variable are connected: one more than the links between them."""
    assert_junction_tree(network, build_clusters(network, TARGET), TARGET)


@pytest.mark.parametrize("name", PUBLIC)
def test_running_intersection_in_public_networks(name: str) -> None:
    network = public_network(name)
    target = network.nodes[len(network.nodes) // 2]
    assert_junction_tree(network, build_clusters(network, target), target)


@pytest.mark.parametrize("name", PUBLIC)
def test_meeting_points_are_no_more_than_the_links_of_the_cliques(name: str) -> None:
    """Every overlap of two cliques as a meeting point would be quadratic in their number."""
    network = public_network(name)
    target = network.nodes[0]
    core = core_of(network.parents, target)
    assert len(scopes_and_links(network, core, target)[0]) <= 2 * len(maximal_cliques(network, core, target))


@given(networks())
def test_a_cluster_holds_the_possible_configurations_in_order(network: Network) -> None:
    joint = brute_force_joint(network, {})
    for cluster in build_clusters(network, TARGET):
        kept = [network.nodes.index(name) for name in cluster.variables]
        others = tuple(axis for axis in range(joint.ndim) if axis not in kept)
        marginal = joint.sum(axis=others).transpose(np.argsort(np.argsort(kept)))
        np.testing.assert_array_equal(cluster.configurations, np.argwhere(marginal > 0))


@given(networks())
def test_each_configuration_finds_its_separator_value_below(network: Network) -> None:
    clusters = build_clusters(network, TARGET)
    for cluster in clusters[1:]:
        values = cluster.configurations[cluster.starts(cluster.separator), : len(cluster.separator)]
        above = np.stack([clusters[cluster.parent].column(name) for name in cluster.separator], axis=1)
        np.testing.assert_array_equal(values[cluster.to_parent], above)


def complete(count: int, rows: Mapping[str, Array]) -> Network:
    """Variables `n0`, `n1`, ... of two states, each two of them the parents of a finding. `rows`: tables given n0."""
    names = [f"n{i}" for i in range(count)]
    parents: dict[str, tuple[str, ...]] = {name: ("n0",) if name in rows else () for name in names}
    tables = {name: rows.get(name, np.array([0.5, 0.5])) for name in names}
    for a, b in combinations(names, 2):
        parents[f"{a}{b}"] = (a, b)
        tables[f"{a}{b}"] = np.full((2, 2, 2), 0.5)
    return Network(dict.fromkeys(parents, ("no", "yes")), parents, tables)


def test_a_network_that_does_not_fit_in_memory_is_refused_with_its_size() -> None:
    with pytest.raises(InputError, match=r"40 variables \(n0, n1, .* 34 more\) with up to 1.1e\+12 configurations"):
        build_clusters(complete(40, {}), "n0")


def test_so_is_one_whose_codes_would_not_fit_in_an_integer() -> None:
    with pytest.raises(InputError, match=r"up to 1.8e\+19 configurations"):
        build_clusters(complete(64, {}), "n0")


def test_the_limit_is_on_all_clusters_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junction_tree, "MEMORY", 10_000)
    with pytest.raises(InputError, match="all clusters together"):
        build_clusters(public_network("alarm"), "HR")


def test_what_is_impossible_takes_no_room() -> None:
    """Forty copies of one variable have 2^40 configurations, two of which are possible."""
    clusters = build_clusters(complete(40, {f"n{i}": np.eye(2) for i in range(1, 40)}), "n0")
    assert max(len(cluster.variables) for cluster in clusters) == 40
    assert all(len(cluster.configurations) == 2 for cluster in clusters)
