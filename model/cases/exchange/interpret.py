"""Interprets one statement: the states of findings that it allows, or why it cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass

from model.cases.exchange.codes import Exchange, Meaning
from model.cases.exchange.records import Concept, LeftOut, Onset, Statement
from model.errors import InputError
from model.priors.vocabulary import Variable, Vocabulary

AGE = "age_at_onset"


@dataclass(frozen=True)
class Reading:
    """The states of a finding that a statement allows. `number`: the value of a measured finding."""

    where: str
    text: str
    finding: str
    states: tuple[str, ...]
    number: float | None = None


class Undecided(Exception):
    """A known code that does not decide its findings; the message is the reason."""


def interpret(statement: Statement, exchange: Exchange, vocabulary: Vocabulary) -> tuple[list[Reading], list[LeftOut]]:
    """The readings of one statement, and the parts that cannot be used, each with the reason."""
    concept = statement.concept
    meanings = [exchange.codes[code] for code in concept.codes if code in exchange.codes]
    if statement.reason or not meanings:
        text = concept.text + (" (absent)" if statement.present is False and concept.codes else "")
        return [], [LeftOut(concept.where, text, statement.reason or _unknown(concept, exchange))]
    readings, reasons = [], []
    for meaning in meanings:
        try:
            readings += list(_read(statement, meaning, vocabulary))
        except Undecided as undecided:
            reasons.append(str(undecided))
    if not readings:
        return [], [LeftOut(concept.where, meanings[0].label, reason) for reason in dict.fromkeys(reasons)]
    qualified, left_out = _qualify(statement, readings, exchange)
    refined = {reading.finding for reading in qualified}
    return [r for r in readings if r.finding not in refined] + qualified, left_out


def _unknown(concept: Concept, exchange: Exchange) -> str:
    if any(code in exchange.diseases for code in concept.codes):
        return "a diagnosis: kept as information, not used as evidence"
    return "no finding of this model has this code" if concept.codes else "no code; free text is not read"


def _read(statement: Statement, meaning: Meaning, vocabulary: Vocabulary) -> Iterator[Reading]:
    where, text = statement.concept.where, meaning.label
    if meaning.reads == "multiple" and statement.number is not None and statement.limit is not None:
        for finding in meaning.findings:
            yield _measured(statement, vocabulary.variable(finding), text)
        return
    present = statement.present if meaning.reads != "range" or statement.limit is None else _above_limit(statement)
    if present is None:
        raise Undecided(_no_result(statement, meaning))
    states = meaning.states if present else meaning.otherwise
    if not states:
        result = "present or positive" if present else "absent or negative"
        raise Undecided(f"{result} does not decide the finding" + (f": {meaning.note}" if meaning.note else ""))
    for finding in meaning.findings:
        yield Reading(where, text, finding, states)


def _no_result(statement: Statement, meaning: Meaning) -> str:
    if statement.number is None:
        return "no result is given"
    if meaning.reads in ("range", "multiple"):
        return "no upper limit of the reference range: the number cannot be compared"
    return "a number without a stated positive or negative"


def _multiple(statement: Statement) -> float:
    number, limit = statement.number, statement.limit
    if number is None or limit is None or limit <= 0 or number < 0:
        raise Undecided("the number or the upper limit is not above 0")
    return number / limit


def _above_limit(statement: Statement) -> bool | None:
    if statement.number is None:
        return statement.present
    above = _multiple(statement) > 1
    if statement.comparator and (statement.comparator == ">") != above:
        return None  # "> 5" with a limit of 10 may be normal or raised
    return above


def _measured(statement: Statement, variable: Variable, text: str) -> Reading:
    """The multiple of the upper limit as a number, or the states that `<` or `>` allows."""
    multiple = round(_multiple(statement), 3)
    try:
        state = variable.state(multiple)
    except InputError:
        raise Undecided("not a plausible multiple of the upper limit") from None
    if not statement.comparator:
        return Reading(statement.concept.where, text, variable.id, (state,), multiple)
    at = variable.states.index(state)
    states = variable.states[at:] if statement.comparator == ">" else variable.states[: at + 1]
    return Reading(statement.concept.where, text, variable.id, states)


def _qualify(statement: Statement, readings: list[Reading], exchange: Exchange) -> tuple[list[Reading], list[LeftOut]]:
    """Readings from the severity and modifiers of a statement that something is present, and those that add nothing."""
    found, left_out = [], []
    findings = {reading.finding for reading in readings} if statement.present else set()
    for concept in statement.qualifiers:
        added = [
            Reading(concept.where, f"{readings[0].text}: {concept.text}", qualifier.finding, qualifier.states)
            for code in concept.codes
            for qualifier in exchange.qualifiers.get(code, ())
            if findings.intersection(qualifier.qualifies)
        ]
        if not added:
            left_out.append(
                LeftOut(concept.where, concept.text, "this modifier does not affect any finding of this model")
            )
        found += added
    return found, left_out


def read_onset(
    statements: tuple[Statement, ...], readings: list[Reading], exchange: Exchange, vocabulary: Vocabulary
) -> tuple[list[Reading], list[LeftOut]]:
    """The reading of the age at onset, in completed years, and the onsets that cannot be used.

    The onset of the disease counts if stated, else the earliest onset among the first symptoms (`rules.csv`). A range
    of ages gives every bin that it overlaps.
    """
    if AGE not in vocabulary.findings:
        return [], []
    variable = vocabulary.variable(AGE)
    first = {reading.where for reading in readings if reading.finding in exchange.rules.get("first_symptom", ())}
    with_onset = [s for s in statements if s.present and not s.reason and s.onset]
    diseases = [s for s in with_onset if any(code in exchange.diseases for code in s.concept.codes)]
    left_out = []
    for group in (diseases, [s for s in with_onset if s.concept.where in first]):
        ages = []
        for statement in group:
            try:
                ages.append(_age(statement, exchange, variable))
            except Undecided as undecided:
                left_out.append(LeftOut(*_onset_of(statement), str(undecided)))
        if ages:
            return [min(ages, key=lambda r: (variable.states.index(r.states[0]), r.number or 0))], left_out
    return [], left_out


def _onset_of(statement: Statement) -> tuple[str, str]:
    return f"{statement.concept.where}, onset", f"Onset of: {statement.concept.text}"


def _age(statement: Statement, exchange: Exchange, variable: Variable) -> Reading:
    onset = statement.onset or Onset()
    where, text = _onset_of(statement)
    if onset.ages:
        try:
            low, high = (variable.states.index(variable.state(years)) for years in onset.ages)
        except InputError:
            raise Undecided("not a plausible age") from None
        number = onset.ages[0] if onset.ages[0] == onset.ages[1] else None
        return Reading(where, text, variable.id, variable.states[low : high + 1], number)
    for code in onset.age_class.codes if onset.age_class else ():
        meaning = exchange.codes.get(code)
        if meaning and meaning.findings == (variable.id,):
            return Reading(where, text, variable.id, meaning.states)
    raise Undecided(onset.fault or "this class of ages has no known meaning")
