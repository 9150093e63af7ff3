"""A letter cut into clauses, each with its topic."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from model.cases.letters.lexicon import Lexicon

# A full stop ends a clause unless it belongs to a number or an abbreviation; a line break does unless the line is
# wrapped, that is, long, without a mark at its end and followed by a small letter.
ABBREVIATIONS = (
    r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bProf)(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bapprox)(?<!\bca)(?<!\bNo)"
)
END = re.compile(rf"{ABBREVIATIONS}[.!](?=\s|$)|[;](?=\s|$)|\?(?=\s*\n)|\n(?=\s*[-*•])|\n(?=\s*\n)|\n")
HEADING = re.compile(r"^\s*[-*•]?\s*(?:O/E|[A-Za-z][A-Za-z /()&-]{0,28}?)\s*(?::|(?<=[A-Za-z]) - )", re.MULTILINE)
WRAPPED = 55
# These begin a topic only as the first word of a clause.
HEADINGS = ("plan", "family", "diagnosis", "referral", "past", "drugs")


@dataclass(frozen=True)
class Mark:
    """A cue of `cues.csv` in a clause."""

    kind: str
    direction: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """A clause: its place in the letter, its text, its topics (the most recent first), its line, and its cues."""

    start: int
    text: str
    topics: tuple[str, ...]
    line: int
    marks: tuple[Mark, ...]

    def of_relative(self, end: int | None = None) -> bool:
        """Whether a relative is named before a position, by default anywhere in the clause."""
        return any(mark.kind == "family" and (end is None or mark.end <= end) for mark in self.marks)


def clauses(text: str, lexicon: Lexicon) -> tuple[Clause, ...]:
    """The clauses in order. A topic lasts to the end of its line, or until a clause names another."""
    found: list[Clause] = []
    inherited: tuple[str, ...] = ()
    last_line = -1
    for start, end, line in _pieces(text):
        piece = text[start:end]
        if line != last_line:
            inherited = ()
            last_line = line
        own = _topics(piece, lexicon)
        topics = own or inherited
        if piece.strip():
            found.append(Clause(start, piece, topics, line, _marks(piece, lexicon)))
        inherited = own or inherited
    return tuple(found)


def _marks(piece: str, lexicon: Lexicon) -> tuple[Mark, ...]:
    return tuple(
        Mark(cue.kind, cue.direction, match.start(), match.end())
        for cue in lexicon.cues
        for match in cue.pattern.finditer(piece)
    )


def _topics(piece: str, lexicon: Lexicon) -> tuple[str, ...]:
    named = sorted(
        (match.start(), topic)
        for topic, pattern in lexicon.topics
        for match in [pattern.search(piece)]
        if match and (topic not in HEADINGS or not piece[: match.start()].strip(" -*•\t\n"))
    )
    names = tuple(topic for _, topic in named)
    return tuple(t for t in names if not (t == "biopsy" and "skin_biopsy" in names))


def _pieces(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and paragraph line of each clause."""
    start = line = 0
    for match in END.finditer(text):
        if match[0] == "\n":
            before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            after = text[match.end() : match.end() + 1]
            if len(before) > WRAPPED and after.islower() and before.rstrip()[-1:] not in ".:;":
                continue
        yield start, match.start() if match[0] == "\n" else match.end(), line
        start = match.end()
        line += "\n" in match[0]
    yield start, len(text), line
