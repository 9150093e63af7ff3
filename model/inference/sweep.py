"""Exact inference for any evidence, by messages up the junction tree and, where needed, back down.

It takes hard and soft evidence, one patient or many, one network or many draws (Lauritzen & Spiegelhalter 1988).
Products are formed on the linear scale. Before a product could underflow, each of its numbers is split into a fraction
and a power of two. The logarithm of P(target, evidence) is therefore correct to rounding for any evidence. Ordinary
evidence never needs the split and does not pay for it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.inference.engine import Engine, Evidence, Table
from model.inference.junction_tree import Index
from model.network.build import Array

# ln of the smallest product that is formed without a split; floats lose digits below exp(-708).
LEAST = -600.0
# Likelihoods below SMALL are first multiplied by 2 ** RAISED, which brings all of them above it.
SMALL, RAISED = 1e-100, 900
NO_EXPONENT = -(2**30)


@dataclass
class Scaled:
    """Numbers `values` * 2 ** `exponents` (None: all 0). Every positive entry of `values` is at least exp(`least`)."""

    values: Array
    exponents: Index | None
    least: float

    def times(self, factor: "Scaled", patients: Index | None = None) -> None:
        """Multiply in place by `factor`. patients: those it applies to (None: all), along the last axis but one."""
        if self.least + factor.least < LEAST:
            self.values, shift = np.frexp(self.values)
            self.exponents = shift if self.exponents is None else self.exponents + shift
            self.least = -math.log(2)
        if factor.exponents is not None and self.exponents is None:
            self.exponents = np.zeros(self.values.shape, np.int32)
        if patients is None:
            self.values *= factor.values
            if self.exponents is not None and factor.exponents is not None:
                self.exponents += factor.exponents
        else:
            chosen = patients if self.values.ndim == 2 else (slice(None), patients)
            self.values[chosen] *= factor.values
            if self.exponents is not None and factor.exponents is not None:
                self.exponents[chosen] += factor.exponents
        self.least += min(factor.least, 0)

    def take(self, index: Index) -> "Scaled":
        """The entries at `index` of the last axis."""
        exponents = None if self.exponents is None else self.exponents.take(index, -1)
        return Scaled(self.values.take(index, -1), exponents, self.least)

    def summed(self, table: Table) -> "Scaled":
        """The sums over the configurations of each separator value, (..., separator values)."""
        if self.exponents is None:
            return Scaled(np.add.reduceat(self.values, table.starts, axis=-1), None, self.least)
        exponents = np.where(self.values > 0, self.exponents, NO_EXPONENT)
        top = np.maximum.reduceat(exponents, table.starts, axis=-1)
        shifted = np.ldexp(self.values, exponents - top.take(table.to_separator, -1))
        total = np.add.reduceat(shifted, table.starts, axis=-1)
        return Scaled(total, np.where(total > 0, top, 0), self.least)

    def shared(self, total: "Scaled", table: Table, share: Array | float = 1.0) -> Array:
        """`share` of each separator value divided among its configurations in proportion; 0 where `total` is 0.

        total: the sums of `summed`. The array `values` is overwritten.
        """
        ratio = share / np.where(total.values > 0, total.values, 1)
        self.values *= ratio.take(table.to_separator, -1)
        if self.exponents is None or total.exponents is None:
            return self.values
        return np.ldexp(self.values, self.exponents - total.exponents.take(table.to_separator, -1))

    def log(self) -> Array:
        """The natural logarithm; -inf for 0."""
        with np.errstate(divide="ignore"):
            logs: Array = np.log(self.values)
        return logs if self.exponents is None else logs + self.exponents * np.log(2)


_NOTHING = Scaled(np.empty(0), None, 0.0)


def log_joint(engine: Engine, evidence: Evidence) -> Array:
    """ln P(target, evidence), (..., target states), with the axes [draws,] [patients,]; -inf where impossible."""
    return _log_joint(engine, _collect(engine, evidence)[1][0])


def posterior(engine: Engine, evidence: Evidence) -> tuple[Array, Array]:
    """P(target | evidence), (..., target states), and ln P(evidence), (...).

    If the evidence is impossible they are NaN and minus infinity.
    """
    return _normalised(log_joint(engine, evidence))


def beliefs(engine: Engine, evidence: Evidence) -> tuple[list[Array], Array]:
    """P(configuration | evidence) of every cluster, each (..., configurations), and ln P(evidence), (...).

    If the evidence is impossible they are 0 and minus infinity.
    """
    products, messages = _collect(engine, evidence, skip_idle=False)
    probability, log_evidence = _normalised(_log_joint(engine, messages[0]))
    cluster_beliefs: list[Array] = []
    for product, message, table in zip(products, messages, engine.tables, strict=True):
        if not cluster_beliefs:
            outside = np.where(message.values > 0, probability.take(table.by_target[1], -1), 0)
        elif table.to_parent_differs:
            order, groups = table.by_separator
            outside = np.add.reduceat(cluster_beliefs[table.parent].take(order, -1), groups, axis=-1)
        else:
            outside = cluster_beliefs[table.parent]
        cluster_beliefs.append(product.shared(message, table, outside))
    return cluster_beliefs, log_evidence


def joint_with_target(engine: Engine, cluster_beliefs: Sequence[Array], name: str) -> Array:
    """P(target, name | evidence) from `beliefs`, ([draws,] [patients,] target states, states)."""
    index = engine.home[name]
    table, belief = engine.tables[index], cluster_beliefs[index]
    rows = table.weights[..., table.columns[name] : table.columns[name] + len(engine.network.states[name]), :]
    if rows.ndim == belief.ndim == 3:
        rows = rows[:, None]
    starts, targets = table.by_target
    summed = np.add.reduceat(belief[..., None, :] * rows, starts, axis=-1)
    result = np.zeros((*summed.shape[:-2], engine.size, summed.shape[-2]))
    result[..., targets, :] = np.swapaxes(summed, -1, -2)
    return result


def joints(engine: Engine, cluster_beliefs: Sequence[Array]) -> dict[str, Array]:
    """P(target, variable | evidence) of every variable, (target states, states); for one patient and no draws."""
    result: dict[str, Array] = {}
    for belief, families in zip(cluster_beliefs, engine.siblings, strict=True):
        for family in families:
            size, most, _ = family.weights.shape
            probability = np.bincount(family.group, belief, size * most).reshape(size, 1, most)
            joint = np.matmul(probability, family.weights)[:, 0]
            result |= {name: joint[:, columns] for name, columns in family.slices.items()}
    return result


def condition(engine: Engine, evidence: Evidence) -> tuple[Engine, Array]:
    """The engine conditioned on the evidence of one patient, and P(target | evidence), (target states,).

    The prior of each cluster is replaced by P(configuration | separator value, evidence). Evidence given to the new
    engine is added to the evidence that is already known.
    """
    products, messages = _collect(engine, evidence, skip_idle=False)
    probability, _ = _normalised(_log_joint(engine, messages[0]))
    tables = []
    for product, message, table in zip(products, messages, engine.tables, strict=True):
        weights = table.weights.copy()
        if table.parent < 0:
            weights[0] = product.shared(message, table, probability[table.by_target[1]])
        else:
            # Impossible separator values do not matter; equal values keep the cluster idle without evidence.
            possible = message.values[table.to_separator] > 0
            weights[0] = np.where(possible, product.shared(message, table), 1 / table.sizes[table.to_separator])
        tables.append(replace(table, weights=weights))
    return replace(engine, tables=tuple(tables)), probability


def log_total(logs: Array) -> Array:
    """ln of the sum of exp along the last axis; -inf where every term is -inf."""
    top = logs.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        total: Array = np.log(np.exp(logs - top).sum(axis=-1)) + top[..., 0]
    return total


def _normalised(logs: Array) -> tuple[Array, Array]:
    """The probabilities proportional to exp(logs) along the last axis, and ln of their sum before scaling."""
    total = log_total(logs)
    with np.errstate(invalid="ignore"):
        probability = np.exp(logs - total[..., None])
    return probability / probability.sum(axis=-1, keepdims=True), total


def _log_joint(engine: Engine, message: Scaled) -> Array:
    logs = message.log()
    result = np.full((*logs.shape[:-1], engine.size), -np.inf)
    result[..., engine.tables[0].by_target[1]] = logs
    return result


def _collect(engine: Engine, evidence: Evidence, skip_idle: bool = True) -> tuple[list[Scaled], list[Scaled]]:
    """The product of each cluster, (..., configurations), and its message to its parent, (..., separator values).

    A message that is 1 everywhere is not sent; with `skip_idle`, it and its product are not computed.
    """
    patients = None
    if evidence.of_many:
        evidence = evidence.as_patients()
        patients = max(len(known) for known in (*evidence.states.values(), *evidence.likelihoods.values()))  # type: ignore[arg-type]
    observed: list[list[str]] = [[] for _ in engine.tables]
    for name in (*evidence.states, *evidence.likelihoods):
        observed[engine.home[name]].append(name)
    count = len(engine.tables)
    products, messages, sent = [_NOTHING] * count, [_NOTHING] * count, set[int]()
    for index in reversed(range(count)):
        table = engine.tables[index]
        received = [child for child in engine.children[index] if child in sent]
        if observed[index] or received or not table.idle:
            sent.add(index)
        elif skip_idle and index:
            continue
        product = _prior(table, patients)
        for name in observed[index]:
            product.times(*_factor(table, evidence, name, len(engine.network.states[name])))
        for child in received:
            product.times(messages[child].take(engine.tables[child].to_parent))
        products[index], messages[index] = product, product.summed(table)
    return products, messages


def _prior(table: Table, patients: int | None) -> Scaled:
    """The prior of each configuration, as a new array with all axes."""
    prior = table.weights[..., 0, :]
    values = prior.copy() if patients is None else np.repeat(prior[..., None, :], patients, axis=-2)
    return Scaled(values, None, table.least[0])


def _factor(table: Table, evidence: Evidence, name: str, states: int) -> tuple[Scaled, Index | None]:
    """The likelihood of the evidence on one variable in each configuration, and the patients with evidence on it.

    states: the number of states of the variable. The patients are None if the factor applies to all.
    """
    first = table.columns[name]
    least = min(table.least[first : first + states])
    if name in evidence.likelihoods:
        return _soft_factor(table.weights[..., first : first + states, :], evidence.likelihoods[name], least)
    observed = evidence.states[name]
    if not isinstance(observed, np.ndarray):
        return Scaled(table.weights[..., first + observed, :], None, least), None
    known = np.flatnonzero(observed >= 0)
    factor = Scaled(table.weights.take(first + observed[known], -2), None, least)
    return factor, None if len(known) == len(observed) else known


def _soft_factor(rows: Array, likelihoods: Array, least: float) -> tuple[Scaled, Index | None]:
    """As `_factor`, for soft evidence. rows: of the table, one for each state, (..., states, configurations)."""
    chosen = None
    if likelihoods.ndim > 1 and len(likelihoods) > 1:
        chosen = np.flatnonzero((likelihoods != 1).any(axis=1))
        likelihoods = likelihoods[chosen]
    smallest = likelihoods[likelihoods > 0].min(initial=1.0)
    if smallest >= SMALL:
        return Scaled(np.matmul(likelihoods, rows), None, least + math.log(smallest)), chosen
    values, exponents = np.frexp(np.matmul(np.ldexp(likelihoods, RAISED), rows))
    return Scaled(values, exponents - RAISED, -math.log(2)), chosen
