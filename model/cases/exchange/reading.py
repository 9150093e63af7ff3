"""One patient from a file: a case of this project, a GA4GH Phenopacket or a FHIR R4 Bundle."""

from difflib import get_close_matches
from pathlib import Path

from model.cases.case import CASE_FIELDS, Case, parse_case
from model.cases.exchange.codes import Exchange, read_exchange
from model.cases.exchange.combine import combine
from model.cases.exchange.fhir import read_bundle
from model.cases.exchange.interpret import Reading, interpret, read_onset
from model.cases.exchange.phenopacket import read_phenopacket
from model.cases.exchange.records import Imported, LeftOut, Mapped, Record, Statement
from model.cases.exchange.shape import check_depth
from model.errors import InputError
from model.inference.evidence import is_unknown
from model.inference.net import Net
from model.io.files import readable
from model.io.json_text import parse_json
from model.priors.vocabulary import Vocabulary

LARGEST_FILE = 20_000_000  # bytes; a bundle of one patient's whole record is a fraction of this
EXPECTED = "expected a case with 'findings', a GA4GH Phenopacket, or a FHIR Bundle"
PHENOPACKET_FIELDS = ("phenotypicFeatures", "phenotypic_features", "subject", "proband", "members")


def read_patient_file(path: Path, net: Net) -> Imported:
    """One patient from a JSON file; raises InputError naming file, place and what was expected."""
    with readable(path):
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path.name}: larger than {LARGEST_FILE // 1_000_000} MB; not the file of one patient")
        raw = path.read_bytes()
    return read_patient(parse_json(raw, path.name), path.name, net)


def read_patient(content: object, place: str, net: Net) -> Imported:
    """A patient from parsed JSON; `place` names the file in errors.

    A case keeps what it says. From the other formats nothing that identifies the patient is taken over, excluded
    features count as absent, a diagnosis is kept as information and is no evidence, and all that did not become
    evidence is listed in `left_out` with its reason.
    """
    check_depth(content, place)
    if not isinstance(content, dict):
        raise InputError(f"{place}: a JSON object is needed; {EXPECTED}")
    if "resourceType" in content:
        exchange = read_exchange(net.priors)
        return to_case(read_bundle(content, place, exchange), exchange, net.vocabulary)
    if any(name in content for name in PHENOPACKET_FIELDS):
        exchange = read_exchange(net.priors)
        return to_case(read_phenopacket(content, place, exchange), exchange, net.vocabulary)
    if not any(get_close_matches(str(name), CASE_FIELDS, 1, 0.8) for name in content):
        raise InputError(f"{place}: this kind of file is not known; {EXPECTED}")
    case = parse_case(content, place, net.vocabulary)
    known = {name: value for name, value in case.findings.items() if not is_unknown(value)}
    return Imported(case, "case", tuple(Mapped(f"findings.{f}", f, f, value) for f, value in known.items()), ())


def to_case(record: Record, exchange: Exchange, vocabulary: Vocabulary) -> Imported:
    """The statements of a file as a case without an id."""
    readings: list[Reading] = []
    left_out: list[LeftOut] = []
    for statement in record.statements:
        found, without = interpret(statement, exchange, vocabulary)
        readings += found
        left_out += without
    ages, without = read_onset(record.statements, readings, exchange, vocabulary)
    readings, left_out = readings + ages, left_out + without
    findings, mapped, overruled = combine(readings, exchange.rules, vocabulary)
    case = Case("", findings, diagnosis=_diagnosis(record.statements, exchange))
    return Imported(case, record.format, tuple(mapped), (*left_out, *overruled, *record.left_out))


def _diagnosis(statements: tuple[Statement, ...], exchange: Exchange) -> str | None:
    """The one diagnosis of this model that the file states, if it is one."""
    stated = {
        exchange.diseases[code]
        for statement in statements
        if statement.says and not statement.reason
        for code in statement.concept.codes
        if code in exchange.diseases
    }
    return stated.pop() if len(stated) == 1 else None
