"""Commands on many patients: posteriors of a cohort, and how good the model is on known ones."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.commands.text import AddCommand, print_json, table
from model.errors import InputError
from model.net import Net

if TYPE_CHECKING:
    from model.cohort.record import Cohort
    from model.evaluate import Evaluation


def add_commands(command: AddCommand) -> None:
    """score, evaluate and simulate."""
    score = command("score", _score, "Posteriors of a cohort: one row a patient, in order.")
    score.add_argument("cohort", type=Path, help="JSON Lines, CSV or Parquet; a column a finding")
    score.add_argument("--out", type=Path, required=True, help="CSV, JSON Lines or Parquet, by the name")
    score.add_argument("--setting", help="setting of patients for whom the cohort names none")
    score.add_argument("--mapping", type=Path, metavar="FILE", help="their columns and values -> ours, as JSON")
    score.add_argument("--workers", type=int, default=1, metavar="N", help="worker processes of this machine (1)")
    score.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler that is already running")
    score.add_argument("--restart", action="store_true", help="drop the parts of a run that was stopped")

    evaluate = command("evaluate", _evaluate, "Discrimination and calibration on patients with a known diagnosis.")
    evaluate.add_argument("cases", type=Path, metavar="CASES.jsonl")
    evaluate.add_argument("--stage", choices=["initial", "full"], default="full", help="what is known of the patient")
    evaluate.add_argument("--misses", action="store_true", help="list the patients whose diagnosis is not first")
    evaluate.add_argument("--json", action="store_true", help="print JSON")

    simulate = command("simulate", _simulate, "A cohort of imagined patients, drawn from the network.")
    simulate.add_argument("patients", type=int, metavar="N")
    simulate.add_argument("--out", type=Path, required=True, help="CSV, JSON Lines or Parquet, by the name")
    simulate.add_argument("--missing", metavar="PATTERN", default="complete", help="of priors/missing.csv (complete)")
    simulate.add_argument("--setting", help="of all patients (default: all settings alike)")
    simulate.add_argument("--seed", type=int, default=0)
    simulate.add_argument("--without-diagnosis", type=float, default=0, metavar="SHARE", help="0 to 1 (0)")


def _score(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.cohort.mapping import read_mapping
    from model.cohort.repairs import sentences
    from model.scale.score_file import score_file
    from model.scale.workers import dask_workers

    mapping = read_mapping(options.mapping, net.vocabulary) if options.mapping else None
    workers = dask_workers(options.dask, options.workers) if options.dask or options.workers > 1 else None
    with tqdm(unit=" patients", disable=None) as bar:
        repairs = score_file(
            net, options.cohort, options.out, options.setting, mapping, workers, options.restart, progress=bar.update
        )
    for line in sentences(repairs):
        print(f"note: {options.cohort.name}: {line}", file=sys.stderr)


def _evaluate(net: Net, options: argparse.Namespace) -> None:
    from model.cases import read_cases
    from model.evaluate import METRICS, by_diagnosis, evaluate

    cases = [case for case in read_cases(options.cases, net.vocabulary) if case.diagnosis]
    if not cases:
        raise InputError(f"{options.cases.name}: no case has a diagnosis to compare with")
    try:
        results = evaluate(net, cases, options.stage)
    except InputError as error:
        raise InputError(f"{options.cases.name}, {error}") from None
    if options.json:
        content = {
            e.name: {m: dict(zip(("value", "low", "high"), v, strict=True)) for m, v in e.metrics.items()}
            for e in results
        }
        print_json({"patients": len(cases), "stage": options.stage, "predictors": content})
        return
    print(f"{len(cases)} patients, stage {options.stage}; value (bootstrap 90 % interval)\n")
    rows = [(e.name, *(f"{v:.3f} ({a:.2f}-{b:.2f})" for v, a, b in e.metrics.values())) for e in results]
    print(table(["predictor", *METRICS], rows), end="\n\n")
    print("\n".join(f"{name}: {text}" for name, text in METRICS.items()), end="\n\n")
    detail = [(d, n, k, f"{p:.2f}") for d, n, k, p in by_diagnosis(results[0], cases, net.vocabulary)]
    print(table(["diagnosis", "patients", "first", "mean p"], detail))
    if options.misses:
        print("\n" + _misses(net, cases, results[0]))


def _misses(net: Net, cases: Sequence[object], result: "Evaluation") -> str:
    from model.cases import Case

    rows = []
    for case, posterior in zip(cases, result.posteriors, strict=True):
        assert isinstance(case, Case)
        order = posterior.argsort()[::-1]
        first = net.vocabulary.diagnoses[order[0]]
        if first != case.diagnosis:
            own = posterior[net.vocabulary.diagnoses.index(str(case.diagnosis))]
            rows.append((case.id, case.diagnosis, f"{own:.2f}", first, f"{posterior[order[0]]:.2f}"))
    return table(["case", "diagnosis", "p", "model says", "p"], rows)


def _simulate(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.cohort.imagine import Imagined, cases, columns, imagine
    from model.cohort.write import table_suffix, write_parts, write_records

    if options.patients < 1 or not 0 <= options.without_diagnosis <= 1:
        raise InputError("simulate: at least 1 patient, and a share without diagnosis between 0 and 1")
    wanted = Imagined(options.patients, options.seed, options.setting, options.missing, options.without_diagnosis)
    suffix = table_suffix(options.out)
    with tqdm(total=wanted.patients, unit=" patients", disable=None) as bar:
        parts = _counted(imagine(net, wanted), bar.update)
        if suffix == ".jsonl":
            write_records(options.out, (cases(part, net) for part in parts))
        else:
            write_parts(options.out, (columns(part, net) for part in parts))


def _counted(parts: Iterable["Cohort"], progress: Callable[[int], object]) -> Iterator["Cohort"]:
    for part in parts:
        yield part
        progress(len(part))
