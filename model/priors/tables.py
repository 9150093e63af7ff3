"""Reading the CSV tables of `priors/`: every fault is told with file, line and field."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError, nearest


@dataclass(frozen=True)
class Row:
    """One row of a table and where it stands."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def fault(self, column: str, message: str) -> InputError:
        return InputError(f"{self.file}, line {self.line}, field {column}: {message}")

    def one_of(self, column: str, valid: Iterable[str]) -> str:
        """The cell, which must be one of `valid`."""
        words = list(valid)
        word = self.cells[column]
        if word not in words:
            raise self.fault(column, f"{word!r} is not known{nearest(word, words)}")
        return word

    def number(self, column: str, low: float, high: float) -> float:
        """The cell as a number between `low` and `high` (both included)."""
        try:
            value = float(self.cells[column])
        except ValueError:
            raise self.fault(column, f"{self.cells[column]!r} is not a number") from None
        if not low <= value <= high:
            raise self.fault(column, f"{value:g} is not between {low:g} and {high:g}")
        return value

    def words(self, column: str) -> tuple[str, ...]:
        """The cell split at `;`, blanks dropped."""
        return tuple(word.strip() for word in self.cells[column].split(";") if word.strip())


def read_table(path: Path, columns: Iterable[str], relative_to: Path | None = None) -> list[Row]:
    """All rows of a CSV file that has at least `columns`.

    Raises InputError for a missing file, missing columns, or a row with too many cells.
    """
    name = str(path.relative_to(relative_to)) if relative_to else path.name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(name, csv.DictReader(file), list(columns)))
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 text ({error.reason})") from None


def _rows(name: str, reader: "csv.DictReader[str]", columns: list[str]) -> Iterator[Row]:
    missing = [c for c in columns if c not in (reader.fieldnames or [])]
    if missing:
        hint = nearest(missing[0], reader.fieldnames or [])
        raise InputError(f"{name}, line 1: column {missing[0]!r} is missing{hint}")
    for cells in reader:
        row = Row(name, reader.line_num, {k: (v or "").strip() for k, v in cells.items() if k})
        if None in cells:
            raise InputError(f"{name}, line {row.line}: more cells than columns; quote text with commas")
        if any(row.cells.values()):
            yield row
