"""Whether a resource states what it seems to state: its status, its intent, and what changes its meaning."""

import re
from collections.abc import Iterator, Mapping

from model.cases.exchange.shape import Object, object_at, objects_at, text_at

UNKNOWN_MODIFIER = "something that changes its meaning is not understood (modifierExtension or implicitRules)"
NEGATING = ("doNotPerform", "prohibited", "notDone", "notGiven", "wasNotGiven", "wasNotTaken")
"""Fields of several versions and kinds of resources: if true, the thing was not or is not to be done."""
NOT_TAKEN = re.compile(r"\b(not|never) (been )?(taken|taking|started|given|filled|administered)\b", re.IGNORECASE)

# Status of a resource -> why its statement is left out; a status that is not listed is used.
ANY = {
    "entered-in-error": "entered in error",
    "cancelled": "cancelled",
    "not-done": "not done",
    "draft": "a draft",
    "unknown": "its status is unknown",
}
STATUS: Mapping[str, Mapping[str, str]] = {
    "Observation": {
        "registered": "no result yet",
        "specimen-in-process": "no result yet",
        "preliminary": "a preliminary result",
    },
    "MedicationStatement": {
        "intended": "intended, not taken yet",
        "not-taken": "not taken",
    },
    "MedicationRequest": {
        "on-hold": "on hold; not said whether it was taken",
    },
    "MedicationAdministration": {
        "preparation": "not given yet",
    },
    "MedicationDispense": {
        "preparation": "not handed over yet",
        "in-progress": "not handed over yet",
        "on-hold": "not handed over yet",
        "declined": "declined",
        "stopped": "not said whether it was handed over",
    },
}
ORDERS = ("", "order", "original-order", "reflex-order", "filler-order", "instance-order")
INTENTS = {"proposal": "proposed only", "plan": "planned only", "option": "one of several options"}

REFUTED = ("refuted", "ruled out", "excluded", "absent", "known absent", "not present", "723511001", "410516002")
VERIFIED = ("confirmed", "known present", "410515003", "410605003")
UNVERIFIED = {
    "entered in error": "entered in error",
    "unconfirmed": "not confirmed",
    "provisional": "not confirmed",
    "differential": "not confirmed",
    "suspected": "not confirmed",
    "possible": "not confirmed",
    "probable": "not confirmed",
}
COURSE = {
    **dict.fromkeys(("active", "recurrence", "relapse", "recurrent"), ""),
    **dict.fromkeys(("inactive", "remission", "resolved"), "no longer active"),
    "unknown": "",
}


def is_modified(value: object, apart_from: tuple[str, ...] = ()) -> bool:
    """Whether any part of a resource has a `modifierExtension` or `implicitRules`; fields in `apart_from` are skipped.

    Such an extension may reverse the meaning of the element, and its content is not known here.
    """
    if isinstance(value, dict):
        return any(
            (name in ("modifierExtension", "implicitRules") and bool(inner)) or is_modified(inner)
            for name, inner in value.items()
            if name not in apart_from
        )
    return isinstance(value, list) and any(is_modified(inner) for inner in value)


def why_not(resource: Object, kind: str, where: str) -> str:
    """Why a resource of a kind with a `status` cannot be used; empty if it can."""
    status = text_at(resource, "status", where)
    reason = STATUS.get(kind, {}).get(status) or ANY.get(status, "")
    if any(resource.get(name) is True for name in NEGATING):
        return reason or "not to be done, or not done"
    if kind == "MedicationRequest":
        intent = text_at(resource, "intent", where)
        reason = reason or ("" if intent in ORDERS else INTENTS.get(intent, "its intent is not an order"))
    if kind.startswith("Medication"):
        reason = reason or _not_taken(resource, where)
    return reason


def verification(resource: Object, where: str) -> tuple[bool, str]:
    """Whether a Condition is present (False: refuted), and why it cannot be used; any coding or the text may say so."""
    words = list(_words(resource, "verificationStatus", where))
    reasons = [UNVERIFIED[word] for word in words if word in UNVERIFIED]
    refuted = any(word in REFUTED for word in words)
    if reasons:
        return True, reasons[0]
    if refuted and any(word in VERIFIED for word in words):
        return True, "its verification statuses contradict each other"
    if words and not refuted and not any(word in VERIFIED for word in words):
        return True, "its verification status is not understood"
    return not refuted, "" if refuted else _course(resource, where)


def _course(resource: Object, where: str) -> str:
    words = list(_words(resource, "clinicalStatus", where))
    known = [COURSE[word] for word in words if word in COURSE]
    if words and not known:
        return "its clinical status is not understood"
    ended = not words and any(
        name.startswith("abatement") and value not in (None, False) for name, value in resource.items()
    )
    return "no longer active" if ended else next((reason for reason in known if reason), "")


def _not_taken(resource: Object, where: str) -> str:
    """What the adherence (R5) or the reason of a status says."""
    adherence = object_at(object_at(resource, "adherence", where), "code", where)
    for word in _words({"code": adherence}, "code", where):
        if word.startswith(("not ", "unknown")):
            return "not taken"
    for name in ("statusReason", "statusReasonCodeableConcept", "notPerformedReason", "adherence"):
        value = resource.get(name)
        for item in value if isinstance(value, list) else [value]:
            if any(NOT_TAKEN.search(text) for text in _all_text(item)):
                return "not taken"
    return ""


def _words(resource: Object, name: str, where: str) -> Iterator[str]:
    """The codes of every coding of a status, and its text, with spaces for hyphens. A code without a system counts."""
    status = object_at(resource, name, where)
    for at, coding in objects_at(status, "coding", f"{where}.{name}"):
        yield _plain(text_at(coding, "code", at) or text_at(coding, "display", at))
    if text := text_at(status, "text", f"{where}.{name}"):
        yield _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"[-_\s]+", " ", text).strip(" .").lower()


def _all_text(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _all_text(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _all_text(inner)
