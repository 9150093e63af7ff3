"""One table of a criteria file (TOML), with readers that check each field and name file and field in every error."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import InputError, nearest
from model.patient.conditions.language import Condition
from model.patient.conditions.parse import Names, parse
from model.priors.vocabulary import Vocabulary


@dataclass(frozen=True)
class Section:
    """A table of a criteria file. `where`: the file and the table, for error messages."""

    where: str
    content: Mapping[str, Any]

    def fault(self, name: str, message: str) -> InputError:
        return InputError(f"{self.where}, field {name}: {message}")

    def only(self, fields: Iterable[str]) -> None:
        valid = tuple(fields)
        for name in self.content:
            if name not in valid:
                raise self.fault(name, f"not a field of this table{nearest(name, valid)}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self.content.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.fault(name, "must be a text")
        return " ".join(value.split())

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.content.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.fault(name, "must be a list of texts")
        return tuple(" ".join(v.split()) for v in value)

    def number(self, name: str) -> float:
        value = self.content.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(name, "must be a number")
        return value

    def whole_numbers(self, name: str, valid: Iterable[str] | None = None) -> dict[str, int]:
        value, words = self.content.get(name, {}), None if valid is None else list(valid)
        if not isinstance(value, dict) or not all(type(v) is int and v >= 0 for v in value.values()):
            raise self.fault(name, "must be a table of names with whole numbers of 0 or more (tenths of a point)")
        for word in value:
            if words is not None and word not in words:
                raise self.fault(name, f"{word!r} is not known{nearest(word, words)}")
        return value

    def flag(self, name: str) -> bool:
        value = self.content.get(name, False)
        if not isinstance(value, bool):
            raise self.fault(name, "must be true or false")
        return value

    def one_of(self, name: str, valid: Iterable[str], default: str | None = None) -> str:
        word, words = self.text(name, default), list(valid)
        if word not in words:
            raise self.fault(name, f"{word!r} is not known{nearest(word, words)}")
        return word

    def several_of(self, name: str, valid: Iterable[str]) -> tuple[str, ...]:
        words = list(valid)
        for word in self.texts(name):
            if word not in words:
                raise self.fault(name, f"{word!r} is not known{nearest(word, words)}")
        return self.texts(name)

    def condition(
        self, name: str, vocabulary: Vocabulary, names: Names, parameters: Mapping[str, float] | None
    ) -> Condition:
        try:
            return parse(self.text(name), vocabulary, names, parameters)
        except InputError as error:
            raise self.fault(name, str(error)) from None

    def sections(self, kind: str) -> "list[Section]":
        """The tables `[[kind]]`; error messages name each by its id, its text or its number."""
        tables = self.content.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise self.fault(kind, f"must be tables [[{kind}]]")
        return [
            Section(f"{self.where}, {kind} {t.get('id', t.get('text', number))}", t)
            for number, t in enumerate(tables, 1)
        ]


def read_section(name: str, content: bytes) -> Section:
    """A whole criteria file; raises InputError if it is not TOML."""
    try:
        return Section(name, tomllib.loads(content.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: {error}") from None
