"""The benchmarks run on any priors, and what they compare gives the same answers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import model
from benchmarks.batch import multiply_adds
from benchmarks.calibration import CLASSES, PATIENTS, chi_square, places_of
from benchmarks.networks import compared, figures, why
from benchmarks.patients import cohort, patients, row_states
from benchmarks.report import Line, table
from benchmarks.scale import scored
from model.cases.files.write import write_parts
from model.cases.imagine import Imagined, columns, imagine
from model.cases.score import score
from tests.conftest import SMALL
from tests.helpers.places import PROJECT


def test_all_who_are_asked_agree(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "inference", "--quick", "--priors", "tests/data/small_priors"]
    subprocess.run([*command, "--json", str(file)], check=True, cwd=PROJECT, capture_output=True)
    agreements = [line for line in json.loads(file.read_text())["inference"] if "difference" in line["measured"]]
    assert len(agreements) == 3
    assert all(line["met"] for line in agreements)


def test_patients_and_cohorts_are_scored_alike(small: model.Net) -> None:
    assert [len(p.findings) for p in patients(small, 3, 4, seed=1)] == [4, 4, 4]
    many = cohort(small, 50, 5, seed=1)
    known = row_states(many, 7)
    states = small.network.states
    findings = {name: states[name][state] for name, state in known.items()}
    alone = list(small.posterior(findings).values())
    assert score(small, many)[7].tolist() == pytest.approx(alone, abs=1e-12)


def test_work_grows_with_the_findings(small: model.Net) -> None:
    few, many = (multiply_adds(small, cohort(small, 100, average, seed=1)) for average in (1, 8))
    assert 0 < few < many


def test_targets_stand_beside_the_ratios() -> None:
    faster, cheaper = Line("speed", 1e-5, 1e-3, 10), Line("start", 2.0, 1.0, 1.5, cost=True)
    assert (faster.ratio, faster.met, cheaper.ratio, cheaper.met) == (pytest.approx(100), True, 2.0, False)
    assert "at least 10: met" in table([faster, cheaper])


def test_every_number_has_a_place_and_a_class(small: model.Net) -> None:
    """The Beta distributions are those of a fit; a second look gives the same places."""
    places = list(places_of(small, 1))
    assert {place.kind for place in places} == set(CLASSES)
    assert all(0 <= place.value <= 1 for place in places)
    assert places == list(places_of(small, 1)) != list(places_of(small, 2))
    assert PATIENTS > 0


def test_equal_counts_have_no_chi_square() -> None:
    assert chi_square(np.full(10, 7)) == 0
    assert chi_square(np.array([10, 0])) == pytest.approx(10)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_is_scored_in_a_process_of_its_own(small: model.Net, tmp_path: Path, workers: int) -> None:
    path = tmp_path / "cohort.parquet"
    write_parts(path, [columns(part, small) for part in imagine(small, Imagined(50, 1))])
    measured = scored(path, workers, str(SMALL))
    assert measured["seconds"] > 0
    assert measured["peak"] > 1 << 20
    assert len(pd.read_parquet(tmp_path / f"scored_{workers}.parquet")) == 50


def test_a_library_that_fails_has_a_line_with_the_reason() -> None:
    ours = {"compile": 0.1, "posterior": 0.001, "answer": [0.5, 0.5]}
    lines = compared("asia", {"ours": ours, "pgmpy": {"compile": 0.2, "posterior": "over 60 s"}})
    assert [line.ratio for line in lines] == [pytest.approx(2), None]
    assert [line.cells()[2:] for line in lines] == [("200 ms", "2", ""), ("over 60 s", "", "")]
    assert why(1, "  File\nValueError: no sepset\n") == "ValueError: no sepset"
    assert why(1, "numpy._ArrayMemoryError: Unable to allocate 730 GiB") == "memory"


@pytest.mark.parametrize("name", ["asia", "child", "insurance", "alarm"])
def test_public_networks_give_the_same_posterior(name: str) -> None:
    found = {way: {k: v for part in figures(name, way) for k, v in part.items()} for way in ("ours", "pyAgrum")}
    assert [line.met for line in compared(name, found)] == [None, None, True]
