"""The results of a run so far, kept beside the output, so that an interrupted run can be resumed."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from model.about import VERSION
from model.cases.files.partitions import Partition
from model.errors import InputError, Unfinished
from model.io.files import readable, whole_file

MANIFEST = "run.json"
FIT_STATE = "stands.json"


@dataclass(frozen=True)
class Run:
    """A run that writes `out`. The results of its partitions are kept in `folder` until all are complete."""

    out: Path
    folder: Path
    partitions: tuple[Partition, ...]

    @property
    def parts(self) -> tuple[Path, ...]:
        """The files of the results, in the order of the partitions."""
        return tuple(part(self.folder, partition, self.out.suffix.lower()) for partition in self.partitions)

    @property
    def open(self) -> tuple[Partition, ...]:
        """The partitions without a result."""
        return tuple(p for p, path in zip(self.partitions, self.parts, strict=True) if not path.exists())


def part(folder: Path, partition: Partition, suffix: str) -> Path:
    """The file of the result of a partition."""
    return folder / f"{partition.number:08d}{suffix}"


def begin(out: Path, partitions: Sequence[Partition], about: Mapping[str, Any], restart: bool = False) -> Run:
    """Start a run, or resume an interrupted one.

    `about`: everything the result depends on. A run is resumed only if all of it is unchanged. Raises InputError if
    the folder beside `out` belongs to another run, unless `restart` deletes its contents.
    """
    folder = out.with_name(out.name + ".parts")
    manifest = folder / MANIFEST
    about = {**about, "version": VERSION}
    if restart or not manifest.exists():
        _drop(folder)
    if manifest.exists():
        changed = _changed(manifest, about)
        if changed:
            raise InputError(
                f"{folder.name}: holds the results of an interrupted run with another {' and '.join(changed)}; "
                "finish that run, or delete its results with --restart"
            )
    else:
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{out.name}: cannot be written ({error.strerror})") from None
        with whole_file(manifest) as partial:
            partial.write_text(json.dumps(about, sort_keys=True, indent=1), encoding="utf-8")
    return Run(out, folder, tuple(partitions))


@contextmanager
def resumable(run: Run) -> Iterator[None]:
    """A context for the work of a run.

    If the machine stops the work (Unfinished), the results so far are kept. For an error in the cohort (any other
    InputError), they are deleted.
    """
    try:
        yield
    except Unfinished as error:
        message = f"{error}. The results so far are kept in {run.folder.name}; give the same command again to resume"
        raise Unfinished(message) from None
    except InputError:
        discard(run)
        raise


def _changed(manifest: Path, about: Mapping[str, Any]) -> list[str]:
    try:
        before = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ["state (its record cannot be read)"]
    return [name for name in {**before, **about} if before.get(name) != about.get(name)]


def finish(run: Run) -> None:
    """Join the results to the output, which appears whole, and delete them."""
    with whole_file(run.out) as partial:
        if run.out.suffix.lower() == ".parquet":
            _join_parquet(run.parts, partial)
        else:
            with partial.open("wb") as target:
                for path in run.parts:
                    with path.open("rb") as source:
                        copyfileobj(source, target)
    discard(run)


def _join_parquet(parts: Sequence[Path], out: Path) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(out, pq.read_schema(parts[0])) as writer:
        for path in parts:
            writer.write_table(pq.read_table(path))


def discard(run: Run) -> None:
    """Delete the results of the partitions of a run."""
    _drop(run.folder)


def _drop(folder: Path) -> None:
    """Delete the record first, because results without it belong to no run. Other files in the folder stay."""
    (folder / MANIFEST).unlink(missing_ok=True)
    for pattern in ("[0-9]" * 8 + ".*", FIT_STATE + "*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


@dataclass(frozen=True)
class Original:
    """The file that a run reads, as it was at the start.

    `content`: a hash (SHA-256, shortened). `state`: size in bytes and time of the last change in ns.
    """

    path: Path
    content: str
    state: tuple[int, int]

    def check(self) -> None:
        """Raises InputError if the file has changed since, because results may then come from two versions of it."""
        if _state(self.path) != self.state:
            raise InputError(f"{self.path.name}: was changed while it was read; give the command again")


def original(path: Path) -> Original:
    """The hash and the state of a file before it is read."""
    state = _state(path)
    with readable(path), path.open("rb") as file:
        return Original(path, hashlib.file_digest(file, "sha256").hexdigest()[:16], state)


def _state(path: Path) -> tuple[int, int]:
    with readable(path):
        found = path.stat()
    return found.st_size, found.st_mtime_ns
