"""Age, sex, duration of the illness and its tempo."""

import re
from collections.abc import Iterator, Sequence

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

NUMBER_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
WORDS = {word: float(count) for count, word in enumerate(NUMBER_WORDS, 1)}
WORDS |= {"a": 1.0, "an": 1.0, "a couple of": 2.0, "a few": 3.0, "several": 4.0}
COUNT = r"(?P<count>\d+(?:\.\d+)?|" + "|".join(sorted(WORDS, key=len, reverse=True)) + ")"
UNIT = (
    r"(?:[\s-]?(?P<unit>days?|weeks?|wks?|fortnights?|months?|mths?|mos?|years?|yrs?|decades?|y)\b"
    r"|\s?/\s?(?P<fraction>7|52|12)(?!\d))"
)
DURATION = re.compile(rf"(?<![\w/]){COUNT}(?:\s?(?:-|–|to|or)\s?\d+)?{UNIT}", re.IGNORECASE)
DAYS = {"day": 1.0, "w": 7.0, "f": 14.0, "m": 30.44, "y": 365.25, "dec": 3652.5}
FRACTIONS = {"7": 1.0, "52": 7.0, "12": 30.44}
OLD = re.compile(r"[\s-]?old|/o\b| (?:fe)?male| (?:wo)?man", re.IGNORECASE)
NEAR = 45  # letters around a duration in which it must be said that the illness lasted so long
ADULT = 18  # from this age on in whole years
LATER_AGE = 60  # an age written in a less usual form counts as if it stood so many letters further on
ACUTE, CHRONIC, YEAR = 28.0, 365.25, 365.25  # days
ELSEWHERE = {"family", "plan", "past", "drugs"}
Stated = tuple[str, object, int, int]
Found = tuple[float, int, int]


def who(text: str, found: Sequence[Clause], lexicon: Lexicon) -> Iterator[Stated]:
    """Age at onset in years, sex and tempo: finding, value, place in the letter."""
    sex = _sex(text, lexicon)
    if sex:
        yield "sex", *sex
    age, longest, stated = _age(text, lexicon), _longest(found, lexicon), _stated_onset(found, lexicon)
    if stated:
        yield "age_at_onset", *stated
    elif age:
        years = longest[0] / YEAR if longest else 0.0
        _, start, end = longest if longest and years >= 1 else age
        at_onset = max(0.0, age[0] - years)
        yield "age_at_onset", float(round(at_onset)) if at_onset >= ADULT else round(at_onset, 1), start, end
    if stated and age and age[0] - stated[0] > 1:
        yield "onset_tempo", "chronic", *stated[1:]
    elif longest:
        days, start, end = longest
        yield "onset_tempo", "acute" if days < ACUTE else "subacute" if days <= CHRONIC else "chronic", start, end
    else:
        yield from _tempo_in_words(text, lexicon)


def _tempo_in_words(text: str, lexicon: Lexicon) -> Iterator[Stated]:
    for state in ("acute", "subacute", "chronic"):
        match = lexicon.phrases[f"tempo_{state}"].search(text)
        if match:
            yield "onset_tempo", state, match.start(), match.end()
            return


def _sex(text: str, lexicon: Lexicon) -> tuple[str, int, int] | None:
    """The letter M or F beside an age, else the first word that tells the sex."""
    short = re.search(r"(?<![\d/.,])\d{1,3}\s?([MF])\b|(?:y/?o|yrs?|old)[\s,]{1,2}([MF])\b", text)
    if short:
        group = 1 if short[1] else 2
        return ("male" if short[group] == "M" else "female"), short.start(group), short.end(group)
    matches = ((sex, lexicon.phrases[sex].search(text)) for sex in ("male", "female"))
    named = [(match.start(), match.end(), sex) for sex, match in matches if match]
    if not named:
        return None
    start, end, sex = min(named)
    return sex, start, end


def _age(text: str, lexicon: Lexicon) -> Found | None:
    """The age of the patient; the patterns `age_1`, `age_2`... are from the most to the least certain."""
    patterns = [pattern for name, pattern in sorted(lexicon.phrases.items()) if name.startswith("age_")]
    found = [
        (match.start() + LATER_AGE * rank, float(match["age"]), match.start("age"), match.end("age"))
        for rank, pattern in enumerate(patterns)
        for match in pattern.finditer(text)
        if int(match["age"]) <= 110
        and not lexicon.phrases["relative"].search(text, max(0, match.start() - 25), match.start())
    ]
    return min(found)[1:] if found else None


def _longest(found: Sequence[Clause], lexicon: Lexicon) -> Found | None:
    """The longest duration of the illness in days, and its place."""
    best: Found | None = None
    for clause in found:
        if ELSEWHERE & set(clause.topics[:1]):
            continue
        for match in DURATION.finditer(clause.text):
            near = clause.text[max(0, match.start() - NEAR) : match.end() + NEAR]
            before, after = clause.text[: match.start()].rsplit(",", 1)[-1], clause.text[match.end() :].split(",")[0]
            around = before[-NEAR:] + match[0] + after[:NEAR]
            about_illness = lexicon.phrases["illness"].search(near) and not lexicon.phrases["not_illness"].search(
                around
            )
            if not about_illness or OLD.match(clause.text, match.end()) or clause.of_relative(match.start()):
                continue
            days = _days(match)
            if best is None or days > best[0]:
                best = (days, clause.start + match.start(), clause.start + match.end())
    return best


def _stated_onset(found: Sequence[Clause], lexicon: Lexicon) -> Found | None:
    """The age at onset where the letter states it: "since 71", "began at 20"."""
    for clause in found:
        for name in ("onset_age", "since_age"):
            match = lexicon.phrases[name].search(clause.text)
            if match is None or {"family", "plan", "past"} & set(clause.topics[:1]):
                continue
            before = match.start("age")
            if not lexicon.phrases["not_onset_age"].search(clause.text, 0, before) and not clause.of_relative(before):
                return float(match["age"]), clause.start + before, clause.start + match.end("age")
    return None


def _days(match: re.Match[str]) -> float:
    word = match["count"].lower()
    count = WORDS[word] if word in WORDS else float(word)
    if match["fraction"]:
        return count * FRACTIONS[match["fraction"]]
    unit = match["unit"].lower()
    return count * next(days for start, days in DAYS.items() if unit.startswith(start))
