"""The rows of one partition of a table file as text cells, each row with its number in the file."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.cases.files.partitions import Partition
from model.errors import InputError
from model.inference.junction_tree import Index
from model.io.files import readable
from model.io.optional import needs

if TYPE_CHECKING:
    import pandas


BYTE_ORDER_MARK = "\ufeff"
PANDAS_INDEX = re.compile(r"__index_level_\d+__")
"""A column that pandas adds to a Parquet file for its own row labels."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a file. `cells`: text if it is a CSV file. `numbers`: of the rows, as a spreadsheet counts, (rows,).

    `first_row`: the number of the row of the file's first patient.
    """

    cells: "pandas.DataFrame"
    numbers: Index
    first_row: int


def csv_rows(path: Path, partition: Partition) -> Rows:
    """The rows of a partition of a CSV file. Blank rows are dropped but counted.

    Raises InputError for a row with more cells than the header, for a quotation mark that is not closed, and for line
    ends without a line feed.
    """
    assert partition.form is not None
    content = _text(path, partition, 0, partition.header) + _text(path, partition, partition.start, partition.end)
    frame = _parsed(path.name, content, partition)
    if partition.rows >= 0 and len(frame) != partition.rows:
        where = f"rows {partition.first_row} to {partition.first_row + max(partition.rows, 1) - 1}"
        reason = "a quotation mark is not closed, or is inside a cell without quotes"
        if re.search("\r(?!\n)", content):
            reason = "line ends of an old Macintosh; save it with the line ends of this machine"
        raise InputError(f"{path.name}, {where}: {reason}")
    numbers = np.arange(len(frame)) + partition.first_row
    filled = (frame != "").any(axis=1).to_numpy()
    return Rows(frame[filled], numbers[filled], 2 + partition.form.comments)


def _parsed(name: str, content: str, partition: Partition) -> "pandas.DataFrame":
    """Parse a header and some rows; all cells are text."""
    import pandas as pd

    assert partition.form is not None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(io.StringIO(content), dtype=str, keep_default_na=False, index_col=False,
                               sep=partition.form.separator, skiprows=partition.form.skipped,
                               skip_blank_lines=False).fillna("")  # fmt: skip
    except pd.errors.EmptyDataError:
        raise InputError(f"{name}: row 1 is empty; the names of the columns belong there") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        where = _row_of(str(error), partition)
        if "EOF inside string" in str(error):
            raise InputError(f"{name}, from {where} on: a quotation mark is not closed") from None
        raise InputError(f"{name}, {where}: more cells than columns; quote text with commas") from None
    except ValueError as error:
        raise InputError(f"{name}: cannot be read ({str(error).splitlines()[0]})") from None


def _text(path: Path, partition: Partition, start: int, end: int) -> str:
    """The text between two byte positions of a file. Raises InputError naming the row for bytes that are not text."""
    assert partition.form is not None
    encoding = partition.form.encoding
    with readable(path), path.open("rb") as file:
        file.seek(start)
        content = file.read(end - start)
    if len(content) < end - start:
        raise InputError(f"{path.name}: became shorter while it was read")
    try:
        if encoding != "utf-8-sig":
            return content.decode(encoding)
        text = content.decode()
        return text.removeprefix(BYTE_ORDER_MARK) if start == 0 else text  # elsewhere it is part of a cell
    except UnicodeError as error:
        row = "" if encoding == "utf-16" else f", row {partition.first_row + _line(content, error)}"
        raise InputError(f"{path.name}{row}: not text ({error}); save it as UTF-8") from None


def _line(content: bytes, error: UnicodeError) -> int:
    """The number of line ends before the first byte that cannot be decoded."""
    return content[: error.start].count(b"\n") if isinstance(error, UnicodeDecodeError) else 0


def _row_of(message: str, partition: Partition) -> str:
    """The row that a message of the parser names, which counts from the header; the first row if it names none."""
    assert partition.form is not None
    words = message.replace(",", " ").split()
    counted = words[words.index("line") + 1] if "line" in words[:-1] else ""
    before = 2 + partition.form.skipped
    return f"row {partition.first_row + (int(counted) - before if counted.isdigit() else 0)}"


def parquet_rows(path: Path, partition: Partition) -> Rows:
    """The rows of a partition of a Parquet file. Integers stay integers, even in a column with empty cells."""
    with needs("pyarrow", "scale", "Parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    try:
        with readable(path), pq.ParquetFile(path) as file:
            groups, before = _groups(file, partition)
            table = file.read_row_groups(groups).slice(partition.start - before, partition.rows)
    except (pa.ArrowException, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None
    _check_text(table, path.name)
    frame = _as_text(table).to_pandas(integer_object_nulls=True, ignore_metadata=True)
    kept = [not PANDAS_INDEX.fullmatch(str(column)) for column in frame.columns]
    return Rows(frame.loc[:, kept], np.arange(partition.start, partition.end) + 1, 1)


def _check_text(table: Any, name: str) -> None:
    """Raises InputError naming the column for text that is not UTF-8, which Parquet does not check."""
    import pyarrow as pa

    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            try:
                for chunk in table.column(index).chunks:
                    chunk.validate(full=True)
            except pa.ArrowException as error:
                raise InputError(f"{name}, field {field.name}: not text ({str(error).splitlines()[0]})") from None


def _as_text(table: Any) -> Any:
    """An Arrow table with its columns of bytes as text where possible, because older programs write text as bytes."""
    import pyarrow as pa

    for index, field in enumerate(table.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            with suppress(pa.ArrowException):
                table = table.set_column(index, field.name, table.column(index).cast(pa.string()))
    return table


def _groups(file: object, partition: Partition) -> tuple[list[int], int]:
    """The indices of the row groups that a partition overlaps, and the number of rows before the first of them."""
    metadata = file.metadata  # type: ignore[attr-defined]
    ends = np.cumsum([metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)])
    touched = [i for i, end in enumerate(ends) if end > partition.start and end - metadata.row_group(i).num_rows
               < partition.end]  # fmt: skip
    before = int(ends[touched[0]]) - metadata.row_group(touched[0]).num_rows if touched else 0
    return touched, before


def json_lines(path: Path, partition: Partition) -> Iterator[tuple[int, str]]:
    """The lines of a partition of a JSON Lines file, each with its number. Blank lines are dropped but counted."""
    text = _text(path, partition, partition.start, partition.end)
    for number, line in enumerate(text.split("\n"), partition.first_row):
        if line.strip():
            yield number, line
