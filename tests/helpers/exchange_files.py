"""Phenopackets and FHIR bundles, whole examples and made of few parts."""

import json
from typing import Any

from model.cases.exchange import Imported
from tests.helpers.places import EXCHANGE

EXAMPLE_FILES = ("phenopacket.json", "phenopacket_version_1.json", "bundle.json")
IDENTIFIERS = ("Rosalind", "Example", "4711", "0815", "1961", "Musterfrau", "Erika", "90210", "123456", "Heidestrasse",
               "Koeln", "1958", "pat-1", "11111111")  # fmt: skip


def example(name: str) -> Any:
    return json.loads((EXCHANGE / name).read_text(encoding="utf-8"))


def reasons(imported: Imported) -> dict[str, str]:
    return {left.where: left.reason for left in imported.left_out}


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


def resource(kind: str, **more: Any) -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:{kind}", "resource": {"resourceType": kind, **more}}


def patient(**more: Any) -> dict[str, Any]:
    entry = resource("Patient", **{"id": "p1", "gender": "female", "birthDate": "1960-05-01", **more})
    return {**entry, "fullUrl": "urn:uuid:p1"}


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def condition(code: str = "HP:0002015", **more: Any) -> dict[str, Any]:
    """A Condition, dysphagia unless another code of HPO is given."""
    return resource("Condition", code=coded("http://human-phenotype-ontology.org", code), **more)


def medication(kind: str = "MedicationRequest", **more: Any) -> dict[str, Any]:
    """A resource about simvastatin, unless another medication is given."""
    drug = {"medicationCodeableConcept": coded("http://www.whocc.no/atc", "C10AA01")}
    intent = {"intent": "order"} if kind == "MedicationRequest" else {}
    given = any(name.startswith("medication") for name in more)
    return resource(kind, **{"status": "active", **intent, **({} if given else drug), **more})


def disease(code: str, **more: Any) -> dict[str, Any]:
    return {"term": {"id": code, "label": "label"}, **more}


def at_age(years: int) -> dict[str, Any]:
    return {"age": {"iso8601duration": f"P{years}Y"}}


def at_class(code: str) -> dict[str, Any]:
    return {"ontologyClass": {"id": code, "label": "label"}}


def genetics(disease_code: str, status: str = "CAUSATIVE", acmg: str = "PATHOGENIC", gene: str = "") -> dict[str, Any]:
    described = {"variationDescriptor": {"id": "v", **({"geneContext": {"symbol": gene}} if gene else {})}}
    variant = {"interpretationStatus": status,
               "variantInterpretation": {"acmgPathogenicityClassification": acmg, **described}}  # fmt: skip
    diagnosis = {"disease": {"id": disease_code, "label": "label"}, "genomicInterpretations": [variant]}
    return packet(interpretations=[{"progressStatus": "SOLVED", "diagnosis": diagnosis}])
