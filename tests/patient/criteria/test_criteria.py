"""Every set of criteria, at its boundaries."""

from collections.abc import Mapping
from itertools import combinations, product
from typing import Any

import pytest

import model
from model.patient.criteria import judge, judge_by

Findings = dict[str, Any]
SETS = ("bohan_peter_1975", "connors_2010", "enmc_2011", "enmc_224", "eular_acr_2017", "griggs_1995", "lega_2015",
        "solomon_2011")  # fmt: skip
SKIN = ("heliotrope_rash", "gottron_papules", "gottron_sign")


def label(net: model.Net, set_id: str, findings: Mapping[str, object]) -> str:
    return judge_by(net, set_id, findings).label


def complete(net: model.Net) -> Findings:
    """A patient in whom everything was looked for and nothing found."""
    first = {name: net.vocabulary.variable(name).states[0] for name in net.vocabulary.findings}
    return {**first, "age_at_onset": 50, "ck_level": 1}


@pytest.fixture(scope="module")
def healthy(shipped: model.Net) -> Findings:
    return complete(shipped)


# Bohan and Peter 1975

FOUR: dict[str, Findings] = {
    "weakness": {"proximal_leg_weakness": "present"},
    "biopsy": {"biopsy_endomysial_inflammation": "present"},
    "enzymes": {"aldolase": "elevated"},
    "emg": {"emg": "myopathic_irritable"},
}
WITHOUT_RASH = {0: "not met", 1: "not met", 2: "possible polymyositis", 3: "probable polymyositis",
                4: "definite polymyositis"}  # fmt: skip
WITH_RASH = {0: "not met", 1: "possible dermatomyositis", 2: "probable dermatomyositis", 3: "definite dermatomyositis",
             4: "definite dermatomyositis"}  # fmt: skip


@pytest.mark.parametrize("count", range(5))
def test_bohan_and_peter_count_the_four_items_and_the_rash(shipped: model.Net, healthy: Findings, count: int) -> None:
    for chosen in combinations(FOUR, count):
        findings = {**healthy, **{k: v for name in chosen for k, v in FOUR[name].items()}}
        assert label(shipped, "bohan_peter_1975", findings) == WITHOUT_RASH[count]
        for sign in SKIN:
            assert label(shipped, "bohan_peter_1975", {**findings, sign: "present"}) == WITH_RASH[count]


def test_amyopathic_dermatomyositis_cannot_pass_bohan_and_peter(shipped: model.Net, healthy: Findings) -> None:
    rash = dict.fromkeys(SKIN, "present")
    assert judge_by(shipped, "bohan_peter_1975", {**healthy, **rash}).positive is False


def test_the_emg_item_needs_fibrillations_as_the_criteria_are_stored(shipped: model.Net) -> None:
    weak = {"proximal_arm_weakness": "present", "ck_level": 20, **dict.fromkeys(SKIN, "absent"),
            "biopsy_necrosis": "present"}  # fmt: skip
    assert label(shipped, "bohan_peter_1975", {**weak, "emg": "myopathic"}) == "probable polymyositis"
    assert label(shipped, "bohan_peter_1975", {**weak, "emg": "myopathic_irritable"}) == "definite polymyositis"


def test_bohan_and_peter_pass_inclusion_body_myositis_and_dystrophy(shipped: model.Net, healthy: Findings) -> None:
    """Their known weakness: specificity 55 %, 97 % of inclusion body myositis passes."""
    muscle = {"proximal_leg_weakness": "present", "ck_level": 4, "emg": "myopathic_irritable"}
    inclusions = {"biopsy_cd8_invasion": "present", "biopsy_rimmed_vacuoles": "present"}
    dystrophy = {"biopsy_endomysial_inflammation": "present", "biopsy_muscle_protein_loss": "present"}
    for lesions in (inclusions, dystrophy):
        assert label(shipped, "bohan_peter_1975", {**healthy, **muscle, **lesions}) == "definite polymyositis"


# Griggs 1995

LESIONS = {"biopsy_cd8_invasion": "present", "biopsy_rimmed_vacuoles": "present",
           "biopsy_protein_aggregates": "present"}  # fmt: skip
CLINICAL: Findings = {
    "onset_tempo": "chronic", "age_at_onset": 31, "proximal_arm_weakness": "present",
    "proximal_leg_weakness": "present", "distal_weakness": "present", "finger_flexor_weakness": "present",
    "ck_level": 11.9, "emg": "myopathic_irritable", "biopsy_cd8_invasion": "present",
    "biopsy_rimmed_vacuoles": "absent", "biopsy_protein_aggregates": "absent",
}  # fmt: skip
DEFINITE_GRIGGS, POSSIBLE_GRIGGS = "definite inclusion body myositis", "possible inclusion body myositis"


def test_griggs_definite_needs_the_three_lesions_and_nothing_else(shipped: model.Net, healthy: Findings) -> None:
    assert label(shipped, "griggs_1995", LESIONS) == DEFINITE_GRIGGS
    assert label(shipped, "griggs_1995", {**healthy, **LESIONS, "age_at_onset": 10, "ck_level": 60}) == DEFINITE_GRIGGS
    for lesion in LESIONS:
        assert label(shipped, "griggs_1995", {**healthy, **LESIONS, lesion: "absent"}) == "not met"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, POSSIBLE_GRIGGS),
        ({"finger_flexor_weakness": "absent", "quadriceps_atrophy": "present"}, POSSIBLE_GRIGGS),
        ({"finger_flexor_weakness": "absent", "quadriceps_atrophy": "absent"}, "not met"),
        ({"age_at_onset": 30}, "not met"),
        ({"age_at_onset": "18-39"}, "cannot be decided"),
        ({"age_at_onset": "40-49"}, POSSIBLE_GRIGGS),
        ({"ck_level": 12}, "not met"),
        ({"ck_level": "high"}, "cannot be decided"),
        ({"ck_level": "moderate"}, POSSIBLE_GRIGGS),
        ({"onset_tempo": "subacute"}, "cannot be decided"),
        ({"onset_tempo": "acute"}, "not met"),
        ({"emg": "myopathic"}, "not met"),
        ({"emg": "neurogenic"}, "cannot be decided"),
        ({"distal_weakness": "absent"}, "not met"),
        ({"biopsy_cd8_invasion": "absent"}, "not met"),
        ({"biopsy_rimmed_vacuoles": "present"}, "not met"),
        ({"biopsy_rimmed_vacuoles": "present", "biopsy_protein_aggregates": "present"}, DEFINITE_GRIGGS),
    ],
)
def test_griggs_possible_needs_the_clinic_ck_emg_and_invasion_alone(
    shipped: model.Net, changed: Findings, expected: str
) -> None:
    assert label(shipped, "griggs_1995", {**CLINICAL, **changed}) == expected


# ENMC 2011

MANDATORY: Findings = {"onset_tempo": "chronic", "age_at_onset": 46, "ck_level": 15}
KNEE, FINGER = {"quadriceps_atrophy": "present"}, {"finger_flexor_weakness": "present"}
PATHOLOGY: list[Findings] = [
    {"biopsy_cd8_invasion": "present"},
    {"biopsy_rimmed_vacuoles": "present"},
    {"biopsy_protein_aggregates": "present"},
    {"biopsy_mhc1": "diffuse"},
]


@pytest.mark.parametrize("present", list(product((False, True), repeat=4)))
def test_enmc_2011_by_every_combination_of_signs_and_lesions(
    shipped: model.Net, healthy: Findings, present: tuple[bool, ...]
) -> None:
    lesions = {k: v for there, lesion in zip(present, PATHOLOGY, strict=True) if there for k, v in lesion.items()}
    defined, some = all(present[:3]), any(present)
    expected = {
        "both": "clinico-pathologically defined IBM" if defined else "clinically defined IBM" if some else "not met",
        "one": "clinico-pathologically defined IBM" if defined else "probable IBM" if some else "not met",
        "none": "not met",
    }
    base = {**healthy, **MANDATORY, **lesions}
    assert label(shipped, "enmc_2011", {**base, **KNEE, **FINGER}) == expected["both"]
    assert label(shipped, "enmc_2011", {**base, **KNEE}) == expected["one"]
    assert label(shipped, "enmc_2011", {**base, **FINGER}) == expected["one"]
    assert label(shipped, "enmc_2011", base) == expected["none"]


@pytest.mark.parametrize(
    ("changed", "positive"),
    [
        ({}, True),
        ({"age_at_onset": 45}, False),
        ({"age_at_onset": 45.5}, True),
        ({"age_at_onset": "40-49"}, None),
        ({"age_at_onset": "50-64"}, True),
        ({"age_at_onset": None}, None),
        ({"ck_level": 15.1}, False),
        ({"ck_level": "high"}, None),
        ({"ck_level": "very_high"}, False),
        ({"ck_level": "normal"}, True),
        ({"onset_tempo": "subacute"}, False),
        ({"onset_tempo": None}, None),
        ({"biopsy_mhc1": ["diffuse", "focal"], "biopsy_cd8_invasion": "absent"}, True),
        ({"biopsy_mhc1": ["normal", "focal"], "biopsy_cd8_invasion": "absent"}, None),
    ],
)
def test_the_mandatory_items_of_enmc_2011(
    shipped: model.Net, healthy: Findings, changed: Findings, positive: bool | None
) -> None:
    findings = {**healthy, **MANDATORY, **FINGER, "biopsy_cd8_invasion": "present", **changed}
    assert judge_by(shipped, "enmc_2011", findings).positive is positive


# ENMC 224


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"anti_srp": "positive"}, "anti-SRP myopathy"),
        ({"anti_hmgcr": "positive"}, "anti-HMGCR myopathy"),
        ({"anti_srp": "positive", "ck_level": 1}, "not met"),
        ({"anti_srp": "positive", "proximal_leg_weakness": "absent"}, "not met"),
        ({"biopsy_necrosis": "present", "biopsy_macrophages": "present"}, "antibody-negative IMNM"),
        ({"biopsy_necrosis": "present"}, "not met"),
        ({"biopsy_macrophages": "present"}, "not met"),
        ({"anti_hmgcr": "positive", "biopsy_necrosis": "present", "biopsy_macrophages": "present"},
         "anti-HMGCR myopathy"),
    ],
)  # fmt: skip
def test_the_three_subtypes_of_enmc_224(
    shipped: model.Net, healthy: Findings, changed: Findings, expected: str
) -> None:
    weak = {"proximal_leg_weakness": "present", "ck_level": 1.1}
    assert label(shipped, "enmc_224", {**healthy, **weak, **changed}) == expected


def test_an_antibody_not_looked_for_is_not_a_negative_one(shipped: model.Net) -> None:
    """The biopsy route is for patients in whom both antibodies were sought; the disease is settled all the same."""
    necrotic = {"proximal_leg_weakness": "present", "ck_level": 30, "biopsy_necrosis": "present",
                "biopsy_macrophages": "present"}  # fmt: skip
    result = judge_by(shipped, "enmc_224", necrotic)
    assert result.positive is True
    assert set(result.possible_labels) == {"anti-SRP myopathy", "anti-HMGCR myopathy", "antibody-negative IMNM"}
    known = judge_by(shipped, "enmc_224", {**necrotic, "anti_srp": "negative", "anti_hmgcr": "negative"})
    assert known.possible_labels == ("antibody-negative IMNM",)


def test_one_antibody_known_names_the_subtype(shipped: model.Net) -> None:
    weak = {"proximal_leg_weakness": "present", "ck_level": 30}
    assert label(shipped, "enmc_224", {**weak, "anti_hmgcr": "positive"}) == "anti-HMGCR myopathy"
    assert label(shipped, "enmc_224", {**weak, "anti_srp": "positive"}) == "anti-SRP myopathy"


# Antisynthetase syndrome

ANTIBODIES = ("anti_jo1", "anti_pl7", "anti_pl12", "anti_other_synthetase")
ILD, JOINTS = {"interstitial_lung_disease": "present"}, {"arthritis": "present"}
RAYNAUD, HANDS, FEVER = {"raynaud": "present"}, {"mechanics_hands": "present"}, {"fever": "present"}
MYOSITIS = {"ck_level": 9, "proximal_leg_weakness": "present", "emg": "myopathic_irritable"}


@pytest.mark.parametrize("antibody", ANTIBODIES)
def test_any_of_the_antibodies_will_do_and_one_is_needed(shipped: model.Net, healthy: Findings, antibody: str) -> None:
    features = {**ILD, **JOINTS, **RAYNAUD, **HANDS, **FEVER, **MYOSITIS}
    for name in ("connors_2010", "solomon_2011", "lega_2015"):
        assert judge_by(shipped, name, {**healthy, **features}).positive is False
        assert judge_by(shipped, name, {**healthy, **features, antibody: "positive"}).positive is True
        assert judge_by(shipped, name, {**healthy, antibody: "positive"}).positive is False


@pytest.mark.parametrize(
    ("features", "connors", "solomon", "lega"),
    [
        (ILD, True, False, True),
        ({"interstitial_lung_disease": "rapidly_progressive"}, True, False, True),
        (JOINTS, True, False, True),
        (RAYNAUD, True, False, False),
        (HANDS, True, False, False),
        (FEVER, True, False, False),
        (MYOSITIS, False, False, True),
        ({"ck_level": 2}, False, False, True),
        ({**RAYNAUD, **HANDS}, True, False, True),
        ({**FEVER, **HANDS}, True, False, True),
        ({**ILD, **MYOSITIS}, True, True, True),
        ({**ILD, "ck_level": 2}, True, False, True),
        ({**ILD, **RAYNAUD}, True, False, True),
        ({**ILD, **RAYNAUD, **HANDS}, True, True, True),
        ({**ILD, **FEVER, **HANDS}, True, False, True),
        ({**MYOSITIS, **JOINTS, **HANDS}, True, True, True),
        ({**JOINTS, **RAYNAUD, **HANDS}, True, False, True),
    ],
)
def test_what_the_antisynthetase_sets_need_besides_the_antibody(
    shipped: model.Net, healthy: Findings, features: Findings, connors: bool, solomon: bool, lega: bool
) -> None:
    findings = {**healthy, "anti_pl7": "positive", **features}
    assert judge_by(shipped, "connors_2010", findings).positive is connors
    assert judge_by(shipped, "solomon_2011", findings).positive is solomon
    assert judge_by(shipped, "lega_2015", findings).positive is lega


# All sets


def test_every_shipped_set_is_judged(shipped: model.Net) -> None:
    assert sorted(v.set_id for v in judge(shipped, {})) == sorted(SETS)


@pytest.mark.parametrize("set_id", SETS)
def test_every_set_answers_with_the_same_record(shipped: model.Net, healthy: Findings, set_id: str) -> None:
    for findings in ({}, healthy, {"age_at_onset": "40-49", "ck_level": ["mild", "high"], "fever": {"present": 1.0}}):
        verdict = judge_by(shipped, set_id, findings)
        assert verdict.set_id == set_id
        assert verdict.label
        assert verdict.possible_labels
        assert verdict.items
        assert {item.met for item in verdict.items} <= {True, False, None}
        assert "doi:" in verdict.source or "https://" in verdict.source
        assert verdict.certainty
        assert set(verdict.targets) <= set(shipped.vocabulary.diagnoses)
        assert (verdict.score is None) == (verdict.probability is None) == (verdict.score_high is None)


@pytest.mark.parametrize("set_id", SETS)
def test_a_patient_without_any_finding_meets_no_set_and_an_unknown_one_is_undecided(
    shipped: model.Net, healthy: Findings, set_id: str
) -> None:
    assert judge_by(shipped, set_id, healthy).positive is False
    unknown = judge_by(shipped, set_id, {})
    assert unknown.positive is None
    assert all(item.met is None for item in unknown.items)


def test_the_order_of_the_findings_does_not_matter(shipped: model.Net) -> None:
    findings = {**CLINICAL, "anti_jo1": "positive"}
    backwards = dict(reversed(findings.items()))
    assert judge(shipped, findings) == judge(shipped, backwards)
