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
