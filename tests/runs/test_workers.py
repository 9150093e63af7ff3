"""Threads and clusters: the same results in the same order, whoever makes them and whoever dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event
from types import ModuleType
from typing import Any

import pytest

import model
from model.cases.files.partitions import Partition
from model.cases.files.read import Part, read_part
from model.commands.main import main
from model.errors import InputError
from model.fit.fit import fit
from model.runs.fit_file import in_file
from model.runs.score_file import score_file
from model.runs.workers import mapper
from tests.helpers import patience
from tests.helpers.places import PROJECT, SMALL
from tests.helpers.runs import ROWS, Stop, scored, stopped, stopping

# Threads


def test_without_workers_the_map_is_that_of_this_process() -> None:
    with mapper() as mapped:
        assert mapped is map


def test_threads_work_side_by_side_and_give_the_results_in_order() -> None:
    """Each pair of items waits for the other; the first of a pair ends after the second."""
    together, second_ended = Barrier(2, timeout=patience.SECONDS), [Event() for _ in range(4)]

    def work(item: int) -> int:
        together.wait()
        if item % 2:
            second_ended[item // 2].set()
        else:
            assert second_ended[item // 2].wait(patience.SECONDS)
        return item

    with mapper(workers=2) as mapped:
        assert list(mapped(work, range(8))) == list(range(8))


def test_threads_do_not_run_ahead_of_what_is_taken() -> None:
    begun: list[int] = []
    with mapper(workers=2) as mapped:
        results = iter(mapped(begun.append, range(100)))
        next(results)
        assert len(begun) <= 4


def test_a_fault_waits_for_what_still_runs_and_leaves_nothing(
    small: model.Net, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second partition is written only after the first was refused."""
    lines = cohort.read_text().splitlines()
    lines[1] = lines[1].replace("absent", "absnt", 1)
    cohort.write_text("\n".join(lines))
    refused = Event()

    def read(path: Path, partition: Partition, *more: Any) -> Part:
        if partition.number == 1:
            assert refused.wait(patience.SECONDS)
        try:
            return read_part(path, partition, *more)
        except InputError:
            refused.set()
            raise

    monkeypatch.setattr("model.runs.score_file.read_part", read)
    with mapper(workers=2) as mapped, pytest.raises(InputError, match=r"cohort\.csv, row 2, "):
        scored(small, cohort, "out.csv", mapped=mapped)
    assert refused.is_set()
    assert [path.name for path in cohort.parent.iterdir()] == ["cohort.csv"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_threads_make_the_same_file_also_after_a_stop(small: model.Net, cohort: Path, suffix: str) -> None:
    whole = scored(small, cohort, f"whole.{suffix}")
    with mapper(workers=3) as mapped:
        assert scored(small, cohort, f"out.{suffix}", mapped=mapped) == whole
        with pytest.raises(Stop):
            scored(small, cohort, f"again.{suffix}", mapped=stopping(3))
        assert scored(small, cohort, f"again.{suffix}", mapped=mapped) == whole


def test_a_fit_on_threads_is_that_of_one(small: model.Net, cohort: Path) -> None:
    with mapper(workers=2) as mapped:
        ours, theirs = (
            fit(small, in_file(cohort, mapped=m, rows=ROWS), iterations=2, tolerance=0) for m in (mapped, map)
        )
    assert ours.log_posteriors == theirs.log_posteriors


def test_the_threads_of_a_machine_do_not_change_the_last_digit(tmp_path: Path) -> None:
    """Matrix products add in another order with other threads; results of different machines must fit together."""
    command = [sys.executable, "-m", "model", "score", str(PROJECT / "cases" / "simulated.csv"), "--out"]
    for threads in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": threads}
        subprocess.run([*command, f"{threads}.csv"], check=True, cwd=tmp_path, env=environment)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


# Clusters


class DiesOnce:
    """A job whose first worker is killed in the middle of the third partition."""

    def __init__(self, job: Callable[[Partition], Any], mark: Path) -> None:
        self.job, self.mark = job, mark

    def __call__(self, partition: Partition) -> Any:
        if partition.number == 2 and not self.mark.exists():
            self.mark.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return self.job(partition)


def test_a_cluster_of_which_one_worker_is_killed_makes_the_same_file(
    small: model.Net, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    # A Streamlit page tested in this process leaves its script as __main__, which every worker would run.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    whole = scored(small, cohort, "whole.csv")
    mark = cohort.with_name("killed")
    local = LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs="ERROR"
    )
    with local as cluster, mapper(cluster.scheduler_address) as mapped:
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
    message = capfd.readouterr().err
    assert message.startswith(f"error: no Dask scheduler at {address}")
    assert message.count("\n") == 1
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 3
