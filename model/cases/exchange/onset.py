"""The age at onset, from everything that a file says of ages."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.cases.exchange.codes import Exchange
from model.cases.exchange.interpret import Reading, Undecided
from model.cases.exchange.records import LeftOut, Onset, Statement
from model.errors import InputError
from model.priors.vocabulary import Variable, Vocabulary

AGE = "age_at_onset"


@dataclass(frozen=True)
class Age:
    """The bins from `low` to `high` (positions) in which the disease began. `number`: the age, if it is exact."""

    reading: Reading
    low: int
    high: int
    number: float | None


def read_onset(
    statements: tuple[Statement, ...], readings: list[Reading], exchange: Exchange, vocabulary: Vocabulary
) -> tuple[list[Reading], list[LeftOut]]:
    """The reading of the age at onset, and the statements on ages that cannot be used or add nothing.

    The onset of the disease and of first symptoms (`rules.csv`) are the onset; the earliest of them counts. Late signs
    and the age at the last visit say only that the disease had begun by then.
    """
    if AGE not in vocabulary.findings:
        return [], []
    variable = vocabulary.variable(AGE)
    kinds = _kinds(statements, readings, exchange)
    onsets: list[Age] = []
    bounds: list[Age] = []
    left_out = []
    for statement in statements:
        kind = kinds.get(statement.concept.where) if statement.onset and not statement.reason else None
        if kind is None:
            continue
        try:
            age = _age(statement, exchange, variable)
            (onsets if kind == "onset" else bounds).append(age)
        except Undecided as undecided:
            left_out.append(LeftOut(*_place(statement), str(undecided)))
    used, states, number = _earliest(onsets, bounds, variable)
    found = [Reading(a.reading.where, a.reading.text, AGE, states, number) for a in used]
    unused = [a for a in bounds if a not in used]
    left_out += [
        LeftOut(a.reading.where, a.reading.text, "not the age at onset; the disease began earlier") for a in unused
    ]
    return found, left_out


def _kinds(statements: tuple[Statement, ...], readings: list[Reading], exchange: Exchange) -> Mapping[str, str]:
    """Path of a statement -> "onset" if its onset is that of the disease, "bound" if the disease began before it."""
    late = {r.where for r in readings if r.late or r.finding in exchange.rules["late_sign"]}
    first = {r.where for r in readings if r.finding in exchange.rules["first_symptom"]} - late
    present = [s for s in statements if s.present and not s.reason]
    known = [s for s in present if any(code in exchange.diseases for code in s.concept.codes)]
    stated = [s for s in present if s.stated_disease]
    diseases = known or (stated if len({s.concept.codes for s in stated}) == 1 else [])
    return {
        **{s.concept.where: "bound" for s in statements if s.onset and s.onset.at_latest},
        **dict.fromkeys(late, "bound"),
        **dict.fromkeys(first, "onset"),
        **{s.concept.where: "onset" for s in diseases},
    }


def _earliest(
    onsets: list[Age], bounds: list[Age], variable: Variable
) -> tuple[list[Age], tuple[str, ...], float | None]:
    """The statements that count, the bins that they leave, and the age if one of them is exact."""
    if not onsets and not bounds:
        return [], (), None
    low, high, used, number = 0, len(variable.states) - 1, [], None
    if onsets:
        first = min(onsets, key=lambda a: (a.high, a.low, a.number if a.number is not None else 0))
        low, high, used = first.low, first.high, [first]
        for other in onsets:
            both = max(low, other.low), min(high, other.high)
            if both[0] <= both[1] and both != (low, high):  # a narrower statement that agrees with the earliest
                low, high = both
                used.append(other)
        exact = [a for a in onsets if a.number is not None and a.low == low == high]
        if exact:
            youngest = min(exact, key=lambda a: a.number or 0)
            number, used = youngest.number, [youngest]
    for bound in sorted(bounds, key=lambda a: a.high):
        younger = number is not None and bound.number is not None and bound.number < number
        if bound.high < high or younger:
            low, high = 0 if younger or low > bound.high else low, bound.high
            used, number = [*(a for a in used if not younger and a.low <= bound.high), bound], None
    return used, variable.states[low : high + 1], number


def _place(statement: Statement) -> tuple[str, str]:
    if statement.onset and statement.onset.at_latest:
        return statement.concept.where, statement.concept.text
    return f"{statement.concept.where}, onset", f"Onset of: {statement.concept.text}"


def _age(statement: Statement, exchange: Exchange, variable: Variable) -> Age:
    """Raises Undecided if the statement gives no age that the model can use."""
    onset = statement.onset or Onset()
    where, text = _place(statement)
    if onset.ages:
        try:
            low, high = (variable.states.index(variable.state(years)) for years in onset.ages)
        except InputError:
            raise Undecided("not a plausible age") from None
        number = onset.ages[0] if onset.ages[0] == onset.ages[1] else None
        return _as_age(where, text, variable, 0 if onset.at_latest else low, high, number)
    for code in onset.age_class.codes if onset.age_class else ():
        meaning = exchange.codes.get(code)
        if meaning and meaning.findings == (variable.id,):
            if not meaning.states:
                raise Undecided(meaning.note)
            low, high = (variable.states.index(meaning.states[end]) for end in (0, -1))
            return _as_age(where, text, variable, 0 if onset.at_latest else low, high, None)
    raise Undecided(onset.fault or "this class of ages has no known meaning")


def _as_age(where: str, text: str, variable: Variable, low: int, high: int, number: float | None) -> Age:
    return Age(Reading(where, text, variable.id, variable.states[low : high + 1]), low, high, number)
