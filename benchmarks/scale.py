"""A cohort file of a million patients, scored in partitions: throughput, memory, and what a second worker brings.

python -m benchmarks.scale COHORT WORKERS [PRIORS] scores one file in a process of its own.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import model
from benchmarks.memory import peak
from benchmarks.report import Line
from model import Net
from model.cases.cohort import joined
from model.cases.files.read import read_cohort_file
from model.cases.files.write import write_parts
from model.cases.imagine import Imagined, columns, imagine
from model.cases.score import score
from model.fit.counts import expected_counts
from model.runs.score_file import score_file
from model.runs.workers import mapper

MEMORY = 2.0**30
COUNTED = 4096


def run(net: Net, quick: bool, priors: str | None) -> list[Line]:
    """All lines on files larger than memory. Says how busy the machine was."""
    size = 100_000 if quick else 1_000_000
    wanted = Imagined(size, 1, missing="registry" if priors is None else "complete")
    print(f"\nload before: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cohort.parquet"
        start = perf_counter()
        write_parts(path, (columns(part, net) for part in imagine(net, wanted)))
        print(
            f"{size:,} patients imagined in {perf_counter() - start:.0f} s, {path.stat().st_size >> 20} MiB of Parquet"
        )
        one, two = (scored(path, workers, priors) for workers in (1, 2))
        print(
            f"{size / one['seconds']:,.0f} patients a second in one process, {size / two['seconds']:,.0f} on 2 workers"
        )
        alone = _in_memory(net, path) if quick else _in_memory_sample(net, wanted) * size
    counting = _counting(net, wanted)
    return [
        Line(f"{size:,} patients from file to file, against their scoring in memory", one["seconds"], alone, cost=True),
        Line(f"{size:,} patients, 2 workers against 1 process", two["seconds"], one["seconds"]),
        Line("peak memory of the one process, against 1 GiB", one["peak"], MEMORY, 1, "B", cost=True),
        Line("peak memory of the largest worker, against 1 GiB", two["largest_child"], MEMORY, 1, "B", cost=True),
        Line("fit: expected counts of a patient, against one posterior of a cohort", counting, alone / size, cost=True),
    ]


def scored(path: Path, workers: int, priors: str | None) -> dict[str, float]:
    """Seconds, peak memory and that of the largest child of a process that scores a file."""
    command = [sys.executable, "-m", "benchmarks.scale", str(path), str(workers), *([priors] if priors else [])]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _in_memory(net: Net, path: Path) -> float:
    cohort, _ = read_cohort_file(path, net.vocabulary)
    start = perf_counter()
    score(net, cohort)
    return perf_counter() - start


def _in_memory_sample(net: Net, wanted: Imagined, size: int = 100_000) -> float:
    """Seconds a patient, of a cohort that fits into memory with ease."""
    cohort = joined(list(imagine(net, Imagined(size, wanted.seed, missing=wanted.missing))))
    start = perf_counter()
    score(net, cohort)
    return (perf_counter() - start) / size


def _counting(net: Net, wanted: Imagined) -> float:
    """Seconds a patient of the expectation step of a fit."""
    cohort = joined(list(imagine(net, Imagined(COUNTED, wanted.seed, missing=wanted.missing))))
    start = perf_counter()
    expected_counts(net, cohort)
    return (perf_counter() - start) / COUNTED


def _main() -> None:
    path, workers = Path(sys.argv[1]), int(sys.argv[2])
    net = model.load(sys.argv[3] if len(sys.argv) > 3 else None)
    start = perf_counter()
    with mapper(None, workers) as mapped:
        score_file(net, path, path.with_name(f"scored_{workers}.parquet"), mapped=mapped)
    seconds = perf_counter() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak(), "largest_child": children}))


if __name__ == "__main__":
    _main()
