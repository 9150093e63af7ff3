"""The compiled engine is exact: on any network, with any evidence, against enumeration."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.inference import hard_evidence, sweep
from model.inference.engine import Evidence, compile_engine
from model.network.build import Array, Network
from tests.helpers.random_networks import brute_force_joint, networks, networks_with_evidence


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


@given(networks(), st.integers(0, 2**32 - 1))
def test_a_batch_of_patients_equals_one_patient_after_the_other(network: Network, seed: int) -> None:
    generator = np.random.default_rng(seed)
    cases = 7
    codes = {
        n: generator.integers(-1, len(network.states[n]), cases)
        for n in network.nodes
        if n != "diagnosis" and generator.random() < 0.7
    }
    engine = compile_engine(network)
    batch, log_batch = sweep.posterior(engine, Evidence(codes, {}))
    batch = np.broadcast_to(batch, (cases, batch.shape[-1]))
    for i in range(cases):
        one = {n: int(c[i]) for n, c in codes.items() if c[i] >= 0}
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
    codes = {
        n: generator.integers(-1, len(network.states[n]), cases) for n in network.nodes if generator.random() < 0.6
    }
    engine = compile_engine(network)
    together = hard_evidence.posteriors(engine, codes, cases)
    for i in range(cases):
        known = {n: int(c[i]) for n, c in codes.items() if c[i] >= 0}
        expected, _ = sweep.posterior(engine, Evidence(known, {}))
        rows: dict[int, list[int]] = {}
        for name, code in known.items():
            index, row = engine.place[name, network.states[name][code]]
            rows.setdefault(index, []).append(row)
        alone = hard_evidence.posterior(engine, rows)
        if np.isnan(expected).any():
            assert alone is None
            assert np.isnan(together[i]).all()
            continue
        np.testing.assert_allclose(alone, expected, rtol=0, atol=1e-12)
        np.testing.assert_allclose(together[i], expected, rtol=0, atol=1e-12)
