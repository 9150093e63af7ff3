"""What a FHIR resource does not state, whatever it seems to: status, intent, modifiers, versions, other people."""

from typing import Any

import pytest

from model import InputError, Net
from model.cases.exchange import read_patient
from tests.helpers.exchange_files import (
    bundle,
    coded,
    condition,
    creatine_kinase,
    medication,
    observation,
    patient,
    reasons,
    resource,
)

MODIFIER = [{"url": "http://example.org/not-present", "valueBoolean": True}]
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
REFUTED = coded(VERIFICATION, "refuted")
WRONG = {"verificationStatus": coded(VERIFICATION, "entered-in-error")}
LOST = [{"coding": [{"display": "Drug not taken - patient lost tablets"}]}]


def read(net: Net, *entries: dict[str, Any]) -> tuple[dict[str, object], str]:
    """The findings apart from the sex, and the first reason why something was left out."""
    imported = read_patient(bundle(patient(), *entries), "file", net)
    findings = {name: value for name, value in imported.case.findings.items() if name != "sex"}
    return findings, imported.left_out[0].reason if imported.left_out else ""


# Modifiers


@pytest.mark.parametrize(
    "entry",
    [
        condition(modifierExtension=MODIFIER),
        condition(implicitRules="http://example.org/rules"),
        resource(
            "Condition",
            code={"coding": [{"system": "http://human-phenotype-ontology.org", "code": "HP:0002015",
                              "modifierExtension": MODIFIER}]},
        ),
        condition(severity={"coding": [], "modifierExtension": MODIFIER}),
        medication(modifierExtension=MODIFIER),
        medication(dosageInstruction=[{"text": "x", "modifierExtension": MODIFIER}]),
        {**condition(), "modifierExtension": MODIFIER},
        observation("8076-2", valueBoolean=True, modifierExtension=MODIFIER),
    ],
)  # fmt: skip
def test_what_an_unknown_modifier_changes_is_not_used(shipped: Net, entry: dict[str, Any]) -> None:
    findings, reason = read(shipped, entry)
    assert not findings
    assert "not understood (modifierExtension" in reason


def test_a_modifier_of_one_component_or_range_leaves_the_others(shipped: Net) -> None:
    panel = observation("1-8", component=[
        {"code": coded("http://loinc.org", "8076-2"), "valueBoolean": True, "modifierExtension": MODIFIER},
        {"code": coded("http://loinc.org", "33921-8"), "valueBoolean": True},
    ])  # fmt: skip
    assert read(shipped, panel)[0] == {"anti_srp": "positive"}
    two = creatine_kinase(5000)
    two["resource"]["referenceRange"].append({"high": {"value": 100}, "modifierExtension": MODIFIER})
    assert read(shipped, two)[0] == {"ck_level": 25}


def test_nothing_is_taken_from_a_modified_patient_or_bundle(shipped: Net) -> None:
    entry = patient(modifierExtension=MODIFIER)
    onset = condition("HP:0003701", onsetDateTime="2000-01-01")
    assert "sex" not in read_patient(bundle(entry, onset), "file", shipped).case.findings
    assert "age_at_onset" not in read_patient(bundle(entry, onset), "file", shipped).case.findings
    with pytest.raises(InputError, match="not understood"):
        read_patient({**bundle(patient()), "implicitRules": "http://example.org"}, "file", shipped)


# Verification and course of a Condition


@pytest.mark.parametrize(
    ("status", "value"),
    [
        ({"coding": [{"system": "http://local.example", "code": "X9"}, *REFUTED["coding"]]}, "absent"),
        ({"text": "Refuted"}, "absent"),
        ({"text": "ruled out"}, "absent"),
        (coded("http://snomed.info/sct", "410516002"), "absent"),
        (coded(VERIFICATION, "confirmed"), "present"),
        (coded(VERIFICATION, "confirmed", text="Confirmed by the neurologist"), "present"),
        (coded(VERIFICATION, "provisional"), None),
        ({"text": "suspected"}, None),
        (coded(VERIFICATION, "confirmed", text="refuted"), None),
        (coded("http://local.example", "X9"), None),
        ({"coding": [{"system": VERIFICATION, "code": "confirmed"}, *WRONG["verificationStatus"]["coding"]]}, None),
    ],
)  # fmt: skip
def test_verification_counts_in_any_coding_and_in_words(
    shipped: Net, status: dict[str, Any], value: str | None
) -> None:
    findings, reason = read(shipped, condition(verificationStatus=status))
    assert findings == ({"dysphagia": value} if value else {})
    assert value or reason


@pytest.mark.parametrize(
    ("more", "used"),
    [
        ({"clinicalStatus": {"coding": [{"code": "local"}, {"code": "resolved"}]}}, False),
        ({"clinicalStatus": {"text": "In remission"}}, False),
        ({"clinicalStatus": {"text": "inactive"}}, False),
        ({"clinicalStatus": {"text": "Active"}}, True),
        ({"abatementDateTime": "2019-01-01"}, False),
        ({"abatementDateTime": "2019-01-01", "clinicalStatus": {"coding": [{"code": "active"}]}}, True),
    ],
)
def test_a_condition_that_is_over_is_left_out(shipped: Net, more: dict[str, Any], used: bool) -> None:
    assert bool(read(shipped, condition(**more))[0]) == used


# Medications: taken or not


@pytest.mark.parametrize(
    ("kind", "more", "taken"),
    [
        ("MedicationRequest", {"doNotPerform": True}, False),
        ("MedicationRequest", {"prohibited": True}, False),
        ("MedicationRequest", {"intent": "proposal"}, False),
        ("MedicationRequest", {"intent": "plan"}, False),
        ("MedicationRequest", {"intent": "option"}, False),
        ("MedicationRequest", {"intent": "instance-order"}, True),
        ("MedicationRequest", {"status": "draft"}, False),
        ("MedicationRequest", {"status": "cancelled"}, False),
        ("MedicationRequest", {"status": "on-hold"}, False),
        ("MedicationRequest", {"status": "unknown"}, False),
        ("MedicationRequest", {"status": "completed"}, True),
        ("MedicationRequest", {"status": "stopped"}, True),
        ("MedicationRequest", {"status": "stopped", "statusReason": {"text": "Never taken by the patient"}}, False),
        ("MedicationStatement", {"status": "intended"}, False),
        ("MedicationStatement", {"status": "not-taken"}, False),
        ("MedicationStatement", {"status": "unknown"}, False),
        ("MedicationStatement", {"status": "on-hold"}, True),
        ("MedicationStatement", {"adherence": {"code": {"coding": [{"code": "not-taking"}]}}}, False),
        ("MedicationStatement", {"adherence": {"code": {"coding": [{"code": "taking"}]}}}, True),
        ("MedicationStatement", {"statusReason": LOST}, False),
        ("MedicationAdministration", {"status": "not-done"}, False),
        ("MedicationAdministration", {"status": "completed"}, True),
        ("MedicationDispense", {"status": "completed"}, True),
        ("MedicationDispense", {"status": "preparation"}, False),
        ("MedicationDispense", {"status": "declined"}, False),
    ],
)  # fmt: skip
def test_only_what_was_taken_is_an_exposure(shipped: Net, kind: str, more: dict[str, Any], taken: bool) -> None:
    findings, reason = read(shipped, medication(kind, **more))
    assert findings == ({"statin_exposure": "present"} if taken else {})
    assert taken or reason


# Medications: which drug

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (RXNORM, "36567"),
        (RXNORM, "312961"),
        (RXNORM, "617318"),
        (RXNORM, "597967"),
        ("http://www.whocc.no/atc", "C10AA08"),
        ("http://www.whocc.no/atc", "C10AA"),
        ("http://www.whocc.no/atc", "C10BA05"),
        ("http://www.whocc.no/atc", "C10BX03"),
        ("http://snomed.info/sct", "387584000"),
        ("http://snomed.info/sct", "319997009"),
        ("http://snomed.info/sct", "96302009"),
        ("http://purl.obolibrary.org/obo/chebi.owl", "CHEBI:39548"),
        ("DrugCentral", "DrugCentral:2406"),
        ("urn:oid:2.16.840.1.113883.6.88", "301542"),
    ],
)
def test_a_statin_is_known_in_every_terminology(shipped: Net, system: str, code: str) -> None:
    assert read(shipped, medication(medicationCodeableConcept=coded(system, code)))[0] == {"statin_exposure": "present"}


def test_a_lipid_drug_without_a_statin_is_none(shipped: Net) -> None:
    bempedoic = coded("http://www.whocc.no/atc", "C10BA10")
    assert not read(shipped, medication(medicationCodeableConcept=bempedoic))[0]


def test_a_corticosteroid_may_be_the_treatment(shipped: Net) -> None:
    findings, reason = read(shipped, medication(medicationCodeableConcept=coded("http://www.whocc.no/atc", "H02AB07")))
    assert not findings
    assert "before the weakness or to treat it" in reason


STATIN = {"resourceType": "Medication", "id": "m1", "code": coded("http://www.whocc.no/atc", "C10AA01")}
MIXED = {
    "resourceType": "Medication",
    "id": "m1",
    "code": {"text": "a mixture"},
    "ingredient": [
        {"itemCodeableConcept": coded(RXNORM, "1191")},
        {"itemCodeableConcept": coded(RXNORM, "83367")},
    ],
}


@pytest.mark.parametrize("drug", [STATIN, MIXED])
@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("urn:uuid:m", "urn:uuid:m"),
        ("Medication/m1", "http://x/Medication/m1"),
        ("Medication/m1", ""),
        ("Medication/m1/_history/3", "http://x/Medication/m1"),
        ("http://x/Medication/m1", "http://x/Medication/m1"),
        ("http://x/Medication/m1/_history/3", "http://x/Medication/m1/_history/3"),
    ],
)
def test_a_medication_is_found_by_reference(shipped: Net, drug: dict[str, Any], reference: str, address: str) -> None:
    entry = {"resource": drug, **({"fullUrl": address} if address else {})}
    for way in (
        {"medicationReference": {"reference": reference}},
        {"medication": {"reference": {"reference": reference}}},
    ):
        assert read(shipped, medication(**way), entry)[0] == {"statin_exposure": "present"}


def test_a_contained_medication_and_that_of_r5_are_read(shipped: Net) -> None:
    contained = medication(medicationReference={"reference": "#m1"}, contained=[STATIN])
    newer = medication(medication={"concept": coded("http://www.whocc.no/atc", "C10AA01")})
    for entry in (contained, newer):
        assert read(shipped, entry) == ({"statin_exposure": "present"}, "")


def test_a_medication_that_is_missing_wrong_or_taken_by_nobody_is_none(shipped: Net) -> None:
    by_reference = medication(medicationReference={"reference": "Medication/m1"})
    assert "not in the file" in read(shipped, by_reference)[1]
    for more, why in (
        ({"status": "entered-in-error"}, "in error"),
        ({"modifierExtension": MODIFIER}, "not understood"),
    ):
        findings, reason = read(shipped, by_reference, {"resource": {**STATIN, **more}})
        assert not findings
        assert why in reason
    assert read(shipped, {"resource": STATIN}) == ({}, "nothing says that the patient takes it")


# Observations: status, and about whom


@pytest.mark.parametrize("status", ["registered", "preliminary", "cancelled", "entered-in-error", "unknown"])
def test_a_result_that_is_not_final_is_left_out(shipped: Net, status: str) -> None:
    entry = creatine_kinase(5000)
    entry["resource"]["status"] = status
    assert not read(shipped, entry)[0]


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_final_result_is_used(shipped: Net, status: str) -> None:
    entry = creatine_kinase(5000)
    entry["resource"]["status"] = status
    assert read(shipped, entry)[0] == {"ck_level": 25}


@pytest.mark.parametrize(
    ("focus", "used"),
    [
        ({"reference": "RelatedPerson/mother"}, False),
        ({"display": "her mother"}, False),
        ({"reference": "Patient/p2"}, False),
        ({"reference": "Patient/p1"}, True),
        ({"reference": "urn:uuid:p1"}, True),
    ],
)
def test_a_result_about_somebody_else_is_left_out(shipped: Net, focus: dict[str, str], used: bool) -> None:
    entry = creatine_kinase(5000)
    entry["resource"]["focus"] = [focus]
    assert bool(read(shipped, entry)[0]) == used


def test_the_history_of_a_family_is_not_that_of_the_patient(shipped: Net) -> None:
    relative = resource("FamilyMemberHistory", status="completed", condition=[{"code": {"text": "myopathy"}}])
    assert read(shipped, relative) == ({}, "about a relative, not the patient")


# Versions


def versioned(number: str, time: str = "", **more: Any) -> dict[str, Any]:
    meta = {name: value for name, value in (("versionId", number), ("lastUpdated", time)) if value}
    return {**condition(id="c", meta=meta, **more), "fullUrl": "http://x/Condition/c"}


EARLY, LATE = "2020-01-01T10:00:00Z", "2020-01-01T11:30:00+01:00"
DELETE = {"fullUrl": "http://x/Condition/c", "request": {"method": "DELETE", "url": "Condition/c"}}


@pytest.mark.parametrize(
    "entries",
    [
        [versioned("2", **WRONG), versioned("1")],
        [versioned("1"), versioned("2", **WRONG)],
        [versioned("9"), versioned("10", **WRONG)],
        [versioned("", EARLY), versioned("", LATE, **WRONG)],
        [versioned("", **WRONG), versioned("")],
        [DELETE, versioned("1")],
        [{**versioned("1"), "request": {"method": "DELETE", "url": "Condition/c"}}],
    ],
)
def test_only_the_newest_version_counts(shipped: Net, entries: list[dict[str, Any]]) -> None:
    content = {**bundle(patient(), *entries), "type": "history"}
    imported = read_patient(content, "file", shipped)
    assert imported.case.findings == {"sex": "female"}
    assert all(item.reason in ("entered in error", "an older version of this resource", "deleted")
               for item in imported.left_out)  # fmt: skip


def test_a_corrected_version_counts(shipped: Net) -> None:
    for order in ([versioned("1", **WRONG), versioned("2")], [versioned("2"), versioned("1", **WRONG)]):
        assert read(shipped, *order)[0] == {"dysphagia": "present"}
    recreated = [versioned("3"), DELETE, versioned("1")]
    content = {**bundle(patient(), *recreated), "type": "history"}
    assert read_patient(content, "file", shipped).case.findings["dysphagia"] == "present"


def test_versions_of_the_patient_are_one_patient(shipped: Net) -> None:
    old = patient(gender="male", meta={"versionId": "1"})
    new = patient(gender="female", meta={"versionId": "2"})
    assert read_patient(bundle(old, new), "file", shipped).case.findings == {"sex": "female"}


@pytest.mark.parametrize(
    "entry",
    [
        condition(clinicalStatus="active"),
        condition(verificationStatus="confirmed"),
        condition(assertedDate="2015-01-01"),
        medication("MedicationStatement", taken="y"),
        resource("MedicationOrder", status="active"),
        observation("2157-6", interpretation=coded("http://hl7.org/fhir/v2/0078", "H")),
        condition(meta={"profile": ["http://hl7.org/fhir/STU3/StructureDefinition/Condition"]}),
    ],
)
def test_an_older_version_of_fhir_is_named(shipped: Net, entry: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"FHIR R4, R4B or R5 is needed; .* older version"):
        read_patient(bundle(patient(), entry), "file", shipped)


def test_reasons_name_the_place(shipped: Net) -> None:
    imported = read_patient(bundle(patient(), condition(modifierExtension=MODIFIER)), "file", shipped)
    assert list(reasons(imported)) == ["entry[1]"]
