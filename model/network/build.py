"""Build the conditional probability tables of the network from the numbers of the priors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.network.ancestors import ancestors
from model.network.factors import Conditional, Joints, as_grid, from_grid
from model.network.recipe import BuiltTable, build_table, root, write_recipe
from model.network.sampling import Sampling
from model.priors.folder import Priors

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """A discrete Bayesian network.

    tables: node -> (*parents, states); each row sums to 1 over the states. In a network of draws, every table but
    that of the setting has one more axis in front: (draws, *parents, states). Nodes are in topological order.
    """

    states: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Array]

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(self.tables)

    def shape(self, names: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(len(self.states[name]) for name in names)


@dataclass(frozen=True)
class Means:
    """The network at the means of the priors.

    built: node -> its table with the recipe; all nodes but the setting and the diagnosis. joints: every table.
    """

    priors: Priors
    built: Mapping[str, BuiltTable]
    joints: Joints


def build_network(priors: Priors, draws: int = 0, seed: int = 0) -> Network:
    """The network at the means of the priors; with `draws` > 0, that many networks with drawn numbers.

    How numbers are drawn: `model.network.sampling`. Raises InputError for a cycle, an edge without numbers, and
    rates that contradict each other.
    """
    means = build_means(priors)
    joints = draw_joints(means, means.joints.tables, Sampling(draws, seed)) if draws else means.joints
    return as_network(priors, joints, bool(draws))


def build_means(priors: Priors) -> Means:
    """Every table at the means of the priors, parents first. Raises InputError as `build_network` does."""
    joints, built = Joints({}), {}
    for node in _topological_order(priors):
        if node in ("setting", "diagnosis"):
            joints.tables[node] = _root(priors, node, Sampling())
        else:
            built[node] = build_table(write_recipe(priors, node, joints), joints, Sampling())
            joints.tables[node] = built[node].table
    return Means(priors, built, joints)


def draw_joints(means: Means, nodes: Iterable[str], sampling: Sampling) -> Joints:
    """Drawn tables of `nodes`, which must include all their ancestors and list parents before children."""
    joints = Joints({})
    for node in nodes:
        joints.tables[node] = draw_table(means, node, joints, sampling)
    return joints


def draw_table(means: Means, node: str, joints: Joints, sampling: Sampling) -> Conditional:
    """The drawn table of one node. `joints` holds the drawn tables of its ancestors.

    The draws depend only on the priors and the seed, not on which other nodes are drawn.
    """
    if node in ("setting", "diagnosis"):
        return _root(means.priors, node, sampling)
    return build_table(means.built[node].recipe, joints, sampling, means.built[node]).table


def as_network(priors: Priors, joints: Joints, drawn: bool = False) -> Network:
    """The tables of `joints` as a network; `drawn`: with an axis of draws in every table but that of the setting."""
    states = {name: variable.states for name, variable in priors.vocabulary.variables.items()}
    grids = {node: as_grid(table) for node, table in joints.tables.items()}
    tables = {node: grid if drawn and node != "setting" else grid[0] for node, grid in grids.items()}
    return Network(states, priors.parents, tables)


def _root(priors: Priors, node: str, sampling: Sampling) -> Conditional:
    """The table of the setting (all equally probable), or that of the diagnosis given the setting."""
    if node == "setting":
        settings = len(priors.vocabulary.settings)
        return root((), np.full((1, settings, 1), 1 / settings))
    return root(("setting",), np.stack([sampling.values(share) for share in priors.rates["diagnosis"]]))


def joint_given(network: Network, given: tuple[str, ...], wanted: tuple[str, ...]) -> Array:
    """P(wanted | given), axes (*given, *wanted), of a network without draws; 0 where `given` is impossible.

    `given` must include the diagnosis, so that the result does not depend on how frequent it is in a setting. For
    other children of the setting, the default (the first) setting is used.
    """
    above = ancestors(network.parents, (*given, *wanted))
    tables = {n: from_grid(network.tables[n], network.parents[n]) for n in network.nodes if n in above}
    conditional = Joints(tables).conditional(given, wanted)
    grid = np.zeros(network.shape((*given, *wanted)))
    grid[tuple(conditional.configurations.T)] = conditional.values[:, 0]
    return grid


def _topological_order(priors: Priors) -> list[str]:
    parents = priors.parents
    order: list[str] = []
    waiting = list(parents)
    while waiting:
        ready = [n for n in waiting if all(p in order for p in parents[n])]
        if not ready:
            raise _cycle(priors, waiting)
        order += ready
        waiting = [n for n in waiting if n not in ready]
    return order


def _cycle(priors: Priors, waiting: list[str]) -> InputError:
    """The error for a cycle: it names the last edge among the `waiting` nodes that lie on a cycle."""
    inside = waiting
    while fewer := [n for n in inside if not any(n in priors.parents[child] for child in inside)]:
        inside = [n for n in inside if n not in fewer]
    edges = [
        row for row in priors.tables["edges/"] if row["parent"] in inside and set(row.words("child")) & set(inside)
    ]
    return edges[-1].fault("child", f"a cycle among {', '.join(sorted(inside))}")
