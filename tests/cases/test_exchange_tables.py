"""The tables of codes: complete, verified, and errors with file and line; other priors without them."""

import csv
import re
from dataclasses import replace

import pytest

from model import Net
from model.cases.exchange import read_patient
from model.cases.exchange.codes import read_exchange
from model.cases.exchange.records import Code
from tests.helpers.exchange_files import example, feature, packet


def rows(name: str, shipped: Net) -> list[dict[str, str]]:
    with (shipped.priors.folder / "exchange" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def loinc_is_valid(code: str) -> bool:
    """The check digit of LOINC: modulus 10 over the digits, every second from the right doubled."""
    body, check = code.split("-")
    doubled = str(int(body[::-1][::2][::-1]) * 2)
    total = sum(map(int, doubled)) + sum(map(int, body[::-1][1::2]))
    return (10 - total % 10) % 10 == int(check)


def verhoeff_is_valid(code: str) -> bool:
    """The check digit of SNOMED CT: Verhoeff's scheme over the dihedral group of order 10."""

    def times(a: int, b: int) -> int:
        rotation = (a % 5 + (b % 5 if a < 5 else -b % 5)) % 5
        return rotation + (5 if (a < 5) != (b < 5) else 0)

    permutation = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for i, digit in enumerate(map(int, reversed(code))):
        for _ in range(i % 8):
            digit = permutation[digit]
        check = times(check, digit)
    return check == 0


PATTERNS = {
    "HPO": r"HP:\d{7}",
    "OMIM": r"OMIM:\d{6}",
    "Orphanet": r"ORPHA:\d+",
    "MONDO": r"MONDO:\d{7}",
    "ATC": r"[A-Z]\d\d[A-Z]{2}\d\d",
    "NCIT": r"NCIT:C\d+",
    "LOINC": r"\d{3,7}-\d|LA\d+-\d",  # LA: an answer, whose check digit follows another scheme
    "SNOMED CT": r"\d{6,18}",
    "DrugCentral": r"DrugCentral:\d+",
    "Gene test": r"[a-z_]+ (LIKELY_)?PATHOGENIC",
    "FHIR gender": r"[a-z]+",
    "Phenopacket sex": r"[A-Z]+",
    "HL7 interpretation": r"[A-Z]+",
}


def test_the_check_digits_are_those_of_the_standards() -> None:
    assert loinc_is_valid("2951-2") and not loinc_is_valid("2951-3")
    assert verhoeff_is_valid("74400008") and not verhoeff_is_valid("74400080")


def test_every_code_has_the_form_of_its_system(shipped: Net) -> None:
    for table in ("codes.csv", "results.csv", "qualifiers.csv", "diseases.csv"):
        for row in rows(table, shipped):
            assert re.fullmatch(PATTERNS[row["system"]], row["code"]), row
            assert row["system"] != "LOINC" or row["code"].startswith("LA") or loinc_is_valid(row["code"]), row
            assert row["system"] != "SNOMED CT" or verhoeff_is_valid(row["code"]), row
            assert row["label"] and row["source"], row


def test_every_code_is_there_once(shipped: Net) -> None:
    codes = [(row["system"], row["code"]) for row in rows("codes.csv", shipped)]
    assert len(codes) == len(set(codes))
    assert not set(codes) & {(row["system"], row["code"]) for row in rows("diseases.csv", shipped)}


def test_every_finding_has_a_code_or_a_reason_why_not(shipped: Net) -> None:
    coded = {
        f for row in rows("codes.csv", shipped) if row["state"] or row["otherwise"] for f in row["finding"].split(";")
    }
    coded |= {row["finding"] for row in rows("qualifiers.csv", shipped)}
    uncoded = {row["finding"] for row in rows("uncoded.csv", shipped)}
    assert coded | uncoded == set(shipped.vocabulary.findings)
    assert not coded & uncoded
    assert all(row["reason"] for row in rows("uncoded.csv", shipped))


def test_every_name_of_the_tables_is_one_of_the_vocabulary(shipped: Net) -> None:
    exchange = read_exchange(shipped.priors)
    assert len(exchange.codes) == len(rows("codes.csv", shipped))
    assert sum(map(len, exchange.qualifiers.values())) == len(rows("qualifiers.csv", shipped))
    assert len(exchange.diseases) == len(rows("diseases.csv", shipped))
    assert {f for rule in exchange.rules.values() for f in rule} <= set(shipped.vocabulary.findings)
    systems = {system for system, _ in exchange.systems.values()}
    assert {row["system"] for t in ("codes.csv", "results.csv") for row in rows(t, shipped)} <= systems


def test_withdrawn_numbers_lead_to_a_code_of_the_tables(shipped: Net) -> None:
    exchange = read_exchange(shipped.priors)
    known = {*exchange.codes, *exchange.qualifiers, *exchange.diseases}
    assert set(exchange.older.values()) <= known
    assert not set(exchange.older) & known
    for old, now in exchange.older.items():
        read = [read_patient(packet(feature(code.code)), "f", shipped).case.findings for code in (old, now)]
        assert read[0] == read[1]


def test_a_state_that_does_not_decide_says_why(shipped: Net) -> None:
    assert all(row["note"] for row in rows("codes.csv", shipped) if not row["state"])


@pytest.mark.parametrize("written", ["HP:0003701", "0003701"])
def test_a_code_is_known_with_and_without_its_prefix(shipped: Net, written: str) -> None:
    exchange = read_exchange(shipped.priors)
    assert exchange.code("http://purl.obolibrary.org/obo/hp.owl", written) == Code("HPO", "HP:0003701")


# Other priors


def test_priors_without_codes_read_the_file_and_report_that_no_code_is_known(small: Net) -> None:
    imported = read_patient(example("phenopacket.json"), "file", small)
    assert not imported.case.findings
    assert imported.left_out


def test_the_shipped_tables_serve_a_smaller_vocabulary(small: Net, shipped: Net) -> None:
    exchange = read_exchange(replace(shipped.priors, vocabulary=small.vocabulary))
    assert {f for meaning in exchange.codes.values() for f in meaning.findings} <= set(small.vocabulary.findings)
    assert exchange.codes[Code("HPO", "HP:0003701")].findings == ("proximal_leg_weakness",)
