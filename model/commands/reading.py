"""What the commands that read a cohort share: their options, and the notes on what was read."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import InputError
from model.inference.net import Net

if TYPE_CHECKING:
    from model.cases.files.mapping import ColumnMapping
    from model.cases.files.repairs import Repair
    from model.runs.workers import Mapper


def add_cohort_options(command: argparse.ArgumentParser) -> None:
    """Options of every command that reads a cohort in partitions."""
    command.add_argument("--mapping", type=Path, metavar="FILE", help="their columns and values -> ours, as JSON")
    command.add_argument("--workers", type=int, default=1, metavar="N", help="threads that share the work (1)")
    command.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler that is already running")
    command.add_argument("--restart", action="store_true", help="drop what a run that was stopped has done")


@contextmanager
def cohort_options(net: Net, options: argparse.Namespace) -> "Iterator[tuple[ColumnMapping | None, Mapper]]":
    """The mapping, and the map over partitions, that the options ask for."""
    from model.cases.files.mapping import read_mapping
    from model.runs.workers import mapper

    if options.workers < 1:
        raise InputError("field --workers: at least 1 is needed")
    mapping = read_mapping(options.mapping, net.vocabulary) if options.mapping else None
    with mapper(options.dask, options.workers) as mapped:
        yield mapping, mapped


def print_notes(cohort: Path, repairs: "Sequence[Repair]", mapping: "ColumnMapping | None") -> None:
    """Print to stderr the repairs of a cohort, and which of its columns the mapping leaves unused."""
    from model.cases.files.mapping import unused
    from model.cases.files.repairs import sentences

    for line in sentences(repairs):
        print(f"note: {cohort.name}: {line}", file=sys.stderr)
    left = unused(mapping) if mapping else ()
    if left:
        print(f"note: {cohort.name}: {len(left)} columns stay unused: {', '.join(map(repr, left))}", file=sys.stderr)
