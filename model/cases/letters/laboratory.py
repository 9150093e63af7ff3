"""Laboratory values: CK as multiples of its upper limit, the other tests as raised or normal."""

import re
from collections.abc import Iterator, Sequence

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon, Test

NUMBER = re.compile(
    r"(?P<sign>[<>≤≥])?\s?(?P<number>\d{1,3}(?:[,\s]\d{3})+|\d+(?:\.\d+)?)(?P<kilo>\s?k\b)?(?![\d/:]|,\d{3}|\s?(?:%|mg|weeks?|months?|years?|days?|/52|/12|/7))",
    re.IGNORECASE,
)
LIMIT = re.compile(
    r"(?:(?:uln|upper limit(?: of normal)?|limit|normal|ref(?:erence)?(?: range)?|nr|range|n|rr)\b[\s:=]*(?:is |of |range |up to |to |below |under |less than )*)?"
    r"(?:(?P<low>\d[\d,.]*)\s?(?:-|–|to)\s?)?(?P<less><|≤|up to\s|under\s|below\s)?\s?(?P<high>\d[\d,]*(?:\.\d+)?)",
    re.IGNORECASE,
)
INTRODUCED = re.compile(
    r"\b(?:uln|upper limit|limit|normal|ref\w*|nr|range|rr|n)\b|[<≤]|\d\s?(?:-|–|to)\s?\d|up to", re.IGNORECASE
)
TIMES = re.compile(
    r"(\d+(?:\.\d+)?)\s?(?:x|×|times|-fold|fold)\s?(?:the )?(?:uln|upper limit|normal|limit)?", re.IGNORECASE
)
WORDS = (
    (
        "elevated",
        re.compile(
            r"\b(?:raised|elevated|high|increased|up|H|(?:twice|thrice|\d+ times|double) (?:the )?(?:normal|limit|upper)\w*)\b|\(H\)|↑",
            re.IGNORECASE,
        ),
    ),
    (
        "normal",
        re.compile(
            r"\b(?:normal|n|nl|wnl|unremarkable|not raised|within normal limits|within range|ok|not elevated)\b",
            re.IGNORECASE,
        ),
    ),
)
AFTER_TREATMENT = re.compile(
    r"\b(?:after|review|at \d+ (?:weeks|months)|at \d+/(?:12|52)|now|latest|today|fell|fallen|down|follow)\b",
    re.IGNORECASE,
)
CK = "ck_level"


def lab_values(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[tuple[str, object, int, int]]:
    """Finding, state or multiple of the limit, and its place in the letter."""
    values: list[tuple[float, float | None, int, int]] = []
    for clause in found:
        if "family" in clause.topics[:1] or _of_relative(clause, lexicon):
            continue
        for test, start, end, rest in _mentions(clause, lexicon):
            here = (clause.start + start, clause.start + end)
            if test.finding == CK:
                values += [(n, limit, here[0], clause.start + stop) for n, limit, stop in _ck(clause, end, rest)]
                for state, pattern in WORDS[1:]:
                    word = pattern.search(rest[:30])
                    if word and not re.search(r"\d", rest[: word.start()]) and "(" not in rest[: word.start()]:
                        yield CK, state, *here
            else:
                state = _state(test, rest)
                if state:
                    yield test.finding, state, *here
    yield from _peak(values, lexicon)


def _of_relative(clause: Clause, lexicon: Lexicon) -> bool:
    return any(c.kind == "family" and c.pattern.search(clause.text) for c in lexicon.cues)


def _mentions(clause: Clause, lexicon: Lexicon) -> Iterator[tuple[Test, int, int, str]]:
    """Each test of a clause, and the words up to the next test."""
    found = sorted(
        ((m.start(), m.end(), test) for test in lexicon.tests for m in test.pattern.finditer(clause.text)),
        key=lambda f: (f[0], -f[1]),
    )
    kept: list[tuple[int, int, Test]] = []
    for start, end, test in found:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, test))
    for number, (start, end, test) in enumerate(kept):
        stop = kept[number + 1][0] if number + 1 < len(kept) else len(clause.text)
        shared = number
        while shared + 1 < len(kept) and re.fullmatch(
            r"[\s,/&]*(?:and)?[\s,/&]*", clause.text[kept[shared][1] : kept[shared + 1][0]]
        ):
            shared += 1
        if shared > number:
            stop = kept[shared + 1][0] if shared + 1 < len(kept) else len(clause.text)
            yield test, start, end, clause.text[kept[shared][1] : stop]
        else:
            yield test, start, end, clause.text[end:stop]


def _state(test: Test, rest: str) -> str:
    rest = rest[:60]
    number = NUMBER.search(rest)
    said = {word: m.start() for word, pattern in WORDS for m in [pattern.search(rest)] if m}
    if re.search(
        r"\b(?:not (?:done|sent|available|tested|measured)|awaited|pending|to (?:be )?(?:check|repeat)\w*)\b",
        rest,
        re.IGNORECASE,
    ):
        return ""
    if number and number.start() <= 22:
        value = _float(number)
        limit = _limit(rest[number.end() : number.end() + 32])
        if test.finding == "tsh" and limit is not None:
            limit = max(limit, test.highest or 0)
        if limit is not None:
            return "elevated" if value > limit and number["sign"] != "<" else "normal"
        if "elevated" in said and said["elevated"] < 30:
            return "elevated"
        if number["sign"] in ("<", "≤"):
            return "normal" if value <= (test.highest or 0) else ""
        if test.lowest is not None and value <= test.lowest:
            return "normal"
        if test.highest is not None and value > test.highest:
            return "elevated"
        return ""
    first = min(said, key=lambda word: said[word], default="")
    return first if first and said[first] < 30 else ""


def _ck(clause: Clause, end: int, rest: str) -> Iterator[tuple[float, float | None, int]]:
    """The numbers after CK with their limit; a multiple has a limit of 1."""
    times = TIMES.search(rest[:40])
    if (
        times
        and (re.search(r"uln|limit|normal", times[0], re.IGNORECASE) or times[0].rstrip().endswith(("x", "×", "fold")))
        and not re.match(r"\s*[x×]\s?\d", rest)
    ):
        yield float(times[1]), 1.0, end + times.end()
        return
    limit = None
    for match in re.finditer(
        r"\(([^)]*)\)|\b(?:uln|limit|normal (?:up to|below|<|range)|ref|nr)\b[^,;]*", rest, re.IGNORECASE
    ):
        if INTRODUCED.search(match[0]):
            limit = limit or _limit(" " + match[0])
    outside = re.sub(r"\([^)]*\)", lambda m: " " * len(m[0]) if INTRODUCED.search(m[0]) else m[0], rest)
    outside = re.sub(
        r"\b(?:uln|limit|normal (?:up to|below|<|range)|ref|nr)\b[^,;]*",
        lambda m: " " * len(m[0]),
        outside,
        flags=re.IGNORECASE,
    )
    for match in NUMBER.finditer(outside[:90]):
        value = _float(match)
        if value >= 15 or (limit is not None and limit < 15):
            yield value, limit, end + match.end()


def _limit(text: str) -> float | None:
    """The upper limit of a range in the words after a value."""
    if not INTRODUCED.search(text):
        return None
    for match in LIMIT.finditer(text):
        if match["low"] or match["less"] or INTRODUCED.search(match[0]):
            return float(match["high"].replace(",", ""))
    return None


def _peak(
    values: Sequence[tuple[float, float | None, int, int]], lexicon: Lexicon
) -> Iterator[tuple[str, object, int, int]]:
    """The highest CK as a multiple; without a limit a state if all usual limits give the same."""
    if not values:
        return
    limit = next((limit for _, limit, _, _ in values if limit), None)
    value, own, start, end = max(values, key=lambda v: v[0] / (v[1] or limit or 1))
    chosen = own or limit
    if chosen:
        yield CK, value / chosen, start, end
        return
    test = next(t for t in lexicon.tests if t.finding == CK)
    if test.lowest and test.highest:
        yield CK, (value / test.highest, value / test.lowest), start, end


def _float(match: re.Match[str]) -> float:
    value = float(re.sub(r"[,\s]", "", match["number"]))
    return value * 1000 if match["kilo"] else value
