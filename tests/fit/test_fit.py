"""A fit of the priors never lowers the log posterior, agrees with pgmpy, and gives results known in advance."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import dirichlet

import model
from model.calibrate.rates import applied_values, rate_values, with_applied, with_values
from model.cases.case import Case
from model.cases.cohort import Cohort, cohort_of
from model.errors import InputError
from model.fit.counts import expected_counts
from model.fit.fit import fit, strengthened
from model.fit.maximise import Shares, prior_gains, proposed
from model.network.build import Array, build_network
from tests.helpers.fits import FLEXORS, LEGS, RASH, altered, imagined, index_of_rate, reweighted
from tests.helpers.nets import NETS


def log_posterior(prior: model.Net, net: model.Net, cohort: Cohort) -> float:
    return expected_counts(net, cohort).log_likelihood + sum(prior_gains(prior, prior, net).values())


# The log posterior


@given(seed=st.integers(0, 10_000), patients=st.integers(1, 60), known=st.floats(0, 1), unknown=st.floats(0, 1),
       shares=st.sampled_from(["by-setting", "together", "fixed"]))  # fmt: skip
@settings(max_examples=8)
def test_the_log_posterior_never_falls(seed: int, patients: int, known: float, unknown: float, shares: Shares) -> None:
    net = NETS["small_priors"]
    cohort = imagined(altered(net, seed), patients, seed, known, unknown)
    fitted = fit(net, cohort, shares, iterations=6, tolerance=0, weigh=False)
    assert (np.diff(fitted.log_posteriors) >= 0).all()
    gained = log_posterior(net, fitted.net, cohort) - log_posterior(net, net, cohort)
    assert fitted.log_posteriors[-1] - fitted.log_posteriors[0] == pytest.approx(gained, abs=1e-6)


def test_at_a_fit_no_single_rate_can_be_improved(small: model.Net) -> None:
    """At the fit the log posterior is flat along every rate: its slope is small compared with its curvature."""
    cohort = imagined(altered(small, 3), 80, 3, 0.7, 0.5)
    fitted = fit(small, cohort, iterations=40, tolerance=1e-6, weigh=False)
    best, step = applied_values(fitted.net), 1e-2
    here = log_posterior(small, fitted.net, cohort)
    numbers = [(RASH, 1, 1), ("ck_level", 1, 2), ("skin", 0, 1), ("skin", 1, 2), ("muscle", 0, 1), ("cancer", 1, 1)]
    for node, index, state in numbers:
        sides = []
        for direction in (step, -step):
            row = best[node][index] * np.exp(direction * (np.arange(best[node].shape[1]) == state))
            moved = {**best, node: best[node].copy()}
            moved[node][index] = row / row.sum()
            sides.append(log_posterior(small, with_applied(fitted.net, moved), cohort) - here)
        slope, curvature = (sides[0] - sides[1]) / (2 * step), -(sides[0] + sides[1]) / step**2
        assert abs(slope) < 0.15 * np.sqrt(curvature), node


@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_the_density_of_the_priors_is_that_of_dirichlets(seed: int) -> None:
    """Each rate has the exponents strength x mean, compared with scipy's density, whose parameters are larger by 1."""
    net = NETS["small_priors"]
    moved = altered(net, seed)
    means, after = rate_values(net.priors), rate_values(moved.priors)
    for node, gain in prior_gains(net, net, moved).items():
        expected = 0.0
        for rate, mean, value in zip(net.priors.rates[node], means[node], after[node], strict=True):
            possible = mean > 0
            density = dirichlet(1 + rate.strength * mean[possible])
            expected += density.logpdf(value[possible]) - density.logpdf(mean[possible])
        assert gain == pytest.approx(expected, rel=1e-6, abs=1e-8), node


def test_each_step_distributes_a_strong_whole_disease_rate_over_its_conditions_until_it_converges(
    small: model.Net,
) -> None:
    """The rate of cancer in the whole disease is worth 200 patients; the patients of the cohort contradict it."""
    rates = {
        node: tuple(replace(r, strength=200 if r.diagnosis == "dermatomyositis" and not r.given else 0.5) for r in own)
        for node, own in small.priors.rates.items()
    }
    rates["diagnosis"] = small.priors.rates["diagnosis"]
    prior = model.Net(replace(small.priors, rates=rates))
    cohort = imagined(small, 60, 4)
    known = small.vocabulary.diagnoses.index("dermatomyositis")
    cohort = replace(cohort, states={**cohort.states, "cancer": np.where(cohort.diagnoses == known, 1, 0)})
    counts, start = expected_counts(prior, cohort), applied_values(prior)
    once = proposed(prior, prior, start, counts, "by-setting")
    again = proposed(prior, prior, {**start, "cancer": once["cancer"]}, counts, "by-setting")
    assert np.abs(once["cancer"] - start["cancer"]).max() > 0.1
    np.testing.assert_allclose(again["cancer"], once["cancer"], atol=0.01)


# What is known in advance


def test_complete_data_are_counted(small: model.Net) -> None:
    """With complete data, a rate of a node without odds ratios becomes (strength mean + n_s) / (strength + n)."""
    cohort = imagined(altered(small, 1), 400, 1)
    fitted = fit(small, cohort, iterations=5)
    rates, after = small.priors.rates, rate_values(fitted.net.priors)
    disease = small.vocabulary.diagnoses.index("inclusion_body_myositis")
    for node, rate_index, chosen in (
        (FLEXORS, index_of_rate(small, FLEXORS, "inclusion_body_myositis"), cohort.diagnoses == disease),
        (FLEXORS, index_of_rate(small, FLEXORS, "any"), cohort.diagnoses != disease),
        ("diagnosis", 1, cohort.settings == 1),
    ):
        column = cohort.diagnoses if node == "diagnosis" else cohort.states[node]
        rate = rates[node][rate_index]
        seen = np.bincount(column[chosen], minlength=len(rate.percents))
        expected = (rate.strength * np.array(rate.percents) / 100 + seen) / (rate.strength + seen.sum())
        np.testing.assert_allclose(after[node][rate_index], expected, atol=2e-6)


def test_patients_without_known_findings_do_not_change_the_priors(small: model.Net) -> None:
    fitted = fit(small, cohort_of([Case(str(i), {}) for i in range(50)], small.vocabulary))
    before, after = rate_values(small.priors), rate_values(fitted.net.priors)
    for node in before:
        np.testing.assert_allclose(after[node], before[node], atol=2e-6)
    assert all((worth < 1e-6).all() for worth in fitted.information.values())


def test_a_cohort_without_a_usable_patient_is_refused(small: model.Net, strict: model.Net) -> None:
    with pytest.raises(InputError, match="no patient of the cohort can be used"):
        fit(small, cohort_of([], small.vocabulary))
    clash = Case("a", {"v_sign": "present", FLEXORS: "present"})
    with pytest.raises(InputError, match="no patient"):
        fit(strict, cohort_of([clash], strict.vocabulary))
    fitted = fit(strict, cohort_of([Case("b", {RASH: "present"}), clash], strict.vocabulary), iterations=2)
    assert (fitted.patients, fitted.impossible) == (1, (2,))


def test_known_parameters_are_recovered(small: model.Net) -> None:
    """4000 patients, a fifth of the findings and half of the diagnoses unknown: each within 4 standard errors."""
    truth = altered(small, 7)
    fitted = fit(small, imagined(truth, 4000, 7, 0.8, 0.5), iterations=40, tolerance=1e-4)
    before, wanted, after = (rate_values(net.priors) for net in (small, truth, fitted.net))
    closer = 0
    for node in (RASH, "gottron_papules", "v_sign", LEGS, FLEXORS, "ck_level", "diagnosis"):
        for i, rate in enumerate(small.priors.rates[node]):
            patients = rate.strength + fitted.information[node][i]
            error = np.sqrt(np.maximum(wanted[node][i] * (1 - wanted[node][i]), 1e-3) / patients)
            pull = np.abs(before[node][i] - wanted[node][i]) * rate.strength / patients
            assert (np.abs(after[node][i] - wanted[node][i]) < 4 * error + pull).all(), (node, i)
            closer += np.abs(after[node][i] - wanted[node][i]).sum() < np.abs(before[node][i] - wanted[node][i]).sum()
    assert closer == 14


def test_one_rate_for_many_diseases_stays_one_rate(small: model.Net) -> None:
    """The rate for any disease applies to two of them; both get the same new value, from the patients of both."""
    cohort = imagined(altered(small, 2), 300, 2)
    fitted = fit(small, cohort, iterations=5)
    others = [small.vocabulary.diagnoses.index(d) for d in ("dermatomyositis", "fibromyalgia")]
    first, second = fitted.net.network.tables[FLEXORS][others]
    assert (first == second).all()
    assert (small.network.tables[FLEXORS][others[0]] != first).any()


@pytest.mark.parametrize("shares", ["by-setting", "together", "fixed"])
def test_shares_move_as_asked(small: model.Net, shares: Shares) -> None:
    """All patients of one setting have one disease; the shares of the other setting change only with "together"."""
    cohort = cohort_of([Case(str(i), {}, "primary_care", "dermatomyositis") for i in range(40)], small.vocabulary)
    fitted = fit(small, cohort, shares, iterations=5, weigh=False)
    before, after = (rate_values(net.priors)["diagnosis"] for net in (small, fitted.net))
    own, other = (small.vocabulary.settings.index(s) for s in ("primary_care", "suspected_myositis"))
    assert (after[own, 0] > before[own, 0] + 0.01) == (shares != "fixed")
    assert (after[other, 0] > before[other, 0] + 0.001) == (shares == "together")
    if shares == "together":
        ratio = (after / before) / (after / before)[:, :1]
        np.testing.assert_allclose(ratio[0], ratio[1], rtol=1e-3)


def test_the_remainder_of_a_whole_disease_rate_never_becomes_negative(small: model.Net) -> None:
    """The patients contradict the rate of the whole disease: each number moves towards them."""
    cohort = imagined(small, 300, 4)
    known = small.vocabulary.diagnoses.index("dermatomyositis")
    states = {**cohort.states, "cancer": np.where(cohort.diagnoses == known, 1, cohort.states["cancer"])}
    fitted = fit(small, replace(cohort, states=states), iterations=20, weigh=False)
    tables = build_network(fitted.net.priors).tables
    assert min(float(table.min()) for table in tables.values()) >= 0
    after = 100 * rate_values(fitted.net.priors)["cancer"][:, 1]
    assert after[index_of_rate(small, "cancer", "dermatomyositis")] > 60
    assert after[index_of_rate(small, "cancer", "dermatomyositis", antibody="mi2")] > 40
    assert log_posterior(small, fitted.net, cohort) < log_posterior(small, small, cohort)


def test_a_network_with_its_own_applied_values_is_unchanged(small: model.Net, shipped: model.Net) -> None:
    for net in (small, shipped):
        applied = applied_values(net)
        again = with_applied(net, applied)
        for node, values in rate_values(net.priors).items():
            np.testing.assert_allclose(rate_values(again.priors)[node], values, atol=1e-9)


def test_a_stopped_fit_keeps_the_steps_it_made(small: model.Net) -> None:
    iterations_seen: list[tuple[int, float]] = []

    def stop_at_two(iteration: int, value: float) -> bool:
        iterations_seen.append((iteration, value))
        return iteration < 2

    fitted = fit(small, imagined(altered(small, 1), 100, 1, 0.5), tolerance=0, progress=stop_at_two, weigh=False)
    assert [iteration for iteration, _ in iterations_seen] == [1, 2]
    assert fitted.log_posteriors[1:] == tuple(value for _, value in iterations_seen)
    assert not fitted.converged


def test_strengths_grow_to_the_cap_and_never_shrink(small: model.Net) -> None:
    fitted = fit(small, imagined(small, 300, 10), iterations=3)
    after = strengthened(fitted, cap=50)
    for node, rates in small.priors.rates.items():
        own = np.array([rate.strength for rate in rates])
        assert (after[node] >= own).all()
        assert (after[node] <= np.maximum(50, own)).all()
    assert after[FLEXORS].max() == 50


# Values


def test_probabilities_stay_probabilities(small: model.Net) -> None:
    """A test is positive in all patients: possible states stay possible, impossible ones stay impossible."""
    cohort = cohort_of([Case(str(i), {"anti_mi2": "positive"}, None, "dermatomyositis") for i in range(500)],
                       small.vocabulary)  # fmt: skip
    fitted = fit(reweighted(small, 1e-6), cohort, iterations=5, weigh=False)
    check_values(rate_values(small.priors), rate_values(fitted.net.priors))


def check_values(before: Mapping[str, Array], after: Mapping[str, Array]) -> None:
    for node, values in after.items():
        np.testing.assert_allclose(values.sum(axis=1), 1, atol=1e-12)
        assert ((values > 0) == (before[node] > 0)).all(), node


def test_with_values_replaces_the_rates(small: model.Net) -> None:
    values = rate_values(altered(small, 1).priors)
    for node, own in rate_values(with_values(small.priors, values)).items():
        np.testing.assert_allclose(own, values[node], atol=1e-12)
