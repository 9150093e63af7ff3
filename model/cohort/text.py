"""Text files as they come: encoding and separator found out, a byte-order mark dropped."""

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATORS = ",;\t"
BLOCK = 1 << 20
LONGEST_HEADER = 1 << 20


@dataclass(frozen=True)
class TextForm:
    """How a text file is written. `separator` is "" where the file is no table."""

    encoding: str
    separator: str


def text_form(path: Path) -> TextForm:
    """Encoding and separator of a text file; reads it through once in blocks.

    UTF-8 and UTF-16 are known by their mark or by being valid; anything else is taken for Windows-1252,
    which spreadsheets of western Europe and the Americas write. Raises InputError for a file that cannot
    be read, that is empty, or that is no text.
    """
    try:
        with path.open("rb") as file:
            encoding = _encoding(file.read(4), path.name) or _by_content(path)
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path.name}: a folder, not a file") from None
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from None
    with path.open(encoding=encoding, newline="") as text:
        try:
            header = text.readline(LONGEST_HEADER)
        except UnicodeError as error:
            raise InputError(f"{path.name}: not text ({error})") from None
    return TextForm(encoding, _separator(header))


def _encoding(start: bytes, name: str) -> str:
    if not start:
        raise InputError(f"{name}: the file is empty")
    if start[:4] == b"PK\x03\x04":
        raise InputError(f"{name}: an Excel workbook or a zip file; save it as CSV (UTF-8) first")
    return next((encoding for mark, encoding in MARKS if start.startswith(mark)), "")


def _by_content(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if b"\0" in block:
                    raise InputError(f"{path.name}: not text (a zero byte)")
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _separator(header: str) -> str:
    """The separator that cuts the header into most cells; a comma where none does.

    >>> _separator('id;sex;"age, in years"'), _separator("id,sex"), _separator("id")
    (';', ',', ',')
    """
    counts = {s: len(next(csv.reader([header], delimiter=s), [])) for s in SEPARATORS}
    return max(counts, key=lambda s: counts[s])
