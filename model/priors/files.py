"""The files of a folder of priors. They are read once, so later changes on the disk do not affect a loaded network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from model.errors import InputError

FINGERPRINT_LENGTH = 12
KEPT = (".csv", ".toml")
"""Suffixes of the files whose contents are kept: tables and criteria."""


@dataclass(frozen=True)
class Files:
    """The contents of a folder when it was read. Two are equal if folder and fingerprint are equal.

    `contents`: path relative to the folder, with slashes -> bytes, for tables and criteria, sorted by path.
    """

    folder: Path
    fingerprint: str
    contents: Mapping[str, bytes] = field(compare=False, repr=False)

    def within(self, part: str, suffix: str) -> tuple[str, ...]:
        """The paths of the files with the suffix directly in the subfolder `part`, sorted."""
        return tuple(name for name in self.contents if name.rpartition("/")[0] == part and Path(name).suffix == suffix)


def read_files(folder: Path) -> Files:
    """Read all files of a folder; raises InputError if there is no such folder.

    The fingerprint is the SHA-256 of paths and contents, in the order of the paths. It does not depend on hidden
    files, notes (.md) or the kind of line ends.
    """
    if not folder.is_dir():
        raise InputError(f"{folder.name}: there is no such folder of priors")
    total, contents = sha256(), {}
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"]
    for path in sorted(files, key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        content = path.read_bytes()
        plain = content.replace(b"\r\n", b"\n")
        total.update(f"{name.as_posix()}\0{len(plain)}\0".encode() + plain)
        if path.suffix in KEPT:
            contents[name.as_posix()] = content
    return Files(folder, total.hexdigest()[:FINGERPRINT_LENGTH], contents)


def fingerprint(folder: Path) -> str:
    """Twelve hexadecimal digits that identify the contents of a folder of priors."""
    return read_files(folder).fingerprint
