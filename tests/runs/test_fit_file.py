"""Fits of a file: those of the cohort in memory, and a fit that is interrupted is resumed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import model
from model.calibrate.rates import rate_values
from model.cases.files.read import read_cohort_file
from model.errors import InputError
from model.fit.fit import Fit, fit
from model.fit.fitted import Source, write_fitted
from model.priors.files import fingerprint
from model.runs.fit_file import in_file
from model.runs.fit_run import fit_file
from tests.helpers.runs import PATIENTS, Stop


def test_a_fit_of_a_file_is_that_of_the_cohort_in_memory(small: model.Net, cohort: Path) -> None:
    people, _ = read_cohort_file(cohort, small.vocabulary)
    whole = fit(small, people, iterations=3, tolerance=0)
    for rows in (37, 10_000):
        parts = fit(small, in_file(cohort, rows=rows), iterations=3, tolerance=0)
        assert parts.patients == PATIENTS
        np.testing.assert_allclose(parts.log_posteriors, whole.log_posteriors, rtol=1e-12)
        for node, values in rate_values(whole.net.priors).items():
            np.testing.assert_allclose(rate_values(parts.net.priors)[node], values, atol=1e-10)
            if node in whole.information:
                np.testing.assert_allclose(parts.information[node], whole.information[node], rtol=1e-8, atol=1e-12)


def test_a_file_is_checked_before_it_is_fitted(small: model.Net, cohort: Path) -> None:
    cohort.write_text("id,Cancer\n" + "x,absent\n" * 2)
    assert [repair.kind for repair in in_file(cohort).check(small)] == [
        "column read as cancer", "id occurs more than once"]  # fmt: skip
    cohort.write_text("id,cancer\nx,absnt\n")
    with pytest.raises(InputError, match=r"cohort\.csv, row 2"):
        in_file(cohort).check(small)


@pytest.mark.parametrize("after", [1, 2])
def test_a_stopped_fit_goes_on_and_ends_in_the_same_priors(small: model.Net, cohort: Path, after: int) -> None:
    def run(name: str, stop: int = 0, **more: Any) -> Fit:
        def progress(iteration: int, log_posterior: float) -> bool:
            heard.append(iteration)
            if iteration == stop:
                raise Stop
            return True

        heard: list[int] = []
        out = cohort.with_name(name)
        fitted, _ = fit_file(
            small, cohort, out, lambda fitted: write_fitted(small.priors, fitted, out, Source("x", "y"), "2026-01-01"),
            iterations=3, rows=300, progress=progress, **more,
        )  # fmt: skip
        assert heard == list(range(first, 4))
        return fitted

    first = 1
    whole = run("whole")
    with pytest.raises(Stop):
        run("new", after)
    with pytest.raises(InputError, match="another shares"):
        run("new", shares="fixed")
    first = after + 1
    parts = run("new")
    assert parts.log_posteriors == whole.log_posteriors
    assert parts.net.priors.rates == whole.net.priors.rates
    assert all((parts.information[node] == own).all() for node, own in whole.information.items())
    assert fingerprint(cohort.with_name("new")) == fingerprint(cohort.with_name("whole"))
    assert sorted(path.name for path in cohort.parent.iterdir()) == ["cohort.csv", "new", "whole"]


def test_a_fault_of_the_cohort_leaves_nothing_of_a_fit(small: model.Net, cohort: Path) -> None:
    cohort.write_text("id,cancer\nx,absnt\n")
    with pytest.raises(InputError, match=r"cohort\.csv, row 2"):
        fit_file(small, cohort, cohort.with_name("new"), lambda fitted: None)
    assert [path.name for path in cohort.parent.iterdir()] == ["cohort.csv"]
