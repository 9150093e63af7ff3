"""Interprets one statement: the states of findings that it allows, or why it cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass

from model.cases.exchange.codes import Exchange, Meaning
from model.cases.exchange.records import LeftOut, Statement
from model.cases.exchange.results import is_titre
from model.errors import InputError
from model.priors.vocabulary import Variable, Vocabulary


@dataclass(frozen=True)
class Reading:
    """The states of a finding that a statement allows. `number`: the value of a measured finding.

    `late`: the statement counts only beside a sign of muscle disease.
    """

    where: str
    text: str
    finding: str
    states: tuple[str, ...]
    number: float | None = None
    late: bool = False


class Undecided(Exception):
    """A known code that does not decide its findings; the message is the reason."""


def interpret(statement: Statement, exchange: Exchange, vocabulary: Vocabulary) -> tuple[list[Reading], list[LeftOut]]:
    """The readings of one statement, and the parts that cannot be used, each with the reason."""
    concept = statement.concept
    meanings = list(dict.fromkeys(m for code in concept.codes if (m := exchange.meaning(code))))
    if statement.reason or not meanings:
        text = concept.text + (" (absent)" if statement.present is False and concept.codes else "")
        return [], [LeftOut(concept.where, text, statement.reason or _unknown(statement, exchange))]
    readings, reasons = [], []
    for meaning in meanings:
        try:
            readings += list(_read(statement, meaning, exchange, vocabulary))
        except Undecided as undecided:
            reasons.append(str(undecided))
    if not readings:
        return [], [LeftOut(concept.where, meanings[0].label, reason) for reason in dict.fromkeys(reasons)]
    qualified, left_out = _qualify(statement, readings, exchange)
    refined = {reading.finding for reading in qualified}
    return [r for r in readings if r.finding not in refined] + qualified, left_out


def beside_muscle_signs(
    readings: list[Reading], exchange: Exchange, vocabulary: Vocabulary
) -> tuple[list[Reading], list[LeftOut]]:
    """The readings without the late ones that no sign of muscle disease supports: a patient may be unable to walk for
    another reason."""
    signs = exchange.rules["muscle_sign"]
    if any(
        r.finding in signs and not r.late and vocabulary.variable(r.finding).states[0] not in r.states for r in readings
    ):
        return readings, []
    reason = "counts only beside a sign of muscle disease, of which the file states none"
    return [r for r in readings if not r.late], [LeftOut(r.where, r.text, reason) for r in readings if r.late]


def _unknown(statement: Statement, exchange: Exchange) -> str:
    concept = statement.concept
    if any(code in exchange.diseases for code in concept.codes):
        return "a diagnosis: kept as information, not used as evidence"
    if statement.stated_disease and concept.codes:
        return "a diagnosis that this model does not have"
    return "no finding of this model has this code" if concept.codes else "no code; free text is not read"


def _read(statement: Statement, meaning: Meaning, exchange: Exchange, vocabulary: Vocabulary) -> Iterator[Reading]:
    where, text = statement.concept.where, meaning.label
    if meaning.reads == "multiple" and statement.result.number is not None and statement.limit is not None:
        for finding in meaning.findings:
            yield _measured(statement, vocabulary.variable(finding), text)
        return
    present = _present(statement, meaning, exchange)
    if present is None:
        raise Undecided(_no_result(statement, meaning))
    states = meaning.states if present else meaning.otherwise
    if not states:
        result = "present or positive" if present else "absent or negative"
        raise Undecided(f"{result} does not decide the finding" + (f": {meaning.note}" if meaning.note else ""))
    for finding in meaning.findings:
        yield Reading(where, text, finding, states, late=meaning.reads == "late")


def _present(statement: Statement, meaning: Meaning, exchange: Exchange) -> bool | None:
    """Whether the finding is present: by its titre, by the number against the upper limit, or as the file says."""
    result = statement.result
    titre = result.number if result.titre is None and meaning.reads == "titre" else result.titre
    if titre is not None:
        if result.titre is None and not is_titre(result.unit):
            raise Undecided("a number in a unit that is no titre")
        return _above_titre(statement, meaning, exchange, titre)
    if meaning.reads == "range" and statement.limit is not None and result.number is not None:
        return _above_limit(statement)
    return statement.present


def _above_titre(statement: Statement, meaning: Meaning, exchange: Exchange, titre: float) -> bool | None:
    thresholds = {exchange.titres[f] for f in meaning.findings if f in exchange.titres}
    if len(thresholds) != 1:
        if statement.present is None:
            raise Undecided("a titre, for which this model has no threshold")
        return statement.present
    (threshold,) = thresholds
    comparator = statement.result.comparator
    reaches = titre >= threshold
    if (comparator.startswith("<") and titre > threshold) or (comparator == "<=" and titre == threshold):
        raise Undecided(f"“{comparator}” leaves open whether the titre reaches 1:{threshold:g}")
    if comparator == "<" and titre == threshold:
        return False
    if comparator.startswith(">") and not reaches:
        raise Undecided(f"“{comparator}” leaves open whether the titre reaches 1:{threshold:g}")
    return reaches


def _no_result(statement: Statement, meaning: Meaning) -> str:
    result = statement.result
    if result.unread:
        return result.unread
    if result.number is None:
        return "no result is given"
    if meaning.reads in ("range", "multiple"):
        return statement.no_limit or "no upper limit of the reference range: the number cannot be compared"
    return "a number without a stated positive or negative"


def _multiples(statement: Statement) -> tuple[float, float]:
    """The number, or the two ends of a range of numbers, as multiples of the upper limit."""
    low, limit = statement.result.number, statement.limit
    high = statement.result.upper if statement.result.upper is not None else low
    if low is None or high is None or limit is None or limit <= 0 or low < 0 or high < low:
        raise Undecided("the number or the upper limit is not above 0")
    return low / limit, high / limit


def _above_limit(statement: Statement) -> bool:
    low, high = _multiples(statement)
    comparator = statement.result.comparator
    above, at_most = low > 1 or (low == 1 and comparator == ">"), high <= 1
    if comparator.startswith(">") and not above:
        raise Undecided(f"“{comparator}” leaves open whether the number is above the upper limit")
    if comparator.startswith("<") and not at_most:
        raise Undecided(f"“{comparator}” leaves open whether the number is above the upper limit")
    if not above and not at_most:
        raise Undecided("a range of numbers on both sides of the upper limit")
    return above


def _measured(statement: Statement, variable: Variable, text: str) -> Reading:
    """The multiple of the upper limit as a number, or the states that a range of numbers, `<` or `>` allows."""
    low, high = (round(multiple, 3) for multiple in _multiples(statement))
    try:
        first, last = (variable.states.index(variable.state(multiple)) for multiple in (low, high))
    except InputError:
        raise Undecided("not a plausible multiple of the upper limit") from None
    comparator = statement.result.comparator
    if comparator.startswith(">"):
        last = len(variable.states) - 1
        if comparator == ">" and any(b.closed == "to" and b.high == low for b in variable.bins):
            first += 1  # more than the end of a bin that includes its end
    elif comparator.startswith("<"):
        first = 0
    states = variable.states[first : last + 1]
    exact = low if low == high and not comparator else None
    return Reading(statement.concept.where, text, variable.id, states, exact)


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
