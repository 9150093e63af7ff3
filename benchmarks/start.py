"""Start: loading the model in a fresh process against importing numpy and pandas alone."""

import subprocess
import sys
from pathlib import Path

from benchmarks.report import Line
from benchmarks.timing import medians

ROOT = Path(__file__).parents[1]


def run(quick: bool, priors: str | None) -> list[Line]:
    """One line: median wall time of whole processes, taken in turn."""
    ours = f"import model; model.load({priors!r})"
    median = medians({"ours": (_process, [ours]), "imports": (_process, ["import numpy, pandas"])}, 3 if quick else 15)
    what = "import model; model.load() in a fresh process, import numpy, pandas"
    return [Line(what, median["ours"], median["imports"], 1.5, cost=True)]


def _process(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
