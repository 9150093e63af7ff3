"""Cohort files: a million patients scored in partitions, reading in each format, and `evaluate`, cost against size.

python -m benchmarks.scale COHORT WORKERS [PRIORS] scores one file in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import model
from benchmarks.memory import peak
from benchmarks.report import Line
from model import Net
from model.cases.cohort import joined
from model.cases.files.read import read_cohort_file
from model.cases.files.write import write_parts, write_records
from model.cases.imagine import Imagined, cases, columns, imagine
from model.cases.known import known_patients
from model.cases.score import score
from model.fit.counts import expected_counts
from model.measure.evaluate import evaluate
from model.runs.score_file import score_file
from model.runs.workers import mapper

MEMORY = 2.0**30
COUNTED = 4096
READ, EVALUATED = (1_000, 10_000, 100_000), (1_000, 3_000, 10_000)


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
            f"{size / one['seconds']:,.0f} patients a second in one process, {size / two['seconds']:,.0f} on 2 threads"
        )
        alone = _in_memory(net, path) if quick else _in_memory_sample(net, wanted) * size
    counting = _counting(net, wanted)
    return [
        Line(f"{size:,} patients from file to file, against their scoring in memory", one["seconds"], alone, cost=True),
        Line(f"{size:,} patients, 2 threads against 1", two["seconds"], one["seconds"], 1.7),
        Line("peak memory on one thread, against 1 GiB", one["peak"], MEMORY, 1, "B", cost=True),
        Line("peak memory on 2 threads, against 1 GiB", two["peak"], MEMORY, 1, "B", cost=True),
        Line("fit: expected counts of a patient, against one posterior of a cohort", counting, alone / size, cost=True),
        *(line for patients in READ[: 2 if quick else 3] for line in _reading(net, wanted, patients)),
        *(_evaluating(net, wanted, patients) for patients in EVALUATED[: 1 if quick else 3]),
    ]


def _reading(net: Net, wanted: Imagined, patients: int) -> list[Line]:
    """CPU time a patient of reading the same patients from each format, against CSV."""
    drawn = list(imagine(net, Imagined(patients, wanted.seed, missing=wanted.missing)))
    with TemporaryDirectory() as folder:
        table, lines, parquet = (Path(folder) / f"cohort.{suffix}" for suffix in ("csv", "jsonl", "parquet"))
        for path in (table, parquet):
            write_parts(path, (columns(part, net) for part in drawn))
        write_records(lines, (cases(part, net) for part in drawn))
        csv, json_lines, arrow = (_cpu(partial(read_cohort_file, p, net.vocabulary)) / patients
                                  for p in (table, lines, parquet))  # fmt: skip
    return [
        Line(f"reading one of {patients:,} patients, JSON Lines against CSV", json_lines, csv, 2, cost=True),
        Line(f"reading one of {patients:,} patients, Parquet against CSV", arrow, csv, cost=True),
    ]


def _evaluating(net: Net, wanted: Imagined, patients: int) -> Line:
    """CPU time a patient of reading and evaluating, against inference alone."""
    cohort = joined(list(imagine(net, Imagined(patients, wanted.seed, missing=wanted.missing))))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cohort.jsonl"
        write_records(path, [cases(cohort, net)])
        whole = _cpu(lambda: evaluate(net, known_patients(path, net.vocabulary)[0])) / patients
    alone = _cpu(lambda: score(net, cohort)) / patients
    return Line(f"evaluate: one of {patients:,} patients, against its inference", whole, alone, cost=True)


def _cpu(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def scored(path: Path, workers: int, priors: str | None) -> dict[str, float]:
    """Seconds and peak memory of a process that scores a file on so many threads."""
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
    print(json.dumps({"seconds": seconds, "peak": peak()}))


if __name__ == "__main__":
    _main()
