"""A table file as a stream of chunks of text cells, each row with its number in the file."""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.clusters import Index
from model.cohort.text import text_form
from model.errors import InputError

if TYPE_CHECKING:
    import pandas

NOT_UTF8 = "read as Windows-1252"


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file: the cells (text in a CSV file), and the row of each as a spreadsheet counts.

    `first_row`: the number that the file's first patient has.
    """

    cells: "pandas.DataFrame"
    rows: Index
    first_row: int


def csv_chunks(path: Path, size: int) -> Iterator[Chunk]:
    """The rows of a CSV file, `size` at a time; a row without any text is dropped, its number is not reused.

    Raises InputError for a row with more cells than the header, and for a file that is no table.
    """
    import pandas as pd

    form = text_form(path)
    done = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            with pd.read_csv(path, dtype=str, keep_default_na=False, encoding=form.encoding, sep=form.separator,
                             index_col=False, skip_blank_lines=False, chunksize=size) as reader:  # fmt: skip
                for frame in reader:
                    rows = np.arange(done, done + len(frame)) + 2
                    done += len(frame)
                    told = (frame.fillna("") != "").any(axis=1).to_numpy()
                    yield Chunk(frame.fillna("")[told], rows[told], 2)
    except pd.errors.EmptyDataError:
        raise InputError(f"{path.name}: the file is empty") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(f"{path.name}, {_place(error, done)}more cells than columns; quote text with commas") from None
    except (UnicodeError, ValueError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None


def _place(error: Exception, done: int) -> str:
    """The row that a parser complains of, as far as it tells."""
    words = str(error).replace(",", " ").split()
    with suppress(ValueError, IndexError):
        return f"row {int(words[words.index('line') + 1])}: "
    return f"after row {done + 1}: "


def parquet_chunks(path: Path, size: int) -> Iterator[Chunk]:
    """The rows of a Parquet file, `size` at a time, numbered from 1."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    done = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=size):
                frame = batch.to_pandas()
                yield Chunk(frame, np.arange(done, done + len(frame)) + 1, 1)
                done += len(frame)
            if not done:
                yield Chunk(file.schema_arrow.empty_table().to_pandas(), np.empty(0, np.intp), 1)
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None


def json_lines(path: Path, size: int) -> Iterator[list[tuple[int, str]]]:
    """The lines of a JSON Lines file with their numbers from 1, `size` at a time; blank lines are dropped."""
    form = text_form(path)
    lines: list[tuple[int, str]] = []
    try:
        with path.open(encoding=form.encoding) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    lines.append((number, line))
                if len(lines) == size:
                    yield lines
                    lines = []
    except UnicodeError as error:
        raise InputError(f"{path.name}: not text ({error})") from None
    yield lines
