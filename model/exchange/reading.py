"""One patient from a file: a case of this project, a GA4GH Phenopacket or a FHIR R4 Bundle."""

import json
from pathlib import Path
from typing import Any

from model.cases import parse_case
from model.errors import InputError
from model.exchange.records import Imported, Mapped
from model.exchange.shape import check_depth
from model.net import Net

LARGEST_FILE = 20_000_000  # bytes; a bundle of one patient's whole record is a tenth of this
EXPECTED = "expected a case with 'findings', a GA4GH Phenopacket, or a FHIR Bundle"


def read_patient_file(path: Path, net: Net) -> Imported:
    """One patient from a JSON file; raises InputError naming file, place and what was expected."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path.name}: larger than {LARGEST_FILE // 1_000_000} MB; not the file of one patient")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from None
    return read_patient(parse_json(raw, path.name), path.name, net)


def parse_json(raw: bytes, place: str) -> Any:
    """The content of a JSON file; raises InputError for anything else."""
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 text ({error.reason})") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{place}: not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise InputError(f"{place}: nested too deep; not a patient file") from None
    except ValueError:  # a number of thousands of digits
        raise InputError(f"{place}: not JSON (a number is too long)") from None


def read_patient(content: object, place: str, net: Net) -> Imported:
    """A patient from parsed JSON; `place` names the file in errors.

    A case keeps what it says. From the other formats nothing that identifies the patient is taken over, and
    all that did not become evidence is listed in `left_out` with its reason.
    """
    check_depth(content, place)
    if not isinstance(content, dict):
        raise InputError(f"{place}: a JSON object is needed; {EXPECTED}")
    if "resourceType" in content:
        return _unfinished(place, "FHIR")
    if "phenotypicFeatures" in content or "phenotypic_features" in content or "subject" in content:
        return _unfinished(place, "Phenopacket")
    if "findings" not in content:
        raise InputError(f"{place}: this kind of file is not known; {EXPECTED}")
    case = parse_case(content, place, net.vocabulary)
    mapped = tuple(Mapped(f"findings.{name}", name, name, value) for name, value in case.findings.items())
    return Imported(case, "case", mapped, ())


def _unfinished(place: str, kind: str) -> Imported:
    raise InputError(f"{place}: a {kind} file cannot be read yet")
