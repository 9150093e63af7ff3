"""The resources of a Bundle: which version of each counts, and which resource a reference means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from model.cases.exchange.fhir.usable import UNKNOWN_MODIFIER, is_modified
from model.cases.exchange.shape import Object, object_at, objects_at, text_at
from model.errors import InputError

OLDER_KINDS = ("MedicationOrder", "DiagnosticOrder", "ProcedureRequest", "ReferralRequest", "DeviceUseRequest")
OLDER_FIELDS = {
    "Condition": ("dateRecorded", "assertedDate", "patient"),
    "Observation": ("comments", "related"),
    "MedicationStatement": ("taken", "wasNotTaken", "reasonNotTaken", "patient"),
    "MedicationAdministration": ("notGiven", "wasNotGiven", "reasonNotGiven", "patient"),
    "MedicationRequest": ("patient",),
    "Patient": ("animal",),
}
WORDS_IN_OLDER = ("clinicalStatus", "verificationStatus")
OLDER_PROFILE = re.compile(r"hl7\.org/fhir/(DSTU2|STU3|1\.0|3\.0)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A resource of a Bundle.

    `where`: its path in the file. `kind`: its `resourceType`. `address`: its `fullUrl`. `reason`: why it does not
    count, whatever it says.
    """

    where: str
    kind: str
    address: str
    resource: Object
    reason: str = ""

    @property
    def id(self) -> str:
        return text_at(self.resource, "id", self.where)


Named = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True)
class Version:
    """A version of a resource: its entry, the number and time of the version, and whether it says "deleted"."""

    entry: Entry
    number: int | None
    time: str
    deleted: bool


def read_entries(content: Object, where: str) -> tuple[Entry, ...]:
    """The resources of a Bundle; of several versions of one, only the newest has no `reason`.

    Raises InputError for a Bundle of an older version of FHIR than R4.
    """
    history = text_at(content, "type", where) == "history"
    groups: dict[str, list[Version]] = {}
    order = []
    for at, item in objects_at(content, "entry", where):
        version = _version(item, at)
        _check_version_of_fhir(version.entry, where)
        key = _identity(item, version.entry, at)
        groups.setdefault(key, []).append(version)
        order.append((key, version))
    newest = {key: _newest(group, history) for key, group in groups.items()}
    return tuple(_judged(version, newest[key]) for key, version in order if version.entry.resource)


def by_name(entries: Iterable[Entry]) -> Named:
    """The resources by their address and by kind and id, the two ways to refer to them."""
    named: dict[str, list[Entry]] = {}
    for entry in entries:
        for name in {entry.address, f"{entry.kind}/{entry.id}" if entry.id else ""} - {""}:
            named.setdefault(name, []).append(entry)
    return named


def resolve(named: Named, resource: Object, reference: str) -> Entry | None:
    """The resource that a reference in `resource` means: contained in it, or another of the Bundle."""
    if reference.startswith("#"):
        for at, inner in objects_at(resource, "contained", "contained"):
            if text_at(inner, "id", at) == reference[1:]:
                return Entry(at, text_at(inner, "resourceType", at), "", inner)
        return None
    plain, _, version = reference.partition("/_history/")
    elsewhere = named.get("/".join(plain.split("/")[-2:]), ()) if "://" in plain else ()
    found = [*named.get(plain, ()), *(entry for entry in elsewhere if "://" not in entry.address)]
    exact = [
        e for e in found if version and text_at(object_at(e.resource, "meta", e.where), "versionId", e.where) == version
    ]
    return next(iter([*exact, *(e for e in found if not e.reason), *found]), None)


def _version(item: Object, where: str) -> Version:
    resource, request = object_at(item, "resource", where), object_at(item, "request", where)
    response, meta = object_at(item, "response", where), object_at(resource, "meta", where)
    kind = text_at(resource, "resourceType", f"{where}.resource")
    number = re.search(r"\d+", text_at(meta, "versionId", where) or text_at(response, "etag", where))
    reason = UNKNOWN_MODIFIER if is_modified({k: v for k, v in item.items() if k != "resource"}) else ""
    address = text_at(item, "fullUrl", where).partition("/_history/")[0]
    return Version(
        Entry(f"{where}.resource", kind, address, resource, reason),
        int(number[0]) if number else None,
        text_at(meta, "lastUpdated", where) or text_at(response, "lastModified", where),
        text_at(request, "method", where) == "DELETE",
    )


def _identity(item: Object, entry: Entry, where: str) -> str:
    """What all versions of one resource share: kind and id, or the address."""
    if entry.kind and entry.id:
        return f"{entry.kind}/{entry.id}"
    url = text_at(object_at(item, "request", where), "url", where) or entry.address
    ends = url.partition("/_history")[0].split("/")
    return "/".join(ends[-2:]) if url and (not entry.kind or entry.address) else where


def _newest(group: Sequence[Version], history: bool) -> Version | None:
    """The version that counts; None if they cannot be compared, so that all count."""
    if len(group) == 1:
        return group[0]
    numbers, times = [v.number for v in group], [_moment(v.time) for v in group]
    if None not in numbers and len(set(numbers)) == len(group):
        return max(group, key=lambda v: v.number or 0)
    known = [time for time in times if time is not None]
    if len(known) == len(group) and len(set(known)) > 1:
        return group[times.index(max(known))]
    if history:
        return group[0]  # a history lists the newest version first
    return next((v for v in group if v.deleted), None)


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _judged(version: Version, newest: Version | None) -> Entry:
    entry = version.entry
    if entry.reason:
        return entry
    if version.deleted or (newest is not None and newest.deleted):
        return replace(entry, reason="deleted")
    if newest is not None and newest is not version:
        return replace(entry, reason="an older version of this resource")
    return entry


def _check_version_of_fhir(entry: Entry, where: str) -> None:
    sign = _sign_of_older(entry)
    if sign:
        raise InputError(
            f"{where}: FHIR R4, R4B or R5 is needed; this file is of an older version (DSTU2 or STU3): {sign}"
        )


def _sign_of_older(entry: Entry) -> str:
    """What shows that a resource is older than R4; empty if nothing does."""
    if entry.kind in OLDER_KINDS:
        return f"it has a {entry.kind}"
    for name in WORDS_IN_OLDER if entry.kind == "Condition" else ():
        if isinstance(entry.resource.get(name), str):
            return f"{entry.kind}.{name} is a word"
    if entry.kind == "Observation" and isinstance(entry.resource.get("interpretation"), dict):
        return "Observation.interpretation is not a list"
    for name in OLDER_FIELDS.get(entry.kind, ()):
        if name in entry.resource:
            return f"{entry.kind} has the field {name}"
    profiles = object_at(entry.resource, "meta", entry.where).get("profile")
    for profile in profiles if isinstance(profiles, list) else ():
        if isinstance(profile, str) and OLDER_PROFILE.search(profile):
            return "its profile names that version"
    return ""
