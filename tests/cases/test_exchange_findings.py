"""How single statements of a file become findings: creatine kinase, age at onset, codes that do not decide."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Net
from model.cases.exchange import read_patient
from tests.helpers.exchange_files import (
    bundle,
    creatine_kinase,
    feature,
    observation,
    packet,
    reasons,
)

# Creatine kinase


@given(value=st.floats(0.1, 50_000), limit=st.floats(20, 1000))
def test_creatine_kinase_is_the_multiple_of_its_own_upper_limit(shipped: Net, value: float, limit: float) -> None:
    findings = read_patient(bundle(creatine_kinase(value, limit)), "file", shipped).case.findings
    assert findings["ck_level"] == pytest.approx(value / limit, abs=5e-4)


def test_creatine_kinase_without_a_limit_or_in_another_unit_is_left_out(shipped: Net) -> None:
    without = observation("2157-6", valueQuantity={"value": 900, "unit": "U/L"})
    other_unit = creatine_kinase(15, 3.2, unit="mg/L")
    for entry, reason in ((without, "upper limit"), (other_unit, "different units")):
        imported = read_patient(bundle(entry), "file", shipped)
        assert not imported.case.findings
        assert reason in reasons(imported)["entry[0]"]


def test_the_peak_of_creatine_kinase_counts(shipped: Net) -> None:
    imported = read_patient(bundle(creatine_kinase(180), creatine_kinase(4000), creatine_kinase(900)), "f", shipped)
    assert imported.case.findings["ck_level"] == 20


def test_a_value_beyond_what_was_measured_leaves_the_higher_states(shipped: Net) -> None:
    imported = read_patient(bundle(creatine_kinase(4000, comparator=">")), "file", shipped)
    assert imported.case.findings["ck_level"] == ["high", "very_high"]


def test_words_and_numbers_on_creatine_kinase_are_taken_together(shipped: Net) -> None:
    raised, highly = feature("HP:0003236"), feature("HP:0030234")
    assert read_patient(packet(raised), "f", shipped).case.findings["ck_level"] == [
        "mild", "moderate", "high", "very_high"]  # fmt: skip
    assert read_patient(packet(raised, highly), "f", shipped).case.findings["ck_level"] == ["mild", "moderate", "high"]
    assert read_patient(packet(feature("HP:0003236", excluded=True)), "f", shipped).case.findings == {
        "ck_level": "normal"}  # fmt: skip


# Age at onset


def weakness(**onset: Any) -> dict[str, Any]:
    return packet(feature("HP:0003701", **onset), feature("HP:0002664", excluded=True))


def test_the_earliest_of_the_first_symptoms_is_the_onset(shipped: Net) -> None:
    ages = [{"onset": {"age": {"iso8601duration": f"P{years}Y"}}} for years in (61, 58, 20)]
    content = packet(
        feature("HP:0003701", **ages[0]), feature("HP:0040324", **ages[1]), feature("HP:0002020", **ages[2])
    )
    assert (
        read_patient(content, "file", shipped).case.findings["age_at_onset"] == 58
    )  # reflux at 20 is no first symptom


def test_a_range_of_ages_within_one_interval_is_that_interval(shipped: Net) -> None:
    def aged(low: str, high: str) -> object:
        onset = {"ageRange": {"start": {"iso8601duration": low}, "end": {"iso8601duration": high}}}
        return read_patient(weakness(onset=onset), "file", shipped).case.findings["age_at_onset"]

    assert aged("P41Y", "P47Y") == "40-49"
    assert aged("P41Y", "P52Y") == ["40-49", "50-64"]


@pytest.mark.parametrize(
    ("onset", "reason"),
    [
        ({"timestamp": "2019-03-01T00:00:00Z"}, "without a date of birth"),
        ({"age": {"iso8601duration": "fifty"}}, "not an age"),
        ({"age": {"iso8601duration": "P500Y"}}, "not a plausible age"),
        ({"ontologyClass": {"id": "HP:0003581", "label": "Adult onset"}}, "class of ages"),
    ],
)
def test_an_onset_that_gives_no_age_is_reported(shipped: Net, onset: dict[str, Any], reason: str) -> None:
    imported = read_patient(weakness(onset=onset), "file", shipped)
    assert "age_at_onset" not in imported.case.findings
    assert reason in reasons(imported)["phenotypicFeatures[0].type, onset"]


@pytest.mark.parametrize(("unit", "years"), [("a", 30), ("mo", 360), ("wk", 1566), ("d", 10958)])
def test_an_age_is_the_same_in_every_unit(shipped: Net, unit: str, years: float) -> None:
    coding = {"system": "http://snomed.info/sct", "code": "249939004"}
    age = {"value": years, "code": unit, "system": "http://unitsofmeasure.org"}
    condition = {"resourceType": "Condition", "code": {"coding": [coding]}, "onsetAge": age}
    assert read_patient(bundle({"resource": condition}), "f", shipped).case.findings["age_at_onset"] == 30


# Codes that contradict or do not decide


def test_contradicting_statements_leave_the_finding_unknown(shipped: Net) -> None:
    imported = read_patient(packet(feature("HP:0040324"), feature("HP:0040324", excluded=True)), "file", shipped)
    assert not imported.case.findings
    assert all("left unknown" in item.reason for item in imported.left_out)
    assert len(imported.left_out) == 2


def test_a_marker_raised_once_is_raised(shipped: Net) -> None:
    normal, high = ({"value": v, "unit": "U/L"} for v in (20, 400))
    limits = [{"high": {"value": 40, "unit": "U/L"}}]
    entries = [observation("1742-6", valueQuantity=q, referenceRange=limits) for q in (normal, high)]
    assert read_patient(bundle(*entries), "file", shipped).case.findings == {"transaminases": "elevated"}


def test_the_absence_of_one_cancer_does_not_exclude_cancer(shipped: Net) -> None:
    assert not read_patient(packet(feature("HP:0003002", excluded=True)), "file", shipped).case.findings
    assert not read_patient(packet(feature("HP:0002664")), "file", shipped).case.findings  # may be benign
    findings = read_patient(packet(feature("HP:0003002"), feature("HP:0002664")), "file", shipped).case.findings
    assert findings == {"cancer": "present"}


def test_a_raised_thyrotropin_is_not_yet_overt_hypothyroidism(shipped: Net) -> None:
    def thyrotropin(value: float) -> dict[str, Any]:
        quantity = {"value": value, "unit": "m[IU]/L"}
        limits = [{"high": {"value": 4.5, "unit": "m[IU]/L"}}]
        return bundle(observation("3016-3", valueQuantity=quantity, referenceRange=limits))

    assert read_patient(thyrotropin(2.0), "file", shipped).case.findings == {"tsh": "normal"}
    raised = read_patient(thyrotropin(7.0), "file", shipped)
    assert not raised.case.findings
    assert "subclinical" in raised.left_out[0].reason


def test_unconfirmed_and_undecided_are_no_evidence(shipped: Net) -> None:
    undecided = {"coding": [{"system": "http://snomed.info/sct", "code": "82334004"}]}
    imported = read_patient(bundle(observation("8076-2", valueCodeableConcept=undecided)), "file", shipped)
    assert not imported.case.findings
    condition = {"resourceType": "Condition", "verificationStatus": {"coding": [{"code": "provisional"}]},
                 "code": {"coding": [{"system": "http://snomed.info/sct", "code": "40739000"}]}}  # fmt: skip
    imported = read_patient(bundle({"resource": condition}), "file", shipped)
    assert not imported.case.findings
    assert imported.left_out[0].reason == "not confirmed"
