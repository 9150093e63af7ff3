"""The upper limit of normal that applies to a patient, out of the reference ranges of a result."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.cases.exchange.ages import YEARS_IN, Age
from model.cases.exchange.codes import Exchange
from model.cases.exchange.fhir.usable import UNKNOWN_MODIFIER, is_modified
from model.cases.exchange.results import AMBIGUOUS, times
from model.cases.exchange.shape import Object, number_at, object_at, objects_at, text_at

OF_NORMAL = ("normal", "recommended", "normal range", "reference", "reference range", "normal-range")
TEXT_LIMIT = re.compile(
    r"(?:(?:<|<=|≤|up to|less than|below|bis)\s*|(?P<low>\d+(?:\.\d+)?)\s*(?:-|–|to|bis)\s*)"
    r"(?P<high>\d+(?:\.\d+)?)\s*(?P<unit>[^\d\s,;:(][^\d,;:(]*)?",
    re.IGNORECASE,
)
MEN, WOMEN = ("male", "males", "man", "men", "m"), ("female", "females", "woman", "women", "f")


@dataclass(frozen=True)
class Person:
    """What is known of the patient at the time of a result. `sex`: male, female or empty. `age`: None if unknown."""

    sex: str
    age: Age | None


@dataclass(frozen=True)
class Limit:
    """An upper limit in the unit of the value, and for how few patients it is meant: by sex, by age, by both."""

    number: float
    narrow: int


def upper_limit(
    resource: Object, unit: tuple[str, ...], person: Person, exchange: Exchange, where: str
) -> tuple[float | None, str]:
    """The upper limit that applies to the patient, in the unit of the value; or None and why there is none.

    Of several ranges, the one for the narrowest group counts. A range for critical values, for a treatment, or for
    patients of another sex or age is no range of normal.
    """
    limits: list[Limit] = []
    faults: list[str] = []
    for at, item in objects_at(resource, "referenceRange", where):
        found = _limit(item, unit, person, exchange, at)
        if isinstance(found, Limit):
            limits.append(found)
        else:
            faults.append(found)
    narrow = max((limit.narrow for limit in limits), default=0)
    narrowest = {limit.number for limit in limits if limit.narrow == narrow}
    if len(narrowest) > 1:
        return None, "several reference ranges apply"
    if narrowest:
        return narrowest.pop(), ""
    return None, next(filter(None, faults), "")


def _limit(item: Object, unit: tuple[str, ...], person: Person, exchange: Exchange, where: str) -> Limit | str:
    """The limit of one range, or why it cannot be used (empty: it has no upper limit)."""
    if is_modified(item):
        return f"the reference range: {UNKNOWN_MODIFIER}"
    words = _words(object_at(item, "type", where), where)
    if words and not any(word in OF_NORMAL for word in words):
        return f"the reference range is not one of normal ({words[0]})"
    narrow = 0
    for at, group in objects_at(item, "appliesTo", where):
        sexes = _sexes(group, exchange, at)
        if person.sex not in sexes or not person.sex:
            return "the reference range is for another group of patients" if not sexes or person.sex else (
                "the reference range is for one sex, and that of the patient is not known"
            )  # fmt: skip
        narrow += 1
    bounds = object_at(item, "age", where)
    if bounds:
        fault = _of_age(bounds, person, where)
        if fault:
            return fault
        narrow += 1
    number, own_unit = _high(item, where)
    if number is None:
        return "the reference range is a text that is not understood" if text_at(item, "text", where) else ""
    by = times(unit, own_unit, exchange)
    return Limit(number * by, narrow) if by is not None else "the reference range and the value have different units"


def _high(item: Object, where: str) -> tuple[float | None, tuple[str, ...]]:
    high = object_at(item, "high", where)
    number = number_at(high, "value", f"{where}.high")
    if number is not None:
        return number, unit_of(high, where)
    match = TEXT_LIMIT.fullmatch(" ".join(text_at(item, "text", where).split()))
    if match is None or object_at(item, "low", where) or AMBIGUOUS.match(match["high"]):
        return None, ()
    return float(match["high"]), (match["unit"] or "",)


def unit_of(quantity: Object, where: str) -> tuple[str, ...]:
    """The code and the name of the unit of a quantity, as far as given."""
    return tuple(text for name in ("code", "unit") if (text := text_at(quantity, name, where)))


def _words(concept: Object, where: str) -> Sequence[str]:
    codings = objects_at(concept, "coding", where)
    texts = [text_at(coding, "code", at) or text_at(coding, "display", at) for at, coding in codings]
    return [text.lower() for text in (*texts, text_at(concept, "text", where)) if text]


def _sexes(group: Object, exchange: Exchange, where: str) -> frozenset[str]:
    """The sexes that a group of patients names; empty if it is a group of another kind."""
    codings = objects_at(group, "coding", where)
    coded = {exchange.sex(exchange.code(text_at(c, "system", at), text_at(c, "code", at))) for at, c in codings} - {""}
    text = text_at(group, "text", where).lower()
    return frozenset(coded or ({"male"} if text in MEN else {"female"} if text in WOMEN else ()))


def _of_age(bounds: Object, person: Person, where: str) -> str:
    """Why a range for these ages does not apply; empty if it does. Bounds belong to the range, in completed units."""
    if person.age is None:
        return "the reference range is for an age, and that of the patient is not known"
    for end in ("low", "high"):
        bound = object_at(bounds, end, where)
        number = number_at(bound, "value", f"{where}.age.{end}")
        if number is None:
            continue
        unit = next((u for u in unit_of(bound, where) if u in YEARS_IN), "")
        age = person.age.completed(unit) if unit else None
        if age is None:
            return "the reference range is for an age that cannot be compared with that of the patient"
        if (end == "low" and age < number) or (end == "high" and age > number):
            return "the reference range is for another age"
    return ""
