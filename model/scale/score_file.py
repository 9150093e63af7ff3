"""Posteriors of a cohort of any size: partition by partition, in this process or on many workers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.about import fingerprint
from model.cohort.mapping import ColumnMapping
from model.cohort.partitions import ROWS_AT_ONCE, Partition, partitions
from model.cohort.read import cohort_suffix, read_part, same_ids
from model.cohort.repairs import Repair, together
from model.cohort.write import table_suffix, write_frame
from model.errors import InputError
from model.files import whole_file
from model.net import Net, load
from model.scale.parts import begin, discard, file_fingerprint, finish, part
from model.scale.workers import Mapper, one_thread
from model.score import score


@dataclass(frozen=True)
class ScoreJob:
    """All that a worker needs to score any partition. Paths must mean the same files on every machine.

    `fingerprint`: of the priors, so that no machine scores with others. `folder`, `suffix`: where parts go.
    """

    priors: Path
    fingerprint: str
    cohort: Path
    setting: str | None
    mapping: ColumnMapping | None
    folder: Path
    suffix: str

    def __call__(self, partition: Partition) -> tuple[int, tuple[Repair, ...]]:
        """Score one partition into its part; returns how many patients it has and what was put right in them."""
        import pandas as pd

        net = _net(self.priors, self.fingerprint)
        read = read_part(self.cohort, partition, net.vocabulary, self.mapping)
        try:
            with one_thread():
                values = score(net, read.cohort, self.setting)
        except InputError as error:
            raise InputError(f"{self.cohort.name}, {error}") from None
        columns = {f"p_{d}": values[:, i] for i, d in enumerate(net.vocabulary.diagnoses)}
        frame = pd.DataFrame({"id": list(read.cohort.ids), **columns}).astype({"id": "string"})
        with whole_file(part(self.folder, partition, self.suffix)) as partial:
            write_frame(partial, frame, self.suffix, header=partition.number == 0)
        return len(read.cohort), (*read.repairs, *same_ids(read.cohort))


def score_file(
    net: Net,
    cohort: Path,
    out: Path,
    setting: str | None = None,
    mapping: ColumnMapping | None = None,
    mapped: Mapper = map,
    restart: bool = False,
    rows: int = ROWS_AT_ONCE,
    progress: Callable[[int], object] = lambda rows: None,
) -> tuple[Repair, ...]:
    """Write `id` and `p_<diagnosis>` of every patient, in order; returns what was put right in the cohort.

    A run that was stopped goes on with the partitions that are missing and ends in the same file; what was
    put right in the partitions before is not told again. `mapped` runs over partitions, here or on workers.
    An id that stands twice is told where both are in one partition. `progress` hears the patients of each
    finished partition. Raises InputError naming file and row; nothing is left behind then.
    """
    cohort_suffix(cohort)
    suffix = table_suffix(out)
    cut = partitions(cohort, rows)
    priors = fingerprint(net.priors.folder)
    about = {
        "cohort": file_fingerprint(cohort),
        "priors": priors,
        "setting": setting,
        "mapping": None if mapping is None else repr(mapping),
        "rows": rows,
    }
    run = begin(out, cut, about, restart)
    job = ScoreJob(
        net.priors.folder.resolve(), priors, cohort.resolve(), setting, mapping, run.folder.resolve(), suffix
    )
    todo = run.open
    progress(sum(max(0, p.rows) for p in cut if p not in todo))
    repairs: list[Repair] = []
    try:
        for patients, found in mapped(job, todo):
            repairs += found
            progress(patients)
    except InputError:
        discard(run)
        raise
    finish(run)
    return together(repairs)


@cache
def _net(priors: Path, expected: str) -> Net:
    """The network of a folder, read once in each process; raises InputError for a folder with other numbers."""
    if fingerprint(priors) != expected:
        raise InputError(f"{priors.name}: a worker has other priors than this machine")
    return load(priors)
