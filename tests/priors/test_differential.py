"""The open differential: each cause of rhabdomyolysis keeps its name, each new class leads with its key finding."""

import pytest

import model

RHABDOMYOLYSIS = {"ck_level": "very_high", "dark_urine": "present", "onset_tempo": "acute"}


def ranking(net: model.Net, findings: dict[str, object]) -> list[str]:
    posterior = net.posterior(findings)
    return sorted(posterior, key=lambda d: -posterior[d])


@pytest.mark.parametrize(
    ("cause", "diagnosis"),
    [
        ({"statin_exposure": "present"}, "statin_myopathy"),
        ({"alcohol_misuse": "present"}, "alcohol_myopathy"),
        ({"cocaine_use": "present"}, "cocaine_myopathy"),
        ({"tsh": "elevated"}, "hypothyroid_myopathy"),
        ({"minerals": "low_potassium"}, "electrolyte_myopathy"),
        ({"recent_infection": "present"}, "infectious_myositis"),
    ],
)
def test_a_rhabdomyolysis_is_named_by_its_cause(shipped: model.Net, cause: dict[str, object], diagnosis: str) -> None:
    assert diagnosis in ranking(shipped, {**RHABDOMYOLYSIS, **cause})[:2]
    presentation = shipped.marginal("rhabdomyolysis_presentation", {**RHABDOMYOLYSIS, **cause})
    assert presentation["present"] > 0.9


def test_exertion_alone_leaves_exertional_rhabdomyolysis_first(shipped: model.Net) -> None:
    assert ranking(shipped, {**RHABDOMYOLYSIS, "exertion_heat_crush": "present"})[0] == "rhabdomyolysis"


def test_no_single_cause_makes_rhabdomyolysis_itself_likelier_than_its_background(shipped: model.Net) -> None:
    for exposure in ("statin_exposure", "alcohol_misuse", "cocaine_use", "zidovudine_exposure"):
        rate = shipped.marginal(exposure, {"diagnosis": "rhabdomyolysis"})["present"]
        background = shipped.marginal(exposure, {"diagnosis": "other_condition"})["present"]
        assert rate <= max(0.25, 1.5 * background)


@pytest.mark.parametrize(
    ("picture", "diagnosis"),
    [
        ({"tendon_reflexes": "brisk", "fasciculations": "present", "weakness_severity": "moderate"},
         "neurogenic_disease"),
        ({"onset_tempo": "acute", "tendon_reflexes": "reduced", "sensory_loss": "present", "emg": "neurogenic",
          "weakness_severity": "moderate"}, "neurogenic_disease"),
        ({"connective_tissue_disease": "present", "ana": "positive", "ctd_specific_antibody": "positive",
          "weakness_severity": "none", "ck_level": "normal"}, "ctd_without_myositis"),
        ({"rash_of_other_type": "other_type", "facial_erythema": "present", "weakness_severity": "none",
          "ck_level": "normal"}, "dm_like_dermatosis"),
        ({"checkpoint_inhibitor_exposure": "present", "fatigable_weakness": "present"}, "ici_myositis"),
        ({"symptom_episodes": "exertional", "ck_level": "high", "metabolic_test": "positive"}, "metabolic_myopathy"),
        ({"vacuolar_drug_exposure": "present", "biopsy_storage": "autophagic", "weakness_severity": "moderate"},
         "toxic_vacuolar_myopathy"),
        ({"minerals": "low_potassium", "symptom_episodes": "paralytic"}, "electrolyte_myopathy"),
        ({"minerals": "osteomalacia", "weakness_severity": "moderate", "ck_level": "normal"}, "electrolyte_myopathy"),
        ({"sarcoidosis": "present", "biopsy_granulomas_deposits": "granulomas"}, "infiltrative_myopathy"),
        ({"monoclonal_protein": "positive", "biopsy_granulomas_deposits": "amyloid"}, "infiltrative_myopathy"),
        ({"weakness_severity": "none", "myalgia": "absent", "ck_level": "mild", "emg": "normal"},
         "benign_hyperckemia"),
    ],
)  # fmt: skip
def test_a_class_leads_with_its_key_findings(shipped: model.Net, picture: dict[str, object], diagnosis: str) -> None:
    assert ranking(shipped, picture)[0] == diagnosis


@pytest.mark.parametrize(
    ("finding", "normal", "diagnosis"),
    [
        ("checkpoint_inhibitor_exposure", "absent", "ici_myositis"),
        ("vacuolar_drug_exposure", "absent", "toxic_vacuolar_myopathy"),
        ("minerals", "normal", "electrolyte_myopathy"),
    ],
)
def test_without_what_defines_it_a_class_takes_no_patients_of_others(
    shipped: model.Net, finding: str, normal: str, diagnosis: str
) -> None:
    picture = {"proximal_leg_weakness": "present", "ck_level": "high", "onset_tempo": "subacute"}
    assert shipped.posterior({**picture, finding: normal})[diagnosis] < 0.002


def test_typical_rash_without_weakness_is_amyopathic(shipped: model.Net) -> None:
    rash = {"heliotrope_rash": "present", "gottron_papules": "present", "weakness_severity": "none"}
    posterior = shipped.posterior({**rash, "ck_level": "normal"})
    spectrum = posterior["amyopathic_dermatomyositis"] + posterior["dermatomyositis"]
    assert posterior["amyopathic_dermatomyositis"] > 0.8 * spectrum
    assert ranking(shipped, {**rash, "ck_level": "normal", "anti_mda5": "positive"})[0] == "amyopathic_dermatomyositis"


def test_sjogren_disease_leaves_the_pattern_of_inclusion_body_myositis_its_name(shipped: model.Net) -> None:
    pattern = {
        "age_at_onset": 64, "finger_flexor_weakness": "present", "quadriceps_atrophy": "present",
        "onset_tempo": "chronic", "connective_tissue_disease": "present", "ctd_specific_antibody": "positive",
    }  # fmt: skip
    assert ranking(shipped, pattern)[0] == "inclusion_body_myositis"


def test_children_with_anti_mda5_have_lung_disease_in_four_of_ten(shipped: model.Net) -> None:
    lung = shipped.marginal(
        "interstitial_lung_disease", {"diagnosis": "juvenile_dermatomyositis", "autoantibody": "mda5"}
    )
    assert 0.35 < 1 - lung["absent"] < 0.6


def test_motor_neurone_disease_and_neuropathy_do_not_share_their_signs(shipped: model.Net) -> None:
    """A patient with brisk reflexes and sensory loss from one disease hardly exists."""
    neurogenic = {"diagnosis": "neurogenic_disease"}
    brisk = shipped.marginal("tendon_reflexes", neurogenic)["brisk"]
    brisk_with_loss = shipped.marginal("tendon_reflexes", {**neurogenic, "sensory_loss": "present"})["brisk"]
    assert brisk_with_loss < 0.2 * brisk


def test_no_single_finding_outside_a_definition_decides_alone(shipped: model.Net) -> None:
    """The odds of a diagnosis against all others move by at most 30 decibans, a factor of 1000."""
    defined = {(row["diagnosis"], row["finding"]) for row in shipped.priors.tables["definitions"]}
    before = shipped.posterior({})
    too_much = []
    for finding in shipped.vocabulary.findings:
        for state in shipped.vocabulary.variables[finding].states:
            after = shipped.posterior({finding: state})
            for diagnosis in set(before) - {d for d, f in defined if f == finding}:
                odds = after[diagnosis] / (1 - after[diagnosis]) / (before[diagnosis] / (1 - before[diagnosis]))
                if not 1e-3 < odds < 1e3:
                    too_much.append((finding, state, diagnosis, odds))
    assert not too_much
