"""Age, sex, duration of the illness and its tempo."""

import re
from collections.abc import Iterator

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

WORDS = {
    w: i
    for i, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    )
}
COUNT = r"(?P<count>\d+(?:\.\d+)?|" + "|".join(w for w in WORDS if w != "zero") + r"|a few|several|a couple of|a|an)"
UNIT = r"(?:[\s-]?(?P<unit>days?|weeks?|wks?|fortnights?|months?|mths?|mos?|years?|yrs?|decades?|y)\b|\s?/\s?(?P<fraction>7|52|12)(?!\d))"
DURATION = re.compile(rf"(?<![\w/]){COUNT}(?:\s?(?:-|–|to|or)\s?\d+)?{UNIT}", re.IGNORECASE)
DAYS = {"d": 1.0, "w": 7.0, "f": 14.0, "m": 30.44, "y": 365.25}
FRACTIONS = {"7": 1.0, "52": 7.0, "12": 30.44}
AGE = (
    re.compile(r"\b(?P<age>\d{1,3})[\s-]?(?:year|yr)s?[\s-]?old\b", re.IGNORECASE),
    re.compile(r"\b(?P<age>\d{1,3})\s?(?:yo|y/o|y\.o\.?|yrs|y)(?:\b|(?=\s?[MF]\b))", re.IGNORECASE),
    re.compile(r"(?<![\d/.,])(?P<age>\d{1,3})\s?(?P<sex>[MF])\b"),
    re.compile(r"\b(?:female|male|woman|man|lady|gentleman),?\s(?:of |aged |age )?(?P<age>\d{1,3})\b", re.IGNORECASE),
    re.compile(r"\b(?:aged?|age:?)\s(?P<age>\d{1,3})\b(?! (?:onset|at))", re.IGNORECASE),
    re.compile(
        r"\b(?:of|is|,)\s(?P<age>\d{2})(?=\s(?:was|is|has|who|with|years|presents|presented|seen|,)|[,.])",
        re.IGNORECASE,
    ),
    re.compile(r"\bDOB\b.*?\((?P<age>\d{1,3})", re.IGNORECASE),
)
MALE = re.compile(r"\b(?:male|man|gentleman|gentelman|boy|mr|he|his|him|himself|husband of)\b", re.IGNORECASE)
FEMALE = re.compile(r"\b(?:female|woman|lady|girl|mrs|ms|miss|she|her|hers|herself)\b", re.IGNORECASE)
ONSET_AGE = re.compile(
    r"\b(?:onset|began|begin|started|start|first (?:noticed|symptoms?)|decline|symptoms?|since|sx onset|ill|unwell|problem began)\b[\w ,:()]{0,25}?\b(?:at(?: (?:age|the age of))?|aged?|age|since)\s(?P<age>\d{1,2})\b(?!\s?(?:%|mg|weeks|months|/))",
    re.IGNORECASE,
)
SINCE_AGE = re.compile(
    r"\b(?:since|from) (?:the age of |age |aged )?(?P<age>\d{1,2})\b(?! ?(?:weeks|months|days|/))(?=[\s.,;]|$)",
    re.IGNORECASE,
)
BEGINS = re.compile(
    r"\b(?:history|hx|h/o|ago|began|begun|started|start|onset|developed|noticed|over|for|past|last|symptoms?|since|before (?:admission|presentation|his|her|being seen)|prior to|presented with|presents with|weeks? of|months? of|years? of|days? of|day 0|appeared|progressi\w+|illness|duration|of (?:progressive|bilateral|nasal|increasing|muscle|proximal|worsening))\b",
    re.IGNORECASE,
)
NOT_ILLNESS = re.compile(
    r"\b(?:prednisol\w+|prednisone|steroids?|methotrexate|azathioprine|ivig|rituximab|mycophenolate|treatment|therapy|after|follow-?up|review|course|taper\w*|smok\w+|pack|vaccin\w+|statin|atorvastatin|simvastatin|metformin|diabet\w+|hypertension|retired|married|asthma|units|postpartum|excised|menopause|later|lasting|each morning|every|resolved|at \d+ (?:weeks|months)|days? post|next|follow|in \d+ (?:weeks|months)|known|stopped|improv\w+)\b",
    re.IGNORECASE,
)
WEEK = 7.0
ACUTE, CHRONIC = 4 * WEEK, 365.25
TEMPO = (("acute", re.compile(r"\b(?:acute(?:ly)?(?: onset)?|sudden(?:ly)?(?: onset)?|hyperacute)\b(?! phase| care| medical| on chronic| kidney)", re.IGNORECASE)),
         ("subacute", re.compile(r"\bsub-?acute(?:ly)?\b", re.IGNORECASE)),
         ("chronic", re.compile(r"\b(?:insidious(?:ly)?|slow(?:ly)? progressive|for (?:many )?years|over (?:many|several|some) years|chronic(?:ally)? progressive)\b", re.IGNORECASE)))  # fmt: skip


def who(text: str, found: tuple[Clause, ...], lexicon: Lexicon) -> Iterator[tuple[str, object, int, int]]:
    """Age at onset in years, sex, tempo: finding, value, place in the letter."""
    sex = _sex(text)
    if sex:
        yield "sex", *sex
    age = _age(text)
    longest = _longest(found, lexicon)
    stated = _stated_onset(found, lexicon)
    if stated:
        yield "age_at_onset", float(stated[0]), stated[1], stated[2]
    elif age:
        years = longest[0] / 365.25 if longest else 0.0
        place = (longest[1], longest[2]) if longest and years >= 1 else (age[1], age[2])
        yield "age_at_onset", max(0.0, round(age[0] - years, 1)), *place
    if stated and age and age[0] - stated[0] > 1:
        yield "onset_tempo", "chronic", stated[1], stated[2]
    elif longest:
        yield "onset_tempo", _tempo(longest[0]), longest[1], longest[2]
    else:
        for state, pattern in TEMPO:
            match = pattern.search(text)
            if match:
                yield "onset_tempo", state, match.start(), match.end()
                break


def _tempo(days: float) -> str:
    return "acute" if days < ACUTE else "subacute" if days <= CHRONIC else "chronic"


def _sex(text: str) -> tuple[str, int, int] | None:
    for pattern in AGE[2:3]:
        match = pattern.search(text)
        if match:
            return ("male" if match["sex"] == "M" else "female"), match.start("sex"), match.end("sex")
    short = re.search(r"(?:y/?o|yrs?|old)[\s,]{1,2}([MF])\b", text)
    if short:
        return ("male" if short[1] == "M" else "female"), short.start(1), short.end(1)
    first = [
        (m.start(), m.end(), sex)
        for sex, pattern in (("male", MALE), ("female", FEMALE))
        for m in [pattern.search(text)]
        if m
    ]
    if not first:
        return None
    start, end, sex = min(first)
    return sex, start, end


def _age(text: str) -> tuple[float, int, int] | None:
    found = []
    for rank, pattern in enumerate(AGE):
        for match in pattern.finditer(text):
            if 0 <= int(match["age"]) <= 110 and not re.search(
                r"\b(?:sister|brother|mother|father|son|daughter|cousin|aunt|uncle|mum|dad)\b[\w ,]{0,12}$",
                text[: match.start()],
                re.IGNORECASE,
            ):
                found.append((match.start() + 60 * rank, float(match["age"]), match.start("age"), match.end("age")))
    return min(found)[1:] if found else None


def _longest(found: tuple[Clause, ...], lexicon: Lexicon) -> tuple[float, int, int] | None:
    """The longest duration of the illness: days, and its place."""
    best: tuple[float, int, int] | None = None
    for clause in found:
        if {"family", "plan", "past", "drugs"} & set(clause.topics[:1]):
            continue
        for match in DURATION.finditer(clause.text):
            near = clause.text[max(0, match.start() - 45) : match.end() + 45]
            following = clause.text[match.end() : match.end() + 14]
            if re.match(r"[\s-]?old", following, re.IGNORECASE) or not BEGINS.search(near) or NOT_ILLNESS.search(near):
                continue
            if any(c.kind == "family" and c.pattern.search(clause.text[: match.start()]) for c in lexicon.cues):
                continue
            days = _days(match)
            if best is None or days > best[0]:
                best = (days, clause.start + match.start(), clause.start + match.end())
    return best


def _stated_onset(found: tuple[Clause, ...], lexicon: Lexicon) -> tuple[float, int, int] | None:
    for clause in found:
        if {"family", "plan", "past"} & set(clause.topics[:1]):
            continue
        for pattern in (ONSET_AGE, SINCE_AGE):
            match = pattern.search(clause.text)
            if (
                match
                and not re.search(
                    r"\b(?:statin|prednis\w+|biopsy|diagnosed|diabet\w+|smok\w+)\b",
                    clause.text[: match.start("age")],
                    re.IGNORECASE,
                )
                and not any(
                    c.kind == "family" and c.pattern.search(clause.text[: match.start("age")]) for c in lexicon.cues
                )
            ):
                return float(match["age"]), clause.start + match.start("age"), clause.start + match.end("age")
    return None


def _days(match: re.Match[str]) -> float:
    word = match["count"].lower()
    count = {"a": 1.0, "an": 1.0, "a few": 3.0, "several": 4.0, "a couple of": 2.0}.get(word)
    if count is None:
        count = float(WORDS[word]) if word in WORDS else float(word)
    if match["fraction"]:
        return count * FRACTIONS[match["fraction"]]
    unit = match["unit"].lower()
    return count * (3652.5 if unit.startswith("dec") else DAYS[unit[0]])
