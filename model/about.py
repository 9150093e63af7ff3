"""What the project says of itself: its version, which numbers are in use, what it is for."""

from hashlib import sha256
from pathlib import Path

VERSION = "0.1.0"
INTENDED_USE = "For education, research and decision support by professionals; not a medical device."
FINGERPRINT_LENGTH = 12


def fingerprint(priors: Path) -> str:
    """Twelve hexadecimal digits that tell one folder of priors from another: names and contents of all its tables.

    SHA-256 over the files in the order of their names; hidden files and notes (.md) do not count, line ends do not
    either.
    """
    total = sha256()
    files = [path for path in priors.rglob("*") if path.is_file() and path.suffix != ".md"]
    for path in sorted(files, key=lambda path: path.relative_to(priors).as_posix()):
        name = path.relative_to(priors)
        if any(part.startswith(".") for part in name.parts):
            continue
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:FINGERPRINT_LENGTH]
