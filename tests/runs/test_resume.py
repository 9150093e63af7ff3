"""A run that is stopped, killed or out of disk is resumed and ends in the very same file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import model
from model.errors import InputError, Unfinished
from model.runs.parts import MANIFEST
from model.runs.score_file import score_file
from tests.helpers import patience
from tests.helpers.places import PROJECT, SMALL
from tests.helpers.runs import PATIENTS, ROWS, Stop, scored, stopping


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


KILLED_RUN = """
import sys
from pathlib import Path
import model
from model.runs import score_file

write, parts = score_file.write_frame, []

def write_or_wait(path, frame, suffix, header):
    write(path, frame, suffix, header)
    parts.append(path)
    if len(parts) == 4:
        content = path.read_bytes()
        path.write_bytes(content[:len(content) // 2])
        print("in the middle of the fourth part", flush=True)
        sys.stdin.read()

score_file.write_frame = write_or_wait
score_file.score_file(model.load(sys.argv[1]), Path("cohort.csv"), Path("out.csv"), rows=int(sys.argv[2]))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_killed_while_it_writes_is_resumed(small: model.Net, cohort: Path, how: int) -> None:
    """The process waits in the middle of a part until it is killed: nothing here depends on time."""
    whole = scored(small, cohort, "whole.csv")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_RUN, str(SMALL), str(ROWS)], cwd=cohort.parent, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    with process.stdout, process.stdin:
        assert process.stdout.readline() == "in the middle of the fourth part\n"
        process.send_signal(how)
        assert process.wait(timeout=patience.SECONDS) != 0
    assert not cohort.with_name("out.csv").exists()
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 3
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


def test_what_is_done_is_kept_when_the_machine_stops_the_work(small: model.Net, cohort: Path) -> None:
    """As when a disk is full or a file cannot be reached for a while."""
    whole = scored(small, cohort, "whole.csv")

    full = Unfinished("00000004.csv: cannot be written (No space left on device)")
    with pytest.raises(InputError, match=r"No space left.*kept in out\.csv\.parts"):
        scored(small, cohort, "out.csv", mapped=stopping(4, full))
    assert len(list((cohort.parent / "out.csv.parts").glob("*.csv"))) == 4
    assert scored(small, cohort, "out.csv") == whole
