"""The network by name answers as pyAgrum and pgmpy do on the same tables, whatever is asked."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from references import Agrum, agree, likelihoods, patients, values, weights

import model
from benchmarks.peers import pgmpy_posterior
from model import engine as inference
from model.cases import Case, cohort_of
from model.engine import compile_engine
from model.errors import ImpossibleEvidence, InputError
from model.network import Network, build_network
from model.priors import SHIPPED
from model.score import score

SMALL = Path(__file__).parent / "small_priors"
NETS = {folder.name: model.load(folder) for folder in (SMALL, SHIPPED)}
AGRUM = {name: Agrum(net.network) for name, net in NETS.items()}
QUICK, SLOW = settings(max_examples=60, deadline=None), settings(max_examples=25, deadline=None)

each_net = pytest.mark.parametrize("name", NETS)


def setting_of(net: model.Net) -> st.SearchStrategy[str]:
    return st.sampled_from(net.vocabulary.settings)


# One posterior


@each_net
@given(data=st.data())
@QUICK
def test_the_posterior_equals_that_of_pyagrum(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings, setting = data.draw(patients(net)), data.draw(setting_of(net))
    theirs = {**findings, "setting": setting}
    agree_or_both_refuse(name, lambda: net.posterior(findings, setting), "diagnosis", theirs)


@each_net
def test_the_posterior_equals_that_of_pgmpy(name: str) -> None:
    net = NETS[name]
    ask = pgmpy_posterior(net.network)
    findings = dict(zip(net.vocabulary.findings, (v.states[-1] for v in finding_variables(net)), strict=True))
    for count in (0, 1, 5, len(findings)):
        some = dict(list(findings.items())[:count])
        agree(net.posterior(some), np.array(ask({**some, "setting": net.default_setting})))


def finding_variables(net: model.Net) -> list[Any]:
    return [net.vocabulary.variables[finding] for finding in net.vocabulary.findings]


def agree_or_both_refuse(
    name: str, ours: Callable[[], Mapping[str, float]], node: str, evidence: Mapping[str, Any]
) -> None:
    """Our answer is pyAgrum's for `node`; or both find the evidence impossible."""
    try:
        answer = ours()
    except ImpossibleEvidence:
        assert AGRUM[name].impossible(evidence)
    else:
        agree(answer, AGRUM[name].posterior(node, evidence))


@each_net
@given(data=st.data())
@QUICK
def test_order_and_unknown_findings_change_nothing(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net))
    rest = [finding for finding in net.vocabulary.findings if finding not in findings]
    unknown = {finding: data.draw(st.sampled_from([None, "", math.nan])) for finding in rest}
    shuffled = dict(data.draw(st.permutations([*findings.items(), *unknown.items()])))
    agree(net.posterior(shuffled), values(net.posterior(findings)), 1e-12)
    node = data.draw(st.sampled_from(rest)) if rest else "diagnosis"
    agree(net.marginal(node, shuffled), values(net.marginal(node, findings)), 1e-12)


@each_net
@given(data=st.data())
@SLOW
def test_a_query_never_changes_the_network(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net))
    before, engine, fast = tables(net), net.engine, net.linear
    given_findings = dict(findings)
    first = values(net.posterior(findings))
    net.marginal("diagnosis", findings)
    net.joints(findings)
    net.posterior({**findings, "diagnosis": {"dermatomyositis": 0.5, "fibromyalgia": 1}})
    net.posterior(findings, {"dermatomyositis": 1, "fibromyalgia": 3})
    score(net, cohort_of([Case("a", findings)], net.vocabulary))
    assert (values(net.posterior(findings)) == first).all()
    assert findings == given_findings
    assert tables(net) == before
    assert net.engine is engine
    assert net.linear is fast


def tables(net: model.Net) -> list[bytes]:
    """Every number of the network and of both engines, byte by byte."""
    engine, fast = net.engine, net.linear
    compiled = [*engine.potentials, *engine.tables, *engine.resting, *(table.weights for table in fast.tables)]
    return [array.tobytes() for array in (*net.network.tables.values(), *compiled)]


# Any node, any evidence


@each_net
@given(data=st.data())
@QUICK
def test_the_marginal_of_any_node_equals_that_of_pyagrum(name: str, data: st.DataObject) -> None:
    """Evidence on findings, on hidden variables, and on the diagnosis as id, family or list."""
    net = NETS[name]
    words = net.vocabulary
    hidden = [v for v in words.variables.values() if v.kind == "hidden"]
    evidence: dict[str, Any] = dict(data.draw(patients(net, most=12)))
    for variable in data.draw(st.lists(st.sampled_from(hidden), max_size=2, unique=True)):
        evidence[variable.id] = data.draw(st.sampled_from(variable.states))
    evidence["setting"] = data.draw(setting_of(net))
    theirs = dict(evidence)
    ids = st.sampled_from(words.diagnoses)
    chosen = data.draw(st.one_of(st.none(), ids, st.sampled_from(list(words.families)), st.lists(ids, min_size=1)))
    if chosen is not None:
        evidence["diagnosis"] = chosen
        inside = words.resolve_diagnoses(chosen)
        theirs["diagnosis"] = [float(d in inside) for d in words.diagnoses]
    node = data.draw(st.sampled_from([n for n in net.nodes if n not in evidence]))
    agree_or_both_refuse(name, lambda: net.marginal(node, evidence), node, theirs)


@each_net
@given(data=st.data())
@SLOW
def test_joints_sum_to_one_and_over_diagnoses_to_the_marginal(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net))
    joints = net.joints(findings)
    assert set(joints) == {n for n in net.nodes if n not in findings and n not in ("setting", "diagnosis")}
    posterior = values(net.posterior(findings))
    for joint in joints.values():
        np.testing.assert_allclose(joint.sum(axis=1), posterior, rtol=0, atol=1e-12)
        assert joint.sum() == pytest.approx(1, abs=1e-12)
    for node in data.draw(st.lists(st.sampled_from([*joints]), max_size=3)) if joints else ():
        agree(joints[node].sum(axis=0), values(net.marginal(node, findings)), 1e-12)
        agree(joints[node].sum(axis=0), AGRUM[name].posterior(node, {**findings, "setting": net.default_setting}))


@each_net
def test_evidence_on_a_node_is_kept_by_its_own_marginal(name: str) -> None:
    net = NETS[name]
    for node, kept in (("diagnosis", net.vocabulary.families["mimic"]), ("ck_level", ["mild", "high"])):
        free = net.marginal(node)
        total = sum(free[state] for state in kept)
        expected = [free[state] / total if state in kept else 0 for state in free]
        agree(net.marginal(node, {node: list(kept)}), np.array(expected), 1e-12)


# Soft evidence


@each_net
@given(data=st.data())
@QUICK
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
@SLOW
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
@SLOW
def test_only_ratios_of_likelihoods_matter(name: str, data: st.DataObject, factor: float) -> None:
    net = NETS[name]
    node = data.draw(st.sampled_from([n for n in net.nodes if n != "setting"]))
    soft = data.draw(likelihoods(net, node))
    scaled = {state: weight * factor for state, weight in soft.items()}
    agree(net.posterior({node: scaled}), values(net.posterior({node: soft})), 1e-12)


@each_net
@given(data=st.data())
@SLOW
def test_equal_likelihoods_say_nothing(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net, most=8))
    node = data.draw(st.sampled_from([n for n in net.nodes if n not in findings and n != "setting"]))
    flat = dict.fromkeys(net.vocabulary.variables[node].states, 0.4)
    agree(net.posterior({**findings, node: flat}), values(net.posterior(findings)), 1e-12)


# A prior of one's own


@each_net
@given(data=st.data())
@SLOW
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
    with pytest.raises(InputError, match="prior of one's own"):
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
    ("findings", "told"),
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
def test_a_wrong_word_is_told_with_the_right_one(name: str, findings: dict[str, Any], told: str) -> None:
    for ask in (NETS[name].posterior, NETS[name].joints, lambda f: NETS[name].marginal("cancer", f)):
        with pytest.raises(InputError, match=told):
            ask(findings)


# Evidence that cannot be, and evidence that almost cannot


CONFLICTS: dict[str, dict[str, object]] = {
    "two signs": {"heliotrope_rash": "present", "finger_flexor_weakness": "present"},
    "a sign and a diagnosis": {"heliotrope_rash": "present", "diagnosis": "mimic"},
    "a sign and an antibody": {"antibody": "mi2", "finger_flexor_weakness": "present"},
    "one sign against everything else": {
        "antibody": "mi2", "heliotrope_rash": "present", "v_sign": "present", "muscle": "high", "skin": "florid",
        "finger_flexor_weakness": "present",
    },
    "an age and a diagnosis": {"diagnosis": "inclusion_body_myositis", "age_at_onset": "0-17"},
}  # fmt: skip
POSSIBLE: dict[str, object] = {"ck_level": 3, "aldolase": "elevated", "anti_mi2": "negative", "v_sign": "present"}


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
@SLOW
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
    agree(posterior, inference.posterior(net.engine, net._evidence(findings, None))[0], 1e-12)
    agree(posterior, AGRUM[name].posterior("diagnosis", {**findings, "setting": net.default_setting}))
    joints = net.joints(dict(list(findings.items())[1:]))
    assert all(np.isfinite(joint).all() and joint.sum() == pytest.approx(1, abs=1e-12) for joint in joints.values())


@each_net
@given(data=st.data())
@SLOW
def test_log_evidence_is_the_probability_of_the_findings_one_after_the_other(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net, most=8))
    seen: dict[str, str] = {}
    total = 0.0
    for finding, state in findings.items():
        total += math.log(net.marginal(finding, seen)[state])
        seen[finding] = state
    assert net.log_evidence(findings) == pytest.approx(total, abs=1e-9)


# Cohorts and draws


@each_net
@given(data=st.data())
@SLOW
def test_a_cohort_gets_the_posterior_of_each_patient(name: str, data: st.DataObject) -> None:
    """Hard and soft evidence side by side, a setting of their own or the default of the cohort."""
    net = NETS[name]
    default = data.draw(setting_of(net))
    cases = []
    for i in range(data.draw(st.integers(1, 5))):
        findings: dict[str, Any] = dict(data.draw(patients(net)))
        if data.draw(st.booleans()):
            soft = data.draw(st.sampled_from(net.vocabulary.findings))
            findings[soft] = data.draw(likelihoods(net, soft))
        cases.append(Case(str(i), findings, data.draw(st.one_of(st.none(), setting_of(net)))))
    try:
        alone = np.array([values(net.posterior(case.findings, case.setting or default)) for case in cases])
    except ImpossibleEvidence:
        assume(False)
    agree(score(net, cohort_of(cases, net.vocabulary), default), alone, 1e-12)


def test_a_cohort_with_an_impossible_patient_names_row_and_findings(strict: model.Net) -> None:
    cases = [Case("a", POSSIBLE), Case("b", CONFLICTS["two signs"]), Case("c", CONFLICTS["two signs"])]
    with pytest.raises(InputError, match=r"row 2: .*heliotrope_rash, finger_flexor_weakness"):
        score(strict, cohort_of(cases, strict.vocabulary))


@cache
def drawn(name: str, seed: int = 3) -> Network:
    return build_network(NETS[name].priors, draws=5, seed=seed)


@each_net
def test_draws_are_networks_around_the_means(name: str) -> None:
    for node, table in drawn(name).tables.items():
        mean = NETS[name].network.tables[node]
        assert table.shape[table.ndim - mean.ndim :] == mean.shape
        np.testing.assert_allclose(table.sum(axis=-1), 1, rtol=0, atol=1e-9)
        assert (table >= 0).all()
        assert ((mean == 0) <= (table == 0)).all()


@each_net
def test_the_seed_decides_the_draws(name: str) -> None:
    again, other = build_network(NETS[name].priors, draws=5, seed=3), drawn(name, seed=4)
    for node, table in drawn(name).tables.items():
        assert (again.tables[node] == table).all()
        assert node == "setting" or (other.tables[node] != table).any()


def test_draws_have_the_mean_and_the_variance_of_their_rate(small: model.Net) -> None:
    """Where a rate alone makes the table, each number is a share of a Dirichlet."""
    draws = 4000
    network = build_network(small.priors, draws=draws, seed=1)
    for node, diagnosis, row in (("finger_flexor_weakness", "inclusion_body_myositis", 1), ("muscle", "iim", 0)):
        rate = next(r for r in small.priors.rates[node] if r.diagnosis == diagnosis)
        share = np.array(rate.percents) / 100
        sample = network.tables[node][:, row]
        error = np.sqrt(share * (1 - share) / (rate.strength + 1))
        assert (np.abs(sample.mean(axis=0) - share) < 5 * error / np.sqrt(draws)).all()
        np.testing.assert_allclose(sample.std(axis=0), error, rtol=0.1)


@each_net
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_every_draw_is_computed_as_if_alone(name: str, data: st.DataObject) -> None:
    net, many = NETS[name], drawn(name)
    together = compile_engine(many)
    evidence = net._evidence(data.draw(patients(net)), data.draw(setting_of(net)))
    posteriors, log_evidence = inference.posterior(together, evidence)
    node = "cancer" if "cancer" not in evidence.codes else "diagnosis"
    joints = inference.joint_with_target(together, inference.beliefs(together, evidence), node)
    assume(not np.isnan(posteriors).any())
    for i in range(5):
        alone = compile_engine(one_draw(many, i))
        posterior, log_one = inference.posterior(alone, evidence)
        agree(posteriors[i], posterior, 1e-12)
        assert log_evidence[i] == pytest.approx(log_one, abs=1e-9)
        agree(joints[i], inference.joint_with_target(alone, inference.beliefs(alone, evidence), node), 1e-12)


def one_draw(many: Network, i: int) -> Network:
    drawn_axes = {n: table.ndim - len(many.parents[n]) - 1 for n, table in many.tables.items()}
    return replace(many, tables={n: table[i] if drawn_axes[n] else table for n, table in many.tables.items()})


@each_net
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_patients_times_draws_are_computed_as_each_patient_alone(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    engine = compile_engine(drawn(name))
    people = [Case("", dict(data.draw(patients(net, most=20)))) for _ in range(3)]
    cohort = cohort_of(people, net.vocabulary)
    evidence = cohort.evidence(slice(0, 3), default_setting=0)
    block, log_evidence = inference.posterior(engine, evidence)
    joints = inference.joint_with_target(engine, inference.beliefs(engine, evidence), "cancer")
    assert block.shape == (5, 3, len(net.vocabulary.diagnoses))
    for i, person in enumerate(people):
        own = net._evidence(person.findings, None)
        alone, log_alone = inference.posterior(engine, own)
        agree(block[:, i], alone, 1e-12)
        agree(log_evidence[:, i], log_alone, 1e-9)
        if "cancer" not in person.findings:
            agree(joints[:, i], inference.joint_with_target(engine, inference.beliefs(engine, own), "cancer"), 1e-12)
