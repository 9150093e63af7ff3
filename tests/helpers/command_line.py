"""The command line without a process of its own: what a command printed, wrote and left behind."""

import json
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from model.commands.main import main
from tests.helpers import places

SMALL = str(places.SMALL)
CASE: dict[str, Any] = {"id": "p-7", "findings": {"age_at_onset": 54, "ck_level": 10.5, "anti_mi2": "positive"}}


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, *arguments: str) -> Done:
    """`python -m model ...` in `folder`, without a process of its own."""
    with chdir(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def output(folder: Path, *arguments: str) -> str:
    """What a command that succeeds prints; it says nothing on stderr."""
    done = run(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def refusal(done: Done) -> str:
    """The one line on stderr with which a command refuses."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("\n")
    return done.stderr
