"""The benchmarks run on any priors, and what they compare gives the same answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import model
from benchmarks.batch import multiply_adds
from benchmarks.patients import cohort, patients, row_codes
from benchmarks.report import Line, table
from model.score import score

ROOT = Path(__file__).parents[1]


def test_all_who_are_asked_agree(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "inference", "--quick", "--priors", "tests/small_priors"]
    subprocess.run([*command, "--json", str(file)], check=True, cwd=ROOT, capture_output=True)
    agreements = [line for line in json.loads(file.read_text())["inference"] if "difference" in line["measured"]]
    assert len(agreements) == 3
    assert all(line["met"] for line in agreements)


def test_patients_and_cohorts_are_scored_alike(small: model.Net) -> None:
    assert [len(p.findings) for p in patients(small, 3, 4, seed=1)] == [4, 4, 4]
    many = cohort(small, 50, 5, seed=1)
    codes = row_codes(many, 7)
    states = small.network.states
    findings = {name: states[name][code] for name, code in codes.items()}
    alone = list(small.posterior(findings).values())
    assert score(small, many)[7].tolist() == pytest.approx(alone, abs=1e-12)


def test_work_grows_with_the_findings(small: model.Net) -> None:
    few, many = (multiply_adds(small, cohort(small, 100, average, seed=1)) for average in (1, 8))
    assert 0 < few < many


def test_targets_stand_beside_the_ratios() -> None:
    faster, cheaper = Line("speed", 1e-5, 1e-3, 10), Line("start", 2.0, 1.0, 1.5, cost=True)
    assert (faster.ratio, faster.met, cheaper.ratio, cheaper.met) == (pytest.approx(100), True, 2.0, False)
    assert "at least 10: met" in table([faster, cheaper])
