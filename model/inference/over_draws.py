"""Posteriors over draws of the priors. Only the variables that a patient's findings need are drawn.

The core (the target and the variables that have children) is drawn once; any other finding when it is first observed.
A node's draws do not depend on which others are drawn, so the result is that of drawing the whole network. The
messages are those of `model.inference.sweep`, but the draws are the last axis in memory, which is several times faster
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
    """A factor of a cluster. rows: the row of each configuration, (configurations,). values: (rows, draws or 1)."""

    rows: Index
    values: Array


@dataclass(frozen=True)
class Branch:
    """A cluster with the evidence on its variables, and the branches below it that send it a message.

    cluster: its index. known: variable and likelihood of each state, sorted by variable.
    """

    cluster: int
    known: tuple[tuple[str, tuple[float, ...]], ...]
    below: tuple["Branch", ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Draws of a network. The core is kept once drawn; of the other findings, the LIKELIHOODS_KEPT used last.

    Likelihoods are kept in single precision. This halves the memory, and the error is far below the uncertainty of a
    draw.
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
        """Whether the core, which takes longest, has been drawn."""
        return "core" in vars(self)

    @cached_property
    def likelihood(self) -> Callable[[str, tuple[float, ...]], Array]:
        """A function (finding, likelihood of each state) -> P(evidence | parents), (rows of the table, draws)."""

        @lru_cache(maxsize=LIKELIHOODS_KEPT)
        def compute(finding: str, likelihoods: tuple[float, ...]) -> Array:
            values = draw_table(self.means, finding, self.core, self.sampling).values
            return np.einsum("rsd,s->rd", values, likelihoods).astype(KEPT_AS)

        return compute

    @cached_property
    def potentials(self) -> tuple[tuple[Term, ...], ...]:
        """The tables of the core by cluster; each is in its home (`Engine.home`)."""
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
        """A function from a branch to its message to the parent cluster, (separator values, draws).

        Each draw is scaled so that its largest value is 1.
        """

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
        """P(target | evidence) of one patient in each draw, (draws, target states); NaN where it is impossible."""
        joint = np.zeros((self.sampling.size, self.engine.size))
        joint[:, self.engine.tables[0].by_target[1]] = self.message(self._branch(evidence)).T
        total = joint.sum(axis=1, keepdims=True)
        return np.where(total > 0, joint / np.where(total > 0, total, 1), np.nan)

    def _branch(self, evidence: Evidence) -> Branch:
        """The evidence in the whole tree, without clusters whose message is 1."""
        engine = self.engine
        known: dict[int, list[tuple[str, tuple[float, ...]]]] = {}
        for name, likelihoods in sorted(_likelihoods(engine, evidence).items()):
            known.setdefault(engine.home[name], []).append((name, likelihoods))
        branches: dict[int, Branch] = {}
        for index, table in reversed([*enumerate(engine.tables)]):
            below = tuple(branches[child] for child in engine.children[index] if child in branches)
            if index == 0 or below or index in known or not table.idle:
                branches[index] = Branch(index, tuple(known.get(index, ())), below)
        return branches[0]

    def _observed(self, branch: Branch) -> list[Term]:
        """The evidence in the cluster as factors; findings with the same parents are multiplied into one factor."""
        cluster = self.engine.clusters[branch.cluster]
        terms: list[Term] = []
        together: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Index, Array]] = {}
        for name, likelihoods in branch.known:
            if name in self.core.tables:
                terms.append(Term(cluster.column(name), np.array(likelihoods)[:, None]))
                continue
            recipe, values = self.means.built[name].recipe, self.likelihood(name, likelihoods)
            key = recipe.rate_parents, recipe.effect_parents
            if key in together:
                together[key] = together[key][0], np.multiply(together[key][1], values, dtype=float)
            else:
                together[key] = _rows(cluster, self.means.joints.tables[name]), values
        return terms + [Term(rows, values) for rows, values in together.values()]


def _likelihoods(engine: Engine, evidence: Evidence) -> dict[str, tuple[float, ...]]:
    """The evidence on each variable as a likelihood of each state; 1 and 0 for hard evidence."""
    hard = {
        name: tuple(float(state == observed) for state in range(len(engine.network.states[name])))
        for name, observed in evidence.states.items()
    }
    return {**hard, **{name: tuple(likelihoods.tolist()) for name, likelihoods in evidence.likelihoods.items()}}


def _rows(cluster: Cluster, table: Conditional) -> Index:
    """The row of a table that belongs to each configuration of a cluster, (configurations,)."""
    return table.rows(cluster.configurations[:, [cluster.variables.index(parent) for parent in table.parents]])


def _term(cluster: Cluster, name: str, table: Conditional) -> Term:
    """The table of a core variable as a factor; each cell of the table is a row."""
    rows, states, draws = table.values.shape
    return Term(_rows(cluster, table) * states + cluster.column(name), table.values.reshape(rows * states, draws))


def _product(factors: Sequence[Term], draws: slice, size: int) -> Array:
    """The product of all factors in each configuration in some draws, (configurations, draws).

    Factors with one value for all draws come last, when the product already has its full width.
    """
    wide = sorted(factors, key=lambda factor: -factor.values.shape[1])
    product = np.ones((size, 1))
    for position, factor in enumerate(wide):
        values = factor.values[:, draws] if factor.values.shape[1] > 1 else factor.values
        if position:
            product *= values[factor.rows]
        else:
            product = values[factor.rows].astype(float, copy=False)
    return product
