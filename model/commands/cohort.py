"""Commands on many patients: posteriors of a cohort, and imagined cohorts."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from model.commands.reading import add_cohort_options, cohort_options, print_notes
from model.commands.text import AddCommand
from model.errors import InputError
from model.inference.net import Net

if TYPE_CHECKING:
    from model.cases.cohort import Cohort


def add_commands(command: AddCommand) -> None:
    """score and simulate."""
    score = command(
        "score",
        _score,
        "Posteriors of a cohort: one row per patient, in order. To resume a run that was stopped, repeat the command.",
    )
    score.add_argument("cohort", type=Path, help="JSON Lines, CSV or Parquet; one column per finding")
    score.add_argument("--out", type=Path, required=True, help="CSV, JSON Lines or Parquet, by the name")
    score.add_argument("--setting", help="referral setting of patients for whom the file gives none")
    add_cohort_options(score)

    simulate = command("simulate", _simulate, "A cohort of imagined patients, drawn from the network.")
    simulate.add_argument("patients", type=int, metavar="N")
    simulate.add_argument("--out", type=Path, required=True, help="CSV, JSON Lines or Parquet, by the name")
    simulate.add_argument("--missing", metavar="PATTERN", default="complete", help="of priors/missing.csv (complete)")
    simulate.add_argument("--setting", help="referral setting of all patients (default: each equally often)")
    simulate.add_argument("--seed", type=int, default=0)
    simulate.add_argument("--without-diagnosis", type=float, default=0, metavar="SHARE", help="0 to 1 (0)")


def _score(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.runs.score_file import score_file

    with cohort_options(net, options) as (mapping, mapped), tqdm(unit=" patients", disable=None) as bar:
        repairs = score_file(
            net, options.cohort, options.out, options.setting, mapping, mapped, options.restart, progress=bar.update
        )
    print_notes(options.cohort, repairs, mapping)


def _simulate(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.cases.files.write import table_suffix, write_parts, write_records
    from model.cases.imagine import Imagined, cases, columns, imagine

    if options.seed < 0:
        raise InputError("field --seed: a whole number from 0 on is needed")
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
