"""The result of an Observation, or of one of its components, in whatever form it is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.cases.exchange.codes import Exchange
from model.cases.exchange.fhir.ranges import unit_of
from model.cases.exchange.privacy import WITHHELD, shown
from model.cases.exchange.records import Result
from model.cases.exchange.results import COMPARATORS, is_titre, meant, read_words
from model.cases.exchange.shape import Object, flag_at, number_at, object_at, objects_at, text_at

NOT_READ = {
    "valueSampledData": "a series of samples",
    "valueTime": "a time",
    "valueDateTime": "a date",
    "valueInstant": "a date",
    "valuePeriod": "a period of time",
    "valueAttachment": "an attached file",
    "valueReference": "a reference to something else",
}
LONGEST_QUOTE = 24


@dataclass(frozen=True)
class ResultReader:
    """Reads results. `identifying`: words that could identify the patient, which no message may repeat."""

    exchange: Exchange
    identifying: frozenset[str]

    def read(self, resource: Object, where: str) -> Result:
        """The value, with whether it is positive as the file interprets it."""
        given = [name for name in resource if name.startswith("value") and resource[name] is not None]
        if len(given) > 1:
            return Result(unread="several results are given")
        value = self._value(resource, given[0], where) if given else Result()
        said = self._interpretation(resource, where)
        if value.present is not None and said.present is not None and value.present != said.present:
            return replace(value, present=None, unread="its results contradict each other")
        if value.present is None and (said.present is not None or (said.unread and not value.unread)):
            return replace(value, present=said.present, unread=said.unread)
        return value

    def _value(self, resource: Object, name: str, where: str) -> Result:
        if name == "valueBoolean":
            return Result(present=flag_at(resource, name, where))
        if name in ("valueInteger", "valueDecimal"):
            return Result(number=number_at(resource, name, where))
        if name == "valueString":
            return self._text(text_at(resource, name, where))
        if name in NOT_READ:
            return Result(unread=f"its result is given as {NOT_READ[name]}, which is not read")
        value = object_at(resource, name, where)
        read = {
            "valueQuantity": self._quantity,
            "valueCodeableConcept": self._coded,
            "valueRange": self._range,
            "valueRatio": self._ratio,
        }.get(name)
        return read(value, f"{where}.{name}") if read else Result(unread="its result is of a kind that is not read")

    def _interpretation(self, resource: Object, where: str) -> Result:
        means: set[str] = set()
        for at, item in objects_at(resource, "interpretation", where):
            means |= self._means(item, at)
        return meant(means)

    def _means(self, concept: Object, where: str) -> set[str]:
        """What the codes of a result mean; without a known code, what its words mean."""
        codings = objects_at(concept, "coding", where)
        codes = [self.exchange.code(text_at(c, "system", at), text_at(c, "code", at)) for at, c in codings]
        means = {self.exchange.results[code] for code in codes if code in self.exchange.results}
        words = [text_at(concept, "text", where), *(text_at(c, "display", at) for at, c in codings)]
        return means or {self.exchange.words[w.lower()] for w in words if w.lower() in self.exchange.words}

    def _coded(self, value: Object, where: str) -> Result:
        means = self._means(value, where)
        if means:
            return meant(means)
        text = text_at(value, "text", where)
        if text:
            return self._text(text)
        codes = [text_at(coding, "code", at) for at, coding in objects_at(value, "coding", where)]
        quote = f" ({shown(codes[0], '', self.identifying)})" if codes and codes[0] else ""
        return Result(unread=f"its result is a code or word without a known meaning{quote}")

    def _text(self, text: str) -> Result:
        result = read_words(text, self.exchange) if text else Result()
        if not result.unread or not text:
            return result
        quoted = shown("", text, self.identifying)
        quote = "" if quoted == WITHHELD or len(quoted) > LONGEST_QUOTE else f" (“{quoted}”)"
        return replace(result, unread=result.unread + quote)

    def _quantity(self, value: Object, where: str) -> Result:
        number, unit = number_at(value, "value", where), unit_of(value, where)
        comparator = text_at(value, "comparator", where)
        if number is None:
            return Result()
        if comparator and comparator not in COMPARATORS:
            return Result(unread=f"its comparator “{comparator[:3]}” is not read")
        result = Result(number=number, comparator=COMPARATORS.get(comparator, ""), unit="".join(unit[:1]))
        if any(is_titre(name) for name in unit if name != "1"):
            return replace(result, number=None, titre=number)
        return result

    def _range(self, value: Object, where: str) -> Result:
        """A range of numbers; open at one end, it is a comparator."""
        low, high = (object_at(value, end, where) for end in ("low", "high"))
        least, most = (number_at(end, "value", where) for end in (low, high))
        unit = "".join((unit_of(low, where) or unit_of(high, where))[:1])
        if least is None and most is None:
            return Result()
        if least is not None and most is not None:
            return Result(number=least, upper=most, unit=unit)
        return Result(number=least if least is not None else most, comparator=">=" if most is None else "<=", unit=unit)

    def _ratio(self, value: Object, where: str) -> Result:
        """A titre such as 1:640. `<` stands before either number."""
        parts = [object_at(value, name, where) for name in ("numerator", "denominator")]
        first, second = (number_at(part, "value", where) for part in parts)
        signs = {sign for part in parts if (sign := text_at(part, "comparator", where))}
        if not first or not second or any(not is_titre(u) for part in parts for u in unit_of(part, where)):
            return Result(unread="its result is a ratio that is no titre")
        if len(signs) > 1 or not signs <= set(COMPARATORS):
            return Result(unread="its comparator is not read")
        return Result(
            titre=max(first, second) / min(first, second), comparator=COMPARATORS[signs.pop()] if signs else ""
        )


def units(resource: Object, where: str) -> Sequence[str]:
    """The unit of a result: of its quantity, or of the ends of its range."""
    for name in ("valueQuantity",):
        if isinstance(resource.get(name), dict):
            return unit_of(resource[name], where)
    for end in ("low", "high"):
        value = resource.get("valueRange")
        if isinstance(value, dict) and isinstance(value.get(end), dict):
            return unit_of(value[end], where)
    return ()
