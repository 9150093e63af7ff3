"""Drugs before the illness, the response to treatment, and the family."""

import re
from collections.abc import Iterator, Sequence

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon
from model.cases.letters.scope import DENIED, NOT_STATED, status

STATIN = re.compile(r"\b(?:statins?|(?:atorva|simva|rosuva|prava|fluva|pitava|lova)statin|lipitor|crestor|zocor)\b", re.IGNORECASE)
STEROID = re.compile(r"\b(?:(?:cortico|gluco\w*)?steroids?|glucocorticoids?|prednisolone|prednisone|pred|dexamethasone|methylprednisolone|hydrocortisone|cortisone|deflazacort)\b", re.IGNORECASE)
TREATMENT = re.compile(r"\b(?:(?:cortico)?steroids?|prednisolone|prednisone|pred|ivmp|mp|methylprednisolone|ivig|immunoglobulins?|methotrexate|mtx|azathioprine|aza|mycophenolate|mmf|rituximab|rtx|cyclophosphamide|cyc|tacrolimus|ciclosporin|plex|plasma exchange|immunosuppress\w*|is rx|abatacept|tofacitinib|jak\w*|rx|treatment|therapy)\b", re.IGNORECASE)
WORSE = re.compile(r"\b(?:no (?:(?:clear|real|apparent|lasting|obvious|clinical|objective|significant) )?(?:response|benefit|improvement|effect|gain|difference|change)|(?:without|w/o) (?:any )?(?:benefit|response|improvement|effect)|made no difference|poor respon\w+|non-?respon\w+|not (?:respond\w*|help\w*|improv\w*|benefit\w*)|fail(?:ed|ure) (?:to (?:respond|improve)|of)|refractory|unresponsive|did(?: not|n't) (?:help|respond|improve|work)|(?:worsen\w*|deteriorat\w*|progress\w*|declin\w*|lost (?:further )?(?:power|strength))[\w ,]{0,20}(?:despite|on|in spite)|despite|lost further|little (?:benefit|response|effect))\b", re.IGNORECASE)
BETTER = re.compile(r"\b(?:(?:good|excellent|brisk|marked|dramatic|clear|prompt|partial|great|complete|rapid) (?:clinical )?(?:response|improvement|recovery)|respond(?:ed|s|ing)|improv(?:ed|ing|ement|es)|better|recover(?:ed|ing|y)|regained|normali[sz]ed|back to (?:normal|work|full)|extubated|remission|returned to (?:normal|work|full)|(?:power|strength)(?: is| was)?:? (?:now )?(?:5|4\+|full|normal)(?:/5)?|walking again|climbs stairs again|(?:ck|cpk)[\w ,]{0,12}(?:fell|fallen|down|normal|halved|settled))(?!\w)", re.IGNORECASE)
TIMED = re.compile(r"\b(?:after|at|by|within|over|following|since|on|with|then|now|post)\b", re.IGNORECASE)
BEGUN = re.compile(r"\b(?:started|commenced|begun|begin|plan\w*|today|will|to start|started today|consider\w*|propose\w*|would like|suggest\w*|recommend\w*|stopped|withdrawal of|stopping|after stopping|thyroxine|levothyroxine|pyridostigmine|fluids)\b", re.IGNORECASE)
YEAR = re.compile(r"\b(?:since|in|from|began|begun|started)\s(?:\w+\s)?((?:19|20)\d\d)\b", re.IGNORECASE)
AT_AGE = re.compile(r"\b(?:begun|began|started|stopped)\b[\w ,]{0,12}\bat (\d{2})\b", re.IGNORECASE)
AFTER_ONSET = re.compile(r"\b(?:never before|only since|started (?:last|this) (?:month|week|year)|after (?:the )?(?:weakness|onset|diagnosis)|since then|later)\b", re.IGNORECASE)
RELATIVE = re.compile(r"\b(?:mother|father|mum|mom|dad|sister|brother|siblings?|son|daughter|cousin|aunt|uncle|niece|nephew|grandmother|grandfather|parents?)\b", re.IGNORECASE)
MUSCLE_DISEASE = re.compile(r"\b(?:muscular dystrophy|dystrophy|duchenne|becker|myopathy|muscle (?:disease|weakness|disorder|wasting|biopsy)|myositis|dermatomyositis|inclusion body|limb-girdle|lgmd|fshd|dysferlin\w*|same (?:\w+ )?(?:problem|disease|weakness|condition|trouble|gait)|similar(?:ly)? (?:problem|weakness|affected)|wheelchair|also weak|mcardle\w*|myotonic|pompe|(?:weak|thin) (?:legs|arms|shoulders))\b", re.IGNORECASE)
FIRST_COUSINS = re.compile(r"\b(?:consanguineous|parents are (?:first )?cousins|consanguinity)\b", re.IGNORECASE)
DISTANT = re.compile(r"\b(?:once removed|second cousin|third cousin|step-?(?:brother|sister|father|mother|son)|adopted|husband|wife|in-law|not relevant|turned out|back injury|misdiagnos\w+)\b", re.IGNORECASE)
LONG_STEROID = re.compile(r"\b(?:long-?term|chronic|maintenance|for (?:many |several |\w+ )?years|daily for|years of|since 20\d\d|\d+ years)\b", re.IGNORECASE)
OTHER_REASON = re.compile(r"\b(?:asthma|copd|pmr|polymyalgia|rheumatoid|ra|crohn\w*|colitis|transplant|addison\w*|giant cell|gca|sarcoid\w*|temporal arteritis|pemphig\w+|lupus|sle|eczema|nephr\w+)\b", re.IGNORECASE)

CAPACITY = re.compile(r"\b(?:fvc|forced vital capacity|vital capacity|vc)\b[^%;]{0,25}?(?P<percent>\d{2,3})\s?%", re.IGNORECASE)
MUSCULAR = re.compile(r"\b(?:mip|snip|nif|mep|supine|lying|niv|intubat\w+|hypoventilation|hypercap\w+|ventilat\w+)\b", re.IGNORECASE)
NORMAL_CAPACITY, LOW_CAPACITY = 80, 60

Stated = tuple[str, object, int, int]


def exposures(found: Sequence[Clause], lexicon: Lexicon, age: float | None, onset: float | None) -> Iterator[Stated]:
    """Statin and corticosteroid before the onset, family history, response to immunosuppression."""
    for clause in found:
        yield from _statin(clause, lexicon, age, onset)
        yield from _steroid(clause, lexicon)
    yield from _response(found)
    yield from _breathing(found)
    yield from _family(found)


def _statin(clause: Clause, lexicon: Lexicon, age: float | None, onset: float | None) -> Iterator[Stated]:
    text = clause.text
    for match in STATIN.finditer(text):
        where = (clause.start + match.start(), clause.start + match.end())
        if re.search(r"(?:no|never|nil|not|without|denies)(?: \w+){0,5} (?:a |any )?$", text[: match.start()], re.IGNORECASE) or re.match(r"[ :]*(?:never|no\b|nil|none)", text[match.end() :], re.IGNORECASE):
            yield "statin_exposure", "absent", *where
            return
        begun = AT_AGE.search(text)
        if begun and onset is not None and float(begun[1]) > onset:
            yield "statin_exposure", "absent", *where
            return
        if AFTER_ONSET.search(text):
            yield "statin_exposure", "absent", *where
            return
        said = status(clause, match.start(), match.end(), lexicon)
        if said == DENIED:
            yield "statin_exposure", "absent", *where
        elif re.search(r"\b(?:consider|avoid|recommend|should|would|plan|may (?:re)?start|restart|advice)\b", text, re.IGNORECASE) or RELATIVE.search(text):
            return
        elif said != "uncertain":
            yield "statin_exposure", "present", *where
        return


def _steroid(clause: Clause, lexicon: Lexicon) -> Iterator[Stated]:
    for match in STEROID.finditer(clause.text):
        where = (clause.start + match.start(), clause.start + match.end())
        before, after = clause.text[: match.start()], clause.text[match.end() :]
        if re.search(r"\b(?:topical|inhaled|nasal|intra-?articular|cream|anabolic)\s*$", before, re.IGNORECASE):
            continue
        if re.search(r"\b(?:no|never|nil|not|without|denies|nor)(?: (?:\w+|or|/)){0,4} $", before, re.IGNORECASE) and not re.search(r"\b(?:response|benefit|improv\w+|respond\w*|effect|plan)\b", clause.text, re.IGNORECASE):
            if not re.search(r"\b(?:plan|recommend\w*|advise\w*)\b", before, re.IGNORECASE) and "plan" not in clause.topics[:1]:
                yield "corticosteroid_exposure", "absent", *where
        elif LONG_STEROID.search(clause.text) and OTHER_REASON.search(clause.text) and not RELATIVE.search(before):
            yield "corticosteroid_exposure", "present", *where
        return


def _response(found: Sequence[Clause]) -> Iterator[Stated]:
    """The last stated outcome of a treatment; one that is planned or just begun has none."""
    treated_line = -5
    last: Stated | None = None
    for clause in found:
        text = clause.text
        named = [m for m in TREATMENT.finditer(text)]
        if "family" in clause.topics[:1] or RELATIVE.search(text[:30]):
            continue
        if named:
            treated_line = clause.line
        if treated_line < 0 or clause.line - treated_line > 1 or not (named or TIMED.search(text)):
            continue
        for state, pattern in (("not_improved", WORSE), ("improved", BETTER)):
            match = pattern.search(text)
            if match and not (BEGUN.search(text) and not re.search(r"\b(?:review|after|at \d)\b", text, re.IGNORECASE)):
                later = BETTER.search(text, match.end()) if state == "not_improved" else None
                if later and re.search(r"\bthen\b", text[match.end() : later.start()], re.IGNORECASE):
                    continue
                last = ("immunosuppression_response", state, clause.start + match.start(), clause.start + match.end())
                break
    if last:
        yield last


def _breathing(found: Sequence[Clause]) -> Iterator[Stated]:
    """Respiratory muscle weakness by vital capacity: a normal one excludes it, a low one needs a sign of the muscles."""
    for clause in found:
        match = CAPACITY.search(clause.text)
        if match and "family" not in clause.topics[:1]:
            where = (clause.start + match.start(), clause.start + match.end())
            percent = float(match["percent"])
            if percent >= NORMAL_CAPACITY:
                yield "respiratory_muscle_weakness", "absent", *where
            elif percent < LOW_CAPACITY and MUSCULAR.search(clause.text):
                yield "respiratory_muscle_weakness", "present", *where


def _family(found: Sequence[Clause]) -> Iterator[Stated]:
    cousins = any(FIRST_COUSINS.search(c.text) for c in found)
    for clause in found:
        text = clause.text
        for match in RELATIVE.finditer(text):
            near = text[match.start() : match.end() + 90]
            disease = MUSCLE_DISEASE.search(near)
            if disease and not DISTANT.search(text) and "?" not in near[: disease.end()] and not re.search(r"\b(?:no|not|nor|neither|without|denies)\b", text[: match.start()] + near[: disease.start()], re.IGNORECASE):
                if match[0].lower() != "cousin" or cousins:
                    where = clause.start + match.start()
                    yield "family_history_of_myopathy", "present", where, clause.start + match.start() + disease.end()
                    return
