"""Reading the stories of `priors/lessons/`: one row a trap, one row a step."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from model.priors.folder import Priors
from model.priors.tables import Row, read_table
from model.priors.vocabulary import Vocabulary

TRAPS, STEPS = "lessons/traps.csv", "lessons/trap_steps.csv"
TRAP_COLUMNS = (
    "id", "title", "setting", "watch", "question", "toggle", "state", "answer", "expects", "source", "locator",
)  # fmt: skip
STEP_COLUMNS = ("trap", "setting", "findings", "text", "expects")
CHANGES = ("rises", "falls")
WORDS = {1: (*CHANGES, "leads"), 2: ("above", "below")}
"""What may be expected of a diagnosis or family: one word, or a word and a percentage (or `below independent`)."""
PLACES = ("before", "after", "independent")


@dataclass(frozen=True)
class Expectation:
    """What a step is to show of a diagnosis or family.

    change: rises, falls, leads, above or below (`percent`), or independent: less than independence would claim.
    """

    of: str
    change: str
    percent: float | None = None


@dataclass(frozen=True)
class TrapStep:
    """A patient, and a sentence with places for numbers. findings: all that is known by now."""

    text: str
    findings: Mapping[str, str]
    setting: str
    expects: tuple[Expectation, ...]


@dataclass(frozen=True)
class Trap:
    """A story. watch: the diagnosis or family to watch. toggles: findings to try after the last step; answer: what
    the first of them shows in `state`. sources: of the facts, keys of `sources.csv`, with a locator for each."""

    id: str
    title: str
    watch: str
    steps: tuple[TrapStep, ...]
    question: str
    toggles: tuple[str, ...]
    state: str
    answer: str
    answer_expects: tuple[Expectation, ...]
    sources: tuple[tuple[str, str], ...]


def read_traps(priors: Priors) -> tuple[Trap, ...]:
    """The stories in order; none where a folder of priors has no such tables.

    Raises InputError that names file, line, field and the nearest valid word: for an unknown finding, state,
    diagnosis, setting or source, a place for a number that there is not, a trap without steps, or a step of no trap.
    """
    if not (priors.folder / TRAPS).exists():
        return ()
    rows = read_table(priors.folder / TRAPS, TRAP_COLUMNS, priors.folder)
    steps = read_table(priors.folder / STEPS, STEP_COLUMNS, priors.folder)
    names = [row["id"] for row in rows]
    for row in rows:
        if names.count(row["id"]) > 1:
            raise row.fault("id", f"{row['id']!r} stands twice")
    for step in steps:
        step.one_of("trap", names)
    return tuple(_trap(row, [step for step in steps if step["trap"] == row["id"]], priors) for row in rows)


def _trap(row: Row, steps: list[Row], priors: Priors) -> Trap:
    vocabulary = priors.vocabulary
    if not steps:
        raise row.fault("id", f"{row['id']!r} has no steps in {STEPS}")
    toggles = tuple(_finding(row, "toggle", name, vocabulary) for name in row.words("toggle"))
    if not toggles:
        raise row.fault("toggle", "a finding to try is missing")
    return Trap(
        id=row["id"],
        title=row["title"],
        watch=row.one_of("watch", _sides(vocabulary)),
        steps=_steps(row.one_of("setting", vocabulary.settings), steps, vocabulary),
        question=row["question"],
        toggles=toggles,
        state=row.one_of("state", vocabulary.variables[toggles[0]].states),
        answer=_text(row, "answer", vocabulary),
        answer_expects=_expectations(row, vocabulary),
        sources=_sources(row, priors),
    )


def _steps(setting: str, rows: list[Row], vocabulary: Vocabulary) -> tuple[TrapStep, ...]:
    """Findings add up; an empty state makes one unknown again. A setting stays until another is named."""
    known: dict[str, str] = {}
    steps = []
    for row in rows:
        setting = row.one_of("setting", vocabulary.settings) if row["setting"] else setting
        for finding, state in (_stated(row, part, vocabulary) for part in row.words("findings")):
            known.pop(finding, None)
            if state:
                known[finding] = state
        steps.append(TrapStep(_text(row, "text", vocabulary), dict(known), setting, _expectations(row, vocabulary)))
    return tuple(steps)


def _stated(row: Row, part: str, vocabulary: Vocabulary) -> tuple[str, str]:
    finding, equals, state = (word.strip() for word in part.partition("="))
    _finding(row, "findings", finding, vocabulary)
    if not equals:
        raise row.fault("findings", f"{part!r} is not finding=state")
    if state:
        Row(row.file, row.line, {"findings": state}).one_of("findings", vocabulary.variables[finding].states)
    return finding, state


def _finding(row: Row, column: str, name: str, vocabulary: Vocabulary) -> str:
    return Row(row.file, row.line, {column: name}).one_of(column, vocabulary.findings)


def _text(row: Row, column: str, vocabulary: Vocabulary) -> str:
    for place in re.findall(r"\{([^}]*)\}", row[column]):
        word, _, side = place.partition(" ")
        Row(row.file, row.line, {column: word}).one_of(column, PLACES)
        if side:
            Row(row.file, row.line, {column: side}).one_of(column, _sides(vocabulary))
    return row[column]


def _expectations(row: Row, vocabulary: Vocabulary) -> tuple[Expectation, ...]:
    return tuple(_expectation(row, part, vocabulary) for part in row.words("expects"))


def _expectation(row: Row, part: str, vocabulary: Vocabulary) -> Expectation:
    of, *words = part.split()
    Row(row.file, row.line, {"expects": of}).one_of("expects", _sides(vocabulary))
    if len(words) not in WORDS:
        raise row.fault("expects", f"{part!r} is not a diagnosis and what it does")
    word = Row(row.file, row.line, {"expects": words[0]}).one_of("expects", WORDS[len(words)])
    if words[1:] == ["independent"] and word == "below":
        return Expectation(of, "independent")
    limit = Row(row.file, row.line, {"expects": words[1]}).number("expects", 0, 100) if words[1:] else None
    return Expectation(of, word, limit)


def _sources(row: Row, priors: Priors) -> tuple[tuple[str, str], ...]:
    keys, locators = row.words("source"), row.words("locator")
    if len(keys) != len(locators):
        raise row.fault("locator", f"{len(keys)} sources but {len(locators)} places")
    for key in keys:
        Row(row.file, row.line, {"source": key}).one_of("source", priors.sources)
    return tuple(zip(keys, locators, strict=True))


def _sides(vocabulary: Vocabulary) -> tuple[str, ...]:
    return (*vocabulary.diagnoses, *vocabulary.families)
