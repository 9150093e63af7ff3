"""A GA4GH Phenopacket (schema 2, and 1 where it differs) as statements.

Source of the structure: phenopacket-schema.readthedocs.io, version 2.0. Fields in snake_case are read as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from model.cases.exchange.ages import Date, read_date, years_between, years_of_duration
from model.cases.exchange.codes import Exchange
from model.cases.exchange.privacy import identifying_words, shown
from model.cases.exchange.records import Code, Concept, LeftOut, Onset, Record, Statement
from model.cases.exchange.shape import Object, flag_at, number_at, object_at, objects_at, text_at
from model.errors import InputError

SEX = "Phenopacket sex"
GENE_TEST = "Gene test"
# Parts of a Phenopacket that state something of the patient but that are not read.
UNREAD = {
    "genes": "genes are not read",
    "variants": "variants are not read",
    "biosamples": "samples are not read",
}


@dataclass(frozen=True)
class PhenopacketReader:
    """One Phenopacket, and what every part of it needs: the codes, the birth date, the words that identify."""

    content: Object
    place: str
    exchange: Exchange
    birth: Date | None
    identifying: frozenset[str]

    def read(self) -> Record:
        """All statements in the order of the file; raises InputError naming the place of a wrong shape."""
        statements = [
            *self._subject(),
            *self._features(),
            *self._measurements(),
            *self._diseases(),
            *self._actions(),
            *self._interpretations(),
        ]
        unread = [
            LeftOut(part, f"{len(self.content[part])} entries", reason)
            for part, reason in UNREAD.items()
            if isinstance(self.content.get(part), list) and self.content[part]
        ]
        return Record("phenopacket", tuple(statements), tuple(unread))

    def _subject(self) -> Iterator[Statement]:
        subject, place = object_at(self.content, "subject", self.place), f"{self.place}.subject"
        sex = text_at(subject, "sex", place)
        if sex:
            reason = "" if Code(SEX, sex) in self.exchange.codes else "this sex is not a state of the model"
            yield Statement(Concept("subject.sex", (Code(SEX, sex),), "Sex"), says=True, reason=reason)
        for name in ("timeAtLastEncounter", "ageAtCollection", "age"):
            if subject.get(name) is not None:
                reason = "the age at the last visit is not the age at onset"
                yield Statement(Concept(f"subject.{name}", (), "Age at the last visit"), reason=reason)

    def _features(self) -> Iterator[Statement]:
        for place, feature in self._objects("phenotypicFeatures"):
            excluded = flag_at(feature, "excluded", place) or flag_at(feature, "negated", place)
            severity = self._concept(feature, "severity", place)
            modifiers = [self._ontology_class(item, at) for at, item in objects_at(feature, "modifiers", place)]
            yield Statement(
                self._concept(feature, "type", place) or self._nameless(place),
                says=not excluded,
                qualifiers=tuple(c for c in (severity, *modifiers) if c),
                onset=self._onset(feature, place),
            )

    def _diseases(self) -> Iterator[Statement]:
        for place, disease in self._objects("diseases"):
            yield Statement(
                self._concept(disease, "term", place) or self._nameless(place),
                says=not flag_at(disease, "excluded", place),
                onset=self._onset(disease, place),
            )

    def _actions(self) -> Iterator[Statement]:
        for place, action in self._objects("medicalActions"):
            agent = self._concept(object_at(action, "treatment", place), "agent", f"{place}.treatment")
            reason = "" if agent else "only treatments with a medicine are read"
            yield Statement(agent or self._nameless(place), says=True, reason=reason)

    def _interpretations(self) -> Iterator[Statement]:
        """The disease of a solved case, and what its causative variant says of the gene test."""
        for place, interpretation in self._objects("interpretations"):
            diagnosis = object_at(interpretation, "diagnosis", place)
            place = f"{place}.diagnosis"
            disease = self._concept(diagnosis, "disease", place) or self._nameless(place)
            solved = text_at(interpretation, "progressStatus", place) == "SOLVED"
            yield Statement(disease, says=True, reason="" if solved else "an interpretation that is not solved")
            for at, genomic in objects_at(diagnosis, "genomicInterpretations", place):
                yield self._variant(genomic, disease, at)

    def _variant(self, genomic: Object, disease: Concept, place: str) -> Statement:
        variant = object_at(genomic, "variantInterpretation", place)
        acmg = text_at(variant, "acmgPathogenicityClassification", place)
        known = [self.exchange.diseases[code] for code in disease.codes if code in self.exchange.diseases]
        concept = Concept(
            self._short(place), tuple(Code(GENE_TEST, f"{diagnosis} {acmg}") for diagnosis in known), "Variant"
        )
        causes = text_at(genomic, "interpretationStatus", place) == "CAUSATIVE"
        return Statement(
            concept, says=True, reason="" if causes and known else "not stated to cause a disease that is known here"
        )

    def _measurements(self) -> Iterator[Statement]:
        for place, measurement in self._objects("measurements"):
            concept = self._concept(measurement, "assay", place) or self._nameless(place)
            if measurement.get("complexValue") is not None:
                yield Statement(concept, reason="a value of several parts is not read")
                continue
            value = object_at(measurement, "value", place)
            quantity = object_at(value, "quantity", f"{place}.value")
            result = self._concept(value, "ontologyClass", f"{place}.value")
            yield self._measured(concept, result, quantity, f"{place}.value.quantity")

    def _measured(self, concept: Concept, result: Concept | None, quantity: Object, place: str) -> Statement:
        number = number_at(quantity, "value", place)
        reference = object_at(quantity, "referenceRange", place)
        limit = number_at(reference, "high", f"{place}.referenceRange")
        units = [
            text_at(object_at(part, "unit", place), "id", f"{place}.unit").lower() for part in (quantity, reference)
        ]
        if number is not None and limit is not None and units[1] and units[0] != units[1]:
            return Statement(concept, reason="the reference range is in another unit than the value")
        meanings = [self.exchange.results[code] for code in (result.codes if result else ())
                    if code in self.exchange.results]  # fmt: skip
        if result and not meanings:
            return Statement(concept, reason="its coded result is not known here")
        if "undecided" in meanings:
            return Statement(concept, reason="its result is undecided")
        return Statement(concept, says="positive" in meanings if meanings else None, number=number, limit=limit)

    def _onset(self, parent: Object, place: str) -> Onset | None:
        """The field `onset` of schema 2, or `ageOfOnset`, `classOfOnset`... of schema 1."""
        onset = object_at(parent, "onset", place)
        age = object_at(onset, "age", place) or object_at(parent, "ageOfOnset", place)
        spans = object_at(onset, "ageRange", place) or object_at(parent, "ageRangeOfOnset", place)
        interval = object_at(onset, "interval", place)
        age_class = self._concept(onset, "ontologyClass", place) or self._concept(parent, "classOfOnset", place)
        moment = text_at(onset, "timestamp", place) or text_at(parent, "timeOfOnset", place)
        if age:
            return _onset_between(self._years(age, place), self._years(age, place), "not an age of ISO 8601")
        if spans:
            low, high = (self._years(object_at(spans, end, place), place) for end in ("start", "end"))
            return _onset_between(low, high, "not a range of ages")
        if moment or interval:
            ends = (moment, moment) if moment else [text_at(interval, end, place) for end in ("start", "end")]
            low, high = (self._age_on(end) for end in ends)
            return _onset_between(low, high, "a date of onset without a date of birth before it")
        return Onset(age_class=age_class) if age_class else None

    def _years(self, age: Object, place: str) -> float | None:
        text = text_at(age, "iso8601duration", place) or text_at(age, "age", place)
        return years_of_duration(text)

    def _age_on(self, moment: str) -> float | None:
        date = read_date(moment)
        return years_between(self.birth, date) if self.birth and date else None

    def _concept(self, parent: Object, name: str, place: str) -> Concept | None:
        value = object_at(parent, name, place)
        return self._ontology_class(value, f"{place}.{name}") if value else None

    def _ontology_class(self, value: Object, place: str) -> Concept:
        code, label = text_at(value, "id", place), text_at(value, "label", place)
        codes = (self.exchange.curie(code),) if code else ()
        return Concept(self._short(place), codes, shown(code, label, self.identifying) if code else "(no code)")

    def _nameless(self, place: str) -> Concept:
        return Concept(self._short(place), (), "(no code)")

    def _short(self, place: str) -> str:
        """A place inside the file: the name of the file may itself identify the patient."""
        return place.removeprefix(f"{self.place}.")

    def _objects(self, name: str) -> list[tuple[str, Object]]:
        return objects_at(self.content, name, self.place)


def read_phenopacket(content: Object, place: str, exchange: Exchange) -> Record:
    """The statements of a Phenopacket; raises InputError for a wrong shape, and for a family or a cohort."""
    for several in ("proband", "members"):
        if several in content:
            raise InputError(f"{place}, field {several}: a family or cohort; open the Phenopacket of one patient")
    packet = _camel(content)
    subject = object_at(packet, "subject", place)
    birth = read_date(text_at(subject, "dateOfBirth", f"{place}.subject"))
    names = [packet.get("id"), *(subject.get(name) for name in ("id", "alternateIds", "dateOfBirth"))]
    return PhenopacketReader(packet, place, exchange, birth, identifying_words(names)).read()


def _onset_between(low: float | None, high: float | None, fault: str) -> Onset:
    return Onset((low, high)) if low is not None and high is not None and low <= high else Onset(fault=fault)


def _camel(value: Any) -> Any:
    """Field names of the JSON form of the schema, whichever spelling the file uses."""
    if isinstance(value, dict):
        return {re.sub(r"_(\w)", lambda m: m[1].upper(), name): _camel(inner) for name, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value
