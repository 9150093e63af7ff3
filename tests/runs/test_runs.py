"""Cohorts in partitions: a run that is stopped, refused, or loses a worker ends in the very same file."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from shutil import copy, copytree
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.calibrate.rates import rate_values
from model.cases.files.partitions import Partition
from model.cases.files.read import read_cohort_file
from model.cases.files.write import write_parts
from model.cases.imagine import Imagined, columns, imagine
from model.commands.main import main
from model.errors import InputError, Unfinished
from model.fit.fit import Fit, fit
from model.fit.fitted import Source, write_fitted
from model.priors.files import fingerprint
from model.runs.fit_file import in_file
from model.runs.fit_run import fit_file
from model.runs.ids import id_hashes, stand_again
from model.runs.parts import MANIFEST
from model.runs.score_file import score_file
from model.runs.workers import dask_workers, mapper
from tests.conftest import SMALL
from tests.helpers import patience
from tests.helpers.places import PROJECT

PATIENTS, ROWS = 600, 50


@pytest.fixture(scope="module")
def imagined(small: model.Net, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("imagined") / "cohort.csv"
    write_parts(path, [columns(part, small) for part in imagine(small, Imagined(PATIENTS, 1, without_diagnosis=0.5))])
    return path


@pytest.fixture
def cohort(imagined: Path, tmp_path: Path) -> Path:
    return Path(copy(imagined, tmp_path))


def scored(net: model.Net, cohort: Path, name: str, **more: Any) -> bytes:
    score_file(net, cohort, cohort.with_name(name), rows=ROWS, **more)
    return cohort.with_name(name).read_bytes()


class Stop(Exception):
    """As if the process had ended."""


def stopping(after: int, how: Exception | type[Exception] = Stop) -> Callable[..., Iterator[Any]]:
    """A map that does some items and then stops."""

    def mapped(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == after:
                raise how
            yield function(item)

    return mapped


# Stopped and gone on with


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("after", [0, 1, 7])
def test_a_stopped_run_goes_on_and_ends_in_the_same_file(
    small: model.Net, cohort: Path, suffix: str, after: int
) -> None:
    whole = scored(small, cohort, f"whole.{suffix}")
    with pytest.raises(Stop):
        scored(small, cohort, f"out.{suffix}", mapped=stopping(after))
    assert not cohort.with_name(f"out.{suffix}").exists()
    done: list[int] = []
    assert scored(small, cohort, f"out.{suffix}", progress=done.append) == whole
    assert (done[0], sum(done)) == (after * ROWS, PATIENTS)
    assert sorted(path.name for path in cohort.parent.iterdir()) == ["cohort.csv", f"out.{suffix}", f"whole.{suffix}"]


def test_partitions_do_not_change_the_file(small: model.Net, cohort: Path) -> None:
    whole = scored(small, cohort, "out.csv")
    for rows in (1000, 7):
        score_file(small, cohort, cohort.with_name("other.csv"), rows=rows)
        assert cohort.with_name("other.csv").read_bytes() == whole


SLOW_RUN = """
import sys, time
from pathlib import Path
import model
from model.runs.score_file import score_file

def slowly(function, items):
    for item in items:
        yield function(item)
        print("part", flush=True)
        time.sleep(0.2)

score_file(model.load(sys.argv[1]), Path("cohort.csv"), Path("out.csv"), rows=int(sys.argv[2]), mapped=slowly)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_killed_in_the_middle_is_gone_on_with(small: model.Net, cohort: Path, how: int) -> None:
    whole = scored(small, cohort, "whole.csv")
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_RUN, str(SMALL), str(ROWS)], cwd=cohort.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "part\n"
    process.send_signal(how)
    assert process.wait(timeout=patience.SECONDS) != 0
    process.stdout.close()
    assert not cohort.with_name("out.csv").exists()
    parts = list((cohort.parent / "out.csv.parts").glob("*.csv"))
    assert 3 <= len(parts) < PATIENTS / ROWS
    assert scored(small, cohort, "out.csv") == whole
    assert not (cohort.parent / "out.csv.parts").exists()


def test_parts_without_their_record_are_not_trusted(small: model.Net, cohort: Path) -> None:
    """As when a run ended while it was clearing up: what lies there may be of another cohort."""
    whole = scored(small, cohort, "whole.csv")
    with pytest.raises(Stop):
        scored(small, cohort, "out.csv", mapped=stopping(5))
    parts = cohort.parent / "out.csv.parts"
    (parts / MANIFEST).unlink()
    (parts / "00000003.csv").write_text("nonsense\n")
    assert scored(small, cohort, "out.csv") == whole


# Refused


def stopped(net: model.Net, cohort: Path) -> None:
    with pytest.raises(Stop):
        scored(net, cohort, "out.csv", mapped=stopping(3))


def test_another_cohort_is_not_gone_on_with_unless_restarted(small: model.Net, cohort: Path) -> None:
    stopped(small, cohort)
    cohort.write_text(cohort.read_text().replace("absent", "present", 1))
    with pytest.raises(InputError, match=r"out\.csv\.parts: holds parts of a run with another cohort.*--restart"):
        scored(small, cohort, "out.csv")
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 3
    assert scored(small, cohort, "out.csv", restart=True) == scored(small, cohort, "whole.csv")


def test_other_priors_or_settings_are_not_gone_on_with(small: model.Net, cohort: Path, tmp_path: Path) -> None:
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


def test_findings_that_cannot_be_are_named_with_their_row_in_the_file(strict: model.Net, cohort: Path) -> None:
    text = "".join(["v_sign,finger_flexor_weakness\n", "present,\n" * 120, "present,present\n"])
    cohort.write_text(text)
    with pytest.raises(InputError, match=r"cohort\.csv, row 122: .*v_sign, finger_flexor_weakness"):
        scored(strict, cohort, "out.csv")


def test_ids_that_stand_twice_are_told_across_partitions(small: model.Net, cohort: Path) -> None:
    cohort.write_text("id,Cancer\n" + "".join(f"p{i},absent\n" for i in range(120)) + "p7,absent\np7,absent\n")
    told = ["column read as cancer in Cancer (3x, first in row 1)",
            "id stands more than once in id (2x, first in row 122: 'p7')"]  # fmt: skip
    with pytest.raises(Stop):
        scored(small, cohort, "out.csv", mapped=stopping(2))
    repairs = score_file(small, cohort, cohort.with_name("out.csv"), rows=ROWS)
    assert [str(repair) for repair in repairs] == told
    assert [str(repair) for repair in in_file(cohort, rows=ROWS).check(small)] == told


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=4), st.integers(1, 12))
def test_repeated_ids_are_found_whatever_the_partitions(parts: list[list[int]], at_once: int) -> None:
    hashes = [id_hashes([str(name) for name in part]) for part in parts]
    places = [(name, (part, place)) for part, own in enumerate(parts) for place, name in enumerate(own)]
    again = [place for i, (name, place) in enumerate(places) if name in [other for other, _ in places[:i]]]
    found = stand_again(lambda: hashes, at_once)
    assert (found and (found.count, (found.partition, found.patient))) == ((len(again), again[0]) if again else None)


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


def test_what_is_done_is_kept_when_the_machine_stops_the_work(small: model.Net, cohort: Path) -> None:
    """As when a disk is full or a file cannot be reached for a while."""
    whole = scored(small, cohort, "whole.csv")

    full = Unfinished("00000004.csv: cannot be written (No space left on device)")
    with pytest.raises(InputError, match=r"No space left.*kept in out\.csv\.parts"):
        scored(small, cohort, "out.csv", mapped=stopping(4, full))
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 4
    assert scored(small, cohort, "out.csv") == whole


# Workers


class DiesOnce:
    """A job whose first worker is killed in the middle of the third partition."""

    def __init__(self, job: Callable[[Partition], Any], mark: Path) -> None:
        self.job, self.mark = job, mark

    def __call__(self, partition: Partition) -> Any:
        if partition.number == 2 and not self.mark.exists():
            self.mark.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return self.job(partition)


def test_two_workers_of_which_one_is_killed_make_the_same_file(
    small: model.Net, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Streamlit page tested in this process leaves its script as __main__, which every worker would run.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    whole = scored(small, cohort, "whole.csv")
    mark = cohort.with_name("killed")
    with dask_workers(processes=2) as mapped:
        killing = scored(small, cohort, "out.csv", mapped=lambda job, items: mapped(DiesOnce(job, mark), items))
        assert mark.exists()
        assert killing == whole
        source, alone = (in_file(cohort, mapped=m, rows=ROWS) for m in (mapped, map))
        ours, theirs = (fit(small, patients, iterations=2, tolerance=0) for patients in (source, alone))
        assert ours.log_posteriors == theirs.log_posteriors
        broken = cohort.with_name("broken.csv")
        broken.write_text("id,cancer\na,absnt\n")
        with pytest.raises(InputError, match=r"broken\.csv, row 2, field cancer: 'absnt'"):
            score_file(small, broken, broken.with_name("no.csv"), mapped=mapped)


@pytest.mark.parametrize("address", ["nonsense://", "tcp://127.0.0.1:1", "tcp://127.0.0.1:none"])
def test_no_scheduler_is_one_line_and_keeps_what_was_done(
    small: model.Net, cohort: Path, capfd: pytest.CaptureFixture[str], address: str
) -> None:
    stopped(small, cohort)
    command = ["score", str(cohort), "--out", str(cohort.with_name("out.csv")), "--priors", str(SMALL)]
    assert main([*command, "--dask", address]) == 2
    told = capfd.readouterr().err
    assert told.startswith(f"error: no Dask scheduler at {address}")
    assert told.count("\n") == 1
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 3


def test_without_workers_the_map_is_that_of_this_process() -> None:
    with mapper() as mapped:
        assert mapped is map


def test_the_threads_of_a_machine_do_not_change_the_last_digit(tmp_path: Path) -> None:
    """Matrix products add in another order with other threads; results of different machines must fit together."""
    command = [sys.executable, "-m", "model", "score", str(PROJECT / "cases" / "simulated.csv"), "--out"]
    for threads in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": threads}
        subprocess.run([*command, f"{threads}.csv"], check=True, cwd=tmp_path, env=environment)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


# Fits of files


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
        "column read as cancer", "id stands more than once"]  # fmt: skip
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
