"""The age at onset: of the one disease, of first symptoms, and as a bound by late signs and by the last visit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Net
from model.cases.exchange import read_patient
from tests.helpers.exchange_files import at_age, at_class, disease, feature, packet, reasons

WEAK, CANNOT_WALK, DYSPHAGIA, CHILDHOOD = "HP:0003701", "HP:0002505", "HP:0002015", "HP:0011463"
UP_TO_49, CHILD = ["0-17", "18-39", "40-49"], "0-17"


def age(net: Net, content: dict[str, Any]) -> object:
    return read_patient(content, "file", net).case.findings.get("age_at_onset")


def seen(**subject: Any) -> dict[str, Any]:
    return {**packet(feature(WEAK)), "subject": {"id": "y", **subject}}


def test_the_onset_of_the_one_disease_counts_whatever_its_name(shipped: Net) -> None:
    for code in ("OMIM:181350", "OMIM:600000", "LOCAL:1"):
        assert age(shipped, packet(feature(WEAK), diseases=[disease(code, onset=at_age(8))])) == 8
    solved = [{"progressStatus": "SOLVED", "diagnosis": {"disease": {"id": "OMIM:600000", "label": "d"}}}]
    content = packet(diseases=[disease("OMIM:600000", onset=at_age(8))], interpretations=solved)
    assert age(shipped, content) == 8


def test_of_several_diseases_only_one_of_this_model_gives_the_onset(shipped: Net) -> None:
    other, known = disease("LOCAL:asthma", onset=at_age(5)), disease("ORPHA:221", onset=at_age(50))
    assert age(shipped, packet(diseases=[other, known])) == 50
    assert age(shipped, packet(diseases=[other, disease("LOCAL:2", onset=at_age(60))])) is None
    assert age(shipped, packet(diseases=[disease("LOCAL:1", onset=at_age(60), excluded=True)])) is None


def test_the_earliest_statement_wins(shipped: Net) -> None:
    for order in ((50, 54), (54, 50)):
        content = packet(feature(WEAK, onset=at_age(order[0])), diseases=[disease("ORPHA:221", onset=at_age(order[1]))])
        assert age(shipped, content) == 50
    earlier = packet(feature(WEAK, onset=at_age(30)), diseases=[disease("LOCAL:1", onset=at_class(CHILDHOOD))])
    assert age(shipped, earlier) == CHILD


def test_an_exact_age_within_the_class_of_ages_of_the_disease_is_kept(shipped: Net) -> None:
    content = packet(feature(WEAK, onset=at_age(30)), diseases=[disease("LOCAL:1", onset=at_class("HP:0011462"))])
    assert age(shipped, content) == 30


@pytest.mark.parametrize("late", [CANNOT_WALK, DYSPHAGIA, "HP:0004347", "HP:0003691"])
def test_a_late_sign_never_makes_the_onset_later(shipped: Net, late: str) -> None:
    sign, weak = feature(late, onset=at_age(45)), feature(WEAK)
    assert age(shipped, packet(weak, sign)) == UP_TO_49
    assert age(shipped, packet(weak, sign, diseases=[disease("LOCAL:1", onset=at_class(CHILDHOOD))])) == CHILD
    assert age(shipped, packet(feature(WEAK, onset=at_age(44)), sign)) == 44
    assert age(shipped, packet(feature(WEAK, onset=at_age(60)), sign)) == UP_TO_49


@given(onset=st.integers(0, 100), sign=st.integers(0, 100))
def test_a_later_bound_changes_nothing_and_an_earlier_one_is_a_bound(shipped: Net, onset: int, sign: int) -> None:
    variable = shipped.vocabulary.variable("age_at_onset")
    content = packet(feature(WEAK, onset=at_age(onset)), feature(DYSPHAGIA, onset=at_age(sign)))
    value = age(shipped, content)
    if sign >= onset:
        assert value == onset
    else:
        last = variable.states.index(variable.state(sign))
        assert value == (list(variable.states[: last + 1]) if 0 < last < 4 else CHILD if last == 0 else None)


# The last visit


@pytest.mark.parametrize(
    "subject",
    [
        {"timeAtLastEncounter": at_age(6)},
        {"timeAtLastEncounter": {"ageRange": {"start": {"iso8601duration": "P5Y"}, "end": {"iso8601duration": "P7Y"}}}},
        {"timeAtLastEncounter": at_class(CHILDHOOD)},
        {"timeAtLastEncounter": {"timestamp": "2020-06-01T00:00:00Z"}, "dateOfBirth": "2014-01-01T00:00:00Z"},
        {"timeAtLastEncounter": {"gestationalAge": {"weeks": 30}}},
        {"ageAtCollection": {"age": "P6Y"}},
        {"age": "P6Y3M"},
        {"vitalStatus": {"status": "DECEASED", "timeOfDeath": at_age(6)}},
        {"timeAtLastEncounter": at_age(60), "vitalStatus": {"timeOfDeath": at_age(6)}},
    ],
)
def test_the_last_visit_bounds_the_onset(shipped: Net, subject: dict[str, Any]) -> None:
    imported = read_patient(seen(**subject), "file", shipped)
    assert imported.case.findings["age_at_onset"] == CHILD
    assert any(item.where.startswith("subject.") and item.finding == "age_at_onset" for item in imported.mapped)


def test_a_visit_later_in_life_leaves_the_earlier_bins(shipped: Net) -> None:
    assert age(shipped, seen(timeAtLastEncounter=at_age(45))) == UP_TO_49
    imported = read_patient(seen(timeAtLastEncounter=at_age(80)), "file", shipped)
    assert "age_at_onset" not in imported.case.findings
    assert "not the age at onset" in reasons(imported)["subject.timeAtLastEncounter"]
    assert "not an age" in reasons(read_patient(seen(timeAtLastEncounter={"x": 1}), "f", shipped))[
        "subject.timeAtLastEncounter"]  # fmt: skip


# Classes of ages


@pytest.mark.parametrize(
    "time",
    [
        *(at_class(f"HP:{number}") for number in ("0011461", "0030674", "0034197", "0034198", "0034199", "0011460",
                                                  "0003577", "0003623", "0003593", "0011463", "0003621", "0410280")),
        {"gestationalAge": {"weeks": 30}},
        {"gestationalAge": {"weeks": 30, "days": 2}},
        at_class("HP_0011461"),
        at_class("http://purl.obolibrary.org/obo/HP_0011461"),
    ],
)  # fmt: skip
def test_onset_before_birth_or_in_childhood_is_the_first_bin(shipped: Net, time: dict[str, Any]) -> None:
    assert age(shipped, packet(feature("HP:0001324", onset=time))) == CHILD
    assert age(shipped, packet(diseases=[disease("LOCAL:1", onset=time)])) == CHILD


@pytest.mark.parametrize("code", ["HP:0003581", "HP:4000040", "HP:6000314", "HP:6000315"])
def test_a_class_that_leaves_every_age_open_says_why(shipped: Net, code: str) -> None:
    imported = read_patient(packet(feature(WEAK, onset=at_class(code))), "file", shipped)
    assert "age_at_onset" not in imported.case.findings
    assert "class of ages" in reasons(imported)["phenotypicFeatures[0].type, onset"]
