"""Posteriors of a cohort file of any size, partition by partition, in this process or on workers."""

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from model.cases.files.mapping import ColumnMapping
from model.cases.files.partitions import ROWS_AT_ONCE, Partition, partitions
from model.cases.files.read import check_mappable, cohort_suffix, read_part
from model.cases.files.repairs import Repair, together
from model.cases.files.write import table_suffix, write_frame
from model.cases.score import score
from model.errors import InputError
from model.inference.net import Net, load
from model.io.files import whole_file
from model.runs.ids import id_hashes, repeated_ids
from model.runs.parts import Run, begin, finish, original, part, resumable
from model.runs.workers import Mapper, one_thread

IDS, REPAIRS = ".ids", ".repairs"


@dataclass(frozen=True)
class ScoreJob:
    """Everything that a worker needs to score a partition. Paths must mean the same files on every machine.

    `fingerprint`: of the priors; a machine with other priors refuses. `folder`, `suffix`: of the result files.
    """

    priors: Path
    fingerprint: str
    cohort: Path
    setting: str | None
    mapping: ColumnMapping | None
    folder: Path
    suffix: str

    def __call__(self, partition: Partition) -> int:
        """Score one partition, write its result, and return its number of patients.

        The repairs and the hashes of the ids are written beside the result, and before it.
        """
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
        with whole_file(part(self.folder, partition, IDS)) as partial:
            partial.write_bytes(id_hashes(read.cohort.ids).tobytes())
        with whole_file(part(self.folder, partition, REPAIRS)) as partial:
            partial.write_text(json.dumps([astuple(repair) for repair in read.repairs]), encoding="utf-8")
        with whole_file(part(self.folder, partition, self.suffix)) as partial:
            write_frame(partial, frame, self.suffix, header=partition.number == 0)
        return len(read.cohort)


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
    """Write `id` and `p_<diagnosis>` of every patient, in order; returns the repairs made while reading.

    An interrupted run is resumed with the missing partitions and gives the same file and repairs. `mapped`: applies a
    function to the partitions, here or on workers. `progress`: called with the number of patients of each finished
    partition. Raises InputError naming file and row; no result is kept. Raises Unfinished if the machine stopped the
    work (a full disk, a worker short of memory); the results so far are kept.
    """
    cohort_suffix(cohort)
    suffix = table_suffix(out)
    check_mappable(cohort, mapping)
    _check_target(cohort, out)
    before = original(cohort)
    cut = partitions(cohort, rows)
    priors = net.priors.fingerprint
    about = {
        "cohort": before.content,
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
    with resumable(run):
        for patients in mapped(job, todo):
            progress(patients)
        before.check()
        repairs = _repairs(run, job, net)
        finish(run)
    return repairs


def _check_target(cohort: Path, out: Path) -> None:
    """Raises InputError, before the work, for an output that could not be written after it."""
    if out.is_dir():
        raise InputError(f"{out.name}: a folder, not a file")
    if out.exists() and out.samefile(cohort):
        raise InputError(f"{out.name}: the output would replace the cohort; choose another name")


def _repairs(run: Run, job: ScoreJob, net: Net) -> tuple[Repair, ...]:
    """The repairs of all partitions, and a warning about ids that occur more than once."""
    hashes, repairs = ([part(run.folder, p, suffix) for p in run.partitions] for suffix in (IDS, REPAIRS))
    found = [Repair(*cells) for path in repairs for cells in json.loads(path.read_text(encoding="utf-8"))]
    found += repeated_ids(
        lambda: (np.fromfile(path, np.uint64) for path in hashes),
        lambda number: read_part(job.cohort, run.partitions[number], net.vocabulary, job.mapping).cohort,
    )
    return together(found)


@cache
def _net(priors: Path, expected: str) -> Net:
    """The network of a folder, read once in each process. Raises InputError if its fingerprint is not `expected`."""
    net = load(priors)
    if net.priors.fingerprint != expected:
        raise InputError(f"{priors.name}: a worker has other priors than this machine")
    return net
