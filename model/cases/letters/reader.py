"""Reads a letter: the findings it states, what it leaves uncertain, and the words each rests on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.cases.letters.clauses import Clause, clauses
from model.cases.letters.course import course
from model.cases.letters.exposures import exposures
from model.cases.letters.laboratory import CK, lab_values
from model.cases.letters.lexicon import Lexicon, read_lexicon
from model.cases.letters.onset import who
from model.cases.letters.power import grades
from model.cases.letters.results import antibody_results
from model.cases.letters.scope import AFFIRMED, DENIED, NOT_STATED, UNCERTAIN, status
from model.cases.letters.weakness import weakness
from model.inference.net import Net
from model.priors.vocabulary import Vocabulary

BOTH_GOTTRON = ("gottron_papules", "gottron_sign")
TITRE = re.compile(r"(<)?\s?1\s?[:/]\s?(\d{2,5})")
INSIDE = re.compile(r"\b(?:no|not|without|normal|neg(?:ative)?)\b(?![- ]?(?:necrotic|fib))", re.IGNORECASE)
DENIAL = re.compile(r"(?:no|nil|never|without|denies|neg)", re.IGNORECASE)
ADJACENT = re.compile(r"\b(?:no|not|never|without|n't)\s+(?:clearly |really |quite )?$", re.IGNORECASE)
CANCER, RECENT_YEARS = "cancer", 3  # the definition of the finding
DRUGS = ("vacuolar_drug_exposure", "culprit_drug_for_dm_rash", "checkpoint_inhibitor_exposure", "zidovudine_exposure")
FAMILY = "family_history_of_myopathy"


@dataclass(frozen=True)
class Span:
    """Words of the letter, from `start` to `end`, that state a finding. `value`: a state, a number, or several states.

    certain: whether the words state it; what they leave open is offered and not part of `Letter.findings`.
    """

    finding: str
    value: object
    start: int
    end: int
    certain: bool = True


@dataclass(frozen=True)
class Letter:
    """What a letter states. findings: finding -> value, as a case has them. spans: in the order of the letter."""

    text: str
    findings: Mapping[str, object]
    spans: tuple[Span, ...]


def read_letter(text: str, net: Net) -> Letter:
    """The findings that a letter in English states about the patient.

    Parameters
    ----------
    text
        The letter; it is not kept and not sent anywhere.
    net
        The network whose vocabulary and tables `letters/` are used.

    Returns
    -------
    Letter

    Examples
    --------
    >>> import model
    >>> letter = read_letter("58-year-old woman. Heliotrope rash, no dysphagia. CK 6500 U/L (limit 170).", model.load())
    >>> letter.findings["heliotrope_rash"], letter.findings["dysphagia"], letter.findings["ck_level"]
    ('present', 'absent', 38.2)
    """
    lexicon, vocabulary = read_lexicon(net.priors), net.vocabulary
    found = clauses(text, lexicon)
    spans = [span for span in _stated(text, found, lexicon) if span.finding in vocabulary.findings]
    spans = [fitting for span in spans for fitting in _fitting(span, vocabulary)]
    return Letter(text, _combined(spans, vocabulary), tuple(sorted(spans, key=lambda s: (s.start, s.end))))


def _stated(text: str, found: tuple[Clause, ...], lexicon: Lexicon) -> Iterator[Span]:
    person = [Span(*stated) for stated in who(text, found, lexicon)]
    yield from person
    for clause in found:
        grouped = list(_groups(clause, lexicon))
        yield from grouped
        taken = [(span.start, span.end) for span in grouped]
        yield from _signs(clause, lexicon, taken)
        yield from _antibodies(clause, lexicon)
    yield from _emg(found, lexicon)
    yield from _minerals(found, lexicon)
    yield from (Span(*stated) for stated in lab_values(found, lexicon))
    yield from (Span(*stated) for stated in weakness(grades(found, lexicon)))
    onset = next((span.value for span in person if span.finding == "age_at_onset"), None)
    yield from (Span(*s) for s in exposures(found, lexicon, float(str(onset)) if onset is not None else None))
    yield from (Span(*stated) for stated in course(found, lexicon))


def _groups(clause: Clause, lexicon: Lexicon) -> Iterator[Span]:
    """Statements about several findings at once, such as "no rash"."""
    for findings, pattern in lexicon.groups:
        for match in pattern.finditer(clause.text):
            said = status(clause, match.start(), match.end())
            if said == AFFIRMED or (said == DENIED and DENIAL.match(match[0])) or FAMILY in findings:
                for finding, state in findings.items():
                    yield Span(finding, state, clause.start + match.start(), clause.start + match.end())


def _signs(clause: Clause, lexicon: Lexicon, taken: Sequence[tuple[int, int]]) -> Iterator[Span]:
    yield from _longest(list(_each_sign(clause, lexicon, taken)))


def _longest(spans: Sequence[Span]) -> Iterator[Span]:
    """The spans without those that overlap a longer one of the same finding."""
    for span in spans:
        if not any(
            other.finding == span.finding and other.start < span.end and span.start < other.end
            and other.end - other.start > span.end - span.start
            for other in spans
        ):  # fmt: skip
            yield span


def _each_sign(clause: Clause, lexicon: Lexicon, taken: Sequence[tuple[int, int]]) -> Iterator[Span]:
    for sign in lexicon.signs:
        if sign.within and sign.within not in clause.topics[:2]:
            continue
        if not sign.within and clause.topics[:1] in (("plan",), ("referral",)):
            continue
        for match in sign.pattern.finditer(clause.text):
            start, end = clause.start + match.start(), clause.start + match.end()
            if any(s <= start and end <= e for s, e in taken):
                continue
            said = status(clause, match.start(), match.end())
            if said == AFFIRMED and sign.otherwise and INSIDE.search(match[0]):
                said = DENIED
            if sign.finding in DRUGS and lexicon.phrases["not_begun"].search(clause.text):
                said = NOT_STATED
            if sign.finding == CANCER and said == NOT_STATED and _recent(clause, match.end(), lexicon):
                said = AFFIRMED
            state = {AFFIRMED: sign.state, UNCERTAIN: sign.state, DENIED: sign.otherwise}.get(said, "")
            if said == DENIED and not sign.otherwise and not ADJACENT.search(clause.text[: match.start()]):
                state = sign.state
            names = BOTH_GOTTRON if sign.finding == "gottron_both" else (sign.finding,)
            if sign.finding == "gottron_both" and said != DENIED:
                names = BOTH_GOTTRON[:1]
            for name in names:
                if state:
                    yield Span(name, state, start, end, said != UNCERTAIN)


def _recent(clause: Clause, end: int, lexicon: Lexicon) -> bool:
    """Whether a cancer is dated within the years that count, and is not a relative's."""
    match = lexicon.phrases["recent_cancer"].search(clause.text, end, end + 40)
    years = match and ((match["months"] and "0") or match["years"])
    return bool(years) and int(str(years)) <= RECENT_YEARS and not clause.of_relative(end)


def _minerals(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Span]:
    """Potassium that is low, or normal beside another mineral."""
    for clause in found:
        match = lexicon.phrases["potassium"].search(clause.text)
        if match is None:
            continue
        value, where = float(match["value"]), (clause.start + match.start(), clause.start + match.end())
        if value < lexicon.limits["low_potassium"]:
            yield Span("minerals", "low_potassium", *where)
        elif value >= lexicon.limits["normal_potassium"] and any(
            lexicon.phrases["other_minerals"].search(other.text) for other in found
        ):
            yield Span("minerals", "normal", *where)


def _antibodies(clause: Clause, lexicon: Lexicon) -> Iterator[Span]:
    for finding, means, start, end in antibody_results(clause, lexicon):
        if finding == "ana":
            titre = TITRE.search(clause.text[end : end + 25])
            if titre:
                reached = int(titre[2]) >= lexicon.limits["ana_titre"] and not titre[1]
                means = "positive" if reached else "negative"
        if means in ("positive", "negative", "undecided"):
            value = "positive" if means == "undecided" else means
            yield Span(finding, value, clause.start + start, clause.start + end, means != "undecided")


def _emg(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Span]:
    """EMG: what all clauses about it name together."""
    named: dict[str, tuple[int, int]] = {}
    for clause in found:
        if "emg" not in clause.topics[:1] or "plan" in clause.topics:
            continue
        for state, pattern in lexicon.emg:
            for match in pattern.finditer(clause.text):
                said = status(clause, match.start(), match.end())
                if said == AFFIRMED or state == "normal":
                    named.setdefault(state, (clause.start + match.start(), clause.start + match.end()))
                elif said == DENIED and state == "irritable":
                    named.setdefault("quiet", (clause.start + match.start(), clause.start + match.end()))
    for state in ("decrement", "neurogenic"):
        if state in named:
            yield Span("emg", state, *named[state])
            return
    if "irritable" in named:
        yield Span("emg", "myopathic_irritable", *named["irritable"])
    elif "myopathic" in named:
        yield Span("emg", "myopathic", *named["myopathic"])
    elif "normal" in named:
        yield Span("emg", "normal", *named["normal"])


def _fitting(span: Span, vocabulary: Vocabulary) -> Iterator[Span]:
    """The span with its value as the vocabulary has it; a range of CK only if it is one bin."""
    variable = vocabulary.variable(span.finding)
    value = span.value
    if span.finding == CK and isinstance(value, tuple):
        low, high = (variable.state(number) for number in value)
        if low == high:
            yield Span(CK, low, span.start, span.end, span.certain)
        return
    if isinstance(value, float):
        yield Span(span.finding, round(value, 1 if value >= 1 else 2), span.start, span.end, span.certain)
    elif value in variable.states:
        yield span


def _combined(spans: Sequence[Span], vocabulary: Vocabulary) -> dict[str, object]:
    """One value for each finding; where statements differ, the later affirmed one, an affirmation before a denial."""
    findings: dict[str, object] = {}
    for finding in vocabulary.findings:
        own = [span for span in spans if span.finding == finding and span.certain]
        if not own:
            continue
        numbers = [span for span in own if isinstance(span.value, float)]
        variable = vocabulary.variable(finding)
        if numbers:
            findings[finding] = max(float(str(s.value)) for s in numbers) if finding == CK else numbers[0].value
        else:
            findings[finding] = (
                max((str(s.value) for s in own), key=variable.states.index)
                if len(variable.states) == 2
                else own[-1].value
            )
            if finding in ("weakness_severity", "interstitial_lung_disease", "transaminases"):
                findings[finding] = max((str(s.value) for s in own), key=variable.states.index)
    return findings
