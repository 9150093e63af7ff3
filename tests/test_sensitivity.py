"""What a posterior hangs on: against networks rebuilt with the changed number, and against brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import model
from model.calibrate.numbers import by_key
from model.calibrate.rates import rate_values, with_values
from model.calibrate.research import value_of_research
from model.calibrate.sensitivity import smallest_change, tornado, two_way
from model.calibrate.variants import Variant, posteriors, relevant
from model.cases import Case
from model.errors import InputError
from model.net import Net

CASE = {"heliotrope_rash": "present", "proximal_leg_weakness": "present", "anti_mi2": "negative", "v_sign": "absent"}
DM = "dermatomyositis"


def rebuilt(net: Net, key: str, percent: float) -> Net:
    """The network made anew with one number changed, the other states in proportion."""
    number = by_key(net.priors)[key]
    values = {node: array.copy() for node, array in rate_values(net.priors).items()}
    rates = {**net.priors.rates, "diagnosis": [net.priors.shares[s] for s in net.vocabulary.settings]}
    place = next(i for i, rate in enumerate(rates[number.node]) for row in rate.rows
                 if (row.file, row.line) == (number.row.file, number.row.line))  # fmt: skip
    state = net.vocabulary.variables[number.node].states.index(number.state)
    own = values[number.node][place]
    own *= (1 - percent / 100) / (1 - own[state])
    own[state] = percent / 100
    return Net(with_values(net.priors, values))


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_variant_is_the_network_rebuilt_with_that_number(data: st.DataObject) -> None:
    net = NET
    number = data.draw(st.sampled_from(relevant(net, CASE, None)))
    percent = data.draw(st.floats(1, 99))
    (ours,) = posteriors(net, CASE, None, [Variant(number, percent)])
    try:
        theirs = list(rebuilt(net, number.key, percent).posterior(CASE).values())
    except InputError:  # the rest that a whole-disease rate leaves would be negative
        assume(False)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


NET = model.load(__file__.replace("test_sensitivity.py", "small_priors"))


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


def test_two_numbers_moved_together_meet_each_alone(small: Net) -> None:
    bars = tornado(small, CASE, diagnosis=DM)
    first, second = (bar.number for bar in bars[:2])
    surface = two_way(small, CASE, None, first, second, DM, steps=5)
    changed = rebuilt(small, first.key, surface.first_values[0])
    both = rebuilt(changed, second.key, surface.second_values[-1])
    assert surface.values[0, -1] == pytest.approx(both.posterior(CASE)[DM], abs=1e-6)


@pytest.mark.parametrize("findings", [CASE, {}, {"heliotrope_rash": "absent", "finger_flexor_weakness": "present"}])
def test_at_a_flip_another_diagnosis_leads_and_before_it_none(small: Net, findings: dict[str, object]) -> None:
    posterior = small.posterior(findings)
    leading = max(posterior, key=lambda d: posterior[d])
    flips = smallest_change(small, findings)
    assert flips and [f.distance for f in flips] == sorted(f.distance for f in flips)
    for flip in flips:
        step = 0.01 * (flip.value - flip.number.value)
        after = rebuilt(small, flip.number.key, flip.value + step).posterior(findings)
        before = rebuilt(small, flip.number.key, flip.value - step).posterior(findings)
        assert max(after, key=lambda d: after[d]) == flip.leads != leading
        assert max(before, key=lambda d: before[d]) == leading


def test_the_search_tells_how_many_numbers_it_has_tried(small: Net) -> None:
    heard: list[int] = []
    smallest_change(small, CASE, progress=heard.append)
    assert heard == sorted(heard) and len(heard) > 1 and heard[-1] == len(relevant(small, CASE, None))


def test_the_nearest_flip_is_that_of_a_fine_scan(small: Net) -> None:
    flips = {flip.number.key: flip for flip in smallest_change(small, CASE, most=100)}
    place = small.vocabulary.diagnoses.index(DM)
    for number in relevant(small, CASE, None):
        values = np.linspace(0.5, 99.5, 397)
        leads = posteriors(small, CASE, None, [Variant(number, v) for v in values.tolist()]).argmax(axis=1)
        lost = values[leads != place]
        if number.key in flips:
            assert np.abs(lost - number.value).min() == pytest.approx(flips[number.key].distance, abs=0.3)


def test_linear_numbers_are_solved_by_the_sensitivity_function(small: Net) -> None:
    exact = {flip.number.key for flip in smallest_change(small, CASE, most=100) if flip.exact}
    assert any(key.startswith("P(diagnosis=") for key in exact)


def test_a_number_known_better_is_worth_less_research(small: Net) -> None:
    cases = [Case("a", CASE), Case("b", {"finger_flexor_weakness": "present"})]
    found = {r.number.key: r.share for r in value_of_research(small, cases, most=1000)}
    assert all(0 < share <= 1 for share in found.values()) and 0.3 < sum(found.values()) < 1.3
    first = max(found, key=lambda key: found[key])
    number = by_key(small.priors)[first]
    rates = dict(small.priors.rates)
    shares = dict(small.priors.shares)
    if number.kind == "share":
        setting = number.given.removeprefix("setting=")
        shares[setting] = replace(shares[setting], strength=1e5)
    else:
        rates[number.node] = tuple(
            replace(r, strength=1e5) if any(row.line == number.row.line for row in r.rows) else r
            for r in rates[number.node]
        )
    surer = Net(replace(small.priors, rates=rates, shares=shares))
    after = {r.number.key: r.share for r in value_of_research(surer, cases, most=1000)}
    assert after.get(first, 0) < 0.02
