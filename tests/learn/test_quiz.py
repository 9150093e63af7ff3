"""The quiz: what is revealed, how a belief is entered, and how it is scored."""

import csv
import math
from dataclasses import replace
from io import StringIO
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.cases.case import Case, read_cases
from model.errors import InputError
from model.learn.belief import LEAST_REST, belief_of, scaled
from model.learn.quiz import QuizPatient, comes_with_the_visit, quiz_order, quiz_patient, reveal, revealed
from model.learn.quiz_scores import Round, calibration, leaders, means, right, rounds_csv, scores
from model.learn.quiz_value import asked_values, bits_nearer
from model.measure.evaluate import calibration_errors, metrics
from model.patient.what_next.procedures import procedures_of
from tests.helpers.places import PROJECT
from tests.helpers.references import of_all

PUBLISHED = PROJECT / "cases" / "published.jsonl"
FOUR = ("a", "b", "c", "d")
weights = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)


def probabilities(numbers: list[float]) -> dict[str, float]:
    return dict(zip(FOUR, (np.array(numbers) / sum(numbers)).tolist(), strict=True))


def played(student: dict[str, float], truth: str = "a", machine: dict[str, float] | None = None) -> Round:
    return Round("pub-1", truth, ("mri",), student, machine or student, machine or student)


@pytest.fixture(scope="module")
def cases(shipped: model.Net) -> list[Case]:
    return read_cases(PUBLISHED, shipped.vocabulary)


@pytest.fixture(scope="module")
def patients(shipped: model.Net, cases: list[Case]) -> list[QuizPatient]:
    return [quiz_patient(shipped, case) for case in cases]


def test_before_any_procedure_only_the_visit_is_known(shipped: model.Net, patients: list[QuizPatient]) -> None:
    visit = [p for p in procedures_of(shipped.priors) if comes_with_the_visit(p)]
    assert {p.id for p in visit} == {"history_and_examination", "drug_history", "neurological_examination"}
    findings = {finding for p in visit for finding in p.findings}
    for patient in patients:
        assert set(revealed(patient)) == findings & set(patient.findings)
        assert not {p.id for p in visit} & {p.id for p in patient.procedures}


def test_asking_for_everything_reveals_the_case_in_any_order(cases: list[Case], patients: list[QuizPatient]) -> None:
    for case, patient in zip(cases, patients, strict=True):
        names = [procedure.id for procedure in patient.procedures]
        assert revealed(patient, names) == case.findings == revealed(patient, names[::-1])


def test_a_procedure_reveals_its_findings_and_names_those_not_reported(patients: list[QuizPatient]) -> None:
    for patient in patients:
        for procedure in patient.procedures:
            shown = reveal(patient, procedure.id)
            assert {*shown.findings, *shown.not_reported} == set(procedure.findings)
            assert all(patient.findings[finding] == value for finding, value in shown.findings.items())
            new = set(revealed(patient, [procedure.id])) - set(revealed(patient))
            assert new == set(shown.findings)


def test_an_unknown_finding_is_not_revealed(shipped: model.Net) -> None:
    case = Case("x", {"age_at_onset": 50, "heliotrope_rash": None, "ck_level": ""}, None, "dermatomyositis")
    assert dict(quiz_patient(shipped, case).findings) == {"age_at_onset": 50}


def test_a_quiz_needs_a_diagnosis_and_existing_procedures(shipped: model.Net, patients: list[QuizPatient]) -> None:
    with pytest.raises(InputError, match="case x, field diagnosis: a quiz needs the final diagnosis"):
        quiz_patient(shipped, Case("x", {}))
    with pytest.raises(InputError, match="did you mean muscle_biopsy"):
        reveal(patients[0], "muscle_biopsie")


def test_without_procedures_everything_is_known_at_first(small: model.Net) -> None:
    patient = quiz_patient(small, Case("x", {"ck_level": 3, "v_sign": "present"}, None, "fibromyalgia"))
    assert revealed(patient) == {"ck_level": 3, "v_sign": "present"} and patient.procedures == ()


@given(st.integers(0, 2**32))
def test_the_order_has_every_patient_once_and_depends_on_the_seed_alone(seed: int) -> None:
    names = [f"pub-{number}" for number in range(20)]
    assert sorted(quiz_order(names, seed)) == sorted(names)
    assert quiz_order(names, seed) == quiz_order(names, seed)


def test_two_seeds_give_two_orders() -> None:
    assert quiz_order(map(str, range(57)), 1) != quiz_order(map(str, range(57)), 2)


# A belief.


@given(weights, st.floats(0, 60), st.floats(0, 30))
def test_the_rest_is_divided_in_proportion_to_the_prior(numbers: list[float], first: float, second: float) -> None:
    prior = probabilities(numbers)
    belief = belief_of({"a": first, "b": second}, prior)
    assert math.fsum(belief.values()) == pytest.approx(1)
    assert belief["c"] / belief["d"] == pytest.approx(prior["c"] / prior["d"])
    if first:
        assert belief["a"] == pytest.approx(first / 100)


def test_a_belief_that_names_no_diagnosis_is_the_prior(shipped: model.Net) -> None:
    prior = shipped.posterior({})
    assert belief_of({}, prior) == pytest.approx(prior)
    assert belief_of({"fibromyalgia": 0}, prior) == pytest.approx(prior)


@pytest.mark.parametrize(
    ("percentages", "fault"),
    [
        ({"a": 70, "b": 40}, "add up to 110; they must add up to 100: take away 10"),
        ({"a": 60, "b": 40}, "Leave at least 1 % for something else"),
        ({"a": 60, "b": 20, "c": 10, "d": 5}, "add up to 95; they must add up to 100: 5 to go"),
        ({"a": 120}, "a: 120 is not between 0 and 100"),
        ({"a": -1}, "a: -1 is not between 0 and 100"),
        ({"a": math.nan}, "a: nan is not between 0 and 100"),
        ({"aa": 20}, "'aa' is not a diagnosis; did you mean a"),
    ],
)
def test_an_impossible_belief_is_an_error(percentages: dict[str, float], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        belief_of(percentages, probabilities([1, 1, 1, 1]))


@given(st.dictionaries(st.sampled_from(FOUR[:3]), st.floats(0, 100), min_size=1))
def test_scaled_percentages_can_always_be_committed(percentages: dict[str, float]) -> None:
    whole = scaled(percentages)
    assert sum(whole.values()) == 100 - LEAST_REST
    assert math.fsum(belief_of(whole, probabilities([1, 2, 3, 4])).values()) == pytest.approx(1)
    assert all(whole[x] >= whole[y] for x, y in permutations(percentages, 2) if percentages[x] > percentages[y])


# Scores.


@given(weights, weights)
def test_no_belief_has_a_better_expected_score_than_the_truth(truth: list[float], said: list[float]) -> None:
    """Both scores are proper: their mean over diagnoses with the frequencies `truth` is lowest for `truth` itself."""
    chances, belief = probabilities(truth), probabilities(said)
    for score in ("log", "brier"):
        honest, other = (
            math.fsum(p * getattr(scores(b, d), score) for d, p in chances.items()) for b in (chances, belief)
        )
        assert honest <= other + 1e-12


def test_equal_probabilities_score_the_logarithm_of_the_number_of_diagnoses(shipped: model.Net) -> None:
    count = len(shipped.vocabulary.diagnoses)
    belief = dict.fromkeys(shipped.vocabulary.diagnoses, 1 / count)
    score = scores(belief, "polymyositis")
    assert (count, score.log, score.brier) == (30, pytest.approx(math.log(30)), pytest.approx(1 - 1 / 30))


def test_the_best_and_the_worst_score() -> None:
    sure = {"a": 1.0, "b": 0.0}
    assert (scores(sure, "a").log, scores(sure, "a").brier) == (0, 0)
    assert (scores(sure, "b").log, scores(sure, "b").brier) == (math.inf, 2)


@given(st.lists(st.tuples(weights, st.sampled_from(FOUR)), min_size=1, max_size=12))
def test_mean_scores_and_calibration_are_those_of_the_evaluation(rows: list[tuple[list[float], str]]) -> None:
    rounds = [played(probabilities(numbers), truth) for numbers, truth in rows]
    beliefs = np.array([list(r.student.values()) for r in rounds])
    truth = np.array([FOUR.index(r.diagnosis) for r in rounds])
    reference = metrics(beliefs, truth, np.array([True, True, False, False]))
    mean = means(rounds)
    assert mean.rounds == len(rounds)
    assert mean.student.log == pytest.approx(reference["log_loss"])
    assert mean.student.brier == pytest.approx(reference["brier"])
    if all(len(leaders(r.student)) == 1 for r in rounds):
        gap = sum(c.rounds * abs(c.said - c.right) for c in calibration(rounds) if c.rounds) / len(rounds)
        flags = np.array([right(r.student, r.diagnosis) == 1 for r in rounds])
        assert gap == pytest.approx(of_all(calibration_errors(beliefs.max(axis=1), flags, bins=4), len(flags)))


def test_a_quiz_that_the_model_plays_is_a_tie(shipped: model.Net, patients: list[QuizPatient]) -> None:
    rounds = []
    for patient in patients[:12]:
        asked = tuple(procedure.id for procedure in patient.procedures)
        posterior = shipped.posterior(revealed(patient, asked), patient.setting)
        everything = shipped.posterior(patient.findings, patient.setting)
        rounds.append(Round(patient.id, patient.diagnosis, asked, posterior, posterior, everything))
    mean = means(rounds)
    assert mean.student == mean.model
    assert mean.model_with_all.log == pytest.approx(mean.model.log)
    assert calibration(rounds, "student") == calibration(rounds, "model")


def test_a_true_diagnosis_that_shares_the_lead_with_another_counts_half() -> None:
    assert right({"a": 0.4, "b": 0.4, "c": 0.2}, "a") == 0.5
    assert right({"a": 0.4, "b": 0.4, "c": 0.2}, "c") == 0


def test_every_round_is_in_one_row_of_the_calibration() -> None:
    sure = [played({"a": p, "b": 1 - p}, "a") for p in (0.5, 0.75, 0.9, 1.0)]
    rows = calibration(sure)
    assert [row.rounds for row in rows] == [0, 0, 1, 3]
    assert math.isnan(rows[0].said) and rows[3].right == 1


def test_no_rounds_have_no_mean() -> None:
    assert math.isnan(means([]).student.log) and rounds_csv([]).startswith("round,patient,diagnosis")


def test_the_table_of_a_session_has_every_number_and_no_label() -> None:
    student, machine = probabilities([1, 2, 3, 4]), probabilities([4, 3, 2, 1])
    row = next(csv.DictReader(StringIO(rounds_csv([played(student, "b", machine)]))))
    assert (row["round"], row["patient"], row["diagnosis"], row["asked"]) == ("1", "pub-1", "b", "mri")
    assert float(row["student_log_score"]) == pytest.approx(-math.log(0.2), rel=1e-5)
    assert (row["student_leading"], row["model_leading"]) == ("d", "a")
    assert [float(row[f"student_p_{d}"]) for d in FOUR] == pytest.approx(list(student.values()))
    assert [float(row[f"model_p_{d}"]) for d in FOUR] == pytest.approx(list(machine.values()))


# What a procedure was worth.


def test_the_information_gained_is_on_average_the_expected_one(shipped: model.Net) -> None:
    """Over all results of a procedure and all diagnoses, weighted by their probability in the model."""
    known = {"age_at_onset": "50-64", "heliotrope_rash": "present"}
    before = shipped.posterior(known)
    joint = shipped.joints(known)["cardiac_involvement"]
    gained = 0.0
    for index, state in enumerate(shipped.vocabulary.variables["cardiac_involvement"].states):
        after = shipped.posterior({**known, "cardiac_involvement": state})
        gained += sum(joint[i, index] * bits_nearer(before[d], after[d]) for i, d in enumerate(before))
    case = Case("x", {**known, "cardiac_involvement": "present"}, None, "dermatomyositis")
    (value,) = asked_values(shipped, quiz_patient(shipped, case), ["heart"])
    assert value.expected == pytest.approx(gained / joint.sum()) and value.expected_error == 0


def test_the_information_gained_adds_up_to_the_log_score(shipped: model.Net, patients: list[QuizPatient]) -> None:
    patient = next(p for p in patients if len(reveal(p, "myositis_antibodies").findings) and reveal(p, "emg").findings)
    asked = ["emg", "myositis_antibodies", "gene_test"]
    values = list(asked_values(shipped, patient, asked))
    first, last = (scores(shipped.posterior(revealed(patient, a)), patient.diagnosis).log for a in ([], asked))
    assert sum(value.gained for value in values) * math.log(2) == pytest.approx(first - last)
    assert [value.procedure.id for value in values] == asked
    assert [value.reported for value in values] == [len(reveal(patient, name).findings) for name in asked]


def test_a_price_grows_with_the_weight_of_burden(shipped: model.Net, patients: list[QuizPatient]) -> None:
    (dear,) = asked_values(shipped, patients[0], ["muscle_biopsy"], burden_weight=100)
    (free,) = asked_values(shipped, patients[0], ["muscle_biopsy"], burden_weight=0)
    assert free.price == 0 and free.was_expected_to_pay and free.best is not None
    assert not dear.was_expected_to_pay and dear.best is None
    assert replace(dear, price=0, best=free.best) == free


def test_bits_are_0_if_the_truth_was_excluded_and_minus_infinity_if_it_becomes_so() -> None:
    assert bits_nearer(0, 0) == 0 and bits_nearer(0.3, 0) == -math.inf
