"""Surprise: how improbable the findings are among patients with each disease."""

from itertools import product

import numpy as np
import pytest

import model
from model.inference.simulate import simulate
from model.patient.how_sure.surprise import surprise

SIGNS = ("heliotrope_rash", "gottron_papules", "ck_level", "finger_flexor_weakness", "anti_mi2")
TWO_DISEASES: dict[str, object] = {
    "biopsy_rimmed_vacuoles": "present",
    "finger_flexor_weakness": "present",
    "gottron_papules": "present",
    "anti_jo1": "positive",
    "fatigable_weakness": "present",
    "dystrophy_gene_test": "positive",
}


def enumerated(net: model.Net, findings: dict[str, str], diagnosis: str) -> float:
    """The exact share, over every combination of states of the same findings."""
    prior = np.log(net.posterior({})[diagnosis])
    states = [net.vocabulary.variables[name].states for name in findings]
    cells = [dict(zip(findings, cell, strict=True)) for cell in product(*states)]
    logs = {}
    for cell in [*cells, findings]:
        p = net.posterior(cell)[diagnosis]
        logs[tuple(cell.values())] = net.log_evidence(cell) + (np.log(p) if p else -np.inf) - prior
    limit = logs[tuple(findings.values())] + 1e-9
    return float(sum(np.exp(value) for value in logs.values() if value <= limit))


@pytest.mark.parametrize("seed", range(6))
def test_the_share_agrees_with_enumeration(small: model.Net, seed: int) -> None:
    drawn = simulate(small.network, 1, seed)
    findings = {name: small.vocabulary.variables[name].states[int(drawn[name][0])] for name in SIGNS}
    found = surprise(small, findings)
    for diagnosis, share in found.fit.items():
        assert share == pytest.approx(enumerated(small, findings, diagnosis), abs=0.06)


def test_few_patients_with_a_modelled_disease_are_reported_to_fit_none(shipped: model.Net) -> None:
    drawn = simulate(shipped.network, 150, 11)
    generator = np.random.default_rng(5)
    misfits = 0
    for patient in range(150):
        names = generator.permutation(shipped.vocabulary.findings)[:10].tolist()
        states = shipped.vocabulary.variables
        misfits += not surprise(shipped, {n: states[n].states[int(drawn[n][patient])] for n in names}).fits
    assert misfits <= 4


def test_the_share_is_never_less_than_the_probability_of_the_findings(small: model.Net) -> None:
    """Patients with exactly these findings are as improbable as this one, however few of them were imagined."""
    for finding in small.vocabulary.findings:
        for state in small.vocabulary.variables[finding].states:
            fit = surprise(small, {finding: state}).fit
            for diagnosis, share in fit.items():
                probability = small.marginal(finding, {"diagnosis": diagnosis})[state]
                assert share >= probability * (1 - 1e-9)


def test_nothing_entered_fits_everything(shipped: model.Net) -> None:
    found = surprise(shipped, {})
    assert found.fits and found.best != "other_condition"
    assert set(found.fit.values()) == {1.0}


def test_findings_of_several_diseases_fit_none_well(shipped: model.Net) -> None:
    found = surprise(shipped, TWO_DISEASES)
    assert not found.fits and found.best_fit < 0.001
    assert found.sentence.startswith("These findings fit no diagnosis of this model well (best: ")


def test_a_typical_patient_fits_the_disease(shipped: model.Net) -> None:
    typical = {"heliotrope_rash": "present", "gottron_papules": "present", "proximal_leg_weakness": "present"}
    found = surprise(shipped, {**typical, "ck_level": 12, "age_at_onset": 54})
    assert found.fits and found.sentence == ""
    assert found.fit["dermatomyositis"] > 0.2 > found.fit["fibromyalgia"]


def test_a_disease_that_the_findings_exclude_does_not_fit(shipped: model.Net) -> None:
    assert surprise(shipped, {"age_at_onset": 54}).fit["juvenile_dermatomyositis"] == 0


def test_the_same_findings_give_the_same_shares_in_any_order(shipped: model.Net) -> None:
    assert surprise(shipped, TWO_DISEASES) == surprise(shipped, dict(reversed(TWO_DISEASES.items())))


def test_findings_without_a_single_state_are_left_out(shipped: model.Net) -> None:
    uncertain: dict[str, object] = {"emg": ["normal", "myopathic"], "fever": {"absent": 0.2, "present": 0.8}}
    assert surprise(shipped, {**TWO_DISEASES, **uncertain}) == surprise(shipped, TWO_DISEASES)


def test_how_common_a_disease_is_does_not_change_whether_the_findings_fit_it(shipped: model.Net) -> None:
    findings = {"heliotrope_rash": "present", "ck_level": 3}
    here, there = (surprise(shipped, findings, setting).fit for setting in ("myositis_centre", "primary_care"))
    assert here == pytest.approx(there, abs=1e-9)


def test_a_folder_without_thresholds_never_says_that_nothing_fits(small: model.Net) -> None:
    found = surprise(small, {"heliotrope_rash": "present", "finger_flexor_weakness": "present", "ck_level": 0.5})
    assert found.fits and found.sentence == ""
