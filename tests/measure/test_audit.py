"""The shipped published rates: most hold, and every gross misfit is explained."""

import re

import pytest

import model
from model.measure.audit import GROSS_MISFIT, Audited, audit
from model.priors.folder import SHIPPED
from model.priors.published import SHIPPED_RATES, published_rates, read_published
from model.priors.studies import studies_of

KEY = ("finding", "state", "diagnosis", "given", "source")


@pytest.fixture(scope="module")
def audited(shipped: model.Net) -> list[Audited]:
    return list(audit(shipped, read_published(SHIPPED_RATES, shipped.priors)))


def test_four_in_five_published_rates_hold_and_more_with_the_spread_between_studies(audited: list[Audited]) -> None:
    """Rows of a study that share a reason are all used or all left out, so misfits are no longer left out alone."""
    assert len(audited) > 800
    assert sum(item.strictly for item in audited) / len(audited) >= 0.8
    assert sum(item.holds for item in audited) / len(audited) >= 0.87
    assert all(item.holds for item in audited if item.strictly)


def test_every_gross_misfit_is_explained_in_the_ledger(shipped: model.Net, audited: list[Audited]) -> None:
    ledger = {row["id"] for row in shipped.priors.tables["discrepancies"]}
    known = {
        tuple(row[column] for column in KEY): row["discrepancy"] for row in shipped.priors.tables["evidence/misfits"]
    }
    gross = [a for a in audited if not a.holds and abs(a.difference) > GROSS_MISFIT]
    for item in gross:
        key = tuple(item.rate.row[column] for column in KEY)
        assert known.get(key) in ledger, f"{key} is off by {item.difference:.0f} points without a line"
    assert len(known) == len({tuple(a.rate.row[c] for c in KEY) for a in gross}), "a line explains no misfit any more"


KINDS = {"duplicate", "part", "finding", "definition", "time", "population", "selected", "secondary"}
OF_THE_PATIENTS = {"population", "selected", "secondary"}
ANY_TIME = re.compile(r"\bever\b|any time|during (the )?(course|follow-up)|cumulative|last evaluation", re.I)


def test_each_rate_left_out_has_a_reason_of_a_kind_that_the_rule_names(shipped: model.Net) -> None:
    rates = published_rates(shipped.priors)
    left_out = [rate.left_out for rate in rates if rate.left_out]
    assert len(rates) > 1200
    assert len(left_out) < len(rates) / 2
    assert {reason.partition(": ")[0] for reason in left_out} == KINDS
    assert all(len(reason.partition(": ")[2]) > 4 for reason in left_out)
    rule = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{kind}` |" in rule for kind in KINDS)


def test_rates_of_the_same_patients_in_one_study_are_treated_alike(shipped: model.Net) -> None:
    """A reason that lies in the patients holds for every finding, whether the network fits it or not."""
    kinds: dict[tuple[object, ...], set[str]] = {}
    for rate in published_rates(shipped.priors):
        patients = re.split("[;(]", rate.row["population"])[0].strip()
        described = rate.row["diagnosis"], rate.row["given"], patients
        kinds.setdefault((studies_of(shipped.priors, rate.row), *described), set()).add(rate.left_out.partition(":")[0])
    for described, found in kinds.items():
        assert "" not in found or not found & OF_THE_PATIENTS, described


def test_no_rate_of_the_whole_course_or_of_a_secondary_page_alone_is_used(
    shipped: model.Net, audited: list[Audited]
) -> None:
    for item in audited:
        row = item.rate.row
        assert not ANY_TIME.search(row["population"]), row.line
        read = {shipped.priors.sources[key]["read"] for key in row.words("source")}
        assert item.rate.n or read != {"secondary page"}, row.line
