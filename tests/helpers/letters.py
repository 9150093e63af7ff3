"""Invented letters with what a careful specialist would enter, and how a reader compares with that.

A letter has `findings` (to be entered), `must_not` (no state may be entered), `wrong_state` (one state is the trap) and
`optional` (a state that is neither rewarded nor punished; `*`: any). Numbers are compared by their state.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from model import Net
from model.cases.letters import read_letter
from tests.helpers.places import DATA

LETTERS = DATA / "letters.jsonl"


@dataclass(frozen=True)
class Score:
    """How many findings were entered rightly and wrongly, missed, and how many traps there are and were entered."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    traps: int = 0
    entered_traps: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def own_letters() -> Iterator[Mapping[str, Any]]:
    """The letters of the file."""
    with LETTERS.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def score(letter: Mapping[str, Any], net: Net) -> Score:
    """What the reader makes of one letter."""

    def state(finding: str, value: object) -> str:
        return net.vocabulary.variable(finding).state(value)

    read = {finding: state(finding, value) for finding, value in read_letter(letter["text"], net).findings.items()}
    gold = {f: state(f, value) for f, value in letter["findings"].items() if f in net.vocabulary.findings}
    optional = letter["optional"]
    right = sum(read.get(finding) == value for finding, value in gold.items())
    differs = sum(finding in read and read[finding] != value for finding, value in gold.items())
    extra = sum(finding not in gold and optional.get(finding) not in ("*", value) for finding, value in read.items())
    traps = dict.fromkeys(letter["must_not"])
    entered = sum(finding in read for finding in traps)
    entered += sum(read.get(finding) == trap["state"] for finding, trap in letter["wrong_state"].items())
    return Score(right, differs + extra, len(gold) - right, len(traps) + len(letter["wrong_state"]), entered)
