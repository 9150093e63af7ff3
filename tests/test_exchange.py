"""Patients from Phenopackets and FHIR bundles: what is taken over, what is told, and what never leaves the file."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import InputError, Net
from model.exchange import Imported, read_patient, read_patient_file
from model.json_text import parse_json

EXAMPLES = Path(__file__).parent / "exchange"
EXAMPLE_FILES = ("phenopacket.json", "phenopacket_version_1.json", "bundle.json")
IDENTIFIERS = ("Rosalind", "Example", "4711", "0815", "1961", "Musterfrau", "Erika", "90210", "123456", "Heidestrasse",
               "Koeln", "1958", "pat-1", "11111111")  # fmt: skip


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def reasons(imported: Imported) -> dict[str, str]:
    return {left.place: left.reason for left in imported.left_out}


def packet(*features: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "x", "subject": {"id": "y"}, "phenotypicFeatures": list(features), **more}


def feature(code: str, **more: Any) -> dict[str, Any]:
    return {"type": {"id": code, "label": "label"}, **more}


def observation(code: str, **more: Any) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": code}
    return {"resource": {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, **more}}


def bundle(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}


def creatine_kinase(value: Any, high: Any = 200, unit: str = "U/L", **more: Any) -> dict[str, Any]:
    quantity = {"value": value, "unit": "U/L", **more}
    return observation("2157-6", valueQuantity=quantity, referenceRange=[{"high": {"value": high, "unit": unit}}])


# Phenopackets


def test_a_phenopacket_becomes_a_case(shipped: Net) -> None:
    imported = read_patient(example("phenopacket.json"), "file", shipped)
    assert imported.format == "phenopacket"
    assert imported.case.findings == {
        "age_at_onset": 54.0,
        "sex": "female",
        "onset_tempo": "subacute",
        "weakness_severity": "moderate",
        "proximal_arm_weakness": "present",
        "proximal_leg_weakness": "present",
        "heliotrope_rash": "present",
        "gottron_papules": "absent",
        "interstitial_lung_disease": "rapidly_progressive",
        "cancer": "absent",
        "ck_level": 20.0,
        "anti_mda5": "positive",
        "emg": "myopathic_irritable",
    }
    shipped.posterior(imported.case.findings, imported.case.setting)


def test_what_is_not_mapped_is_listed_with_its_reason(shipped: Net) -> None:
    left = reasons(read_patient(example("phenopacket.json"), "file", shipped))
    assert "no finding of this model" in left["phenotypicFeatures[8].type"]
    assert "free text" in left["phenotypicFeatures[9].type"]
    assert "upper limit" in left["measurements[2].assay"]
    assert "not the age at onset" in left["subject.timeAtLastEncounter"]


def test_an_absent_feature_that_is_left_out_is_told_as_absent(shipped: Net) -> None:
    imported = read_patient(packet(feature("HP:0001250", excluded=True), feature("HP:0001250")), "file", shipped)
    assert [item.text for item in imported.left_out] == ["HP:0001250 label (absent)", "HP:0001250 label"]


def test_schema_version_1_is_read(shipped: Net) -> None:
    findings = read_patient(example("phenopacket_version_1.json"), "file", shipped).case.findings
    assert findings["finger_flexor_weakness"] == "present"
    assert findings["heliotrope_rash"] == "absent"
    assert findings["age_at_onset"] == ["50-64", "65+"]  # after 60 years


def test_a_stated_disease_is_information_and_no_evidence(shipped: Net) -> None:
    content = example("phenopacket.json")
    imported = read_patient(content, "file", shipped)
    assert imported.case.diagnosis == "dermatomyositis"
    assert "not used as evidence" in reasons(imported)["diseases[0].term"]
    del content["diseases"]
    assert read_patient(content, "file", shipped).case.findings == imported.case.findings


def genetics(disease: str, status: str = "CAUSATIVE", acmg: str = "PATHOGENIC") -> dict[str, Any]:
    variant = {"interpretationStatus": status, "variantInterpretation": {"acmgPathogenicityClassification": acmg}}
    diagnosis = {"disease": {"id": disease, "label": "label"}, "genomicInterpretations": [variant]}
    return packet(interpretations=[{"progressStatus": "SOLVED", "diagnosis": diagnosis}])


def test_a_gene_test_is_positive_only_by_a_pathogenic_variant_that_causes_a_dystrophy(shipped: Net) -> None:
    dysferlin = read_patient(genetics("ORPHA:268"), "file", shipped)
    assert dysferlin.case.findings == {"dystrophy_gene_test": "positive"}
    assert dysferlin.case.diagnosis == "muscular_dystrophy"
    for other in (
        genetics("ORPHA:589"),
        genetics("ORPHA:268", status="CANDIDATE"),
        genetics("ORPHA:268", acmg="UNCERTAIN_SIGNIFICANCE"),
    ):
        imported = read_patient(other, "file", shipped)
        assert not imported.case.findings
        assert "interpretations[0].diagnosis.genomicInterpretations[0]" in reasons(imported)


@pytest.mark.parametrize("several", ["proband", "members"])
def test_a_family_or_cohort_is_refused(shipped: Net, several: str) -> None:
    with pytest.raises(InputError, match="one patient"):
        read_patient({"id": "f", several: {}}, "file", shipped)


def test_field_names_in_snake_case_are_the_same(shipped: Net) -> None:
    content = {"id": "x", "subject": {}, "phenotypic_features": [feature("HP:0030880", excluded=True)]}
    assert read_patient(content, "file", shipped).case.findings == {"raynaud": "absent"}


# FHIR


def test_a_bundle_becomes_a_case(shipped: Net) -> None:
    imported = read_patient(example("bundle.json"), "file", shipped)
    assert imported.format == "fhir"
    assert imported.case.findings == {
        "age_at_onset": 60.0,  # born in September 1958, weak since March 2019
        "sex": "female",
        "statin_exposure": "present",
        "proximal_arm_weakness": "present",
        "proximal_leg_weakness": "present",
        "dysphagia": "absent",
        "raynaud": "absent",
        "ck_level": 12.0,
        "transaminases": "elevated",
        "anti_jo1": "negative",
        "anti_srp": "positive",
    }
    left = reasons(imported)
    assert left["entry[3]"] == "no longer active"
    assert left["entry[10]"] == "entered in error"
    assert "another person" in left["entry[12]"]
    assert any("2 × Encounter" in item.text for item in imported.left_out)


def test_every_resource_of_a_bundle_is_mapped_or_told(shipped: Net) -> None:
    imported = read_patient(example("bundle.json"), "file", shipped)
    told = {item.place.split(".")[0].split(",")[0] for item in (*imported.mapped, *imported.left_out)}
    entries = example("bundle.json")["entry"]
    assert {f"entry[{i}]" for i, e in enumerate(entries) if e["resource"]["resourceType"] != "Encounter"} <= told


def test_a_bundle_of_two_patients_is_refused(shipped: Net) -> None:
    patient = {"resource": {"resourceType": "Patient", "gender": "male"}}
    with pytest.raises(InputError, match="one patient"):
        read_patient(bundle(patient, patient), "file", shipped)
    about = [observation("2157-6", subject={"reference": f"Patient/{i}"}) for i in (1, 2)]
    with pytest.raises(InputError, match="one patient"):
        read_patient(bundle(*about), "file", shipped)


def test_a_single_resource_is_refused(shipped: Net) -> None:
    with pytest.raises(InputError, match="Bundle is expected"):
        read_patient({"resourceType": "Patient"}, "file", shipped)


# Creatine kinase


@given(value=st.floats(0.1, 50_000), limit=st.floats(20, 1000))
def test_creatine_kinase_is_the_multiple_of_its_own_upper_limit(shipped: Net, value: float, limit: float) -> None:
    findings = read_patient(bundle(creatine_kinase(value, limit)), "file", shipped).case.findings
    assert findings["ck_level"] == pytest.approx(value / limit, abs=5e-4)


def test_creatine_kinase_without_a_limit_or_in_another_unit_is_left_out(shipped: Net) -> None:
    without = observation("2157-6", valueQuantity={"value": 900, "unit": "U/L"})
    other_unit = creatine_kinase(15, 3.2, unit="ukat/L")
    for entry, reason in ((without, "upper limit"), (other_unit, "another unit")):
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
def test_an_onset_that_gives_no_age_is_told(shipped: Net, onset: dict[str, Any], reason: str) -> None:
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


# Privacy


@pytest.mark.parametrize("name", EXAMPLE_FILES)
def test_nothing_that_identifies_the_patient_leaves_the_file(shipped: Net, name: str) -> None:
    imported = read_patient_file(EXAMPLES / name, shipped)
    assert imported.case.id == ""
    assert not imported.case.about
    for identifier in IDENTIFIERS:
        assert identifier.lower() not in repr(imported).lower()


def test_faults_do_not_repeat_values_of_the_patient(shipped: Net) -> None:
    content = example("bundle.json")
    content["entry"][0]["resource"]["birthDate"] = ["Musterfrau"]
    with pytest.raises(InputError) as fault:
        read_patient(content, "file", shipped)
    assert "Musterfrau" not in str(fault.value)
    assert "birthDate" in str(fault.value)


# A case of this project, and what is no patient


def test_a_case_comes_back_as_it_is(shipped: Net) -> None:
    content = {"id": "a", "setting": shipped.vocabulary.settings[1], "findings": {"ck_level": 3, "fever": None}}
    imported = read_patient(content, "file", shipped)
    assert imported.format == "case"
    assert imported.case.findings == content["findings"]
    assert [m.finding for m in imported.mapped] == ["ck_level"]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"findings": ', b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_broken_files_are_told_in_one_sentence(raw: bytes) -> None:
    with pytest.raises(InputError, match=r"^file:"):
        parse_json(raw, "file")


@pytest.mark.parametrize("content", [[], "text", 3, None, {}, {"resourceType": 7}, {"subject": [1]}])
def test_what_is_no_patient_is_refused(shipped: Net, content: object) -> None:
    with pytest.raises(InputError, match=r"^file"):
        read_patient(content, "file", shipped)


def test_too_deep_a_file_is_refused(shipped: Net) -> None:
    content: object = {}
    for _ in range(500):
        content = {"findings": content}
    with pytest.raises(InputError, match="nested deeper"):
        read_patient(content, "file", shipped)


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["HP:0003701", "2157-6", "P5Y", "1960-13-40", "Bundle", "Observation", "Patient", "final", "a"])
)  # fmt: skip
FIELDS = st.sampled_from(
    [
        "id",
        "findings",
        "resourceType",
        "entry",
        "resource",
        "subject",
        "phenotypicFeatures",
        "measurements",
        "diseases",
        "type",
        "severity",
        "modifiers",
        "onset",
        "age",
        "code",
        "coding",
        "system",
        "value",
        "valueQuantity",
        "referenceRange",
        "high",
        "unit",
        "birthDate",
        "setting",
        "ck_level",
        "medicalActions",
        "treatment",
        "agent",
        "status",
        "component",
        "interpretation",
        "fullUrl",
        "reference",
    ]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=25
)


@given(content=VALUES)
def test_any_json_gives_an_import_or_a_fault_that_is_told(shipped: Net, content: object) -> None:
    try:
        assert isinstance(read_patient(content, "file", shipped), Imported)
    except InputError as fault:
        assert str(fault)


@given(name=st.sampled_from(EXAMPLE_FILES), data=st.data())
def test_a_damaged_example_gives_an_import_or_a_fault_that_is_told(
    shipped: Net, name: str, data: st.DataObject
) -> None:
    content = copy.deepcopy(example(name))
    place: Any = content
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(VALUES)
            break
        place = place[key]
    try:
        shipped.posterior(read_patient(content, "file", shipped).case.findings)
    except InputError as fault:
        assert str(fault)
