"""Exact inference for any evidence, by one sweep of messages up the tree of clusters and, if wanted, one back.

Hard and soft evidence, one patient or many, one set of tables or many draws of them (Lauritzen & Spiegelhalter
1988). Products are formed on the linear scale. Before a product could become too small for a float, its numbers
are split into fraction and power of two, each for itself: so nothing underflows, however extreme the evidence, and
the logarithm of P(target, evidence) is right to rounding. Ordinary evidence never needs that, and costs nothing more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.inference.engine import Engine, Evidence, Table
from model.inference.junction_tree import Index
from model.network.build import Array

# ln of the smallest product that is formed as it is; floats lose digits below -708.
LEAST = -600.0
# Likelihoods under this are first multiplied by a power of two that brings all above it.
SMALL, RAISED = 1e-100, 900
NO_EXPONENT = -(2**30)


@dataclass
class Scaled:
    """Numbers `values` * 2 ** `exponents` (None: all 0), of one shape; none is smaller than exp(`least`), but 0."""

    values: Array
    exponents: Index | None
    least: float

    def times(self, factor: "Scaled", patients: Index | None = None) -> None:
        """Multiply by `factor`, which applies to some `patients` (None: to all), along the last axis but one."""
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
        """Entries of the last axis."""
        exponents = None if self.exponents is None else self.exponents.take(index, -1)
        return Scaled(self.values.take(index, -1), exponents, self.least)

    def summed(self, table: Table) -> "Scaled":
        """Sums over the configurations of each separator value."""
        if self.exponents is None:
            return Scaled(np.add.reduceat(self.values, table.starts, axis=-1), None, self.least)
        exponents = np.where(self.values > 0, self.exponents, NO_EXPONENT)
        top = np.maximum.reduceat(exponents, table.starts, axis=-1)
        shifted = np.ldexp(self.values, exponents - top.take(table.to_separator, -1))
        total = np.add.reduceat(shifted, table.starts, axis=-1)
        return Scaled(total, np.where(total > 0, top, 0), self.least)

    def shared(self, total: "Scaled", table: Table, share: Array | float = 1.0) -> Array:
        """`share` of each separator value, divided among its configurations; `total` is the sum. 0 where that is 0.

        The array of `values` is used up.
        """
        ratio = share / np.where(total.values > 0, total.values, 1)
        self.values *= ratio.take(table.to_separator, -1)
        if self.exponents is None or total.exponents is None:
            return self.values
        return np.ldexp(self.values, self.exponents - total.exponents.take(table.to_separator, -1))

    def log(self) -> Array:
        """Natural logarithm; -inf of 0."""
        with np.errstate(divide="ignore"):
            logs: Array = np.log(self.values)
        return logs if self.exponents is None else logs + self.exponents * np.log(2)


_NOTHING = Scaled(np.empty(0), None, 0.0)


def log_joint(engine: Engine, evidence: Evidence) -> Array:
    """ln P(target, evidence), (..., target states), with the axes [draws,] [patients,]; -inf where impossible."""
    return _log_joint(engine, _collect(engine, evidence)[1][0])


def posterior(engine: Engine, evidence: Evidence) -> tuple[Array, Array]:
    """P(target | evidence), (..., target states), and ln P(evidence), (...).

    Where the evidence is impossible: NaN, and minus infinity.
    """
    return _normalised(log_joint(engine, evidence))


def beliefs(engine: Engine, evidence: Evidence) -> tuple[list[Array], Array]:
    """P(configuration | evidence) of every cluster, each (..., configurations), and ln P(evidence), (...).

    Where the evidence is impossible: all 0, and minus infinity.
    """
    products, messages = _collect(engine, evidence, silent=False)
    chance, log_evidence = _normalised(_log_joint(engine, messages[0]))
    believed: list[Array] = []
    for product, message, table in zip(products, messages, engine.tables, strict=True):
        if not believed:
            outside = np.where(message.values > 0, chance.take(table.by_target[1], -1), 0)
        elif table.to_parent_differs:
            order, groups = table.by_separator
            outside = np.add.reduceat(believed[table.parent].take(order, -1), groups, axis=-1)
        else:
            outside = believed[table.parent]
        believed.append(product.shared(message, table, outside))
    return believed, log_evidence


def joint_with_target(engine: Engine, believed: Sequence[Array], name: str) -> Array:
    """P(target, name | evidence) from `beliefs`, ([draws,] [patients,] target states, states)."""
    index = engine.home[name]
    table, belief = engine.tables[index], believed[index]
    rows = table.weights[..., table.columns[name] : table.columns[name] + len(engine.network.states[name]), :]
    if rows.ndim == belief.ndim == 3:
        rows = rows[:, None]
    starts, targets = table.by_target
    summed = np.add.reduceat(belief[..., None, :] * rows, starts, axis=-1)
    result = np.zeros((*summed.shape[:-2], engine.size, summed.shape[-2]))
    result[..., targets, :] = np.swapaxes(summed, -1, -2)
    return result


def joints(engine: Engine, believed: Sequence[Array]) -> dict[str, Array]:
    """P(target, variable | evidence) of every variable, (target states, states); for one patient and no draws."""
    result: dict[str, Array] = {}
    for belief, families in zip(believed, engine.siblings, strict=True):
        for family in families:
            size, most, _ = family.weights.shape
            chance = np.bincount(family.group, belief, size * most).reshape(size, 1, most)
            joint = np.matmul(chance, family.weights)[:, 0]
            result |= {name: joint[:, place] for name, place in family.places.items()}
    return result


def condition(engine: Engine, evidence: Evidence) -> tuple[Engine, Array]:
    """The network once the evidence of one patient is known, and P(target | evidence), (target states,).

    P(configuration | separator value, evidence) of every cluster, read from the root down, is again a network, of this
    patient alone. The engine has it in the place of its priors: further evidence counts on top of what is known.
    """
    products, messages = _collect(engine, evidence, silent=False)
    chance, _ = _normalised(_log_joint(engine, messages[0]))
    tables = []
    for product, message, table in zip(products, messages, engine.tables, strict=True):
        weights = table.weights.copy()
        if table.parent < 0:
            weights[0] = product.shared(message, table, chance[table.by_target[1]])
        else:
            # An impossible separator value never counts; with equal shares the cluster stays idle without evidence.
            possible = message.values[table.to_separator] > 0
            weights[0] = np.where(possible, product.shared(message, table), 1 / table.sizes[table.to_separator])
        tables.append(replace(table, weights=weights))
    return replace(engine, tables=tuple(tables)), chance


def log_total(logs: Array) -> Array:
    """ln of the sum of exp along the last axis; -inf where every term is."""
    top = logs.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        total: Array = np.log(np.exp(logs - top).sum(axis=-1)) + top[..., 0]
    return total


def _normalised(logs: Array) -> tuple[Array, Array]:
    """Probabilities with these logarithms up to a sum, and ln of the sum."""
    total = log_total(logs)
    with np.errstate(invalid="ignore"):
        chance = np.exp(logs - total[..., None])
    return chance / chance.sum(axis=-1, keepdims=True), total


def _log_joint(engine: Engine, message: Scaled) -> Array:
    logs = message.log()
    result = np.full((*logs.shape[:-1], engine.size), -np.inf)
    result[..., engine.tables[0].by_target[1]] = logs
    return result


def _collect(engine: Engine, evidence: Evidence, silent: bool = True) -> tuple[list[Scaled], list[Scaled]]:
    """The product of each cluster, (..., configurations), and its message to its parent, (..., separator values).

    A message that is 1 is not sent; with `silent` it is not even computed.
    """
    patients = None
    if evidence.of_many:
        evidence = evidence.as_patients()
        patients = max(len(known) for known in (*evidence.codes.values(), *evidence.likelihoods.values()))  # type: ignore[arg-type]
    observed: list[list[str]] = [[] for _ in engine.tables]
    for name in (*evidence.codes, *evidence.likelihoods):
        observed[engine.home[name]].append(name)
    count = len(engine.tables)
    products, messages, sent = [_NOTHING] * count, [_NOTHING] * count, set[int]()
    for index in reversed(range(count)):
        table = engine.tables[index]
        heard = [child for child in engine.children[index] if child in sent]
        if observed[index] or heard or not table.idle:
            sent.add(index)
        elif silent and index:
            continue
        product = _prior(table, patients)
        for name in observed[index]:
            product.times(*_factor(table, evidence, name, len(engine.network.states[name])))
        for child in heard:
            product.times(messages[child].take(engine.tables[child].to_parent))
        products[index], messages[index] = product, product.summed(table)
    return products, messages


def _prior(table: Table, patients: int | None) -> Scaled:
    """The prior of each configuration, an array of its own with all axes."""
    prior = table.weights[..., 0, :]
    values = prior.copy() if patients is None else np.repeat(prior[..., None, :], patients, axis=-2)
    return Scaled(values, None, table.least[0])


def _factor(table: Table, evidence: Evidence, name: str, states: int) -> tuple[Scaled, Index | None]:
    """The likelihood of what is known of one variable in each configuration, and the patients who know something."""
    first = table.columns[name]
    least = min(table.least[first : first + states])
    if name in evidence.likelihoods:
        return _weighed(table.weights[..., first : first + states, :], evidence.likelihoods[name], least)
    codes = evidence.codes[name]
    if not isinstance(codes, np.ndarray):
        return Scaled(table.weights[..., first + codes, :], None, least), None
    known = np.flatnonzero(codes >= 0)
    factor = Scaled(table.weights.take(first + codes[known], -2), None, least)
    return factor, None if len(known) == len(codes) else known


def _weighed(rows: Array, weights: Array, least: float) -> tuple[Scaled, Index | None]:
    chosen = None
    if weights.ndim > 1 and len(weights) > 1:
        chosen = np.flatnonzero((weights != 1).any(axis=1))
        weights = weights[chosen]
    smallest = weights[weights > 0].min(initial=1.0)
    if smallest >= SMALL:
        return Scaled(np.matmul(weights, rows), None, least + math.log(smallest)), chosen
    values, exponents = np.frexp(np.matmul(np.ldexp(weights, RAISED), rows))
    return Scaled(values, exponents - RAISED, -math.log(2)), chosen
