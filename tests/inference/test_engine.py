"""The compiled engine is exact: on any network, with any evidence, against enumeration."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.inference import hard_evidence, sweep
from model.inference.engine import Evidence, compile_engine
from model.network.build import Array, Network
from tests.helpers.random_networks import (
    brute_force_joint,
    brute_force_log_joint,
    networks,
    networks_with_evidence,
    networks_with_extreme_evidence,
)


def as_evidence(evidence: dict[str, Array]) -> Evidence:
    hard = {n: int(np.argmax(w)) for n, w in evidence.items() if (w > 0).sum() == 1 and w.max() == 1}
    return Evidence(hard, {n: w for n, w in evidence.items() if n not in hard})


@given(networks_with_evidence())
def test_posterior_and_evidence_probability_equal_enumeration(case: tuple[Network, dict[str, Array]]) -> None:
    network, evidence = case
    joint = brute_force_joint(network, evidence)
    by_target = joint.sum(axis=tuple(range(1, joint.ndim)))
    result, log_evidence = sweep.posterior(compile_engine(network), as_evidence(evidence))
    if by_target.sum() == 0:
        assert np.isnan(result).all()
        return
    np.testing.assert_allclose(result, by_target / by_target.sum(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(log_evidence, np.log(by_target.sum()), rtol=0, atol=1e-10)


@given(networks_with_evidence())
def test_joint_of_target_and_every_node_equals_enumeration(case: tuple[Network, dict[str, Array]]) -> None:
    network, evidence = case
    joint = brute_force_joint(network, evidence)
    if joint.sum() == 0:
        return
    engine = compile_engine(network)
    believed, _ = sweep.beliefs(engine, as_evidence(evidence))
    joints = sweep.joints(engine, believed)
    for i, name in enumerate(network.nodes):
        if i == 0 or name in evidence:
            continue
        others = tuple(a for a in range(joint.ndim) if a not in (0, i))
        expected = joint.sum(axis=others) / joint.sum()
        np.testing.assert_allclose(sweep.joint_with_target(engine, believed, name), expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(joints[name], expected, rtol=0, atol=1e-12)


@given(networks_with_extreme_evidence())
def test_likelihoods_too_small_for_a_float_equal_enumeration(case: tuple[Network, dict[str, Array]]) -> None:
    """Of one patient, of many side by side, and of every variable: nothing underflows, nothing impossible appears."""
    network, soft = case
    engine, evidence = compile_engine(network), Evidence({}, soft)
    joint = brute_force_log_joint(network, soft)
    expected = np.logaddexp.reduce(joint.reshape(len(joint), -1), axis=1)
    logs = sweep.log_joint(engine, evidence)
    np.testing.assert_allclose(logs, expected, rtol=1e-13, atol=1e-11)
    ordinary = {name: np.full_like(weights, 1.0) for name, weights in soft.items()}
    many = Evidence({}, {name: np.stack([ordinary[name], weights]) for name, weights in soft.items()})
    if soft:
        np.testing.assert_allclose(sweep.log_joint(engine, many)[1], expected, rtol=1e-13, atol=1e-11)
        np.testing.assert_allclose(
            sweep.log_joint(engine, many)[0], sweep.log_joint(engine, Evidence({}, {})), rtol=0, atol=1e-12
        )
    believed, log_evidence = sweep.beliefs(engine, evidence)
    if np.isneginf(log_evidence):
        assert np.isneginf(expected).all()
        return
    chance = np.exp(joint - np.logaddexp.reduce(joint, axis=None))
    joints = sweep.joints(engine, believed)
    for i, name in enumerate(network.nodes):
        if i == 0 or name in soft:
            continue
        others = tuple(axis for axis in range(joint.ndim) if axis not in (0, i))
        np.testing.assert_allclose(joints[name], chance.sum(axis=others), rtol=0, atol=1e-10)


def test_likelihoods_that_contradict_each_other_within_one_diagnosis_leave_it_possible() -> None:
    """Two witnesses of one variable, each against one of its states, then a third who excludes one: no scale that is
    common to both states of the variable would keep the state that is left."""
    states = dict.fromkeys(("diagnosis", "hidden", "a", "b", "c", "d"), ("s0", "s1"))
    parents = {"diagnosis": (), "hidden": ("diagnosis",), **dict.fromkeys("abcd", ("hidden",))}
    tables = {name: np.full((2,) * (len(above) + 1), 0.5) for name, above in parents.items()}
    tables |= {name: np.eye(2) for name in "abcd"}
    against, excluded = np.array([1.0, 1e-300]), np.array([0.0, 1.0])
    soft = {"a": against, "b": against, "c": against, "d": excluded}
    logs = sweep.log_joint(compile_engine(Network(states, parents, tables)), Evidence({}, soft))
    np.testing.assert_allclose(logs, np.log(0.25) - 3 * np.log(1e300), rtol=1e-13)


def leaves_of_one_target(count: int, rows: Array) -> Network:
    """A target of two states, equally probable, and `count` findings with the same rows, (2, states)."""
    names = [f"n{i}" for i in range(count)]
    states = {"diagnosis": ("s0", "s1"), **{n: tuple(f"s{i}" for i in range(rows.shape[1])) for n in names}}
    parents: dict[str, tuple[str, ...]] = {"diagnosis": (), **dict.fromkeys(names, ("diagnosis",))}
    return Network(states, parents, {"diagnosis": np.array([0.5, 0.5]), **dict.fromkeys(names, rows)})


def test_findings_too_improbable_for_the_fast_ways_are_left_to_the_sweep() -> None:
    """Near the smallest float few digits are left: no answer is better than one of three digits."""
    rare = np.array([1.0e-10, 1.1e-10])
    network = leaves_of_one_target(32, np.stack([rare, 1 - rare], axis=1))
    engine, states = compile_engine(network), dict.fromkeys(network.nodes[1:], 0)
    assert hard_evidence.posterior(engine, {0: [engine.row_of[n, "s0"][1] for n in states]}) is None
    assert np.isnan(hard_evidence.posteriors(engine, {n: np.array([c]) for n, c in states.items()}, 1)).all()
    expected = np.array([1, 1.1**32]) / (1 + 1.1**32)
    np.testing.assert_allclose(sweep.posterior(engine, Evidence(states, {}))[0], expected, rtol=0, atol=1e-12)


def test_patients_with_many_findings_who_differ_in_one_are_distinguished() -> None:
    """Forty findings of three states have more combinations than there are numbers of 64 bits."""
    network = leaves_of_one_target(40, np.array([[0.2, 0.3, 0.5], [0.3, 0.2, 0.5]]))
    states = {name: np.full(3, 2) for name in network.nodes[1:]}
    states["n0"] = np.array([0, 1, 2])
    posteriors = hard_evidence.posteriors(compile_engine(network), states, 3)
    np.testing.assert_allclose(posteriors[:, 0], [0.4, 0.6, 0.5], rtol=0, atol=1e-12)


@given(networks(), st.integers(0, 2**32 - 1))
def test_an_engine_with_other_numbers_has_no_array_of_the_old_ones(network: Network, seed: int) -> None:
    """Each table has one array of numbers, which cannot be changed; all ways answer from the new one."""
    engine = compile_engine(network)
    ways = {
        "one patient": lambda e: hard_evidence.posterior(e, {}),
        "a cohort": lambda e: hard_evidence.posteriors(e, {}, 1)[0],
        "the sweep": lambda e: sweep.posterior(e, Evidence({}, {}))[0],
        "joints": lambda e: sweep.joints(e, sweep.beliefs(e, Evidence({}, {}))[0])[network.nodes[1]].sum(axis=1),
    }
    before = ways["the sweep"](engine)
    for way in ways.values():
        np.testing.assert_allclose(way(engine), before, rtol=0, atol=1e-12)
    root = engine.tables[0]
    with pytest.raises(ValueError, match="read-only"):
        root.weights[0] = 1.0
    with pytest.raises(TypeError):
        replace(root, padded=root.padded)
    factors = np.random.default_rng(seed).uniform(0.01, 1, engine.size)
    weights = root.weights.copy()
    weights[0] *= factors[root.cluster.column("diagnosis")]
    other = replace(engine, tables=(replace(root, weights=weights), *engine.tables[1:]))
    expected = before * factors / (before @ factors)
    for way in ways.values():
        np.testing.assert_allclose(way(other), expected, rtol=0, atol=1e-12)


@given(networks(), st.integers(0, 2**32 - 1))
def test_a_batch_of_patients_equals_one_patient_after_the_other(network: Network, seed: int) -> None:
    generator = np.random.default_rng(seed)
    cases = 7
    states = {
        n: generator.integers(-1, len(network.states[n]), cases)
        for n in network.nodes
        if n != "diagnosis" and generator.random() < 0.7
    }
    engine = compile_engine(network)
    batch, log_batch = sweep.posterior(engine, Evidence(states, {}))
    batch = np.broadcast_to(batch, (cases, batch.shape[-1]))
    for i in range(cases):
        one = {n: int(c[i]) for n, c in states.items() if c[i] >= 0}
        single, log_single = sweep.posterior(engine, Evidence(one, {}))
        np.testing.assert_allclose(batch[i], single, rtol=0, atol=1e-12)
        if not np.isnan(single).any():
            np.testing.assert_allclose(np.broadcast_to(log_batch, cases)[i], log_single, rtol=0, atol=1e-10)


@given(networks(), st.integers(0, 2**32 - 1))
def test_draws_of_the_tables_equal_one_network_after_the_other(network: Network, seed: int) -> None:
    generator = np.random.default_rng(seed)
    draws = 4
    tables = {}
    for name, table in network.tables.items():
        noisy = table * generator.gamma(5, 1, (draws, *table.shape))
        tables[name] = noisy / noisy.sum(axis=-1, keepdims=True)
    drawn = Network(network.states, network.parents, tables)
    evidence = Evidence(dict.fromkeys(network.nodes[1:3], 0), {})
    together, _ = sweep.posterior(compile_engine(drawn), evidence)
    for i in range(draws):
        alone = Network(network.states, network.parents, {n: t[i] for n, t in tables.items()})
        single, _ = sweep.posterior(compile_engine(alone), evidence)
        np.testing.assert_allclose(together[i], single, rtol=0, atol=1e-12)


@given(networks(), st.integers(0, 2**32 - 1))
def test_the_fast_ways_for_hard_evidence_agree_with_the_sweep(network: Network, seed: int) -> None:
    generator = np.random.default_rng(seed)
    cases = 9
    states = {
        n: generator.integers(-1, len(network.states[n]), cases) for n in network.nodes if generator.random() < 0.6
    }
    engine = compile_engine(network)
    together = hard_evidence.posteriors(engine, states, cases)
    for i in range(cases):
        known = {n: int(c[i]) for n, c in states.items() if c[i] >= 0}
        expected, _ = sweep.posterior(engine, Evidence(known, {}))
        rows: dict[int, list[int]] = {}
        for name, state in known.items():
            index, row = engine.row_of[name, network.states[name][state]]
            rows.setdefault(index, []).append(row)
        alone = hard_evidence.posterior(engine, rows)
        if np.isnan(expected).any():
            assert alone is None
            assert np.isnan(together[i]).all()
            continue
        np.testing.assert_allclose(alone, expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(together[i], expected, rtol=0, atol=1e-12)
