"""A network compiled for exact inference: the junction tree, with one array of numbers for each cluster.

`model.inference.sweep` computes with any evidence; `model.inference.hard_evidence` is faster for hard evidence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from model.inference.junction_tree import Cluster, Index, build_clusters, core_of
from model.network.build import Array, Network

NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Evidence:
    """What is known of one patient, or of many.

    states: variable -> state index, an integer or (patients,) with -1 for unknown. likelihoods: variable -> likelihood
    of each state, (states,) or (patients, states). No variable is in both.
    """

    states: Mapping[str, Index | int]
    likelihoods: Mapping[str, Array]

    @property
    def of_many(self) -> bool:
        """Whether a variable has an axis of patients."""
        return any(np.ndim(c) for c in self.states.values()) or any(w.ndim > 1 for w in self.likelihoods.values())

    def as_patients(self) -> "Evidence":
        """The same evidence with an axis of patients on every variable, of length 1 where it had none."""
        states = {name: np.atleast_1d(state) for name, state in self.states.items()}
        return Evidence(states, {name: np.atleast_2d(values) for name, values in self.likelihoods.items()})

    def take(self, patients: Index | slice) -> "Evidence":
        """The evidence of some of the patients. patients: their indices."""
        states: dict[str, Index | int] = {name: np.asarray(column)[patients] for name, column in self.states.items()}
        return Evidence(states, {name: values[patients] for name, values in self.likelihoods.items()})


@dataclass(frozen=True, eq=False)
class Table:
    """One cluster and its numbers. All other arrays are computed from these when first needed.

    weights: ([draws,] 1 + rows, configurations). Row 0 is the prior of each configuration given its separator value.
    Each further row belongs to one state of a variable whose home is this cluster: the state's probability in each
    configuration or, for a variable of the cluster, 1 where it has that state and 0 elsewhere. columns: variable ->
    its first row, for the variables whose home this is. starts: the first configuration of each separator value; at
    the root, of each target state.
    """

    cluster: Cluster
    columns: Mapping[str, int]
    starts: Index
    weights: Array

    def __post_init__(self) -> None:
        self.weights.setflags(write=False)

    @property
    def parent(self) -> int:
        return self.cluster.parent

    @cached_property
    def to_parent(self) -> Index:
        """The separator value of each configuration of the parent cluster; empty at the root."""
        return self.cluster.to_parent

    @cached_property
    def to_parent_differs(self) -> bool:
        """Whether the parent's configurations differ from the separator values, taken once each and in order."""
        return len(self.to_parent) != len(self.starts) or bool((self.to_parent != np.arange(len(self.starts))).any())

    @cached_property
    def sizes(self) -> Index:
        """The number of configurations of each separator value, (separator values,)."""
        return np.diff(self.starts, append=len(self.cluster.configurations))

    @cached_property
    def to_separator(self) -> Index:
        """The separator value of each configuration, (configurations,)."""
        return np.repeat(np.arange(len(self.starts)), self.sizes)

    @cached_property
    def by_separator(self) -> tuple[Index, Index]:
        """The parent's configurations sorted by separator value, and the first of each value."""
        order = np.argsort(self.to_parent, kind="stable")
        return order, np.searchsorted(self.to_parent[order], np.arange(len(self.starts)))

    @cached_property
    def by_target(self) -> tuple[Index, Index]:
        """The first configuration of each possible target state, and these states."""
        states = self.cluster.configurations[:, 0]
        starts = np.flatnonzero(np.diff(states, prepend=-1))
        return starts, states[starts]

    @cached_property
    def with_prior(self) -> Array:
        """The prior, then every row times the prior; shape of `weights`."""
        product = self.weights * self.weights[..., :1, :]
        product[..., 0, :] = self.weights[..., 0, :]
        return product

    @cached_property
    def alone(self) -> Array:
        """The message to the parent if only one row is observed, ([draws,] 1 + rows, separator values).

        Row 0 is the message without evidence.
        """
        return np.add.reduceat(self.with_prior, self.starts, axis=-1)

    @cached_property
    def idle(self) -> bool:
        """Whether the message without evidence is 1 for every separator value, so that it need not be sent."""
        return bool(np.abs(self.alone[..., 0, :] - 1).max() < NEGLIGIBLE)

    @cached_property
    def least(self) -> list[float]:
        """ln of the smallest positive number of each row."""
        rows = np.moveaxis(self.weights, -2, 0).reshape(self.weights.shape[-2], -1)
        smallest: list[float] = np.log(np.where(rows > 0, rows, 1).min(axis=1)).tolist()
        return smallest

    @cached_property
    def layout(self) -> Index:
        """The configurations of each separator value as columns, padded with -1, (most configurations, values).

        At the root each configuration is a column.
        """
        if self.parent < 0:
            return np.arange(len(self.cluster.configurations))[None]
        members = np.arange(self.sizes.max())[:, None]
        return np.where(members < self.sizes, self.starts + members, -1)

    @cached_property
    def padded(self) -> tuple[Array, Array]:
        """`weights` and `with_prior` in the layout, padded with 0, (1 + rows, most configurations, values)."""
        return tuple(
            np.where(self.layout < 0, 0, rows.take(self.layout, 1)) for rows in (self.weights, self.with_prior)
        )  # type: ignore[return-value]


@dataclass(frozen=True)
class Siblings:
    """Variables of one cluster that depend on the same parents or on a subset of them.

    Their parents have fewer combinations of states than the cluster has configurations. slices: variable -> its states
    among the states of all siblings. weights: P(state | combination of target and parents), (target states, most
    combinations of a target state, states). group: the combination of each configuration, as a flat index into the
    first two axes, (configurations,).
    """

    slices: Mapping[str, slice]
    weights: Array
    group: Index


@dataclass(frozen=True, eq=False)
class Engine:
    """The junction tree, parents before children. home: variable -> the index of the cluster where it is observed."""

    network: Network
    target: str
    home: Mapping[str, int]
    tables: tuple[Table, ...]

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        return tuple(table.cluster for table in self.tables)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The indices of the child clusters of each cluster."""
        above = [table.parent for table in self.tables]
        return tuple(tuple(c for c, parent in enumerate(above) if parent == index) for index in range(len(above)))

    @cached_property
    def core(self) -> frozenset[str]:
        """The target and the variables that have children."""
        return frozenset(core_of(self.network.parents, self.target))

    @cached_property
    def size(self) -> int:
        """The number of states of the target."""
        return len(self.network.states[self.target])

    @cached_property
    def row_of(self) -> Mapping[tuple[str, object], tuple[int, int]]:
        """(variable, state) -> its cluster and row."""
        return {
            (name, state): (index, first + i)
            for index, table in enumerate(self.tables)
            for name, first in table.columns.items()
            for i, state in enumerate(self.network.states[name])
        }

    @cached_property
    def target_of_root(self) -> Array:
        """1 where a configuration of the root has a state of the target, (configurations, target states)."""
        return np.eye(self.size)[self.clusters[0].column(self.target)]

    @cached_property
    def siblings(self) -> tuple[tuple[Siblings, ...], ...]:
        """The variables observed in each cluster, grouped by their parents; only for an engine without draws."""
        return tuple(tuple(self._siblings(table)) for table in self.tables)

    def _siblings(self, table: Table) -> Iterator[Siblings]:
        parents = {n: (n,) if n in self.core else self.network.parents[n] for n in table.columns}
        scopes = {name: frozenset({self.target, *names}) for name, names in parents.items()}
        for scope in sorted(set(scopes.values()), key=lambda scope: (-len(scope), *sorted(scope))):
            names = [name for name in scopes if scopes[name] <= scope]
            if not names:
                continue
            scopes = {name: own for name, own in scopes.items() if name not in names}
            last = np.cumsum([len(self.network.states[name]) for name in names]).tolist()
            slices = {n: slice(end - len(self.network.states[n]), end) for n, end in zip(names, last, strict=True)}
            rows = np.concatenate([np.arange(p.stop - p.start) + table.columns[n] for n, p in slices.items()])
            columns = [index for index, name in enumerate(table.cluster.variables) if name in scope]
            combinations, first, group = np.unique(
                table.cluster.configurations[:, columns], axis=0, return_index=True, return_inverse=True
            )
            target = combinations[:, 0]
            within = np.arange(len(target)) - np.searchsorted(target, target)
            weights = np.zeros((self.size, within.max() + 1, len(rows)))
            weights[target, within] = table.weights[np.ix_(rows, first)].T
            yield Siblings(slices, weights, (target * weights.shape[1] + within)[group])

    @cached_property
    def padded_to_parent(self) -> tuple[Index | None, ...]:
        """`to_parent` of each table in the layout of its parent, (most configurations, values).

        None where the separator has the same values as the columns of that layout.
        """
        return tuple(self._padded_to_parent(table) for table in self.tables)

    def _padded_to_parent(self, table: Table) -> Index | None:
        if table.parent < 0:
            return None
        layout = self.tables[table.parent].layout
        above, values = table.to_parent[layout], np.arange(len(table.starts))
        same = above.shape[1] == len(values) and bool(((above == values) | (layout < 0)).all())
        return None if same else above


def compile_engine(network: Network, target: str = "diagnosis") -> Engine:
    """Compile `network`, whose tables may have a leading axis of draws. Raises InputError if it is too large."""
    clusters = build_clusters(network, target)
    core = core_of(network.parents, target)
    home = _homes(network, clusters, target)
    draws = np.broadcast_shapes(*{table.shape[: -1 - len(network.parents[n])] for n, table in network.tables.items()})
    tables = []
    for index, cluster in enumerate(clusters):
        inside = [name for name in network.nodes if home[name] == index]
        names = [n for n in inside if n not in core] + [n for n in inside if n in core]
        first = np.cumsum([1, *(len(network.states[n]) for n in names)]).tolist()
        starts = cluster.starts(cluster.separator or (target,))
        weights = _gather(network, cluster, names, core, draws)
        tables.append(Table(cluster, dict(zip(names, first, strict=False)), starts, weights))
    return Engine(network, target, home, tuple(tables))


def _homes(network: Network, clusters: Sequence[Cluster], target: str) -> dict[str, int]:
    """Node -> the smallest cluster that contains its parents and, if the node is in the core, the node."""
    holding: dict[str, set[int]] = {}
    for index, cluster in enumerate(clusters):
        for name in cluster.variables:
            holding.setdefault(name, set()).add(index)
    home = {}
    for name, parents in network.parents.items():
        needed = {*parents, name if name in holding else target}
        fitting = set.intersection(*(holding[other] for other in needed))
        home[name] = min(fitting, key=lambda index: (len(clusters[index].configurations), index))
    return home


def _gather(
    network: Network, cluster: Cluster, names: Sequence[str], core: Sequence[str], draws: tuple[int, ...]
) -> Array:
    """`Table.weights` of a cluster: the prior, then the states of `names`, ([draws,] 1 + rows, configurations)."""
    size = len(cluster.configurations)
    prior: Array = np.ones(size)
    blocks: list[Array] = []
    for name in names:
        parents = tuple(cluster.column(parent) for parent in network.parents[name])
        if name in core:
            prior = prior * _at(network.tables[name], (*parents, cluster.column(name)))
            blocks.append((cluster.column(name) == np.arange(len(network.states[name]))[:, None]) * 1.0)
        else:
            table = np.moveaxis(network.tables[name], -1, -1 - len(parents))
            block = _at(table, parents) if parents else np.broadcast_to(table[..., None], (*table.shape, size))
            blocks.append(block)
    blocks = [prior[..., None, :], *blocks]
    return np.concatenate([np.broadcast_to(block, (*draws, *block.shape[-2:])) for block in blocks], axis=-2)


def _at(table: Array, index: tuple[Index, ...]) -> Array:
    """The values of `table` at `index` in its last axes."""
    full: tuple[Any, ...] = (..., *index)
    return table[full]
