"""A folder of priors as one zip file, and back; what comes from outside is checked before anything is written."""

import io
import zipfile
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import mkdtemp

from model.errors import InputError
from model.network.build import build_network
from model.priors.folder import read_priors

LARGEST = 64 * 2**20
MOST_FILES = 500
SUFFIXES = (".csv", ".md", ".toml")
ONCE_AND_FOR_ALL = (1980, 1, 1, 0, 0, 0)


def zipped(folder: Path) -> bytes:
    """The tables of a folder as a zip file; the same folder gives the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in SUFFIXES):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), ONCE_AND_FOR_ALL)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return content.getvalue()


def unzipped(content: bytes, out: Path, name: str = "the zip file") -> Path:
    """The folder of priors in a zip file, at `out`, which must not exist; it appears whole and checked.

    Raises InputError for what is no zip file, a path that leaves the folder, a file of another kind,
    more than LARGEST bytes, and whatever `read_priors` finds wrong. `name` stands for the file in messages.
    """
    if out.exists():
        raise InputError(f"{out.name}: exists already; choose another name")
    workplace = Path(mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                _extract(archive, workplace / out.name, name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise InputError(f"{name}: not a zip file that can be read ({error})") from None
        root = _root(workplace / out.name, name)
        build_network(read_priors(root))
        return root.rename(out)
    finally:
        rmtree(workplace, ignore_errors=True)


def _extract(archive: zipfile.ZipFile, folder: Path, name: str) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise InputError(f"{name}: {len(entries)} files; a folder of priors has at most {MOST_FILES}")
    left = LARGEST
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            raise InputError(f"{name}: {entry.filename!r} leads out of the folder")
        if path.suffix not in SUFFIXES:
            raise InputError(f"{name}: {entry.filename!r} has no place here, only {', '.join(SUFFIXES)}")
        with archive.open(entry) as file:
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise InputError(f"{name}: more than {LARGEST // 2**20} MiB when unpacked")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _root(folder: Path, name: str) -> Path:
    """The folder that holds shares.csv: the zip's top or, as many tools pack it, its one folder."""
    for candidate in (folder, *sorted(p for p in folder.glob("*") if p.is_dir())):
        if (candidate / "shares.csv").is_file():
            return candidate
    raise InputError(f"{name}: there is no shares.csv in it, so it is not a folder of priors")
