"""The shipped published rates: most hold, and every gross misfit is explained."""

import csv

import pytest

import model
from model.measure.audit import GROSS_MISFIT, Audited, audit
from model.priors.published import SHIPPED_RATES, read_published

KEY = ("finding", "state", "diagnosis", "given", "source")


@pytest.fixture(scope="module")
def audited(shipped: model.Net) -> list[Audited]:
    return list(audit(shipped, read_published(SHIPPED_RATES, shipped.priors)))


def test_nine_in_ten_published_rates_hold(audited: list[Audited]) -> None:
    assert len(audited) > 700
    assert sum(item.holds for item in audited) / len(audited) >= 0.9


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


def test_rates_that_are_left_out_have_a_reason_and_are_less_than_half() -> None:
    with SHIPPED_RATES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    left_out = [row for row in rows if row["left_out"]]
    assert len(rows) > 1200
    assert len(left_out) < len(rows) / 2
    assert all(len(row["left_out"]) > 4 for row in left_out)
