"""Laboratory values: CK as multiples of its upper limit, the other tests as raised or normal."""

import re
from collections.abc import Iterator, Sequence

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon, Test

NUMBER = re.compile(
    r"(?P<sign>[<>≤≥])?\s?(?P<number>\d{1,3}(?:[,\s]\d{3})+(?!\d)|\d+,\d{1,2}(?!\d)|\d+(?:\.\d+)?)(?P<kilo>\s?k\b)?"
    r"(?![\d/:]|,\d{3}|\s?(?:%|mg|weeks?|months?|years?|days?|/52|/12|/7))",
    re.IGNORECASE,
)
NAMED = r"uln|upper limit(?: of normal)?|limit|normal|ref(?:erence)?(?: (?:range|interval))?|nr|range|n|rr"
INTRODUCED = re.compile(rf"\b(?:{NAMED})\b|[<≤]|\d\s?(?:-|–|to)\s?\d|up ?to", re.IGNORECASE)
LIMIT = re.compile(
    rf"(?:\b(?:{NAMED})\b[\s:=]*(?:is |of |range |up ?to |to |below |under |less than )*)?"
    r"(?:(?P<low>\d[\d,.]*)\s?(?:-|–|to)\s?)?(?P<less><|≤|up ?to\s|under\s|below\s)?\s?(?P<high>\d[\d,]*(?:\.\d+)?)",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"[(\[][^)\]]*[)\]]|\b(?:uln|limit|normal (?:up ?to|below|<|range)|ref|nr)\b[^,;|]*"
    r"|(?<=[|\t ])(?:\d[\d.,]*\s?(?:-|–)\s?\d[\d.,]*|<\s?\d[\d.,]*)(?=\s*(?:$|\||\n))",
    re.IGNORECASE,
)
TIMES = re.compile(
    r"(?P<times>\d+(?:\.\d+)?)\s?(?:(?:x|×|-?fold)|times)\s?(?P<of>(?:the )?(?:uln|upper limit|normal|limit))?",
    re.IGNORECASE,
)
LIST = re.compile(r"[\s,/&]*(?:and)?[\s,/&]*")
REACH, NUMBER_REACH, WORD_REACH, LIMIT_REACH = 60, 22, 30, 32  # letters after the name of a test
SMALLEST = 15.0  # a number below is no activity of CK in U/L
CK, TSH = "ck_level", "tsh"
Stated = tuple[str, object, int, int]


def lab_values(found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Stated]:
    """Finding, value and place in the letter.

    The value of CK is the highest multiple of its upper limit; without a limit, the two multiples by the lowest and the
    highest limit in common use; or a state. The other tests have a state.
    """
    values: list[tuple[float, float | None, int, int]] = []
    for clause in found:
        if "family" in clause.topics[:1] or clause.of_relative():
            continue
        for test, start, end, rest in _mentions(clause, lexicon):
            where = (clause.start + start, clause.start + end)
            if test.finding == CK:
                values += [(number, limit, where[0], where[1] + stop) for number, limit, stop in _activities(rest)]
                word = lexicon.phrases["normal_result"].search(rest[:WORD_REACH])
                if word and not re.search(r"[\d(]", rest[: word.start()]):
                    yield CK, "normal", *where
            elif state := _state(test, rest[:REACH], lexicon):
                yield test.finding, state, *where
    yield from _peak(values, lexicon)


def _mentions(clause: Clause, lexicon: Lexicon) -> Iterator[tuple[Test, int, int, str]]:
    """Each test of a clause with the words after it; tests in a list share the words after the last of them."""
    matches = ((m.start(), m.end(), test) for test in lexicon.tests for m in test.pattern.finditer(clause.text))
    kept: list[tuple[int, int, Test]] = []
    for start, end, test in sorted(matches, key=lambda match: (match[0], -match[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, test))
    ends = [start for start, _, _ in kept[1:]] + [len(clause.text)]
    for number, (start, end, test) in enumerate(kept):
        last = number
        while last + 1 < len(kept) and LIST.fullmatch(clause.text, kept[last][1], kept[last + 1][0]):
            last += 1
        yield test, start, end, clause.text[kept[last][1] : ends[last]]


def _state(test: Test, rest: str, lexicon: Lexicon) -> str:
    """Raised or normal, by the stated limit, by the word, or by all limits in common use; "" if none decides."""
    words = lexicon.phrases
    if words["no_result"].search(rest):
        return ""
    named = {"elevated": words["raised"].search(rest), "normal": words["normal_result"].search(rest)}
    said = {state: match.start() for state, match in named.items() if match and match.start() < WORD_REACH}
    number = NUMBER.search(rest)
    if test.finding == TSH and number and _number(number) <= lexicon.limits["suppressed_tsh"]:
        return "suppressed"
    if number is None or number.start() > NUMBER_REACH:
        return min(said, key=lambda state: said[state], default="")
    limit = _limit(rest[number.end() : number.end() + LIMIT_REACH])
    return _compared(_number(number), number["sign"] or "", limit, test) or ("elevated" if "elevated" in said else "")


def _compared(value: float, sign: str, limit: float | None, test: Test) -> str:
    lowest, highest = test.lowest or 0.0, test.highest or float("inf")
    if limit is not None:
        limit = max(limit, highest) if test.finding == TSH else limit
        return "elevated" if value > limit and sign != "<" else "normal"
    if sign in ("<", "≤"):
        return "normal" if value <= highest else ""
    return "normal" if value <= lowest else "elevated" if value > highest else ""


def _activities(rest: str) -> Iterator[tuple[float, float | None, int]]:
    """The numbers after CK, each with its upper limit and end; a multiple of the limit has the limit 1."""
    times = TIMES.search(rest[:40])
    if times and (times["of"] or "times" not in times[0].lower()) and not re.match(r"\s*[x×]\s?\d", rest):
        yield float(times["times"]), 1.0, times.end()
        return
    ranges = [match for match in RANGE.finditer(rest) if INTRODUCED.search(match[0])]
    limit = next((high for match in ranges for high in [_limit(" " + match[0])] if high), None)
    outside = RANGE.sub(lambda match: " " * len(match[0]) if INTRODUCED.search(match[0]) else match[0], rest)
    for match in NUMBER.finditer(outside[:90]):
        value = _number(match)
        if value >= SMALLEST or (limit is not None and limit < SMALLEST):
            yield value, limit, match.end()


def _limit(text: str) -> float | None:
    """The upper limit of a range in the words after a value."""
    if not INTRODUCED.search(text):
        return None
    limits = (match for match in LIMIT.finditer(text) if match["low"] or match["less"] or INTRODUCED.search(match[0]))
    return next((_float(match["high"]) for match in limits), None)


def _peak(values: Sequence[tuple[float, float | None, int, int]], lexicon: Lexicon) -> Iterator[Stated]:
    """The highest CK; a value without a limit takes that of another."""
    if not values:
        return
    common = next((limit for _, limit, _, _ in values if limit), None)
    value, own, start, end = max(values, key=lambda v: v[0] / (v[1] or common or 1))
    limit = own or common
    test = next(test for test in lexicon.tests if test.finding == CK)
    if limit:
        yield CK, value / limit, start, end
    elif test.lowest and test.highest:
        yield CK, (value / test.highest, value / test.lowest), start, end


def _number(match: re.Match[str]) -> float:
    return _float(match["number"]) * (1000 if match["kilo"] else 1)


def _float(text: str) -> float:
    """A number; a comma or space before three digits separates thousands, another comma is a decimal sign.

    >>> [_float(text) for text in ("11,450", "18 000", "3,5", "2.61")]
    [11450.0, 18000.0, 3.5, 2.61]
    """
    return float(re.sub(r"[,\s](?=\d{3}(?!\d))", "", text.strip().rstrip(".,")).replace(",", "."))
