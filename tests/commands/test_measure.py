"""The commands that judge: cohorts in any format, every table written, two sets of priors on the same patients."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import model
from model.cases.cohort import cohort_of
from model.cases.files.write import write_table
from model.cases.imagine import Imagined, columns, imagine
from model.cases.known import cases_of, known_patients
from model.cases.score import score
from model.commands.main import main
from model.fit.fit import fit
from model.measure.comparison import differences
from model.measure.evaluate import evaluate
from model.measure.groups import by_stage
from tests.conftest import SMALL


@pytest.fixture(scope="module")
def cohort_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    net = model.load(SMALL)
    (cohort,) = imagine(net, Imagined(120, seed=4, without_diagnosis=0.25))
    path = tmp_path_factory.mktemp("measure") / "cohort.csv"
    write_table(path, columns(cohort, net))
    return path


def output(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main([*map(str, words), "--priors", str(SMALL)]) == 0
    return capsys.readouterr().out


def test_a_cohort_in_any_format_is_judged_alike(
    cohort_file: Path, capsys: pytest.CaptureFixture[str], small: model.Net
) -> None:
    lines = cohort_file.with_suffix(".jsonl")
    cases, _ = known_patients(cohort_file, small.vocabulary)
    lines.write_text("".join(json.dumps({"id": c.id, "setting": c.setting, "diagnosis": c.diagnosis,
                                         "findings": c.findings}) + "\n" for c in cases))  # fmt: skip
    assert len(cases) == sum(bool(row["diagnosis"]) for row in csv.DictReader(cohort_file.open())) < 120
    assert output(capsys, "evaluate", cohort_file, "--json") == output(capsys, "evaluate", lines, "--json")


def test_cases_of_a_cohort_have_its_posteriors(small: model.Net) -> None:
    (cohort,) = imagine(small, Imagined(30, seed=9, without_diagnosis=1))
    together = score(small, cohort)
    for case, row in zip(cases_of(cohort, small.vocabulary), together, strict=True):
        assert case.diagnosis is None
        assert list(small.posterior(case.findings, case.setting).values()) == pytest.approx(row.tolist(), abs=1e-12)


def test_every_table_is_written(cohort_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output(capsys, "evaluate", cohort_file, "--tables", tmp_path / "tables")
    tables = {path.stem: list(csv.DictReader(path.open())) for path in (tmp_path / "tables").iterdir()}
    assert set(tables) == {"discrimination", "ranks", "calibration", "reliability", "decisions", "confusion"}
    patients = sum(int(cell) for row in tables["confusion"] for name, cell in row.items() if name != "diagnosis")
    counted = {row["name"]: int(row["patients"]) for row in tables["discrimination"] if row["predictor"] == "network"}
    assert patients == sum(n for name, n in counted.items() if name != "iim")
    assert {row["predictor"] for row in tables["decisions"]} == {"network", "independent findings", "prior alone"}


def test_stages_and_sets_are_compared_on_the_same_patients(cohort_file: Path, small: model.Net) -> None:
    cases, _ = known_patients(cohort_file, small.vocabulary)
    truth = np.array([small.vocabulary.diagnoses.index(str(case.diagnosis)) for case in cases])
    first = evaluate(small, cases)[0]
    stages = by_stage(small, cases)
    assert stages["full"] == first.metrics and list(stages) == ["initial", "full"]
    prior = score(small, cohort_of([replace(case, findings={}) for case in cases], small.vocabulary))
    found = differences(first.posteriors, prior, truth, small.vocabulary)
    assert found["log_loss"].low > 0 and found["net_benefit_iim_50"].high < 0


def test_priors_do_not_differ_from_themselves(cohort_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(output(capsys, "evaluate", cohort_file, "--against", SMALL, "--json"))
    assert all(value == 0 for metric in content["difference"].values() for value in metric)
    assert "paired bootstrap" in output(capsys, "evaluate", cohort_file, "--against", SMALL)


def test_sensitivity_names_the_numbers_that_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps({"findings": {"heliotrope_rash": "present"}}))
    content = json.loads(output(capsys, "sensitivity", case, "--json"))
    keys = [number["key"] for number in content["numbers"]]
    assert "P(heliotrope_rash=present | any)" in keys
    assert all(change["leads"] != "dermatomyositis" for change in content["changes"])
    text = output(capsys, "sensitivity", case, "--diagnosis", "fibromyalgia")
    assert "P(heliotrope_rash=present | any)" in text and "then leads" in text


def test_influence_ranks_all_numbers_and_counts_the_grades(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "influence.csv"
    text = output(capsys, "influence", "--patients", 3, "--missing", "complete", "--out", out)
    assert "Grades of the first" in text
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["rank"] == "1" and rows[0]["number"] in text
    assert {row["grade"] for row in rows} <= {"A", "B", "C", "D", "definition", "derived"}


def test_a_fit_is_judged_on_patients_it_has_not_seen(small: model.Net) -> None:
    """A cohort in which the lesson of the priors is reversed: the fit learns it, and so does each fold."""
    from model.measure.cross_validation import cross_validated

    (cohort,) = imagine(small, Imagined(400, seed=3, setting="suspected_myositis"))
    turned = cohort.states["heliotrope_rash"]
    reversed_cohort = replace(
        cohort, states={**cohort.states, "heliotrope_rash": np.where(turned >= 0, 1 - turned, -1)}
    )
    own = np.arange(400), reversed_cohort.diagnoses
    before, after = score(small, reversed_cohort)[own], cross_validated(small, reversed_cohort, 4)[own]
    assert np.log(after).mean() > np.log(before).mean()
    seen = score(fit(small, reversed_cohort).net, reversed_cohort)[own]
    assert np.log(seen).mean() > np.log(after).mean()


def test_repairs_are_reported(cohort_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repaired = tmp_path / "repaired.csv"
    repaired.write_text(cohort_file.read_text().replace("cancer", "Cancer", 1))
    assert main(["evaluate", str(repaired), "--priors", str(SMALL)]) == 0
    assert "note: repaired.csv: column read as cancer in Cancer" in capsys.readouterr().err
