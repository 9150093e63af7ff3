"""Weights over sampled orders of the findings: exact for pairs, with an honest error."""

import math
import statistics
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.patient.why.coalitions import Coalitions, all_or_sampled
from model.patient.why.weight_of_evidence import (
    weigh_coalitions,
)


def game(log_odds: Mapping[frozenset[int], float], half: list[list[int]]) -> Coalitions:
    """Coalitions of three findings with these log odds, along some orders and their reverses."""
    orders = np.array(half + [order[::-1] for order in half])
    known = [frozenset(i for i in range(3) if number >> i & 1) for number in range(8)]
    index = {chosen: number for number, chosen in enumerate(known)}
    prefixes = np.array([[index[frozenset(order[:size])] for size in range(4)] for order in orders.tolist()])
    logs = np.array([[log_odds[chosen], 0.0] for chosen in known])
    without = np.array([index[frozenset({0, 1, 2} - {i})] for i in range(3)])
    names = ("a", "b", "c")
    return Coalitions(dict.fromkeys(names, "present"), names, ("ill", "well"), logs, without, orders, prefixes)


def random_game(seed: int, largest: int) -> dict[frozenset[int], float]:
    """Log odds to which every set of at most `largest` findings adds a random term."""
    generator = np.random.default_rng(seed)
    sets = [frozenset(i for i in range(3) if number >> i & 1) for number in range(8)]
    own = {chosen: float(generator.normal()) for chosen in sets if len(chosen) <= largest}
    return {chosen: sum(value for part, value in own.items() if part <= chosen) for chosen in sets}


@given(seed=st.integers(0, 10_000))
def test_where_findings_interact_in_pairs_an_order_and_its_reverse_are_exact(seed: int) -> None:
    """The partners of a finding that come after it in one order come before it in the reverse: no error is left."""
    worth = random_game(seed, 2)
    for weight, i in zip(weigh_coalitions(game(worth, [[0, 1, 2], [1, 0, 2]]), "ill").weights, range(3), strict=True):
        others = [worth[frozenset({i, j})] - worth[frozenset({j})] for j in range(3) if j != i]
        alone = worth[frozenset({i})] - worth[frozenset()]
        last = worth[frozenset({0, 1, 2})] - worth[frozenset({0, 1, 2} - {i})]
        assert weight.shapley == pytest.approx(alone / 3 + sum(others) / 6 + last / 3, abs=1e-12)
        assert weight.error == pytest.approx(0, abs=1e-12)


@given(seed=st.integers(0, 10_000))
def test_the_stated_error_is_that_of_a_mean_over_pairs_of_orders(seed: int) -> None:
    worth, half = random_game(seed, 3), [[0, 1, 2], [1, 0, 2], [2, 0, 1]]
    for weight, i in zip(weigh_coalitions(game(worth, half), "ill").weights, range(3), strict=True):
        means = [statistics.mean(step(worth, way, i) for way in (order, order[::-1])) for order in half]
        assert weight.shapley == pytest.approx(statistics.mean(means), abs=1e-12)
        assert weight.error == pytest.approx(statistics.stdev(means) / math.sqrt(3), abs=1e-12)


def step(worth: Mapping[frozenset[int], float], order: list[int], finding: int) -> float:
    before = frozenset(order[: order.index(finding)])
    return worth[before | {finding}] - worth[before]


def test_half_of_the_sampled_orders_are_the_other_half_reversed(shipped: model.Net) -> None:
    findings = {name: shipped.vocabulary.variable(name).states[0] for name in shipped.vocabulary.findings[:16]}
    orders = all_or_sampled(shipped, findings).orders
    assert orders is not None
    first, second = np.split(orders, 2)
    assert (first == second[:, ::-1]).all()
    assert len({tuple(order) for order in orders.tolist()}) == len(orders)
