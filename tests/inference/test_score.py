"""Cohorts, draws of the priors, and both at once are computed as each alone."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import model
from model.cases.case import Case
from model.cases.cohort import cohort_of
from model.cases.score import score
from model.errors import ImpossibleEvidence, InputError
from model.inference import sweep
from model.inference.engine import compile_engine
from model.network.build import Network, build_network
from tests.helpers.nets import CONFLICTS, NETS, POSSIBLE, each_net, setting_of
from tests.helpers.references import agree, likelihoods, patients, values

# Cohorts and draws


@each_net
@given(data=st.data())
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


def test_a_cohort_with_an_impossible_patient_names_patient_and_findings(strict: model.Net) -> None:
    cases = [Case("a", POSSIBLE), Case("b", CONFLICTS["two signs"]), Case("c", CONFLICTS["two signs"])]
    with pytest.raises(InputError, match=r"patient b: .*heliotrope_rash, finger_flexor_weakness"):
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
@settings(max_examples=4)
def test_every_draw_is_computed_as_if_alone(name: str, data: st.DataObject) -> None:
    net, many = NETS[name], drawn(name)
    together = compile_engine(many)
    evidence = net.evidence(data.draw(patients(net)), data.draw(setting_of(net)))
    posteriors, log_evidence = sweep.posterior(together, evidence)
    node = "cancer" if "cancer" not in evidence.states else "diagnosis"
    joints = sweep.joint_with_target(together, sweep.beliefs(together, evidence)[0], node)
    assume(not np.isnan(posteriors).any())
    for i in range(5):
        alone = compile_engine(one_draw(many, i))
        posterior, log_one = sweep.posterior(alone, evidence)
        agree(posteriors[i], posterior, 1e-12)
        assert log_evidence[i] == pytest.approx(log_one, abs=1e-9)
        agree(joints[i], sweep.joint_with_target(alone, sweep.beliefs(alone, evidence)[0], node), 1e-12)


def one_draw(many: Network, i: int) -> Network:
    drawn_axes = {n: table.ndim - len(many.parents[n]) - 1 for n, table in many.tables.items()}
    return replace(many, tables={n: table[i] if drawn_axes[n] else table for n, table in many.tables.items()})


@each_net
@given(data=st.data())
@settings(max_examples=4)
def test_patients_times_draws_are_computed_as_each_patient_alone(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    engine = compile_engine(drawn(name))
    people = [Case("", dict(data.draw(patients(net, most=20)))) for _ in range(3)]
    cohort = cohort_of(people, net.vocabulary)
    evidence = cohort.evidence(slice(0, 3), default_setting=0)
    block, log_evidence = sweep.posterior(engine, evidence)
    joints = sweep.joint_with_target(engine, sweep.beliefs(engine, evidence)[0], "cancer")
    assert block.shape == (5, 3, len(net.vocabulary.diagnoses))
    for i, person in enumerate(people):
        own = net.evidence(person.findings, None)
        alone, log_alone = sweep.posterior(engine, own)
        agree(block[:, i], alone, 1e-12)
        agree(log_evidence[:, i], log_alone, 1e-9)
        if "cancer" not in person.findings:
            agree(joints[:, i], sweep.joint_with_target(engine, sweep.beliefs(engine, own)[0], "cancer"), 1e-12)


def test_soft_evidence_of_many_patients_is_taken_in_blocks(small: model.Net, monkeypatch: pytest.MonkeyPatch) -> None:
    soft = {"heliotrope_rash": {"absent": 0.3, "present": 0.7}}
    cases = [Case(str(i), {**(soft if i % 3 else {}), "age_at_onset": 20 + 5 * i}) for i in range(11)]
    cohort = cohort_of(cases, small.vocabulary)
    whole = score(small, cohort)
    monkeypatch.setattr("model.cases.score.PATIENTS_IN_SWEEP", 4)
    np.testing.assert_array_equal(score(small, cohort), whole)
