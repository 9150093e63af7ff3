"""Reads cohorts from JSON Lines, CSV and Parquet, partition by partition, and records every repair."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.cases.case import Case, read_case
from model.cases.cohort import COHORT_SUFFIXES, Cohort, gathered, joined
from model.cases.files.frames import Rows, csv_rows, json_lines, parquet_rows
from model.cases.files.mapping import ColumnMapping
from model.cases.files.measured import AMBIGUOUS, as_multiple, in_another_unit
from model.cases.files.partitions import ROWS_AT_ONCE, Partition, partitions
from model.cases.files.repairs import Repair, together
from model.cases.files.words import FIELDS, column_names, plain, read_state
from model.cases.files.write import unescaped
from model.cases.values import Values
from model.errors import LONGEST_WORD, InputError, nearest
from model.inference.junction_tree import Index
from model.io.json_text import parse_json
from model.priors.vocabulary import Variable, Vocabulary

if TYPE_CHECKING:
    import pandas

EachCase = Callable[[Case], object]
DIVIDED = "divided by the upper limit"
NOT_UTF8 = "read as Windows-1252"
MOST_COLUMNS = 16384
"""Of a spreadsheet."""
SAME_ID = "id occurs more than once"
MANGLED = re.compile(r"\.\d+$")
"""What pandas appends to the name of a column that occurs a second time."""
UNNAMED = re.compile(r"Unnamed: \d+")
"""How pandas names a column without a name."""


@dataclass(frozen=True)
class Part:
    """The patients of a partition, in order, and the repairs made while reading them."""

    cohort: Cohort
    repairs: tuple[Repair, ...]


def read_part(
    path: Path,
    partition: Partition,
    vocabulary: Vocabulary,
    mapping: ColumnMapping | None = None,
    each_case: EachCase = lambda case: None,
) -> Part:
    """The patients of one partition; raises InputError naming file, row, field and the nearest word.

    `each_case` is called with every case of a JSON Lines file.
    """
    western = partition.form is not None and partition.form.encoding == "cp1252" and partition.number == 0
    if path.suffix.lower() == ".jsonl":
        check_mappable(path, mapping)
        part = _json_part(path, partition, vocabulary, each_case)
        return replace(part, repairs=(Repair(NOT_UTF8, "", 1, 0),)) if western else part
    rows = csv_rows(path, partition) if path.suffix.lower() == ".csv" else parquet_rows(path, partition)
    comma = partition.form is not None and partition.form.decimal_comma
    part = _table_part(rows, path.name, vocabulary, mapping or ColumnMapping(), comma)
    return replace(part, repairs=(Repair(NOT_UTF8, "", 1, 0), *part.repairs)) if western else part


def check_mappable(path: Path, mapping: ColumnMapping | None) -> None:
    """Raises InputError if a mapping is given for JSON Lines."""
    if mapping is not None and cohort_suffix(path) == ".jsonl":
        raise InputError(f"{path.name}: a mapping is for CSV and Parquet; JSON Lines need the names of the vocabulary")


def cohort_parts(
    path: Path,
    vocabulary: Vocabulary,
    mapping: ColumnMapping | None = None,
    rows: int = ROWS_AT_ONCE,
    each_case: EachCase = lambda case: None,
) -> Iterator[Part]:
    """A cohort file in parts of at most `rows` patients; memory does not grow with the file.

    Raises InputError as `read_part` does, after the parts before the error have been yielded.
    """
    cohort_suffix(path)
    for partition in partitions(path, rows):
        yield read_part(path, partition, vocabulary, mapping, each_case)


def cohort_suffix(path: Path) -> str:
    """The suffix of a cohort file in lower case; raises InputError if it is not that of a known format."""
    suffix = path.suffix.lower()
    if suffix not in COHORT_SUFFIXES:
        raise InputError(f"{path.name}: a cohort ends in {', '.join(COHORT_SUFFIXES)}{_hint(suffix)}")
    return suffix


def read_cohort_file(
    path: Path,
    vocabulary: Vocabulary,
    mapping: ColumnMapping | None = None,
    each_case: EachCase = lambda case: None,
) -> tuple[Cohort, tuple[Repair, ...]]:
    """A whole cohort, and the repairs made while reading; repeated ids are kept, with a warning.

    Parameters
    ----------
    path
        CSV, Parquet or JSON Lines.
    vocabulary
        Of the network: `net.vocabulary`.
    mapping
        Where the file has columns or words of its own.
    each_case
        Called with every case of a JSON Lines file.

    Returns
    -------
    tuple of Cohort and of Repair

    Raises
    ------
    InputError
        For a file that cannot be read, and for a cell without a meaning, with file, row and column.

    Examples
    --------
    >>> import tempfile
    >>> import model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cohort.csv"
    ...     _ = path.write_text("id,sex\\na,male\\n")
    ...     cohort, repairs = read_cohort_file(path, model.load().vocabulary)
    >>> len(cohort)
    1
    """
    parts = list(cohort_parts(path, vocabulary, mapping, each_case=each_case))
    cohort = joined([part.cohort for part in parts])
    repairs = together([*chain.from_iterable(part.repairs for part in parts), *same_ids(cohort)])
    return cohort, repairs


def _hint(suffix: str) -> str:
    if suffix == ".json":
        return "; one case is read by diagnose"
    return "; save the sheet as CSV (UTF-8)" if suffix in (".xlsx", ".xls", ".ods") else ""


def _json_part(path: Path, partition: Partition, vocabulary: Vocabulary, each_case: EachCase) -> Part:
    """The cases of one partition of a JSON Lines file. A case without an id gets the number of its row."""
    values = Values(vocabulary)
    rows: list[int] = []

    def cases() -> Iterator[tuple[Case, list[int]]]:
        for number, line in json_lines(path, partition):
            where = f"{path.name}, row {number}"
            case, indices = read_case(parse_json(line, where), where, values)
            case = case if case.id else replace(case, id=str(number))
            rows.append(number)
            each_case(case)
            yield case, indices

    return Part(replace(gathered(cases(), values), rows=rows), ())


def check_columns(cells: "pandas.DataFrame", name: str) -> None:
    """Raises InputError for more columns than a spreadsheet has, and for a name that two columns have."""
    if len(cells.columns) > MOST_COLUMNS:
        raise InputError(f"{name}: {len(cells.columns)} columns; a spreadsheet has at most {MOST_COLUMNS}")
    twice = cells.columns[cells.columns.duplicated()]
    if len(twice):
        raise InputError(f"{name}, row 1, field {_one_line(str(twice[0]))}: a second column of this name")


def _table_part(rows: Rows, name: str, vocabulary: Vocabulary, mapping: ColumnMapping, comma: bool) -> Part:
    """`comma`: the file has decimal commas."""
    if len(rows.cells.columns) > MOST_COLUMNS:
        check_columns(rows.cells, name)
    columns, repairs = _columns(rows, name, vocabulary, mapping)
    states: dict[str, Index] = {}
    for theirs, ours in columns.items():
        if ours != "id":
            words = mapping.values.get(ours, {})
            states[ours], own = _states(rows, theirs, ours, name, vocabulary, words, mapping.limits.get(ours))
            repairs += own
    for theirs, ours in columns.items():
        if ours != "id" and ours not in mapping.limits and vocabulary.variable(ours).bins:
            _check_numbers(rows, theirs, vocabulary.variable(ours), name, comma)
    nothing = np.full(len(rows.numbers), -1, dtype=np.intp)
    settings, diagnoses = states.pop("setting", nothing), states.pop("diagnosis", nothing)
    id_column = next((theirs for theirs, ours in columns.items() if ours == "id"), None)
    ids = _ids(rows, id_column, name)
    return Part(Cohort(ids, states, {}, settings, diagnoses, rows.numbers.tolist()), tuple(repairs))


def _columns(
    rows: Rows, name: str, vocabulary: Vocabulary, mapping: ColumnMapping
) -> tuple[dict[str, str], list[Repair]]:
    """The used columns (name in the file -> ours), and the repairs of their names."""
    known, names = (*FIELDS, *vocabulary.findings), column_names(vocabulary)
    columns: dict[str, str] = {}
    repairs = []
    for theirs in map(str, rows.cells.columns):
        if theirs in mapping.columns:
            ours = mapping.columns[theirs]
        elif UNNAMED.fullmatch(theirs):
            repairs.append(_without_name(rows, theirs, name))
            continue
        elif theirs in known:
            ours = theirs
        elif plain(theirs) in names:
            ours = names[plain(theirs)]
            repairs.append(Repair(f"column read as {ours}", _one_line(theirs), 1, 1))
        else:
            first = MANGLED.sub("", theirs)
            twice = first != theirs and first in map(str, rows.cells.columns)
            hint = f": a second column {_one_line(first)}" if twice else nearest(theirs, known)
            raise InputError(f"{name}, row 1, field {_one_line(theirs)}: not a column of a cohort{hint}")
        if ours is not None and (ours in columns.values() or list(rows.cells.columns).count(theirs) > 1):
            raise InputError(f"{name}, row 1, field {_one_line(theirs)}: a second column for {ours}")
        if ours is not None:
            columns[theirs] = ours
    return columns, repairs


def _without_name(rows: Rows, theirs: str, name: str) -> Repair:
    """The repair that leaves out an empty column without a name; raises InputError if the column is not empty."""
    filled = np.flatnonzero(rows.cells[theirs] != "")
    if len(filled):
        number = int(theirs.split(": ")[1]) + 1
        raise InputError(f"{name}, row {rows.numbers[filled[0]]}: column {number} has content but no name in row 1")
    return Repair("column without name and content left out", "", 1, 1)


def _one_line(column: str) -> str:
    """A column name for a message, in one line and cut, because a quoted header may be long and hold line ends."""
    text = " ".join(column.split()) or repr(column)
    return text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + "..."


def _states(
    rows: Rows,
    theirs: str,
    ours: str,
    name: str,
    vocabulary: Vocabulary,
    words: Mapping[str, str | None],
    limit: float | None,
) -> tuple[Index, list[Repair]]:
    """State index of each cell, (rows,), -1 for unknown, and the repairs. Each distinct value is read once.

    `limit`: the upper limit of normal by which numbers are to be divided.
    """
    import pandas as pd

    variable = vocabulary.variable(ours)
    indices, distinct = pd.factorize(single(rows.cells[theirs], theirs, name))
    first, counts = _first_and_count(indices, len(distinct))
    states = np.full(len(distinct) + 1, -1, dtype=np.intp)
    repairs = []
    for i, value in enumerate(distinct):
        if is_empty(value):
            continue
        text, row = str(value), int(rows.numbers[first[i]])
        try:
            plainly = text if limit is None else as_multiple(variable, text, limit)
            state, repair = (words[text], "") if text in words else read_state(variable, plainly)
            repair = repair or (DIVIDED if plainly != text else "")
        except InputError as error:
            raise InputError(f"{name}, row {row}, {error}") from None
        if state is not None:
            states[i] = variable.states.index(variable.state(state))
        if repair:
            repairs.append(Repair(repair, _one_line(theirs), int(counts[i]), row, text))
    return states[indices], list(together(repairs))


def _check_numbers(rows: Rows, theirs: str, variable: Variable, name: str, comma: bool) -> None:
    """Raises InputError for numbers that can be read in two ways, and for a column in another unit than multiples."""
    for value in rows.cells[theirs].unique():
        text = str(value).strip()
        fault = in_another_unit(variable, theirs, text)
        if comma and AMBIGUOUS.fullmatch(text):
            decimals, thousands = text.replace(".", ",").rstrip("0"), text.replace(".", "")
            fault = (
                f"in {text!r} the point may mark decimals or thousands, because this file has decimal commas; "
                f"write {decimals} or {thousands}"
            )
        if fault:
            row = rows.numbers[np.flatnonzero((rows.cells[theirs] == value).to_numpy())[0]]
            raise InputError(f"{name}, row {row}, field {_one_line(theirs)}: {fault}")


def _first_and_count(indices: Index, values: int) -> tuple[Index, Index]:
    """The first row and the number of rows of each value, (values,) each.

    `indices`: index of the value in each row, (rows,), -1 for none.
    """
    filled = np.flatnonzero(indices >= 0)
    first = np.zeros(values, dtype=np.intp)
    first[indices[filled[::-1]]] = filled[::-1]
    return first, np.bincount(indices[filled], minlength=values)


def is_empty(value: object) -> bool:
    return value is None or value == "" or value != value


def single(cells: "pandas.Series", theirs: str, name: str) -> "pandas.Series":
    """The cells of a column; raises InputError for lists, records or bytes, which a Parquet file can hold."""
    example = next((value for value in cells if value is not None), None)
    if isinstance(example, (list, dict, np.ndarray, bytes)):
        kind = "bytes" if isinstance(example, bytes) else "lists or records"
        raise InputError(f"{name}, field {_one_line(theirs)}: its cells hold {kind}; one word or number is needed")
    return cells


def _ids(rows: Rows, column: str | None, name: str) -> tuple[str, ...]:
    """The ids as text. A row without one gets its number, counted from the first patient."""
    numbers = (rows.numbers - rows.first_row + 1).tolist()
    if column is None:
        return tuple(map(str, numbers))
    cells = single(rows.cells[column], column, name).tolist()
    return tuple(
        str(number) if is_empty(value) else unescaped(str(value)) for value, number in zip(cells, numbers, strict=True)
    )


def same_ids(cohort: Cohort) -> Iterator[Repair]:
    """Warning about ids that occur more than once."""
    first: dict[str, int] = {}
    again = []
    for patient, name in enumerate(cohort.ids):
        if name in first:
            again.append(patient)
        first.setdefault(name, patient)
    if again:
        yield Repair(SAME_ID, "id", len(again), cohort.row(again[0]), cohort.ids[again[0]])
