"""The information of a cohort on each rate is the curvature of the log likelihood, and shrinks with missing data."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model.calibrate.rates import applied_values, with_applied
from model.cases.case import Case
from model.cases.cohort import Cohort, cohort_of
from model.fit.coordinates import Coordinates, coordinates
from model.fit.counts import expected_counts
from model.fit.fit import fit
from model.fit.gradient import in_entries, residual
from model.fit.information import complete_information, information
from model.fit.maximise import Shares
from model.fit.missing_information import missing_information
from model.network.build import Array
from tests.helpers.fits import FLEXORS, altered, chain, cohort_slice, imagined, index_of_rate
from tests.helpers.nets import NETS


def worth(net: model.Net, cohort: Cohort, shares: Shares = "by-setting") -> Mapping[str, Array]:
    at = coordinates(net, shares)
    return information(net, at, expected_counts(net, cohort), missing_information(net, cohort, at))


def gradient(net: model.Net, cohort: Cohort) -> Array:
    """The gradient of the log likelihood of a cohort, in the coordinates, (size,)."""
    at, families = coordinates(net, "by-setting"), expected_counts(net, cohort).families
    residuals = [families["diagnosis"] - families["diagnosis"].sum(-1, keepdims=True) * net.network.tables["diagnosis"]]
    for node, built in net.means.built.items():
        residuals.append(residual(built, in_entries(built, families[node])[..., None])[..., 0])
    return np.concatenate([own[:, 1:].ravel() for own in residuals]) @ at.gradients


def moved(net: model.Net, at: Coordinates, step: Array) -> model.Net:
    """The network whose rates are changed by `step`, (size,), in their log odds."""
    values = {}
    for node, own in applied_values(net).items():
        indices = at.indices[node]
        grown = own * np.exp(np.where(indices >= 0, step[indices], 0))
        values[node] = grown / grown.sum(axis=1, keepdims=True)
    return with_applied(net, values)


# What the information is made of


@given(seed=st.integers(0, 1000))
@settings(max_examples=3)
def test_the_gradient_is_the_slope_of_the_log_likelihood(seed: int) -> None:
    """For every rate, also those of hidden variables and those that are linked only by odds ratios."""
    net = NETS["small_priors"]
    cohort, at = imagined(net, 10, seed, 0.6, 0.5), coordinates(net, "by-setting")

    def log_likelihood(step: Array) -> float:
        return expected_counts(moved(net, at, step), cohort).log_likelihood

    directions = np.random.default_rng(seed).choice([-1.0, 1.0], (4, at.size))
    slopes = [(log_likelihood(1e-5 * direction) - log_likelihood(-1e-5 * direction)) / 2e-5 for direction in directions]
    np.testing.assert_allclose(directions @ gradient(net, cohort), slopes, atol=1e-5)


def curvature(net: model.Net, cohort: Cohort, directions: Array) -> Array:
    """Minus the second derivatives of the log likelihood along some directions, (directions, size), by differences."""
    at = coordinates(net, "by-setting")
    steps = 1e-4 * directions
    return np.array([gradient(moved(net, at, -s), cohort) - gradient(moved(net, at, s), cohort) for s in steps]) / 2e-4


def observed_information(net: model.Net, cohort: Cohort) -> Array:
    at = coordinates(net, "by-setting")
    return complete_information(net, at, expected_counts(net, cohort)) - missing_information(net, cohort, at)


def test_the_information_is_the_curvature_of_the_log_likelihood(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without odds ratios, complete minus missing information is the matrix of second derivatives (Louis 1982)."""
    net = altered(chain(tmp_path_factory.mktemp("chain")), 1)
    cohort = imagined(net, 30, 3, 0.7, 0.5)
    axes = np.eye(coordinates(net, "by-setting").size)
    np.testing.assert_allclose(observed_information(net, cohort), curvature(net, cohort, axes), atol=1e-5)
    soft = cohort_of([Case("a", {"sign_0": {"absent": 0.3, "present": 0.7}, "sign_1": "present"})], net.vocabulary)
    np.testing.assert_allclose(observed_information(net, soft), curvature(net, soft, axes), atol=1e-6)


def test_with_odds_ratios_the_information_is_about_the_curvature() -> None:
    """With odds ratios the residuals add to the curvature; this is left out, because its expectation is zero."""
    net = altered(NETS["small_priors"], 2)
    cohort = imagined(net, 400, 3, 0.7, 0.3)
    found = observed_information(net, cohort)
    directions = np.random.default_rng(1).choice([-1.0, 1.0], (4, len(found)))
    truth = curvature(net, cohort, directions)
    assert np.linalg.norm(directions @ found - truth) < 0.06 * np.linalg.norm(truth)


def test_the_missing_information_of_two_halves_adds_up(small: model.Net) -> None:
    cohort, at = imagined(small, 60, 2, 0.5, 0.5), coordinates(small, "by-setting")
    halves = [cohort_slice(cohort, slice(0, 25)), cohort_slice(cohort, slice(25, 60))]
    parts = sum(missing_information(small, half, at) for half in halves)
    np.testing.assert_allclose(parts, missing_information(small, cohort, at), atol=1e-9)


# Information in patients


@given(seed=st.integers(0, 1000), known=st.floats(0, 1), without_diagnosis=st.floats(0, 1))
@settings(max_examples=3)
def test_a_cohort_has_no_more_information_than_if_everything_were_known(
    seed: int, known: float, without_diagnosis: float
) -> None:
    """At the mode of a fit; elsewhere the curvature may be negative, and is then ignored."""
    cohort = imagined(NETS["small_priors"], 30, seed, known, without_diagnosis)
    net = fit(NETS["small_priors"], cohort, weigh=False).net
    at = coordinates(net, "by-setting")
    whole = information(net, at, expected_counts(net, cohort), np.zeros((at.size, at.size)))
    for node, own in worth(net, cohort).items():
        assert (own >= 0).all()
        assert (own <= whole[node] * (1 + 1e-6) + 1e-6).all(), node


def test_information_is_the_patients_where_all_is_observed(small: model.Net) -> None:
    cohort = imagined(small, 200, 6)
    all_known, half_known = worth(small, cohort), worth(small, imagined(small, 200, 6, 0.5))
    disease = small.vocabulary.diagnoses.index("inclusion_body_myositis")
    flexors = index_of_rate(small, FLEXORS, "inclusion_body_myositis")
    assert all_known[FLEXORS][flexors] == pytest.approx((cohort.diagnoses == disease).sum())
    np.testing.assert_allclose(all_known["diagnosis"], np.bincount(cohort.settings), rtol=1e-6)
    assert half_known[FLEXORS][flexors] < all_known[FLEXORS][flexors]


def test_patients_without_known_findings_have_no_information(small: model.Net) -> None:
    cohort = cohort_of([Case(str(i), {}) for i in range(50)], small.vocabulary)
    assert all((own < 1e-6).all() for own in worth(small, cohort).values())


def test_a_hidden_variable_brings_less_information_than_its_patients(small: model.Net) -> None:
    cohort = imagined(small, 300, 9)
    patients = (cohort.diagnoses == small.vocabulary.diagnoses.index("dermatomyositis")).sum()
    assert 0 < worth(small, cohort)["skin"][index_of_rate(small, "skin", "dermatomyositis")] < 0.8 * patients


def test_rates_that_explain_the_same_observations_share_their_information(small: model.Net) -> None:
    """A hidden antibody and the errors of its test: each would be known better if the other were certain."""
    cohort, at = imagined(small, 300, 9), coordinates(small, "by-setting")
    counts = expected_counts(small, cohort)
    complete, missing = complete_information(small, at, counts), missing_information(small, cohort, at)
    apart = complete - np.diag((complete - missing).diagonal())
    shared, alone = (information(small, at, counts, lacking) for lacking in (missing, apart))
    for node, rate in (("anti_mi2", index_of_rate(small, "anti_mi2", "any", antibody="mi2")),
                       ("antibody", index_of_rate(small, "antibody", "dermatomyositis"))):  # fmt: skip
        assert 0 < shared[node][rate] < 0.8 * alone[node][rate]


@pytest.mark.parametrize("shares", ["by-setting", "together", "fixed"])
def test_shares_that_change_together_are_known_from_all_settings(small: model.Net, shares: Shares) -> None:
    known = worth(small, imagined(small, 200, 4), shares)["diagnosis"]
    patients = np.bincount(imagined(small, 200, 4).settings)
    if shares == "fixed":
        assert (known == 0).all()
    elif shares == "together":
        assert (known > patients).all()
    else:
        np.testing.assert_allclose(known, patients, rtol=1e-6)
