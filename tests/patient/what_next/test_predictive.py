"""Results that a patient may still have: the conditioned network, and imagined results, against the network."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence
from model.patient.what_next.predictive import every_result, imagine, open_findings, predictive
from tests.helpers.nets import NETS, each_net, setting_of
from tests.helpers.references import agree, patients, values

UNCERTAIN: dict[str, object] = {
    "ck_level": ["high", "very_high"],
    "heliotrope_rash": {"absent": 0.2, "present": 0.9},
    "age_at_onset": 54,
    "v_sign": None,
}


@each_net
@given(data=st.data())
def test_results_and_diagnosis_are_as_probable_together_as_in_the_network(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings, setting = data.draw(patients(net, 9)), data.draw(setting_of(net))
    still_open = open_findings(findings, net.vocabulary.findings)
    chosen = data.draw(st.lists(st.sampled_from(still_open), min_size=1, max_size=3, unique=True))
    try:
        outlook = predictive(net, findings, setting)
    except ImpossibleEvidence:
        return
    results, count = every_result(net, chosen)
    joint = outlook.joint(results, count)
    agree(outlook.posterior, values(net.posterior(findings, setting)))
    agree(joint.sum(axis=0), outlook.posterior)
    for row in range(0, count, max(1, count // 3)):
        if joint[row].sum() > 1e-12:
            seen = {n: net.vocabulary.variable(n).states[results[n][row]] for n in chosen}
            agree(joint[row] / joint[row].sum(), values(net.posterior({**findings, **seen}, setting)), 1e-8)


@each_net
@pytest.mark.parametrize("prior", [None, "primary_care", {"dermatomyositis": 2, "fibromyalgia": 1}], ids=str)
def test_uncertain_findings_and_a_given_prior_have_the_joints_of_the_network(name: str, prior: object) -> None:
    net = NETS[name]
    outlook = predictive(net, UNCERTAIN, prior)  # type: ignore[arg-type]
    joints = net.joints(UNCERTAIN, prior)  # type: ignore[arg-type]
    for finding in open_findings(UNCERTAIN, net.vocabulary.findings):
        results, count = every_result(net, [finding])
        agree(outlook.joint(results, count).T, joints[finding])


def weighted(outlook_excess: np.ndarray, diagnoses: np.ndarray) -> np.ndarray:
    """The importance weight of each imagined patient, from the index of the diagnosis."""
    return 1 / outlook_excess[diagnoses]


@each_net
@pytest.mark.parametrize(
    "findings", [{}, {"ck_level": 12, "proximal_leg_weakness": "present"}, UNCERTAIN], ids=["none", "two", "uncertain"]
)
def test_imagined_results_are_as_frequent_as_the_network_says(name: str, findings: Mapping[str, object]) -> None:
    """Of every state, jointly with the diagnosis; 20,000 patients, five standard errors."""
    net, count = NETS[name], 20_000
    still_open = open_findings(findings, net.vocabulary.findings)
    outlook = predictive(net, findings)
    imagined = imagine(outlook, [*still_open, "diagnosis"], count, seed=1)
    drawn = imagined.results["diagnosis"]
    weights = weighted(imagined.excess, drawn)
    joints = net.joints(findings)
    for finding in still_open:
        for state in range(len(net.vocabulary.variable(finding).states)):
            for diagnosis in np.flatnonzero(outlook.posterior > 0.02):
                shown = weights * ((imagined.results[finding] == state) & (drawn == diagnosis))
                error = max(shown.std() / np.sqrt(count), 1e-3)
                assert abs(shown.mean() - joints[finding][diagnosis, state]) < 5 * error


def test_imagined_findings_depend_on_each_other_as_in_the_network(shipped: model.Net) -> None:
    """Pairs that share a hidden process, or only the antibody and the diagnosis."""
    outlook, count = predictive(shipped, {"ck_level": 12}), 20_000
    pairs = [
        ("heliotrope_rash", "gottron_papules"),
        ("anti_jo1", "interstitial_lung_disease"),
        ("biopsy_mhc1", "biopsy_mac"),
        ("raynaud", "anti_ro52"),
        ("weakness_severity", "mri_muscle_edema"),
    ]
    names = [name for pair in pairs for name in pair]
    imagined = imagine(outlook, [*names, "diagnosis"], count, seed=2)
    weights = weighted(imagined.excess, imagined.results["diagnosis"])
    for pair in pairs:
        results, combinations = every_result(shipped, pair)
        exact = outlook.joint(results, combinations).sum(axis=1)
        for row in range(combinations):
            shown = weights * np.all([imagined.results[n] == results[n][row] for n in pair], axis=0)
            assert abs(shown.mean() - exact[row]) < 5 * max(shown.std() / np.sqrt(count), 1e-3)


def test_one_more_finding_does_not_change_the_imagined_results_of_the_others(shipped: model.Net) -> None:
    outlook = predictive(shipped, {"ck_level": 12})
    few = imagine(outlook, ["anti_jo1", "emg"], 500, seed=3).results
    more = imagine(outlook, ["anti_jo1", "biopsy_mhc1", "emg", "v_sign"], 500, seed=3).results
    other = imagine(outlook, ["anti_jo1", "emg"], 500, seed=4).results
    assert all((few[name] == more[name]).all() for name in few)
    assert any((few[name] != other[name]).any() for name in few)


def test_impossible_findings_are_an_error(strict: model.Net) -> None:
    with pytest.raises(ImpossibleEvidence):
        predictive(strict, {"heliotrope_rash": "present", "finger_flexor_weakness": "present"})
