"""Measures of probabilities, against scikit-learn, their definitions, and patients imagined by the network itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, confusion_matrix, roc_auc_score

import model
from model.measure.calibration import brier_parts, recalibration, reliability
from model.measure.decisions import decision_curve
from model.measure.discrimination import areas, confusion, top
from model.measure.resampling import bootstrap, folds, paired_bootstrap
from model.network import Array
from model.score import score
from model.simulate import simulate

SOME = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def sample(seed: int, patients: int = 60, diagnoses: int = 5) -> tuple[Array, Array]:
    generator = np.random.default_rng(seed)
    posteriors = generator.dirichlet(np.full(diagnoses, 0.5), patients)
    return posteriors, generator.integers(0, diagnoses, patients)


@given(SEEDS)
@SOME
def test_confusion_and_areas_are_those_of_scikit_learn(seed: int) -> None:
    posteriors, truth = sample(seed)
    assert (confusion(posteriors, truth) == confusion_matrix(truth, posteriors.argmax(axis=1), labels=range(5))).all()
    family = np.array([True, True, False, False, False])
    (found,) = areas(posteriors, truth, {"family": family})
    assert found.area == pytest.approx(roc_auc_score(family[truth], posteriors[:, :2].sum(axis=1)))
    assert found.patients == family[truth].sum()


def test_an_area_needs_patients_on_both_sides() -> None:
    posteriors, _ = sample(1)
    nobody, everybody = (np.full(5, flag) for flag in (False, True))
    found = areas(posteriors, np.zeros(60, dtype=int), {"nobody": nobody, "everybody": everybody})
    assert all(np.isnan(f.area) for f in found)


@given(SEEDS)
@SOME
def test_more_places_hold_more_of_the_true_diagnoses(seed: int) -> None:
    shares = top(*sample(seed), most=(1, 2, 3, 4, 5))
    assert list(shares.values()) == sorted(shares.values()) and shares[5] == 1


def test_equal_probabilities_are_no_hit() -> None:
    assert top(np.full((10, 5), 0.2), np.zeros(10, dtype=int), (1, 2, 3)) == {1: 0, 2: 0, 3: 1}


def test_probabilities_that_come_true_as_often_as_they_say_are_calibrated() -> None:
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
@SOME
def test_the_parts_add_up_to_the_brier_score(seed: int, bins: int) -> None:
    generator = np.random.default_rng(seed)
    predicted, happened = generator.random(80), generator.random(80) < 0.4
    parts = brier_parts(predicted, happened, bins)
    assert parts.score == pytest.approx(brier_score_loss(happened, predicted))
    assert parts.reliability - parts.resolution + parts.uncertainty + parts.within == pytest.approx(parts.score)


def test_without_spread_in_the_bins_murphy_s_three_parts_are_all() -> None:
    generator = np.random.default_rng(5)
    predicted = generator.choice([0.1, 0.4, 0.8], 300)
    happened = generator.random(300) < 0.5
    assert brier_parts(predicted, happened, 300).within == pytest.approx(0, abs=1e-12)


@given(SEEDS)
@SOME
def test_net_benefit_has_its_two_ends(seed: int) -> None:
    """With a threshold near 0 everyone is acted on; nobody's benefit is 0; a perfect prediction gets the frequency."""
    generator = np.random.default_rng(seed)
    happened = generator.random(50) < 0.3
    predicted = generator.uniform(0.02, 1, 50)
    first = decision_curve(predicted, happened, [0.01])[0]
    assert first.model == pytest.approx(first.everyone) and first.nobody == 0
    for point in decision_curve(happened.astype(float), happened):
        assert point.model == pytest.approx(happened.mean())
        assert point.everyone == pytest.approx(
            happened.mean() - (1 - happened.mean()) * point.threshold / (1 - point.threshold)
        )


def accuracy(posteriors: Array, truth: Array) -> dict[str, float]:
    return {"accuracy": float((posteriors.argmax(axis=1) == truth).mean())}


def test_a_bootstrap_interval_is_about_that_of_the_binomial() -> None:
    posteriors, truth = sample(7, patients=400)
    found = bootstrap(posteriors, truth, accuracy)["accuracy"]
    half = 1.645 * np.sqrt(found.value * (1 - found.value) / 400)
    assert found.high - found.value == pytest.approx(half, rel=0.2)
    assert found.value - found.low == pytest.approx(half, rel=0.2)


def test_a_pair_is_surer_than_each_alone_and_equal_predictors_differ_by_nothing() -> None:
    posteriors, truth = sample(9, patients=200)
    same = paired_bootstrap(posteriors, posteriors, truth, accuracy)["accuracy"]
    assert (same.value, same.low, same.high) == (0, 0, 0)
    other = posteriors.copy()
    other[:10] = np.eye(5)[truth[:10]]
    pair = paired_bootstrap(posteriors, other, truth, accuracy)["accuracy"]
    alone = bootstrap(posteriors, truth, accuracy)["accuracy"]
    assert pair.low >= 0 and pair.high - pair.low < alone.high - alone.low


@given(st.integers(1, 50), st.integers(1, 10))
def test_every_patient_is_left_out_once(patients: int, count: int) -> None:
    assert sorted(np.concatenate(folds(patients, count)).tolist()) == list(range(patients))


def test_the_network_is_calibrated_on_patients_of_its_own(small: model.Net) -> None:
    from model.cohort.record import Cohort

    states = simulate(small.network, 6000, seed=11)
    findings = {name: states[name] for name in small.vocabulary.findings}
    cohort = Cohort(tuple(map(str, range(6000))), findings, {}, states["setting"], states["diagnosis"])
    posteriors = score(small, cohort)
    first = posteriors[:, 0]
    found = recalibration(first, states["diagnosis"] == 0)
    assert found.slope == pytest.approx(1, abs=0.1) and found.intercept == pytest.approx(0, abs=0.15)


def test_intervals_of_areas_and_net_benefit_are_about_those_of_the_bootstrap() -> None:
    posteriors, truth = sample(21, patients=500)
    flags = np.array([True, False, False, False, False])
    (found,) = areas(posteriors, truth, {"first": flags})

    def measures(p: Array, t: Array) -> dict[str, float]:
        return {"area": float(roc_auc_score(t == 0, p[:, 0])),
                "benefit": decision_curve(p[:, 0], t == 0, [0.15])[0].model}  # fmt: skip

    resampled = bootstrap(posteriors, truth, measures)
    benefit = decision_curve(posteriors[:, 0], truth == 0, [0.15])[0]
    for ours, theirs in ((found, resampled["area"]), (benefit, resampled["benefit"])):
        assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.15)
