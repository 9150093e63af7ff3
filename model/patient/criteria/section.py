"""One table of a criteria file (TOML) and where it stands: every field is checked, every fault tells its place."""

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
    """A table of a criteria file and where it stands."""

    place: str
    content: Mapping[str, Any]

    def fault(self, name: str, message: str) -> InputError:
        return InputError(f"{self.place}, field {name}: {message}")

    def only(self, fields: Iterable[str]) -> None:
        valid = tuple(fields)
        for name in self.content:
            if name not in valid:
                raise self.fault(name, f"not a field of this place{nearest(name, valid)}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self.content.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.fault(name, "a text is needed")
        return " ".join(value.split())

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.content.get(name, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.fault(name, "a list of texts is needed")
        return tuple(" ".join(v.split()) for v in value)

    def number(self, name: str) -> float:
        value = self.content.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(name, "a number is needed")
        return value

    def whole_numbers(self, name: str, valid: Iterable[str] | None = None) -> dict[str, int]:
        value, words = self.content.get(name, {}), None if valid is None else list(valid)
        if not isinstance(value, dict) or not all(type(v) is int and v >= 0 for v in value.values()):
            raise self.fault(name, "names with whole numbers of 0 or more are needed (tenths of a point)")
        for word in value:
            if words is not None and word not in words:
                raise self.fault(name, f"{word!r} is not known{nearest(word, words)}")
        return value

    def flag(self, name: str) -> bool:
        value = self.content.get(name, False)
        if not isinstance(value, bool):
            raise self.fault(name, "true or false is needed")
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
        """The tables `[[kind]]`, each called by its id, its text or its number."""
        tables = self.content.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise self.fault(kind, f"tables [[{kind}]] are needed")
        return [
            Section(f"{self.place}, {kind} {t.get('id', t.get('text', number))}", t)
            for number, t in enumerate(tables, 1)
        ]


def read_section(name: str, content: bytes) -> Section:
    """A whole criteria file; raises InputError where it is not TOML."""
    try:
        return Section(name, tomllib.loads(content.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: {error}") from None
