"""The published work-up, and which steps of it are done."""

from collections.abc import Mapping

import pytest

import model
from model.patient.advice.checklist import CheckItem, checklist
from model.patient.advice.reasons import cited
from tests.priors.test_seeds import claims

STEPS = ["Clinical approach", "General lab tests", "Specific tests", "Other screenings"]
EXAMINATION = ["v_sign", "shawl_sign", "gottron_papules", "mechanics_hands"]


def items(net: model.Net, findings: Mapping[str, object]) -> dict[str, CheckItem]:
    """The items by the first word of their text."""
    return {item.text.split()[0].strip(",:"): item for item in checklist(net, findings, net.posterior(findings))}


def test_the_figure_has_four_steps_in_order(shipped: model.Net) -> None:
    steps = [item.step for item in checklist(shipped, {}, shipped.posterior({}))]
    assert list(dict.fromkeys(steps)) == STEPS
    assert steps == sorted(steps, key=STEPS.index)


def test_an_unseen_patient_has_nothing_done(shipped: model.Net) -> None:
    states = {text: item.state for text, item in items(shipped, {}).items()}
    assert set(states.values()) == {"open", "not indicated"}
    assert states["Myositis"] == states["Muscle"] == states["Thyroid"] == "open"


def test_an_item_goes_from_open_to_partly_to_done(shipped: model.Net) -> None:
    findings: dict[str, object] = {}
    for count, name in enumerate(EXAMINATION, 1):
        findings[name] = "absent"
        item = items(shipped, findings)["Examination"]
        assert item.done == tuple(EXAMINATION[:count])
        assert item.state == ("done" if count == len(EXAMINATION) else "partly")
    assert items(shipped, {"v_sign": ["absent", "present"]})["Examination"].state == "open"


def test_one_result_shows_that_the_biopsy_was_done(shipped: model.Net) -> None:
    assert items(shipped, {"biopsy_mxa": "negative"})["Muscle"].state == "done"


def test_a_typical_rash_makes_the_biopsy_unnecessary_and_its_absence_does_not(shipped: model.Net) -> None:
    assert items(shipped, {"gottron_papules": "present"})["Muscle"].state == "not indicated"
    no_rash = dict.fromkeys(["heliotrope_rash", "gottron_papules", "gottron_sign"], "absent")
    assert items(shipped, no_rash)["Muscle"].state == "open"


def test_screenings_follow_the_diagnosis(shipped: model.Net) -> None:
    inclusion_body = items(shipped, {"finger_flexor_weakness": "present", "quadriceps_atrophy": "present"})
    assert inclusion_body["Hepatitis"].state == inclusion_body["Blood"].state == "open"
    assert inclusion_body["Cancer"].state == "not indicated"
    dermatomyositis = items(shipped, {"heliotrope_rash": "present", "gottron_papules": "present"})
    assert dermatomyositis["Cancer"].state == "open"
    assert dermatomyositis["Hepatitis"].state == dermatomyositis["Blood"].state == "not indicated"


def test_mri_is_for_doubt(shipped: model.Net) -> None:
    settled = {"heliotrope_rash": "present", "gottron_papules": "present", "anti_mi2": "positive", "ck_level": 20}
    assert items(shipped, settled)["MRI"].state == "not indicated"
    assert items(shipped, {"weakness_severity": "mild"})["MRI"].state == "open"


def test_done_and_open_share_the_findings_of_the_item(shipped: model.Net) -> None:
    for item in checklist(shipped, {"ck_level": 12, "esr_crp": "normal"}, shipped.posterior({})):
        assert not set(item.done) & set(item.open)
        assert set(item.done) | set(item.open) <= set(shipped.vocabulary.findings)
        assert cited(item.source, item.locator, shipped.priors.sources)


def test_the_items_and_the_claims_of_the_seeds_name_each_other(shipped: model.Net) -> None:
    rows = shipped.priors.tables["checklist"]
    named = {(f"checklist.csv: {row['id']}", claim) for row in rows for claim in row.words("claim")}
    stated = {
        (item, claim["claim"])
        for claim in claims()
        for item in claim["goes_to"].split(";")
        if item.startswith("checklist.csv")
    }
    assert named == stated


@pytest.mark.parametrize("findings", [{}, {"cancer": "present"}])
def test_a_folder_without_a_table_has_no_items(small: model.Net, findings: dict[str, object]) -> None:
    assert checklist(small, findings, small.posterior(findings)) == ()
