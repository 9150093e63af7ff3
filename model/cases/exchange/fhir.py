"""A FHIR R4 Bundle of one patient as statements: Patient, Condition, Observation and medications.

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
# What a status makes of a statement: the reason to leave it out.
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
    """A resource of a Bundle: its place, its kind (a `resourceType`) and its address."""

    place: str
    kind: str
    address: str
    resource: Object


@dataclass(frozen=True)
class BundleReader:
    """One Bundle, and what every resource of it needs: the codes, the birth date, the words that identify."""

    place: str
    entries: tuple[Entry, ...]
    patient: Entry | None
    exchange: Exchange
    birth: Date | None
    identifying: frozenset[str]

    def read(self) -> Record:
        """All statements in the order of the file; raises InputError naming the place of a wrong shape."""
        statements = [
            statement
            for entry in self.entries
            if entry.kind in READ
            for statement in self._resource(entry.kind, entry.resource, entry.place)
        ]
        unread = Counter(entry.kind or "(no type)" for entry in self.entries if entry.kind not in READ)
        left_out = [
            LeftOut("entry", f"{count} × {shown(kind, '', self.identifying)}", "this kind of resource is not read")
            for kind, count in sorted(unread.items())
        ]
        return Record("fhir", tuple(statements), tuple(left_out))

    def _resource(self, kind: str, resource: Object, place: str) -> Iterator[Statement]:
        if kind == "Patient":
            yield from self._sex(resource, place)
        elif not self._is_about_patient(resource, place):
            yield Statement(self._place(place), reason="about another person than the patient of the Bundle")
        elif kind == "Condition":
            yield self._condition(resource, place)
        elif kind == "Observation":
            yield from self._observations(resource, place)
        else:
            concept = self._concept(resource, "medicationCodeableConcept", place)
            yield Statement(concept, says=True, reason=self._unusable(resource, place))

    def _sex(self, resource: Object, place: str) -> Iterator[Statement]:
        gender = text_at(resource, "gender", place)
        if gender:
            reason = "" if Code(GENDER, gender) in self.exchange.codes else "this gender is not a state of the model"
            concept = Concept(self._short(place) + ".gender", (Code(GENDER, gender),), "Gender")
            yield Statement(concept, says=True, reason=reason)

    def _condition(self, resource: Object, place: str) -> Statement:
        verification = self._status(resource, "verificationStatus", place)
        refuted = verification == "refuted"
        clinical = self._status(resource, "clinicalStatus", place)
        reason = UNUSABLE.get(verification, "") or ("" if refuted else UNUSABLE.get(clinical, ""))
        severity = object_at(resource, "severity", place)
        return Statement(
            self._concept(resource, "code", place),
            says=not refuted,
            qualifiers=(self._concept(resource, "severity", place),) if severity else (),
            onset=self._onset(resource, place),
            reason=reason,
        )

    def _observations(self, resource: Object, place: str) -> Iterator[Statement]:
        reason = self._unusable(resource, place)
        components = objects_at(resource, "component", place)
        if not components or any(name.startswith("value") for name in resource):
            yield self._observation(resource, place, reason)
        for at, component in components:
            yield self._observation(component, at, reason)

    def _observation(self, resource: Object, place: str, reason: str) -> Statement:
        concept = self._concept(resource, "code", place)
        if resource.get("dataAbsentReason") is not None:
            return Statement(concept, reason=reason or "the result is missing")
        value = self._concept(resource, "valueCodeableConcept", place)
        if not self._known(concept) and self._known(value):
            return Statement(value, says=True, reason=reason)  # "physical finding: dysphagia"
        says, fault = self._says(resource, value, place)
        quantity = object_at(resource, "valueQuantity", place)
        limit, unit_fault = self._limit(resource, quantity, place)
        comparator = text_at(quantity, "comparator", place)[:1]
        return Statement(
            concept,
            says=says,
            number=number_at(quantity, "value", place),
            limit=limit,
            comparator=comparator if comparator in ("<", ">") else "",
            reason=reason or fault or (unit_fault if says is None else ""),
        )

    def _says(self, resource: Object, value: Concept, place: str) -> tuple[bool | None, str]:
        """What the result says (None: nothing), and why a given result cannot be read."""
        if resource.get("valueBoolean") is not None:
            return flag_at(resource, "valueBoolean", place), ""
        word = text_at(resource, "valueString", place).lower()
        interpretations = [self._codeable(item, at) for at, item in objects_at(resource, "interpretation", place)]
        codes = [code for concept in (value, *interpretations) for code in concept.codes]
        means = {self.exchange.results[code] for code in codes if code in self.exchange.results}
        if word in self.exchange.words:
            means.add(self.exchange.words[word])
        quantity = object_at(resource, "valueQuantity", place)
        if len(means) == 1 and "undecided" not in means:
            return "positive" in means, ""
        if means and not quantity:
            return None, "its result is undecided" if means == {"undecided"} else "its results contradict each other"
        if (value.codes or word) and not quantity:
            return None, "its result is not a code or word that is known here"
        return None, ""

    def _limit(self, resource: Object, quantity: Object, place: str) -> tuple[float | None, str]:
        """The upper limit of the one reference range, in the unit of the value."""
        limits, other_unit = set(), False
        for at, item in objects_at(resource, "referenceRange", place):
            high = object_at(item, "high", at)
            number = number_at(high, "value", f"{at}.high")
            if number is not None:
                other_unit |= not _same_unit(quantity, high, place)
                limits.add(number)
        if other_unit:
            return None, "the reference range is in another unit than the value"
        if len(limits) > 1:
            return None, "several reference ranges"
        return (limits.pop() if limits else None), ""

    def _onset(self, resource: Object, place: str) -> Onset | None:
        age, spans = object_at(resource, "onsetAge", place), object_at(resource, "onsetRange", place)
        moment = text_at(resource, "onsetDateTime", place)
        moment = moment or text_at(object_at(resource, "onsetPeriod", place), "start", place)
        if age or spans:
            ends = (age, age) if age else [object_at(spans, end, place) for end in ("low", "high")]
            low, high = (_years(end, place) for end in ends)
            fault = "not an age in a unit of time that is known here"
        elif moment:
            date = read_date(moment)
            low = high = years_between(self.birth, date) if self.birth and date else None
            fault = "a date of onset without a date of birth before it"
        else:
            return None
        return Onset((low, high)) if low is not None and high is not None and low <= high else Onset(fault=fault)

    def _unusable(self, resource: Object, place: str) -> str:
        return UNUSABLE.get(text_at(resource, "status", place), "")

    def _status(self, resource: Object, name: str, place: str) -> str:
        codings = objects_at(object_at(resource, name, place), "coding", f"{place}.{name}")
        return next((text_at(coding, "code", at) for at, coding in codings), "")

    def _known(self, concept: Concept) -> bool:
        return any(code in self.exchange.codes for code in concept.codes)

    def _concept(self, resource: Object, name: str, place: str) -> Concept:
        return self._codeable(object_at(resource, name, place), place)

    def _codeable(self, value: Object, place: str) -> Concept:
        codings = [
            (text_at(c, "system", at), text_at(c, "code", at), text_at(c, "display", at))
            for at, c in objects_at(value, "coding", place)
        ]
        codes = tuple(self.exchange.code(system, code) for system, code, _ in codings if code)
        texts = [shown(code, display, self.identifying) for _, code, display in codings if code]
        return Concept(self._short(place), codes, texts[0] if texts else "(no code)")

    def _place(self, place: str) -> Concept:
        return Concept(self._short(place), (), "(not shown)")

    def _short(self, place: str) -> str:
        """A place inside the file: the name of the file may itself identify the patient."""
        return place.removeprefix(f"{self.place}.").replace(".resource", "")

    def _is_about_patient(self, resource: Object, place: str) -> bool:
        reference = _subject(resource, place)
        if not reference or self.patient is None:
            return True
        own = {self.patient.address, "Patient/" + text_at(self.patient.resource, "id", self.patient.place)}
        return any(reference.split("/_history")[0].endswith(name) for name in own - {"", "Patient/"})


def read_bundle(content: Object, place: str, exchange: Exchange) -> Record:
    """The statements of a Bundle; raises InputError for another resource, several patients or a wrong shape."""
    if content.get("resourceType") != "Bundle":
        raise InputError(f"{place}, field resourceType: Bundle is expected, a collection of one patient's resources")
    entries = tuple(_entry(entry, at) for at, entry in objects_at(content, "entry", place))
    patients = [entry for entry in entries if entry.kind == "Patient"]
    subjects = {_subject(e.resource, e.place) for e in entries if e.kind in READ} - {""}
    if len(patients) > 1 or (not patients and len(subjects) > 1):
        raise InputError(f"{place}: a Bundle of one patient is expected; this one holds several")
    patient = patients[0] if patients else None
    resource = patient.resource if patient else {}
    birth = read_date(text_at(resource, "birthDate", f"{place}.Patient"))
    identifying = identifying_words(resource.get(name) for name in IDENTIFYING)
    return BundleReader(place, entries, patient, exchange, birth, identifying).read()


def _entry(entry: Object, place: str) -> Entry:
    resource = object_at(entry, "resource", place)
    kind = text_at(resource, "resourceType", f"{place}.resource")
    return Entry(f"{place}.resource", kind, text_at(entry, "fullUrl", place), resource)


def _subject(resource: Object, place: str) -> str:
    return text_at(object_at(resource, "subject", place), "reference", place)


def _years(age: Object, place: str) -> float | None:
    """Completed years of a FHIR Age; None without a unit of time that UCUM knows."""
    number = number_at(age, "value", place)
    unit = text_at(age, "code", place) or text_at(age, "unit", place)
    if number is None or unit not in YEARS_IN:
        return None
    return float(int(number * YEARS_IN[unit] + 1e-6))


def _same_unit(value: Object, limit: Object, place: str) -> bool:
    """Codes are compared when both give one, else the written units; a limit without a unit has that of the value."""
    for name in ("code", "unit"):
        ours, theirs = text_at(value, name, place), text_at(limit, name, place)
        if ours and theirs:
            return ours.lower() == theirs.lower()
    return True
