"""How sure a fit is: the information of a cohort on each rate.

The posterior of the log odds of all rates is approximated by a normal distribution at the mode (Laplace; in this basis
the mode of a Dirichlet is its mean, MacKay 1998, Neural Computation). Its precision is that of the priors, plus the
complete-data information of the cohort, minus the missing information (Louis 1982, JRSS B 44:226). Rates may explain
the same observations, so the variance of each rate is taken from the inverse of the whole matrix.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from model.calibrate.rates import applied_values
from model.fit.coordinates import Coordinates, above
from model.fit.counts import Counts
from model.fit.gradient import covariance, in_entries
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.network.build import Array
from model.network.recipe import remainder_weights

LEAST = 1e-9


@dataclass(frozen=True)
class _WrittenRate:
    """A rate as it is written in the priors. jacobian: of its probabilities in the coordinates, (states, size)."""

    node: str
    index: int
    probabilities: Array
    strength: float
    jacobian: sparse.csr_array


def information(net: Net, at: Coordinates, counts: Counts, missing: Array) -> dict[str, Array]:
    """The information of a cohort on each rate in patients, by which its strength may grow, node -> (rates,).

    net: the fitted network. counts, missing: the expected counts and the missing information of the cohort under it.
    The posterior variance of a rate, summed over its states, is compared with that of a Dirichlet of the same mean.
    """
    written = [*_written_rates(net, at)]
    prior = _prior_precision(written, at.size)
    covariances = _inverse(prior, complete_information(net, at, counts) - missing)
    result = {node: np.zeros(len(rates)) for node, rates in net.priors.rates.items()}
    for rate in written:
        of_one_patient = float((rate.probabilities * (1 - rate.probabilities)).sum())
        posterior = _variance(rate.jacobian, covariances)
        if posterior > 0:
            result[rate.node][rate.index] = max(0.0, of_one_patient / posterior - rate.strength)
    return result


def complete_information(net: Net, at: Coordinates, counts: Counts) -> Array:
    """The information that the cohort would have if every variable were known in every patient, (size, size)."""
    blocks = sparse.block_diag(
        [b for node in at.residuals for b in _residual_covariances(net, node, counts)], format="csr"
    )
    whole: Array = (at.gradients.T @ blocks @ at.gradients).toarray()
    return whole


def _residual_covariances(net: Net, node: str, counts: Counts) -> Array:
    """The expected covariance of the residuals of each group, (groups, states - 1, states - 1)."""
    family = counts.families[node]
    if node == "diagnosis":
        table = net.network.tables[node]
        return family.sum(axis=-1)[:, None, None] * covariance(table)[:, 1:, 1:]
    built = net.means.built[node]
    patients = in_entries(built, family).sum(axis=1)
    each = patients[:, None, None] * covariance(built.table.values[..., 0])[:, 1:, 1:]
    groups: Array = np.add.reduceat(each, built.recipe.starts)
    return groups


def _written_rates(net: Net, at: Coordinates) -> Iterator[_WrittenRate]:
    """Every rate as it is written in the priors; that of a whole disease follows from its configurations."""
    applied, rates = applied_values(net), net.priors.rates
    first = np.cumsum([0, *(indices.size for indices in at.residuals.values())])
    gradients = {n: at.gradients[a:b] for n, a, b in zip(at.residuals, first, first[1:], strict=False)}
    for node, values in applied.items():
        of_diseases = {} if node == "diagnosis" else _disease_jacobians(net, at, gradients, node, values)
        for index, rate in enumerate(rates[node]):
            jacobian = of_diseases.get(index)
            probabilities = values[index] if jacobian is None else np.array(rate.percents) / 100
            if jacobian is None:
                jacobian = _jacobian(values[index], at.indices[node][index], at.size)
            yield _WrittenRate(node, index, probabilities, rate.strength, jacobian)


def _jacobian(probabilities: Array, indices: Index, size: int) -> sparse.csr_array:
    """The Jacobian of the probabilities of one rate in their log odds, (states, size). indices: (states,)."""
    free = np.flatnonzero(indices >= 0)
    values = covariance(probabilities)[:, free]
    rows, columns = np.indices(values.shape)
    return sparse.csr_array(
        (values.ravel(), (rows.ravel(), indices[free][columns.ravel()])), (len(probabilities), size)
    )


def _disease_jacobians(
    net: Net, at: Coordinates, gradients: Mapping[str, sparse.csr_array], node: str, values: Array
) -> dict[int, sparse.csr_array]:
    """The Jacobians of the rates of whole diseases, index of the rate -> (states, size).

    Such a rate is the average of the rates of its configurations, weighted by how frequent these are; it depends on
    both. gradients: node -> (residuals of the node, size). values: the applied values of the node's rates.
    """
    built, joints = net.means.built[node], net.means.joints
    recipe = built.recipe
    others = tuple(name for name in recipe.rate_parents if name != "diagnosis")
    found = {}
    for remainder in recipe.remainders:
        weights = remainder_weights(recipe, remainder, joints)
        if weights is None:
            continue
        rows = [*remainder.remaining, *remainder.specific]
        gradient = np.zeros((len(recipe.rate_of_group), values.shape[1]))
        gradient[rows] = values[recipe.rate_of_group[rows]]
        jacobian = above(net, gradients, ("diagnosis",), others, sparse.csr_array(gradient))
        for index in np.unique(recipe.rate_of_group[rows]).tolist():
            total = weights[[row for row in rows if recipe.rate_of_group[row] == index], 0].sum()
            jacobian = jacobian + total * _jacobian(values[index], at.indices[node][index], at.size)
        found[remainder.rate] = sparse.csr_array(jacobian)
    return found


def _variance(jacobian: sparse.csr_array, covariances: Array) -> float:
    """The variance of a rate, summed over its states. covariances: of the coordinates, (size, size)."""
    used = np.unique(jacobian.indices)
    dense = jacobian[:, used].toarray()
    return float((dense @ covariances[np.ix_(used, used)] * dense).sum())


def _prior_precision(written: list[_WrittenRate], size: int) -> Array:
    """The precision of the priors in the coordinates, from the Dirichlets of all rates, (size, size)."""
    jacobian = sparse.vstack([one.jacobian for one in written], format="csr")
    weights = np.concatenate([s.strength / np.where(s.probabilities > 0, s.probabilities, 1) for s in written])
    precision: Array = (jacobian.T @ sparse.diags_array(weights) @ jacobian).toarray()
    return precision


def _inverse(prior: Array, known: Array) -> Array:
    """The inverse of prior + known, (size, size).

    If the sum is not positive definite, directions in which `known` is negative count as known from the prior alone.
    """
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
    """The inverse of a positive definite matrix; raises LinAlgError for any other."""
    return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), np.eye(len(matrix))))
