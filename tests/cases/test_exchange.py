"""Patients from Phenopackets and FHIR bundles: what is imported, what is reported, and what never leaves the file."""

import pytest

from model import InputError, Net
from model.cases.exchange import read_patient, read_patient_file
from tests.helpers.exchange_files import (
    EXAMPLE_FILES,
    IDENTIFIERS,
    bundle,
    example,
    feature,
    genetics,
    observation,
    packet,
    reasons,
)
from tests.helpers.places import EXCHANGE

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


def test_an_absent_feature_that_is_left_out_is_reported_as_absent(shipped: Net) -> None:
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


def test_every_resource_of_a_bundle_is_mapped_or_reported(shipped: Net) -> None:
    imported = read_patient(example("bundle.json"), "file", shipped)
    reported = {item.where.split(".")[0].split(",")[0] for item in (*imported.mapped, *imported.left_out)}
    entries = example("bundle.json")["entry"]
    assert {f"entry[{i}]" for i, e in enumerate(entries) if e["resource"]["resourceType"] != "Encounter"} <= reported


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


# Privacy


@pytest.mark.parametrize("name", EXAMPLE_FILES)
def test_nothing_that_identifies_the_patient_leaves_the_file(shipped: Net, name: str) -> None:
    imported = read_patient_file(EXCHANGE / name, shipped)
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
