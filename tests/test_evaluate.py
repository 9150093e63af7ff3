"""Scores of probabilities, against scikit-learn; and the baselines that the network must beat."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import values
from sklearn.metrics import log_loss, mean_squared_error, roc_auc_score, top_k_accuracy_score

import model
from model.cases import Case, read_cases
from model.eular_acr import LEAVES, classify, probabilities
from model.evaluate import (
    area_under_curve,
    at_stage,
    by_diagnosis,
    calibration_error,
    evaluate,
    independent,
    metrics,
)
from model.priors import SHIPPED

PUBLISHED = Path(__file__).parents[1] / "cases" / "published.jsonl"
CRITERIA = SHIPPED / "criteria"


@pytest.fixture(scope="module")
def published(shipped: model.Net) -> list[Case]:
    return read_cases(PUBLISHED, shipped.vocabulary)


# Metrics


@settings(max_examples=60, deadline=None)
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


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2).filter(lambda p: len({b for _, b in p}) == 2))
def test_ties_count_half_in_the_area_under_the_curve(pairs: list[tuple[int, bool]]) -> None:
    numbers, flags = np.array([float(n) for n, _ in pairs]), np.array([flag for _, flag in pairs])
    assert area_under_curve(numbers, flags) == pytest.approx(roc_auc_score(flags, numbers))


def test_the_area_needs_both_classes() -> None:
    assert np.isnan(area_under_curve(np.array([0.1, 0.9]), np.array([True, True])))


def test_top_two_by_hand() -> None:
    posteriors = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    result = metrics(posteriors, np.array([0, 1, 2, 2]), np.array([True, True, False]))
    assert (result["top1"], result["top2"]) == (0.5, 0.75)


@pytest.mark.parametrize("gap", [0.0, 0.15])
def test_calibration_error_is_the_gap_between_confidence_and_truth(gap: float) -> None:
    """A predictor that is as often right as it says has none; one that boasts has as much as it boasts."""
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.2, 1, 100_000)
    right = generator.random(100_000) < confidence - gap
    assert calibration_error(confidence, right) == pytest.approx(gap, abs=0.01)


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
    told = {name: shipped.vocabulary.variable(name).states[-1] for name in later}
    liars = [replace(case, findings={**case.findings, **told}) for case in published[:30]]
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
    naive = independent(net)
    for diagnosis in net.vocabulary.diagnoses:
        for finding in net.vocabulary.findings:
            given = {"diagnosis": diagnosis}
            np.testing.assert_allclose(
                values(naive.marginal(finding, given)), values(net.marginal(finding, given)), rtol=0, atol=1e-12
            )


def test_the_independence_baseline_multiplies_likelihoods(small: model.Net) -> None:
    """Bayes' rule with one factor a finding."""
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


# EULAR/ACR 2017: the examples computed in criteria.md from the verified weights

RASH = {"heliotrope_rash": "present", "gottron_sign": "present"}
LIMBS = {"proximal_arm_weakness": "present", "proximal_leg_weakness": "present"}
NECROTIZING = {"age_at_onset": 55, **LIMBS, "legs_proximal_weaker_than_distal": "present", "ck_level": 40}
INCLUSION_BODY = {"age_at_onset": 62, "proximal_leg_weakness": "present", "dysphagia": "present", "ck_level": 3}
SYNTHETASE = {"age_at_onset": 45, "interstitial_lung_disease": "present", "arthritis": "present",
              "mechanics_hands": "present", "ck_level": "normal"}  # fmt: skip
NECK = {"neck_flexor_weakness": "present"}
NECROSIS = {"biopsy_necrosis": "present"}
ENDOMYSIAL = {"biopsy_endomysial_inflammation": "present"}
WORKED: dict[str, tuple[dict[str, Any], float, float, str | None]] = {
    "two rashes, no weakness": ({"age_at_onset": 52, **RASH, "weakness_severity": "none", "ck_level": "normal"},
                                8.5, 96.0, "ADM"),
    "Gottron's sign alone": ({"age_at_onset": 52, "gottron_sign": "present"}, 5.4, 51.7, None),
    "heliotrope alone": ({"age_at_onset": 52, "heliotrope_rash": "present"}, 5.2, 46.8, None),
    "Gottron's sign alone, younger": ({"age_at_onset": 30, "gottron_sign": "present"}, 4.6, 32.5, None),
    "child": ({"age_at_onset": 9, "heliotrope_rash": "present", "gottron_papules": "present", **LIMBS, "ck_level": 8},
              8.0, 93.5, "JDM"),
    "anti-HMGCR": ({**NECROTIZING, "anti_hmgcr": "positive"}, 5.8, 61.5, "PM"),
    "anti-HMGCR with a biopsy": ({**NECROTIZING, **NECROSIS}, 6.0, 38.0, None),
    "anti-HMGCR with a weak neck": ({**NECROTIZING, **NECK}, 7.7, 91.5, "PM"),
    "anti-HMGCR with a weak neck and a biopsy": ({**NECROTIZING, **NECK, **NECROSIS}, 7.6, 75.2, "PM"),
    "inclusion body myositis": (INCLUSION_BODY, 4.9, 39.4, None),
    "inclusion body myositis with a biopsy": ({**INCLUSION_BODY, **ENDOMYSIAL, "biopsy_rimmed_vacuoles": "present"},
                                              9.5, 95.3, "IBM"),
    "anti-PL-7": ({**SYNTHETASE, "anti_pl7": "positive"}, 2.1, 3.8, None),
    "anti-Jo-1": ({**SYNTHETASE, "anti_jo1": "positive"}, 6.0, 66.2, "PM"),
    "dysferlinopathy": ({"age_at_onset": 25, **LIMBS, "legs_proximal_weaker_than_distal": "present", "ck_level": 60,
                         **ENDOMYSIAL, "biopsy_perivascular_inflammation": "present"}, 8.2, 84.7, "PM"),
    "boundary": ({"age_at_onset": 50, "gottron_papules": "present", "ldh": "elevated"}, 5.5, 54.2, "ADM"),
}  # fmt: skip


@pytest.mark.parametrize("example", WORKED.values(), ids=WORKED)
def test_eular_acr_scores_the_worked_examples(
    shipped: model.Net, example: tuple[dict[str, Any], float, float, str | None]
) -> None:
    findings, score, percent, leaf = example
    result = classify(findings, shipped.vocabulary, CRITERIA)
    assert result.tenths == round(10 * score)
    assert 100 * result.probability == pytest.approx(percent, abs=0.05)
    assert result.classified == (leaf is not None)
    assert result.leaf == leaf


def test_the_columns_are_the_right_way_round(shipped: model.Net) -> None:
    """A copy of the criteria in circulation swaps them: papules weigh 2.1 without and 2.7 with a biopsy."""
    papules = {"gottron_papules": "present"}
    assert classify(papules, shipped.vocabulary, CRITERIA).tenths == 21
    assert classify({**papules, **NECROSIS}, shipped.vocabulary, CRITERIA).tenths == 27
    assert classify({**papules, "biopsy_necrosis": "absent"}, shipped.vocabulary, CRITERIA).tenths == 27
    assert classify({**papules, "biopsy_necrosis": None}, shipped.vocabulary, CRITERIA).tenths == 21


def test_all_items_add_up_to_the_published_maxima(shipped: model.Net) -> None:
    everything: dict[str, object] = {
        "age_at_onset": 50, **LIMBS, **NECK, "legs_proximal_weaker_than_distal": "present", **RASH,
        "gottron_papules": "present", "dysphagia": "present", "anti_jo1": "positive", "ck_level": 8,
        "ldh": "elevated", "transaminases": "elevated",
    }  # fmt: skip
    biopsy = {
        f"biopsy_{item}": "present"
        for item in (
            "endomysial_inflammation",
            "perivascular_inflammation",
            "perifascicular_atrophy",
            "rimmed_vacuoles",
        )
    }
    assert classify(everything, shipped.vocabulary, CRITERIA).tenths == 208
    assert classify({**everything, **biopsy}, shipped.vocabulary, CRITERIA).tenths == 295
    assert classify({}, shipped.vocabulary, CRITERIA).tenths == 0


@pytest.mark.parametrize(
    ("changed", "leaf"),
    [
        ({}, "DM"),
        ({"proximal_arm_weakness": "absent"}, "ADM"),
        ({"age_at_onset": 12}, "JDM"),
        ({"gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "proximal_leg_weakness": "present",
          "dysphagia": "present", "ck_level": 4}, "PM"),
        ({"gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "proximal_leg_weakness": "present",
          "dysphagia": "present", "ck_level": 4, "finger_flexor_weakness": "present",
          "immunosuppression_response": "not_improved"}, "IBM"),
        ({"gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "proximal_leg_weakness": "present",
          "dysphagia": "present", "ck_level": 4, "finger_flexor_weakness": "present",
          "immunosuppression_response": "improved"}, "PM"),
    ],
)  # fmt: skip
def test_the_subgroup_tree(shipped: model.Net, changed: dict[str, object], leaf: str) -> None:
    findings = {"age_at_onset": 52, **RASH, "proximal_arm_weakness": "present", **changed}
    assert classify(findings, shipped.vocabulary, CRITERIA).leaf == leaf


@pytest.mark.parametrize("example", WORKED.values(), ids=WORKED)
def test_as_a_baseline_the_criteria_give_the_leaf_its_probability(
    shipped: model.Net, example: tuple[dict[str, Any], float, float, str | None]
) -> None:
    """All but the hundredth part that the prior keeps, so that no diagnosis is impossible."""
    findings, _, percent, leaf = example
    prior = values(shipped.posterior({}))
    shares = probabilities(findings, prior, shipped.vocabulary, CRITERIA)
    result = dict(zip(shipped.vocabulary.diagnoses, shares, strict=True))
    assert sum(result.values()) == pytest.approx(1)
    assert min(result.values()) > 0
    inside = LEAVES[leaf] if leaf else shipped.vocabulary.families["iim"]
    assert 100 * sum(result[d] for d in inside) == pytest.approx(percent, abs=1.1)
