"""The command line as a user meets it: what it prints and what it writes."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest

import model
from model.patient.phrases import percent
from model.priors.folder import SHIPPED, read_priors
from model.priors.published import COLUMNS
from tests.helpers.command_line import CASE, SMALL, Done, output, refusal, run, write_json
from tests.helpers.places import PROJECT

PATIENTS: list[dict[str, Any]] = [
    {"id": "b", "setting": "primary_care", "findings": {"age_at_onset": 54, "ck_level": 10.5, "v_sign": "present"}},
    {"id": "a", "findings": {"anti_mi2": "positive", "cancer": "absent"}},
    {"id": "c, d", "setting": "suspected_myositis", "findings": {}},
    {"id": "Ä", "findings": {"age_at_onset": 17.5, "finger_flexor_weakness": "present", "ck_level": 1}},
]


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
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
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
    assert summary == {"rates": 3, "hold_strictly": 2, "hold": 2, "left_out": 0}


def test_evaluate_prints_every_predictor_and_metric(tmp_path: Path) -> None:
    path = str(PROJECT / "cases" / "published.jsonl")
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
    scale = read_priors(folder).tables["verbal_scale"]
    cited = ["smith2020", *{key for row in scale for key in row.words("source")}]
    (folder / "sources.csv").write_text("source,citation\n" + "".join(f"{key},A paper\n" for key in cited))
    edges = folder / "edges" / "all.csv"
    assert output(tmp_path, "check", "--priors", "priors").startswith("15 nodes, ")
    edges.write_text(edges.read_text().replace("signs of one rash,", "signs of one rash,smith2021"))
    assert refusal(run(tmp_path, "check", "--priors", "priors")).startswith(
        "error: edges/all.csv, line 5, field source: 'smith2021' is not known; did you mean smith2020?"
    )


@pytest.mark.parametrize(
    ("table", "wrong", "right", "message"),
    [
        ("procedures.csv", "biopsy_mxa", "biopsy_mxb", "procedures.csv, line 17, field findings: 'biopsy_mxb'"),
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
    ],
)
def test_check_reads_the_tables_beside_the_network(
    tmp_path: Path, table: str, wrong: str, right: str, message: str
) -> None:
    folder = copytree(SHIPPED, tmp_path / "priors")
    content = (folder / table).read_text(encoding="utf-8")
    assert wrong in content
    (folder / table).write_text(content.replace(wrong, right, 1), encoding="utf-8")
    assert message in refusal(run(tmp_path, "check", "--priors", "priors"))


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
