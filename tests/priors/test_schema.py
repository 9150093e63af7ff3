"""The schema of the tables: the shipped tables fit it; anything else is refused with file, line and field."""

import csv
import io
from collections.abc import Mapping, Sequence

import pytest

from model.errors import InputError
from model.priors.checked import Tables, check_all
from model.priors.columns import FILLED, SOURCES, Kind
from model.priors.folder import SHIPPED, Priors, read_priors
from model.priors.schema import SCHEMA, as_markdown, table_of
from model.priors.tables import Row
from tests.helpers.priors import with_table

PRIORS = read_priors(SHIPPED)
HELD = [name for name, rows in PRIORS.tables.items() if rows]
KEYED = [name for name in HELD if SCHEMA[name].key]
COLUMNS = [(name, column) for name in HELD for column in SCHEMA[name].kinds]


def refuses(kind: Kind, words: Tables) -> bool:
    """Whether the column checks the content of a cell, not only that it is there."""
    try:
        kind.check(Row("", 0, {"column": "no such word"}), "column", words)
    except (InputError, KeyError):
        return True
    return False


CHECKED = [(name, column) for name, column in COLUMNS if refuses(SCHEMA[name].kinds[column], PRIORS.tables)]


def first_file(name: str) -> tuple[str, list[dict[str, str]]]:
    """The first file of a table and its rows."""
    rows = PRIORS.tables[name]
    return rows[0].file, [dict(row.cells) for row in rows if row.file == rows[0].file]


def changed(file: str, rows: Sequence[Mapping[str, str]]) -> Priors:
    """The shipped priors with other rows in one file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return with_table(PRIORS, file, text.getvalue())


def fault(priors: Priors, name: str) -> str:
    with pytest.raises(InputError) as error:
        priors.tables[name]
    return str(error.value)


def test_the_shipped_folder_fits_the_schema() -> None:
    check_all(PRIORS.tables)


def test_every_shipped_table_is_described_and_every_description_has_its_table() -> None:
    tables = [table_of(file) for file in PRIORS.files.contents if file.endswith(".csv")]
    assert None not in tables
    assert {table.name for table in tables if table} == set(SCHEMA) - {"changes"}, "only edited folders have changes"


def test_the_page_of_tables_is_the_schema() -> None:
    """`python -m model check --schema > priors/TABLES.md` makes it so."""
    assert (SHIPPED / "TABLES.md").read_text(encoding="utf-8") == as_markdown()


@pytest.mark.parametrize("name", [name for name in HELD if not name.endswith("/")])
def test_a_folder_may_lack_a_table_unless_it_is_needed(name: str) -> None:
    file = SCHEMA[name].files
    kept = {known: content for known, content in PRIORS.files.contents.items() if known != file}
    tables = Tables(type(PRIORS.files)(PRIORS.folder, "", kept))
    if SCHEMA[name].required:
        with pytest.raises(InputError, match=rf"^{file}: there is no such file$"):
            tables[name]
    else:
        assert tables[name] == ()


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_a_missing_column_is_refused_unless_it_may_be_missing(name: str, column: str) -> None:
    file, rows = first_file(name)
    without = changed(file, [{known: cell for known, cell in row.items() if known != column} for row in rows])
    if column in SCHEMA[name].needed:
        assert fault(without, name).startswith(f"{file}, line 1: column {column!r} is missing")
    else:
        assert len(without.tables[name]) == len(PRIORS.tables[name])


@pytest.mark.parametrize("name", HELD)
def test_an_unknown_column_is_refused_by_check_alone(name: str) -> None:
    """A folder with notes of its own still loads; a misspelt column that may be missing is found."""
    file, rows = first_file(name)
    more = changed(file, [{**row, "remark": ""} for row in rows])
    assert len(more.tables[name]) == len(PRIORS.tables[name])
    with pytest.raises(InputError, match=rf"^{file}, line 1: column 'remark' is not known"):
        check_all(more.tables)


@pytest.mark.parametrize("name", KEYED)
def test_a_key_that_occurs_twice_is_refused(name: str) -> None:
    file, rows = first_file(name)
    column = SCHEMA[name].key[-1]
    message = fault(changed(file, [*rows, rows[0]]), name)
    assert message.startswith(f"{file}, line ") and f"field {column}: {rows[0][column]!r} occurs twice" in message


@pytest.mark.parametrize(("name", "column"), CHECKED)
def test_a_number_or_word_that_the_column_does_not_allow_is_refused(name: str, column: str) -> None:
    file, rows = first_file(name)
    line = PRIORS.tables[name][0].line
    message = fault(changed(file, [{**rows[0], column: "no such word"}, *rows[1:]]), name)
    assert message.startswith(f"{file}, line {line}, field {column}: 'no such word' is not ")


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name, column in COLUMNS if SCHEMA[name].kinds[column] is FILLED]
)
def test_a_blank_cell_is_refused_where_a_row_needs_it(name: str, column: str) -> None:
    file, rows = first_file(name)
    assert f"field {column}: a row needs its {column}" in fault(changed(file, [{**rows[0], column: ""}]), name)


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name, column in COLUMNS if SCHEMA[name].kinds[column] is SOURCES]
)
def test_a_source_that_nobody_lists_is_refused_by_check(name: str, column: str) -> None:
    file, rows = first_file(name)
    priors = changed(file, [{**rows[0], column: "Nobody1900"}, *rows[1:]])
    with pytest.raises(InputError, match=rf"^{file}, line \d+, field {column}: 'Nobody1900' is not known"):
        check_all(priors.tables)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("percent", "101", "101 is not between 0 and 100"),
        ("percent", "nan", "nan is not between 0 and 100"),
        ("given", "skin", "'skin' is not finding=state"),
        ("given", "sex=mal", "'mal' is not known; did you mean male?"),
        ("given", "sex=male;sex=female", "'sex' is named twice"),
    ],
)
def test_a_cell_of_a_rate_is_a_number_in_its_range_or_known_conditions(column: str, cell: str, message: str) -> None:
    file, rows = first_file("rates/")
    message_given = fault(changed(file, [{**rows[0], column: cell}]), "rates/")
    assert message_given.startswith(f"{file}, line 2, field {column}: {message}")


def test_a_table_under_a_name_that_nobody_reads_is_refused_by_check() -> None:
    with pytest.raises(InputError, match=r"^alert\.csv: not a table of the priors; did you mean alerts\.csv\?"):
        check_all(with_table(PRIORS, "alert.csv", "id\n").tables)
