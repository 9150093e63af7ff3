"""Reads one patient from a file: a case of this project, a GA4GH Phenopacket or a FHIR R4 Bundle."""

from difflib import get_close_matches
from pathlib import Path

from model.cases.case import CASE_FIELDS, Case, parse_case
from model.cases.exchange.codes import Exchange, read_exchange
from model.cases.exchange.combine import combine
from model.cases.exchange.fhir import read_bundle
from model.cases.exchange.interpret import Reading, beside_muscle_signs, interpret
from model.cases.exchange.onset import read_onset
from model.cases.exchange.phenopacket import read_phenopacket
from model.cases.exchange.records import Imported, LeftOut, Mapped, Record, Statement
from model.cases.exchange.shape import check_depth
from model.errors import InputError
from model.inference.evidence import is_unknown
from model.inference.net import Net
from model.io.files import readable
from model.io.json_text import parse_json
from model.priors.vocabulary import Vocabulary

LARGEST_FILE = 20_000_000  # bytes; the whole record of one patient is far smaller
EXPECTED = "expected a case with 'findings', a GA4GH Phenopacket, or a FHIR Bundle"
PHENOPACKET_FIELDS = ("phenotypicFeatures", "phenotypic_features", "subject", "proband", "members")


def read_patient_file(path: Path, net: Net) -> Imported:
    """One patient from a JSON file. Raises InputError naming the file, the field and what was expected."""
    with readable(path):
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path.name}: larger than {LARGEST_FILE // 1_000_000} MB; not the file of one patient")
        raw = path.read_bytes()
    return read_patient(parse_json(raw, path.name), path.name, net)


def read_patient(content: object, where: str, net: Net) -> Imported:
    """A patient from parsed JSON. `where`: the name of the file, for messages.

    A case is taken as it is. From the other formats, data that identify the patient are ignored, excluded features
    count as absent, and a diagnosis is kept as information, not used as evidence. `left_out` lists every statement
    that did not become evidence, with the reason.
    """
    check_depth(content, where)
    if not isinstance(content, dict):
        raise InputError(f"{where}: a JSON object is needed; {EXPECTED}")
    if "resourceType" in content:
        exchange = read_exchange(net.priors)
        return to_case(read_bundle(content, where, exchange), exchange, net.vocabulary)
    if any(name in content for name in PHENOPACKET_FIELDS):
        exchange = read_exchange(net.priors)
        return to_case(read_phenopacket(content, where, exchange), exchange, net.vocabulary)
    if not any(get_close_matches(str(name), CASE_FIELDS, 1, 0.8) for name in content):
        raise InputError(f"{where}: not a patient file; {EXPECTED}")
    case = parse_case(content, where, net.vocabulary)
    known = {name: value for name, value in case.findings.items() if not is_unknown(value)}
    return Imported(case, "case", tuple(Mapped(f"findings.{f}", f, f, value) for f, value in known.items()), ())


def to_case(record: Record, exchange: Exchange, vocabulary: Vocabulary) -> Imported:
    """Make a case without an id from the statements of a file."""
    readings: list[Reading] = []
    left_out: list[LeftOut] = []
    for statement in record.statements:
        if statement.onset and statement.onset.at_latest:
            continue  # an age alone: see read_onset
        found, without = interpret(statement, exchange, vocabulary)
        readings += found
        left_out += without
    readings, without = beside_muscle_signs(readings, exchange, vocabulary)
    left_out += without
    ages, without = read_onset(record.statements, readings, exchange, vocabulary)
    readings, left_out = readings + ages, left_out + without
    findings, mapped, overruled = combine(readings, exchange.rules, vocabulary)
    case = Case("", findings, diagnosis=_diagnosis(record.statements, exchange))
    return Imported(case, record.format, tuple(mapped), (*left_out, *overruled, *record.left_out))


def _diagnosis(statements: tuple[Statement, ...], exchange: Exchange) -> str | None:
    """The diagnosis that the file states; None if it states none of this model, or several."""
    stated = {
        exchange.diseases[code]
        for statement in statements
        if statement.present and not statement.reason
        for code in statement.concept.codes
        if code in exchange.diseases
    }
    return stated.pop() if len(stated) == 1 else None
