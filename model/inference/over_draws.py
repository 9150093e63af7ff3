"""Posteriors over draws of the priors, drawn only as far as a patient's findings ask for them.

The core (the variables that have children) is drawn once; a finding when it is first observed. A node's
draws do not depend on which others are drawn, so the result is that of drawing the whole network. The
messages are those of `model.inference.sweep`, but the draws lie side by side in memory, which is several times faster
for a thousand networks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from model.inference.engine import Engine, Evidence
from model.inference.junction_tree import Cluster, core_of
from model.network.build import Means, draw_joints, draw_table
from model.network.factors import Array, Conditional, Index, Joints, sum_runs
from model.network.sampling import Sampling

LIKELIHOODS_KEPT = 100
KEPT_AS = np.float32
DRAWS_AT_ONCE = 500


@dataclass(frozen=True)
class Term:
    """A factor of a cluster: values (rows, draws or 1), and the row of each configuration."""

    rows: Index
    values: Array


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

    def posterior(self, evidence: Evidence) -> Array:
        """P(target | evidence) of one patient in each draw, (draws, target states).

        NaN where a draw makes the evidence impossible.
        """
        observed = self._observed(evidence)
        blocks = [slice(first, first + DRAWS_AT_ONCE) for first in range(0, self.sampling.size, DRAWS_AT_ONCE)]
        joint = np.concatenate([self._joint(observed, block) for block in blocks], axis=1).T
        total = joint.sum(axis=1, keepdims=True)
        return np.where(total > 0, joint / np.where(total > 0, total, 1), np.nan)

    def _observed(self, evidence: Evidence) -> dict[int, list[Term]]:
        """What is known of the variables of each cluster; findings with the same parents become one factor."""
        terms: dict[int, list[Term]] = {}
        together: dict[tuple[int, tuple[str, ...], tuple[str, ...]], tuple[Index, Array]] = {}
        for name, weights in _weights(self.engine, evidence).items():
            home = self.engine.home[name]
            cluster = self.engine.clusters[home]
            if name in self.core.tables:
                terms.setdefault(home, []).append(Term(cluster.column(name), np.array(weights)[:, None]))
                continue
            recipe, values = self.means.built[name].recipe, self.likelihood(name, weights)
            key = home, recipe.rate_parents, recipe.effect_parents
            if key in together:
                together[key] = together[key][0], np.multiply(together[key][1], values, dtype=float)
            else:
                together[key] = _rows(cluster, self.means.joints.tables[name]), values
        for (home, *_), (rows, values) in together.items():
            terms.setdefault(home, []).append(Term(rows, values))
        return terms

    def _joint(self, observed: Mapping[int, list[Term]], draws: slice) -> Array:
        """P(target, evidence) in some draws, each up to a factor, (target states, draws)."""
        engine = self.engine
        messages: dict[int, Array] = {}
        for index, table in reversed([*enumerate(engine.tables)]):
            heard = [child for child in engine.children[index] if child in messages]
            if index and table.idle and not heard and index not in observed:
                continue
            factors = [(t.rows, _block(t.values, draws)) for t in (*self.potentials[index], *observed.get(index, ()))]
            factors += [(engine.tables[child].to_parent, messages[child]) for child in heard]
            message = sum_runs(_product(factors, len(table.cluster.configurations)), table.starts)
            top = message.max(axis=0)
            messages[index] = message / np.where(top > 0, top, 1)
        joint = np.zeros((engine.size, messages[0].shape[1]))
        joint[engine.tables[0].by_target[1]] = messages[0]
        return joint


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


def _block(values: Array, draws: slice) -> Array:
    return values[:, draws] if values.shape[1] > 1 else values


def _product(factors: list[tuple[Index, Array]], size: int) -> Array:
    """The product of all factors in each configuration, (configurations, draws).

    Factors of one number for all draws come last, when the product has its full width.
    """
    wide = sorted(factors, key=lambda factor: -factor[1].shape[1])
    product = wide[0][1][wide[0][0]].astype(float, copy=False) if wide else np.ones((size, 1))
    for rows, values in wide[1:]:
        product *= values[rows]
    return product
