"""Cuts a cohort file into partitions, which can be read separately, in any order and on several machines."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from model.cases.files.text import TextForm, text_form
from model.errors import InputError
from model.io.files import readable
from model.io.optional import needs

ROWS_AT_ONCE = 32768
BLOCK = 1 << 22
LARGEST_UTF16 = 1 << 28
LARGEST = 1 << 26
LONGEST_ROW = 1 << 24
QUOTE, NEWLINE = 0x22, 0x0A


@dataclass(frozen=True)
class Partition:
    """Some rows of a file.

    `first_row`: number of its first row, as a spreadsheet or editor counts (Parquet: from 1). `rows`: how many; -1 if
    not known. `start`, `end`: byte positions in a text file, or rows of a Parquet file. `header`: length of the header
    of a CSV file in bytes. `form`: how a text file is written.
    """

    number: int
    first_row: int
    rows: int
    start: int
    end: int
    header: int = 0
    form: TextForm | None = None


def partitions(path: Path, rows: int = ROWS_AT_ONCE) -> tuple[Partition, ...]:
    """The partitions of a CSV, JSON Lines or Parquet file, of at most `rows` rows each; at least one.

    If rows are long, partitions have fewer of them: none has much more than LARGEST bytes. A text file is read once to
    find its line ends, which takes far less time than parsing it. Raises InputError for a file that cannot be read,
    and for a row of more than LONGEST_ROW bytes.
    """
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path, rows)
    form = text_form(path)
    if form.encoding == "utf-16":
        return _of_utf16(path, form)
    with readable(path):
        return _of_text(path, form, rows)


def _of_text(path: Path, form: TextForm, rows: int) -> tuple[Partition, ...]:
    table = path.suffix.lower() == ".csv"
    before = form.skipped + 1 if table else 0
    ends = _record_ends(path, table)
    header = 0
    for _ in range(before):
        header = next(ends, (path.stat().st_size, 0))[0]
    cuts = [(header, 0)]
    last = (header, 0)
    for end, count in ends:
        last = (end, count - before)
        if last[1] - cuts[-1][1] == rows or end - cuts[-1][0] >= LARGEST:
            cuts.append(last)
    size = path.stat().st_size
    if last[0] < size:
        last = (size, last[1] + 1)
    if cuts[-1][0] != last[0] or len(cuts) == 1:
        cuts.append(last)
    return tuple(
        Partition(number, done + (2 + form.comments if table else 1), after - done, start, end, header, form)
        for number, ((start, done), (end, after)) in enumerate(pairwise(cuts))
    )


def _record_ends(path: Path, quoted: bool) -> Iterator[tuple[int, int]]:
    """For each record: the byte position after it, and the number of records up to it.

    A line end between quotation marks belongs to its cell (RFC 4180). Raises InputError for a record of more than
    LONGEST_ROW bytes, because it has to fit into memory.
    """
    done = count = inside = last = 0
    with path.open("rb") as file:
        for block in _blocks(file):
            ends = block == NEWLINE
            quotes = block == QUOTE
            if quoted and (inside or quotes.any()):
                parity = (np.cumsum(quotes) + inside) & 1
                ends &= parity == 0
                inside = int(parity[-1])
            for index in np.flatnonzero(ends).tolist():
                count += 1
                last = done + index + 1
                yield last, count
            done += len(block)
            if done - last > LONGEST_ROW:
                hint = "is a quotation mark not closed?" if inside else "are its line ends those of an old Macintosh?"
                raise InputError(f"{path.name}, row {count + 1}: over {LONGEST_ROW >> 20} MiB long; {hint}")


def _blocks(file: BinaryIO) -> Iterator["np.ndarray[tuple[int], np.dtype[np.uint8]]"]:
    while block := file.read(BLOCK):
        yield np.frombuffer(block, np.uint8)


def _of_utf16(path: Path, form: TextForm) -> tuple[Partition, ...]:
    """One partition, because line ends of UTF-16 cannot be found without decoding it."""
    size = path.stat().st_size
    if size > LARGEST_UTF16:
        raise InputError(f"{path.name}: UTF-16 and over {LARGEST_UTF16 >> 20} MiB; save it as UTF-8 first")
    first_row = 2 + form.comments if path.suffix.lower() == ".csv" else 1
    return (Partition(0, first_row, -1, 0, size, 0, form),)


def _of_parquet(path: Path, rows: int) -> tuple[Partition, ...]:
    with needs("pyarrow", "scale", "Parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    with readable(path):
        path.open("rb").close()
    try:
        total = pq.ParquetFile(path).metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None
    starts = range(0, max(total, 1), rows)
    return tuple(
        Partition(number, start + 1, min(rows, total - start), start, min(start + rows, total))
        for number, start in enumerate(starts)
    )
