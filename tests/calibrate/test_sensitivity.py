"""Sensitivity analysis agrees with networks rebuilt with the changed number, and with brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import model
from model.calibrate.numbers import KINDS, ODDS_RATIO, by_key
from model.calibrate.research import value_of_research
from model.calibrate.sensitivity import smallest_change, tornado, two_way
from model.calibrate.variants import Variant, posteriors, relevant
from model.cases.case import Case
from model.errors import InputError
from model.inference.net import Net
from tests.helpers.places import SMALL
from tests.helpers.rebuilt import rebuilt

CASE = {"heliotrope_rash": "present", "proximal_leg_weakness": "present", "anti_mi2": "negative", "v_sign": "absent"}
DM = "dermatomyositis"


@given(st.data())
def test_a_variant_is_the_network_rebuilt_with_that_number(data: st.DataObject) -> None:
    net = NET
    number = data.draw(st.sampled_from(relevant(net, CASE, None)))
    value = data.draw(st.floats(0.01, 1000) if number.kind == ODDS_RATIO else st.floats(1, 99))
    (ours,) = posteriors(net, CASE, None, [Variant(number, value)])
    try:
        theirs = list(rebuilt(net, number.key, value).posterior(CASE).values())
    except InputError:  # the remainder of a whole-disease rate would be negative
        assume(False)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


NET = model.load(SMALL)


def test_a_tornado_goes_across_the_interval_of_each_number(small: Net) -> None:
    bars = tornado(small, CASE, diagnosis=DM)
    assert [bar.width for bar in bars] == sorted((bar.width for bar in bars), reverse=True)
    for bar in bars[:5]:
        number = bar.number
        for end, found in ((number.low, bar.at_low), (number.high, bar.at_high)):
            assert found == pytest.approx(rebuilt(small, number.key, end or 0).posterior(CASE)[DM], abs=1e-6)


def test_no_number_outside_the_tornado_moves_more_than_those_in_it(small: Net) -> None:
    every, shown = tornado(small, CASE, diagnosis=DM, most=10_000), tornado(small, CASE, diagnosis=DM, most=8)
    assert shown == every[:8]
    spread = {n.key for n in relevant(small, CASE, None) if n.low != n.high}
    assert {bar.number.key for bar in every} == spread


def test_every_kind_of_number_with_an_interval_is_in_the_tornado(small: Net) -> None:
    shown = {bar.number.kind for bar in tornado(small, CASE, diagnosis=DM, most=10_000)}
    assert shown == {*KINDS} - {"term"}


def test_numbers_that_no_finding_depends_on_are_left_out(small: Net) -> None:
    """An odds ratio is relevant if its finding, or a descendant of it, is observed."""
    known = {n.key for n in relevant(small, {"heliotrope_rash": "present"}, None) if n.kind == ODDS_RATIO}
    assert known == {f"OR(heliotrope_rash=present | skin={state})" for state in ("limited", "florid")}
    assert not [n for n in relevant(small, {}, None) if n.kind == ODDS_RATIO]


@pytest.mark.parametrize("kinds", [("rate", "share"), (ODDS_RATIO, "share"), (ODDS_RATIO, ODDS_RATIO)])
def test_at_a_corner_of_the_surface_both_numbers_are_changed(small: Net, kinds: tuple[str, str]) -> None:
    numbers = [bar.number for bar in tornado(small, CASE, diagnosis=DM, most=10_000)]
    first = next(n for n in numbers if n.kind == kinds[0])
    second = next(n for n in numbers if n.kind == kinds[1] and n != first)
    surface = two_way(small, CASE, None, first, second, DM, steps=5)
    changed = rebuilt(small, first.key, surface.first_values[0])
    both = rebuilt(changed, second.key, surface.second_values[-1])
    assert surface.values[0, -1] == pytest.approx(both.posterior(CASE)[DM], abs=1e-6)


@pytest.mark.parametrize("findings", [CASE, {}, {"heliotrope_rash": "absent", "finger_flexor_weakness": "present"}])
def test_at_a_flip_another_diagnosis_leads_and_before_it_none(small: Net, findings: dict[str, object]) -> None:
    posterior = small.posterior(findings)
    leading = max(posterior, key=lambda d: posterior[d])
    flips = smallest_change(small, findings)
    assert flips and [f.times for f in flips] == sorted(f.times for f in flips)
    assert all(1 < f.times <= 100 * (1 + 1e-9) for f in flips)
    for flip in flips:
        step = 0.01 * (flip.value - flip.number.value)
        after = rebuilt(small, flip.number.key, flip.value + step).posterior(findings)
        before = rebuilt(small, flip.number.key, flip.value - step).posterior(findings)
        assert max(after, key=lambda d: after[d]) == flip.leads != leading
        assert max(before, key=lambda d: before[d]) == leading


def test_the_search_reports_how_many_numbers_it_has_tried(small: Net) -> None:
    done: list[int] = []
    smallest_change(small, CASE, progress=done.append)
    assert done == sorted(done) and len(done) > 1 and done[-1] == len(relevant(small, CASE, None))


@pytest.mark.parametrize("close", [False, True], ids=["a sure answer", "two diagnoses close together"])
def test_the_nearest_flip_is_that_of_a_fine_scan(small: Net, close: bool) -> None:
    """The scan is equally spaced in log odds; every number for which it finds a flip has one, and no other."""
    setting = even(small) if close else None
    flips = {flip.number.key: flip for flip in smallest_change(small, CASE, setting, most=1000)}
    index = small.vocabulary.diagnoses.index(DM)
    moves = np.linspace(-np.log(100), np.log(100), 200)
    asked = relevant(small, CASE, setting)
    variants = [Variant(number, number.moved(move)) for number in asked for move in moves.tolist()]
    leads = posteriors(small, CASE, setting, variants).argmax(axis=1).reshape(len(asked), -1)
    for number, own in zip(asked, leads, strict=True):
        lost = np.abs(moves[own != index])
        assert (number.key in flips) == (len(lost) > 0)
        if len(lost):
            assert lost.min() == pytest.approx(np.log(flips[number.key].times), abs=0.05)
    assert not close or any(flip.number.kind == ODDS_RATIO for flip in flips.values())


def even(net: Net) -> dict[str, float]:
    """A custom prior with which all diagnoses are about equally probable after the findings."""
    flat = net.posterior(CASE, dict.fromkeys(net.vocabulary.diagnoses, 1.0))
    return {diagnosis: (1.05 if diagnosis == DM else 1.0) / p for diagnosis, p in flat.items()}


@given(st.data())
def test_a_move_multiplies_the_odds(data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(relevant(NET, CASE, None)))
    factor = data.draw(st.floats(0.01, 100))
    value = number.moved(float(np.log(factor)))
    assert number.odds(value) / number.odds(number.value) == pytest.approx(factor)
    assert value > 0 and (number.kind == ODDS_RATIO or value < 100)


def test_linear_numbers_are_solved_by_the_sensitivity_function(small: Net) -> None:
    exact = {flip.number.key for flip in smallest_change(small, CASE, most=100) if flip.exact}
    assert any(key.startswith("P(diagnosis=") for key in exact)
    assert not any(key.startswith("OR(") for key in exact)


@pytest.mark.parametrize("ratios_alone", [False, True], ids=["all numbers", "odds ratios alone are unsure"])
def test_a_number_known_better_is_worth_less_research(small: Net, ratios_alone: bool) -> None:
    """An odds ratio known exactly is still credited with part of what others with the same reference cause."""
    net = certain_percentages(small) if ratios_alone else small
    cases = [Case("a", CASE), Case("b", {"finger_flexor_weakness": "present"})]
    ranked = value_of_research(net, cases, most=1000)
    found = {r.number.key: r.share for r in ranked}
    assert all(0 < share <= 1 for share in found.values()) and 0.3 < sum(found.values()) < 1.3
    first = ranked[0].number
    assert (first.kind == ODDS_RATIO) == ratios_alone
    after = {r.number.key: r.share for r in value_of_research(surer(net, first.key), cases, most=1000)}
    assert found[first.key] > 0.1 and after.get(first.key, 0) < (0.1 if ratios_alone else 0.02)


def certain_percentages(net: Net) -> Net:
    """The network with rates and shares that are practically certain."""
    rates = {node: tuple(replace(r, strength=1e9) for r in own) for node, own in net.priors.rates.items()}
    return Net(replace(net.priors, rates=rates))


def surer(small: Net, first: str) -> Net:
    """The network with one number made practically certain by a large strength."""
    number = by_key(small.priors)[first]
    effects = {node: tuple(replace(e, strength=1e5) if e.row == number.row else e for e in own)
               for node, own in small.priors.effects.items()}  # fmt: skip
    rates = dict(small.priors.rates)
    if number.kind != ODDS_RATIO:
        rates[number.node] = tuple(
            replace(rate, strength=1e5) if number.row.line in [row.line for row in rate.rows] else rate
            for rate in rates[number.node]
        )
    return Net(replace(small.priors, rates=rates, effects=effects))
