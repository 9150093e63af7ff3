"""Reads a GA4GH Phenopacket (schema 2, and 1 where it differs) as statements.

Source of the structure: phenopacket-schema.readthedocs.io, version 2.0. Fields in snake_case are read as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from model.cases.exchange.ages import Date, read_date, years_between, years_of_duration
from model.cases.exchange.codes import GENE_TEST, Exchange
from model.cases.exchange.privacy import identifying_words, shown
from model.cases.exchange.records import (
    ABSENT,
    PRESENT,
    Code,
    Concept,
    LeftOut,
    Onset,
    Record,
    Result,
    Statement,
)
from model.cases.exchange.results import is_titre, meant, times
from model.cases.exchange.shape import Object, flag_at, number_at, object_at, objects_at, text_at
from model.errors import InputError

SEX = "Phenopacket sex"
GENE = "Gene"
CAUSES = ("PATHOGENIC", "LIKELY_PATHOGENIC")
ANTENATAL = "HP:0030674"
LAST_SEEN = ("timeAtLastEncounter", "ageAtCollection", "age")
# Parts of a Phenopacket that describe the patient but are not read.
UNREAD = {
    "genes": "genes are not read",
    "variants": "variants are not read",
    "biosamples": "samples are not read",
}


@dataclass(frozen=True)
class PhenopacketReader:
    """One Phenopacket, with what is needed to read its parts.

    `birth`: date of birth, if known. `identifying`: words that could identify the patient.
    """

    content: Object
    where: str
    exchange: Exchange
    birth: Date | None
    identifying: frozenset[str]

    def read(self) -> Record:
        """All statements in the order of the file; raises InputError naming a field of the wrong type."""
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
        subject, where = object_at(self.content, "subject", self.where), f"{self.where}.subject"
        sex = text_at(subject, "sex", where)
        if sex:
            reason = "" if Code(SEX, sex) in self.exchange.codes else "this sex is not a state of the model"
            yield Statement(Concept("subject.sex", (Code(SEX, sex),), "Sex"), PRESENT, reason=reason)
        for name in LAST_SEEN:
            if subject.get(name) is not None:
                onset = self._last_seen(subject[name], f"{where}.{name}")
                yield Statement(Concept(f"subject.{name}", (), "Age at the last visit"), onset=onset)
        vital = object_at(subject, "vitalStatus", where)
        if vital.get("timeOfDeath") is not None:
            onset = self._last_seen(vital["timeOfDeath"], f"{where}.vitalStatus.timeOfDeath")
            yield Statement(Concept("subject.vitalStatus.timeOfDeath", (), "Age at death"), onset=onset)

    def _last_seen(self, value: object, where: str) -> Onset:
        """The age at a visit or at death: the disease had begun by then."""
        if isinstance(value, str):
            value = {"age": {"iso8601duration": value}}
        elif isinstance(value, dict) and isinstance(value.get("age"), str):
            value = {"age": {"iso8601duration": value["age"]}}
        elif isinstance(value, dict) and "iso8601duration" in value:
            value = {"age": value}
        onset = self._time(value, where) if isinstance(value, dict) else None
        return replace(onset or Onset(fault="not an age"), at_latest=True)

    def _features(self) -> Iterator[Statement]:
        for where, feature in self._objects("phenotypicFeatures"):
            excluded = flag_at(feature, "excluded", where) or flag_at(feature, "negated", where)
            severity = self._concept(feature, "severity", where)
            modifiers = [self._ontology_class(item, at) for at, item in objects_at(feature, "modifiers", where)]
            yield Statement(
                self._concept(feature, "type", where) or self._nameless(where),
                ABSENT if excluded else PRESENT,
                qualifiers=tuple(c for c in (severity, *modifiers) if c),
                onset=self._onset(feature, where),
            )

    def _diseases(self) -> Iterator[Statement]:
        for where, disease in self._objects("diseases"):
            yield Statement(
                self._concept(disease, "term", where) or self._nameless(where),
                ABSENT if flag_at(disease, "excluded", where) else PRESENT,
                onset=self._onset(disease, where),
                stated_disease=True,
            )

    def _actions(self) -> Iterator[Statement]:
        for where, action in self._objects("medicalActions"):
            agent = self._concept(object_at(action, "treatment", where), "agent", f"{where}.treatment")
            reason = "" if agent else "only drug treatments are read"
            yield Statement(agent or self._nameless(where), PRESENT, reason=reason)

    def _interpretations(self) -> Iterator[Statement]:
        """The disease of a solved case, and the result of the gene test that its causative variant implies."""
        for where, interpretation in self._objects("interpretations"):
            diagnosis = object_at(interpretation, "diagnosis", where)
            where = f"{where}.diagnosis"
            disease = self._concept(diagnosis, "disease", where) or self._nameless(where)
            solved = text_at(interpretation, "progressStatus", where) == "SOLVED"
            reason = "" if solved else "an interpretation that is not solved"
            yield Statement(disease, PRESENT, stated_disease=True, reason=reason)
            for at, genomic in objects_at(diagnosis, "genomicInterpretations", where):
                yield self._variant(genomic, disease, at)

    def _variant(self, genomic: Object, disease: Concept, where: str) -> Statement:
        """The gene test that a variant decides, by the disease that it causes, or else by its gene."""
        variant = object_at(genomic, "variantInterpretation", where)
        acmg = text_at(variant, "acmgPathogenicityClassification", where)
        described = object_at(variant, "variationDescriptor", where)
        gene = object_at(described, "geneContext", where) or object_at(genomic, "gene", where)
        named = Code(GENE, text_at(gene, "symbol", where))
        tests = list(dict.fromkeys(self.exchange.gene_tests[c] for c in (*disease.codes, named)
                                   if c in self.exchange.gene_tests))  # fmt: skip
        if text_at(genomic, "interpretationStatus", where) != "CAUSATIVE":
            reason = "not stated to cause the disease"
        elif acmg not in CAUSES:
            reason = "not classified as pathogenic or likely pathogenic"
        else:
            reason = "" if tests else "not stated to cause a disease of which this model has a gene test"
        codes = tuple(Code(GENE_TEST, f"{test} {acmg}") for test in tests[:1])
        return Statement(Concept(self._within_file(where), codes, "Variant"), PRESENT, reason=reason)

    def _measurements(self) -> Iterator[Statement]:
        for where, measurement in self._objects("measurements"):
            concept = self._concept(measurement, "assay", where) or self._nameless(where)
            if measurement.get("complexValue") is not None:
                yield Statement(concept, reason="a value of several parts is not read")
                continue
            value = object_at(measurement, "value", where)
            quantity = object_at(value, "quantity", f"{where}.value")
            result = self._concept(value, "ontologyClass", f"{where}.value")
            yield self._measured(concept, result, quantity, f"{where}.value.quantity")

    def _measured(self, concept: Concept, coded: Concept | None, quantity: Object, where: str) -> Statement:
        codes = coded.codes if coded else ()
        means = {self.exchange.results[code] for code in codes if code in self.exchange.results}
        if coded and not means:
            return Statement(concept, reason="its coded result has no known meaning")
        result = meant(means)
        if result.unread:
            return Statement(concept, reason=result.unread)
        number, unit = number_at(quantity, "value", where), self._unit(quantity, where)
        if number is not None and unit and any(is_titre(name) for name in unit):
            return Statement(concept, replace(result, titre=number))
        return self._with_limit(concept, replace(result, number=number, unit="".join(unit[:1])), quantity, where)

    def _with_limit(self, concept: Concept, result: Result, quantity: Object, where: str) -> Statement:
        reference = object_at(quantity, "referenceRange", where)
        limit = number_at(reference, "high", f"{where}.referenceRange")
        if limit is None:
            return Statement(concept, result)
        by = times(self._unit(quantity, where), self._unit(reference, where), self.exchange)
        if by is None:
            return Statement(concept, result, no_limit="the reference range and the value have different units")
        return Statement(concept, result, limit=limit * by)

    def _unit(self, parent: Object, where: str) -> tuple[str, ...]:
        unit = object_at(parent, "unit", where)
        return tuple(text for name in ("id", "label") if (text := text_at(unit, name, f"{where}.unit")))

    def _onset(self, parent: Object, where: str) -> Onset | None:
        """The field `onset` of schema 2, or `ageOfOnset`, `classOfOnset`... of schema 1."""
        onset = object_at(parent, "onset", where)
        older = {
            "age": parent.get("ageOfOnset"),
            "ageRange": parent.get("ageRangeOfOnset"),
            "ontologyClass": parent.get("classOfOnset"),
            "timestamp": parent.get("timeOfOnset"),
        }
        return self._time({**{name: value for name, value in older.items() if value is not None}, **onset}, where)

    def _time(self, time: Object, where: str) -> Onset | None:
        """A TimeElement: an age, a range of ages, a date, or a class of ages."""
        age, spans = object_at(time, "age", where), object_at(time, "ageRange", where)
        interval, moment = object_at(time, "interval", where), text_at(time, "timestamp", where)
        age_class = self._concept(time, "ontologyClass", where)
        if time.get("gestationalAge") is not None:
            return Onset(age_class=Concept(self._within_file(where), (self.exchange.curie(ANTENATAL),), "before birth"))
        if age:
            return _onset_between(self._years(age, where), self._years(age, where), "not an age of ISO 8601")
        if spans:
            low, high = (self._years(object_at(spans, end, where), where) for end in ("start", "end"))
            return _onset_between(low, high, "not a range of ages")
        if moment or interval:
            ends = (moment, moment) if moment else [text_at(interval, end, where) for end in ("start", "end")]
            low, high = (self._age_on(end) for end in ends)
            return _onset_between(low, high, "a date of onset without a date of birth before it")
        return Onset(age_class=age_class) if age_class else None

    def _years(self, age: Object, where: str) -> float | None:
        text = text_at(age, "iso8601duration", where) or text_at(age, "age", where)
        return years_of_duration(text)

    def _age_on(self, moment: str) -> float | None:
        date = read_date(moment)
        return years_between(self.birth, date) if self.birth and date else None

    def _concept(self, parent: Object, name: str, where: str) -> Concept | None:
        value = object_at(parent, name, where)
        return self._ontology_class(value, f"{where}.{name}") if value else None

    def _ontology_class(self, value: Object, where: str) -> Concept:
        code, label = text_at(value, "id", where), text_at(value, "label", where)
        codes = (self.exchange.curie(code),) if code else ()
        return Concept(self._within_file(where), codes, shown(code, label, self.identifying) if code else "(no code)")

    def _nameless(self, where: str) -> Concept:
        return Concept(self._within_file(where), (), "(no code)")

    def _within_file(self, where: str) -> str:
        """A path without the name of the file, which may itself identify the patient."""
        return where.removeprefix(f"{self.where}.")

    def _objects(self, name: str) -> list[tuple[str, Object]]:
        return objects_at(self.content, name, self.where)


def read_phenopacket(content: Object, where: str, exchange: Exchange) -> Record:
    """The statements of a Phenopacket. Raises InputError for a field of the wrong type, and for a family or cohort."""
    for several in ("proband", "members"):
        if several in content:
            raise InputError(f"{where}, field {several}: a family or cohort; open the Phenopacket of one patient")
    packet = _camel(content)
    subject = object_at(packet, "subject", where)
    birth = read_date(text_at(subject, "dateOfBirth", f"{where}.subject"))
    names = [packet.get("id"), *(subject.get(name) for name in ("id", "alternateIds", "dateOfBirth"))]
    return PhenopacketReader(packet, where, exchange, birth, identifying_words(names)).read()


def _onset_between(low: float | None, high: float | None, fault: str) -> Onset:
    return Onset((low, high)) if low is not None and high is not None and low <= high else Onset(fault=fault)


def _camel(value: Any) -> Any:
    """The same content with field names in camelCase, as in the JSON form of the schema."""
    if isinstance(value, dict):
        return {re.sub(r"_(\w)", lambda m: m[1].upper(), name): _camel(inner) for name, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value
