"""Reads the stories of `priors/lessons/`: one row for each trap, one row for each of its steps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from model.priors.folder import Priors, once
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary

CHANGES = ("rises", "falls")
WORDS = {1: (*CHANGES, "leads"), 2: ("above", "below")}
"""The valid expectations, by their number of words: one word, or a word and a percentage (or `below independent`)."""
PLACEHOLDERS = ("before", "after", "independent")


@dataclass(frozen=True)
class Expectation:
    """What a step is expected to show about a diagnosis or family.

    change: rises, falls, leads, above or below (`percent`), or independent: below its probability under independence.
    """

    of: str
    change: str
    percent: float | None = None


@dataclass(frozen=True)
class TrapStep:
    """A patient, and a sentence with placeholders for numbers. findings: all that is known at this step."""

    text: str
    findings: Mapping[str, str]
    setting: str
    expects: tuple[Expectation, ...]


@dataclass(frozen=True)
class Trap:
    """A story. watch: the diagnosis or family whose probability is shown.

    toggles: findings to try after the last step. answer: the sentence for the first of them in `state`. sources: of the
    facts, each a key of `sources.csv` with its locator.
    """

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


@once
def read_traps(priors: Priors) -> tuple[Trap, ...]:
    """The stories in order; empty if the priors have no such tables.

    Raises InputError that names file, line, field and the nearest valid word: for an unknown finding, state, diagnosis,
    setting, source or placeholder, a trap without steps, or a step without a trap.
    """
    steps = priors.tables["lessons/trap_steps"]
    return tuple(
        _trap(row, [step for step in steps if step["trap"] == row["id"]], priors)
        for row in priors.tables["lessons/traps"]
    )


def _trap(row: Row, steps: list[Row], priors: Priors) -> Trap:
    vocabulary = priors.vocabulary
    if not steps:
        raise row.fault("id", f"{row['id']!r} has no steps in lessons/trap_steps.csv")
    toggles = row.words("toggle")
    if not toggles:
        raise row.fault("toggle", "a finding to try is missing")
    return Trap(
        id=row["id"],
        title=row["title"],
        watch=row["watch"],
        steps=_steps(row["setting"], steps, vocabulary),
        question=row["question"],
        toggles=toggles,
        state=row.one_of("state", vocabulary.variables[toggles[0]].states),
        answer=_text(row, "answer", vocabulary),
        answer_expects=_expectations(row, vocabulary),
        sources=_sources(row, priors),
    )


def _steps(setting: str, rows: list[Row], vocabulary: Vocabulary) -> tuple[TrapStep, ...]:
    """Findings accumulate; an empty state makes one unknown again. A setting holds until another is named."""
    known: dict[str, str] = {}
    steps = []
    for row in rows:
        setting = row["setting"] or setting
        for finding, state in (_stated(row, part, vocabulary) for part in row.words("findings")):
            known.pop(finding, None)
            if state:
                known[finding] = state
        steps.append(TrapStep(_text(row, "text", vocabulary), dict(known), setting, _expectations(row, vocabulary)))
    return tuple(steps)


def _stated(row: Row, part: str, vocabulary: Vocabulary) -> tuple[str, str]:
    finding, equals, state = (word.strip() for word in part.partition("="))
    row.check_known("findings", finding, vocabulary.findings)
    if not equals:
        raise row.fault("findings", f"{part!r} is not finding=state")
    if state:
        row.check_known("findings", state, vocabulary.variables[finding].states)
    return finding, state


def _text(row: Row, column: str, vocabulary: Vocabulary) -> str:
    for placeholder in re.findall(r"\{([^}]*)\}", row[column]):
        word, _, side = placeholder.partition(" ")
        row.check_known(column, word, PLACEHOLDERS)
        if side:
            row.check_known(column, side, _sides(vocabulary))
    return row[column]


def _expectations(row: Row, vocabulary: Vocabulary) -> tuple[Expectation, ...]:
    return tuple(_expectation(row, part, vocabulary) for part in row.words("expects"))


def _expectation(row: Row, part: str, vocabulary: Vocabulary) -> Expectation:
    of, *words = part.split()
    row.check_known("expects", of, _sides(vocabulary))
    if len(words) not in WORDS:
        raise row.fault("expects", f"{part!r} is not a diagnosis and what it does")
    row.check_known("expects", words[0], WORDS[len(words)])
    if words == ["below", "independent"]:
        return Expectation(of, "independent")
    limit = Row(row.file, row.line, {"expects": words[1]}).number("expects", 0, 100) if words[1:] else None
    return Expectation(of, words[0], limit)


def _sources(row: Row, priors: Priors) -> tuple[tuple[str, str], ...]:
    keys, locators = row.words("source"), row.words("locator")
    if len(keys) != len(locators):
        raise row.fault("locator", f"{len(keys)} sources but {len(locators)} locators")
    for key in keys:
        row.check_known("source", key, priors.sources)
    return tuple(zip(keys, locators, strict=True))


def _sides(vocabulary: Vocabulary) -> tuple[str, ...]:
    return (*vocabulary.diagnoses, *vocabulary.families)
