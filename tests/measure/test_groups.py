"""Metrics by group of patients: the groups are a partition, and each is measured as if it were alone."""

import numpy as np
import pytest

import model
from model.cases.case import Case, read_cases
from model.measure.evaluate import evaluate
from model.measure.groups import GROUPED_BY, UNKNOWN, by_group, state_of
from tests.helpers.places import PUBLISHED

PATIENTS = (
    Case("a", {"sex": "female", "age_at_onset": 54, "heliotrope_rash": "present"}, diagnosis="dermatomyositis"),
    Case("b", {"sex": "male", "age_at_onset": "65+"}, diagnosis="inclusion_body_myositis"),
    Case("c", {"sex": ["female", "male"], "age_at_onset": {"18-39": 1, "40-49": 1}}, diagnosis="fibromyalgia"),
    Case("d", {"sex": "female"}),
)


def test_a_number_is_binned_and_several_states_are_unknown(shipped: model.Net) -> None:
    assert [state_of(shipped, case, "sex") for case in PATIENTS] == ["female", "male", UNKNOWN, "female"]
    assert [state_of(shipped, case, "age_at_onset") for case in PATIENTS] == ["50-64", "65+", UNKNOWN, UNKNOWN]


def test_patients_without_a_diagnosis_are_in_no_group(shipped: model.Net) -> None:
    groups = by_group(shipped, evaluate(shipped, PATIENTS)[0], PATIENTS, "sex")
    assert [(group.state, group.patients) for group in groups] == [("female", 1), ("male", 1), (UNKNOWN, 1)]


@pytest.mark.parametrize("finding", ["setting", *GROUPED_BY])
def test_groups_add_up_to_all_patients(shipped: model.Net, finding: str) -> None:
    cases = read_cases(PUBLISHED, shipped.vocabulary)
    whole = evaluate(shipped, cases)[0]
    groups = by_group(shipped, whole, cases, finding)
    assert sum(group.patients for group in groups) == len(cases)
    for metric in ("top1", "top2", "log_loss", "brier"):
        mean = np.average([g.metrics[metric][0] for g in groups], weights=[g.patients for g in groups])
        assert mean == pytest.approx(whole.metrics[metric][0])


def test_a_group_is_measured_as_if_it_were_alone(shipped: model.Net) -> None:
    cases = read_cases(PUBLISHED, shipped.vocabulary)
    women = [case for case in cases if case.findings.get("sex") == "female"]
    alone = evaluate(shipped, women)[0].metrics
    group = by_group(shipped, evaluate(shipped, cases)[0], cases, "sex")[0]
    assert group.state == "female"
    for metric, values in alone.items():
        assert group.metrics[metric] == pytest.approx(values)


def test_an_interval_lies_around_its_value(shipped: model.Net) -> None:
    cases = read_cases(PUBLISHED, shipped.vocabulary)
    for group in by_group(shipped, evaluate(shipped, cases)[0], cases, "age_at_onset"):
        for metric in ("top1", "log_loss", "brier"):
            value, low, high = group.metrics[metric]
            assert low <= value <= high


def test_an_unknown_finding_or_other_cases_are_an_error(shipped: model.Net) -> None:
    evaluation = evaluate(shipped, PATIENTS)[0]
    with pytest.raises(model.InputError, match="did you mean sex"):
        by_group(shipped, evaluation, PATIENTS, "sexx")
    with pytest.raises(model.InputError, match="1 cases with a diagnosis, but 3 posteriors"):
        by_group(shipped, evaluation, PATIENTS[:1], "sex")
