"""Probabilities over the configurations that can occur, for many draws of the numbers at once.

Of all combinations of states few are possible (a diagnosis has a handful of autoantibodies), so a table is
a list of configurations with one row of numbers each. Draws lie side by side in memory: what is done to a
configuration is done to all draws in one sweep.
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
    """P(node | parents) where the parents can be.

    sizes: number of states of each parent. configurations: state indices of the parents, (rows, parents).
    possible: which states can be, (rows, states). values: (rows, states, draws), 0 where not possible;
    without draws the last axis has length 1.
    """

    parents: tuple[str, ...]
    sizes: tuple[int, ...]
    configurations: Index
    possible: NDArray[np.bool_]
    values: Array

    @cached_property
    def _row(self) -> Index:
        """Row of each combination of the parents' states, -1 where it cannot be."""
        row = np.full(int(np.prod(self.sizes)), -1, np.intp)
        row[ravel(self.configurations, self.sizes)] = np.arange(len(self.configurations))
        return row

    def rows(self, configurations: Index) -> Index:
        """Row of each of some configurations of the parents, -1 where it cannot be."""
        return self._row[ravel(configurations, self.sizes)]


@dataclass(frozen=True)
class Factor:
    """Weights of configurations of `names`: configurations (rows, names), values (rows, draws)."""

    names: tuple[str, ...]
    configurations: Index
    values: Array

    def columns(self, names: Sequence[str]) -> Index:
        """State indices of some of the names, (rows, names)."""
        return self.configurations[:, [self.names.index(name) for name in names]]

    def times(self, node: str, table: Conditional) -> "Factor":
        """With one more variable, whose parents stand in this factor."""
        rows = table.rows(self.columns(table.parents))
        before, state = np.nonzero(table.possible[rows])
        values = self.values[before] * table.values[rows[before], state]
        return Factor((*self.names, node), np.column_stack([self.configurations[before], state]), values)

    def marginal(self, names: Sequence[str], sizes: Sequence[int]) -> "Factor":
        """Summed over all variables but `names`, sorted by them."""
        columns = self.columns(names)
        code = ravel(columns, sizes)
        order = np.argsort(code, kind="stable")
        starts = runs(code[order][:, None])
        summed = sum_runs(self.values[order], starts)
        return Factor(tuple(names), columns[order][starts], summed)


@dataclass(frozen=True)
class Joints:
    """Joint distributions of nodes whose tables are done; each is computed once.

    The diagnosis counts as a root with equal weights, so that the referral setting does not choose it. Where
    the setting is a parent of something else, the default (the first) is meant unless it is given.
    """

    tables: dict[str, Conditional]
    done: dict[tuple[tuple[str, ...], tuple[str, ...]], Factor] = field(default_factory=dict)

    def share(self, given: tuple[str, ...], wanted: tuple[str, ...]) -> Factor:
        """P(wanted | given) in each possible configuration of both; equal parts where `given` has no weight."""
        if (given, wanted) not in self.done:
            joint = self._joint(given, wanted)
            starts = runs(joint.configurations[:, : len(given)])
            sizes = np.diff(starts, append=len(joint.configurations))
            total = np.repeat(sum_runs(joint.values, starts), sizes, axis=0)
            equal = np.repeat(1 / sizes, sizes)[:, None]
            values = np.where(total > 0, joint.values / np.where(total > 0, total, 1), equal)
            self.done[given, wanted] = Factor(joint.names, joint.configurations, values)
        return self.done[given, wanted]

    def _joint(self, given: tuple[str, ...], wanted: tuple[str, ...]) -> Factor:
        """Product of all tables above the names, each variable summed out once nothing needs it."""
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
        """The names and all their ancestors but the diagnosis and what chooses it, parents first."""
        found: set[str] = set()
        waiting = [name for name in names if name != "diagnosis"]
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting += [p for p in self.tables[name].parents if p not in found and p != "diagnosis"]
        return [name for name in self.tables if name in found]


def ravel(configurations: Index, sizes: Sequence[int]) -> Index:
    """One number for each configuration, in lexicographic order."""
    code = np.zeros(len(configurations), np.intp)
    for column, size in zip(configurations.T, sizes, strict=True):
        code = code * size + column
    return code


def runs(rows: Index) -> Index:
    """First row of each run of equal rows."""
    change = (rows[1:] != rows[:-1]).any(axis=1)
    return np.concatenate([[0], 1 + np.flatnonzero(change)])


def sum_runs(values: Array, starts: Index) -> Array:
    """Sums of the rows from each start to the next, (starts, draws). Runs of one length are summed much faster."""
    length, rest = divmod(len(values), len(starts))
    if not rest and (starts == np.arange(len(starts)) * length).all():
        summed: Array = values.reshape(len(starts), length, -1).sum(axis=1)
        return summed
    return np.add.reduceat(values, starts, axis=0)


def as_grid(table: Conditional) -> Array:
    """The table over all combinations of the parents, (draws, *parents, states).

    Where the parents cannot be, every state is as likely: such a row never counts.
    """
    _, states, draws = table.values.shape
    grid = np.full((draws, int(np.prod(table.sizes)), states), 1 / states)
    values = np.moveaxis(table.values.astype(float), -1, 0)
    grid[:, ravel(table.configurations, table.sizes)] = values / values.sum(axis=-1, keepdims=True)
    return grid.reshape(draws, *table.sizes, states)


def from_grid(grid: Array, parents: tuple[str, ...]) -> Conditional:
    """The table of one network, (*parents, states), as a list of configurations."""
    sizes = grid.shape[:-1]
    configurations = np.stack(np.unravel_index(np.arange(grid[..., 0].size), sizes), axis=1) if sizes else NO_PARENTS
    values = grid.reshape(-1, grid.shape[-1], 1)
    return Conditional(parents, sizes, configurations, values[..., 0] > 0, values)
