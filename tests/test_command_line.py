"""The command line as a user meets it: what it prints, what it writes, and how it refuses."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from shutil import copytree
from typing import Any, NamedTuple

import pandas as pd
import pytest

import model
from model.check import check
from model.commands.main import main
from model.patient.phrases import percent
from model.priors import SHIPPED
from model.published import COLUMNS

ROOT = Path(__file__).parents[1]
SMALL = str(ROOT / "tests" / "small_priors")
CASE: dict[str, Any] = {"id": "p-7", "findings": {"age_at_onset": 54, "ck_level": 10.5, "anti_mi2": "positive"}}
PATIENTS: list[dict[str, Any]] = [
    {"id": "b", "setting": "primary_care", "findings": {"age_at_onset": 54, "ck_level": 10.5, "v_sign": "present"}},
    {"id": "a", "findings": {"anti_mi2": "positive", "cancer": "absent"}},
    {"id": "c, d", "setting": "suspected_myositis", "findings": {}},
    {"id": "Ä", "findings": {"age_at_onset": 17.5, "finger_flexor_weakness": "present", "ck_level": 1}},
]


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, *arguments: str) -> Done:
    """`python -m model ...` in `folder`, without a process of its own."""
    with chdir(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def output(folder: Path, *arguments: str) -> str:
    """What a command that succeeds prints; it says nothing on stderr."""
    done = run(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_json(tmp_path / "case.json", CASE)


# A process of its own


@pytest.mark.parametrize(
    ("arguments", "code"), [(["report-priors", "--priors", SMALL], 0), (["diagnose", "nobody.json"], 2)]
)
def test_the_module_runs_as_a_command(tmp_path: Path, arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "model", *arguments]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert Done(done.returncode, done.stdout, done.stderr) == run(tmp_path, *arguments)
    assert done.returncode == code


# diagnose


def test_diagnose_prints_json_with_the_posterior(small: model.Net, case: Path) -> None:
    content = json.loads(output(case.parent, "diagnose", "case.json", "--json", "--priors", SMALL))
    assert content["id"] == "p-7"
    assert content["setting"] == "suspected_myositis"
    assert content["posterior"] == small.posterior(CASE["findings"])
    assert content["iim"] == pytest.approx(1 - content["posterior"]["fibromyalgia"])


@pytest.mark.parametrize("in_case", [None, "suspected_myositis", "primary_care"])
@pytest.mark.parametrize("asked", [None, "primary_care"])
def test_the_setting_asked_for_overrides_that_of_the_case(
    small: model.Net, tmp_path: Path, in_case: str | None, asked: str | None
) -> None:
    write_json(tmp_path / "case.json", {**CASE, "setting": in_case})
    arguments = ["--setting", asked] if asked else []
    content = json.loads(output(tmp_path, "diagnose", "case.json", "--json", "--priors", SMALL, *arguments))
    assert content["posterior"] == small.posterior(CASE["findings"], asked or in_case)


def test_diagnose_prints_every_diagnosis_the_likeliest_first(shipped: model.Net, case: Path) -> None:
    lines = output(case.parent, "diagnose", "case.json").splitlines()
    posterior = shipped.posterior(CASE["findings"])
    ranked = [shipped.vocabulary.diagnosis_labels[d] for d in sorted(posterior, key=lambda d: -posterior[d])]
    iim = sum(posterior[d] for d in shipped.vocabulary.families["iim"])
    assert lines[0] == f"Setting: Suspected myositis (any specialist). Inflammatory myopathy: {percent(iim)}"
    rows = lines[4:]
    assert [label for row, label in zip(rows, ranked, strict=True) if not row.startswith(label)] == []
    assert f"{100 * max(posterior.values()):.1f}" in rows[0]


# score


def as_frame(patients: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{"id": p["id"], "setting": p.get("setting"), **p["findings"]} for p in patients])


def write_jsonl(path: Path, patients: list[dict[str, Any]]) -> None:
    path.write_text("\n\n".join(json.dumps(p, ensure_ascii=False) for p in patients) + "\n", encoding="utf-8")


WRITERS: Mapping[str, Callable[[Path, list[dict[str, Any]]], object]] = {
    "jsonl": write_jsonl,
    "csv": lambda path, patients: as_frame(patients).to_csv(path, index=False),
    "parquet": lambda path, patients: as_frame(patients).to_parquet(path, index=False),
}
READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    "jsonl": lambda path: pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()]),
    "csv": lambda path: pd.read_csv(path, float_precision="round_trip"),
    "parquet": pd.read_parquet,
}


@pytest.mark.parametrize(("read", "written"), zip(WRITERS, [*READERS][1:] + [*READERS][:1], strict=True))
def test_score_gives_each_patient_the_posterior_in_order(
    small: model.Net, tmp_path: Path, read: str, written: str
) -> None:
    """Every format holds the very same numbers, to the last bit of what Python computes for one."""
    WRITERS[read](tmp_path / f"cohort.{read}", PATIENTS)
    setting = "primary_care" if read == "csv" else None
    arguments = ["--setting", setting] if setting else []
    output(tmp_path, "score", f"cohort.{read}", "--out", f"out.{written}", "--priors", SMALL, *arguments)
    result = READERS[written](tmp_path / f"out.{written}")
    assert list(result.columns) == ["id", *(f"p_{d}" for d in small.vocabulary.diagnoses)]
    assert list(result["id"]) == ["b", "a", "c, d", "Ä"]
    for row, patient in zip(result.to_dict("records"), PATIENTS, strict=True):
        expected = small.posterior(patient["findings"], patient.get("setting") or setting)
        assert {f"p_{d}": p for d, p in expected.items()} == {
            name: pytest.approx(value, rel=1e-13) for name, value in row.items() if name != "id"
        }
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([f"cohort.{read}", f"out.{written}"])


def test_the_formats_of_the_output_hold_identical_numbers(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "cohort.jsonl", PATIENTS)
    frames = []
    for suffix, read in READERS.items():
        output(tmp_path, "score", "cohort.jsonl", "--out", f"out.{suffix}", "--priors", SMALL)
        frames.append(read(tmp_path / f"out.{suffix}"))
    pd.testing.assert_frame_equal(frames[0], frames[1], check_exact=True, check_dtype=False)
    pd.testing.assert_frame_equal(frames[0], frames[2], check_exact=True, check_dtype=False)


def test_patients_without_id_are_numbered_and_an_empty_cohort_has_no_row(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").write_text("ck_level,id\n3,\n4,x\n")
    output(tmp_path, "score", "cohort.csv", "--out", "out.csv", "--priors", SMALL)
    assert list(pd.read_csv(tmp_path / "out.csv")["id"]) == ["1", "x"]
    (tmp_path / "cohort.csv").write_text("ck_level,id\n")
    output(tmp_path, "score", "cohort.csv", "--out", "out.csv", "--priors", SMALL)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1


# audit, evaluate, export, check, report-priors, pool

RATES = """finding,state,diagnosis,given,population,k,n,percent,low,high,source,locator,url
heliotrope_rash,present,dermatomyositis,,adults,60,100,,,,A2020,t1,https://example.org
v_sign,present,dermatomyositis,,adults,1,100,,,,B2020,t1,
ck_level,normal,iim,,adults,,,21,,,C2020,t1,
"""


def test_audit_writes_the_columns_of_the_contract(small: model.Net, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(RATES)
    text = output(tmp_path, "audit", "rates.csv", "--out", "audit.csv", "--priors", SMALL)
    assert text.startswith("2 of 3 published rates hold (66.7 %)")
    with (tmp_path / "audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*COLUMNS, "implied_percent", "difference", "holds"]
    assert [row["holds"] for row in rows] == ["true", "false", "true"]
    assert [row["source"] for row in rows] == ["A2020", "B2020", "C2020"]
    implied = 100 * small.marginal("v_sign", {"diagnosis": "dermatomyositis"})["present"]
    assert float(rows[1]["implied_percent"]) == pytest.approx(implied, abs=1e-3)
    assert float(rows[1]["difference"]) == pytest.approx(implied - 1, abs=1e-3)
    summary = json.loads(output(tmp_path, "audit", "rates.csv", "--json", "--priors", SMALL))
    assert summary == {"rates": 3, "hold": 2, "left_out": 0}


def test_evaluate_prints_every_predictor_and_metric(tmp_path: Path) -> None:
    path = str(ROOT / "cases" / "published.jsonl")
    content = json.loads(output(tmp_path, "evaluate", path, "--stage", "initial", "--json"))
    assert content["stage"] == "initial"
    assert set(content["predictors"]) == {"network", "independent findings", "EULAR/ACR 2017", "prior alone"}
    for metrics in content["predictors"].values():
        assert set(metrics) == {"top1", "top2", "log_loss", "brier", "calibration_error", "auc_iim"}
        assert all(m["low"] <= m["value"] <= m["high"] for n, m in metrics.items() if n != "calibration_error")
    text = output(tmp_path, "evaluate", path, "--misses")
    assert text.startswith(f"{content['patients']} patients, stage full")
    assert "model says" in text


def test_a_metric_that_cannot_be_computed_is_null(tmp_path: Path) -> None:
    """No mimic, so no area under the curve; still valid JSON and no noise."""
    (tmp_path / "cases.jsonl").write_text('{"diagnosis": "dermatomyositis", "findings": {"v_sign": "present"}}\n' * 3)
    text = output(tmp_path, "evaluate", "cases.jsonl", "--json")
    network = json.loads(text, parse_constant=pytest.fail)["predictors"]["network"]
    assert network["auc_iim"] == {"value": None, "low": None, "high": None}
    assert network["top1"]["value"] == 1


def test_export_writes_the_file(small: model.Net, tmp_path: Path) -> None:
    output(tmp_path, "export", "--format", "json", "network.json", "--priors", SMALL)
    content = json.loads((tmp_path / "network.json").read_text())
    assert list(content) == list(small.nodes)
    assert content["cancer"]["table"] == small.network.tables["cancer"].tolist()


def test_check_finds_no_fault_in_what_is_shipped_and_a_source_that_is_missing(
    shipped: model.Net, tmp_path: Path
) -> None:
    assert output(tmp_path, "check").startswith(f"{len(shipped.nodes)} nodes, ")
    folder = copytree(SMALL, tmp_path / "priors")
    (folder / "sources.csv").write_text("source,citation\nsmith2020,Smith\n")
    edges = folder / "edges" / "all.csv"
    assert output(tmp_path, "check", "--priors", "priors").startswith("15 nodes, ")
    edges.write_text(edges.read_text().replace("signs of one rash,", "signs of one rash,smith2021"))
    assert refusal(run(tmp_path, "check", "--priors", "priors")).startswith(
        "error: edges/all.csv, line 5, field source: 'smith2021' is not known; did you mean smith2020?"
    )


BESIDE_THE_NETWORK = [
    ("procedures.csv", "biopsy_mxa", "biopsy_mxb", "procedures.csv, line 12, field findings: 'biopsy_mxb'"),
    ("alerts.csv", "anti_mda5 = positive", "anti_mda5 = positiv", "alerts.csv, line 6, field when: 'positiv'"),
    ("treatment.csv", "p(iim) < 0.7", "p(iin) < 0.7", "treatment.csv, line 2, field when: field diagnosis: 'iin'"),
    ("checklist.csv", "esr_crp", "esr", "checklist.csv, line 4, field findings: 'esr'"),
    ("conditions.csv", "gottron_sign = present", "gottron = present", "conditions.csv, line 2, field when"),
    ("thresholds.csv", "same_decision,", "same_diagnosis,", "thresholds.csv, line 4, field id: 'same_diagnosis'"),
    ("weight_words.csv", "Jeffreys1961", "Jeffries1961", "weight_words.csv, line 3, field source: 'Jeffries1961'"),
    ("criteria/connors_2010.toml", "fever = present", "fevers = present", "criteria/connors_2010.toml, item fever"),
    ("criteria/disagreements.csv", "{score}", "{scores}", "disagreements.csv, line 2, field sentence: {scores}"),
    ("criteria/implied.csv", "none,proximal_leg", "non,proximal_leg", "implied.csv, line 3, field state: 'non'"),
    ("criteria/baseline.csv", "eular_acr_2017", "eular_2017", "baseline.csv, line 2, field set: 'eular_2017'"),
]


@pytest.mark.parametrize(("table", "wrong", "right", "told"), BESIDE_THE_NETWORK)
def test_check_reads_the_tables_beside_the_network(
    shipped: model.Net, tmp_path: Path, table: str, wrong: str, right: str, told: str
) -> None:
    folder = broken(tmp_path, table, wrong, right)
    net = model.Net(replace(shipped.priors, folder=folder))
    same = {name: getattr(shipped, name) for name in ("means", "network", "engine", "linear")}
    vars(net).update(same)
    with pytest.raises(model.InputError, match=re.escape(told)):
        check(net)


def test_check_tells_the_fault_of_a_table_in_one_line(tmp_path: Path) -> None:
    table, wrong, right, told = BESIDE_THE_NETWORK[0]
    broken(tmp_path, table, wrong, right)
    assert told in refusal(run(tmp_path, "check", "--priors", "priors"))


def broken(place: Path, table: str, wrong: str, right: str) -> Path:
    """The shipped priors with one word of a table replaced."""
    folder = copytree(SHIPPED, place / "priors")
    content = (folder / table).read_text(encoding="utf-8")
    assert wrong in content
    (folder / table).write_text(content.replace(wrong, right, 1), encoding="utf-8")
    return folder


def test_report_priors_counts_every_cell(small: model.Net, tmp_path: Path) -> None:
    content = json.loads(output(tmp_path, "report-priors", "--json", "--priors", SMALL))
    cells = len(small.vocabulary.findings) * len(small.vocabulary.diagnoses)
    assert sum(row[1] for row in content["cells"]) == cells
    assert sum(row[4] for row in content["grades"]) == cells
    assert "Weakest findings" in output(tmp_path, "report-priors", "--priors", SMALL)


def test_pool_lists_the_studies_of_a_figure(tmp_path: Path) -> None:
    lines = output(tmp_path, "pool", "interstitial_lung_disease", "antisynthetase_syndrome").splitlines()
    assert lines[0].split() == ["diagnosis", "state", "given", "studies", "patients", "percent", "strength"]
    assert len(lines) > 2
    assert all(line.startswith("antisynthetase_syndrome") for line in lines[2:])


@pytest.mark.parametrize(
    "command", ["diagnose", "score", "audit", "evaluate", "export", "check", "report-priors", "pool"]
)
def test_every_command_has_a_help_text(tmp_path: Path, command: str) -> None:
    text = output(tmp_path, command, "--help")
    assert "--priors DIR" in text
    assert command in output(tmp_path, "--help")


# Refusals: one line, exit code 2, nothing written


def refusal(done: Done) -> str:
    """The one line on stderr with which a command refuses."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("\n")
    return done.stderr


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
    told = refusal(run(tmp_path, "diagnose", "case.json", "--priors", SMALL))
    assert told.startswith("error: case.json")
    assert [word for word in words if word not in told] == []


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
    told = refusal(run(tmp_path, "score", name, "--out", "out.csv", "--priors", str(strict_priors)))
    assert told.startswith(f"error: {name}")
    assert [word for word in words if word not in told] == []
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
def test_a_bad_command_is_refused_and_nothing_is_written(case: Path, bad: tuple[list[str], list[str]]) -> None:
    arguments, words = bad
    (case.parent / "cohort.csv").write_text("id,cancer\nx,absent\n")
    (case.parent / "cohort.jsonl").write_text(GOOD)
    before = sorted(case.parent.iterdir())
    told = refusal(run(case.parent, *arguments))
    assert [word for word in words if word not in told] == []
    assert sorted(case.parent.iterdir()) == before


def test_an_impossible_case_names_file_and_findings(tmp_path: Path, strict_priors: Path) -> None:
    write_json(tmp_path / "case.json", IMPOSSIBLE)
    told = refusal(run(tmp_path, "diagnose", "case.json", "--priors", str(strict_priors)))
    conflict = "these findings cannot occur together in this model: v_sign, finger_flexor_weakness"
    assert told == f"error: case.json: {conflict}\n"
