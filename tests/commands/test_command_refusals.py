"""How the command line refuses: one line, exit code 2, and nothing is written."""

import json
from pathlib import Path

import pytest

from tests.helpers.command_line import CASE, SMALL, refusal, run, write_json

BAD_CASES: dict[str, tuple[str, list[str]]] = {
    "unknown finding": ('{"findings": {"heliotrop_rash": "present"}}', ["unknown finding", "mean heliotrope_rash?"]),
    "unknown state": ('{"findings": {"cancer": "presnt"}}', ["field cancer", "'presnt'", "did you mean present?"]),
    "unknown setting": ('{"setting": "primary_car", "findings": {}}', ["setting", "did you mean primary_care?"]),
    "unknown diagnosis": ('{"diagnosis": "dermatomyositi", "findings": {}}', ["did you mean dermatomyositis?"]),
    "unknown field": ('{"finding": {}}', ["field finding", "did you mean findings?"]),
    "no findings": ('{"id": "x"}', ["field findings"]),
    "a hidden variable": ('{"findings": {"skin": "florid"}}', ["skin", "not a finding"]),
    "a negative age": ('{"findings": {"age_at_onset": -1}}', ["age_at_onset", "-1"]),
    "a list": ("[1, 2]", ["a JSON object is needed", "a case with 'findings'"]),
    "not JSON": ("{findings: }", ["not JSON"]),
    "not text": ("\udcff\udcfe", ["not UTF-8"]),
}


@pytest.mark.parametrize("bad", BAD_CASES.values(), ids=BAD_CASES)
def test_a_bad_case_is_refused(tmp_path: Path, bad: tuple[str, list[str]]) -> None:
    text, words = bad
    (tmp_path / "case.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    message = refusal(run(tmp_path, "diagnose", "case.json", "--priors", SMALL))
    assert message.startswith("error: case.json")
    assert [word for word in words if word not in message] == []


IMPOSSIBLE = {"findings": {"cancer": "absent", "v_sign": "present", "finger_flexor_weakness": "present"}}
GOOD = '{"findings": {"cancer": "absent"}}\n'
BAD_COHORTS: dict[str, tuple[str, str, list[str]]] = {
    "unknown finding": ("c.jsonl", GOOD + '{"findings": {"cancr": "absent"}}\n', ["row 2", "did you mean cancer?"]),
    "unknown state": ("c.jsonl", GOOD + '\n{"findings": {"cancer": "x"}}\n', ["row 3", "field cancer", "'x'"]),
    "unknown setting": ("c.jsonl", GOOD + '{"setting": "x", "findings": {}}\n', ["row 2", "setting", "primary_care"]),
    "not JSON": ("c.jsonl", GOOD + GOOD + "{\n", ["row 3", "not JSON"]),
    "unknown column": ("c.csv", "id,cancr\nx,absent\n", ["field cancr", "did you mean cancer?"]),
    "unknown state in a CSV": ("c.csv", "id,cancer\nx,absent\ny,absnt\n", ["row 3", "field cancer", "mean absent?"]),
    "unknown setting in a CSV": ("c.csv", "setting,cancer\nprimary_car,absent\n", ["row 2", "mean primary_care?"]),
    "cells without a column": ("c.csv", "id,cancer\nx,absent,present\n", ["row 2", "more cells than columns"]),
    "an empty file": ("c.csv", "", ["the file is empty"]),
    "a text called Parquet": ("c.parquet", "id,cancer\n", ["cannot be read"]),
    "a wrong suffix": ("c.xlsx", GOOD, [".jsonl, .csv, .parquet"]),
    "one case": ("c.json", GOOD, ["diagnose"]),
    "an impossible case": ("c.jsonl", GOOD * 2 + json.dumps(IMPOSSIBLE),
                           ["row 3", "cannot occur together in this model: v_sign, finger_flexor_weakness"]),
    "an impossible case in a CSV": ("c.csv", "v_sign,finger_flexor_weakness\npresent,\npresent,present\n",
                                    ["row 3", "cannot occur together in this model: v_sign, finger_flexor_weakness"]),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_COHORTS.values(), ids=BAD_COHORTS)
def test_a_bad_cohort_is_refused_and_nothing_is_written(
    tmp_path: Path, strict_priors: Path, bad: tuple[str, str, list[str]]
) -> None:
    name, text, words = bad
    (tmp_path / name).write_text(text)
    (tmp_path / "out.csv").write_text("the old file")
    message = refusal(run(tmp_path, "score", name, "--out", "out.csv", "--priors", str(strict_priors)))
    assert message.startswith(f"error: {name}")
    assert [word for word in words if word not in message] == []
    assert (tmp_path / "out.csv").read_text() == "the old file"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out.csv"])


BAD_COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "no command": ([], ["COMMAND"]),
    "unknown command": (["diagnos", "case.json"], ["diagnos", "choose from"]),
    "missing case": (["diagnose", "nobody.json"], ["nobody.json: there is no such file"]),
    "missing cohort": (["score", "nobody.csv", "--out", "o.csv"], ["nobody.csv: there is no such file"]),
    "missing cohort in Parquet": (["score", "nobody.parquet", "--out", "o.csv"], ["nobody.parquet: there is no"]),
    "a folder as case": (["diagnose", "."], ["a folder, not a file"]),
    "unknown setting": (["diagnose", "case.json", "--setting", "primary_car"], ["did you mean primary_care?"]),
    "missing priors": (["diagnose", "case.json", "--priors", "mine"], ["mine: there is no such folder of priors"]),
    "priors without tables": (["diagnose", "case.json", "--priors", "."], ["vocabulary/", "there is no such file"]),
    "no out": (["score", "cohort.csv"], ["--out"]),
    "out with a wrong suffix": (["score", "cohort.csv", "--out", "o.xlsx"], ["o.xlsx", ".csv", ".parquet"]),
    "out in no folder": (["score", "cohort.csv", "--out", "no/o.csv"], ["o.csv: cannot be written"]),
    "unknown format": (["export", "--format", "biff", "n.bif"], ["'biff'", "did you mean bif?"]),
    "export in no folder": (["export", "--format", "json", "no/n.json"], ["n.json: cannot be written"]),
    "unknown stage": (["evaluate", "cohort.jsonl", "--stage", "late"], ["'late'", "initial"]),
    "cases without diagnosis": (["evaluate", "cohort.jsonl"], ["cohort.jsonl: no case has a diagnosis"]),
    "missing evidence": (["audit", "rates.csv"], ["rates.csv: there is no such file"]),
    "evidence of other columns": (["audit", "cohort.csv"], ["cohort.csv, line 1", "column 'finding' is missing"]),
    "unknown finding to pool": (["pool", "cancr"], ["did you mean cancer?"]),
    "unknown diagnosis to pool": (["pool", "cancer", "dermatomyositi"], ["did you mean dermatomyositis?"]),
}


@pytest.mark.parametrize("bad", BAD_COMMANDS.values(), ids=BAD_COMMANDS)
def test_a_bad_command_is_refused_and_nothing_is_written(tmp_path: Path, bad: tuple[list[str], list[str]]) -> None:
    arguments, words = bad
    write_json(tmp_path / "case.json", CASE)
    (tmp_path / "cohort.csv").write_text("id,cancer\nx,absent\n")
    (tmp_path / "cohort.jsonl").write_text(GOOD)
    before = sorted(tmp_path.iterdir())
    message = refusal(run(tmp_path, *arguments))
    assert [word for word in words if word not in message] == []
    assert sorted(tmp_path.iterdir()) == before


def test_an_impossible_case_names_file_and_findings(tmp_path: Path, strict_priors: Path) -> None:
    write_json(tmp_path / "case.json", IMPOSSIBLE)
    message = refusal(run(tmp_path, "diagnose", "case.json", "--priors", str(strict_priors)))
    conflict = "these findings cannot occur together in this model: v_sign, finger_flexor_weakness"
    assert message == f"error: case.json: {conflict}\n"
