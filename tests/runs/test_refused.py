"""What a run refuses: another cohort, other priors, faults in a row, an output that would replace the cohort."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import model
from model.errors import InputError
from model.runs.score_file import score_file
from tests.helpers.places import SMALL
from tests.helpers.runs import scored, stopped


def test_another_cohort_is_not_resumed_unless_restarted(small: model.Net, cohort: Path) -> None:
    stopped(small, cohort)
    cohort.write_text(cohort.read_text().replace("absent", "present", 1))
    with pytest.raises(InputError, match=r"out\.csv\.parts: holds the results of .* with another cohort.*--restart"):
        scored(small, cohort, "out.csv")
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 3
    assert scored(small, cohort, "out.csv", restart=True) == scored(small, cohort, "whole.csv")


def test_other_priors_or_settings_are_not_resumed(small: model.Net, cohort: Path, tmp_path: Path) -> None:
    stopped(small, cohort)
    folder = copytree(SMALL, tmp_path / "priors")
    table = folder / "shares.csv"
    table.write_text(table.read_text().replace("dermatomyositis,40,", "dermatomyositis,41,").replace(
        "fibromyalgia,35,", "fibromyalgia,34,"))  # fmt: skip
    with pytest.raises(InputError, match="another priors"):
        scored(model.load(folder), cohort, "out.csv")
    with pytest.raises(InputError, match="another setting"):
        scored(small, cohort, "out.csv", setting="primary_care")


@pytest.mark.parametrize("row", [2, 340])
def test_a_fault_names_its_row_and_leaves_nothing(small: model.Net, cohort: Path, row: int) -> None:
    lines = cohort.read_text().splitlines()
    lines[row - 1] = lines[row - 1].replace("absent", "absnt", 1)
    cohort.write_text("\n".join(lines))
    with pytest.raises(InputError, match=rf"cohort\.csv, row {row}, field .*: 'absnt'.*did you mean absent\?"):
        scored(small, cohort, "out.csv")
    assert [path.name for path in cohort.parent.iterdir()] == ["cohort.csv"]


def test_impossible_findings_are_named_with_their_row_in_the_file(strict: model.Net, cohort: Path) -> None:
    text = "".join(["v_sign,finger_flexor_weakness\n", "present,\n" * 120, "present,present\n"])
    cohort.write_text(text)
    with pytest.raises(InputError, match=r"cohort\.csv, row 122: .*v_sign, finger_flexor_weakness"):
        scored(strict, cohort, "out.csv")


def test_an_output_that_would_replace_the_cohort_is_refused(small: model.Net, cohort: Path) -> None:
    before = cohort.read_bytes()
    with pytest.raises(InputError, match="would replace the cohort"):
        score_file(small, cohort, cohort)
    cohort.with_name("folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv: a folder"):
        score_file(small, cohort, cohort.with_name("folder.csv"))
    assert cohort.read_bytes() == before


def test_a_cohort_that_changes_while_it_is_read_is_refused(small: model.Net, cohort: Path) -> None:
    def changing(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        yield from map(function, items)
        cohort.write_text(cohort.read_text() + "\n")

    with pytest.raises(InputError, match=r"cohort\.csv: was changed while it was read"):
        scored(small, cohort, "out.csv", mapped=changing)
    assert [path.name for path in cohort.parent.iterdir()] == ["cohort.csv"]
