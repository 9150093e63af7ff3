"""Files that are not a patient, broken, or damaged anywhere: an import, or an error message."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import InputError, Net
from model.cases.exchange import Imported, read_patient
from model.io.json_text import parse_json
from tests.helpers.exchange_files import EXAMPLE_FILES, example


def test_a_case_comes_back_as_it_is(shipped: Net) -> None:
    content = {"id": "a", "setting": shipped.vocabulary.settings[1], "findings": {"ck_level": 3, "fever": None}}
    imported = read_patient(content, "file", shipped)
    assert imported.format == "case"
    assert imported.case.findings == content["findings"]
    assert [m.finding for m in imported.mapped] == ["ck_level"]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"findings": ', b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_broken_files_give_one_sentence(raw: bytes) -> None:
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
    | st.sampled_from(["HP:0003701", "2157-6", "5048-4", "P5Y", "1960-13-40", "Bundle", "Observation", "Patient",
                       "MedicationRequest", "Medication", "Medication/m", "#m", "final", "a", "1:640", "> 5"])
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
        "appliesTo",
        "low",
        "focus",
        "contained",
        "meta",
        "versionId",
        "lastUpdated",
        "request",
        "method",
        "medicationReference",
        "medication",
        "ingredient",
        "verificationStatus",
        "abatementDateTime",
        "valueRatio",
        "numerator",
        "denominator",
        "valueRange",
        "valueString",
        "valueCodeableConcept",
        "text",
        "modifierExtension",
        "effectiveDateTime",
        "timeAtLastEncounter",
        "vitalStatus",
        "timeOfDeath",
        "gestationalAge",
        "interpretations",
        "diagnosis",
        "genomicInterpretations",
        "variantInterpretation",
    ]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=25
)


@given(content=VALUES)
def test_any_json_gives_an_import_or_a_fault_that_is_reported(shipped: Net, content: object) -> None:
    try:
        assert isinstance(read_patient(content, "file", shipped), Imported)
    except InputError as fault:
        assert str(fault)


@given(name=st.sampled_from(EXAMPLE_FILES), data=st.data())
def test_a_damaged_example_gives_an_import_or_a_fault_that_is_reported(
    shipped: Net, name: str, data: st.DataObject
) -> None:
    content = copy.deepcopy(example(name))
    parent: Any = content
    while True:
        key = data.draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
        if not isinstance(parent[key], dict | list) or not parent[key] or data.draw(st.booleans()):
            parent[key] = data.draw(VALUES)
            break
        parent = parent[key]
    try:
        shipped.posterior(read_patient(content, "file", shipped).case.findings)
    except InputError as fault:
        assert str(fault)
