"""Two patients side by side: the weights of their differences add up, and the sentence names them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from app_pages.compare.view import comparison_html
from model.patient.patient import Patient
from model.patient.why import compare as compare_module
from model.patient.why.coalitions import Coalitions
from model.patient.why.compare import MOST_FOR_ALL_MIXTURES, compare, sentence
from model.patient.why.weight_of_evidence import WeightOfEvidence, weigh_coalitions

DERMATOMYOSITIS: dict[str, object] = {"age_at_onset": 54, "heliotrope_rash": "present", "anti_mi2": "positive"}


def log_odds(net: model.Net, patient: Patient, diagnosis: str) -> float:
    p = net.posterior(patient.findings, patient.referral)
    own, others = p[diagnosis], sum(p[d] for d in p if d != diagnosis)
    return math.log(own / others) if own and others else math.copysign(math.inf, own - others)


def some_findings(net: model.Net) -> st.SearchStrategy[dict[str, object]]:
    states = {name: st.sampled_from(net.vocabulary.variables[name].states) for name in net.vocabulary.findings}
    return st.fixed_dictionaries({}, optional=states)


@given(data=st.data())
def test_the_weights_of_the_differences_add_up_from_one_patient_to_the_other(
    small: model.Net, data: st.DataObject
) -> None:
    settings_of = st.sampled_from(small.vocabulary.settings)
    first, second = (small.patient(data.draw(some_findings(small)), data.draw(settings_of)) for _ in range(2))
    comparison = compare(first, second)
    assert comparison.log_odds[0] == pytest.approx(log_odds(small, first, comparison.compared), abs=1e-9)
    assert comparison.log_odds[1] == pytest.approx(log_odds(small, second, comparison.compared), abs=1e-9)
    step = comparison.log_odds[1] - comparison.log_odds[0]
    weights = [d.weight for d in comparison.differences]
    if all(math.isfinite(weight) for weight in weights):
        assert sum(weights) == pytest.approx(step, abs=1e-9)
    else:  # only childhood excludes a disease of the small network
        assert {d.name for d in comparison.differences if math.isinf(d.weight)} == {"age_at_onset"}


@given(data=st.data())
def test_comparing_in_the_other_direction_changes_every_sign(small: model.Net, data: st.DataObject) -> None:
    first, second = (small.patient(data.draw(some_findings(small))) for _ in range(2))
    forth, back = compare(first, second), compare(second, first)
    one = {pair.id: pair.difference for pair in forth.diagnoses}
    assert one == {pair.id: pytest.approx(-pair.difference) for pair in back.diagnoses}
    if forth.compared == back.compared:
        weights = {d.name: d.weight for d in forth.differences}
        assert weights == {d.name: pytest.approx(-d.weight, abs=1e-9) for d in back.differences}


def test_the_weight_of_the_only_difference_is_its_log_likelihood_ratio(shipped: model.Net) -> None:
    without = {k: v for k, v in DERMATOMYOSITIS.items() if k != "anti_mi2"}
    comparison = compare(shipped.patient(without), shipped.patient(DERMATOMYOSITIS))
    d = comparison.compared
    given_d = shipped.marginal("anti_mi2", {**without, "diagnosis": d})["positive"]
    others = [x for x in shipped.vocabulary.diagnoses if x != d]
    given_others = shipped.marginal("anti_mi2", {**without, "diagnosis": others})["positive"]
    assert comparison.differences[0].weight == pytest.approx(math.log(given_d / given_others), abs=1e-9)
    assert (comparison.differences[0].first, comparison.differences[0].second) == (None, "positive")
    assert comparison.same == ("age_at_onset", "heliotrope_rash")
    assert "Anti-Mi-2 alone makes the difference" in sentence(comparison, shipped.vocabulary)


def test_a_patient_does_not_differ_from_itself_and_unknown_is_no_difference(shipped: model.Net) -> None:
    comparison = compare(shipped.patient(DERMATOMYOSITIS), shipped.patient({**DERMATOMYOSITIS, "fever": None}))
    assert comparison.differences == () and sentence(comparison, shipped.vocabulary) == "A and B are the same."
    assert comparison.compared == "dermatomyositis"


def test_the_setting_is_a_difference_that_weighs_its_prior_odds(shipped: model.Net) -> None:
    first, second = (shipped.patient(DERMATOMYOSITIS, setting) for setting in ("suspected_myositis", "primary_care"))
    comparison = compare(first, second)
    [difference] = comparison.differences
    assert (difference.name, difference.first, difference.second) == ("setting", first.setting, second.setting)
    iim = next(pair for pair in comparison.families if pair.id == "iim")
    assert iim.difference < 0


def test_many_differences_still_add_up_and_are_reproducible(shipped: model.Net) -> None:
    states = shipped.vocabulary.variables
    many = {name: states[name].states[0] for name in shipped.vocabulary.findings if states[name].group == "muscle"}
    assert len(many) > MOST_FOR_ALL_MIXTURES
    comparison = compare(shipped.patient({}), shipped.patient(many))
    step = comparison.log_odds[1] - comparison.log_odds[0]
    assert not comparison.exact
    assert sum(d.weight for d in comparison.differences) == pytest.approx(step, abs=1e-9)
    assert comparison == compare(shipped.patient({}), shipped.patient(many))


def test_soft_evidence_a_list_of_states_and_a_typed_prior_compare_too(shipped: model.Net) -> None:
    first = shipped.patient({"fever": {"absent": 0.3, "present": 0.7}, "age_at_onset": 54.0})
    second = shipped.patient({"ck_level": ["high", "very_high"]}, prior={"dermatomyositis": 2, "fibromyalgia": 1})
    comparison = compare(first, second)
    assert {d.name for d in comparison.differences} == {"setting", "fever", "age_at_onset", "ck_level"}
    assert "own prior" in comparison_html(comparison, shipped)


def test_findings_of_both_that_exclude_each_other_do_not_stop_the_comparison(strict: model.Net) -> None:
    first, second = (strict.patient({name: "present"}) for name in ("heliotrope_rash", "finger_flexor_weakness"))
    comparison = compare(first, second)
    assert {d.name for d in comparison.differences} == {"heliotrope_rash", "finger_flexor_weakness"}
    assert sentence(comparison, strict.vocabulary)
    with pytest.raises(model.ImpossibleEvidence):
        compare(first, strict.patient({**first.findings, **second.findings}))


def test_the_page_shows_each_probability_once_and_escapes_what_a_file_may_hold(shipped: model.Net) -> None:
    comparison = compare(shipped.patient(DERMATOMYOSITIS), shipped.patient({}, "primary_care"))
    html = comparison_html(comparison, shipped)
    for diagnosis in shipped.vocabulary.diagnoses:
        assert html.count(f"data-compared='{diagnosis}'") <= 1
    rows = html.count("data-compared=") - len(shipped.vocabulary.families)
    folded = len(shipped.vocabulary.diagnoses) - rows
    assert f"{folded} others" in html


def test_half_of_the_orders_of_many_differences_are_the_other_half_reversed(
    shipped: model.Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stated error treats an order and its reverse as one observation."""
    seen: list[Coalitions] = []

    def look(mixtures: Coalitions, diagnosis: str) -> WeightOfEvidence:
        seen.append(mixtures)
        return weigh_coalitions(mixtures, diagnosis)

    monkeypatch.setattr(compare_module, "weigh_coalitions", look)
    states = shipped.vocabulary.variables
    many = {name: states[name].states[0] for name in shipped.vocabulary.findings if states[name].group == "muscle"}
    compare(shipped.patient({}), shipped.patient(many))
    [mixtures] = seen
    assert mixtures.orders is not None
    first, second = np.split(mixtures.orders, 2)
    assert (first == second[:, ::-1]).all()
    assert len({tuple(order) for order in mixtures.orders.tolist()}) == len(mixtures.orders)
