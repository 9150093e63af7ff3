"""Posteriors of a cohort of any size: partition by partition, in this process or on many workers."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.about import fingerprint
from model.cohort.mapping import ColumnMapping
from model.cohort.partitions import ROWS_AT_ONCE, Partition, partitions
from model.cohort.read import cohort_suffix, read_part
from model.cohort.repairs import Repair, together
from model.cohort.write import table_suffix, write_frame
from model.errors import InputError
from model.files import whole_file
from model.net import Net, load
from model.scale.parts import Run, begin, discard, file_fingerprint, finish
from model.score import score


@dataclass(frozen=True)
class ScoreJob:
    """All that a worker needs to score one partition. Paths must mean the same file on every machine."""

    priors: Path
    cohort: Path
    setting: str | None
    mapping: ColumnMapping | None
    run: Run


Mapper = Callable[[Callable[[Partition], tuple[Repair, ...]], Iterable[Partition]], Iterable[tuple[Repair, ...]]]


def score_file(
    net: Net,
    cohort: Path,
    out: Path,
    setting: str | None = None,
    mapping: ColumnMapping | None = None,
    workers: AbstractContextManager[Mapper] | None = None,
    restart: bool = False,
    rows: int = ROWS_AT_ONCE,
    progress: Callable[[int], object] = lambda rows: None,
) -> tuple[Repair, ...]:
    """Write `id` and `p_<diagnosis>` of every patient, in order; returns what was put right in the cohort.

    A run that was stopped goes on with the partitions that are missing and ends in the same file.
    `workers` gives a map over partitions (the default: this process). `progress` hears the rows of each
    finished partition. Raises InputError naming file and row; nothing is left behind then.
    """
    cohort_suffix(cohort)
    table_suffix(out)
    cut = partitions(cohort, rows)
    about = {
        "cohort": file_fingerprint(cohort),
        "priors": fingerprint(net.priors.folder),
        "setting": setting,
        "mapping": None if mapping is None else repr(mapping),
        "rows": rows,
    }
    run = begin(out, cut, about, restart)
    job = ScoreJob(net.priors.folder, cohort, setting, mapping, run)
    todo = run.open
    progress(sum(p.rows for p in cut) - sum(p.rows for p in todo))
    repairs: list[Repair] = []
    try:
        with workers or nullcontext(map) as mapped:
            for partition, found in zip(todo, mapped(_Score(job), todo), strict=True):
                repairs += found
                progress(partition.rows)
    except InputError:
        discard(run)
        raise
    finish(run)
    return together(repairs)


@dataclass(frozen=True)
class _Score:
    """Score one partition into its part; a class, so that it travels to other processes."""

    job: ScoreJob

    def __call__(self, partition: Partition) -> tuple[Repair, ...]:
        import pandas as pd

        job, net = self.job, _net(self.job.priors)
        part = read_part(job.cohort, partition, net.vocabulary, job.mapping)
        try:
            values = score(net, part.cohort, job.setting)
        except InputError as error:
            raise InputError(f"{job.cohort.name}, {error}") from None
        columns = {f"p_{d}": values[:, i] for i, d in enumerate(net.vocabulary.diagnoses)}
        frame = pd.DataFrame({"id": list(part.cohort.ids), **columns}).astype({"id": "string"})
        with whole_file(job.run.part(partition)) as partial:
            write_frame(partial, frame, job.run.out.suffix.lower(), header=partition.number == 0)
        return part.repairs


@cache
def _net(priors: Path) -> Net:
    """The network of a folder, read once in each process."""
    return load(priors)
