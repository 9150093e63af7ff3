"""A vocabulary that contradicts itself is refused, with file, line and field."""

from pathlib import Path
from shutil import copytree

import pytest

from model.errors import InputError
from model.priors.folder import read_priors
from tests.helpers.places import SMALL

FINDINGS, DIAGNOSES, SETTINGS, BINS = (
    f"vocabulary/{name}.csv" for name in ("findings", "diagnoses", "settings", "bins")
)
TWICE = "dermatomyositis,DM,Dermatomyositis,iim"


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        (DIAGNOSES, TWICE, f"{TWICE}\n{TWICE}", "line 3, field id: 'dermatomyositis' occurs twice"),
        (DIAGNOSES, "Fibromyalgia,mimic", "Fibromyalgia,other", "'other' is not known; valid: iim, mimic"),
        (DIAGNOSES, "fibromyalgia,FM", "mimic,FM", "field id: 'mimic' names a family"),
        (DIAGNOSES, "fibromyalgia,FM", "fibro myalgia,FM", "field id: 'fibro myalgia' is not an id"),
        (SETTINGS, "primary_care,P", "suspected_myositis,P", "field id: 'suspected_myositis' occurs twice"),
        (FINDINGS, "v_sign,skin", "heliotrope_rash,skin", "field id: 'heliotrope_rash' occurs twice"),
        (FINDINGS, "v_sign,skin", "antibody,skin", "'antibody' is also a hidden variable of vocabulary/hidden.csv"),
        (FINDINGS, "v_sign,skin", "diagnosis,skin", "'diagnosis' is also the variable `diagnosis`"),
        (FINDINGS, "v_sign,skin,V sign,absent|present", "v_sign,skin,V sign,absent|absent", "'absent' occurs twice"),
        (FINDINGS, "v_sign,skin,V sign,absent|present", "v_sign,skin,V sign,absent", "at least two states"),
        (BINS, "18-39,18,40", "18-39,17,40", "line 3, field from: 17 overlaps the bin 0-17"),
        (BINS, "18-39,18,40", "18-39,19,40", "line 3, field from: 19 leaves a gap after the bin 0-17"),
        (BINS, "18-39,18,40", "18-39,40,18", "line 3, field to: 18 is not above 40"),
        (BINS, "18-39,18,40,from", "18-39,18,40,to", "line 3, field closed: 'to'"),
        (BINS, "age_at_onset,0-17,0,18,from\nage_at_onset,18-39,18,40,from",
         "age_at_onset,18-39,0,18,from\nage_at_onset,0-17,18,40,from", "not in the order of its states"),
    ],
)  # fmt: skip
def test_a_contradiction_in_the_vocabulary_names_its_place(
    tmp_path: Path, table: str, old: str, new: str, said: str
) -> None:
    folder = copytree(SMALL, tmp_path / "priors")
    text = (folder / table).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / table).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as fault:
        read_priors(folder)
    assert str(fault.value).startswith(f"{table}, line ")
    assert said in str(fault.value)


def test_a_variable_that_hangs_on_nothing_is_named(tmp_path: Path) -> None:
    folder = copytree(SMALL, tmp_path / "priors")
    for table, line in (("vocabulary/hidden.csv", "h0,h0,a|b,d"), ("rates/all.csv", "h0,b,any,,50,,8,D,,,")):
        with (folder / table).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    with pytest.raises(InputError, match="edges: h0 has no parents"):
        read_priors(folder)


def test_a_cell_that_is_too_long_is_named(tmp_path: Path) -> None:
    folder = copytree(SMALL, tmp_path / "priors")
    with (folder / "rates/all.csv").open("a", encoding="utf-8") as file:
        file.write(f'"{"x" * 200_000}",b,any,,50,,10,D,,,\n')
    with pytest.raises(InputError, match=r"^rates/all.csv, line \d+: field larger than field limit"):
        read_priors(folder)
