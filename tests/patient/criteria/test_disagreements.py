"""Where the criteria and the posterior disagree: which sentence, with which numbers, and when none."""

import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import model
from model.cases.case import read_cases
from model.errors import InputError
from model.patient.criteria import disagreements, judge, judge_by
from model.patient.criteria.disagreement import read_reasons
from model.patient.criteria.tables import criteria_sets
from model.patient.phrases import percent
from model.priors.folder import SHIPPED
from model.priors.schema import SCHEMA
from tests.helpers.places import PUBLISHED
from tests.helpers.priors import with_table

Findings = dict[str, Any]
NECROTIZING: Findings = {
    "age_at_onset": 55, "proximal_arm_weakness": "present", "proximal_leg_weakness": "present",
    "legs_proximal_weaker_than_distal": "present", "ck_level": 40, "anti_hmgcr": "positive",
}  # fmt: skip
INCLUSION_BODY: Findings = {
    "age_at_onset": 62, "proximal_leg_weakness": "present", "dysphagia": "present", "ck_level": 3,
    "finger_flexor_weakness": "present", "quadriceps_atrophy": "present", "onset_tempo": "chronic",
}  # fmt: skip
SYNTHETASE: Findings = {
    "age_at_onset": 45, "anti_pl7": "positive", "interstitial_lung_disease": "present", "arthritis": "present",
    "mechanics_hands": "present", "ck_level": "normal",
}  # fmt: skip


def said(net: model.Net, findings: Findings, posterior: dict[str, float] | None = None) -> tuple[str, ...]:
    return disagreements(net, findings, judge(net, findings), posterior or net.posterior(findings))


def sure_of(net: model.Net, diagnosis: str, probability: float = 0.8) -> dict[str, float]:
    """A posterior with one diagnosis at a probability and the others alike."""
    rest = (1 - probability) / (len(net.vocabulary.diagnoses) - 1)
    return {d: probability if d == diagnosis else rest for d in net.vocabulary.diagnoses}


def about(sentences: tuple[str, ...], name: str) -> str:
    """The sentence about a set; empty if there is none."""
    found = [s for s in sentences if name in s]
    assert len(found) <= 1
    return found[0] if found else ""


def test_a_biopsy_that_lowers_a_necrotizing_myopathy_is_reported_with_both_scores(shipped: model.Net) -> None:
    sentence = about(said(shipped, {**NECROTIZING, "biopsy_necrosis": "present"}), "EULAR/ACR")
    for number in ("6.0", percent(0.38), "5.8", percent(0.62)):
        assert number in sentence
    assert "necrosis scores nothing" in sentence


def test_no_class_for_necrotizing_myopathy_nor_for_antisynthetase_syndrome(shipped: model.Net) -> None:
    assert "no class for necrotizing myopathy" in about(said(shipped, NECROTIZING), "EULAR/ACR")
    jo1 = {**SYNTHETASE, "anti_pl7": "negative", "anti_jo1": "positive"}
    assert "no class for antisynthetase syndrome" in about(said(shipped, jo1), "EULAR/ACR")


def test_only_jo1_counts(shipped: model.Net) -> None:
    sentence = about(said(shipped, SYNTHETASE), "EULAR/ACR")
    assert "no antibody but anti-Jo-1" in sentence
    assert "2.1 points" in sentence


def test_inclusion_body_myositis_without_a_biopsy(shipped: model.Net) -> None:
    sentence = about(said(shipped, INCLUSION_BODY), "EULAR/ACR")
    assert "58 %" in sentence
    assert "94 %" in sentence
    biopsied = {**INCLUSION_BODY, "biopsy_endomysial_inflammation": "present", "biopsy_rimmed_vacuoles": "present"}
    assert about(said(shipped, biopsied), "EULAR/ACR") == ""


def test_bohan_and_peter_pass_what_they_cannot_tell_apart(shipped: model.Net) -> None:
    muscle = {"proximal_leg_weakness": "present", "ck_level": 4, "emg": "myopathic_irritable",
              **dict.fromkeys(("heliotrope_rash", "gottron_papules", "gottron_sign"), "absent")}  # fmt: skip
    for diagnosis, words in (
        ("inclusion_body_myositis", "knows no inclusion bodies"),
        ("muscular_dystrophy", "dystrophies and other mimics"),
        ("immune_mediated_necrotizing_myopathy", "knows no antibodies"),
    ):
        assert words in about(said(shipped, muscle, sure_of(shipped, diagnosis)), "Bohan and Peter")
    assert about(said(shipped, muscle, sure_of(shipped, "polymyositis")), "Bohan and Peter") == ""


def test_amyopathic_dermatomyositis_scored_with_a_biopsy(shipped: model.Net) -> None:
    findings = {"age_at_onset": 50, "gottron_sign": "present", "biopsy_perivascular_inflammation": "absent"}
    sentence = about(said(shipped, findings, sure_of(shipped, "amyopathic_dermatomyositis")), "EULAR/ACR")
    assert "biopsy weights" in sentence


def test_a_mimic_that_is_classified_calls_for_the_entry_rule(shipped: model.Net) -> None:
    findings = {"age_at_onset": 25, "proximal_arm_weakness": "present", "proximal_leg_weakness": "present",
                "legs_proximal_weaker_than_distal": "present", "ck_level": 60,
                "biopsy_endomysial_inflammation": "present", "biopsy_perivascular_inflammation": "present"}  # fmt: skip
    sentence = about(said(shipped, findings, sure_of(shipped, "muscular_dystrophy")), "EULAR/ACR")
    assert "nothing explains the findings better" in sentence
    assert f"muscular dystrophy {percent(0.8)}" in sentence


def test_a_mimic_that_only_leads_calls_for_the_entry_rule_too(shipped: model.Net) -> None:
    findings = {"age_at_onset": 25, "proximal_arm_weakness": "present", "proximal_leg_weakness": "present",
                "legs_proximal_weaker_than_distal": "present", "ck_level": 60,
                "biopsy_endomysial_inflammation": "present", "biopsy_perivascular_inflammation": "present"}  # fmt: skip
    sentences = said(shipped, findings, sure_of(shipped, "muscular_dystrophy", 0.38))
    assert "nothing explains the findings better" in about(sentences, "EULAR/ACR")


def test_the_model_s_share_of_a_label_names_what_the_label_stands_for(shipped: model.Net) -> None:
    sentence = about(said(shipped, NECROTIZING, sure_of(shipped, "dermatomyositis")), "EULAR/ACR")
    assert "gives polymyositis and immune-mediated necrotizing myopathy" in sentence


def test_sets_with_the_same_sentence_share_it(shipped: model.Net) -> None:
    antibody = {"anti_jo1": "positive", "arthritis": "present", "ck_level": 4}
    sentences = said(shipped, antibody, sure_of(shipped, "overlap_myositis"))
    shared = about(sentences, "Connors 2010")
    assert "Lega 2015" in shared
    assert f"puts overlap myositis first ({percent(0.8)})" in shared


def test_a_set_that_is_ruled_out_names_what_is_missing(shipped: model.Net) -> None:
    findings = {**INCLUSION_BODY, "onset_tempo": "subacute"}
    sentence = about(said(shipped, findings, sure_of(shipped, "inclusion_body_myositis")), "ENMC 2011")
    assert "Weakness for over 12 months" in sentence


def test_agreement_is_silent(shipped: model.Net) -> None:
    rash = {"age_at_onset": 50, "heliotrope_rash": "present", "gottron_sign": "present",
            "proximal_arm_weakness": "present"}  # fmt: skip
    assert about(said(shipped, rash, sure_of(shipped, "dermatomyositis")), "EULAR/ACR") == ""
    assert about(said(shipped, SYNTHETASE, sure_of(shipped, "antisynthetase_syndrome")), "Connors") == ""


def test_nothing_entered_disagrees_with_nothing(shipped: model.Net) -> None:
    for setting in shipped.vocabulary.settings:
        posterior = shipped.posterior({}, setting)
        assert disagreements(shipped, {}, judge(shipped, {}), posterior) == ()


def test_each_set_has_at_most_one_sentence_in_every_published_patient(shipped: model.Net) -> None:
    for case in read_cases(PUBLISHED, shipped.vocabulary):
        verdicts = judge(shipped, case.findings)
        sentences = disagreements(shipped, case.findings, verdicts, shipped.posterior(case.findings, case.setting))
        assert len(sentences) == len(set(sentences))
        for verdict in verdicts:
            about(sentences, f"{verdict.name} {verdict.year}")
        assert not any(re.search(r"[{}\0]", sentence) for sentence in sentences)


def test_every_row_of_the_table_is_valid_and_used(shipped: model.Net) -> None:
    """Ids are unique, sources are known, and each row is about a set that exists."""
    sets = criteria_sets(shipped.priors)
    reasons = read_reasons(shipped.priors)
    assert len({r.id for r in reasons}) == len(reasons) >= 12
    for reason in reasons:
        assert reason.row["source"] in shipped.priors.sources
        assert reason.row["locator"]
        assert set(reason.sets) <= {"any", *(s.id for s in sets)}


def test_priors_without_criteria_disagree_with_nothing(small: model.Net) -> None:
    assert disagreements(small, {"v_sign": "present"}, judge(small, {}), small.posterior({})) == ()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("set", "griggs_1996", "field set: 'griggs_1996' is not known; did you mean griggs_1995?"),
        ("outcome", "clasified", "field outcome: 'clasified' is not known; did you mean classified?"),
        ("leading", "polymyositus", "'polymyositus' is not a diagnosis or family; did you mean polymyositis?"),
        ("stands_for", "polymyositus", "field stands_for: 'polymyositus' is not known; did you mean polymyositis?"),
        ("when", "anti_jo = positive", "field when: 'anti_jo' is not a finding; did you mean anti_jo1?"),
        ("sentence", "{sett}", "field sentence: {sett} is not known; did you mean set?"),
        ("source", "Lundberg2071_a", "did you mean Lundberg2017_a?"),
        ("from_percent", "120", "field from_percent: 120 is not between 0 and 100"),
    ],
)
def test_a_faulty_row_is_an_error_that_names_line_and_field(
    shipped: model.Net, column: str, value: str, message: str
) -> None:
    cells = {"id": "a", "set": "griggs_1995", "outcome": "classified", "leading": "another", "share_of": "label",
             "from_percent": "0", "to_percent": "50", "sentence": "{set}", "source": "Lundberg2017_a"}  # fmt: skip
    columns = SCHEMA["criteria/disagreements"].needed
    table = ",".join(columns) + "\n" + ",".join({**cells, column: value}.get(c, "") for c in columns) + "\n"
    with pytest.raises(InputError) as error:
        read_reasons(with_table(shipped.priors, "criteria/disagreements.csv", table))
    assert str(error.value).startswith("criteria/disagreements.csv, line 2, field ")
    assert message in str(error.value)


def test_sentences_come_from_the_table(shipped: model.Net, tmp_path: Path) -> None:
    priors = copytree(SHIPPED, tmp_path / "priors")
    table = priors / "criteria" / "disagreements.csv"
    table.write_text(table.read_text().splitlines()[0] + "\n")
    net = model.load(priors)
    assert judge_by(net, "eular_acr_2017", NECROTIZING).classified
    assert said(net, NECROTIZING, sure_of(net, "fibromyalgia")) == ()
