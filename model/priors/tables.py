"""The rows of a CSV table; every error names file, line and field."""

import csv
import io
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import InputError, nearest


@dataclass(frozen=True)
class Row:
    """One row of a table, with its file and line."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def fault(self, column: str, message: str) -> InputError:
        """An error, to be raised, that names file, line and field."""
        return InputError(f"{self.file}, line {self.line}, field {column}: {message}")

    def one_of(self, column: str, valid: Iterable[str]) -> str:
        """The cell; raises InputError unless it is one of `valid`."""
        word = self.cells[column]
        self.check_known(column, word, valid if isinstance(valid, Container) else list(valid))
        return word

    def check_known(self, column: str, word: str, valid: Iterable[str]) -> None:
        """Raises InputError with the nearest valid word unless `word` (the cell or a part of it) is one of `valid`."""
        if word not in valid:
            raise self.fault(column, f"{word!r} is not known{nearest(word, valid)}")

    def number(self, column: str, low: float, high: float) -> float:
        """The cell as a number; raises InputError unless it is from `low` to `high`, both included."""
        try:
            value = float(self.cells[column])
        except ValueError:
            raise self.fault(column, f"{self.cells[column]!r} is not a number") from None
        if not low <= value <= high:
            raise self.fault(column, f"{value:g} is not between {low:g} and {high:g}")
        return value

    def words(self, column: str, separator: str = ";") -> tuple[str, ...]:
        """The parts of the cell between separators, without spaces and without empty parts."""
        return tuple(word.strip() for word in self.cells[column].split(separator) if word.strip())

    def stated(self, column: str) -> dict[str, str]:
        """The cell `a=x;b=y` as variable -> state."""
        pairs = (part.partition("=") for part in self.words(column))
        return {variable.strip(): state.strip() for variable, _, state in pairs}


def parse_table(name: str, content: bytes, columns: Iterable[str]) -> tuple[Row, ...]:
    """All rows of a CSV file in UTF-8 that must have at least `columns`. `name`: of the file, for messages.

    Blank rows are skipped. Raises InputError for text that is not UTF-8, a missing column, or a row with too many
    cells.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 text ({error.reason})") from None
    return tuple(_rows(name, text, columns))


def _rows(name: str, text: str, columns: Iterable[str]) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        yield from _read(name, reader, columns)
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}: {error}") from None


def _read(name: str, reader: Any, columns: Iterable[str]) -> Iterator[Row]:
    header: list[str] = next(reader, [])
    for missing in (column for column in columns if column not in header):
        raise InputError(f"{name}, line 1: column {missing!r} is missing{nearest(missing, header)}")
    for cells in reader:
        if len(cells) > len(header):
            raise InputError(f"{name}, line {reader.line_num}: more cells than columns; quote text with commas")
        if any(cell.strip() for cell in cells):
            filled = [*map(str.strip, cells), *[""] * (len(header) - len(cells))]
            yield Row(name, reader.line_num, dict(zip(header, filled, strict=True)))


def read_table(path: Path, columns: Iterable[str]) -> tuple[Row, ...]:
    """All rows of a CSV file on the disk. Raises InputError as `parse_table` does, and if there is no such file."""
    try:
        return parse_table(path.name, path.read_bytes(), columns)
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file") from None
