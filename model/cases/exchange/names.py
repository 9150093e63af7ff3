"""The names of terminologies and the forms of a code: `HP:0003701`, `HP_0003701`, the address of a term."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.cases.exchange.records import Code

COLON = re.compile(r"([A-Za-z][A-Za-z_]*):(.+)")
UNDERSCORE = re.compile(r"([A-Za-z]+)_([A-Za-z]?\d+)")
CAPITALS = ("ATC", "LOINC", "NCIT")
"""Terminologies without a prefix whose codes have letters: they are written in capitals."""


@dataclass(frozen=True)
class Systems:
    """Plain name or address of a terminology -> its usual name and the prefix of its codes."""

    known: Mapping[str, tuple[str, str]]

    @staticmethod
    def of(rows: Iterable[tuple[str, str, str]]) -> "Systems":
        """`rows`: name or address, usual name, prefix."""
        return Systems({_plain(name): (system, prefix) for name, system, prefix in rows})

    def code(self, system: str, text: str) -> Code:
        """A code of the system that is named; without a name, as `curie`."""
        text = text.strip()
        if not system.strip():
            return self.curie(text)
        name, prefix = self.known.get(_plain(system), (system.strip(), ""))
        if "://" in text:
            given = self.curie(text)
            return given if given.system else Code(name, text)
        match = COLON.fullmatch(text) or UNDERSCORE.fullmatch(text)
        if match and self.known.get(_plain(match[1]), ("",))[0] == name:
            text = match[2]
        if prefix or name in CAPITALS:
            text = text.upper()
        return Code(name, prefix + text)

    def curie(self, text: str) -> Code:
        """The code in a compact form or an address; the system is empty if it names none."""
        text = text.strip()
        if "://" in text:
            return self._address(text)
        match = COLON.fullmatch(text) or UNDERSCORE.fullmatch(text)
        if match is None:
            return Code("", text)
        inner = COLON.fullmatch(match[2]) or UNDERSCORE.fullmatch(match[2])  # obo:HP_0003701
        if inner and _plain(inner[1]) in self.known:
            return self.code(inner[1], inner[2])
        return self.code(match[1], match[2])

    def _address(self, text: str) -> Code:
        folder, _, last = text.rstrip("/").replace("#", "/").rpartition("/")
        match = COLON.fullmatch(last) or UNDERSCORE.fullmatch(last)
        if match and _plain(match[1]) in self.known:
            return self.curie(last)
        for system in (folder, folder.rpartition("/")[2]):
            if _plain(system) in self.known:
                return self.code(system, last)
        return Code("", text)


def _plain(name: str) -> str:
    """A name or address in lower case, without version, `www.`, and the kind of connection."""
    text = name.strip().partition("|")[0].rstrip("/").lower()
    text = re.sub(r"^https?://(www\.)?", "//", text)
    return re.sub(r"^(//snomed\.info/sct)/.*", r"\1", text)
