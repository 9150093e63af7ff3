"""The maximisation step: from expected counts to the next value of every rate."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from model.calibrate.counts import Counts
from model.calibrate.owners import rate_owners
from model.clusters import Index
from model.net import Net
from model.network import Array
from model.priors import Priors, Rate

Values = Mapping[str, Array]
Shares = Literal["by-setting", "together", "fixed"]
LEAST = 1e-9
SCALING_ROUNDS = 50


def rates_of(priors: Priors) -> dict[str, tuple[Rate, ...]]:
    """All rates by node; those of `diagnosis` are the shares, in the order of the settings."""
    settings = priors.vocabulary.settings
    return {**priors.rates, "diagnosis": tuple(priors.shares[setting] for setting in settings)}


def rate_values(priors: Priors) -> dict[str, Array]:
    """The probabilities of every rate, node -> (rates, states)."""
    return {node: np.array([rate.percents for rate in rates]) / 100 for node, rates in rates_of(priors).items()}


def with_values(priors: Priors, values: Values) -> Priors:
    """The same priors with other probabilities; strengths and sources stay."""
    changed = {
        node: tuple(
            replace(rate, percents=tuple((100 * own / own.sum()).tolist()))
            for rate, own in zip(rates, values[node], strict=True)
        )
        for node, rates in rates_of(priors).items()
    }
    shares = dict(zip(priors.vocabulary.settings, changed.pop("diagnosis"), strict=True))
    return replace(priors, rates=changed, shares=shares)


def log_prior(priors: Priors, means: Values, values: Values) -> float:
    """ln density of the rates up to a constant: Dirichlets with 1 + strength x mean, whose mode is the mean.

    `means`: where the priors stood before the fit; `priors` gives the strengths.
    """
    total = 0.0
    for node, rates in rates_of(priors).items():
        weight = np.array([rate.strength for rate in rates])[:, None] * means[node]
        total += float((weight * np.log(np.where(weight > 0, np.maximum(values[node], 1e-300), 1))).sum())
    return total


def proposed(priors: Priors, net: Net, means: Values, values: Values, counts: Counts, shares: Shares) -> Values:
    """The next value of every rate, node -> (rates, states).

    rate + (seen - expected + strength (mean - rate)) / (strength + patients), where `expected` is what the
    tables of `net` say of the same patients. Where a rate alone makes a table this is the exact step
    (strength mean + seen) / (strength + patients); where odds ratios act as well it has the same fixed point
    as the exact one, at which the gradient of the log posterior is zero.
    """
    owners = rate_owners(priors)
    result: dict[str, Array] = {}
    for node, rates in rates_of(priors).items():
        strengths = np.array([rate.strength for rate in rates])
        if node == "diagnosis":
            result[node] = _shares(counts.families[node], strengths, means[node], values[node], shares)
            continue
        seen, expected = _by_rate(counts.families[node], net.network.tables[node], owners[node], len(rates))
        patients = _patients(priors, node, rates, seen, counts.families[node])
        step = seen - expected + strengths[:, None] * (means[node] - values[node])
        result[node] = _on_simplex(values[node] + step / (strengths + patients)[:, None], means[node])
    return result


def _by_rate(family: Array, table: Array, owner: Index, rates: int) -> tuple[Array, Array]:
    """Seen and expected counts of the configurations in which each rate speaks, both (rates, states)."""
    seen, expected = np.zeros((rates, family.shape[-1])), np.zeros((rates, family.shape[-1]))
    np.add.at(seen, owner, family)
    np.add.at(expected, owner, family.sum(axis=-1, keepdims=True) * table)
    return seen, expected


def _patients(priors: Priors, node: str, rates: tuple[Rate, ...], seen: Array, family: Array) -> Array:
    """How many patients a rate describes, (rates,): of a rate for a whole disease, all with the disease."""
    patients = seen.sum(axis=-1)
    parents = priors.parents[node]
    if "diagnosis" not in parents:
        return patients
    axis = parents.index("diagnosis")
    of_disease = np.moveaxis(family, axis, 0).reshape(family.shape[axis], -1).sum(axis=1)
    diagnoses = priors.vocabulary.diagnoses
    for place, rate in enumerate(rates):
        if rate.diagnosis in diagnoses and not rate.given:
            patients[place] = max(patients[place], of_disease[diagnoses.index(rate.diagnosis)])
    return patients


def _on_simplex(values: Array, means: Array) -> Array:
    """Probabilities again: what is possible stays so, what is impossible too."""
    kept = np.where(means > 0, np.maximum(values, LEAST), 0)
    return kept / kept.sum(axis=-1, keepdims=True)


def _shares(family: Array, strengths: Array, means: Array, values: Array, shares: Shares) -> Array:
    """The next shares of each setting, (settings, diagnoses), from counts (settings, diagnoses)."""
    if shares == "fixed":
        return values
    weighted = strengths[:, None] * means + family
    if shares == "by-setting":
        return weighted / weighted.sum(axis=-1, keepdims=True)
    wanted = weighted.sum(axis=0)
    result, factor = means, np.ones(means.shape[1])
    for _ in range(SCALING_ROUNDS):
        result = means * factor
        result = result / result.sum(axis=-1, keepdims=True)
        reached = (weighted.sum(axis=-1)[:, None] * result).sum(axis=0)
        factor = factor * np.where(reached > 0, wanted / np.where(reached > 0, reached, 1), 1)
    return result
