"""The drug that a resource is about: in codes, by reference, contained, or as an ingredient."""

from collections.abc import Callable, Iterator, Sequence

from model.cases.exchange.fhir.bundle import Entry, Named, resolve
from model.cases.exchange.fhir.usable import UNKNOWN_MODIFIER, is_modified
from model.cases.exchange.records import Concept
from model.cases.exchange.shape import Object, object_at, objects_at, text_at

Codeable = Callable[[Object, str], Concept]
DEEPEST = 3
"""A reference leads to a medication, its ingredient, and that of the ingredient."""


def drug(resource: Object, named: Named, codeable: Codeable, where: str) -> tuple[Concept, str]:
    """The drug of a resource, and why it is not known (empty if it is). `codeable` reads a CodeableConcept."""
    newer = object_at(resource, "medication", where)  # R5
    coded = object_at(resource, "medicationCodeableConcept", where) or object_at(newer, "concept", where)
    reference = object_at(resource, "medicationReference", where) or object_at(newer, "reference", where)
    concept = codeable(coded, where)
    if coded or not reference:
        return concept, ""
    target = _target(reference, named, resource, where)
    if target is None:
        return concept, "the medication that it refers to is not in the file"
    reason = target.reason or _unusable(target)
    found = list(_drugs(target, named, codeable, DEEPEST))
    codes = tuple(dict.fromkeys(code for inner in found for code in inner.codes))
    text = next((inner.text for inner in found if inner.codes), concept.text)
    return Concept(concept.where, codes, text), reason


def referred(entries: Sequence[Entry], named: Named, kinds: Sequence[str]) -> set[str]:
    """The paths of the medications and substances to which a resource of one of the kinds refers."""
    found: set[str] = set()
    for entry in entries:
        if entry.kind in kinds:
            newer = object_at(entry.resource, "medication", entry.where)
            reference = object_at(entry.resource, "medicationReference", entry.where)
            reference = reference or object_at(newer, "reference", entry.where)
            target = _target(reference, named, entry.resource, entry.where) if reference else None
            found |= {target.where} if target else set()
    return found


def _target(reference: Object, named: Named, resource: Object, where: str) -> Entry | None:
    return resolve(named, resource, text_at(reference, "reference", where))


def _drugs(entry: Entry, named: Named, codeable: Codeable, deep: int) -> Iterator[Concept]:
    """The drug itself and its active ingredients."""
    resource, where = entry.resource, entry.where
    yield codeable(object_at(resource, "code", where), where)
    for at, ingredient in objects_at(resource, "ingredient", where) if deep else ():
        if is_modified(ingredient) or ingredient.get("isActive") is False:
            continue
        item = object_at(ingredient, "item", at)  # R5
        yield codeable(object_at(ingredient, "itemCodeableConcept", at) or object_at(item, "concept", at), at)
        reference = object_at(ingredient, "itemReference", at) or object_at(item, "reference", at)
        inner = _target(reference, named, resource, at) if reference else None
        if inner is not None and not inner.reason and not _unusable(inner):
            yield from _drugs(inner, named, codeable, deep - 1)


def _unusable(entry: Entry) -> str:
    if is_modified(entry.resource, apart_from=("ingredient", "contained")):
        return UNKNOWN_MODIFIER
    wrong = text_at(entry.resource, "status", entry.where) == "entered-in-error"
    return "entered in error" if wrong else ""
