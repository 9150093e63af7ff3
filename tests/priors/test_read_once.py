"""A loaded network holds its tables: no answer about a patient reads a file of the priors again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import model
from model.cases.exchange.codes import read_exchange
from model.cases.imagine import Imagined, imagine
from model.learn.examples import one_finding_examples, steps_examples
from model.learn.trap_tables import read_traps
from model.priors.folder import SHIPPED
from model.priors.provenance import report

PATIENT = {"heliotrope_rash": "present", "ck_level": 12, "anti_mda5": "positive", "dysphagia": "present"}
LOOKS = ("open", "os.listdir", "os.scandir")
_seen: list[str] | None = None


def _look(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and event in LOOKS:
        _seen.append(str(arguments[0]))


sys.addaudithook(_look)


@contextmanager
def files_looked_at() -> Iterator[list[str]]:
    """Collects the files and folders that are opened or listed inside the block."""
    global _seen
    _seen = []
    try:
        yield _seen
    finally:
        _seen = None


def every_answer(net: model.Net, folder: Path) -> None:
    """All that the screens, the report and the lessons ask of one patient."""
    patient = net.patient(PATIENT)
    patient.why()
    patient.path("heliotrope_rash")
    patient.how_sure()
    patient.what_next()
    patient.work_up()
    patient.alerts()
    patient.criteria()
    patient.report(folder / "report.html")
    steps_examples(net.priors), one_finding_examples(net.priors), read_traps(net.priors)
    read_exchange(net.priors)
    list(imagine(net, Imagined(10, missing="first_visit")))
    report(net.priors)


def test_the_hook_sees_a_file_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    with files_looked_at() as seen:
        (tmp_path / "a.csv").read_bytes()
    assert seen == [str(tmp_path / "a.csv")]


def test_no_answer_reads_the_priors_again(tmp_path: Path) -> None:
    """Not even the first answer after loading, in a folder that nothing else has read."""
    folder = copytree(SHIPPED, tmp_path / "priors")
    net = model.load(folder)
    with files_looked_at() as seen:
        every_answer(net, tmp_path)
    assert [file for file in seen if file.startswith(str(folder))] == []
    assert any(file.startswith(str(tmp_path)) for file in seen), "the report was written"


def test_what_is_loaded_outlives_its_folder(tmp_path: Path) -> None:
    folder = copytree(SHIPPED, tmp_path / "priors")
    net = model.load(folder)
    for path in folder.rglob("*.csv"):
        path.unlink()
    every_answer(net, tmp_path)


def test_a_table_is_parsed_once_and_cannot_be_changed(shipped: model.Net) -> None:
    for name, rows in shipped.priors.tables.items():
        assert shipped.priors.tables[name] is rows and isinstance(rows, tuple)
    assert read_exchange(shipped.priors) is read_exchange(shipped.priors)
