"""Reads the resources of a Bundle as statements about its patient."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from model.cases.exchange.ages import YEARS_IN, Age, Date, read_date, years_between
from model.cases.exchange.codes import Exchange
from model.cases.exchange.fhir.bundle import Entry, Named, by_name, read_entries, resolve
from model.cases.exchange.fhir.medications import drug, referred
from model.cases.exchange.fhir.ranges import Person, unit_of, upper_limit
from model.cases.exchange.fhir.results import ResultReader, units
from model.cases.exchange.fhir.usable import UNKNOWN_MODIFIER, is_modified, verification, why_not
from model.cases.exchange.privacy import identifying_words, shown
from model.cases.exchange.records import ABSENT, PRESENT, Code, Concept, LeftOut, Onset, Record, Statement
from model.cases.exchange.shape import Object, number_at, object_at, objects_at, text_at
from model.errors import InputError

GENDER = "FHIR gender"
MEDICATIONS = ("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")
READ = ("Patient", "Condition", "Observation", *MEDICATIONS)
BY_REFERENCE = ("Medication", "Substance")
UNREAD = {
    "FamilyMemberHistory": "about a relative, not the patient",
    **dict.fromkeys(BY_REFERENCE, "nothing says that the patient takes it"),
}
IDENTIFYING = ("id", "identifier", "name", "telecom", "address", "birthDate", "contact")
PARTS = ("component", "referenceRange", "contained")
"""Parts of a resource that are judged one by one."""
NOT_OF_THE_PATIENT = re.compile(
    r"family|relative|mother|father|sibling|excluded|ruled out|absen|denie|allerg", re.IGNORECASE
)


@dataclass(frozen=True)
class BundleReader:
    """One Bundle, with what is needed to read its resources.

    `birth`: date of birth, if known. `identifying`: words that could identify the patient.
    """

    where: str
    entries: tuple[Entry, ...]
    named: Named
    patient: Entry | None
    exchange: Exchange
    birth: Date | None
    identifying: frozenset[str]

    def read(self) -> Record:
        """All statements in the order of the file; raises InputError naming a field of the wrong type."""
        statements = [statement for entry in self.entries if entry.kind in READ for statement in self._resource(entry)]
        used = referred(self.entries, self.named, MEDICATIONS)
        rest = (entry for entry in self.entries if entry.kind not in READ and entry.where not in used)
        unread = Counter(entry.kind or "(no type)" for entry in rest)
        left_out = [
            LeftOut("entry", f"{count} × {shown(kind, '', self.identifying)}",
                    UNREAD.get(kind, "this kind of resource is not read"))
            for kind, count in sorted(unread.items())
        ]  # fmt: skip
        return Record("fhir", tuple(statements), tuple(left_out))

    def _resource(self, entry: Entry) -> Iterator[Statement]:
        kind, resource, where = entry.kind, entry.resource, entry.where
        if kind != "Patient" and not self._is_about_patient(resource, where):
            yield Statement(self._not_shown(where), reason="about another person, not the patient of the Bundle")
            return
        reason = entry.reason or (UNKNOWN_MODIFIER if is_modified(resource, PARTS) else "")
        if kind == "Patient":
            yield from self._sex(resource, where, reason)
        elif kind == "Condition":
            yield self._condition(resource, where, reason)
        elif kind == "Observation":
            yield from self._observations(resource, where, reason or why_not(resource, kind, where))
        else:
            concept, unknown = drug(resource, self.named, self._codeable, where)
            yield Statement(concept, PRESENT, reason=reason or why_not(resource, kind, where) or unknown)

    def _sex(self, resource: Object, where: str, reason: str) -> Iterator[Statement]:
        gender = text_at(resource, "gender", where)
        if gender:
            known = Code(GENDER, gender) in self.exchange.codes
            concept = Concept(self._within_file(where) + ".gender", (Code(GENDER, gender),), "Gender")
            yield Statement(
                concept, PRESENT, reason=reason or ("" if known else "this gender is not a state of the model")
            )

    def _condition(self, resource: Object, where: str, reason: str) -> Statement:
        present, why = verification(resource, where)
        severity = object_at(resource, "severity", where)
        return Statement(
            self._concept(resource, "code", where),
            PRESENT if present else ABSENT,
            qualifiers=(self._concept(resource, "severity", where),) if severity else (),
            onset=self._onset(resource, where),
            reason=reason or why,
        )

    def _observations(self, resource: Object, where: str, reason: str) -> Iterator[Statement]:
        components = objects_at(resource, "component", where)
        person = self._person(resource, where)
        if not components or any(name.startswith("value") for name in resource):
            yield self._observation(resource, where, reason, person)
        for at, component in components:
            why = reason or (UNKNOWN_MODIFIER if is_modified(component, PARTS) else "")
            yield self._observation(component, at, why, person)

    def _observation(self, resource: Object, where: str, reason: str, person: Person) -> Statement:
        concept = self._concept(resource, "code", where)
        if reason or resource.get("dataAbsentReason") is not None:
            return Statement(concept, reason=reason or "the result is missing")
        value = self._concept(resource, "valueCodeableConcept", where)
        if not self._known(concept) and self._known(value) and not NOT_OF_THE_PATIENT.search(concept.text):
            return Statement(value, PRESENT)  # "physical finding: dysphagia"
        result = ResultReader(self.exchange, self.identifying).read(resource, where)
        unit = tuple(units(resource, where)) or ((result.unit,) if result.unit else ())
        limit, no_limit = upper_limit(resource, unit, person, self.exchange, where)
        return Statement(concept, result, limit, no_limit)

    def _person(self, resource: Object, where: str) -> Person:
        """The patient at the time of an Observation."""
        period = object_at(resource, "effectivePeriod", where)
        moment = next(
            (
                text
                for name in ("effectiveDateTime", "effectiveInstant", "issued")
                if (text := text_at(resource, name, where))
            ),
            text_at(period, "start", where),
        )
        date, patient = read_date(moment), self.patient
        gender = text_at(patient.resource, "gender", patient.where) if patient else ""
        return Person(self.exchange.sex(Code(GENDER, gender)), Age(self.birth, date) if self.birth and date else None)

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

    def _known(self, concept: Concept) -> bool:
        return any(self.exchange.meaning(code) for code in concept.codes)

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
        """Whether the subject is the patient, and the focus, if there is one, too."""
        subject = object_at(resource, "subject", where)
        return all(
            self._is_patient(person, resource, at)
            for at, person in ((where, subject), *objects_at(resource, "focus", where))
            if person or at != where
        )

    def _is_patient(self, reference: Object, resource: Object, where: str) -> bool:
        text = text_at(reference, "reference", where)
        if not text:
            return where.endswith("resource") and text_at(reference, "type", where) in ("", "Patient")
        if text.startswith("#"):
            target = resolve({}, resource, text)
            return target is not None and target.kind == "Patient"
        if self.patient is None:
            return "focus" not in where
        plain = text.partition("/_history")[0]
        own = {self.patient.address, "Patient/" + self.patient.id} - {"", "Patient/"}
        return any(plain == name or plain.endswith("/" + name) for name in own)


def read_bundle(content: Object, where: str, exchange: Exchange) -> Record:
    """The statements of a Bundle.

    Raises InputError for another resource, several patients, an older version of FHIR, or a field of the wrong type.
    """
    if content.get("resourceType") != "Bundle":
        raise InputError(f"{where}, field resourceType: Bundle is expected, a collection of one patient's resources")
    if is_modified({name: value for name, value in content.items() if name != "entry"}):
        raise InputError(f"{where}: {UNKNOWN_MODIFIER}")
    entries = read_entries(content, where)
    patients = [entry for entry in entries if entry.kind == "Patient" and not entry.reason]
    subjects = {_subject(e.resource, e.where) for e in entries if e.kind in READ} - {""}
    if len(patients) > 1 or (not patients and len(subjects) > 1):
        raise InputError(f"{where}: a Bundle of one patient is expected; this one holds several")
    patient = patients[0] if patients else None
    resource = patient.resource if patient else {}
    usable = not is_modified(resource)
    birth = read_date(text_at(resource, "birthDate", f"{where}.Patient")) if usable else None
    everyone = [entry.resource for entry in entries if entry.kind == "Patient"]
    identifying = identifying_words(person.get(name) for person in everyone for name in IDENTIFYING)
    return BundleReader(where, entries, by_name(entries), patient, exchange, birth, identifying).read()


def _subject(resource: Object, where: str) -> str:
    return text_at(object_at(resource, "subject", where), "reference", where).partition("/_history")[0]


def _years(age: Object, where: str) -> float | None:
    """Completed years of a FHIR Age; None if its unit is not in YEARS_IN."""
    number = number_at(age, "value", where)
    unit = next((text for text in unit_of(age, where) if text in YEARS_IN), "")
    return float(int(number * YEARS_IN[unit] + 1e-6)) if number is not None and unit else None
