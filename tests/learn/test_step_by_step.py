"""Step by step: the ratios multiply to the posterior odds in any order; dependence is named where it exists."""

import csv
import math
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence, InputError
from model.learn.dependence import dependence_sentence, shared_causes
from model.learn.examples import one_finding_examples, steps_examples
from model.learn.frequencies import enough_people, frequencies, whole_people
from model.learn.step_by_step import StepByStep, step_by_step, work_up_order
from model.learn.table import steps_csv
from model.learn.words import frequency_sentence, step_frequencies
from tests.helpers.priors import with_table
from tests.helpers.references import patients

ENZYMES = {"ck_level": "high", "aldolase": "elevated", "ldh": "elevated", "transaminases": "elevated"}
PATIENT = {
    "ck_level": 12,
    "heliotrope_rash": "present",
    "anti_mi2": "positive",
    "gottron_papules": "absent",
    "sex": "male",
}


def log_odds(net: model.Net, findings: dict[str, object], diagnosis: str, rival: str | None = None) -> float:
    posterior = net.posterior(findings)
    others = [p for d, p in posterior.items() if (d == rival if rival else d != diagnosis)]
    return math.log(posterior[diagnosis]) - math.log(math.fsum(others))


@given(data=st.data())
def test_ratios_multiply_to_the_posterior_odds_whatever_the_order(shipped: model.Net, data: st.DataObject) -> None:
    findings = data.draw(patients(shipped, 12))
    order = data.draw(st.permutations(list(findings)))
    diagnosis = data.draw(st.sampled_from(shipped.vocabulary.diagnoses))
    try:
        way = step_by_step(shipped, findings, order=order, diagnosis=diagnosis)
    except ImpossibleEvidence:
        return
    assert [step.finding for step in way.steps] == order
    total = way.prior_log_odds + math.fsum(step.log_ratio for step in way.steps)
    if math.isfinite(way.posterior_log_odds):
        assert total == pytest.approx(way.posterior_log_odds, abs=1e-9)
    else:
        assert total == way.posterior_log_odds
    assert way.posterior == pytest.approx(shipped.posterior(findings), abs=1e-9)


@given(data=st.data())
def test_each_step_is_the_change_of_the_odds_from_one_posterior_to_the_next(
    small: model.Net, data: st.DataObject
) -> None:
    findings = {f: v for f, v in data.draw(patients(small, 6)).items() if f != "age_at_onset"}
    first, second = data.draw(st.permutations(list(small.vocabulary.diagnoses)))[:2]
    rival = data.draw(st.sampled_from([None, second]))
    way = step_by_step(small, findings, None, (), first, rival)
    for index, step in enumerate(way.steps):
        before = {name: findings[name] for name in [s.finding for s in way.steps[:index]]}
        after = {**before, step.finding: step.value}
        ratio = log_odds(small, after, first, rival) - log_odds(small, before, first, rival)
        assert step.log_ratio == pytest.approx(ratio, abs=1e-9)
        assert step.log_ratio == pytest.approx(math.log(step.rate_in_diagnosis / step.rate_in_others), abs=1e-9)
        assert step.posterior == pytest.approx(small.posterior(after), abs=1e-9)


@pytest.mark.parametrize("finding", ["ck_level", "anti_mi2", "heliotrope_rash", "sex"])
def test_with_nothing_known_before_independence_claims_the_same(shipped: model.Net, finding: str) -> None:
    step = step_by_step(shipped, {finding: PATIENT[finding]}, diagnosis="dermatomyositis").steps[0]
    assert step.log_ratio_if_independent == pytest.approx(step.log_ratio, abs=1e-12)
    assert step.log_ratio_alone == pytest.approx(step.log_ratio, abs=1e-12)


def test_independence_mixes_the_other_diagnoses_by_their_present_probabilities(shipped: model.Net) -> None:
    """The ratio is P(f | diagnosis) over the mean of P(f | other), weighted by the posterior before the step."""
    way = step_by_step(shipped, ENZYMES, order=list(ENZYMES), diagnosis="dermatomyositis")
    rate = {d: shipped.marginal("aldolase", {"diagnosis": d})["elevated"] for d in shipped.vocabulary.diagnoses}
    weights = {d: p for d, p in way.steps[0].posterior.items() if d != "dermatomyositis"}
    mixed = sum(p * rate[d] for d, p in weights.items()) / sum(weights.values())
    assert math.exp(way.steps[1].log_ratio_if_independent) == pytest.approx(rate["dermatomyositis"] / mixed, abs=1e-9)


def test_the_odds_if_all_were_independent_are_those_of_naive_bayes(shipped: model.Net) -> None:
    findings = {name: value for name, value in PATIENT.items() if name != "ck_level"}
    way = step_by_step(shipped, findings, order=list(findings), diagnosis="dermatomyositis")
    weights = shipped.posterior({})
    for step in way.steps:
        for diagnosis in weights:
            weights[diagnosis] *= shipped.marginal(step.finding, {"diagnosis": diagnosis})[str(step.value)]
        others = math.fsum(weights.values()) - weights["dermatomyositis"]
        expected = math.log(weights["dermatomyositis"] / others)
        assert step.log_odds_if_independent == pytest.approx(expected, abs=1e-9)
    assert way.steps[0].log_odds_if_independent == pytest.approx(way.steps[0].log_odds_after, abs=1e-12)


@pytest.mark.parametrize("second", ["aldolase", "ldh", "transaminases"])
@pytest.mark.parametrize("rival", ["fibromyalgia", "polymyalgia_rheumatica", "corticosteroid_myopathy"])
def test_a_second_muscle_enzyme_says_less_after_the_first(shipped: model.Net, second: str, rival: str) -> None:
    findings = {"ck_level": "high", second: "elevated"}
    step = step_by_step(shipped, findings, None, ("ck_level", second), "dermatomyositis", rival).steps[1]
    assert 0 < step.log_ratio < step.log_ratio_alone
    assert step.log_ratio_if_independent == pytest.approx(step.log_ratio_alone, abs=1e-12)


def test_the_sentence_on_dependence_names_the_process_and_its_readings(shipped: model.Net) -> None:
    way = step_by_step(shipped, ENZYMES, None, tuple(ENZYMES), "dermatomyositis", "fibromyalgia")
    assert dependence_sentence(shipped, way, 0) == ""
    said = dependence_sentence(shipped, way, 1)
    assert "aldolase (elevated) would have a likelihood ratio of" in said
    assert said.endswith("it depends on “active muscle fibre damage”, and so does creatine kinase (high).")
    assert shared_causes(shipped, "aldolase", ["ck_level", "sex"]) == {"muscle_damage": ("ck_level",)}


def test_a_finding_that_depends_on_an_earlier_one_says_so(shipped: model.Net) -> None:
    findings = {"weakness_severity": "severe", "head_drop": "absent", "proximal_arm_weakness": "present"}
    way = step_by_step(shipped, findings, None, tuple(findings), "dermatomyositis", "fibromyalgia")
    assert "it depends on severity of weakness (severe)" in dependence_sentence(shipped, way, 2)


def test_the_usual_order_is_that_of_a_work_up(shipped: model.Net, small: model.Net) -> None:
    found = ["biopsy_rimmed_vacuoles", "emg", "anti_jo1", "ck_level", "age_at_onset", "dystrophy_gene_test"]
    ordered = ["age_at_onset", "ck_level", "anti_jo1", "emg", "biopsy_rimmed_vacuoles", "dystrophy_gene_test"]
    assert work_up_order(shipped, found) == tuple(ordered)
    assert sorted(work_up_order(shipped, shipped.vocabulary.findings)) == sorted(shipped.vocabulary.findings)
    assert work_up_order(small, small.vocabulary.findings[::-1]) == small.vocabulary.findings


def test_an_order_may_name_some_findings_and_leave_the_rest_to_the_work_up(shipped: model.Net) -> None:
    way = step_by_step(shipped, PATIENT, order=["anti_mi2"])
    rest = [name for name in work_up_order(shipped, list(PATIENT)) if name != "anti_mi2"]
    assert [step.finding for step in way.steps] == ["anti_mi2", *rest]
    assert way.diagnosis == "dermatomyositis"


def test_the_ratio_of_an_excluding_finding_is_infinite_and_later_ones_are_1(shipped: model.Net) -> None:
    findings = {"age_at_onset": 54, "heliotrope_rash": "present"}
    way = step_by_step(shipped, findings, None, tuple(findings), "juvenile_dermatomyositis")
    assert [step.log_ratio for step in way.steps] == [-math.inf, 0.0]
    assert step_frequencies(way.steps[1]) is None
    assert "excluded" not in steps_csv(way) and "-inf" in steps_csv(way)


def test_nothing_known_leaves_the_prior(small: model.Net) -> None:
    way = step_by_step(small, {})
    assert way.steps == () and way.posterior == way.prior == pytest.approx(small.posterior({}), abs=1e-12)


@pytest.mark.parametrize(
    ("order", "sides", "message"),
    [
        (["anti_jo1"], (None, None), "'anti_jo1' was not found in this patient"),
        (["sex", "sex"], (None, None), "occurs twice"),
        ([], ("dermatomyositi", None), "did you mean dermatomyositis"),
        ([], ("polymyositis", "polymyositis"), "cannot be compared with itself"),
    ],
)
def test_a_wrong_order_or_diagnosis_is_an_error(
    shipped: model.Net, order: list[str], sides: tuple[str | None, str | None], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        step_by_step(shipped, PATIENT, None, order, *sides)


def test_impossible_findings_are_an_error(strict: model.Net) -> None:
    with pytest.raises(ImpossibleEvidence):
        step_by_step(strict, {"heliotrope_rash": "present", "finger_flexor_weakness": "present"})


@given(shares=st.lists(st.floats(0, 1), min_size=1, max_size=30), people=st.integers(1, 10_000))
def test_people_add_up_and_none_is_a_whole_person_off(shares: list[float], people: int) -> None:
    if not math.fsum(shares) > 1e-300:
        return
    counts = whole_people(shares, people)
    assert sum(counts) == people
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - people * share / math.fsum(shares)) < 1 + 1e-6


@given(before=st.floats(0, 1), own=st.floats(0, 1), others=st.floats(0, 1))
def test_frequencies_add_up_to_all_people(before: float, own: float, others: float) -> None:
    for people in (0, 1000):
        counts = frequencies(before, own, others, people)
        parts = (counts.diagnosed_with, counts.diagnosed_without, counts.others_with, counts.others_without)
        assert sum(parts) == counts.people == counts.diagnosed + counts.others
        assert min(parts) >= 0 and (not people or counts.people == people)


def test_frequencies_of_a_step_are_those_of_bayes(shipped: model.Net) -> None:
    step = step_by_step(shipped, PATIENT, diagnosis="dermatomyositis").steps[1]
    counts = step_frequencies(step, 10_000_000)
    assert counts is not None
    share = counts.diagnosed_with / counts.with_finding
    assert share == pytest.approx(step.posterior["dermatomyositis"], abs=1e-5)


def test_few_people_are_not_rounded_to_none() -> None:
    assert enough_people(0.5) == 1000
    counts = frequencies(0.0015, 0.045, 0.0035)
    assert counts.people == 10_000
    assert frequency_sentence(counts, "scurvy", shows="result") == (
        "Of 10,000 people, 15 have scurvy; 1 of them has this result, and so do 35 of the 9,985 others. "
        "So of the 36 people with this result, 1 has scurvy."
    )


def test_shares_that_are_negative_or_all_0_are_an_error() -> None:
    for shares in ([0.0, 0.0], [0.5, -0.1]):
        with pytest.raises(ValueError, match="shares"):
            whole_people(shares)


def test_the_table_holds_every_step_and_every_probability(shipped: model.Net) -> None:
    way: StepByStep = step_by_step(shipped, PATIENT)
    rows = list(csv.DictReader(StringIO(steps_csv(way))))
    assert [row["finding"] for row in rows] == ["", *(step.finding for step in way.steps)]
    for row, posterior in zip(rows, [way.prior, *(step.posterior for step in way.steps)], strict=True):
        for diagnosis, p in posterior.items():
            assert float(row[f"p_{diagnosis}"]) == pytest.approx(p, rel=1e-5)


def test_the_findings_of_the_lessons_are_dependent(shipped: model.Net, small: model.Net) -> None:
    """Findings of one process: after the first, each is weaker evidence than it would be alone."""
    examples = steps_examples(shipped.priors)
    assert examples and steps_examples(small.priors) == one_finding_examples(small.priors) == ()
    for row in examples:
        way = step_by_step(shipped, row.findings, row.setting, tuple(row.findings), row.diagnosis, row.rival)
        assert all(0 < step.log_ratio < step.log_ratio_alone for step in way.steps[1:])


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("ck_level=hih", "steps.csv, line 2, field findings: 'hih' is not known; did you mean high"),
        ("ck_leve=high", "'ck_leve' is not known; did you mean ck_level"),
    ],
)
def test_a_fault_in_a_lesson_is_an_error_that_names_its_line(shipped: model.Net, cell: str, message: str) -> None:
    table = f"id,title,setting,diagnosis,rival,findings\na,A,primary_care,dermatomyositis,,{cell}\n"
    with pytest.raises(InputError, match=message):
        steps_examples(with_table(shipped.priors, "lessons/steps.csv", table))
