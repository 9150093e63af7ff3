"""A fit is written as a folder of priors: the fitted values, their strengths, and the source to cite."""

from pathlib import Path

import numpy as np
import pytest

import model
from model.calibrate.difference import difference
from model.calibrate.edit import read_log, to_cite
from model.calibrate.rates import rate_values
from model.cases.case import Case
from model.cases.cohort import cohort_of
from model.errors import InputError
from model.fit.fit import Fit, fit
from model.fit.fitted import Source, write_fitted
from tests.helpers.fits import FLEXORS, altered, imagined, index_of_rate
from tests.helpers.nets import NETS

REGISTRY = Source("registry", "A registry of imagined patients")


def written(net: model.Net, folder: Path, patients: int) -> tuple[Fit, Path]:
    fitted = fit(net, imagined(altered(net, 11, 0.2), patients, 11, 0.6, 0.3), iterations=2)
    return fitted, write_fitted(net.priors, fitted, folder / "fitted", REGISTRY, "2026-11-21")


@pytest.mark.parametrize("name", NETS)
def test_a_written_folder_holds_the_fitted_values(tmp_path: Path, name: str) -> None:
    net = NETS[name]
    fitted, folder = written(net, tmp_path, 40)
    read = model.load(folder)
    values = rate_values(read.priors)
    for node, own in rate_values(fitted.net.priors).items():
        np.testing.assert_allclose(values[node], own, atol=2e-7, err_msg=node)
    assert to_cite(folder)[REGISTRY.key] == REGISTRY.citation


def test_the_difference_and_the_log_show_what_was_fitted(small: model.Net, tmp_path: Path) -> None:
    fitted, folder = written(small, tmp_path, 300)
    changed = {d.key: d for d in difference(small.priors, model.load(folder).priors).numbers}
    log = {line["key"]: line for line in read_log(folder)}
    assert set(changed) == set(log)
    key = f"P({FLEXORS}=present | inclusion_body_myositis)"
    number = changed[key].after
    assert number is not None
    information = fitted.information[FLEXORS][index_of_rate(small, FLEXORS, "inclusion_body_myositis")]
    assert number.strength == pytest.approx(min(8 + information, 200), abs=0.06)
    assert (number.grade, number.row["source"]) == ("B", REGISTRY.key)
    assert log[key]["reason"].startswith(f"Fitted to {fitted.patients} patients")


def test_a_number_on_which_the_cohort_has_almost_no_information_keeps_its_grade(
    small: model.Net, tmp_path: Path
) -> None:
    cohort = cohort_of([Case("a", {FLEXORS: "present"}, None, "inclusion_body_myositis")], small.vocabulary)
    folder = write_fitted(small.priors, fit(small, cohort), tmp_path / "fitted", REGISTRY, "today")
    for difference_ in difference(small.priors, model.load(folder).priors).numbers:
        assert difference_.before and difference_.after
        if FLEXORS not in difference_.key and "diagnosis" not in difference_.key:
            assert difference_.after.grade == difference_.before.grade == "D", difference_.key


def test_a_folder_that_exists_or_has_no_grade_for_a_cohort_is_refused(small: model.Net, tmp_path: Path) -> None:
    fitted = fit(small, imagined(small, 20, 1), iterations=1)
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="there: exists already"):
        write_fitted(small.priors, fitted, tmp_path / "there", REGISTRY, "today")
