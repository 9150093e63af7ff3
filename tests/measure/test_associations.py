"""Associations of two findings: what the network implies is the odds ratio of its own joint distribution."""

from itertools import product
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Net
from model.measure.associations import (
    audit_associations,
    implied_log_odds_ratio,
    published_associations,
    spread,
)


def test_the_implied_odds_ratio_is_that_of_the_joint_distribution(shipped: Net) -> None:
    for one in [a for a in published_associations(shipped.priors) if not a.left_out][::9]:
        evidence = {name: list(states) for name, states in one.given.items()}
        evidence |= {"diagnosis": list(one.diagnoses)}
        chosen: dict[tuple[bool, bool], float] = {}
        for has in product((True, False), repeat=2):
            both = {}
            for (finding, states), wanted in zip((one.first, one.second), has, strict=True):
                valid = shipped.vocabulary.variables[finding].states
                both[finding] = [state for state in valid if (state in states) == wanted]
            chosen[has] = shipped.log_evidence({**evidence, **both, "setting": "myositis_centre"})
        expected = chosen[True, True] + chosen[False, False] - chosen[True, False] - chosen[False, True]
        assert implied_log_odds_ratio(shipped, one, "myositis_centre") == pytest.approx(expected, abs=1e-6)


def test_a_table_of_counts_gives_the_odds_ratio_and_error_of_woolf(shipped: Net) -> None:
    one = next(a for a in published_associations(shipped.priors) if a.row["a"] == "38" and a.row["b"] == "15")
    a, b, c, d = 38.5, 15.5, 87.5, 113.5  # one half added to each count
    assert one.log_odds_ratio == pytest.approx(log(a * d / (b * c)))
    assert one.error == pytest.approx(sqrt(1 / a + 1 / b + 1 / c + 1 / d))


def test_at_least_four_in_five_published_associations_hold(shipped: Net) -> None:
    audited = list(audit_associations(shipped))
    assert len(audited) > 80
    assert sum(one.holds_strictly for one in audited) >= 0.8 * len(audited)


def test_a_row_is_left_out_for_what_it_is_and_says_so(shipped: Net) -> None:
    left = [one for one in published_associations(shipped.priors) if one.left_out]
    assert 0 < len(left) < 15


@given(st.permutations(range(20)))
def test_the_spread_does_not_depend_on_the_order_of_the_studies(shipped: Net, order: list[int]) -> None:
    used = [a for a in published_associations(shipped.priors) if not a.left_out][:20]
    assert spread([used[i] for i in order]) == pytest.approx(spread(used))
