"""Answers print as a heading and a small table: in a terminal, in a notebook, and as a DataFrame."""

import pytest
from markupsafe import escape

from model import Net
from model.patient.patient import Patient
from model.patient.printed import Printed

FINDINGS = {"heliotrope_rash": "present", "ck_level": 12, "anti_mi2": "positive"}


@pytest.fixture(scope="module")
def patient(shipped: Net) -> Patient:
    return shipped.patient(FINDINGS)


@pytest.fixture(
    params=["why", "how_sure", "what_next", "alerts", "criteria", "work_up"],
)
def answer(request: pytest.FixtureRequest, patient: Patient) -> Printed:
    printed: Printed = getattr(patient, request.param)()
    return printed


def test_an_answer_prints_its_heading_and_its_table(answer: Printed) -> None:
    text, html, table = repr(answer), answer._repr_html_(), answer.table()
    assert answer.heading() in text and escape(answer.heading()) in html
    assert len(table) > 0 and "<table" in html
    assert len(text) < 12_000
    for column in table.columns:
        assert column in text and column in html


def test_tables_hold_the_numbers_of_the_records(patient: Patient) -> None:
    weights = patient.why()
    decibans = weights.table()["decibans"]
    assert set(decibans.index) == set(FINDINGS)
    assert decibans.abs().is_monotonic_decreasing
    sure = patient.how_sure().table()
    assert sure["posterior"].to_dict() == patient.probabilities
    assert ((sure["low"] <= sure["high"]) & sure["fit"].between(0, 1)).all()
    advice = patient.what_next()
    assert list(advice.table()["information"]) == [value.information for value in advice.values if value.open]
    assert patient.table()["posterior"].is_monotonic_decreasing


def test_nothing_to_say_prints_as_nothing(small: Net) -> None:
    nobody = small.patient({})
    assert repr(nobody.alerts()) == "nothing" and "nothing" in nobody.alerts()._repr_html_()


def test_a_patient_prints_in_one_line_and_shows_its_posterior(patient: Patient) -> None:
    assert repr(patient) == "Patient(3 findings, setting=suspected_myositis)"
    assert "posterior" in patient._repr_html_() and "dermatomyositis" in patient._repr_html_()
    assert "prior of 2 diagnoses" in repr(patient.net.patient({}, prior={"polymyositis": 1, "fibromyalgia": 1}))
