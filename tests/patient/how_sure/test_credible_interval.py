"""Credible intervals: the draws of the priors, and the intervals of a patient that follow from them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import isclose
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence, InputError
from model.inference import sweep
from model.inference.engine import compile_engine
from model.inference.over_draws import Drawn
from model.network.build import build_network, draw_joints, draw_table
from model.network.factors import Joints
from model.network.sampling import Sampling
from model.patient.how_sure.credible_interval import CredibleIntervals, credible_intervals
from model.priors.numbers import Effect, Rate
from tests.helpers.nets import NETS, each_net, setting_of
from tests.helpers.references import agree, likelihoods, patients, values

DRAWS = 6
FEW = Sampling(DRAWS, seed=7)
WHOLE = {name: compile_engine(build_network(net.priors, draws=DRAWS, seed=7)) for name, net in NETS.items()}


@each_net
@given(data=st.data())
def test_drawing_only_the_needed_nodes_equals_drawing_the_whole_network(name: str, data: st.DataObject) -> None:
    """Hard and soft evidence on any finding, in any setting: the same posterior in every draw."""
    net = NETS[name]
    findings: dict[str, Any] = dict(data.draw(patients(net)))
    if data.draw(st.booleans()):
        soft = data.draw(st.sampled_from(net.vocabulary.findings))
        findings[soft] = data.draw(likelihoods(net, soft))
    evidence = net.evidence(findings, data.draw(setting_of(net)))
    expected, _ = sweep.posterior(WHOLE[name], evidence)
    assume(not np.isnan(expected).any())
    agree(Drawn(net.means, net.engine, FEW).posterior(evidence), expected, 1e-5)


ASKED = {name: Drawn(net.means, net.engine, FEW) for name, net in NETS.items()}


@each_net
@given(data=st.data())
def test_a_patient_gets_the_same_answer_whoever_was_asked_about_before(name: str, data: st.DataObject) -> None:
    """Messages that are kept are used only where exactly the same is known, in whatever order it was entered."""
    net = NETS[name]
    findings: dict[str, Any] = dict(data.draw(patients(net)))
    setting = data.draw(setting_of(net))
    fresh = Drawn(net.means, net.engine, FEW).posterior(net.evidence(findings, setting))
    for asked in (findings, dict(list(findings.items())[1:]), dict(reversed(findings.items()))):
        found = ASKED[name].posterior(net.evidence(asked, setting))
    np.testing.assert_array_equal(found, fresh)


@each_net
def test_a_finding_has_the_same_draws_whatever_else_is_drawn(name: str) -> None:
    net = NETS[name]
    tables = net.means.joints.tables
    whole = draw_joints(net.means, tables, FEW)
    for node in [n for n in tables if n not in ("setting", "diagnosis")][-3:]:
        above = _above(node, {n: table.parents for n, table in tables.items()})
        alone = draw_joints(net.means, [n for n in tables if n in above], FEW)
        np.testing.assert_array_equal(draw_table(net.means, node, alone, FEW).values, whole.tables[node].values)


def _above(node: str, parents: dict[str, tuple[str, ...]]) -> set[str]:
    return {p for parent in parents[node] for p in (parent, *_above(parent, parents))} | {"diagnosis", "setting"}


def test_more_draws_begin_with_the_same_draws(small: model.Net) -> None:
    rate = small.priors.rates["heliotrope_rash"][0]
    np.testing.assert_array_equal(Sampling(50).values(rate)[:, :20], Sampling(20).values(rate))


def test_a_rate_keeps_its_draws_when_another_is_added(small: model.Net) -> None:
    first, second = small.priors.rates["heliotrope_rash"][:2]
    assert (Sampling(20).values(first) != Sampling(20).values(second)).any()
    stronger = replace(second, strength=second.strength * 10)
    np.testing.assert_array_equal(Sampling(20).values(first), Sampling(20).values(replace(first)))
    assert (Sampling(20).values(second) != Sampling(20).values(stronger)).any()


def rate_of(percent: float, strength: float, net: model.Net) -> Rate:
    original = net.priors.rates["heliotrope_rash"][0]
    return replace(original, percents=(100 - percent, percent), strength=strength)


@pytest.mark.parametrize(("percent", "strength"), [(30, 8), (5, 40), (60, 200), (90, 20)])
def test_draws_of_a_rate_are_a_beta(small: model.Net, percent: float, strength: float) -> None:
    """Mean, and quantiles against numerical integration of the Beta density."""
    sample = Sampling(20000).values(rate_of(percent, strength, small))[1]
    share = percent / 100
    error = np.sqrt(share * (1 - share) / (strength + 1))
    assert abs(sample.mean() - share) < 5 * error / np.sqrt(len(sample))
    grid = np.linspace(0, 1, 200001)[1:-1]
    density = np.exp((strength * share - 1) * np.log(grid) + (strength * (1 - share) - 1) * np.log1p(-grid))
    cumulative = np.cumsum(density) / density.sum()
    for quantile in (0.05, 0.25, 0.5, 0.75, 0.95):
        index = np.searchsorted(grid, np.quantile(sample, quantile))
        assert abs(cumulative[min(index, len(grid) - 1)] - quantile) < 5 * np.sqrt(quantile * (1 - quantile) / 20000)


@pytest.mark.parametrize(("percent", "strength"), [(0.2, 8), (3, 20), (99.5, 8), (0.05, 200)])
def test_a_rare_finding_is_possible_in_every_draw_and_as_frequent_as_stated_on_average(
    small: model.Net, percent: float, strength: float
) -> None:
    """A Beta of so few patients has its 5th percentile next to zero; it would call a published finding impossible."""
    sample = Sampling(20000).values(rate_of(percent, strength, small))[1]
    rare = sample if percent < 50 else 1 - sample
    share = min(percent, 100 - percent) / 100
    assert rare.mean() == pytest.approx(share, rel=0.08)
    assert np.quantile(rare, 0.05) > share / 40
    assert rare.min() > share / 5000


def effect_of(net: model.Net, state: str, parent_state: str, **cells: float) -> Effect:
    """An effect on a finding, whichever row of the tables it is."""
    return replace(net.priors.effects["ck_level"][0], state=state, parent_state=parent_state, **cells)


@pytest.mark.parametrize(("ratio", "strength"), [(0.2, 3.5), (6, 8), (600, 200)])
def test_draws_of_an_odds_ratio_are_log_normal(small: model.Net, ratio: float, strength: float) -> None:
    """Around its logarithm, with the variance of two groups of `strength` patients, a half of them in each cell."""
    sample = Sampling(20000).ratio(effect_of(small, "high", "high", odds_ratio=ratio, strength=strength))
    normal = NormalDist(np.log(ratio), np.sqrt(4 / (strength / 2)))
    for quantile in (0.05, 0.25, 0.5, 0.75, 0.95):
        below = normal.cdf(float(np.quantile(np.log(sample), quantile)))
        assert abs(below - quantile) < 5 * np.sqrt(quantile * (1 - quantile) / 20000)


def test_odds_ratios_against_one_reference_share_its_draws(small: model.Net) -> None:
    """Their correlation is 1/2, as in one study; 1/4 if only the reference cell is shared; 0 across findings."""
    states = ("mild", "high"), ("mild", "other"), ("high", "high"), ("high", "other")
    effects = [effect_of(small, *names) for names in states]
    effects.append(replace(effects[0], node="aldolase"))
    logs = [np.log(Sampling(20000).ratio(effect)) for effect in effects]
    expected = [1, 0.5, 0.5, 0.25, 0]
    np.testing.assert_allclose(np.corrcoef(logs)[0], expected, atol=5 / np.sqrt(20000))


@given(st.floats(0.01, 100), st.floats(0.5, 200))
def test_an_odds_ratio_keeps_its_draws_when_others_change(ratio: float, strength: float) -> None:
    """The deviates depend only on its variables: the odds ratio shifts them, the strength scales them."""
    net = NETS["small_priors"]
    effect = net.priors.effects["ck_level"][0]
    changed = replace(effect, odds_ratio=ratio, strength=strength)
    deviates = [np.log(Sampling(9).ratio(e) / e.odds_ratio) * np.sqrt(e.strength) for e in (effect, changed)]
    np.testing.assert_allclose(*deviates, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(Sampling(9).ratio(effect)[:5], Sampling(5).ratio(effect))
    assert (Sampling(9, seed=1).ratio(effect) != Sampling(9).ratio(effect)).all()


def test_without_draws_and_where_they_are_fixed_odds_ratios_are_as_stated(small: model.Net) -> None:
    for effects in small.priors.effects.values():
        for effect in effects:
            for sampling in (Sampling(), Sampling(9, odds_ratios=False)):
                assert sampling.ratio(effect).tolist() == [effect.odds_ratio]


@each_net
def test_in_each_draw_the_odds_are_those_drawn(name: str) -> None:
    """Of two entries of one group, the odds of each state against a reference differ by the drawn ratios."""
    net = NETS[name]
    sampling = Sampling(20, seed=3)
    joints = draw_joints(net.means, net.means.joints.tables, sampling)
    drawn = 0
    for node, built in net.means.built.items():
        recipe, table = built.recipe, joints.tables[node].values
        if not recipe.effect_parents or not built.table.possible.all() or table.min() < 1e-7:
            continue
        log_ratios = np.zeros(table.shape)
        for acting in recipe.effects:
            log_ratios[acting.entries, acting.state] += np.log(sampling.ratio(acting.effect))
        base = np.log(table) - log_ratios
        base = base - base[:, :1]
        first = np.repeat(recipe.starts, np.diff(recipe.starts, append=len(table)))
        np.testing.assert_allclose(base, base[first], atol=1e-6, err_msg=node)
        drawn += 1
    assert drawn


@each_net
def test_in_each_draw_the_average_over_the_effects_is_the_drawn_rate(name: str) -> None:
    net = NETS[name]
    sampling = Sampling(40, seed=3)
    joints = draw_joints(net.means, net.means.joints.tables, sampling)
    for node, built in net.means.built.items():
        recipe = built.recipe
        if not recipe.effect_parents or recipe.remainders:
            continue
        weights = joints.conditional(recipe.rate_parents, recipe.effect_parents).values
        average = np.add.reduceat(weights[:, None] * joints.tables[node].values, recipe.starts, axis=0)
        drawn = np.stack([sampling.values(rate) for rate in recipe.rates])[recipe.rate_of_group]
        np.testing.assert_allclose(average, drawn, rtol=5e-6, atol=1e-9, err_msg=node)


@each_net
def test_the_draws_of_a_grade_move_its_numbers_alone(name: str) -> None:
    net = NETS[name]
    grades = net.drawn.sampling.grades
    sampling = Sampling(30, 0, grades, 20)
    assert sampling.size == 30 + 20 * len(grades)
    for rates in net.priors.rates.values():
        sample, mean = sampling.values(rates[0]), np.array(rates[0].percents)[:, None] / 100
        for grade in grades:
            moved = sample[:, sampling.of_grade(grade)]
            expected = sample[:, :20] if rates[0].grade == grade else np.broadcast_to(mean, moved.shape)
            np.testing.assert_array_equal(moved, expected)
    for effects in net.priors.effects.values():
        for grade in grades:
            moved = sampling.ratio(effects[0])[sampling.of_grade(grade)]
            joint = sampling.ratio(effects[0])[:20]
            assert (moved == (joint if effects[0].grade == grade else effects[0].odds_ratio)).all()


# Intervals of a patient

CASES: dict[str, dict[str, object]] = {
    "nothing": {},
    "numbers": {"age_at_onset": 54, "ck_level": 12},
    "a list of states": {"heliotrope_rash": "present", "ck_level": ["normal", "mild"]},
    "soft evidence": {"v_sign": {"absent": 0.4, "present": 0.6}, "heliotrope_rash": "present", "cancer": None},
}
each_case = pytest.mark.parametrize("findings", CASES.values(), ids=CASES)


def check(result: CredibleIntervals, net: model.Net) -> None:
    assert result.draws.shape == (net.drawn.sampling.draws, len(net.vocabulary.diagnoses))
    np.testing.assert_allclose(result.draws.sum(axis=1), 1)
    for i, diagnosis in enumerate(net.vocabulary.diagnoses):
        below = (result.draws[:, i] < result.low[diagnosis]).mean()
        above = (result.draws[:, i] > result.high[diagnosis]).mean()
        assert below <= 0.05 and above <= 0.05
    assert result.posterior[result.leading] == max(result.posterior.values())
    assert result.leads_in == (result.draws.argmax(axis=1) == list(result.posterior).index(result.leading)).mean()
    assert isclose(result.iim[0], sum(result.posterior[d] for d in net.vocabulary.families["iim"]))
    assert result.iim[1] <= result.iim[2]
    assert isclose(sum(result.by_grade.values()), 1)


@each_case
@pytest.mark.parametrize("setting", [None, "primary_care"])
def test_every_kind_of_finding_has_its_interval(
    small: model.Net, findings: dict[str, object], setting: str | None
) -> None:
    result = credible_intervals(small, findings, setting)
    assert result.posterior == small.posterior(findings, setting)
    check(result, small)


def test_a_second_call_gives_the_same_and_so_does_a_second_network(shipped: model.Net) -> None:
    findings = {"age_at_onset": 60, "ck_level": 20, "heliotrope_rash": "present"}
    first = credible_intervals(shipped, findings)
    check(first, shipped)
    for again in (credible_intervals(shipped, findings), credible_intervals(model.Net(shipped.priors), findings)):
        np.testing.assert_array_equal(first.draws, again.draws)
        assert (first.low, first.high, first.by_grade) == (again.low, again.high, again.by_grade)


def test_visitors_at_the_same_time_get_the_same(small: model.Net) -> None:
    """Several threads start on a network that has not drawn anything yet."""
    patients_asked = [{"heliotrope_rash": "present"}, {"ck_level": 12}, {"v_sign": "absent", "cancer": "present"}] * 4
    fresh = model.Net(small.priors)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda findings: credible_intervals(fresh, findings), patients_asked))
    for findings, answer in zip(patients_asked, answers, strict=True):
        np.testing.assert_array_equal(answer.draws, credible_intervals(small, findings).draws)


def test_one_more_finding_leaves_the_draws_of_the_others(small: model.Net) -> None:
    """A finding with equal likelihoods carries no information and changes no draw."""
    findings = {"heliotrope_rash": "present", "ck_level": 12}
    more = {**findings, "v_sign": {"absent": 1, "present": 1}}
    np.testing.assert_allclose(
        credible_intervals(small, findings).draws, credible_intervals(small, more).draws, rtol=1e-6
    )


def with_strength(net: model.Net, times: float) -> model.Net:
    def stronger(number: Any) -> Any:
        return replace(number, strength=number.strength * times)

    rates = {node: tuple(stronger(rate) for rate in members) for node, members in net.priors.rates.items()}
    effects = {node: tuple(stronger(effect) for effect in members) for node, members in net.priors.effects.items()}
    return model.Net(replace(net.priors, rates=rates, effects=effects))


def test_stronger_numbers_give_narrower_intervals_that_close_on_the_posterior(small: model.Net) -> None:
    findings = {"heliotrope_rash": "present", "finger_flexor_weakness": "absent", "age_at_onset": 60}
    nets = [with_strength(small, times) for times in (1, 10, 1e9)]
    results = [credible_intervals(net, findings) for net in nets]
    widths = [result.high[result.leading] - result.low[result.leading] for result in results]
    assert widths[0] > 2 * widths[1] > 0
    np.testing.assert_allclose(results[2].draws, np.tile(values(results[2].posterior), (1000, 1)), atol=1e-3)


def test_the_shipped_intervals_close_on_the_posterior(shipped: model.Net) -> None:
    """Also if the rate of a disease is divided among its antibodies."""
    net = with_strength(shipped, 1e10)
    findings = {"interstitial_lung_disease": "nonspecific", "arthritis": "present", "anti_ro52": "positive"}
    findings = {f: shipped.vocabulary.variables[f].states[-1] for f in findings}
    draws = Drawn(net.means, net.engine, Sampling(20)).posterior(net.evidence(findings))
    np.testing.assert_allclose(draws, np.tile(values(net.posterior(findings)), (20, 1)), atol=1e-3)


def test_without_findings_the_interval_is_that_of_the_share(small: model.Net) -> None:
    """Normal approximation of a Beta of known mean and strength."""
    result = credible_intervals(small, {})
    rate = small.priors.rates["diagnosis"][small.vocabulary.settings.index(small.default_setting)]
    for share, diagnosis in zip(np.array(rate.percents) / 100, small.vocabulary.diagnoses, strict=True):
        error = np.sqrt(share * (1 - share) / (rate.strength + 1))
        width = 2 * NormalDist().inv_cdf(0.95) * error
        assert result.high[diagnosis] - result.low[diagnosis] == pytest.approx(width, rel=0.15)


def test_a_given_prior_is_not_drawn(small: model.Net) -> None:
    typed = {"dermatomyositis": 3, "fibromyalgia": 1}
    result = credible_intervals(small, {}, typed)
    np.testing.assert_allclose(result.draws, np.tile(values(result.posterior), (1000, 1)), atol=1e-9)
    assert result.by_grade == {}
    assert credible_intervals(small, {"heliotrope_rash": "present"}, typed).by_grade


def test_only_grades_whose_numbers_are_uncertain_contribute_to_the_width(small: model.Net) -> None:
    """All numbers have a huge strength except those of grade D, which cause the whole interval."""

    def sure(rate: Rate) -> Rate:
        return rate if rate.grade == "D" else replace(rate, strength=1e12)

    rates = {node: tuple(sure(rate) for rate in members) for node, members in small.priors.rates.items()}
    net = model.Net(replace(small.priors, rates=rates))
    result = credible_intervals(net, {"heliotrope_rash": "present", "muscle": "high"})
    assert result.by_grade["D"] > 0.999


def test_impossible_findings_are_an_error(strict: model.Net) -> None:
    with pytest.raises(ImpossibleEvidence):
        credible_intervals(strict, {"heliotrope_rash": "present", "finger_flexor_weakness": "present"})
    with pytest.raises(InputError, match="heliotrope_rash"):
        credible_intervals(strict, {"heliotrope_rsh": "present"})


def test_the_interval_of_no_shipped_number_begins_at_impossible(shipped: model.Net) -> None:
    """The 5th percentile of each state is at least a fiftieth of what the priors state."""
    for rates in shipped.priors.rates.values():
        for rate in rates[::4]:
            mean = np.array(rate.percents) / 100
            assert (np.quantile(Sampling(1000).values(rate), 0.05, axis=-1) >= mean / 50).all(), rate


def test_what_the_priors_exclude_is_excluded_in_every_draw(strict: model.Net) -> None:
    result = credible_intervals(strict, {"heliotrope_rash": "present"})
    for i, diagnosis in enumerate(strict.vocabulary.diagnoses):
        if result.posterior[diagnosis] == 0:
            assert (result.draws[:, i] == 0).all()
            assert result.high[diagnosis] == 0
    assert min(result.posterior.values()) == 0


def test_very_unlikely_findings_do_not_underflow(shipped: model.Net) -> None:
    """Every finding in its last state: no disease looks like that, and still each draw has a posterior."""
    findings = {f: shipped.vocabulary.variables[f].states[-1] for f in shipped.vocabulary.findings}
    engine_draws = Drawn(shipped.means, shipped.engine, Sampling(20)).posterior(shipped.evidence(findings))
    assert np.isfinite(engine_draws).all()


def test_the_joints_of_draws_need_no_setting(small: model.Net) -> None:
    """P(wanted | given) of draws sums to 1 in each possible state of `given`."""
    joints: Joints = small.drawn.core
    conditional = joints.conditional(("diagnosis",), ("antibody",))
    for state in range(len(small.vocabulary.diagnoses)):
        np.testing.assert_allclose(conditional.values[conditional.configurations[:, 0] == state].sum(axis=0), 1)
