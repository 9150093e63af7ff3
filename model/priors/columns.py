"""The kinds of columns: a description for the documentation, and a check of each cell."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from model.priors.tables import Row


class Words(Protocol):
    """The valid words of a folder of priors."""

    def words(self, name: str) -> Collection[str]:
        """The valid words under a name: a key of `schema.WORDS`, or `table:column`."""

    def states(self, variable: str) -> Collection[str]:
        """The states of a variable; none for one that does not exist."""


@dataclass(frozen=True)
class Kind:
    """A kind of column. `description`: what a cell holds. `check(row, column, words)`: may raise InputError."""

    description: str
    check: Callable[[Row, str, Words], None]


def anything(row: Row, column: str, words: Words) -> None:
    """The check that accepts every text."""


def _not_blank(row: Row, column: str, words: Words) -> None:
    if not row[column]:
        raise row.fault(column, f"a row needs its {column}")


NO_LIMIT = 1e6
"""An upper limit this high or higher is left out of the documentation: it only catches typing errors."""
TEXT = Kind("text", anything)
FILLED = Kind("text, not blank", _not_blank)
CONDITION = Kind("a condition (its reader checks it)", anything)
SOURCES = Kind("keys of `sources.csv`, separated by `;`", anything)
"""Checked by `python -m model check` and by readers whose answers cite them; loading a network does not need them."""


def text(description: str) -> Kind:
    """Text that is not checked here, but by the code that uses it, if at all."""
    return Kind(description, anything)


def number(low: float, high: float, blank: bool = False) -> Kind:
    """A number from `low` to `high`, both included."""

    def check(row: Row, column: str, words: Words) -> None:
        if row[column] or not blank:
            row.number(column, low, high)

    reach = f"at least {low:g}" if high >= NO_LIMIT else f"{low:g} to {high:g}"
    return Kind(f"a number, {reach}{', or blank' * blank}", check)


def choice(*valid: str) -> Kind:
    """One of the words; the empty word allows a blank cell."""

    def check(row: Row, column: str, words: Words) -> None:
        row.one_of(column, valid)

    return Kind(" or ".join(f"`{word}`" if word else "blank" for word in valid), check)


def one_of(name: str, blank: bool = False) -> Kind:
    """One valid word under a name: a key of `schema.WORDS`, or `table:column`."""

    def check(row: Row, column: str, words: Words) -> None:
        if row[column] or not blank:
            row.check_known(column, row[column], words.words(name))

    return Kind(_listed(name) + ", or blank" * blank, check)


def several_of(name: str, separator: str = ";") -> Kind:
    """Any number of valid words under a name, as for `one_of`."""

    def check(row: Row, column: str, words: Words) -> None:
        for word in row.words(column, separator):
            row.check_known(column, word, words.words(name))

    return Kind(f"{_listed(name)}; several separated by `{separator}`", check)


def state_of(variable: str) -> Kind:
    """A state of the variable that another column of the row names."""

    def check(row: Row, column: str, words: Words) -> None:
        row.check_known(column, row[column], words.states(row[variable]))

    return Kind(f"a state of `{variable}`", check)


def states_of(variable: str, separator: str) -> Kind:
    """States of the variable that another column of the row names."""

    def check(row: Row, column: str, words: Words) -> None:
        for state in row.words(column, separator):
            row.check_known(column, state, words.states(row[variable]))

    return Kind(f"states of `{variable}`, separated by `{separator}`", check)


def stated(variables: str) -> Kind:
    """Any number of `variable=state`, each variable once. `variables`: the name of the list of valid variables."""

    def check(row: Row, column: str, words: Words) -> None:
        named = set()
        for part in row.words(column):
            variable, equals, state = (word.strip() for word in part.partition("="))
            if not equals:
                raise row.fault(column, f"{part!r} is not finding=state")
            row.check_known(column, variable, words.words(variables))
            row.check_known(column, state, words.states(variable))
            if variable in named:
                raise row.fault(column, f"{variable!r} is named twice; name each variable once")
            named.add(variable)

    return Kind("`variable=state`; several separated by `;`", check)


def _listed(name: str) -> str:
    table, _, column = name.partition(":")
    return f"a `{column}` of `{table}.csv`" if column else f"a {name}"
