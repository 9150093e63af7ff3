"""The tables of a folder of priors: each is parsed and checked once, when it is first asked for."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from model.errors import InputError, nearest
from model.priors.columns import SOURCES, anything
from model.priors.files import Files
from model.priors.schema import SCHEMA, WORDS, Table, table_of
from model.priors.tables import Row, parse_table


@dataclass(frozen=True)
class Tables(Mapping[str, tuple[Row, ...]]):
    """Name of a table of the schema -> its rows; none for a table that the folder lacks.

    Raises InputError that names file, line, field and the nearest valid word, for a file that does not fit the schema
    and for a needed one that is missing.
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
        """The valid words of a list of `WORDS`, or of a column `table:column`."""
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
    """Every cell must be what its column holds, and no key may occur twice; raises InputError at the first fault."""
    seen: set[tuple[str, ...]] = set()
    checks = [(column, kind.check) for column, kind in table.kinds.items() if kind.check is not anything]
    for row in rows:
        for column, check in checks:
            if column in row.cells:
                check(row, column, words)
        key = tuple(row[column] for column in table.key)
        if table.key and key in seen:
            raise row.fault(table.key[-1], f"{key[-1]!r} stands twice")
        seen.add(key)


def check_sources(rows: Iterable[Row], table: Table, known: Collection[str]) -> None:
    """Every source that the rows cite must be among the known ones; raises InputError at the first that is not."""
    columns = [column for column, kind in table.kinds.items() if kind is SOURCES]
    for row in rows:
        for column in columns:
            for key in row.words(column):
                row.known(column, key, known)


def check_all(tables: Tables) -> None:
    """The whole folder: every table, sources included, no column and no CSV file that the schema does not know.

    Raises InputError at the first fault.
    """
    for name in tables.files.contents:
        if name.endswith(".csv") and table_of(name) is None:
            raise InputError(f"{name}: no table of the priors{nearest(name, [t.files for t in SCHEMA.values()])}")
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
