"""Imagined cohorts: what a work-up leaves unknown, seeded, in parts."""

import numpy as np
import pytest

import model
from model.cases.cohort import Cohort, joined
from model.cases.imagine import Imagined, cases, columns, imagine
from model.cases.missing_patterns import COMPLETE, pattern, patterns
from model.errors import InputError
from model.patient.what_next.procedures import procedures_of
from tests.helpers.priors import with_table

PATTERNS = ("first_visit", "after_blood_tests", "full_workup", "registry")


def cohort(net: model.Net, wanted: Imagined) -> Cohort:
    return joined(list(imagine(net, wanted)))


def equal(a: Cohort, b: Cohort) -> bool:
    return (
        a.ids == b.ids
        and list(a.states) == list(b.states)
        and all((a.states[name] == b.states[name]).all() for name in a.states)
        and bool((a.settings == b.settings).all() and (a.diagnoses == b.diagnoses).all())
    )


def test_every_pattern_is_there(shipped: model.Net, small: model.Net) -> None:
    assert {*PATTERNS, COMPLETE} <= set(patterns(shipped.priors))
    assert set(patterns(small.priors)) == {COMPLETE}


@pytest.mark.parametrize("name", PATTERNS)
def test_findings_are_known_as_often_as_the_table_says(shipped: model.Net, name: str) -> None:
    wanted = pattern(name, shipped.priors)
    people = cohort(shipped, Imagined(4000, 1, missing=name))
    assert set(people.states) == set(wanted.recorded)
    for finding, column in people.states.items():
        share = wanted.done[wanted.procedure[finding]] * wanted.recorded[finding]
        assert abs((column >= 0).mean() - share) < 5 * np.sqrt(share * (1 - share) / 4000) + 1e-12, finding


def test_the_findings_of_a_procedure_are_missing_together(shipped: model.Net) -> None:
    """Of a procedure that is not done nothing is known: whole rows are empty far more often than by chance."""
    wanted = pattern("full_workup", shipped.priors)
    people = cohort(shipped, Imagined(4000, 2, missing="full_workup"))
    for procedure in procedures_of(shipped.priors):
        own = [f for f in procedure.findings if f in wanted.recorded and wanted.procedure[f] == procedure.id]
        if len(own) > 1:
            nothing = np.all([people.states[f] < 0 for f in own], axis=0).mean()
            recorded = np.prod([1 - wanted.recorded[f] for f in own])
            done = wanted.done[procedure.id]
            expected = (1 - done) + done * recorded
            assert abs(nothing - expected) < 5 * np.sqrt(expected * (1 - expected) / 4000) + 1e-12, procedure.id


def test_each_stage_knows_more_than_the_one_before(shipped: model.Net) -> None:
    known = [
        np.mean([(column >= 0).sum() for column in cohort(shipped, Imagined(300, 3, missing=name)).states.values()])
        * len(cohort(shipped, Imagined(1, 3, missing=name)).states)
        for name in (*PATTERNS[:3], COMPLETE)
    ]
    assert known == sorted(known)


def test_the_seed_decides(small: model.Net) -> None:
    first, again, other = (cohort(small, Imagined(50, seed, without_diagnosis=0.5)) for seed in (1, 1, 2))
    assert equal(first, again)
    assert not equal(first, other)


def test_parts_of_bounded_size_make_one_cohort(small: model.Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.cases.imagine.PATIENTS_AT_ONCE", 16)
    parts = list(imagine(small, Imagined(50, 1)))
    assert [len(part) for part in parts] == [16, 16, 16, 2]
    assert joined(parts).ids == tuple(str(i) for i in range(1, 51))
    assert any((parts[0].states[name] != parts[1].states[name]).any() for name in parts[0].states)


def test_setting_and_share_without_diagnosis_are_as_asked(small: model.Net) -> None:
    people = cohort(small, Imagined(4000, 4, "primary_care", without_diagnosis=0.3))
    assert set(people.settings) == {small.vocabulary.settings.index("primary_care")}
    assert abs((people.diagnoses < 0).mean() - 0.3) < 5 * np.sqrt(0.21 / 4000)
    known = people.diagnoses[people.diagnoses >= 0]
    share = np.bincount(known, minlength=3) / len(known)
    primary_care = small.priors.rates["diagnosis"][small.vocabulary.settings.index("primary_care")]
    expected = np.array(primary_care.percents) / 100
    assert (np.abs(share - expected) < 5 * np.sqrt(expected * (1 - expected) / len(known))).all()


def test_columns_and_cases_say_the_same(small: model.Net) -> None:
    people = cohort(small, Imagined(20, 5, without_diagnosis=0.5))
    table, listed = columns(people, small), cases(people, small)
    for i, case in enumerate(listed):
        findings = case["findings"]
        assert isinstance(findings, dict)
        assert {name: word[i] for name, word in table.items() if word[i]} == {
            **{name: case[name] for name in ("id", "setting", "diagnosis") if name in case}, **findings}  # fmt: skip


BAD_ROWS = {
    "an unknown procedure or finding": ("p,cancr,50,50,D,,\n", "line 2, field what: .*did you mean cancer?"),
    "a share above all": ("p,cancer,150,50,D,,\n", "line 2, field done_percent"),
    "no number": ("p,cancer,50,x,D,,\n", "line 2, field recorded_percent"),
    "twice": ("p,cancer,50,50,D,,\np,cancer,40,50,D,,\n", "line 3, field what: .*occurs twice"),
}


@pytest.mark.parametrize(("rows", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_table_of_patterns_is_refused(small: model.Net, rows: str, message: str) -> None:
    table = "pattern,what,done_percent,recorded_percent,grade,source,note\n" + rows
    with pytest.raises(InputError, match=message):
        patterns(with_table(small.priors, "missing.csv", table))


def test_an_unknown_pattern_is_refused_with_the_nearest(shipped: model.Net) -> None:
    with pytest.raises(InputError, match=r"'registri' is not a pattern of missing\.csv; did you mean registry"):
        list(imagine(shipped, Imagined(1, missing="registri")))
