"""Whole letters, invented, in many styles: what is entered is right, most is found, traps are left."""

import pytest

from model import Net
from tests.helpers.letters import Score, own_letters, score


@pytest.fixture(scope="module")
def total(shipped: Net) -> Score:
    return sum((score(letter, shipped) for letter in own_letters()), Score())


def test_at_least_40_letters_with_at_least_100_traps_are_read(total: Score) -> None:
    assert len(list(own_letters())) >= 40
    assert total.traps >= 100


def test_nineteen_of_twenty_findings_that_are_entered_are_right(total: Score) -> None:
    assert total.precision >= 0.95


def test_four_of_five_findings_are_found(total: Score) -> None:
    assert total.recall >= 0.8


def test_at_most_one_trap_in_twenty_is_entered(total: Score) -> None:
    assert total.entered_traps <= 0.05 * total.traps
