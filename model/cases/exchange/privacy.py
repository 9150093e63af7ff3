"""Keeps what identifies the patient out of an import: labels of the file that contain such words are withheld."""

import re
from collections.abc import Iterable, Iterator

WORD = re.compile(r"\w+")
LONGEST_LABEL = 80
WITHHELD = "(label withheld: it may identify the patient)"


def identifying_words(values: Iterable[object]) -> frozenset[str]:
    """The words of names, numbers and addresses, nested or not, in lower case.

    Words of one or two letters are ignored.
    """
    return frozenset(word for text in _texts(values) for word in _words(text) if len(word) > 2)


def shown(code: str, label: str, identifying: frozenset[str]) -> str:
    """A code and its label for display; withheld if they contain an identifying word."""
    text = " ".join(f"{code} {label}".split())
    if identifying.intersection(_words(text)):
        return WITHHELD
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)
        elif isinstance(value, str | int):
            yield str(value)
