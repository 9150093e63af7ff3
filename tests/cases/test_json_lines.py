"""JSON Lines: a file of many patients is read as each patient alone would be."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.cases.case import Case, case_of_line
from model.cases.cohort import Cohort
from model.cases.files.read import cohort_parts, read_cohort_file
from model.cases.known import known_patients
from model.errors import InputError
from model.inference.evidence import is_unknown, likelihood
from model.network.build import Array
from tests.helpers.nets import NETS

VOCABULARY = NETS["small_priors"].vocabulary
STAYS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

NUMBERS = st.sampled_from([0, 1, 0.0, 1.0, -0.0, 3, 3.0, 12.5, -1, 10**30, 1e300, float("nan"), float("inf")])
WORDS = st.sampled_from(["absent", "present", " present ", "presnt", "1", "1.0", "1_0", "", "high", "nan", "adult"])
PLAIN = st.one_of(NUMBERS, WORDS, st.none(), st.booleans())
WEIGHTS = st.dictionaries(st.sampled_from(["absent", "present", "normal", "high", "x"]), NUMBERS, max_size=3)
VALUES = st.one_of(PLAIN, PLAIN, PLAIN, st.lists(PLAIN, max_size=3), WEIGHTS)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "cancer": st.sampled_from(["absent", "present", "", None, ["absent", "present"], ["present"], {"present": 2}]),
    "v_sign": st.sampled_from(["absent", " present", {"absent": 0.2, "present": 1}, {"absent": 1, "present": 1}]),
    "ck_level": st.sampled_from([0, 1, 1.0, "1", 3, 3.0, "high", 12.5, ["normal", "high"], float("nan")]),
    "age_at_onset": st.sampled_from([0, 1, "54.0", 54, 17.5, None]),
}
FINDINGS = st.one_of(
    st.fixed_dictionaries({}, optional=GOOD),
    st.fixed_dictionaries({}, optional=GOOD),
    st.dictionaries(st.sampled_from([*GOOD, "cancr", "diagnosis", "setting"]), VALUES, max_size=4),
)
ID = st.one_of(st.sampled_from(["a", "b", "a:b", "", "Ä", "\ud83d\ude00"]), st.integers(), st.floats(), st.none())
CASES = st.fixed_dictionaries(
    {"findings": FINDINGS},
    optional={
        "id": ID,
        "setting": st.sampled_from(["primary_care", "", None]),
        "diagnosis": st.sampled_from(["fibromyalgia", None, "fibromyalgi"]),
        "notes": st.sampled_from(["true: yes", '"', {"cancer": "x"}, 1, True]),
    },
)
LINES = st.one_of(
    CASES.map(json.dumps),
    CASES.map(json.dumps),
    CASES.map(json.dumps),
    CASES.map(lambda case: json.dumps(case, ensure_ascii=False) + " "),
    st.sampled_from(
        [
            "",
            "  ",
            "[]",
            "{}",
            "null",
            '{"findings": {"cancer": "absent", "cancer": "present"}}',
            '{"id": "a", "findings": {}, "id": "b"}',
            '{"id": "a", "findings": {}, "notes": {"x": 1, "x": 2}}',
            '{"id": "\\ud800", "findings": {}}',
            '{"findings": {"ck_level": -0}}',
            '{"findings": {"ck_level": 1E2}}',
            '{"findings": {"ck_level": ' + "9" * 30 + "}}",
            '{"findings": {"ck_level": ' + "9" * 5000 + "}}",
            '\ufeff{"findings": {}}',
            '{"findings": {}} {}',
        ]
    ),
)


def alone(text: str) -> list[tuple[int, Case]]:
    """Each case of a file parsed by itself, with its row."""
    numbered = enumerate(text.split("\n"), 1)
    return [(row, case_of_line(line, f"c.jsonl, row {row}", VOCABULARY)) for row, line in numbered if line.strip()]


def likelihoods(cohort: Cohort, finding: str) -> Array:
    """Likelihood of each state of a finding, (patients, states)."""
    if finding in cohort.likelihoods:
        return cohort.likelihoods[finding]
    states = len(VOCABULARY.variable(finding).states)
    return np.vstack([np.eye(states), np.ones(states)])[cohort.states.get(finding, np.full(len(cohort), -1))]


def entered(case: Case, finding: str) -> Array:
    variable, value = VOCABULARY.variable(finding), case.findings.get(finding)
    return np.ones(len(variable.states)) if is_unknown(value) else likelihood(VOCABULARY, variable, value)


@given(st.lists(LINES, min_size=1, max_size=8), st.integers(1, 9))
@STAYS
def test_a_file_is_read_as_each_line_alone_is(tmp_path: Path, lines: list[str], rows: int) -> None:
    """Or refused in the very same words. The likelihoods are those of each value by itself."""
    text = "\n".join(lines)
    path = tmp_path / "c.jsonl"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        wanted = alone(text.removeprefix("\ufeff"))
    except InputError as fault:
        with pytest.raises(InputError) as refused:
            read_cohort_file(path, VOCABULARY)
        assert str(refused.value) == str(fault)
        return
    if not text:
        return
    kept: list[Case] = []
    cohort, _ = read_cohort_file(path, VOCABULARY, each_case=kept.append)
    assert cohort.ids == tuple(case.id or str(row) for row, case in wanted)
    assert list(cohort.rows) == [row for row, _ in wanted]
    assert [VOCABULARY.settings[s] if s >= 0 else None for s in cohort.settings] == [c.setting for _, c in wanted]
    assert [VOCABULARY.diagnoses[d] if d >= 0 else None for d in cohort.diagnoses] == [c.diagnosis for _, c in wanted]
    for finding in VOCABULARY.findings:
        for patient, (_, case) in enumerate(wanted):
            np.testing.assert_array_equal(likelihoods(cohort, finding)[patient], entered(case, finding))
    assert repr([case.findings for case in kept]) == repr([case.findings for _, case in wanted])
    for part in cohort_parts(path, VOCABULARY, rows=rows):
        for finding in part.cohort.likelihoods:
            one_state = (part.cohort.likelihoods[finding] > 0).sum(axis=1) == 1
            unknown = part.cohort.likelihoods[finding].min(axis=1) == 1
            assert not (one_state | unknown).all()


@pytest.mark.parametrize(("first", "second"), [("1", "true"), ("0", "false"), ("1.0", "true")])
def test_true_and_false_are_no_numbers_even_after_one_and_zero(tmp_path: Path, first: str, second: str) -> None:
    line = '{{"findings": {{"ck_level": {}}}}}\n'
    (tmp_path / "c.jsonl").write_text(line.format(first) + line.format(second))
    with pytest.raises(InputError, match=rf"c\.jsonl, row 2, field ck_level: {second.title()} is not one of its"):
        read_cohort_file(tmp_path / "c.jsonl", VOCABULARY)


def test_known_patients_keep_their_numbers_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"findings": {"ck_level": 12.5}, "diagnosis": "fibromyalgia"}\n{"findings": {"ck_level": 3}}\n'
    )
    cases, _ = known_patients(tmp_path / "c.jsonl", VOCABULARY)
    assert [(case.id, case.findings) for case in cases] == [("1", {"ck_level": 12.5})]
