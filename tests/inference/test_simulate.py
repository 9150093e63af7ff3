"""Simulated patients are distributed as the network says."""

import numpy as np

import model
from model.inference.simulate import simulate

PATIENTS = 40_000


def test_frequencies_are_the_joint_of_diagnosis_and_node_within_binomial_error(small: model.Net) -> None:
    states = simulate(small.network, PATIENTS, seed=1)
    default = states["setting"] == small.vocabulary.settings.index(small.default_setting)
    diagnosis = states["diagnosis"][default]
    for name, joint in small.joints({}).items():
        counts = np.zeros(joint.shape)
        np.add.at(counts, (diagnosis, states[name][default]), 1)
        allowed = 5 * np.sqrt(joint * (1 - joint) / len(diagnosis))
        assert (np.abs(counts / len(diagnosis) - joint) <= allowed + 1e-12).all(), name


def test_every_node_of_every_patient_has_one_of_its_states(small: model.Net) -> None:
    states = simulate(small.network, 100, seed=2)
    assert tuple(states) == small.nodes
    for name, column in states.items():
        assert column.shape == (100,)
        assert column.min() >= 0
        assert column.max() < len(small.network.states[name])


def test_the_seed_decides(small: model.Net) -> None:
    first, again, other = (simulate(small.network, 200, seed) for seed in (3, 3, 4))
    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)
