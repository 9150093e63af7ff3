"""Muscle power in a letter: grades of the Medical Research Council and words, by group of muscles."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

GRADE = re.compile(
    r"(?<![\d.,:/])(?:MRC |grade |Gr )?(?P<digit>[0-5])\s?(?P<sign>[+-]+)?"
    r"(?:\s?/\s?5(?![\d/])|(?![\d%]|[.,:]\d|\s?/\s?\d|\s?(?:x|mm|cm|mg|g|years?|months?|weeks?|days?|hours?|y|yo|of)\b))"
    r"(?:\s?[-–]\s?[0-5](?:/5)?)?"
)
# Right and left: "4/4". A full stroke five is the usual grade out of five.
PAIR = re.compile(r"(?<![\d./])([0-5][+-]?)\s?/\s?([0-4][+-]?)(?![\d/])")
BOTH_SIDES = re.compile(r".{0,4}?R\s?/\s?L")
SIDE = re.compile(r"(?<!\w)(?:(R|right)|(L|left))(?!\w)")
BARE = re.compile(
    r"(?:[\s:,/()+-]|[0-5][+-]?(?:/5)?|R|L|right|left|bilat\w*|both|MRC|grade|power|is|was|are|were|and|still|at)*",
    re.IGNORECASE,
)
OF_MUSCLE = re.compile(r"\s*(?:power|strength|weakness)?\s*(?:in|of|at|for|over|\()", re.IGNORECASE)
LIKEWISE = re.compile(r"[ ,]*(?:and )?(?:as|so) (?:are|were|is|was)\b", re.IGNORECASE)
NOT_EXAMINED = {"family", "emg", "mri"}
WHOLES = ("power", "all")
WORD_REACH = 22  # letters between a muscle and the word that grades it
FULL = 5.0


@dataclass
class Power:
    """Grades of one group of muscles, 0 to 5: (side, grade, start, end). alike: the letter says so of both sides."""

    grades: list[tuple[str, float, int, int]] = field(default_factory=list)
    alike: bool = False

    @property
    def sides(self) -> Mapping[str, float]:
        """Side ("left", "right" or "both") -> its lowest grade."""
        return {side: min(g for s, g, _, _ in self.grades if s == side) for side, _, _, _ in self.grades}

    @property
    def lowest(self) -> float:
        return min(self.sides.values())

    @property
    def better_side(self) -> float:
        """The lowest grade of the stronger side."""
        return self.lowest if "both" in self.sides else max(self.sides.values())

    @property
    def where(self) -> tuple[int, int]:
        """Place in the letter of the lowest grade."""
        _, _, start, end = min(self.grades, key=lambda grade: grade[1])
        return start, end


@dataclass(frozen=True)
class Token:
    """A muscle, grade or side in a clause."""

    start: int
    end: int
    kind: str
    value: str | float


def grades(found: Sequence[Clause], lexicon: Lexicon) -> dict[str, Power]:
    """Group of muscles (`muscles.csv`) -> its grades."""
    powers: dict[str, Power] = {}
    for clause in found:
        if NOT_EXAMINED & set(clause.topics[:1]) or lexicon.phrases["poor_effort"].search(clause.text):
            continue
        for group, side, grade, start, end in _of_clause(clause, lexicon):
            power = powers.setdefault(group, Power())
            power.grades.append((side, grade, clause.start + start, clause.start + end))
            alike = lexicon.phrases["alike"].match(
                clause.text, end + len(clause.text[end:]) - len(clause.text[end:].lstrip())
            )
            power.alike |= grade < FULL and bool(alike)
    return powers


def _of_clause(clause: Clause, lexicon: Lexicon) -> list[tuple[str, str, float, int, int]]:
    """The grades of single groups of muscles; where a clause has none, those of "power" as a whole."""
    tokens = _tokens(clause, lexicon)
    single = [token for token in tokens if token.value != "power"]
    return list(_graded(clause, single)) or list(
        _graded(clause, [t for t in tokens if t.kind != "muscle" or t.value in WHOLES])
    )


def _graded(clause: Clause, tokens: Sequence[Token]) -> Iterator[tuple[str, str, float, int, int]]:
    """Group, side, grade and place: a grade belongs to the muscles named since the last grade, or else after it."""
    waiting: list[Token] = []
    answered, side = False, "both"
    for number, token in enumerate(tokens):
        if token.kind == "muscle":
            if answered:
                waiting, answered, side = [], False, "both"
            waiting = [*(muscle for muscle in waiting if muscle.value != "all"), token]
        elif token.kind == "side":
            side = str(token.value)
        else:
            following = tokens[number + 1 :]
            for muscle in _owners(clause, token, waiting, following):
                yield (
                    str(muscle.value),
                    _side(clause, token, following) or side,
                    float(token.value),
                    muscle.start,
                    token.end,
                )
            answered, side = bool(waiting), "both"


def _owners(clause: Clause, grade: Token, waiting: Sequence[Token], following: Sequence[Token]) -> Sequence[Token]:
    later: list[Token] = []
    for token in following:
        if token.kind == "grade":
            break
        if token.kind == "muscle":
            later.append(token)
    between = clause.text[grade.end : later[0].start] if later else ""
    if later and LIKEWISE.match(between):
        return [*waiting, *later]
    if later and not between.strip() and not any(muscle.value not in WHOLES for muscle in waiting):
        return later
    if waiting and not (later and OF_MUSCLE.match(between) and all(muscle.value == "all" for muscle in waiting)):
        return waiting
    return later if OF_MUSCLE.match(between) else [muscle for muscle in later if muscle.value == "all"][:1]


def _side(clause: Clause, grade: Token, following: Sequence[Token]) -> str:
    """The side named directly after a grade: "3 R"."""
    if following and following[0].kind == "side" and not clause.text[grade.end : following[0].start].strip(" /(5)"):
        return str(following[0].value)
    return ""


def _tokens(clause: Clause, lexicon: Lexicon) -> list[Token]:
    text = clause.text
    named = [Token(m.start(), m.end(), "muscle", g) for g, pattern in lexicon.muscles for m in pattern.finditer(text)]
    muscles: list[Token] = []
    for token in sorted(named, key=lambda token: (token.start, -token.end)):
        if not muscles or token.start >= muscles[-1].end:
            muscles.append(token)
    pairs = [Token(m.start(), m.end(), "grade", min(_grade(m[1]), _grade(m[2]))) for m in PAIR.finditer(text)]
    others = [Token(m.start(), m.end(), "grade", _value(m)) for m in GRADE.finditer(text)
              if not any(pair.start <= m.start() < pair.end for pair in pairs)
              and ("/" in m[0] or _is_grade(text, m.start(), muscles))]  # fmt: skip
    others += [pair for pair in pairs if _is_grade(text, pair.start, muscles)]
    others += [Token(m.start(), m.end(), "grade", FULL) for m in lexicon.phrases["strong"].finditer(text)
               if any(_answers(text, muscle, m.start()) for muscle in muscles)]  # fmt: skip
    others += [Token(m.start(), m.end(), "side", "right" if m[1] else "left") for m in SIDE.finditer(text)
               if not BOTH_SIDES.match(text, max(0, m.start() - 4))]  # fmt: skip
    outside = [t for t in others if not any(m.start < t.end and t.start < m.end for m in muscles)]
    return sorted([*muscles, *outside], key=lambda token: (token.start, -token.end))


def _is_grade(text: str, start: int, muscles: Sequence[Token]) -> bool:
    """Whether a bare digit is a grade: only sides, other grades and small words are between it and a muscle."""
    before = [muscle.end for muscle in muscles if muscle.end <= start]
    return bool(before) and bool(BARE.fullmatch(text, max(before), start))


def _answers(text: str, muscle: Token, start: int) -> bool:
    gap = text[muscle.end : start]
    return 0 <= start - muscle.end <= WORD_REACH and "," not in gap and ";" not in gap


def _grade(text: str) -> float:
    return float(text[0]) + {"+": 0.3, "-": -0.3}.get(text[1:], 0.0)


def _value(match: re.Match[str]) -> float:
    return float(match["digit"]) + {"+": 0.3, "-": -0.3}.get((match["sign"] or " ")[0], 0.0)
