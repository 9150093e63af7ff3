"""The rows of one partition of a table file as text cells, each row with its number in the file."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.clusters import Index
from model.cohort.partitions import Partition
from model.errors import InputError

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Rows:
    """Some rows of a file: the cells (text in a CSV file), and the row of each as a spreadsheet counts.

    `first_row`: the number that the file's first patient has.
    """

    cells: "pandas.DataFrame"
    numbers: Index
    first_row: int


def csv_rows(path: Path, partition: Partition) -> Rows:
    """The rows of a partition of a CSV file; one without any text is dropped, its number is not reused.

    Raises InputError for a row with more cells than the header, for a quotation mark that is not closed, and
    for line ends without a line feed.
    """
    import pandas as pd

    assert partition.form is not None
    content = _bytes(path, 0, partition.header) + _bytes(path, partition.start, partition.end)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, index_col=False,
                                encoding=partition.form.encoding, sep=partition.form.separator,
                                skip_blank_lines=False).fillna("")  # fmt: skip
    except pd.errors.EmptyDataError:
        raise InputError(f"{path.name}: the file is empty") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        place = _place(str(error), partition)
        if "EOF inside string" in str(error):
            raise InputError(f"{path.name}, from {place} on: a quotation mark is not closed") from None
        raise InputError(f"{path.name}, {place}: more cells than columns; quote text with commas") from None
    except (UnicodeError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None
    if partition.rows >= 0 and len(frame) != partition.rows:
        place = f"rows {partition.first_row} to {partition.first_row + max(partition.rows, 1) - 1}"
        reason = "a quotation mark is not closed or stands inside a cell"
        if len(frame) > partition.rows:
            reason = "line ends of an old Macintosh; save it with the line ends of this machine"
        raise InputError(f"{path.name}, {place}: {reason}")
    numbers = np.arange(len(frame)) + partition.first_row
    told = (frame != "").any(axis=1).to_numpy()
    return Rows(frame[told], numbers[told], 2)


def _bytes(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _place(message: str, partition: Partition) -> str:
    """The row that a parser complains of, which it counts from the header; the first one where it says none."""
    words = message.replace(",", " ").split()
    counted = words[words.index("line") + 1] if "line" in words[:-1] else ""
    return f"row {partition.first_row + (int(counted) - 2 if counted.isdigit() else 0)}"


def parquet_rows(path: Path, partition: Partition) -> Rows:
    """The rows of a partition of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            groups, before = _groups(file, partition)
            table = file.read_row_groups(groups).slice(partition.start - before, partition.rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None
    return Rows(table.to_pandas(), np.arange(partition.start, partition.end) + 1, 1)


def _groups(file: object, partition: Partition) -> tuple[list[int], int]:
    """The row groups that a partition touches, and the rows before the first of them."""
    metadata = file.metadata  # type: ignore[attr-defined]
    ends = np.cumsum([metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)])
    touched = [i for i, end in enumerate(ends) if end > partition.start and end - metadata.row_group(i).num_rows
               < partition.end]  # fmt: skip
    before = int(ends[touched[0]]) - metadata.row_group(touched[0]).num_rows if touched else 0
    return touched, before


def json_lines(path: Path, partition: Partition) -> Iterator[tuple[int, str]]:
    """The lines of a partition of a JSON Lines file with their numbers; blank lines are dropped."""
    assert partition.form is not None
    try:
        text = _bytes(path, partition.start, partition.end).decode(partition.form.encoding)
    except UnicodeError as error:
        raise InputError(f"{path.name}: not text ({error})") from None
    for number, line in enumerate(text.split("\n"), partition.first_row):
        if line.strip():
            yield number, line
