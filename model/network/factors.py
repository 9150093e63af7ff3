"""Probability tables that list only possible configurations, for many draws of the numbers at once.

Few combinations of states are possible: a diagnosis has a handful of autoantibodies. A table therefore lists the
possible configurations, one row of numbers each. The draws are the last axis, contiguous in memory, so that one
vectorised operation on a row covers all draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Index = NDArray[np.intp]
NO_PARENTS: Index = np.empty((1, 0), np.intp)


@dataclass(frozen=True)
class Conditional:
    """P(node | parents) in the possible configurations of the parents.

    sizes: number of states of each parent. configurations: state indices of the parents, (rows, parents).
    possible: which states are possible, (rows, states). values: (rows, states, draws), 0 for impossible states;
    without draws the last axis has length 1.
    """

    parents: tuple[str, ...]
    sizes: tuple[int, ...]
    configurations: Index
    possible: NDArray[np.bool_]
    values: Array

    @cached_property
    def _row(self) -> Index:
        """The row of every combination of the parents' states, by flat index; -1 if it is impossible."""
        row = np.full(int(np.prod(self.sizes)), -1, np.intp)
        row[flat_index(self.configurations, self.sizes)] = np.arange(len(self.configurations))
        return row

    def rows(self, configurations: Index) -> Index:
        """The row of each of the given parent configurations, (rows, parents) to (rows,); -1 if it is impossible."""
        return self._row[flat_index(configurations, self.sizes)]


@dataclass(frozen=True)
class Factor:
    """A non-negative function of the variables `names`, by configuration.

    configurations: state indices, (rows, names). values: (rows, draws).
    """

    names: tuple[str, ...]
    configurations: Index
    values: Array

    def columns(self, names: Sequence[str]) -> Index:
        """The state indices of the variables `names`, (rows, names)."""
        return self.configurations[:, [self.names.index(name) for name in names]]

    def times(self, node: str, table: Conditional) -> "Factor":
        """The factor times the table of `node`, all of whose parents are variables of this factor."""
        rows = table.rows(self.columns(table.parents))
        before, state = np.nonzero(table.possible[rows])
        values = self.values[before] * table.values[rows[before], state]
        return Factor((*self.names, node), np.column_stack([self.configurations[before], state]), values)

    def marginal(self, names: Sequence[str], sizes: Sequence[int]) -> "Factor":
        """The sum over all variables but `names`, sorted by configuration. `sizes`: states of each of `names`."""
        columns = self.columns(names)
        index = flat_index(columns, sizes)
        order = np.argsort(index, kind="stable")
        starts = run_starts(index[order][:, None])
        summed = sum_runs(self.values[order], starts)
        return Factor(tuple(names), columns[order][starts], summed)


@dataclass(frozen=True)
class Joints:
    """Conditional distributions of several nodes, from the tables built so far; each is computed once and cached.

    All diagnoses are taken as equally probable, so that results do not depend on a setting's shares. For other
    children of the setting, the default (the first) setting is used, unless the setting is among `given`.
    """

    tables: dict[str, Conditional]
    cache: dict[tuple[tuple[str, ...], tuple[str, ...]], Factor] = field(default_factory=dict)

    def conditional(self, given: tuple[str, ...], wanted: tuple[str, ...]) -> Factor:
        """P(wanted | given) by possible configuration of both; uniform where P(given) is 0."""
        if (given, wanted) not in self.cache:
            joint = self._joint(given, wanted)
            starts = run_starts(joint.configurations[:, : len(given)])
            sizes = np.diff(starts, append=len(joint.configurations))
            total = np.repeat(sum_runs(joint.values, starts), sizes, axis=0)
            equal = np.repeat(1 / sizes, sizes)[:, None]
            values = np.where(total > 0, joint.values / np.where(total > 0, total, 1), equal)
            self.cache[given, wanted] = Factor(joint.names, joint.configurations, values)
        return self.cache[given, wanted]

    def _joint(self, given: tuple[str, ...], wanted: tuple[str, ...]) -> Factor:
        """P(given, wanted): the product of the tables of both and their ancestors, summed over all other variables.

        Each variable is summed out as soon as no later table needs it.
        """
        names = (*given, *wanted)
        above = self._above(names)
        states = len(self.tables["diagnosis"].possible[0])
        factor = Factor(("diagnosis",), np.arange(states)[:, None], np.ones((states, 1)))
        for i, node in enumerate(above):
            factor = factor.times(node, self._table(node, given))
            later = {parent for other in above[i + 1 :] for parent in self.tables[other].parents}
            kept = [name for name in factor.names if name in names or name in later]
            factor = factor.marginal(kept, self._sizes(kept))
        return factor.marginal(names, self._sizes(names))

    def _sizes(self, names: Sequence[str]) -> list[int]:
        return [self.tables[name].possible.shape[1] for name in names]

    def _table(self, node: str, given: tuple[str, ...]) -> Conditional:
        table = self.tables[node]
        if node != "setting":
            return table
        weights = np.ones((1, table.possible.shape[1], 1))
        weights[:, 1:] = "setting" in given
        return Conditional((), (), table.configurations, table.possible, weights)

    def _above(self, names: Sequence[str]) -> list[str]:
        """The names and their ancestors, parents first, without the diagnosis and without ancestors reached only
        through it.
        """
        found: set[str] = set()
        waiting = [name for name in names if name != "diagnosis"]
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting += [p for p in self.tables[name].parents if p not in found and p != "diagnosis"]
        return [name for name in self.tables if name in found]


def flat_index(configurations: Index, sizes: Sequence[int]) -> Index:
    """The index of each configuration, (rows, variables) to (rows,), among all combinations in lexicographic order."""
    index = np.zeros(len(configurations), np.intp)
    for column, size in zip(configurations.T, sizes, strict=True):
        index = index * size + column
    return index


def run_starts(rows: Index) -> Index:
    """The first row of each run of equal rows."""
    change = (rows[1:] != rows[:-1]).any(axis=1)
    return np.concatenate([[0], 1 + np.flatnonzero(change)])


def sum_runs(values: Array, starts: Index) -> Array:
    """The sum of the rows from each start to the next, (rows, draws) to (starts, draws)."""
    length, remainder = divmod(len(values), len(starts))
    # A sum over an axis is much faster than reduceat, but needs runs of equal length.
    if not remainder and (starts == np.arange(len(starts)) * length).all():
        summed: Array = values.reshape(len(starts), length, -1).sum(axis=1)
        return summed
    return np.add.reduceat(values, starts, axis=0)


def as_grid(table: Conditional) -> Array:
    """The table over all combinations of the parents, (draws, *parents, states).

    The rows of impossible combinations are uniform; they have probability 0 and affect no result.
    """
    _, states, draws = table.values.shape
    grid = np.full((draws, int(np.prod(table.sizes)), states), 1 / states)
    values = np.moveaxis(table.values.astype(float), -1, 0)
    grid[:, flat_index(table.configurations, table.sizes)] = values / values.sum(axis=-1, keepdims=True)
    return grid.reshape(draws, *table.sizes, states)


def from_grid(grid: Array, parents: tuple[str, ...]) -> Conditional:
    """The table of a network without draws, (*parents, states), as a list of configurations."""
    sizes = grid.shape[:-1]
    configurations = np.stack(np.unravel_index(np.arange(grid[..., 0].size), sizes), axis=1) if sizes else NO_PARENTS
    values = grid.reshape(-1, grid.shape[-1], 1)
    return Conditional(parents, sizes, configurations, values[..., 0] > 0, values)
