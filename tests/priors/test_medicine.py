"""Statements of clinical reasoning that the shipped network must obey, whatever its exact numbers."""

import pytest

import model


def first(net: model.Net, findings: dict[str, object], setting: str | None = None) -> str:
    posterior = net.posterior(findings, setting)
    return max(posterior, key=lambda d: posterior[d])


FIBROMYALGIA = {
    "age_at_onset": 38, "sex": "female", "widespread_tender_points": "present", "myalgia": "present",
    "weakness_severity": "none", "ck_level": "normal", "esr_crp": "normal", "heliotrope_rash": "absent",
    "gottron_papules": "absent", "gottron_sign": "absent",
}  # fmt: skip
NECROTIZING = {
    "age_at_onset": 63, "statin_exposure": "present", "onset_tempo": "subacute", "weakness_severity": "severe",
    "proximal_leg_weakness": "present", "proximal_arm_weakness": "present", "ck_level": 40,
    "heliotrope_rash": "absent", "gottron_papules": "absent",
}  # fmt: skip
INCLUSION_BODY = {
    "age_at_onset": 67, "sex": "male", "onset_tempo": "chronic", "finger_flexor_weakness": "present",
    "quadriceps_atrophy": "present", "asymmetric_weakness": "present", "ck_level": 3,
}  # fmt: skip
DERMATOMYOSITIS = {
    "age_at_onset": 52, "sex": "female", "onset_tempo": "subacute", "heliotrope_rash": "present",
    "gottron_papules": "present", "v_sign": "present", "proximal_leg_weakness": "present",
    "weakness_severity": "moderate", "ck_level": 12,
}  # fmt: skip


@pytest.mark.parametrize("antibody", ["anti_sae", "anti_pl7", "anti_ku", "anti_srp"])
def test_a_lone_positive_line_blot_does_not_overrule_a_clear_fibromyalgia(shipped: model.Net, antibody: str) -> None:
    findings = {**FIBROMYALGIA, antibody: "positive"}
    for setting in ("primary_care", "rheumatology_clinic"):
        assert first(shipped, findings, setting) == "fibromyalgia"


@pytest.mark.parametrize("antibody", ["anti_sae", "anti_pl7"])
def test_a_positive_that_does_not_fit_is_probably_false(shipped: model.Net, antibody: str) -> None:
    evidence = {**INCLUSION_BODY, "biopsy_rimmed_vacuoles": "present", antibody: "positive"}
    true = shipped.marginal("autoantibody", evidence)
    assert true[antibody.removeprefix("anti_")] < 0.05
    assert first(shipped, evidence) == "inclusion_body_myositis"


@pytest.mark.parametrize(
    ("picture", "antibody", "diagnosis"),
    [
        (NECROTIZING, "anti_hmgcr", "immune_mediated_necrotizing_myopathy"),
        (DERMATOMYOSITIS, "anti_mi2", "dermatomyositis"),
        ({"interstitial_lung_disease": "present", "arthritis": "present", "mechanics_hands": "present",
          "fever": "present", "age_at_onset": 50}, "anti_jo1", "antisynthetase_syndrome"),
        ({"age_at_onset": 60, "fatigable_weakness": "present", "ck_level": "normal"}, "anti_achr", "myasthenia_gravis"),
    ],
)  # fmt: skip
def test_a_positive_test_that_fits_decides(
    shipped: model.Net, picture: dict[str, object], antibody: str, diagnosis: str
) -> None:
    before, after = shipped.posterior(picture), shipped.posterior({**picture, antibody: "positive"})
    assert after[diagnosis] > 0.9
    assert after[diagnosis] >= before[diagnosis]


@pytest.mark.parametrize(
    ("picture", "diagnosis"),
    [
        (FIBROMYALGIA, "fibromyalgia"),
        (INCLUSION_BODY, "inclusion_body_myositis"),
        (DERMATOMYOSITIS, "dermatomyositis"),
        ({"age_at_onset": 8, "gottron_papules": "present", "heliotrope_rash": "present"}, "juvenile_dermatomyositis"),
        ({"age_at_onset": 74, "muscle_stiffness": "present", "esr_crp": "elevated", "ck_level": "normal",
          "weakness_severity": "none", "immunosuppression_response": "improved"}, "polymyalgia_rheumatica"),
        ({"tsh": "elevated", "ck_level": 4, "myalgia": "present", "myoedema": "present"}, "hypothyroid_myopathy"),
        ({"age_at_onset": 24, "dystrophy_gene_test": "positive", "onset_tempo": "chronic"}, "muscular_dystrophy"),
        ({"age_at_onset": 45, "heliotrope_rash": "present", "gottron_papules": "present", "ck_level": "normal",
          "weakness_severity": "none", "emg": "normal"}, "amyopathic_dermatomyositis"),
    ],
)  # fmt: skip
def test_the_classic_picture_leads(shipped: model.Net, picture: dict[str, object], diagnosis: str) -> None:
    assert first(shipped, picture) == diagnosis


def test_a_second_muscle_enzyme_adds_less_than_independence_would_claim(shipped: model.Net) -> None:
    def odds(findings: dict[str, object]) -> float:
        p = sum(shipped.posterior(findings)[d] for d in shipped.vocabulary.families["iim"])
        return p / (1 - p)

    alone = odds({"ldh": "elevated"}) / odds({})
    after_ck = odds({"ck_level": "high", "ldh": "elevated"}) / odds({"ck_level": "high"})
    assert 1 < after_ck < alone


def test_five_rashes_count_less_than_five_independent_ones(shipped: model.Net) -> None:
    rashes = ["heliotrope_rash", "gottron_papules", "gottron_sign", "v_sign", "shawl_sign"]
    seen = shipped.marginal("diagnosis", dict.fromkeys(rashes, "present"))
    rate = 1.0
    for rash in rashes:
        given = {
            d: shipped.marginal(rash, {"diagnosis": d})["present"] for d in ("dermatomyositis", "overlap_myositis")
        }
        rate *= given["dermatomyositis"] / given["overlap_myositis"]
    prior = shipped.posterior({})
    independent = rate * prior["dermatomyositis"] / prior["overlap_myositis"]
    assert seen["dermatomyositis"] / seen["overlap_myositis"] < independent


def test_cancer_with_tif1g_depends_on_age(shipped: model.Net) -> None:
    def cancer(age: int) -> float:
        return shipped.marginal(
            "cancer", {"diagnosis": "dermatomyositis", "autoantibody": "tif1g", "age_at_onset": age}
        )["present"]

    assert cancer(70) > 2 * cancer(30)
    juvenile = {"diagnosis": "juvenile_dermatomyositis", "autoantibody": "tif1g"}
    assert shipped.marginal("cancer", juvenile)["present"] < 0.02


def test_mda5_means_ulcers_lung_disease_and_less_weakness(shipped: model.Net) -> None:
    whole = {"diagnosis": "dermatomyositis"}
    mda5 = {**whole, "autoantibody": "mda5"}
    assert shipped.marginal("skin_ulcers", mda5)["present"] > shipped.marginal("skin_ulcers", whole)["present"]
    lung = "interstitial_lung_disease"
    assert shipped.marginal(lung, mda5)["absent"] < shipped.marginal(lung, whole)["absent"]
    assert (
        shipped.marginal(lung, mda5)["rapidly_progressive"]
        > 3 * shipped.marginal(lung, whole)["rapidly_progressive"] / 2
    )
    severe = "weakness_severity"
    assert shipped.marginal(severe, mda5)["severe"] < shipped.marginal(severe, whole)["severe"]


def test_every_setting_keeps_every_diagnosis_possible_and_sums_to_one(shipped: model.Net) -> None:
    for setting in shipped.vocabulary.settings:
        prior = shipped.posterior({}, setting)
        assert sum(prior.values()) == pytest.approx(1)
        assert min(prior.values()) > 0
