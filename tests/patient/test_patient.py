"""One patient, whose answers are those of the functions behind them, each computed once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.inference.net import Net
from model.patient.advice.alerts import alerts
from model.patient.advice.checklist import checklist
from model.patient.criteria import disagreements, judge
from model.patient.how_sure.conflict import conflict
from model.patient.how_sure.credible_interval import credible_intervals
from model.patient.how_sure.surprise import surprise
from model.patient.patient import Patient
from model.patient.what_next.procedures import procedures_of
from model.patient.what_next.value_of_information import advise, advise_pair
from model.patient.why.compare import compare
from model.patient.why.pathway import pathway
from model.patient.why.weight_of_evidence import weigh
from tests.patient.why.test_compare import some_findings

FINDINGS = {"heliotrope_rash": "present", "ck_level": 12, "anti_mi2": "positive", "age_at_onset": 54}
SETTING = "dermatology_clinic"
UNKNOWN = [None, "", float("nan"), np.float32("nan"), pd.NA, pd.NaT]


@pytest.fixture(scope="module")
def patient(shipped: Net) -> Patient:
    return shipped.patient(FINDINGS, SETTING)


def test_every_answer_is_that_of_the_function_behind_it(shipped: Net, patient: Patient) -> None:
    asked = shipped, FINDINGS, SETTING
    posterior = shipped.posterior(FINDINGS, SETTING)
    verdicts = judge(shipped, FINDINGS)
    first, second, *_ = procedures_of(shipped.priors)
    assert patient.posterior.to_dict() == posterior
    assert patient.before.to_dict() == shipped.posterior({}, SETTING)
    assert patient.why("polymyositis", "fibromyalgia") == weigh(*asked, "polymyositis", "fibromyalgia")
    assert patient.path("ck_level") == pathway(shipped, FINDINGS, "ck_level", SETTING)
    assert repr(patient.intervals) == repr(credible_intervals(*asked))
    assert (patient.conflict, patient.surprise) == (conflict(*asked), surprise(*asked))
    assert patient.what_next() == advise(*asked)
    assert patient.what_next(0.0) == advise(*asked, burden_weight=0.0)
    assert patient.what_next(procedures=[first]) == advise(*asked, [first])
    assert patient.together(first, second) == advise_pair(*asked, first, second)
    assert patient.alerts() == alerts(shipped, FINDINGS, posterior)
    assert patient.work_up() == checklist(shipped, FINDINGS, posterior)
    assert patient.criteria().verdicts == verdicts
    assert patient.criteria().disagreements == disagreements(shipped, FINDINGS, verdicts, posterior)
    other = shipped.patient({}, SETTING)
    assert patient.compare(other) == compare(patient, other)


@given(data=st.data())
def test_the_posterior_of_a_patient_is_that_of_the_network(small: Net, data: st.DataObject) -> None:
    findings = data.draw(some_findings(small))
    setting = data.draw(st.sampled_from(small.vocabulary.settings))
    patient = small.patient(findings, setting)
    assert patient.posterior.to_dict() == small.posterior(findings, setting)
    assert patient.posterior.name == "posterior" and tuple(patient.posterior.index) == small.vocabulary.diagnoses
    assert patient.leading == patient.posterior.idxmax()


def test_nothing_is_computed_twice(shipped: Net, patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    asks: list[Callable[[], Any]] = [
        lambda: patient.probabilities,
        lambda: patient.coalitions,
        patient.how_sure,
        patient.what_next,
        patient.alerts,
        patient.work_up,
        patient.criteria,
    ]
    before = [ask() for ask in asks]
    for name in ("posterior", "evidence", "joints"):
        monkeypatch.setattr(Net, name, None)
    patient.why("polymyositis")
    for ask, answer in zip(asks, before, strict=True):
        assert ask() == answer


@pytest.mark.parametrize("value", UNKNOWN, ids=repr)
def test_an_unknown_value_is_as_if_it_had_not_been_entered(small: Net, value: object) -> None:
    patient = small.patient({"ck_level": 7, "heliotrope_rash": value})
    assert patient.findings == {"ck_level": 7}
    assert patient.probabilities == small.posterior({"ck_level": 7})


@given(data=st.data())
def test_a_prior_has_the_odds_of_its_weights(small: Net, data: st.DataObject) -> None:
    """Two diagnoses of the prior keep the ratio of their weights; findings then multiply the odds as in any setting."""
    first, second, *_ = small.vocabulary.diagnoses
    weights = {name: data.draw(st.floats(0.01, 100)) for name in (first, second)}
    findings = {"ck_level": 7}
    patient = small.patient(findings, prior=weights)
    assert patient.before[first] / patient.before[second] == pytest.approx(weights[first] / weights[second])
    assert patient.before.sum() == pytest.approx(1)
    in_setting = small.patient(findings)
    ratio = (in_setting.posterior / in_setting.before)[[first, second]]
    expected = ratio * pd.Series(weights)
    assert patient.posterior[[first, second]].to_dict() == pytest.approx((expected / expected.sum()).to_dict())
    assert patient.probabilities == small.posterior(findings, prior=weights)
    assert patient.how_sure().intervals.posterior == patient.probabilities
    assert patient.setting is None


@pytest.mark.parametrize(
    ("findings", "more", "word"),
    [
        ({"heliotrop_rash": "present"}, {}, "heliotrope_rash"),
        ({"heliotrop_rash": None}, {}, "heliotrope_rash"),
        ({"heliotrope_rash": "presnt"}, {}, "present"),
        ({}, {"setting": "primary_cre"}, "primary_care"),
        ({}, {"prior": {"dermatomyositiss": 1}}, "dermatomyositis"),
        ({}, {"prior": {"dermatomyositis": 1}, "setting": "primary_care"}, "a setting or a prior, not both"),
        ({"setting": "primary_care"}, {"prior": {"dermatomyositis": 1}}, "a setting or a prior, not both"),
    ],
)
def test_a_wrong_word_is_an_error_at_once_that_names_the_nearest(
    shipped: Net, findings: dict[str, object], more: dict[str, Any], word: str
) -> None:
    with pytest.raises(model.InputError, match=word):
        shipped.patient(findings, **more)


def test_findings_that_cannot_occur_together_are_an_error_when_an_answer_is_computed(strict: Net) -> None:
    patient = strict.patient({"v_sign": "present", "finger_flexor_weakness": "present"})
    with pytest.raises(model.ImpossibleEvidence):
        _ = patient.posterior


def test_the_report_is_written_to_the_given_path(patient: Patient, tmp_path: Path) -> None:
    written = patient.report(tmp_path / "report.json", "case 1")
    content = json.loads(written.read_text())
    assert (content["case"]["id"], content["setting"]) == ("case 1", SETTING)
    assert content["posterior"] == pytest.approx(patient.posterior.to_dict())
    with pytest.raises(model.InputError, match="ends in"):
        patient.report(tmp_path / "report.docx")


def test_a_report_on_a_prior_says_so(small: Net, tmp_path: Path) -> None:
    first, second, *_ = small.vocabulary.diagnoses
    page = small.patient({"ck_level": 7}, prior={first: 1, second: 2}).report(tmp_path / "report.html")
    assert "own prior" in page.read_text()


def test_the_probability_of_a_spectrum_is_that_of_its_forms(shipped: model.Net, small: model.Net) -> None:
    patient = shipped.patient({"heliotrope_rash": "present", "weakness_severity": "none"})
    forms = ["dermatomyositis", "amyopathic_dermatomyositis", "juvenile_dermatomyositis"]
    assert patient.spectra == {"Dermatomyositis, any form": pytest.approx(patient.posterior[forms].sum())}
    assert small.patient({}).spectra == {}  # a folder without the table
