"""Finds the encoding and the separator of a text file."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from model.errors import InputError
from model.io.files import readable

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NO_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or a zip file; save it as CSV (UTF-8) first"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook; save it as CSV (UTF-8) first"),
    (b"PAR1", "a Parquet file; its name should end in .parquet"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (codecs.BOM_UTF32_LE, "UTF-32; save it as UTF-8 first"),
    (codecs.BOM_UTF32_BE, "UTF-32; save it as UTF-8 first"),
)
ACCENTED = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")
"""An accented letter in UTF-8. In Windows-1252 the same bytes are a capital and a sign, which no word contains."""
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that mean nothing in Windows-1252."""
ZEROS = re.compile(rb"\0")
SEPARATORS = ",;\t|"
COMMENT = "#"
MOST_COMMENTS = 1000
SEPARATOR_LINE = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)
BLOCK = 1 << 20
LONGEST_HEADER = 1 << 20


@dataclass(frozen=True)
class TextForm:
    """How a text file is written.

    `separator`: between cells. `skipped`: lines before the header; `comments`: those of them that are comments.
    `decimal_comma`: a cell holds a number such as 1,5.
    """

    encoding: str
    separator: str
    skipped: int = 0
    comments: int = 0
    decimal_comma: bool = False


def text_form(path: Path) -> TextForm:
    """Encoding and separator of a text file; reads it through once in blocks.

    A byte order mark decides. Without one, a file that is valid UTF-8 is read as UTF-8, any other as Windows-1252,
    which spreadsheets of western Europe and the Americas write. Lines that begin with # before the header are comments.
    Raises InputError for a file that cannot be read, is empty, is not text, or has two encodings.
    """
    with readable(path):
        with path.open("rb") as file:
            encoding = _encoding(file.read(4), path.name)
        if encoding != "utf-16":
            encoding = _checked(path, encoding)
        with path.open(encoding=encoding, newline="") as text:
            try:
                header, second, comments = _header(text)
            except UnicodeError as error:
                raise InputError(f"{path.name}: not text ({error})") from None
    stated = SEPARATOR_LINE.fullmatch(header)
    if stated and second:
        separator, skipped = stated[1], comments + 1
    else:
        separator, skipped = _separator(header), comments
    return TextForm(encoding, separator, skipped, comments, _has_decimal_comma(path, encoding, separator))


def _has_decimal_comma(path: Path, encoding: str, separator: str) -> bool:
    if encoding == "utf-16":
        return False
    ends = b'"' if separator == "," else b"[" + re.escape(separator.encode()) + b'"\r\n]'
    return _first(path, re.compile(ends + rb" *[+-]?\d+,\d+ *" + ends)) is not None


def _header(text: TextIO) -> tuple[str, str, int]:
    """The first line that is no comment, the next one, and the number of comments before them."""
    comments, line = 0, text.readline(LONGEST_HEADER)
    while line.startswith(COMMENT) and comments < MOST_COMMENTS:
        comments, line = comments + 1, text.readline(LONGEST_HEADER)
    return line, text.readline(LONGEST_HEADER), comments


def _encoding(start: bytes, name: str) -> str:
    """The encoding that the byte order mark names, "" if there is none."""
    if not start:
        raise InputError(f"{name}: the file is empty")
    for mark, what in NO_TEXT:
        if start.startswith(mark):
            raise InputError(f"{name}: {what}")
    return next((encoding for mark, encoding in MARKS if start.startswith(mark)), "")


def _checked(path: Path, marked: str) -> str:
    """The encoding of text without UTF-16: UTF-8 if all of it is valid, else Windows-1252.

    `marked`: the encoding that the byte order mark names, "" if there is none.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for block in _blocks(path):
        if b"\0" in block:
            _refuse_zeros(path)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            _refuse_zeros(path)
            _refuse_two_encodings(path, line + error.object[: error.start].count(b"\n"), marked)
            _refuse_undefined(path)
            return "cp1252"
        line += block.count(b"\n")
    return marked or "utf-8"


def _blocks(path: Path) -> Iterator[bytes]:
    """The content in blocks; the last is empty."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
        yield b""


def _first(path: Path, pattern: re.Pattern[bytes]) -> tuple[int, bytes] | None:
    """The line and the bytes of the first match; None if there is none."""
    line = 1
    for block in _blocks(path):
        found = pattern.search(block)
        if found:
            return line + block[: found.start()].count(b"\n"), found[0]
        line += block.count(b"\n")
    return None


def _refuse_zeros(path: Path) -> None:
    found = _first(path, ZEROS)
    if found:
        hint = "; is it UTF-16 without its mark? Save it as UTF-8" if found[0] == 1 else ""
        raise InputError(f"{path.name}, line {found[0]}: not text (a zero byte){hint}")


def _refuse_undefined(path: Path) -> None:
    found = _first(path, UNDEFINED)
    if found:
        raise InputError(f"{path.name}, line {found[0]}: neither UTF-8 nor Windows-1252; save it as UTF-8")


def _refuse_two_encodings(path: Path, bad: int, marked: str) -> None:
    """Raises InputError if line `bad` is not UTF-8 although another line, or the byte order mark, is."""
    if marked:
        raise InputError(f"{path.name}, line {bad}: not UTF-8, though the file begins with its mark; save it as UTF-8")
    good = _first(path, ACCENTED)
    if good:
        raise InputError(f"{path.name}: two encodings in one file: line {good[0]} is UTF-8 ({good[1].decode()!r}), "
                         f"line {bad} is not; save it as UTF-8")  # fmt: skip


def _separator(header: str) -> str:
    """The separator that divides the header into the most cells; a comma if there is none.

    >>> _separator('id;sex;"age, in years"'), _separator("id,sex"), _separator("id")
    (';', ',', ',')
    """

    def cells(separator: str) -> int:
        try:
            return len(next(csv.reader([header], delimiter=separator), []))
        except csv.Error:  # a cell longer than any name of a column
            return 1

    return max(SEPARATORS, key=cells)
