"""Evidence of every kind: soft, typed priors, words and numbers, impossible and extreme."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence, InputError
from model.inference import sweep
from tests.helpers.nets import AGRUM, CONFLICTS, NETS, POSSIBLE, agree_or_both_refuse, each_net, setting_of
from tests.helpers.references import agree, likelihoods, patients, values, weights

# Soft evidence


@each_net
@given(data=st.data())
def test_soft_evidence_equals_that_of_pyagrum(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net, most=10))
    free = [n for n in net.nodes if n not in findings and n != "setting"]
    soft = {n: data.draw(likelihoods(net, n)) for n in data.draw(st.lists(st.sampled_from(free), max_size=4))}
    setting = data.draw(setting_of(net))
    theirs = {**findings, "setting": setting, **{n: weights(net, n, w) for n, w in soft.items()}}
    agree_or_both_refuse(name, lambda: net.posterior({**findings, **soft}, setting), "diagnosis", theirs)


@each_net
@pytest.mark.parametrize("kind", ["finding", "diagnosis", "hidden"])
@given(data=st.data())
def test_soft_evidence_is_the_mixture_of_hard_evidence(name: str, kind: str, data: st.DataObject) -> None:
    """P(d | soft) is the sum over states of likelihood x P(d, state): the definition, by enumeration."""
    net = NETS[name]
    findings = data.draw(patients(net, most=6))
    nodes = [n for n, v in net.vocabulary.variables.items() if v.kind == kind and n not in findings]
    node = data.draw(st.sampled_from(nodes))
    soft = data.draw(likelihoods(net, node))
    mixture = np.zeros(len(net.vocabulary.diagnoses))
    for state, chance in net.marginal(node, findings).items():
        if chance > 0:
            mixture += soft[state] * chance * values(net.posterior({**findings, node: state}))
    assume(mixture.sum() > 0)
    agree(net.posterior({**findings, node: soft}), mixture / mixture.sum())


@each_net
@given(data=st.data(), factor=st.floats(1e-200, 1e200))
def test_only_ratios_of_likelihoods_matter(name: str, data: st.DataObject, factor: float) -> None:
    net = NETS[name]
    node = data.draw(st.sampled_from([n for n in net.nodes if n != "setting"]))
    soft = data.draw(likelihoods(net, node))
    scaled = {state: weight * factor for state, weight in soft.items()}
    agree(net.posterior({node: scaled}), values(net.posterior({node: soft})), 1e-12)


@each_net
@given(data=st.data())
def test_equal_likelihoods_say_nothing(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net, most=8))
    node = data.draw(st.sampled_from([n for n in net.nodes if n not in findings and n != "setting"]))
    flat = dict.fromkeys(net.vocabulary.variables[node].states, 0.4)
    agree(net.posterior({**findings, node: flat}), values(net.posterior(findings)), 1e-12)


# A prior in place of a setting


@each_net
@given(data=st.data())
def test_a_typed_prior_is_the_posterior_without_findings_and_weighs_them(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    prior = {diagnosis: data.draw(st.floats(0.01, 5)) for diagnosis in net.vocabulary.diagnoses}
    total = sum(prior.values())
    agree(net.posterior({}, prior), np.array([weight / total for weight in prior.values()]), 1e-12)
    findings = data.draw(patients(net, most=10))
    default = net.network.tables["diagnosis"][0]
    ratio = [weight / share if share else 0.0 for weight, share in zip(prior.values(), default, strict=True)]
    theirs = {**findings, "setting": net.default_setting, "diagnosis": [r / max(ratio) for r in ratio]}
    agree(net.posterior(findings, prior), AGRUM[name].posterior("diagnosis", theirs))


@each_net
def test_the_shares_of_a_setting_typed_in_give_the_prior_of_that_setting(name: str) -> None:
    net = NETS[name]
    for setting in net.vocabulary.settings:
        shares = net.posterior({}, setting)
        agree(net.posterior({}, {d: 100 * share for d, share in shares.items()}), values(shares), 1e-12)


def test_a_typed_prior_and_evidence_on_the_diagnosis_exclude_each_other(small: model.Net) -> None:
    with pytest.raises(InputError, match="give a prior or evidence on the diagnosis, not both"):
        small.posterior({"diagnosis": "iim"}, {"dermatomyositis": 1, "fibromyalgia": 2})


# Words and numbers


@pytest.mark.parametrize(
    ("finding", "number", "state"),
    [
        ("age_at_onset", 0, "0-17"), ("age_at_onset", 17.9, "0-17"), ("age_at_onset", 18, "18-39"),
        ("age_at_onset", 40, "40-49"), ("age_at_onset", 49.99, "40-49"), ("age_at_onset", 54, "50-64"),
        ("age_at_onset", "54", "50-64"), ("age_at_onset", 65, "65+"), ("age_at_onset", 101, "65+"),
        ("ck_level", 0, "normal"), ("ck_level", 1.0, "normal"), ("ck_level", 1.01, "mild"), ("ck_level", 5, "mild"),
        ("ck_level", 5.1, "moderate"), ("ck_level", 10, "moderate"), ("ck_level", 10.5, "high"),
        ("ck_level", 50, "high"), ("ck_level", "50.1", "very_high"), ("ck_level", np.float32(2), "mild"),
    ],
)  # fmt: skip
@each_net
def test_a_number_means_its_bin(name: str, finding: str, number: object, state: str) -> None:
    net = NETS[name]
    assert net.vocabulary.variable(finding).state(number) == state
    assert net.posterior({finding: number}) == net.posterior({finding: state})


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"heliotrop_rash": "present"}, "did you mean heliotrope_rash"),
        ({"heliotrope_rash": "presnt"}, "did you mean present"),
        ({"heliotrope_rash": 1}, "heliotrope_rash"),
        ({"heliotrope_rash": True}, "heliotrope_rash"),
        ({"age_at_onset": -3}, "age_at_onset"),
        ({"ck_level": True}, "ck_level"),
        ({"ck_level": "a lot"}, "ck_level"),
        ({"diagnosis": "dermatomyositi"}, "did you mean dermatomyositis"),
        ({"heliotrope_rash": {"present": -1}}, "not a number of 0 or more"),
        ({"heliotrope_rash": {"present": 0}}, "every likelihood is 0"),
        ({"heliotrope_rash": []}, "no state"),
        ({"setting": "primary_car"}, "did you mean primary_care"),
    ],
)
@each_net
def test_an_unknown_word_is_refused_with_the_nearest_one(name: str, findings: dict[str, Any], message: str) -> None:
    for ask in (NETS[name].posterior, NETS[name].joints, lambda f: NETS[name].marginal("cancer", f)):
        with pytest.raises(InputError, match=message):
            ask(findings)


# Evidence that cannot be, and evidence that almost cannot


@pytest.mark.parametrize("conflict", CONFLICTS.values(), ids=CONFLICTS)
@pytest.mark.parametrize("beside", [{}, POSSIBLE], ids=["alone", "among others"])
def test_impossible_evidence_names_a_smallest_conflict(
    strict: model.Net, conflict: dict[str, object], beside: dict[str, object]
) -> None:
    evidence = {**beside, **conflict}
    asks: list[Callable[[Mapping[str, object]], object]] = [
        strict.posterior, strict.joints, lambda e: strict.marginal("cancer", e),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(ImpossibleEvidence) as caught:
            ask(evidence)
        named = caught.value.findings
        assert set(named) <= set(evidence)
        assert all(name in str(caught.value) for name in named)
        for removed in named:
            assert sum(strict.posterior({n: evidence[n] for n in named if n != removed}).values()) == pytest.approx(1)


def test_a_node_that_cannot_have_its_own_state_is_impossible_too(strict: model.Net) -> None:
    with pytest.raises(ImpossibleEvidence):
        strict.marginal("heliotrope_rash", {"heliotrope_rash": "present", "finger_flexor_weakness": "present"})


@each_net
@pytest.mark.parametrize(("tiny", "most"), [(1e-12, 15), (1e-100, 1000), (1e-300, 1000)])
@given(data=st.data())
def test_extreme_likelihoods_stay_finite_and_right(name: str, tiny: float, most: int, data: st.DataObject) -> None:
    """A tiny likelihood for every state but one, of many findings: in the end as good as knowing that state."""
    net = NETS[name]
    hard = data.draw(patients(net, most=most))
    soft = {
        finding: {state: 1.0 if state == kept else tiny for state in net.vocabulary.variables[finding].states}
        for finding, kept in hard.items()
    }
    posterior = values(net.posterior(soft))
    assert np.isfinite(posterior).all()
    assert posterior.sum() == pytest.approx(1, abs=1e-12)
    if tiny == 1e-12:
        theirs = {finding: weights(net, finding, likelihood) for finding, likelihood in soft.items()}
        agree(posterior, AGRUM[name].posterior("diagnosis", {**theirs, "setting": net.default_setting}))
    else:
        agree(net.posterior(hard), posterior)


@each_net
def test_every_finding_at_its_least_likely_state_is_still_exact(name: str) -> None:
    """All findings at once, each in the rarest state that the commonest diagnosis allows."""
    net = NETS[name]
    common = max(net.posterior({}).items(), key=lambda item: item[1])[0]
    findings = {}
    for finding in net.vocabulary.findings:
        possible = {s: p for s, p in net.marginal(finding, {"diagnosis": common}).items() if p > 0}
        findings[finding] = min(possible, key=lambda s: possible[s])
    posterior = values(net.posterior(findings))
    assert posterior.sum() == pytest.approx(1, abs=1e-12)
    agree(posterior, sweep.posterior(net.engine, net.evidence(findings, None))[0], 1e-12)
    agree(posterior, AGRUM[name].posterior("diagnosis", {**findings, "setting": net.default_setting}))
    joints = net.joints(dict(list(findings.items())[1:]))
    assert all(np.isfinite(joint).all() and joint.sum() == pytest.approx(1, abs=1e-12) for joint in joints.values())


@each_net
@given(data=st.data())
def test_log_evidence_is_the_probability_of_the_findings_one_after_the_other(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net, most=8))
    seen: dict[str, str] = {}
    total = 0.0
    for finding, state in findings.items():
        total += math.log(net.marginal(finding, seen)[state])
        seen[finding] = state
    assert net.log_evidence(findings) == pytest.approx(total, abs=1e-9)
