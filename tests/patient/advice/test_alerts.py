"""What must not be missed, and what the published scheme of treatment says about it."""

from collections.abc import Mapping
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.patient.advice.alerts import Alert, alerts, read_rules
from model.patient.advice.reasons import cited
from tests.priors.test_seeds import claims

DERMATOMYOSITIS = {"heliotrope_rash": "present", "gottron_papules": "present", "ck_level": 20, "age_at_onset": 54}
NECROTIZING = {"ck_level": 60, "biopsy_necrosis": "present", "biopsy_macrophages": "present", "age_at_onset": 60}
INCLUSION_BODY = {"finger_flexor_weakness": "present", "quadriceps_atrophy": "present", "age_at_onset": 67}
ANTISYNTHETASE = {"anti_jo1": "positive", "arthritis": "present", "mechanics_hands": "present", "age_at_onset": 50}
POLYMYOSITIS = {
    "biopsy_cd8_invasion": "present", "ck_level": 30, "onset_tempo": "subacute", "weakness_severity": "moderate",
    "heliotrope_rash": "absent", "gottron_papules": "absent", "finger_flexor_weakness": "absent", "age_at_onset": 40,
    "biopsy_rimmed_vacuoles": "absent", "biopsy_necrosis": "absent", "interstitial_lung_disease": "absent",
    "proximal_leg_weakness": "present", "quadriceps_atrophy": "absent", "biopsy_muscle_protein_loss": "absent",
}  # fmt: skip
NO_ANTIBODY = dict.fromkeys(
    ["anti_mi2", "anti_tif1g", "anti_mda5", "anti_jo1", "anti_srp", "anti_hmgcr", "anti_pl7", "anti_pl12"], "negative"
)
CHECKPOINT_INHIBITOR = {
    "checkpoint_inhibitor_exposure": "present", "cancer": "present", "fatigable_weakness": "present", "ck_level": 20,
    "onset_tempo": "acute", "age_at_onset": 72,
}  # fmt: skip
CHILD = {"age_at_onset": 8, "heliotrope_rash": "present", "gottron_papules": "present", "weakness_severity": "mild"}
SEEDS = {"silva2022", "amboss2023"}
DRUGS = {"first_line", "pulse", "immunoglobulin", "immunosuppressant", "second_line", "taper"}


def called(net: model.Net, *pictures: Mapping[str, object]) -> dict[str, Alert]:
    """The alerts and steps of treatment that findings and posterior trigger, by id."""
    findings = {name: value for picture in pictures for name, value in picture.items()}
    return {alert.id: alert for alert in alerts(net, findings, net.posterior(findings))}


@pytest.mark.parametrize("course", ["present", "rapidly_progressive"])
def test_anti_mda5_with_lung_disease_is_rapidly_progressive_until_shown_otherwise(
    shipped: model.Net, course: str
) -> None:
    now = called(shipped, {"anti_mda5": "positive", "interstitial_lung_disease": course})["lung_mda5"]
    assert now.urgency == 1 and "rapidly progressive" in now.title
    assert "Anti-MDA5: positive" in now.because and "Interstitial lung disease" in now.because


def test_a_dangerous_antibody_asks_for_the_lungs_until_they_are_examined(shipped: model.Net) -> None:
    assert called(shipped, {"anti_mda5": "positive"})["lung_search_mda5"].urgency == 1
    assert "lung_search_synthetase" in called(shipped, {"anti_pl12": "positive"})
    seen = {"interstitial_lung_disease": "absent"}
    assert not {"lung_search_mda5", "lung_mda5"} & called(shipped, {"anti_mda5": "positive"}, seen).keys()
    assert "lung_search_synthetase" not in called(shipped, {"anti_pl12": "positive"}, seen)


def test_lung_disease_in_strong_muscles_asks_for_antisynthetases(shipped: model.Net) -> None:
    picture = {"interstitial_lung_disease": "present", "weakness_severity": "none"}
    assert "lung_without_weakness" in called(shipped, picture)
    assert "lung_without_weakness" not in called(shipped, picture, {"anti_pl7": "negative"})


def test_weak_breathing_and_dysphagia_in_severe_weakness_are_most_urgent(shipped: model.Net) -> None:
    assert called(shipped, {"respiratory_muscle_weakness": "present"})["breathing"].urgency == 1
    assert called(shipped, {"dysphagia": "present", "weakness_severity": "severe"})["swallowing_severe"].urgency == 1
    assert called(shipped, {"dysphagia": "present", "weakness_severity": "mild"})["swallowing"].urgency == 2


def test_both_sources_search_for_cancer_in_dermatomyositis(shipped: model.Net) -> None:
    assert called(shipped, DERMATOMYOSITIS)["cancer_dm"].source.split(";") == ["silva2022", "amboss2023"]


def test_one_source_alone_searches_for_cancer_in_polymyositis_and_says_so(shipped: model.Net) -> None:
    alert = called(shipped, POLYMYOSITIS, NO_ANTIBODY)["cancer_pm"]
    assert alert.source == "amboss2023" and "Silva names only" in alert.text


@pytest.mark.parametrize("picture", [ANTISYNTHETASE, INCLUSION_BODY])
def test_no_source_searches_for_cancer_in_antisynthetase_syndrome_or_inclusion_body_myositis(
    shipped: model.Net, picture: dict[str, object]
) -> None:
    assert not [name for name in called(shipped, picture) if name.startswith("cancer")]


@pytest.mark.parametrize(
    ("antibodies", "alert"),
    [
        ({"anti_srp": "negative", "anti_hmgcr": "negative"}, "cancer_imnm_seronegative"),
        ({"anti_srp": "negative", "anti_hmgcr": "positive"}, "cancer_imnm_antibody"),
        ({"anti_srp": "positive"}, "cancer_imnm_antibody"),
        ({}, "cancer_imnm_untested"),
        ({"anti_srp": "negative"}, "cancer_imnm_untested"),
    ],
)
def test_the_advice_on_cancer_in_necrotizing_myopathy_depends_on_the_antibodies(
    shipped: model.Net, antibodies: dict[str, object], alert: str
) -> None:
    said = {name for name in called(shipped, NECROTIZING, antibodies) if name.startswith("cancer_imnm")}
    assert said == {alert}


def test_a_cancer_that_is_known_need_not_be_searched_and_an_absence_is_questioned(shipped: model.Net) -> None:
    assert not [n for n in called(shipped, DERMATOMYOSITIS, {"cancer": "present"}) if n.startswith("cancer")]
    absent = called(shipped, DERMATOMYOSITIS, {"cancer": "absent"})
    assert "cancer_absent_how" in absent and "cancer_dm" not in absent


def test_sources_that_differ_on_cancer_in_children_are_shown_side_by_side(shipped: model.Net) -> None:
    assert called(shipped, CHILD)["cancer_jdm"].source == "silva2022;Oldroyd2023"


def test_inclusion_body_myositis_gets_its_own_work_up_and_no_steroid(shipped: model.Net) -> None:
    picture = called(shipped, INCLUSION_BODY, {"dysphagia": "present"})
    assert {"ibm_viruses", "ibm_blood", "ibm_biopsy", "ibm", "ibm_swallowing", "supportive"} <= picture.keys()
    assert not DRUGS & picture.keys()
    assert "ibm_swallowing" not in called(shipped, INCLUSION_BODY)


def test_a_statin_with_anti_hmgcr_is_stopped_now(shipped: model.Net) -> None:
    alert = called(shipped, {"statin_exposure": "present", "anti_hmgcr": "positive"})["statin_hmgcr"]
    assert alert.urgency == 1 and "stop" in alert.title
    assert "statin_hmgcr" not in called(shipped, {"statin_exposure": "absent", "anti_hmgcr": "positive"})


def test_failed_treatment_suggests_dystrophy_and_inclusion_body_myositis(shipped: model.Net) -> None:
    failed = {"immunosuppression_response": "not_improved", "ck_level": 30, "age_at_onset": 52}
    assert {"failed_dystrophy", "failed_ibm"} <= called(shipped, failed).keys()
    assert "failed_ibm" not in called(shipped, failed, {"age_at_onset": 30})
    settled = called(shipped, failed, {"anti_jo1": "positive", "heliotrope_rash": "present"})
    assert not {"failed_dystrophy", "failed_ibm"} & settled.keys()


def test_a_failure_that_inclusion_body_myositis_explains_does_not_suggest_dystrophy(shipped: model.Net) -> None:
    hands = {**INCLUSION_BODY, "age_at_onset": 42, "onset_tempo": "chronic", "anti_cn1a": "positive", "ck_level": 3}
    failed = {"immunosuppression_response": "not_improved"}
    doubtful = {"family_history_of_myopathy": "present", "anti_cn1a": "negative", "age_at_onset": 20}
    assert "failed_dystrophy" not in called(shipped, hands, failed)
    assert "failed_dystrophy" in called(shipped, hands, failed, doubtful)


@pytest.mark.parametrize(
    ("picture", "antibody", "alert"),
    [
        ({"weakness_severity": "none", "gottron_sign": "present", "ck_level": 0.6}, "anti_mda5", "antibody_amyopathic"),
        ({"weakness_severity": "none", "interstitial_lung_disease": "present"}, "anti_mda5", "lung_without_weakness"),
        ({"arthritis": "present", "mechanics_hands": "present", "ck_level": 9}, "anti_mda5", "antibody_synthetase"),
        (NECROTIZING, "anti_srp", "antibody_imnm"),
    ],
)
def test_an_antibody_that_is_found_ends_the_search_for_another(
    shipped: model.Net, picture: dict[str, object], antibody: str, alert: str
) -> None:
    assert alert in called(shipped, picture)
    assert alert not in called(shipped, picture, {antibody: "positive"})


def test_the_same_test_is_asked_for_once(shipped: model.Net) -> None:
    lung = {"interstitial_lung_disease": "present", "weakness_severity": "none", "fever": "present",
            "mechanics_hands": "present"}  # fmt: skip
    both = {"lung_without_weakness", "antibody_synthetase"}
    assert both & called(shipped, lung).keys() == {"lung_without_weakness"}
    assert both & called(shipped, lung, {"weakness_severity": "mild"}).keys() == {"antibody_synthetase"}


def test_pain_alone_is_named_as_no_evidence_unless_there_is_a_rash(shipped: model.Net) -> None:
    pain = {"myalgia": "present", "weakness_severity": "none"}
    assert "pain_alone" in called(shipped, pain)
    assert "pain_alone" not in called(shipped, pain, {"gottron_papules": "present"})
    assert "pain_alone" not in called(shipped, {"myalgia": "present"})


@pytest.mark.parametrize(
    "sign",
    [
        {"weakness_severity": "severe"}, {"dysphagia": "present"}, {"interstitial_lung_disease": "present"},
        {"skin_ulcers": "present"}, {"onset_tempo": "acute", "weakness_severity": "mild"},
        {"immunosuppression_response": "not_improved"},
    ],
)  # fmt: skip
def test_each_sign_of_severity_moves_treatment_from_tablets_to_pulses(
    shipped: model.Net, sign: dict[str, object]
) -> None:
    mild = called(shipped, DERMATOMYOSITIS, {"weakness_severity": "mild"})
    assert "first_line" in mild and "pulse" not in mild
    severe = called(shipped, DERMATOMYOSITIS, {"weakness_severity": "mild"}, sign)
    assert "pulse" in severe and "first_line" not in severe


def test_immunoglobulin_is_for_life_threatening_weakness_and_for_failure(shipped: model.Net) -> None:
    assert "immunoglobulin" not in called(shipped, DERMATOMYOSITIS, {"weakness_severity": "moderate"})
    assert "immunoglobulin" in called(shipped, DERMATOMYOSITIS, {"weakness_severity": "severe"})
    failed = called(shipped, DERMATOMYOSITIS, {"immunosuppression_response": "not_improved"})
    assert {"immunoglobulin", "second_line"} <= failed.keys()


def test_children_and_mimics_get_no_dose(shipped: model.Net) -> None:
    child = called(shipped, CHILD)
    assert "child" in child and not DRUGS & child.keys()
    mimic = called(shipped, {"myalgia": "present", "weakness_severity": "none", "widespread_tender_points": "present"})
    assert "not_settled" in mimic and not DRUGS & mimic.keys()


@given(data=st.data())
def test_while_a_mimic_leads_no_immunosuppression_is_offered(data: st.DataObject, shipped: model.Net) -> None:
    """Even where the inflammatory myopathies together are likely: it harms in infection or motor neurone disease."""
    mimic = data.draw(st.sampled_from(shipped.vocabulary.families["mimic"]))
    share = data.draw(st.floats(0.13, 1))
    others = shipped.vocabulary.families["iim"]
    posterior = dict.fromkeys(shipped.vocabulary.diagnoses, 0.0)
    posterior |= {mimic: share, **dict.fromkeys(others, (1 - share) / len(others))}
    grave = {"weakness_severity": "severe", "dysphagia": "present", "immunosuppression_response": "not_improved"}
    offered = {alert.id: alert for alert in alerts(shipped, grave | {"age_at_onset": 50}, posterior)}
    assert not (DRUGS | {"immunoglobulin_swallowing", "ibm_swallowing"}) & offered.keys()
    assert ("checkpoint_inhibitor_myositis" in offered) == (mimic == "ici_myositis")
    assert ("not_settled" in offered) == (mimic != "ici_myositis")


def test_checkpoint_inhibitor_myositis_counts_as_a_mimic_but_is_treated_as_immune_mediated(shipped: model.Net) -> None:
    posterior = shipped.posterior(CHECKPOINT_INHIBITOR)
    assert max(posterior, key=posterior.__getitem__) == "ici_myositis"
    offered = called(shipped, CHECKPOINT_INHIBITOR)
    said = offered["checkpoint_inhibitor_myositis"]
    assert "immune-mediated" in said.title and said.kind == "treatment"
    assert not DRUGS & offered.keys() and "not_settled" not in offered
    assert offered["checkpoint_inhibitor"].urgency == 1


def test_doses_are_those_of_the_seed(shipped: model.Net) -> None:
    """Silva 2022, How to plan the treatment."""
    text = {rule.row["id"]: rule.row["title"] + " " + rule.row["text"] for rule in read_rules(shipped.priors)}
    assert "0.5–1 mg/kg" in text["first_line"] and "Four to eight weeks" in text["first_line"]
    assert "1,000 mg" in text["pulse"] and "three to five days" in text["pulse"]
    assert "2 g/kg" in text["immunoglobulin"] and "two to five days" in text["immunoglobulin"]
    for dose in ("azathioprine 2–3 mg/kg a day", "methotrexate 10–25 mg a week", "mycophenolate mofetil 2–3 g a day",
                 "ciclosporin 3–5 mg/kg a day"):  # fmt: skip
        assert dose in text["immunosuppressant"]
    assert "rituximab 2 g" in text["second_line"] and "83 %" in text["second_line"]


@pytest.mark.parametrize("setting", ["suspected_myositis", "myositis_centre", "primary_care"])
def test_no_rule_applies_before_anything_is_entered(shipped: model.Net, setting: str) -> None:
    assert alerts(shipped, {"cancer": None}, shipped.posterior({}, setting)) == ()


def test_the_most_urgent_comes_first(shipped: model.Net) -> None:
    urgencies = [
        a.urgency for a in called(shipped, ANTISYNTHETASE, {"respiratory_muscle_weakness": "present"}).values()
    ]
    assert urgencies == sorted(urgencies) and {1, 2, 3} <= set(urgencies)


def test_uncertain_evidence_triggers_only_what_all_its_states_trigger(shipped: model.Net) -> None:
    mda5 = {"anti_mda5": "positive"}
    either = called(shipped, mda5, {"interstitial_lung_disease": ["present", "rapidly_progressive"]})
    assert "lung_mda5" in either
    perhaps = called(shipped, mda5, {"interstitial_lung_disease": {"absent": 0.4, "present": 0.6}})
    assert "lung_mda5" not in perhaps and "lung_search_mda5" in perhaps


PATIENTS = [
    {**DERMATOMYOSITIS, "weakness_severity": "moderate", "interstitial_lung_disease": "absent"},
    {**DERMATOMYOSITIS, "weakness_severity": "mild", "cancer": "absent", "dysphagia": "present"},
    {**DERMATOMYOSITIS, "anti_nxp2": "positive", "immunosuppression_response": "not_improved"},
    {**DERMATOMYOSITIS, "ck_level": "normal", "weakness_severity": "none", "anti_mda5": "positive"},
    {**DERMATOMYOSITIS, "ck_level": "normal", "weakness_severity": "none", "proximal_leg_weakness": "absent"},
    {"anti_mda5": "positive", "interstitial_lung_disease": "present", "skin_ulcers": "present"},
    {"interstitial_lung_disease": "rapidly_progressive", "cardiac_involvement": "present", "weakness_severity": "mild"},
    {"interstitial_lung_disease": "present", "weakness_severity": "none"},
    CHECKPOINT_INHIBITOR, CHILD, ANTISYNTHETASE, POLYMYOSITIS, NECROTIZING, INCLUSION_BODY,
    {**ANTISYNTHETASE, "interstitial_lung_disease": "present"},
    {"mechanics_hands": "present", "arthritis": "present", "raynaud": "present", "weakness_severity": "mild"},
    {**NECROTIZING, "anti_srp": "positive", "weakness_severity": "severe", "dysphagia": "present"},
    {**NECROTIZING, "anti_srp": "negative", "anti_hmgcr": "negative", "respiratory_muscle_weakness": "present"},
    {**NECROTIZING, "anti_hmgcr": "positive", "statin_exposure": "present"},
    {**NECROTIZING, "statin_exposure": "present"},
    {**INCLUSION_BODY, "dysphagia": "present", "anti_cn1a": "positive"},
    {**POLYMYOSITIS, **NO_ANTIBODY},
    {**NO_ANTIBODY, "weakness_severity": "moderate", "ck_level": 30, "onset_tempo": "subacute", "age_at_onset": 40,
     "heliotrope_rash": "absent", "gottron_papules": "absent", "gottron_sign": "absent"},
    {"immunosuppression_response": "not_improved", "ck_level": 30, "age_at_onset": 52},
    {"age_at_onset": 20, "onset_tempo": "chronic", "ck_level": 60, "facial_or_scapular_weakness": "present",
     "biopsy_endomysial_inflammation": "present", "biopsy_fibrosis": "present"},
    {"statin_exposure": "present", "myalgia": "present", "weakness_severity": "none", "ck_level": 2},
    {"zidovudine_exposure": "present", "chronic_viral_infection": "present", "weakness_severity": "mild"},
    {"corticosteroid_exposure": "present", "ck_level": "normal", "esr_crp": "normal", "weakness_severity": "mild"},
    {"alcohol_misuse": "present", "weakness_severity": "mild"},
    {"muscle_stiffness": "present", "myoedema": "present", "weakness_severity": "mild"},
    {"tsh": "elevated", "myoedema": "present", "muscle_stiffness": "present", "ck_level": 3},
    {"onset_tempo": "acute", "myalgia": "present", "dark_urine": "present", "ck_level": 200},
    {"checkpoint_inhibitor_exposure": "present", "fatigable_weakness": "present"},
    {"onset_tempo": "acute", "tendon_reflexes": "reduced", "weakness_severity": "moderate"},
    {"minerals": "low_potassium", "weakness_severity": "severe"},
    {"fasciculations": "present", "tendon_reflexes": "brisk"},
]  # fmt: skip


def test_the_open_differential_has_its_own_dangers(shipped: model.Net) -> None:
    inhibitor = {"checkpoint_inhibitor_exposure": "present"}
    assert "checkpoint_inhibitor" not in called(shipped, inhibitor)
    assert "checkpoint_inhibitor" in called(shipped, {**inhibitor, "ck_level": 3})
    acute = {"onset_tempo": "acute", "weakness_severity": "severe", "tendon_reflexes": "reduced"}
    assert "acute_neuropathy" in called(shipped, acute)
    assert "acute_neuropathy" not in called(shipped, {**acute, "minerals": "low_potassium"})
    assert "low_potassium" in called(shipped, {**acute, "minerals": "low_potassium"})
    assert "motor_neurone" in called(shipped, {"tendon_reflexes": "brisk"})


@pytest.mark.parametrize("cause", ["statin_exposure", "alcohol_misuse", "cocaine_use", "exertion_heat_crush"])
def test_rhabdomyolysis_threatens_the_kidney_whatever_its_cause(shipped: model.Net, cause: str) -> None:
    attack = {"onset_tempo": "acute", "dark_urine": "present", "ck_level": 80, cause: "present"}
    assert "kidney" in called(shipped, attack)


def test_every_rule_applies_to_some_patient(shipped: model.Net) -> None:
    seen = {name for picture in PATIENTS for name in called(shipped, picture)}
    assert {rule.row["id"] for rule in read_rules(shipped.priors)} - seen == set()


def test_every_rule_says_why_and_where_it_is_published(shipped: model.Net) -> None:
    known = {claim["claim"]: claim for claim in claims()}
    for rule in read_rules(shipped.priors):
        row, sources = rule.row, rule.row.words("source")
        assert row["title"] and row["text"] and len(row["title"]) <= 80, row["id"]
        assert cited(row["source"], row["locator"], shipped.priors.sources)
        assert {known[claim]["document"] for claim in row.words("claim")} == {s for s in sources if s in SEEDS}, row[
            "id"
        ]
        assert set(sources) <= SEEDS or "outside the seeds" in row["note"].lower(), row["id"]
    for picture in PATIENTS:
        for alert in called(shipped, picture).values():
            assert alert.because, alert.id


def test_every_claim_that_names_a_rule_is_named_by_it(shipped: model.Net) -> None:
    """`goes_to` of the claims and `claim` of the rules agree."""
    rules = {f"{rule.row.file}: {rule.row['id']}": rule for rule in read_rules(shipped.priors)}
    stated = {(rule, c["claim"]) for c in claims() for rule in c["goes_to"].split(";") if rule in rules}
    named = {(name, claim) for name, rule in rules.items() for claim in rule.row.words("claim")}
    assert stated == named


def test_a_folder_without_tables_has_no_alerts(small: model.Net) -> None:
    assert called(small, {"heliotrope_rash": "present", "cancer": "present"}) == {}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a,T,t,2,cancr = present,silva2022,p,,", "field when: 'cancr' is not a finding; did you mean cancer?"),
        ("a,T,t,4,cancer = present,silva2022,p,,", "field urgency: '4' is not known"),
        ("a,T,t,2,cancer = present,silva2023,p,,", "field source: 'silva2023' is not known; did you mean silva2022?"),
        ("a,T,t,2,cancer = present,silva2022,p;q,,", "field locator: 1 sources need 2"),
    ],
)
def test_a_fault_in_a_rule_is_an_error_that_names_file_line_and_field(
    small: model.Net, tmp_path: Path, row: str, fault: str
) -> None:
    folder = copytree(small.priors.folder, tmp_path / "priors")
    (folder / "sources.csv").write_text("source,citation,year\nsilva2022,Silva A.,2022\n")
    (folder / "alerts.csv").write_text(f"id,title,text,urgency,when,source,locator,claim,note\n{row}\n")
    net = model.load(folder)
    with pytest.raises(model.InputError) as error:
        called(net, {"cancer": "present"})
    assert str(error.value).startswith("alerts.csv, line 2, ")
    assert fault.split("1 sources")[0] in str(error.value)
