"""Statin and corticosteroid before the illness, and muscle disease in the family."""

from collections.abc import Iterator, Sequence

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon
from model.cases.letters.scope import DENIED, UNCERTAIN, status

Stated = tuple[str, object, int, int]
STATIN, STEROID, FAMILY = "statin_exposure", "corticosteroid_exposure", "family_history_of_myopathy"


def exposures(found: Sequence[Clause], lexicon: Lexicon, onset: float | None) -> Iterator[Stated]:
    """Finding, state and place in the letter. onset: the age at the first symptom, if the letter gives it."""
    for clause in found:
        yield from _statin(clause, lexicon, onset)
        yield from _steroid(clause, lexicon)
    yield from _family(found, lexicon)


def _statin(clause: Clause, lexicon: Lexicon, onset: float | None) -> Iterator[Stated]:
    """A statin at or before the onset; one begun after it is no exposure."""
    words, text = lexicon.phrases, clause.text
    match = words["statin"].search(text)
    if match is None:
        return
    where = (clause.start + match.start(), clause.start + match.end())
    begun = words["begun_at_age"].search(text)
    late = bool(words["after_onset"].search(text)) or bool(begun and onset is not None and float(begun["age"]) > onset)
    said = status(clause, match.start(), match.end())
    denied = bool(words["never"].match(text, match.end()) or words["never_taken"].search(text)) or any(
        words["denied_statin"].search(text[: named.start()]) for named in words["statin"].finditer(text)
    )
    if denied or late or said == DENIED:
        yield STATIN, "absent", *where
    elif not (
        words["not_begun"].search(text)
        or words["intention"].search(text)
        or words["relative"].search(text)
        or said == UNCERTAIN
    ):
        yield STATIN, "present", *where


def _steroid(clause: Clause, lexicon: Lexicon) -> Iterator[Stated]:
    """A corticosteroid for another disease; as a treatment of this illness it is no exposure."""
    words, text = lexicon.phrases, clause.text
    match = words["steroid"].search(text)
    if match is None:
        return
    where = (clause.start + match.start(), clause.start + match.end())
    before = text[: match.start()]
    if words["local_steroid"].search(before):
        return
    if words["denied_steroid"].search(before) or words["never_taken"].search(before):
        if not (words["outcome"].search(text) or words["intention"].search(before) or "plan" in clause.topics[:1]):
            yield STEROID, "absent", *where
    elif (
        words["long_steroid"].search(text)
        and words["other_reason"].search(text)
        and not words["relative"].search(before)
    ):
        yield STEROID, "present", *where


def _family(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Stated]:
    """A near relative with muscle disease; a cousin counts only where the parents are related."""
    words = lexicon.phrases
    related = any(words["first_cousins"].search(clause.text) for clause in found)
    for clause in found:
        text = clause.text
        for match in words["relative"].finditer(text):
            near = text[match.start() : match.end() + 90]
            disease = words["muscle_disease"].search(near)
            if disease is None or words["distant"].search(text) or "?" in near[: disease.end()]:
                continue
            if words["denial"].search(text[: match.start()] + near[: disease.start()]):
                continue
            if match[0].lower() != "cousin" or related:
                start = clause.start + match.start()
                yield FAMILY, "present", start, start + disease.end()
                return
