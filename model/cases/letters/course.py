"""What became of the patient: the response to immunosuppression, and the breathing."""

from collections.abc import Iterator, Sequence

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

Stated = tuple[str, object, int, int]
RESPONSE, BREATHING = "immunosuppression_response", "respiratory_muscle_weakness"


def course(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Stated]:
    """Finding, state and place in the letter."""
    yield from _response(found, lexicon)
    for clause in found:
        yield from _breathing(clause, lexicon)


def _response(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Stated]:
    """The last stated outcome of a treatment. One that is planned or has only begun has no outcome."""
    words = lexicon.phrases
    last: Stated | None = None
    treated: int | None = None
    for clause in found:
        text = clause.text
        if "family" in clause.topics[:1] or words["relative"].search(text[:30]):
            continue
        named = words["treatment"].search(text)
        treated = clause.line if named else treated
        if treated is None or clause.line - treated > 1 or not (named or words["timed"].search(text)):
            continue
        if words["begun"].search(text) and not words["reviewed"].search(text):
            continue
        last = _outcome(clause, lexicon) or last
    if last:
        yield last


def _outcome(clause: Clause, lexicon: Lexicon) -> Stated | None:
    """No improvement, unless a later treatment of the same clause brought one."""
    words, text = lexicon.phrases, clause.text
    worse, better = words["worse"].search(text), words["better"].search(text)
    if worse:
        later = words["better"].search(text, worse.end())
        if not (later and words["then"].search(text[worse.end() : later.start()])):
            return RESPONSE, "not_improved", clause.start + worse.start(), clause.start + worse.end()
        better = later
    return (RESPONSE, "improved", clause.start + better.start(), clause.start + better.end()) if better else None


def _breathing(clause: Clause, lexicon: Lexicon) -> Iterator[Stated]:
    """A normal vital capacity excludes weakness; a low one needs a sign of the muscles beside it."""
    match = lexicon.phrases["vital_capacity"].search(clause.text)
    if match is None or "family" in clause.topics[:1]:
        return
    where, percent = (clause.start + match.start(), clause.start + match.end()), float(match["percent"])
    if percent >= lexicon.limits["normal_capacity"]:
        yield BREATHING, "absent", *where
    elif percent < lexicon.limits["low_capacity"] and lexicon.phrases["muscular"].search(clause.text):
        yield BREATHING, "present", *where
