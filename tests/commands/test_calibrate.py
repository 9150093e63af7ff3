"""fit, diff, simulate and propose-mapping as a user meets them."""

import csv
import json
from pathlib import Path
from shutil import copy, copytree

import pytest

import model
from model.calibrate.edit import read_log, to_cite
from model.cases.files.write import write_parts
from model.cases.imagine import Imagined, columns, imagine
from model.commands.main import main
from tests.conftest import SMALL

RASH = "P(heliotrope_rash=present | dermatomyositis)"


@pytest.fixture(scope="module")
def imagined(small: model.Net, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("imagined") / "cohort.csv"
    wanted = Imagined(120, 1, without_diagnosis=0.3)
    write_parts(path, [columns(part, small) for part in imagine(small, wanted)])
    return path


@pytest.fixture
def cohort(imagined: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a cohort file in the working folder."""
    monkeypatch.chdir(tmp_path)
    return Path(copy(imagined, tmp_path)).name


def run(*arguments: str, code: int = 0) -> int:
    found = main([*arguments, "--priors", str(SMALL)])
    assert found == code
    return found


def says(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    run(*arguments)
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a command refuses; nothing is written."""
    capsys.readouterr()
    before = sorted(Path.cwd().rglob("*"))
    run(*arguments, code=2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.startswith("error: ") for line in captured.err.splitlines()] == [True]
    assert sorted(Path.cwd().rglob("*")) == before
    return captured.err


def test_a_fit_is_written_and_summed_up(cohort: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = says(capsys, "fit", cohort, "--out", "new", "--source", "clinic", "--citation", "Our clinic")
    assert text.startswith("120 patients, ")
    assert "Moved most" in text
    assert "Strength grown most" in text
    assert to_cite(Path("new")) == {"clinic": "Our clinic"}
    assert len(read_log(Path("new"))) > 20
    assert model.load("new").posterior({"v_sign": "present"})


def test_a_fit_tells_what_it_put_right_and_left_out(
    cohort: str, strict_priors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(cohort).write_text("ID,v_sign,finger_flexor_weakness\na,YES,\nb,present,present\nc,absent,\n")
    assert main(["fit", cohort, "--out", "new", "--iterations", "2", "--priors", str(strict_priors)]) == 0
    captured = capsys.readouterr()
    assert "note: cohort.csv: column read as id in ID" in captured.err
    assert "1 patients left out, whose findings cannot occur together: first in row 3." in captured.out


def test_fixed_shares_stay_and_the_citation_is_made_up(cohort: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("fit", cohort, "--out", "new", "--shares", "fixed", "--iterations", "1")
    assert Path("new/shares.csv").read_bytes() == (SMALL / "shares.csv").read_bytes()
    assert list(to_cite(Path("new"))) == ["cohort"]


BAD_FITS = {
    "a folder that exists": (["fit", "cohort.csv", "--out", "there"], "there: exists already"),
    "a folder in no folder": (["fit", "cohort.csv", "--out", "no/new"], "new: cannot be written"),
    "no cohort": (["fit", "nobody.csv", "--out", "new"], "nobody.csv: there is no such file"),
    "no iterations": (["fit", "cohort.csv", "--out", "new", "--iterations", "0"], "--iterations"),
    "no workers": (["fit", "cohort.csv", "--out", "new", "--workers", "0"], "--workers"),
    "no mapping": (["fit", "cohort.csv", "--out", "new", "--mapping", "m.json"], "m.json: there is no such file"),
    "nobody": (["fit", "empty.csv", "--out", "new"], "empty.csv: no patient of the cohort can be used"),
    "a bad cell": (["fit", "bad.csv", "--out", "new"], "bad.csv, row 2, field cancer: 'absnt'"),
    "a source that is no key": (["fit", "cohort.csv", "--out", "new", "--source", "a;b"], "--source"),
    "a citation that is a formula": (["fit", "cohort.csv", "--out", "new", "--citation", "=1"], "for a formula"),
    "a mapping that is there": (["propose-mapping", "cohort.csv", "--out", "bad.csv"], "bad.csv: exists already"),
    "a mapping of nothing": (["propose-mapping", "nobody.csv", "--out", "m.json"], "nobody.csv: there is no such"),
    "a difference to nothing": (["diff", "there", "nothing"], "there"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_FITS.values(), ids=BAD_FITS)
def test_what_cannot_be_done_is_refused_before_the_work(
    cohort: str, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    Path("there").mkdir()
    Path("empty.csv").write_text("id,cancer\n")
    Path("bad.csv").write_text("id,cancer\na,absnt\n")
    assert message in refused(capsys, *arguments)


def test_two_folders_differ_as_they_were_changed(cohort: str, capsys: pytest.CaptureFixture[str]) -> None:
    other = copytree(SMALL, Path("other"))
    table = other / "rates" / "all.csv"
    table.write_text(table.read_text().replace("heliotrope_rash,present,dermatomyositis,,60",
                                               "heliotrope_rash,present,dermatomyositis,,70"))  # fmt: skip
    text = says(capsys, "diff", str(SMALL), "other")
    assert text.startswith("1 numbers differ: 1 value.")
    assert RASH in text
    assert says(capsys, "diff", str(SMALL), str(SMALL)).strip() == "0 numbers differ."
    Path("case.json").write_text('{"findings": {"heliotrope_rash": "present"}}')
    content = json.loads(says(capsys, "diff", str(SMALL), "other", "--case", "case.json", "--json"))
    assert [(n["key"], n["before"]["value"], n["after"]["value"]) for n in content["numbers"]] == [(RASH, 60, 70)]
    before, after = content["patient"]["dermatomyositis"]
    assert after > before
    assert "dermatomyositis" in says(capsys, "diff", str(SMALL), "other", "--case", "case.json")


def test_a_mapping_is_proposed_edited_and_used(cohort: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("theirs.csv").write_text("Patient;CA;Heliotrope Rash;Remarks\n1;tumour;yes;x\n2;;no;y\n")
    text = says(capsys, "propose-mapping", "theirs.csv", "--out", "m.json")
    assert "3 of 4 columns stay unused." in text
    content = json.loads(Path("m.json").read_text())
    content["columns"].update(Patient="id", CA="cancer")
    content["values"]["cancer"] = {"tumour": "present"}
    Path("m.json").write_text(json.dumps(content))
    run("score", "theirs.csv", "--out", "out.csv", "--mapping", "m.json")
    assert "note: theirs.csv: 1 columns stay unused: 'Remarks'" in capsys.readouterr().err
    with Path("out.csv").open() as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["1", "2"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_simulated_patients_can_be_scored(cohort: str, suffix: str) -> None:
    run("simulate", "12", "--out", f"s.{suffix}", "--seed", "3", "--without-diagnosis", "0.5")
    run("score", f"s.{suffix}", "--out", "out.csv")
    assert len(Path("out.csv").read_text().splitlines()) == 13


BAD_WISHES = {
    "nobody": (["simulate", "0", "--out", "s.csv"], "at least 1 patient"),
    "a share above all": (["simulate", "5", "--out", "s.csv", "--without-diagnosis", "2"], "between 0 and 1"),
    "a seed below 0": (["simulate", "5", "--out", "s.csv", "--seed", "-1"], "--seed"),
    "an unknown pattern": (["simulate", "5", "--out", "s.csv", "--missing", "complet"], "did you mean complete?"),
    "an unknown setting": (["simulate", "5", "--out", "s.csv", "--setting", "primary"], "did you mean primary_care?"),
    "a wrong suffix": (["simulate", "5", "--out", "s.xlsx"], "s.xlsx"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_WISHES.values(), ids=BAD_WISHES)
def test_a_wish_that_cannot_be_met_is_refused(
    cohort: str, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert message in refused(capsys, *arguments)
