"""Measures of probabilities, against scikit-learn, their definitions, and patients simulated from the network."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss, roc_auc_score

import model
from model.cases.score import score
from model.inference.simulate import simulate
from model.measure.calibration import recalibration, reliability
from model.measure.calibration_measures import CALIBRATION, calibration_measures
from model.measure.decisions import decision_curve, net_benefits
from model.measure.discrimination import areas, confusion, top
from model.measure.evaluate import calibration_errors
from model.measure.resampling import RESAMPLES, Measure, bootstrap, folds, paired_bootstrap
from model.network.build import Array
from tests.helpers.references import of_all

SEEDS = st.integers(0, 2**32 - 1)


def sample(seed: int, patients: int = 60, diagnoses: int = 5) -> tuple[Array, Array]:
    generator = np.random.default_rng(seed)
    posteriors = generator.dirichlet(np.full(diagnoses, 0.5), patients)
    return posteriors, generator.integers(0, diagnoses, patients)


def resampled(
    posteriors: Array, truth: Array, measures: Callable[[Array, Array], dict[str, float]], resamples: int = RESAMPLES
) -> dict[str, tuple[float, float]]:
    """The plain bootstrap: draw patients, measure again; the 5th and 95th percentile of each measure."""
    draws = np.random.default_rng(0).integers(0, len(truth), (resamples, len(truth)))
    found = [measures(posteriors[rows], truth[rows]) for rows in draws]
    ends = {name: np.nanpercentile([values[name] for values in found], [5, 95]) for name in found[0]}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


@given(SEEDS)
def test_confusion_and_areas_are_those_of_scikit_learn(seed: int) -> None:
    posteriors, truth = sample(seed)
    assert (confusion(posteriors, truth) == confusion_matrix(truth, posteriors.argmax(axis=1), labels=range(5))).all()
    assert confusion(posteriors, truth).dtype == np.intp
    family = np.array([True, True, False, False, False])
    (found,) = areas(posteriors, truth, {"family": family}, resamples=2)
    assert found.area == pytest.approx(roc_auc_score(family[truth], posteriors[:, :2].sum(axis=1)))
    assert found.patients == family[truth].sum()


def test_an_area_needs_patients_on_both_sides() -> None:
    posteriors, _ = sample(1)
    nobody, everybody = (np.full(5, flag) for flag in (False, True))
    found = areas(posteriors, np.zeros(60, dtype=int), {"nobody": nobody, "everybody": everybody})
    assert all(np.isnan(f.area) for f in found)


@given(SEEDS)
def test_longer_lists_contain_more_of_the_true_diagnoses(seed: int) -> None:
    shares = [found.value for found in top(*sample(seed), most=(1, 2, 3, 4, 5), resamples=2).values()]
    assert shares == sorted(shares) and shares[-1] == 1


def test_equal_probabilities_do_not_count_as_first() -> None:
    found = top(np.full((10, 5), 0.2), np.zeros(10, dtype=int), (1, 2, 3))
    assert {k: share.value for k, share in found.items()} == {1: 0, 2: 0, 3: 1}


def test_events_that_happen_as_often_as_predicted_are_calibrated() -> None:
    generator = np.random.default_rng(3)
    predicted = generator.beta(0.7, 0.9, 20_000)
    happened = generator.random(20_000) < predicted
    found = recalibration(predicted, happened)
    assert found.slope == pytest.approx(1, abs=0.04) and found.intercept == pytest.approx(0, abs=0.06)
    assert sum(b.low <= b.predicted <= b.high for b in reliability(predicted, happened)) >= 8
    extreme = predicted**2 / (predicted**2 + (1 - predicted) ** 2)
    assert recalibration(extreme, happened).slope == pytest.approx(0.5, abs=0.03)
    low = predicted / (predicted + np.e * (1 - predicted))
    assert recalibration(low, happened).intercept == pytest.approx(1, abs=0.06)


def test_an_event_that_always_happens_has_no_slope() -> None:
    assert np.isnan(recalibration(np.array([0.4, 0.9]), np.array([True, True])).slope)


@given(SEEDS, st.integers(2, 20))
def test_the_parts_add_up_to_the_brier_score(seed: int, bins: int) -> None:
    generator = np.random.default_rng(seed)
    predicted, happened = generator.random(80), generator.random(80) < 0.4
    parts = {name: e.value for name, e in calibration_measures(predicted, happened, bins, resamples=2).items()}
    assert parts["brier"] == pytest.approx(brier_score_loss(happened, predicted))
    assert parts["log_loss"] == pytest.approx(log_loss(happened, predicted))
    three = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert three + parts["within"] == pytest.approx(parts["brier"])


def test_without_spread_in_the_bins_murphy_s_three_parts_are_all() -> None:
    generator = np.random.default_rng(5)
    predicted = generator.choice([0.1, 0.4, 0.8], 300)
    happened = generator.random(300) < 0.5
    assert calibration_measures(predicted, happened, 300)["within"].value == pytest.approx(0, abs=1e-12)


def test_the_error_of_the_leading_diagnosis_is_that_of_the_summary() -> None:
    posteriors, truth = sample(4, patients=300)
    right = posteriors.argmax(axis=1) == truth
    found = calibration_measures(posteriors.max(axis=1), right)["calibration_error"]
    assert found.value == pytest.approx(of_all(calibration_errors(posteriors.max(axis=1), right), 300))


def test_calibration_has_the_intervals_of_resampled_patients() -> None:
    """Against a bootstrap that draws the patients themselves and fits each resample by scikit-learn."""
    generator = np.random.default_rng(8)
    predicted = generator.beta(0.8, 1, 200)
    happened = generator.random(200) < predicted**1.3

    def measures(p: Array, t: Array) -> dict[str, float]:
        cox, happened = recalibration(p[:, 0], t == 0), t == 0
        return {"slope": cox.slope, "intercept": cox.intercept, "brier": brier_score_loss(happened, p[:, 0]),
                "log_loss": log_loss(happened, p[:, 0]),
                "calibration_error": of_all(calibration_errors(p[:, 0], happened), len(t)),
                "uncertainty": happened.mean() * (1 - happened.mean())}  # fmt: skip

    posteriors = np.column_stack([predicted, 1 - predicted])
    theirs = resampled(posteriors, np.where(happened, 0, 1), measures, resamples=100)
    ours = calibration_measures(predicted, happened)
    assert list(ours) == list(CALIBRATION)
    for name, expected in theirs.items():
        width = expected[1] - expected[0]
        assert (ours[name].low, ours[name].high) == pytest.approx(expected, abs=0.25 * width), name


def test_probabilities_that_separate_the_patients_have_a_slope_without_bound() -> None:
    found = calibration_measures(np.r_[np.linspace(0.1, 0.4, 30), np.linspace(0.6, 0.9, 30)], np.arange(60) >= 30)
    assert np.isnan(found["slope"].high) and np.isfinite(found["brier"].high)


@given(SEEDS)
def test_net_benefit_has_its_two_ends(seed: int) -> None:
    """Near threshold 0 it is that of acting in everyone; in nobody it is 0; a perfect prediction has the frequency."""
    generator = np.random.default_rng(seed)
    happened = generator.random(50) < 0.3
    predicted = generator.uniform(0.02, 1, 50)
    first = decision_curve(predicted, happened, [0.01], resamples=2)[0]
    assert first.model == pytest.approx(first.everyone) and first.nobody == 0
    for point in decision_curve(happened.astype(float), happened, resamples=2):
        assert point.model == pytest.approx(happened.mean())
        assert point.everyone == pytest.approx(
            happened.mean() - (1 - happened.mean()) * point.threshold / (1 - point.threshold)
        )


@given(SEEDS, st.floats(0, 1))
def test_net_benefit_is_a_count_of_patients(seed: int, frequency: float) -> None:
    """By definition (Vickers & Elkin 2006): a probability equal to the threshold counts; there may be no events."""
    generator = np.random.default_rng(seed)
    predicted = generator.integers(0, 101, 80) / 100
    happened = generator.random(80) < frequency
    for point in decision_curve(predicted, happened, (0.01, 0.05, 0.2, 0.5, 0.77, 0.99), resamples=2):
        odds = point.threshold / (1 - point.threshold)
        gains = [(1 if ill else -odds) for p, ill in zip(predicted, happened, strict=True) if p >= point.threshold]
        assert point.model == pytest.approx(sum(gains) / 80)
        assert point.gain == pytest.approx(point.model - max(point.everyone, 0))


@given(SEEDS)
def test_net_benefit_of_samples_is_that_of_the_patients_drawn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    predicted, happened = generator.integers(0, 101, 40) / 100, generator.random(40) < 0.4
    rows, thresholds = generator.integers(0, 40, (3, 40)), (0.1, 0.5)
    counts = np.stack([np.bincount(row, minlength=40) for row in rows])
    found = net_benefits(predicted, happened, thresholds)(counts)
    for row, benefits in zip(rows, found, strict=True):
        alone = decision_curve(predicted[row], happened[row], thresholds, resamples=1)
        assert [point.model for point in alone] == pytest.approx(benefits.tolist())


def accuracy(posteriors: Array, truth: Array) -> Measure:
    right = posteriors.argmax(axis=1) == truth
    return lambda counts: {"accuracy": counts @ right / counts.sum(axis=1)}


def test_a_bootstrap_interval_is_about_that_of_the_binomial() -> None:
    posteriors, truth = sample(7, patients=400)
    found = bootstrap(accuracy(posteriors, truth), len(truth))["accuracy"]
    half = 1.645 * np.sqrt(found.value * (1 - found.value) / 400)
    assert found.high - found.value == pytest.approx(half, rel=0.2)
    assert found.value - found.low == pytest.approx(half, rel=0.2)


def test_a_paired_interval_is_narrower_and_equal_predictors_differ_by_0() -> None:
    posteriors, truth = sample(9, patients=200)
    same = paired_bootstrap(*[accuracy(posteriors, truth)] * 2, 200)["accuracy"]
    assert (same.value, same.low, same.high) == (0, 0, 0)
    other = posteriors.copy()
    other[:10] = np.eye(5)[truth[:10]]
    pair = paired_bootstrap(accuracy(posteriors, truth), accuracy(other, truth), 200)["accuracy"]
    alone = bootstrap(accuracy(posteriors, truth), len(truth))["accuracy"]
    assert pair.low >= 0 and pair.high - pair.low < alone.high - alone.low


@given(st.integers(1, 50), st.integers(1, 10))
def test_every_patient_is_left_out_once(patients: int, count: int) -> None:
    assert sorted(np.concatenate(folds(patients, count)).tolist()) == list(range(patients))


def test_the_network_is_calibrated_on_patients_simulated_from_it(small: model.Net) -> None:
    from model.cases.cohort import Cohort

    states = simulate(small.network, 6000, seed=11)
    findings = {name: states[name] for name in small.vocabulary.findings}
    cohort = Cohort(tuple(map(str, range(6000))), findings, {}, states["setting"], states["diagnosis"])
    posteriors = score(small, cohort)
    first = posteriors[:, 0]
    found = recalibration(first, states["diagnosis"] == 0)
    assert found.slope == pytest.approx(1, abs=0.1) and found.intercept == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("patients", [60, 500])
def test_areas_net_benefit_and_ranks_have_the_intervals_of_resampled_patients(patients: int) -> None:
    """Against a bootstrap that draws the patients themselves, with scikit-learn."""
    posteriors, truth = sample(21, patients)
    posteriors = np.round(posteriors, 2)
    flags = np.array([True, False, False, False, False])

    def measures(p: Array, t: Array) -> dict[str, float]:
        benefit = decision_curve(p[:, 0], t == 0, [0.15], resamples=1)[0].model
        everyone = (t == 0).mean() - (t != 0).mean() * 0.15 / 0.85
        return {"area": float(roc_auc_score(t == 0, p[:, 0])), "benefit": benefit,
                "gain": benefit - max(everyone, 0), "top": top(p, t, (2,), resamples=1)[2].value}  # fmt: skip

    theirs = resampled(posteriors, truth, measures)
    (area,) = areas(posteriors, truth, {"first": flags})
    benefit = decision_curve(posteriors[:, 0], truth == 0, [0.15])[0]
    share = top(posteriors, truth, (2,))[2]
    pairs = {"area": (area.low, area.high), "benefit": (benefit.low, benefit.high),
             "gain": (benefit.gain_low, benefit.gain_high), "top": (share.low, share.high)}  # fmt: skip
    for name, (low, high) in pairs.items():
        width = theirs[name][1] - theirs[name][0]
        assert (low, high) == pytest.approx(theirs[name], abs=0.2 * width), name


def test_an_area_of_one_patient_has_no_interval() -> None:
    posteriors, truth = sample(2)
    truth = np.where(np.arange(60) == 7, 0, 1)
    (found,) = areas(posteriors, truth, {"first": np.array([True, False, False, False, False])})
    assert np.isfinite(found.area) and np.isnan(found.low) and np.isnan(found.high)


def test_a_gain_over_everyone_and_nobody_is_detected_if_there_are_many_patients() -> None:
    generator = np.random.default_rng(3)
    predicted = generator.beta(0.7, 0.9, 5000)
    happened = generator.random(5000) < predicted
    assert all(point.gain_low > 0 for point in decision_curve(predicted, happened, (0.1, 0.3, 0.5, 0.8)))
    chance = decision_curve(generator.permutation(predicted), happened, (0.1, 0.3, 0.5, 0.8))
    assert all(point.gain_high < 0 for point in chance)
