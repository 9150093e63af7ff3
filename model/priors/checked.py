"""The tables of a folder of priors. Each is parsed and checked when it is first used, and then kept."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from model.errors import InputError, nearest
from model.priors.columns import SOURCES, anything
from model.priors.files import Files
from model.priors.schema import SCHEMA, WORDS, Table, table_of
from model.priors.tables import Row, parse_table


@dataclass(frozen=True)
class Tables(Mapping[str, tuple[Row, ...]]):
    """A mapping from the name of a table of the schema to its rows; no rows for a table that the folder lacks.

    Raises InputError for a file that does not fit the schema (naming file, line, field and the nearest valid word),
    and for a required file that is missing.
    """

    files: Files
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _words: dict[str, Collection[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _states: dict[str, Collection[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, name: str) -> tuple[Row, ...]:
        if name not in self._rows:
            rows = self._read(SCHEMA[name])
            check_rows(rows, SCHEMA[name], self)
            self._rows[name] = rows
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(SCHEMA)

    def __len__(self) -> int:
        return len(SCHEMA)

    def words(self, name: str) -> Collection[str]:
        """The valid words of an entry of `WORDS`, or of a column `table:column`."""
        if name not in self._words:
            found: dict[str, None] = {}
            for part in WORDS.get(name, (name,)):
                table, _, column = part.partition(":")
                found.update(dict.fromkeys(row[column] for row in self[table]) if column else {part: None})
            self._words[name] = found.keys()
        return self._words[name]

    def states(self, variable: str) -> Collection[str]:
        """The states of a variable; none for one that does not exist."""
        if not self._states:
            listed = {row["id"]: row["states"].split("|")
                      for table in ("vocabulary/hidden", "vocabulary/findings") for row in self[table]}  # fmt: skip
            self._states.update({"setting": self.words("setting"), "diagnosis": self.words("diagnosis"), **listed})
        return self._states.get(variable, ())

    def _read(self, table: Table) -> tuple[Row, ...]:
        contents, folder = self.files.contents, table.name.endswith("/")
        names = self.files.within(table.name.rstrip("/"), ".csv") if folder else (table.files,)
        if table.required and names[0] not in contents:
            raise InputError(f"{names[0]}: there is no such file")
        return tuple(
            row for name in names if name in contents for row in parse_table(name, contents[name], table.needed)
        )


def check_rows(rows: Iterable[Row], table: Table, words: Tables) -> None:
    """Check each cell against the kind of its column, and that no key occurs twice.

    Raises InputError at the first error.
    """
    seen: set[tuple[str, ...]] = set()
    checks = [(column, kind.check) for column, kind in table.kinds.items() if kind.check is not anything]
    for row in rows:
        for column, check in checks:
            if column in row.cells:
                check(row, column, words)
        key = tuple(row[column] for column in table.key)
        if table.key and key in seen:
            raise row.fault(table.key[-1], f"{key[-1]!r} occurs twice")
        seen.add(key)


def check_sources(rows: Iterable[Row], table: Table, known: Collection[str]) -> None:
    """Raises InputError for the first source that the rows cite and that is not among the known ones."""
    columns = [column for column, kind in table.kinds.items() if kind is SOURCES]
    for row in rows:
        for column in columns:
            for key in row.words(column):
                row.check_known(column, key, known)


def check_all(tables: Tables) -> None:
    """Check the whole folder: every table, every cited source, and that the schema has every column and CSV file.

    Raises InputError at the first error.
    """
    for name in tables.files.contents:
        if name.endswith(".csv") and table_of(name) is None:
            raise InputError(f"{name}: not a table of the priors{nearest(name, [t.files for t in SCHEMA.values()])}")
    known = {row["source"] for row in tables["sources"]}
    for name, rows in tables.items():
        table = SCHEMA[name]
        for row in {row.file: row for row in rows}.values():
            for column in row.cells:
                if column and column not in table.kinds:
                    raise InputError(
                        f"{row.file}, line 1: column {column!r} is not known{nearest(column, table.kinds)}"
                    )
        check_sources(rows, table, known)
