"""Pack a folder of priors into a zip file, and unpack one after checking it."""

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import mkdtemp

from model.errors import InputError
from model.network.build import build_network
from model.priors.folder import read_priors

LARGEST = 64 * 2**20
MOST_FILES = 500
SUFFIXES = (".csv", ".md", ".toml")
# A fixed date for every file, so that equal folders give equal zip files.
DATE = (1980, 1, 1, 0, 0, 0)


def zipped(folder: Path) -> bytes:
    """The tables and texts of a folder as the bytes of a zip file; equal folders give equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in SUFFIXES):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return content.getvalue()


def unzipped(content: bytes, out: Path, name: str = "the zip file") -> Path:
    """Unpack the folder of priors in a zip file to `out`, which must not exist; returns `out`.

    The folder is written complete and checked, or not at all. name: of the file, for messages. Raises InputError for
    bytes that are not a zip file, a path outside the folder, a file of another kind, more than LARGEST bytes, and any
    fault that `read_priors` or `build_network` finds.
    """
    if out.exists():
        raise InputError(f"{out.name}: exists already; choose another name")
    temporary = Path(mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                _extract(archive, temporary / out.name, name)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise InputError(f"{name}: not a zip file that can be read ({error})") from None
        root = _root(temporary / out.name, name)
        build_network(read_priors(root))
        return root.rename(out)
    finally:
        rmtree(temporary, ignore_errors=True)


def _extract(archive: zipfile.ZipFile, folder: Path, name: str) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise InputError(f"{name}: {len(entries)} files; a folder of priors has at most {MOST_FILES}")
    left = LARGEST
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            raise InputError(f"{name}: {entry.filename!r} is a path outside the folder")
        if path.suffix not in SUFFIXES:
            raise InputError(
                f"{name}: {entry.filename!r} does not belong to priors; only {', '.join(SUFFIXES)} files are allowed"
            )
        try:
            with archive.open(entry) as file:
                data = file.read(left + 1)
        except (zlib.error, zipfile.BadZipFile, EOFError) as error:
            raise InputError(f"{name}: {entry.filename} is damaged and cannot be unpacked ({error})") from None
        left -= len(data)
        if left < 0:
            raise InputError(f"{name}: more than {LARGEST // 2**20} MiB when unpacked")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _root(folder: Path, name: str) -> Path:
    """The folder with shares.csv: the top of the zip file, or a folder in it, as many tools pack it."""
    for candidate in (folder, *sorted(p for p in folder.glob("*") if p.is_dir())):
        if (candidate / "shares.csv").is_file():
            return candidate
    raise InputError(f"{name}: it has no shares.csv, so it is not a folder of priors")
