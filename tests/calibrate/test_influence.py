"""The influence of a number is what the posteriors do when the network is rebuilt with the number at its ends."""

import numpy as np
import pytest

import model
from model.calibrate.influence import grades_of_first, influence, influence_columns
from model.calibrate.numbers import by_key
from model.cases.case import Case
from model.inference.net import Net
from tests.helpers.places import SMALL
from tests.helpers.rebuilt import rebuilt

CASES = (
    Case("a", {"heliotrope_rash": "present", "proximal_leg_weakness": "present", "v_sign": "absent"}),
    Case("b", {"anti_mi2": "negative"}),
)


@pytest.fixture(scope="module")
def small() -> Net:
    return model.load(SMALL)


def moved(one: Net, other: Net, case: Case) -> float:
    """Total variation distance between the posteriors of two networks."""
    first, second = (list(net.posterior(case.findings).values()) for net in (one, other))
    return 0.5 * float(np.abs(np.subtract(first, second)).sum())


def test_an_error_of_a_number_moves_as_much_as_in_networks_rebuilt_with_it(small: Net) -> None:
    ranked = influence(small, CASES)
    for one in ranked[:5]:
        ends = [rebuilt(small, one.number.key, end) for end in (one.number.low or 0, one.number.high or 0)]
        expected = np.mean([moved(small, net, case) for case in CASES for net in ends])
        assert one.shift == pytest.approx(expected, abs=1e-9)


def test_every_number_with_an_interval_is_ranked_once_and_the_largest_shift_is_first(small: Net) -> None:
    ranked = influence(small, CASES)
    shifts = [one.shift for one in ranked]
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[0] > 0
    listed = by_key(small.priors).values()
    varies = {n.key for n in listed if n.kind != "term" and n.low is not None and n.low < (n.high or 0)}
    assert sorted(one.number.key for one in ranked) == sorted(varies)


def test_the_numbers_of_a_finding_that_no_patient_has_been_examined_for_have_no_influence(small: Net) -> None:
    ranked = influence(small, CASES[1:])
    assert all(one.shift == 0 for one in ranked if one.number.node == "heliotrope_rash")


def test_progress_counts_the_patients(small: Net) -> None:
    seen: list[int] = []
    influence(small, CASES, progress=seen.append)
    assert seen == [1, 2]


def test_the_table_holds_every_number_in_percentage_points(small: Net) -> None:
    ranked = influence(small, CASES)
    columns = influence_columns(ranked)
    assert {len(values) for values in columns.values()} == {len(ranked)}
    assert columns["points"][0] == pytest.approx(100 * ranked[0].shift, abs=1e-3)
    assert sum(grades_of_first(ranked, 10).values()) == 10
