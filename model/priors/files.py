"""The files of a folder of priors, read once: what a loaded network says never depends on the disk again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from model.errors import InputError

FINGERPRINT_LENGTH = 12
KEPT = (".csv", ".toml")
"""Suffixes of the files that hold tables or criteria."""


@dataclass(frozen=True)
class Files:
    """The contents of a folder at one moment; equal to another where folder and fingerprint are.

    `contents`: name relative to the folder, with slashes -> bytes, for tables and criteria, sorted by name.
    """

    folder: Path
    fingerprint: str
    contents: Mapping[str, bytes] = field(compare=False, repr=False)

    def within(self, part: str, suffix: str) -> tuple[str, ...]:
        """The names of the files directly in the subfolder `part` that have the suffix, sorted."""
        return tuple(name for name in self.contents if name.rpartition("/")[0] == part and Path(name).suffix == suffix)


def read_files(folder: Path) -> Files:
    """All files of the folder; raises InputError where there is no such folder.

    The fingerprint is the SHA-256 over names and contents, in the order of names. Hidden files and notes (.md) do not
    count; line ends do not either.
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
    """Twelve hexadecimal digits that tell one folder of priors from another by the contents of its tables."""
    return read_files(folder).fingerprint
