"""The tables of `priors/letters/`, compiled: which words of a letter speak of which finding."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.priors.folder import Priors, once
from model.priors.tables import Row

Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Sign:
    """Words for a finding. state: if affirmed. otherwise: if denied; blank if denial decides nothing.

    within: the topic that the clause must have, such as "biopsy"; blank for any.
    """

    finding: str
    state: str
    otherwise: str
    within: str
    pattern: Pattern


@dataclass(frozen=True)
class Cue:
    """Words that change what is said of the signs around them. direction: "before" or "after" the sign."""

    kind: str
    direction: str
    pattern: Pattern


@dataclass(frozen=True)
class Test:
    """A laboratory test; the lowest and highest upper limit of normal in common use, if it is a number."""

    finding: str
    lowest: float | None
    highest: float | None
    pattern: Pattern


@dataclass(frozen=True)
class Lexicon:
    """All tables of `priors/letters/`. A list of pairs is (word, pattern) in the order of the table."""

    signs: Sequence[Sign]
    cues: Sequence[Cue]
    tests: Sequence[Test]
    topics: Sequence[tuple[str, Pattern]]
    antibodies: Sequence[tuple[str, Pattern]]
    results: Sequence[tuple[str, Pattern]]
    muscles: Sequence[tuple[str, Pattern]]
    emg: Sequence[tuple[str, Pattern]]
    groups: Sequence[tuple[Mapping[str, str], Pattern]]
    phrases: Mapping[str, Pattern]
    limits: Mapping[str, float]


@once
def read_lexicon(priors: Priors) -> Lexicon:
    """Read the tables; raises InputError naming file, line and field for a pattern that cannot be compiled."""
    tables = priors.tables

    def pairs(name: str, column: str) -> list[tuple[str, Pattern]]:
        return [(row[column], compiled(row)) for row in tables[f"letters/{name}"]]

    return Lexicon(
        [Sign(r["finding"], r["state"], r["otherwise"], r["within"], compiled(r)) for r in tables["letters/signs"]],
        [Cue(r["kind"], r["direction"], compiled(r)) for r in tables["letters/cues"]],
        [Test(r["finding"], _number(r, "lowest_limit"), _number(r, "highest_limit"), compiled(r))
         for r in tables["letters/tests"]],
        pairs("topics", "topic"),
        pairs("antibodies", "finding"),
        pairs("results", "means"),
        pairs("muscles", "group"),
        pairs("emg", "state"),
        [(row.stated("findings"), compiled(row)) for row in tables["letters/groups"]],
        dict(pairs("phrases", "name")),
        {row["name"]: row.number("value", 0, 1e6) for row in tables["letters/limits"]},
    )  # fmt: skip


def compiled(row: Row) -> Pattern:
    """The pattern of a row, which matches whole words in any case."""
    try:
        return re.compile(rf"(?<![\w])(?:{row['pattern']})(?!\w)", re.IGNORECASE)
    except re.error as error:
        raise row.fault("pattern", f"not a regular expression ({error})") from None


def _number(row: Row, column: str) -> float | None:
    return float(row[column]) if row[column] else None
