"""How sure a fit is: the information of a cohort on all rates together, and what is left of it for each.

The posterior of the log odds of all rates is taken as normal around the mode (Laplace; in this basis the mode of a
Dirichlet is its mean, MacKay 1998, Neural Computation). Its precision is that of the priors, plus the information of
the cohort were everything known, less what is missing (Louis 1982, JRSS B 44:226). A rate shares its information with
all that can stand in for it, so the variance of each comes from the inverse of the whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from model.calibrate.rates import rates_of, spoken_values
from model.fit.coordinates import Coordinates, above
from model.fit.counts import Counts
from model.fit.gradient import covariance, in_entries
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.network.build import Array
from model.network.recipe import remainder_weights

LEAST = 1e-9


@dataclass(frozen=True)
class _Spread:
    """One rate that is written down: how its percentages answer to the coordinates, (states, size)."""

    node: str
    place: int
    shares: Array
    strength: float
    answers: sparse.csr_array


def information(net: Net, at: Coordinates, counts: Counts, missing: Array) -> dict[str, Array]:
    """Patients' worth of information on each rate, node -> (rates,): what its strength may grow by.

    net: the fitted network. counts, missing: of the cohort under it. The variance that is left is compared with
    that of a Dirichlet, the states weighing by it.
    """
    spreads = [*_spreads(net, at)]
    prior = _prior_precision(spreads, at.size)
    variance = _inverse(prior, complete_information(net, at, counts) - missing)
    result = {node: np.zeros(len(rates)) for node, rates in rates_of(net.priors).items()}
    for spread in spreads:
        whole = float((spread.shares * (1 - spread.shares)).sum())
        left = _variance(spread.answers, variance)
        if left > 0:
            result[spread.node][spread.place] = max(0.0, whole / left - spread.strength)
    return result


def complete_information(net: Net, at: Coordinates, counts: Counts) -> Array:
    """The information that the cohort would have, were everything known, (size, size)."""
    blocks = sparse.block_diag([b for node in at.misfits for b in _misfit_covariances(net, node, counts)], format="csr")
    whole: Array = (at.gradients.T @ blocks @ at.gradients).toarray()
    return whole


def _misfit_covariances(net: Net, node: str, counts: Counts) -> Array:
    """Expected covariance of the misfits of each group, without their first state, (groups, states - 1, states - 1)."""
    family = counts.families[node]
    if node == "diagnosis":
        table = net.network.tables[node]
        return family.sum(axis=-1)[:, None, None] * covariance(table)[:, 1:, 1:]
    built = net.means.built[node]
    patients = in_entries(built, family).sum(axis=1)
    each = patients[:, None, None] * covariance(built.table.values[..., 0])[:, 1:, 1:]
    groups: Array = np.add.reduceat(each, built.recipe.starts)
    return groups


def _spreads(net: Net, at: Coordinates) -> Iterator[_Spread]:
    """Every rate that speaks, as it is written down: that of a disease as a whole is what its conditions come to."""
    spoken, rates = spoken_values(net), rates_of(net.priors)
    first = np.cumsum([0, *(places.size for places in at.misfits.values())])
    own = {n: at.gradients[a:b] for n, a, b in zip(at.misfits, first, first[1:], strict=False)}
    for node, values in spoken.items():
        whole = {} if node == "diagnosis" else _wholes(net, at, own, node, values)
        for place, rate in enumerate(rates[node]):
            answers = whole.get(place)
            shares = values[place] if answers is None else np.array(rate.percents) / 100
            if answers is None:
                answers = _answers(values[place], at.places[node][place], at.size)
            yield _Spread(node, place, shares, rate.strength, answers)


def _answers(shares: Array, places: Index, size: int) -> sparse.csr_array:
    """How the probabilities of one rate answer to their log odds, (states, size)."""
    free = np.flatnonzero(places >= 0)
    values = covariance(shares)[:, free]
    rows, columns = np.indices(values.shape)
    return sparse.csr_array((values.ravel(), (rows.ravel(), places[free][columns.ravel()])), (len(shares), size))


def _wholes(
    net: Net, at: Coordinates, own: Mapping[str, sparse.csr_array], node: str, values: Array
) -> dict[int, sparse.csr_array]:
    """Of the rates of diseases as a whole: place -> (states, size). They follow their conditions, and how common
    those are.
    """
    built, joints = net.means.built[node], net.means.joints
    recipe = built.recipe
    others = tuple(name for name in recipe.rate_parents if name != "diagnosis")
    found = {}
    for rest in recipe.remainders:
        share = remainder_weights(recipe, rest, joints)
        if share is None:
            continue
        rows = [*rest.remaining, *rest.specific]
        pull = np.zeros((len(recipe.rate_of_group), values.shape[1]))
        pull[rows] = values[recipe.rate_of_group[rows]]
        answers = above(net, own, ("diagnosis",), others, sparse.csr_array(pull))
        for most_specific_rate in np.unique(recipe.rate_of_group[rows]).tolist():
            weight = share[[row for row in rows if recipe.rate_of_group[row] == most_specific_rate], 0].sum()
            answers = answers + weight * _answers(
                values[most_specific_rate], at.places[node][most_specific_rate], at.size
            )
        found[rest.rate] = sparse.csr_array(answers)
    return found


def _variance(answers: sparse.csr_array, variance: Array) -> float:
    """Of all states of a rate together."""
    moving = np.unique(answers.indices)
    dense = answers[:, moving].toarray()
    return float((dense @ variance[np.ix_(moving, moving)] * dense).sum())


def _prior_precision(spreads: list[_Spread], size: int) -> Array:
    """Of the Dirichlets of all rates, (size, size)."""
    answers = sparse.vstack([spread.answers for spread in spreads], format="csr")
    weights = np.concatenate([s.strength / np.where(s.shares > 0, s.shares, 1) for s in spreads])
    precision: Array = (answers.T @ sparse.diags_array(weights) @ answers).toarray()
    return precision


def _inverse(prior: Array, known: Array) -> Array:
    """The inverse of prior + known, where no direction is taken to be known less than by the prior."""
    prior = prior + LEAST * np.eye(len(prior))
    try:
        return _of_positive(prior + known)
    except linalg.LinAlgError:
        lower = linalg.cholesky(prior, lower=True)
        half = linalg.solve_triangular(lower, known, lower=True)
        whitened = linalg.solve_triangular(lower, half.T, lower=True)
        losses, directions = linalg.eigh(whitened, subset_by_value=(-np.inf, -LEAST))
        lost = lower @ directions
        return _of_positive(prior + known - (lost * losses) @ lost.T)


def _of_positive(matrix: Array) -> Array:
    """The inverse of a positive definite matrix; raises LinAlgError for another."""
    return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), np.eye(len(matrix))))
