"""Scores of probabilities, against scikit-learn; and the baselines that the network must beat."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_squared_error, roc_auc_score, top_k_accuracy_score

import model
from model.cases.case import Case, read_cases
from model.measure.discrimination import areas_under_curve
from model.measure.evaluate import (
    at_stage,
    by_diagnosis,
    calibration_errors,
    evaluate,
    independent,
    metrics,
    weighed_metrics,
)
from tests.helpers.places import PUBLISHED
from tests.helpers.references import of_all, values


@pytest.fixture(scope="module")
def published(shipped: model.Net) -> list[Case]:
    return read_cases(PUBLISHED, shipped.vocabulary)


# Metrics


@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(3, 21), patients=st.integers(5, 80))
def test_metrics_are_those_of_scikit_learn(seed: int, classes: int, patients: int) -> None:
    generator = np.random.default_rng(seed)
    posteriors = generator.dirichlet(np.full(classes, 0.5), patients) + 1e-9
    posteriors /= posteriors.sum(axis=1, keepdims=True)
    truth = generator.integers(0, classes, patients)
    iim = np.arange(classes) < classes // 2
    truth[:2] = 0, classes - 1
    ours = metrics(posteriors, truth, iim)
    labels = list(range(classes))
    assert ours["top1"] == pytest.approx(top_k_accuracy_score(truth, posteriors, k=1, labels=labels))
    assert ours["top2"] == pytest.approx(top_k_accuracy_score(truth, posteriors, k=2, labels=labels))
    assert ours["log_loss"] == pytest.approx(log_loss(truth, posteriors, labels=labels))
    assert ours["brier"] == pytest.approx(classes * mean_squared_error(np.eye(classes)[truth], posteriors))
    assert ours["auc_iim"] == pytest.approx(roc_auc_score(iim[truth], posteriors[:, iim].sum(axis=1)))


@given(seed=st.integers(0, 2**32 - 1))
def test_a_patient_who_counts_twice_is_two_patients(seed: int) -> None:
    """The measures of all resamples at once are those of each resample computed alone."""
    generator = np.random.default_rng(seed)
    posteriors, truth = np.round(generator.dirichlet(np.ones(4), 30), 1), generator.integers(0, 4, 30)
    iim = np.array([True, True, False, False])
    rows = generator.integers(0, 30, (5, 30))
    counts = np.stack([np.bincount(row, minlength=30) for row in rows]).astype(float)
    together = weighed_metrics(posteriors, truth, iim)(counts)
    for index, row in enumerate(rows):
        alone = metrics(posteriors[row], truth[row], iim)
        assert {n: v[index] for n, v in together.items()} == pytest.approx(alone, nan_ok=True, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2).filter(lambda p: len({b for _, b in p}) == 2))
def test_ties_count_half_in_the_area_under_the_curve(pairs: list[tuple[int, bool]]) -> None:
    numbers, flags = np.array([float(n) for n, _ in pairs]), np.array([flag for _, flag in pairs])
    assert of_all(areas_under_curve(numbers, flags), len(flags)) == pytest.approx(roc_auc_score(flags, numbers))


def test_the_area_needs_both_classes() -> None:
    assert np.isnan(of_all(areas_under_curve(np.array([0.1, 0.9]), np.array([True, True])), 2))


def test_top_two_by_hand() -> None:
    posteriors = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    result = metrics(posteriors, np.array([0, 1, 2, 2]), np.array([True, True, False]))
    assert (result["top1"], result["top2"]) == (0.5, 0.75)


@pytest.mark.parametrize("gap", [0.0, 0.15])
def test_calibration_error_is_the_gap_between_confidence_and_truth(gap: float) -> None:
    """0 for a predictor that is right as often as it says; else the amount by which it is overconfident."""
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.2, 1, 100_000)
    right = generator.random(100_000) < confidence - gap
    assert of_all(calibration_errors(confidence, right), len(right)) == pytest.approx(gap, abs=0.01)


# Stages and baselines


def test_the_initial_stage_never_sees_later_findings(shipped: model.Net, published: list[Case]) -> None:
    groups = {name: shipped.vocabulary.variable(name).group for name in shipped.vocabulary.findings}
    later_groups = {"antibody", "emg", "imaging", "biopsy", "genetic", "course"}
    assert later_groups < set(groups.values())
    later = [n for n, group in groups.items() if group in later_groups or n == "skin_biopsy_interface_dermatitis"]
    for case in published:
        assert at_stage(case, "full", shipped.vocabulary) == case
        seen = at_stage(case, "initial", shipped.vocabulary).findings
        assert seen == {name: value for name, value in case.findings.items() if name not in later}
    added = {name: shipped.vocabulary.variable(name).states[-1] for name in later}
    liars = [replace(case, findings={**case.findings, **added}) for case in published[:30]]
    truthful, lied = (evaluate(shipped, cases, "initial") for cases in (published[:30], liars))
    for one, other in zip(truthful, lied, strict=True):
        np.testing.assert_array_equal(one.posteriors, other.posteriors)
    assert (evaluate(shipped, liars)[0].posteriors != truthful[0].posteriors).any()


def test_every_predictor_gives_probabilities_and_the_prior_ignores_findings(
    shipped: model.Net, published: list[Case]
) -> None:
    results = {e.name: e.posteriors for e in evaluate(shipped, published[:20])}
    for posteriors in results.values():
        assert posteriors.shape == (20, len(shipped.vocabulary.diagnoses))
        np.testing.assert_allclose(posteriors.sum(axis=1), 1, rtol=0, atol=1e-12)
    for i, case in enumerate(published[:20]):
        np.testing.assert_allclose(results["network"][i], values(shipped.posterior(case.findings, case.setting)))
        np.testing.assert_allclose(results["prior alone"][i], values(shipped.posterior({}, case.setting)))


@pytest.mark.parametrize("name", ["small", "shipped"])
def test_the_independence_baseline_has_the_marginals_of_the_network(request: pytest.FixtureRequest, name: str) -> None:
    net: model.Net = request.getfixturevalue(name)
    alike, joints = independent(net).joints({}), net.joints({})
    for finding in net.vocabulary.findings:
        other, own = (joint / joint.sum(axis=1, keepdims=True) for joint in (alike[finding], joints[finding]))
        np.testing.assert_allclose(other, own, rtol=0, atol=1e-12)


def test_the_independence_baseline_multiplies_likelihoods(small: model.Net) -> None:
    """Bayes' rule with one factor for each finding."""
    findings = {"heliotrope_rash": "present", "v_sign": "present", "ck_level": "high", "anti_mi2": "negative"}
    product = values(small.posterior({}))
    for name, state in findings.items():
        product = product * [small.marginal(name, {"diagnosis": d})[state] for d in small.vocabulary.diagnoses]
    np.testing.assert_allclose(values(independent(small).posterior(findings)), product / product.sum(), atol=1e-12)
    assert np.abs(values(small.posterior(findings)) - product / product.sum()).max() > 1e-4


def test_patients_are_counted_by_diagnosis(shipped: model.Net, published: list[Case]) -> None:
    result = evaluate(shipped, published)[0]
    rows = by_diagnosis(result, published, shipped.vocabulary)
    assert sum(n for _, n, _, _ in rows) == len(published)
    assert sum(first for _, _, first, _ in rows) == round(result.metrics["top1"][0] * len(published))
    for diagnosis, n, _, _ in rows:
        assert n == sum(case.diagnosis == diagnosis for case in published)
