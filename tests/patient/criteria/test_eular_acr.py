"""EULAR/ACR 2017: examples computed by hand from the verified weights, cut-offs, both columns, the subgroup tree."""

from collections.abc import Mapping
from math import exp
from typing import Any

import numpy as np
import pytest

import model
from model.measure.evaluate import evaluate
from model.patient.criteria import Verdict, judge_by
from model.patient.criteria.baseline import baselines, probabilities
from tests.helpers.references import values

SET = "eular_acr_2017"
RASH = {"heliotrope_rash": "present", "gottron_sign": "present"}
LIMBS = {"proximal_arm_weakness": "present", "proximal_leg_weakness": "present"}
NECROTIZING = {"age_at_onset": 55, **LIMBS, "legs_proximal_weaker_than_distal": "present", "ck_level": 40}
INCLUSION_BODY = {"age_at_onset": 62, "proximal_leg_weakness": "present", "dysphagia": "present", "ck_level": 3}
SYNTHETASE = {"age_at_onset": 45, "interstitial_lung_disease": "present", "arthritis": "present",
              "mechanics_hands": "present", "ck_level": "normal"}  # fmt: skip
NECK = {"neck_flexor_weakness": "present"}
NECROSIS = {"biopsy_necrosis": "present"}
ENDOMYSIAL = {"biopsy_endomysial_inflammation": "present"}
PM, DM, ADM = "polymyositis", "dermatomyositis", "amyopathic dermatomyositis"
JDM, IBM = "juvenile dermatomyositis", "inclusion body myositis"
WORKED: dict[str, tuple[dict[str, Any], float, float, str]] = {
    "two rashes, no weakness": ({"age_at_onset": 52, **RASH, "weakness_severity": "none", "ck_level": "normal"},
                                8.5, 96.0, f"definite IIM: {ADM}"),
    "Gottron's sign alone": ({"age_at_onset": 52, "gottron_sign": "present"}, 5.4, 51.7, "possible IIM"),
    "heliotrope alone": ({"age_at_onset": 52, "heliotrope_rash": "present"}, 5.2, 46.8, "not IIM"),
    "Gottron's sign alone, younger": ({"age_at_onset": 30, "gottron_sign": "present"}, 4.6, 32.5, "not IIM"),
    "child": ({"age_at_onset": 9, "heliotrope_rash": "present", "gottron_papules": "present", **LIMBS, "ck_level": 8},
              8.0, 93.5, f"definite IIM: {JDM}"),
    "anti-HMGCR": ({**NECROTIZING, "anti_hmgcr": "positive"}, 5.8, 61.5, f"probable IIM: {PM}"),
    "anti-HMGCR with a biopsy": ({**NECROTIZING, **NECROSIS}, 6.0, 38.0, "not IIM"),
    "anti-HMGCR with a weak neck": ({**NECROTIZING, **NECK}, 7.7, 91.5, f"definite IIM: {PM}"),
    "anti-HMGCR with a weak neck and a biopsy": ({**NECROTIZING, **NECK, **NECROSIS}, 7.6, 75.2,
                                                 f"probable IIM: {PM}"),
    "inclusion body myositis": (INCLUSION_BODY, 4.9, 39.4, "not IIM"),
    "inclusion body myositis with a biopsy": ({**INCLUSION_BODY, **ENDOMYSIAL, "biopsy_rimmed_vacuoles": "present"},
                                              9.5, 95.3, f"definite IIM: {IBM}"),
    "anti-PL-7": ({**SYNTHETASE, "anti_pl7": "positive"}, 2.1, 3.8, "not IIM"),
    "anti-Jo-1": ({**SYNTHETASE, "anti_jo1": "positive"}, 6.0, 66.2, f"probable IIM: {PM}"),
    "dysferlinopathy": ({"age_at_onset": 25, **LIMBS, "legs_proximal_weaker_than_distal": "present", "ck_level": 60,
                         **ENDOMYSIAL, "biopsy_perivascular_inflammation": "present"}, 8.2, 84.7,
                        f"probable IIM: {PM}"),
    "boundary": ({"age_at_onset": 50, "gottron_papules": "present", "ldh": "elevated"}, 5.5, 54.2,
                 f"probable IIM: {ADM}"),
}  # fmt: skip


def verdict(net: model.Net, findings: Mapping[str, object]) -> Verdict:
    return judge_by(net, SET, findings)


def percent(result: Verdict) -> float:
    assert result.probability is not None
    return 100 * result.probability


@pytest.mark.parametrize("example", WORKED.values(), ids=WORKED)
def test_the_worked_examples(shipped: model.Net, example: tuple[dict[str, Any], float, float, str]) -> None:
    findings, score, probability, label = example
    result = verdict(shipped, findings)
    assert result.score == result.score_low == score
    assert percent(result) == pytest.approx(probability, abs=0.05)
    assert result.label == label
    assert result.classified == label.startswith(("definite", "probable"))
    assert label in result.possible_labels


def test_a_typical_biopsy_lowers_a_necrotizing_myopathy_and_both_columns_are_shown(shipped: model.Net) -> None:
    result = verdict(shipped, {**NECROTIZING, **NECROSIS})
    with_biopsy, without = result.columns
    assert (with_biopsy.score, without.score) == (6.0, 5.8)
    assert 100 * with_biopsy.probability == pytest.approx(38.0, abs=0.05)
    assert 100 * without.probability == pytest.approx(61.5, abs=0.05)
    assert (with_biopsy.positive, without.positive) == (False, True)
    assert result.column == with_biopsy.label == "with muscle biopsy"


# Findings that add up to a score: each cut-off is met exactly, and missed by a tenth of a point
RAISED = {"ck_level": 5}
ADULT, OLDER = {"age_at_onset": 30}, {"age_at_onset": 60}
PAPULES, SIGN = {"gottron_papules": "present"}, {"gottron_sign": "present"}
LEGS = {"proximal_leg_weakness": "present"}
SCORES: list[tuple[dict[str, object], float, str]] = [
    ({**OLDER, "heliotrope_rash": "present"}, 5.2, "not"),
    ({**ADULT, "dysphagia": "present", "proximal_arm_weakness": "present", **RAISED, **LEGS,
      "gottron_papules": "present"}, 6.9, "probable"),
    ({"age_at_onset": 9, "gottron_sign": "present", "dysphagia": "present", **RAISED}, 5.3, "possible"),
    ({**OLDER, **SIGN}, 5.4, "possible"),
    ({**OLDER, **PAPULES, **RAISED}, 5.5, "probable"),
    ({**ADULT, **SIGN, **PAPULES, "dysphagia": "present"}, 7.4, "probable"),
    ({**ADULT, **SIGN, **PAPULES, **LEGS}, 7.5, "definite"),
    ({**OLDER, **RAISED, **PAPULES, "biopsy_mhc1": "normal"}, 6.3, "not"),
    ({**ADULT, **RAISED, **SIGN, "biopsy_mhc1": "normal"}, 6.6, "possible"),
    ({"age_at_onset": 9, **SIGN, "biopsy_endomysial_inflammation": "present", "biopsy_perivascular_inflammation":
      "present"}, 6.6, "possible"),
    ({"age_at_onset": 9, **PAPULES, "anti_jo1": "positive", "biopsy_mhc1": "normal"}, 6.5, "possible"),
    ({"age_at_onset": 9, **PAPULES, "neck_flexor_weakness": "present", **RAISED, "proximal_arm_weakness": "present",
      "biopsy_mhc1": "normal"}, 6.4, "not"),
    ({"age_at_onset": 9, "heliotrope_rash": "present", "neck_flexor_weakness": "present",
      "biopsy_perifascicular_atrophy": "present"}, 6.7, "probable"),
    ({**OLDER, **SIGN, **PAPULES, "biopsy_mhc1": "normal"}, 8.6, "probable"),
    ({**OLDER, "heliotrope_rash": "present", "biopsy_rimmed_vacuoles": "present", "biopsy_mhc1": "normal"}, 8.5,
     "probable"),
    ({**ADULT, "heliotrope_rash": "present", "anti_jo1": "positive", "biopsy_mhc1": "normal"}, 8.5, "probable"),
    ({**OLDER, "heliotrope_rash": "present", **PAPULES, "dysphagia": "present", "biopsy_mhc1": "normal"}, 8.7,
     "definite"),
]  # fmt: skip


@pytest.mark.parametrize(("findings", "score", "label"), SCORES)
def test_a_patient_is_classified_on_the_score_at_each_cut_off(
    shipped: model.Net, findings: dict[str, object], score: float, label: str
) -> None:
    result = verdict(shipped, findings)
    assert result.score == score
    assert result.label.split()[0] == label


def test_the_published_cut_offs_lie_just_below_the_probability_of_their_label(shipped: model.Net) -> None:
    """Why the score decides: 5.3, 5.5 and 7.5 give 49.3, 54.2 and 89.8 % where the labels say 50, 55 and 90 %."""
    result = verdict(shipped, {**OLDER, **PAPULES, **RAISED})
    assert result.classified
    assert percent(result) < 55
    for score, formula in ((5.3, 49.3), (5.5, 54.2), (7.5, 89.8)):
        assert 100 / (1 + exp(5.33 - score)) == pytest.approx(formula, abs=0.05)


def test_the_columns_are_the_right_way_round(shipped: model.Net) -> None:
    """A copy of the criteria in circulation swaps them: papules weigh 2.1 without and 2.7 with a biopsy."""
    assert verdict(shipped, PAPULES).score == 2.1
    assert verdict(shipped, {**PAPULES, **NECROSIS}).score == 2.7
    assert verdict(shipped, {**PAPULES, "biopsy_necrosis": "absent"}).score == 2.7
    assert verdict(shipped, {**PAPULES, "biopsy_necrosis": None}).score == 2.1
    assert verdict(shipped, {**PAPULES, "skin_biopsy_interface_dermatitis": "present"}).score == 2.1


def test_all_items_add_up_to_the_published_maxima(shipped: model.Net) -> None:
    everything: dict[str, object] = {
        "age_at_onset": 50, **LIMBS, **NECK, "legs_proximal_weaker_than_distal": "present", **RASH,
        "gottron_papules": "present", "dysphagia": "present", "anti_jo1": "positive", "ck_level": 8,
        "ldh": "elevated", "transaminases": "elevated",
    }  # fmt: skip
    lesions = ("endomysial_inflammation", "perivascular_inflammation", "perifascicular_atrophy", "rimmed_vacuoles")
    biopsy = {f"biopsy_{lesion}": "present" for lesion in lesions}
    assert verdict(shipped, everything).score == 20.8
    assert verdict(shipped, {**everything, **biopsy}).score == 29.5


def test_nothing_known_leaves_the_whole_range_open(shipped: model.Net) -> None:
    """Only one row of the age counts in the maximum."""
    result = verdict(shipped, {})
    assert (result.score, result.score_low, result.score_high) == (0, 0, 20.8)
    assert result.positive is None
    assert verdict(shipped, {"biopsy_mhc1": "diffuse"}).score_high == 29.5


def test_the_range_closes_with_what_becomes_known(shipped: model.Net) -> None:
    unknown = verdict(shipped, OLDER)
    absent = verdict(shipped, {**OLDER, "heliotrope_rash": "absent"})
    assert (unknown.score_low, unknown.score_high) == (2.1, 20.8)
    assert (absent.score_low, absent.score_high) == (2.1, 17.7)


def test_one_raised_enzyme_is_enough_and_aldolase_is_none_of_them(shipped: model.Net) -> None:
    for enzyme in ({"ck_level": "mild"}, {"ldh": "elevated"}, {"transaminases": "elevated"}):
        assert verdict(shipped, enzyme).score == 1.3
    assert verdict(shipped, {"ck_level": 1}).score == 0
    assert verdict(shipped, {"ck_level": 1.1, "ldh": "elevated"}).score == 1.3
    assert verdict(shipped, {"aldolase": "elevated"}).score == 0


@pytest.mark.parametrize(("age", "score"), [(17, 0), (17.9, 0), (18, 1.3), (39.9, 1.3), (40, 2.1), (90, 2.1)])
def test_the_age_rows(shipped: model.Net, age: float, score: float) -> None:
    assert verdict(shipped, {"age_at_onset": age}).score == score


@pytest.mark.parametrize(
    ("changed", "leaf"),
    [
        ({}, DM),
        ({"proximal_arm_weakness": "absent"}, ADM),
        ({"proximal_arm_weakness": "absent", **NECK}, DM),
        ({"age_at_onset": 12}, JDM),
        ({"age_at_onset": 18}, DM),
        ({"gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "proximal_leg_weakness": "present",
          "dysphagia": "present", "ck_level": 4}, PM),
        ({"gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "proximal_leg_weakness": "present",
          "dysphagia": "present", "ck_level": 4, "finger_flexor_weakness": "present",
          "immunosuppression_response": "not_improved"}, IBM),
        ({"gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "proximal_leg_weakness": "present",
          "dysphagia": "present", "ck_level": 4, "finger_flexor_weakness": "present",
          "immunosuppression_response": "improved"}, PM),
        ({"age_at_onset": 12, "gottron_sign": "absent", "heliotrope_rash": "absent", **NECK, "anti_jo1": "positive"},
         "juvenile myositis other than dermatomyositis"),
    ],
)  # fmt: skip
def test_the_subgroup_tree(shipped: model.Net, changed: dict[str, object], leaf: str) -> None:
    findings = {"age_at_onset": 52, **RASH, "proximal_arm_weakness": "present", **changed}
    assert verdict(shipped, findings).label.partition(": ")[2] == leaf


# The set as a baseline of the evaluation


@pytest.mark.parametrize("example", WORKED.values(), ids=WORKED)
def test_as_a_baseline_the_criteria_give_the_leaf_its_probability(
    shipped: model.Net, example: tuple[dict[str, Any], float, float, str]
) -> None:
    """All but the hundredth part that the prior keeps, so that no diagnosis is impossible."""
    findings, _, percent_iim, _ = example
    stands_for = verdict(shipped, findings).stands_for
    ((set_id, mixed),) = baselines(shipped.priors).values()
    (shares,) = probabilities(shipped, [findings], values(shipped.posterior({}))[None], set_id, mixed)
    result = dict(zip(shipped.vocabulary.diagnoses, shares, strict=True))
    assert sum(result.values()) == pytest.approx(1)
    assert min(result.values()) > 0
    inside = stands_for or shipped.vocabulary.families["iim"]
    assert 100 * sum(result[d] for d in inside) == pytest.approx(percent_iim, abs=1.1)


def test_priors_without_criteria_are_evaluated_without_that_baseline(small: model.Net) -> None:
    case = model.cases.case.Case("a", {"v_sign": "present"}, None, "dermatomyositis")
    assert [e.name for e in evaluate(small, [case])] == ["network", "independent findings", "prior alone"]


def test_the_baseline_of_the_shipped_priors_bears_the_name_of_its_set(shipped: model.Net) -> None:
    assert list(baselines(shipped.priors)) == ["EULAR/ACR 2017"]
    assert np.isclose(baselines(shipped.priors)["EULAR/ACR 2017"][1], 0.01)
