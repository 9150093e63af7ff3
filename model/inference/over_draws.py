"""Posteriors over draws of the priors, drawn only as far as a patient's findings ask for them.

The core (the variables that have children) is drawn once; a finding when it is first observed. A node's
draws do not depend on which others are drawn, so the result is that of drawing the whole network. The
messages are those of `model.inference.sweep`, but the draws lie side by side in memory, which is several times faster
for a thousand networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from model.inference.engine import Engine, Evidence
from model.inference.junction_tree import Cluster, core_of
from model.network.build import Means, draw_joints, draw_table
from model.network.factors import Array, Conditional, Index, Joints, sum_runs
from model.network.sampling import Sampling

LIKELIHOODS_KEPT = 100
# One more finding changes only the messages between its cluster and the root.
MESSAGES_KEPT = 32
KEPT_AS = np.float32
DRAWS_AT_ONCE = 500


@dataclass(frozen=True)
class Term:
    """A factor of a cluster: values (rows, draws or 1), and the row of each configuration."""

    rows: Index
    values: Array


@dataclass(frozen=True)
class Branch:
    """A cluster with what is known of its variables, and the branches below it that have a message for it.

    known: variable -> weight of each state, sorted.
    """

    cluster: int
    known: tuple[tuple[str, tuple[float, ...]], ...]
    below: tuple["Branch", ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Draws of a network. What has been drawn is kept; of the findings, those asked for last.

    Likelihoods are kept in single precision: half the memory, and far below what a draw is uncertain by.
    """

    means: Means
    engine: Engine
    sampling: Sampling

    @cached_property
    def core(self) -> Joints:
        """Draws of the variables that have children."""
        tables = self.means.joints.tables
        inside = core_of({name: table.parents for name, table in tables.items()}, self.engine.target)
        return draw_joints(self.means, [name for name in tables if name in inside], self.sampling)

    @property
    def begun(self) -> bool:
        """Whether the core is drawn, which takes longest."""
        return "core" in vars(self)

    @cached_property
    def likelihood(self) -> Callable[[str, tuple[float, ...]], Array]:
        """Probability of what is known of a finding, given as a weight for each state: (rows of its table, draws)."""

        @lru_cache(maxsize=LIKELIHOODS_KEPT)
        def compute(finding: str, weights: tuple[float, ...]) -> Array:
            values = draw_table(self.means, finding, self.core, self.sampling).values
            return np.einsum("rsd,s->rd", values, weights).astype(KEPT_AS)

        return compute

    @cached_property
    def potentials(self) -> tuple[tuple[Term, ...], ...]:
        """The tables of the core, each in the cluster that is its home."""
        home = self.engine.home
        return tuple(
            tuple(_term(c, name, table) for name, table in self.core.tables.items() if home[name] == index)
            for index, c in enumerate(self.engine.clusters)
        )

    def prior(self, setting: int) -> Array:
        """The share of each diagnosis in a setting, (draws, diagnoses)."""
        values: Array = self.core.tables["diagnosis"].values[setting].T
        return values

    @cached_property
    def message(self) -> Callable[[Branch], Array]:
        """The message of a branch to the cluster above it, (separator values, draws); the largest of each draw is 1."""

        @lru_cache(maxsize=MESSAGES_KEPT)
        def compute(branch: Branch) -> Array:
            table = self.engine.tables[branch.cluster]
            factors = [*self.potentials[branch.cluster], *self._observed(branch)]
            factors += [Term(self.engine.tables[other.cluster].to_parent, compute(other)) for other in branch.below]
            message = np.empty((len(table.starts), self.sampling.size))
            for first in range(0, self.sampling.size, DRAWS_AT_ONCE):
                block = slice(first, first + DRAWS_AT_ONCE)
                message[:, block] = sum_runs(_product(factors, block, len(table.cluster.configurations)), table.starts)
            top = message.max(axis=0)
            message /= np.where(top > 0, top, 1)
            return message

        return compute

    def posterior(self, evidence: Evidence) -> Array:
        """P(target | evidence) of one patient in each draw, (draws, target states).

        NaN where a draw makes the evidence impossible.
        """
        joint = np.zeros((self.sampling.size, self.engine.size))
        joint[:, self.engine.tables[0].by_target[1]] = self.message(self._branch(evidence)).T
        total = joint.sum(axis=1, keepdims=True)
        return np.where(total > 0, joint / np.where(total > 0, total, 1), np.nan)

    def _branch(self, evidence: Evidence) -> Branch:
        """The whole tree: what is known in every cluster, without clusters whose message is 1."""
        engine = self.engine
        known: dict[int, list[tuple[str, tuple[float, ...]]]] = {}
        for name, weights in sorted(_weights(engine, evidence).items()):
            known.setdefault(engine.home[name], []).append((name, weights))
        branches: dict[int, Branch] = {}
        for index, table in reversed([*enumerate(engine.tables)]):
            below = tuple(branches[child] for child in engine.children[index] if child in branches)
            if index == 0 or below or index in known or not table.idle:
                branches[index] = Branch(index, tuple(known.get(index, ())), below)
        return branches[0]

    def _observed(self, branch: Branch) -> list[Term]:
        """What is known of the variables of the cluster; findings with the same parents become one factor."""
        cluster = self.engine.clusters[branch.cluster]
        terms: list[Term] = []
        together: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Index, Array]] = {}
        for name, weights in branch.known:
            if name in self.core.tables:
                terms.append(Term(cluster.column(name), np.array(weights)[:, None]))
                continue
            recipe, values = self.means.built[name].recipe, self.likelihood(name, weights)
            key = recipe.rate_parents, recipe.effect_parents
            if key in together:
                together[key] = together[key][0], np.multiply(together[key][1], values, dtype=float)
            else:
                together[key] = _rows(cluster, self.means.joints.tables[name]), values
        return terms + [Term(rows, values) for rows, values in together.values()]


def _weights(engine: Engine, evidence: Evidence) -> dict[str, tuple[float, ...]]:
    """What is known of each variable as a weight for each state."""
    hard = {
        name: tuple(float(state == code) for state in range(len(engine.network.states[name])))
        for name, code in evidence.codes.items()
    }
    return {**hard, **{name: tuple(weights.tolist()) for name, weights in evidence.likelihoods.items()}}


def _rows(cluster: Cluster, table: Conditional) -> Index:
    """The row of a table that each configuration of a cluster has."""
    return table.rows(cluster.configurations[:, [cluster.variables.index(parent) for parent in table.parents]])


def _term(cluster: Cluster, name: str, table: Conditional) -> Term:
    """The table of a core variable, each entry a row."""
    rows, states, draws = table.values.shape
    return Term(_rows(cluster, table) * states + cluster.column(name), table.values.reshape(rows * states, draws))


def _product(factors: Sequence[Term], draws: slice, size: int) -> Array:
    """The product of all factors in each configuration in some draws, (configurations, draws).

    Factors of one number for all draws come last, when the product has its full width.
    """
    wide = sorted(factors, key=lambda factor: -factor.values.shape[1])
    product = np.ones((size, 1))
    for place, factor in enumerate(wide):
        values = factor.values[:, draws] if factor.values.shape[1] > 1 else factor.values
        if place:
            product *= values[factor.rows]
        else:
            product = values[factor.rows].astype(float, copy=False)
    return product
