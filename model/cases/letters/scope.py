"""What is said of a sign in its clause: affirmed, denied, uncertain, or not of this patient now.

The method is that of NegEx (Chapman et al., J Biomed Inform 2001;34:301) and ConText (Harkema et al., J Biomed Inform
2009;42:839): words before or after a sign change what is said of it, up to the next word that ends their reach.
"""

import re

from model.cases.letters.clauses import Clause

AFFIRMED, DENIED, UNCERTAIN, NOT_STATED = "affirmed", "denied", "uncertain", "not stated"
OTHERS = {"family", "planned", "past", "hearsay"}
VERB = re.compile(
    r"\b(?:is|was|are|were|has|had|have|developed|noted|shows?|showed|complain\w*|reports?|reported|became|began|there)\b",
    re.IGNORECASE,
)
# "Not" denies what follows directly; "no" and "without" may begin a list.
NEAR = re.compile(r"(?:\bnot|n't)$", re.IGNORECASE)
NOT_CONFIRMED = re.compile(r"\b(?:not (?:present|seen|confirmed|found)|absent)\b", re.IGNORECASE)
THREE_WORDS = re.compile(r"[a-z]{3,}.*[a-z]{3,}.*[a-z]{3,}", re.IGNORECASE)
SEGMENT = re.compile(r"(?:[^,(]|\((?=[+-]))*")
ANSWER_REACH = 28


def status(clause: Clause, start: int, end: int) -> str:
    """What the clause says of the sign at text[start:end], positions within the clause."""
    first = max((m.end for m in clause.marks if m.kind == "stop" and m.end <= start), default=0)
    last = min((m.start for m in clause.marks if m.kind == "stop" and m.start >= end), default=len(clause.text))
    answer = _answer(clause, end, last)
    before = {m.kind for m in clause.marks if m.direction == "before" and m.kind in OTHERS and m.end <= start}
    if "family" in clause.topics[:1] or before or answer in OTHERS:
        return NOT_STATED
    if answer == "uncertain" or _reaches(clause, "uncertain", first, start):
        return DENIED if NOT_CONFIRMED.search(clause.text, end, last) else UNCERTAIN
    if answer == "positive":
        return AFFIRMED
    return DENIED if answer == "negative" or _reaches(clause, "negative", first, start) else AFFIRMED


def _reaches(clause: Clause, kind: str, first: int, start: int) -> bool:
    """Whether a cue of this kind between `first` and the sign at `start` reaches it.

    A comma ends the reach if a verb follows, because a new statement begins there.
    """
    for mark in clause.marks:
        if mark.kind == kind and mark.direction == "before" and mark.start >= first and mark.end <= start:
            parts = clause.text[mark.end : start].split(",")
            if len(parts) > 1 and NEAR.search(clause.text[mark.start : mark.end]):
                continue
            if not any(VERB.search(part) for part in parts[1:]):
                return True
    return False


def _answer(clause: Clause, end: int, last: int) -> str:
    """The kind of the cue that answers a sign directly after it: "Raynaud's: no", "dysphagia absent"; or ""."""
    segment = SEGMENT.match(clause.text, end, last)
    stop = segment.end() if segment else last
    found = [
        (mark.start, -mark.end, mark.kind)
        for mark in clause.marks
        if mark.direction == "after" and end <= mark.start and mark.end <= stop
        and mark.start - end <= ANSWER_REACH and not THREE_WORDS.search(clause.text, end, mark.start)
    ]  # fmt: skip
    return min(found)[2] if found else ""
