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
    "ATC": r"[A-Z]\d\d[A-Z]{2}(\d\d)?",
    "RxNorm": r"\d+",
    "ChEBI": r"CHEBI:\d+",
    "Gene": r"[A-Z][A-Z0-9-]+",
    "NCIT": r"NCIT:C\d+",
    "LOINC": r"\d{3,7}-\d|LA\d+-\d",  # LA: an answer, whose check digit follows another scheme
    "SNOMED CT": r"\d{6,18}",
    "DrugCentral": r"DrugCentral:\d+",
    "Gene test": r"[a-z_]+ (LIKELY_)?PATHOGENIC",
    "FHIR gender": r"[a-z]+",
    "Phenopacket sex": r"[A-Z]+",
    "HL7 interpretation": r"[A-Z]+",
    "HL7 gender": r"[MF]",
    "Written": r"[^\W\d].*|\++|-",
}


def test_the_check_digits_are_those_of_the_standards() -> None:
    assert loinc_is_valid("2951-2") and not loinc_is_valid("2951-3")
    assert verhoeff_is_valid("74400008") and not verhoeff_is_valid("74400080")


def test_every_code_has_the_form_of_its_system(shipped: Net) -> None:
    for table in ("codes.csv", "products.csv", "gene_tests.csv", "results.csv", "qualifiers.csv", "diseases.csv"):
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
    named = {f for table in ("codes.csv", "gene_tests.csv", "titres.csv") for row in rows(table, shipped)
             for f in row["finding"].split(";")}  # fmt: skip
    assert named <= set(shipped.vocabulary.findings)
    assert sum(map(len, exchange.qualifiers.values())) == len(rows("qualifiers.csv", shipped))
    assert len(exchange.diseases) == len(rows("diseases.csv", shipped))
    assert {f for rule in exchange.rules.values() for f in rule} <= set(shipped.vocabulary.findings)
    systems = {system for system, _ in exchange.systems.known.values()}
    tables = ("codes.csv", "products.csv", "gene_tests.csv", "results.csv")
    assert {row["system"] for t in tables for row in rows(t, shipped)} <= systems


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


def test_a_product_is_one_of_a_substance_of_the_tables(shipped: Net) -> None:
    codes = {(row["system"], row["code"]) for row in rows("codes.csv", shipped)}
    products = rows("products.csv", shipped)
    assert {(row["system"], row["of"]) for row in products} <= codes
    assert not codes & {(row["system"], row["code"]) for row in products}


ADDRESS = "http://purl.obolibrary.org/obo/HP_0003701"


@pytest.mark.parametrize(
    "written",
    ["HP:0003701", "0003701", "HP_0003701", "hp:0003701", "hp_0003701", ADDRESS, ADDRESS.replace("p:", "ps:")],
)
def test_a_code_is_known_in_every_form(shipped: Net, written: str) -> None:
    exchange = read_exchange(shipped.priors)
    assert exchange.code("http://purl.obolibrary.org/obo/hp.owl", written) == Code("HPO", "HP:0003701")
    assert written.isdigit() or exchange.curie(written) == Code("HPO", "HP:0003701")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("HPO:0003701", Code("HPO", "HP:0003701")),
        ("obo:HP_0003701", Code("HPO", "HP:0003701")),
        ("https://hpo.jax.org/browse/term/HP:0003701", Code("HPO", "HP:0003701")),
        ("https://identifiers.org/hp:0003701", Code("HPO", "HP:0003701")),
        ("http://www.orpha.net/ORDO/Orphanet_589", Code("Orphanet", "ORPHA:589")),
        ("https://omim.org/entry/181350", Code("OMIM", "OMIM:181350")),
        ("http://purl.bioontology.org/ontology/RXNORM/36567", Code("RxNorm", "36567")),
        ("chebi:9150", Code("ChEBI", "CHEBI:9150")),
        ("http://snomed.info/id/40739000", Code("SNOMED CT", "40739000")),
        ("ATC:c10aa01", Code("ATC", "C10AA01")),
        ("myalgia", Code("", "myalgia")),
    ],
)
def test_the_terminology_is_read_from_a_term(shipped: Net, written: str, code: Code) -> None:
    assert read_exchange(shipped.priors).curie(written) == code


@pytest.mark.parametrize(
    "name",
    ["http://snomed.info/sct", "https://snomed.info/sct/", "urn:oid:2.16.840.1.113883.6.96", "SNOMEDCT_US",
     "http://snomed.info/sct|http://snomed.info/sct/900000000000207008/version/20240101"],
)  # fmt: skip
def test_a_terminology_has_many_names(shipped: Net, name: str) -> None:
    assert read_exchange(shipped.priors).code(name, "40739000") == Code("SNOMED CT", "40739000")


# Other priors


def test_priors_without_codes_read_the_file_and_report_that_no_code_is_known(small: Net) -> None:
    imported = read_patient(example("phenopacket.json"), "file", small)
    assert set(imported.case.findings) == {"age_at_onset"}  # the onset of the one disease, whatever its code
    assert imported.left_out


def test_the_shipped_tables_serve_a_smaller_vocabulary(small: Net, shipped: Net) -> None:
    exchange = read_exchange(replace(shipped.priors, vocabulary=small.vocabulary))
    assert {f for meaning in exchange.codes.values() for f in meaning.findings} <= set(small.vocabulary.findings)
    assert exchange.codes[Code("HPO", "HP:0003701")].findings == ("proximal_leg_weakness",)
