"""Weights of evidence: they add up, agree with every order of the findings, and say what a clinician would."""

import math
from collections.abc import Mapping
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence, InputError
from model.patient.why import coalitions as coalitions_module
from model.patient.why.coalitions import Coalitions, all_or_sampled
from model.patient.why.weight_of_evidence import (
    WeightOfEvidence,
    sentence,
    weigh,
    weigh_coalitions,
)
from tests.helpers.references import likelihoods, patients

JO1: dict[str, object] = {
    "age_at_onset": 54,
    "sex": "female",
    "ck_level": 0.5,
    "anti_jo1": "positive",
    "interstitial_lung_disease": "present",
    "fever": "present",
    "mechanics_hands": "present",
}


def values(weights: WeightOfEvidence) -> dict[str, float]:
    return {weight.finding: weight.shapley for weight in weights.weights}


def log_odds(net: model.Net, findings: Mapping[str, object], diagnosis: str, rival: str | None = None) -> float:
    """One patient at a time, by `Net.posterior` instead of coalitions."""
    posterior = net.posterior(findings)
    others = [p for d, p in posterior.items() if (d == rival if rival else d != diagnosis)]
    return math.log(posterior[diagnosis]) - math.log(math.fsum(others))


def over_all_orders(net: model.Net, findings: Mapping[str, object], diagnosis: str) -> dict[str, float]:
    """The mean step of each finding over every order of the findings."""
    steps: dict[str, list[float]] = {name: [] for name in findings}
    for order in permutations(findings):
        known: dict[str, object] = {}
        before = log_odds(net, known, diagnosis)
        for name in order:
            known[name] = findings[name]
            after = log_odds(net, known, diagnosis)
            steps[name].append(after - before)
            before = after
    return {name: float(np.mean(s)) for name, s in steps.items()}


@given(data=st.data())
def test_weights_add_up_from_prior_to_posterior(shipped: model.Net, data: st.DataObject) -> None:
    findings = data.draw(patients(shipped, 10))
    diagnosis = data.draw(st.sampled_from(shipped.vocabulary.diagnoses))
    rival = data.draw(st.sampled_from([None, *(d for d in shipped.vocabulary.diagnoses if d != diagnosis)]))
    try:
        weights = weigh(shipped, findings, diagnosis=diagnosis, rival=rival)
    except ImpossibleEvidence:
        return
    except InputError:
        posterior = shipped.posterior(findings)
        assert posterior[diagnosis] == 0 and (rival is None or posterior[rival] == 0)
        return
    added = weights.prior_log_odds + math.fsum(values(weights).values())
    if math.isinf(weights.posterior_log_odds):
        assert added == weights.posterior_log_odds
    else:
        assert added == pytest.approx(weights.posterior_log_odds, abs=1e-9)


@given(data=st.data())
def test_weights_equal_the_mean_over_all_orders(small: model.Net, data: st.DataObject) -> None:
    findings = {**data.draw(patients(small, 4)), "ck_level": "mild"}
    findings.pop("age_at_onset", None)
    soft = data.draw(st.sampled_from(small.vocabulary.findings[1:]))
    likelihood = {state: weight + 0.01 for state, weight in data.draw(likelihoods(small, soft)).items()}
    mixed: dict[str, object] = {**findings, soft: likelihood}
    for diagnosis in small.vocabulary.diagnoses:
        ours = values(weigh(small, mixed, diagnosis=diagnosis))
        assert ours == pytest.approx(over_all_orders(small, mixed, diagnosis), abs=1e-9)


def test_weights_add_up_where_the_rest_of_the_probability_is_below_rounding(shipped: model.Net) -> None:
    """1 minus the posterior is lost in double precision; the log odds are not."""
    signs = ("heliotrope_rash", "gottron_papules", "v_sign", "biopsy_perifascicular_atrophy")
    findings = {**dict.fromkeys(signs, "present"), "anti_mi2": "positive"}
    even, sure = (weigh(shipped, findings, {"dermatomyositis": 1.0, "fibromyalgia": weight}) for weight in (1.0, 1e-12))
    assert 1 - shipped.posterior(findings, {"dermatomyositis": 1.0, "fibromyalgia": 1e-12})["dermatomyositis"] < 1e-15
    assert sure.posterior_log_odds == pytest.approx(even.posterior_log_odds + math.log(1e12), abs=1e-9)
    added = sure.prior_log_odds + math.fsum(values(sure).values())
    assert added == pytest.approx(sure.posterior_log_odds, abs=1e-9)


def test_weights_do_not_depend_on_the_order_of_entry(shipped: model.Net) -> None:
    backwards = dict(reversed(JO1.items()))
    assert values(weigh(shipped, JO1)) == values(weigh(shipped, backwards))
    assert list(values(weigh(shipped, backwards))) == list(backwards)


@given(data=st.data())
def test_weights_for_one_diagnosis_against_another_are_the_negative_of_the_reverse(
    shipped: model.Net, data: st.DataObject
) -> None:
    first, second = data.draw(st.permutations([d for d in shipped.vocabulary.diagnoses if "juvenile" not in d]))[:2]
    one, other = (weigh(shipped, JO1, diagnosis=a, rival=b) for a, b in ((first, second), (second, first)))
    assert values(one) == pytest.approx({name: -value for name, value in values(other).items()}, abs=1e-9)
    assert one.posterior_log_odds == pytest.approx(-other.posterior_log_odds, abs=1e-9)


def test_a_finding_without_information_has_weight_0(shipped: model.Net) -> None:
    any_state = list(shipped.vocabulary.variables["raynaud"].states)
    weights = weigh(shipped, {**JO1, "raynaud": any_state, "cancer": {"absent": 0.4, "present": 0.4}})
    assert values(weights)["raynaud"] == pytest.approx(0, abs=1e-12)
    assert values(weights)["cancer"] == pytest.approx(0, abs=1e-12)
    assert {k: v for k, v in values(weights).items() if k in JO1} == pytest.approx(values(weigh(shipped, JO1)))


@given(seed=st.integers(0, 1000))
def test_interchangeable_findings_have_equal_weights(seed: int) -> None:
    """A game in which the first two of four findings are interchangeable."""
    swap = [(n & 12) | (n & 1) << 1 | (n & 2) >> 1 for n in range(16)]
    chance = np.random.default_rng(seed).normal(size=(16, 3))
    game = Coalitions(
        findings=dict.fromkeys("abcd", "present"),
        names=tuple("abcd"),
        diagnoses=("x", "y", "z"),
        log_joint=chance + chance[swap],
        without=15 - (1 << np.arange(4)),
    )
    weights = values(weigh_coalitions(game, "x"))
    assert weights["a"] == pytest.approx(weights["b"], abs=1e-12)


def test_unknown_findings_are_no_findings(shipped: model.Net) -> None:
    assert values(weigh(shipped, {**JO1, "raynaud": None, "cancer": ""})) == values(weigh(shipped, JO1))


def test_leaving_one_out_is_the_log_odds_lost_without_it(shipped: model.Net) -> None:
    weights = weigh(shipped, JO1, diagnosis="dermatomyositis")
    for weight in weights.weights:
        rest = {name: value for name, value in JO1.items() if name != weight.finding}
        lost = log_odds(shipped, JO1, "dermatomyositis") - log_odds(shipped, rest, "dermatomyositis")
        assert weight.leave_one_out == pytest.approx(lost, abs=1e-9)


@pytest.mark.parametrize("diagnosis", ["antisynthetase_syndrome", "dermatomyositis", "inclusion_body_myositis"])
def test_the_estimate_over_random_orders_agrees_with_the_exact_weights(
    shipped: model.Net, diagnosis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = weigh(shipped, JO1, diagnosis=diagnosis)
    monkeypatch.setattr(coalitions_module, "MOST_FOR_ALL_COALITIONS", 3)
    sampled = weigh(shipped, JO1, diagnosis=diagnosis)
    assert exact.exact and not sampled.exact
    assert all(weight.error == 0 for weight in exact.weights)
    for mine, truth in zip(sampled.weights, exact.weights, strict=True):
        assert abs(mine.shapley - truth.shapley) <= 5 * mine.error + 1e-9
    added = sampled.prior_log_odds + math.fsum(values(sampled).values())
    assert added == pytest.approx(exact.posterior_log_odds, abs=1e-9)
    assert sampled == weigh(shipped, JO1, diagnosis=diagnosis)


def test_twenty_findings_add_up_and_keep_their_numbers(shipped: model.Net) -> None:
    more = dict.fromkeys(("dysphagia", "raynaud", "cancer", "calcinosis", "skin_ulcers", "head_drop"), "absent")
    elevated = dict.fromkeys(("aldolase", "ldh", "transaminases", "esr_crp"), "elevated")
    negative = dict.fromkeys(("anti_mi2", "anti_srp", "anti_ku"), "negative")
    findings = {**JO1, **more, **elevated, **negative}
    weights = weigh(shipped, findings)
    assert len(findings) == 20 and not weights.exact
    assert weights.prior_log_odds + math.fsum(values(weights).values()) == pytest.approx(
        weights.posterior_log_odds, abs=1e-9
    )
    assert values(weights) == values(weigh(shipped, dict(reversed(findings.items()))))


@pytest.mark.parametrize("most", [14, 2])
def test_a_finding_that_excludes_a_diagnosis_has_an_infinite_weight_and_the_others_finite_ones(
    shipped: model.Net, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others get their mean step over the orders in which they come before it."""
    monkeypatch.setattr(coalitions_module, "MOST_FOR_ALL_COALITIONS", most)
    rest: dict[str, object] = {"heliotrope_rash": "present", "ck_level": "normal", "calcinosis": "present"}
    findings = {"age_at_onset": 54, **rest}
    weights = weigh(shipped, findings, diagnosis="juvenile_dermatomyositis")
    assert weights.posterior_log_odds == -math.inf
    steps: dict[str, list[float]] = {name: [] for name in rest}
    for order in permutations(findings):
        for position in range(order.index("age_at_onset")):
            before = {name: rest[name] for name in order[:position]}
            after = {**before, order[position]: rest[order[position]]}
            change = [log_odds(shipped, known, "juvenile_dermatomyositis") for known in (before, after)]
            steps[order[position]].append(change[1] - change[0])
    for weight in weights.weights:
        if weight.finding == "age_at_onset":
            assert (weight.shapley, weight.leave_one_out) == (-math.inf, -math.inf)
        else:
            mean = float(np.mean(steps[weight.finding]))
            assert weight.shapley == pytest.approx(mean, abs=1e-9 if most == 14 else 0.2)
            assert weight.leave_one_out == 0
    assert sentence(weights, shipped.vocabulary) == "Age at onset (54) excludes juvenile dermatomyositis."


def test_two_excluded_diagnoses_have_no_odds(shipped: model.Net) -> None:
    with pytest.raises(InputError, match="exclude both"):
        weigh(shipped, {"age_at_onset": 10}, diagnosis="dermatomyositis", rival="amyopathic_dermatomyositis")


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (("dermatomyositi", None), "did you mean dermatomyositis"),
        (("polymyositis", "polymyositis"), "cannot be compared with itself"),
    ],
)
def test_a_diagnosis_that_is_unknown_or_compared_with_itself_is_an_error(
    shipped: model.Net, sides: tuple[str, str | None], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        weigh(shipped, JO1, diagnosis=sides[0], rival=sides[1])


def test_impossible_findings_are_an_error(strict: model.Net) -> None:
    with pytest.raises(ImpossibleEvidence):
        weigh(strict, {"heliotrope_rash": "present", "finger_flexor_weakness": "present"})


def test_a_given_prior_changes_the_prior_odds_alone(shipped: model.Net) -> None:
    """Against one rival, a weight is a likelihood ratio: it does not depend on how common the two are."""
    prior = {"antisynthetase_syndrome": 1.0, "dermatomyositis": 3.0}
    sides = ("antisynthetase_syndrome", "dermatomyositis")
    own, usual = weigh(shipped, JO1, prior, *sides), weigh(shipped, JO1, None, *sides)
    assert own.prior_log_odds == pytest.approx(math.log(1 / 3))
    assert values(own) == pytest.approx(values(usual), abs=1e-9)


def test_findings_cannot_change_a_prior_of_0(shipped: model.Net) -> None:
    weights = weigh(shipped, JO1, {"antisynthetase_syndrome": 1.0, "dermatomyositis": 3.0}, "polymyositis")
    assert (weights.prior_log_odds, weights.posterior_log_odds) == (-math.inf, -math.inf)
    assert set(values(weights).values()) == {0.0}


def test_weights_by_the_sweep_are_the_same(shipped: model.Net, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = weigh(shipped, JO1)
    monkeypatch.setattr("model.inference.coalition_joints.SAFE", 1.0)
    assert values(weigh(shipped, JO1)) == pytest.approx(values(fast), abs=1e-9)


def test_evidence_of_an_extremely_small_probability_still_adds_up(shipped: model.Net) -> None:
    tiny = {"absent": 1.0, "present": 1e-300}
    findings = {"v_sign": tiny, "shawl_sign": tiny, "fever": {"absent": 0.0, "present": 1e-300}}
    weights = weigh(shipped, findings, diagnosis="dermatomyositis")
    expected = shipped.posterior({"v_sign": "absent", "shawl_sign": "absent", "fever": "present"})["dermatomyositis"]
    assert weights.posterior_log_odds == pytest.approx(math.log(expected / (1 - expected)), abs=1e-9)


def test_anti_jo1_supports_antisynthetase_syndrome_most(shipped: model.Net) -> None:
    weights = weigh(shipped, JO1)
    assert weights.diagnosis == "antisynthetase_syndrome"
    assert max(weights.weights, key=lambda w: w.shapley).finding == "anti_jo1"
    assert sentence(weights, shipped.vocabulary) == (
        "Main reasons for antisynthetase syndrome: anti-Jo-1 and interstitial lung disease. "
        "Against it: creatine kinase (0.5, normal)."
    )


def test_five_signs_of_one_rash_weigh_less_than_five_times_one(shipped: model.Net) -> None:
    """Dependent findings share what they have in common."""
    signs = ("heliotrope_rash", "gottron_papules", "gottron_sign", "v_sign", "shawl_sign")
    together = weigh(shipped, dict.fromkeys(signs, "present"), diagnosis="dermatomyositis", rival="overlap_myositis")
    alone = [
        weigh(shipped, {sign: "present"}, diagnosis="dermatomyositis", rival="overlap_myositis").weights[0].shapley
        for sign in signs
    ]
    assert math.fsum(values(together).values()) < 0.75 * math.fsum(alone)


@given(data=st.data())
def test_one_batch_serves_every_diagnosis_and_rival(small: model.Net, data: st.DataObject) -> None:
    findings = data.draw(patients(small, 6))
    game = all_or_sampled(small, findings)
    assert weigh_coalitions(game) == weigh(small, findings)
