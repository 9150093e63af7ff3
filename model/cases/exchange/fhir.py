"""Reads a FHIR R4 Bundle of one patient as statements: Patient, Condition, Observation and medications.

Source of the structure: hl7.org/fhir/R4, resources Bundle, Patient, Condition, Observation, MedicationStatement.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from model.cases.exchange.ages import YEARS_IN, Date, read_date, years_between
from model.cases.exchange.codes import Exchange
from model.cases.exchange.privacy import identifying_words, shown
from model.cases.exchange.records import Code, Concept, LeftOut, Onset, Record, Statement
from model.cases.exchange.shape import Object, flag_at, number_at, object_at, objects_at, text_at
from model.errors import InputError

GENDER = "FHIR gender"
MEDICATIONS = ("MedicationStatement", "MedicationRequest", "MedicationAdministration")
READ = ("Patient", "Condition", "Observation", *MEDICATIONS)
IDENTIFYING = ("id", "identifier", "name", "telecom", "address", "birthDate", "contact")
# Status of a resource -> why its statement is left out.
UNUSABLE = {
    "entered-in-error": "entered in error",
    "cancelled": "cancelled",
    "registered": "no result yet",
    "not-taken": "not taken",
    "not-done": "not done",
    "draft": "a draft",
    "unconfirmed": "not confirmed",
    "provisional": "not confirmed",
    "differential": "not confirmed",
    "inactive": "no longer active",
    "remission": "no longer active",
    "resolved": "no longer active",
}


@dataclass(frozen=True)
class Entry:
    """A resource of a Bundle. `where`: its path in the file. `kind`: its `resourceType`. `address`: its `fullUrl`."""

    where: str
    kind: str
    address: str
    resource: Object


@dataclass(frozen=True)
class BundleReader:
    """One Bundle, with what is needed to read its resources.

    `birth`: date of birth, if known. `identifying`: words that could identify the patient.
    """

    where: str
    entries: tuple[Entry, ...]
    patient: Entry | None
    exchange: Exchange
    birth: Date | None
    identifying: frozenset[str]

    def read(self) -> Record:
        """All statements in the order of the file; raises InputError naming a field of the wrong type."""
        statements = [
            statement
            for entry in self.entries
            if entry.kind in READ
            for statement in self._resource(entry.kind, entry.resource, entry.where)
        ]
        unread = Counter(entry.kind or "(no type)" for entry in self.entries if entry.kind not in READ)
        left_out = [
            LeftOut("entry", f"{count} × {shown(kind, '', self.identifying)}", "this kind of resource is not read")
            for kind, count in sorted(unread.items())
        ]
        return Record("fhir", tuple(statements), tuple(left_out))

    def _resource(self, kind: str, resource: Object, where: str) -> Iterator[Statement]:
        if kind == "Patient":
            yield from self._sex(resource, where)
        elif not self._is_about_patient(resource, where):
            yield Statement(self._not_shown(where), reason="about another person, not the patient of the Bundle")
        elif kind == "Condition":
            yield self._condition(resource, where)
        elif kind == "Observation":
            yield from self._observations(resource, where)
        else:
            concept = self._concept(resource, "medicationCodeableConcept", where)
            yield Statement(concept, present=True, reason=self._unusable(resource, where))

    def _sex(self, resource: Object, where: str) -> Iterator[Statement]:
        gender = text_at(resource, "gender", where)
        if gender:
            reason = "" if Code(GENDER, gender) in self.exchange.codes else "this gender is not a state of the model"
            concept = Concept(self._within_file(where) + ".gender", (Code(GENDER, gender),), "Gender")
            yield Statement(concept, present=True, reason=reason)

    def _condition(self, resource: Object, where: str) -> Statement:
        verification = self._status(resource, "verificationStatus", where)
        refuted = verification == "refuted"
        clinical = self._status(resource, "clinicalStatus", where)
        reason = UNUSABLE.get(verification, "") or ("" if refuted else UNUSABLE.get(clinical, ""))
        severity = object_at(resource, "severity", where)
        return Statement(
            self._concept(resource, "code", where),
            present=not refuted,
            qualifiers=(self._concept(resource, "severity", where),) if severity else (),
            onset=self._onset(resource, where),
            reason=reason,
        )

    def _observations(self, resource: Object, where: str) -> Iterator[Statement]:
        reason = self._unusable(resource, where)
        components = objects_at(resource, "component", where)
        if not components or any(name.startswith("value") for name in resource):
            yield self._observation(resource, where, reason)
        for at, component in components:
            yield self._observation(component, at, reason)

    def _observation(self, resource: Object, where: str, reason: str) -> Statement:
        concept = self._concept(resource, "code", where)
        if resource.get("dataAbsentReason") is not None:
            return Statement(concept, reason=reason or "the result is missing")
        value = self._concept(resource, "valueCodeableConcept", where)
        if not self._known(concept) and self._known(value):
            return Statement(value, present=True, reason=reason)  # "physical finding: dysphagia"
        present, fault = self._result(resource, value, where)
        quantity = object_at(resource, "valueQuantity", where)
        limit, unit_fault = self._limit(resource, quantity, where)
        comparator = text_at(quantity, "comparator", where)[:1]
        return Statement(
            concept,
            present=present,
            number=number_at(quantity, "value", where),
            limit=limit,
            comparator=comparator if comparator in ("<", ">") else "",
            reason=reason or fault or (unit_fault if present is None else ""),
        )

    def _result(self, resource: Object, value: Concept, where: str) -> tuple[bool | None, str]:
        """Whether the result is positive (None: not stated), and why a given result cannot be read."""
        if resource.get("valueBoolean") is not None:
            return flag_at(resource, "valueBoolean", where), ""
        word = text_at(resource, "valueString", where).lower()
        interpretations = [self._codeable(item, at) for at, item in objects_at(resource, "interpretation", where)]
        codes = [code for concept in (value, *interpretations) for code in concept.codes]
        means = {self.exchange.results[code] for code in codes if code in self.exchange.results}
        if word in self.exchange.words:
            means.add(self.exchange.words[word])
        quantity = object_at(resource, "valueQuantity", where)
        if len(means) == 1 and "undecided" not in means:
            return "positive" in means, ""
        if means and not quantity:
            return None, "its result is undecided" if means == {"undecided"} else "its results contradict each other"
        if (value.codes or word) and not quantity:
            return None, "its result is a code or word without a known meaning"
        return None, ""

    def _limit(self, resource: Object, quantity: Object, where: str) -> tuple[float | None, str]:
        """The upper limit of the one reference range, in the unit of the value."""
        limits, other_unit = set(), False
        for at, item in objects_at(resource, "referenceRange", where):
            high = object_at(item, "high", at)
            number = number_at(high, "value", f"{at}.high")
            if number is not None:
                other_unit |= not _same_unit(quantity, high, where)
                limits.add(number)
        if other_unit:
            return None, "the reference range and the value have different units"
        if len(limits) > 1:
            return None, "several reference ranges"
        return (limits.pop() if limits else None), ""

    def _onset(self, resource: Object, where: str) -> Onset | None:
        age, spans = object_at(resource, "onsetAge", where), object_at(resource, "onsetRange", where)
        moment = text_at(resource, "onsetDateTime", where)
        moment = moment or text_at(object_at(resource, "onsetPeriod", where), "start", where)
        if age or spans:
            ends = (age, age) if age else [object_at(spans, end, where) for end in ("low", "high")]
            low, high = (_years(end, where) for end in ends)
            fault = "not an age with a UCUM unit (a, mo, wk or d)"
        elif moment:
            date = read_date(moment)
            low = high = years_between(self.birth, date) if self.birth and date else None
            fault = "a date of onset without a date of birth before it"
        else:
            return None
        return Onset((low, high)) if low is not None and high is not None and low <= high else Onset(fault=fault)

    def _unusable(self, resource: Object, where: str) -> str:
        return UNUSABLE.get(text_at(resource, "status", where), "")

    def _status(self, resource: Object, name: str, where: str) -> str:
        codings = objects_at(object_at(resource, name, where), "coding", f"{where}.{name}")
        return next((text_at(coding, "code", at) for at, coding in codings), "")

    def _known(self, concept: Concept) -> bool:
        return any(code in self.exchange.codes for code in concept.codes)

    def _concept(self, resource: Object, name: str, where: str) -> Concept:
        return self._codeable(object_at(resource, name, where), where)

    def _codeable(self, value: Object, where: str) -> Concept:
        codings = [
            (text_at(c, "system", at), text_at(c, "code", at), text_at(c, "display", at))
            for at, c in objects_at(value, "coding", where)
        ]
        codes = tuple(self.exchange.code(system, code) for system, code, _ in codings if code)
        texts = [shown(code, display, self.identifying) for _, code, display in codings if code]
        return Concept(self._within_file(where), codes, texts[0] if texts else "(no code)")

    def _not_shown(self, where: str) -> Concept:
        return Concept(self._within_file(where), (), "(not shown)")

    def _within_file(self, where: str) -> str:
        """A path without the name of the file, which may itself identify the patient."""
        return where.removeprefix(f"{self.where}.").replace(".resource", "")

    def _is_about_patient(self, resource: Object, where: str) -> bool:
        reference = _subject(resource, where)
        if not reference or self.patient is None:
            return True
        own = {self.patient.address, "Patient/" + text_at(self.patient.resource, "id", self.patient.where)}
        return any(reference.split("/_history")[0].endswith(name) for name in own - {"", "Patient/"})


def read_bundle(content: Object, where: str, exchange: Exchange) -> Record:
    """The statements of a Bundle.

    Raises InputError for another resource, several patients or a field of the wrong type.
    """
    if content.get("resourceType") != "Bundle":
        raise InputError(f"{where}, field resourceType: Bundle is expected, a collection of one patient's resources")
    entries = tuple(_entry(entry, at) for at, entry in objects_at(content, "entry", where))
    patients = [entry for entry in entries if entry.kind == "Patient"]
    subjects = {_subject(e.resource, e.where) for e in entries if e.kind in READ} - {""}
    if len(patients) > 1 or (not patients and len(subjects) > 1):
        raise InputError(f"{where}: a Bundle of one patient is expected; this one holds several")
    patient = patients[0] if patients else None
    resource = patient.resource if patient else {}
    birth = read_date(text_at(resource, "birthDate", f"{where}.Patient"))
    identifying = identifying_words(resource.get(name) for name in IDENTIFYING)
    return BundleReader(where, entries, patient, exchange, birth, identifying).read()


def _entry(entry: Object, where: str) -> Entry:
    resource = object_at(entry, "resource", where)
    kind = text_at(resource, "resourceType", f"{where}.resource")
    return Entry(f"{where}.resource", kind, text_at(entry, "fullUrl", where), resource)


def _subject(resource: Object, where: str) -> str:
    return text_at(object_at(resource, "subject", where), "reference", where)


def _years(age: Object, where: str) -> float | None:
    """Completed years of a FHIR Age; None if its unit is not in YEARS_IN."""
    number = number_at(age, "value", where)
    unit = text_at(age, "code", where) or text_at(age, "unit", where)
    if number is None or unit not in YEARS_IN:
        return None
    return float(int(number * YEARS_IN[unit] + 1e-6))


def _same_unit(value: Object, limit: Object, where: str) -> bool:
    """Whether value and limit have the same unit: by code if both have one, else by the written unit.

    A limit without a unit has that of the value.
    """
    for name in ("code", "unit"):
        ours, theirs = text_at(value, name, where), text_at(limit, name, where)
        if ours and theirs:
            return ours.lower() == theirs.lower()
    return True
