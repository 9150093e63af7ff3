"""What is said of a sign in its clause: affirmed, denied, uncertain, or not of this patient now.

The method is that of NegEx (Chapman et al., J Biomed Inform 2001;34:301) and ConText (Harkema et al., J Biomed Inform
2009;42:839): words before or after a sign change what is said of it, up to the next word that ends their reach.
"""

import re

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

AFFIRMED, DENIED, UNCERTAIN, NOT_STATED = "affirmed", "denied", "uncertain", "not stated"
VERB = re.compile(
    r"\b(?:is|was|are|were|has|had|have|developed|noted|shows?|showed|complain\w*|reports?|reported|became|began|there)\b",
    re.IGNORECASE,
)
ANSWER_REACH = 28
# "Not" denies what follows directly; "no" and "without" may begin a list.
NEAR = re.compile(r"(?:\bnot|n't)$", re.IGNORECASE)
NOT_CONFIRMED = re.compile(r"\b(?:not (?:present|seen|confirmed|found)|absent)\b", re.IGNORECASE)
OTHERS = ("family", "planned", "past", "hearsay")


def status(clause: Clause, start: int, end: int, lexicon: Lexicon) -> str:
    """What the clause says of the sign at text[start:end], positions within the clause."""
    before, after = _reach(clause.text, start, end, lexicon)
    answer = _answer(after, lexicon)
    kinds = {cue.kind for cue in lexicon.cues if cue.direction == "before" and cue.kind in OTHERS
             and cue.pattern.search(clause.text[:start])} | (answer & set(OTHERS))  # fmt: skip
    if "family" in clause.topics[:1] or kinds & set(OTHERS):
        return NOT_STATED
    if "uncertain" in answer or _last(before, "uncertain", lexicon):
        return DENIED if NOT_CONFIRMED.search(after) else UNCERTAIN
    if "positive" in answer:
        return AFFIRMED
    if "negative" in answer or _last(before, "negative", lexicon):
        return DENIED
    return AFFIRMED


def _reach(text: str, start: int, end: int, lexicon: Lexicon) -> tuple[str, str]:
    """The words before and after a sign that can change what is said of it."""
    stops = [cue.pattern for cue in lexicon.cues if cue.kind == "stop"]
    first = max((m.end() for stop in stops for m in stop.finditer(text, 0, start)), default=0)
    last = min((m.start() for stop in stops for m in stop.finditer(text, end)), default=len(text))
    return text[first:start], text[end:last]


def _last(before: str, kind: str, lexicon: Lexicon) -> bool:
    """Whether a cue of this kind reaches the sign that follows `before`.

    A comma ends its reach if a verb follows, because a new statement begins there.
    """
    for cue in lexicon.cues:
        if cue.kind == kind and cue.direction == "before":
            for match in cue.pattern.finditer(before):
                parts = before[match.end() :].split(",")
                if len(parts) > 1 and NEAR.search(match[0]):
                    continue
                if not any(VERB.search(part) for part in parts[1:]):
                    return True
    return False


def _answer(after: str, lexicon: Lexicon) -> set[str]:
    """The kind of cue that answers a sign directly after it: "Raynaud's: no", "dysphagia absent"."""
    segment = re.split(r"[,(]", after)[0][:60]
    best: tuple[int, int, str] | None = None
    for cue in lexicon.cues:
        if cue.direction == "after":
            for match in cue.pattern.finditer(segment):
                if match.start() <= ANSWER_REACH and not _crosses(segment[: match.start()]):
                    found = (match.start(), -match.end(), cue.kind)
                    best = min(best, found) if best else found
    return {best[2]} if best else set()


def _crosses(gap: str) -> bool:
    """Whether there is more between a sign and its answer than a few small words."""
    return bool(re.search(r"[a-z]{3,}.*[a-z]{3,}.*[a-z]{3,}", gap, re.IGNORECASE))
