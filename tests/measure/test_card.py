"""The values in the model card are those measured now."""

import re

import pytest

import model
from model.cases.case import Case, read_cases
from model.measure.card import BEGIN, CARD, CASES, END, measured, with_measured

FEW = (
    Case("a", {"heliotrope_rash": "present"}, diagnosis="dermatomyositis"),
    Case("b", {"finger_flexor_weakness": "present"}, diagnosis="inclusion_body_myositis"),
)


def without_version(text: str) -> str:
    """Tables on which no measured value depends may change without a new card."""
    return re.sub(r"priors [0-9a-f]{12}", "priors", text)


def test_the_card_holds_the_values_of_the_shipped_network(shipped: model.Net) -> None:
    text = CARD.read_text(encoding="utf-8")
    written = text.partition(BEGIN)[2].partition(END)[0].strip()
    part = measured(shipped, read_cases(CASES, shipped.vocabulary))
    assert without_version(written) == without_version(part), "run: python -m model.measure.card"
    for group in ("Sex: female", "Sex: male", "Age at onset: 0-17", "Age at onset: 65+"):
        assert f"| {group} |" in part


def test_other_priors_can_be_measured_too(small: model.Net) -> None:
    part = measured(small, FEW)
    assert "Overall, 2 published patients" in part
    assert "Published rates that hold" not in part


def test_only_the_measured_part_is_replaced() -> None:
    text = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    assert with_measured(text, "new") == f"above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"
    assert with_measured(with_measured(text, "other"), "new") == with_measured(text, "new")
    with pytest.raises(ValueError, match="the card needs the lines"):
        with_measured("no marks", "new")
