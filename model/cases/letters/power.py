"""Muscle power: grades of the Medical Research Council and words, by group of muscles, and what they mean."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

GRADE = re.compile(
    r"(?<![\d.,:/])(?:MRC |grade )?([0-5])\s?([+-]+)?(?:\s?/\s?5(?![\d/])|(?![\d%]|[.,:]\d|\s?/\s?\d|\s?(?:x|mm|cm|mg|g|years?|months?|weeks?|days?|hours?|y|yo|of)\b))(?:\s?[-–]\s?[0-5](?:/5)?)?"
)
STRONG = re.compile(r"\b(?:strong|normal|full|intact|5s|preserved|spared|n)\b", re.IGNORECASE)
WEAK = re.compile(r"\bweak(?:ness)?\b", re.IGNORECASE)
SIDE = re.compile(r"(?<![\w])(?:(R|right)|(L|left))(?!\w)")
BOTH = re.compile(r"\b(?:both|bilat\w*|bilaterally|symmetric\w*|equal)\b", re.IGNORECASE)
PROXIMAL = ("arm_proximal", "leg_proximal", "knee_extensor")
FULL = 5.0


@dataclass
class Power:
    """Grades of one group of muscles, 0 to 5, by side; unknown sides are "both"."""

    grades: list[tuple[str, float, int, int]] = field(default_factory=list)
    alike: bool = False

    @property
    def lowest(self) -> float:
        return min(grade for _, grade, _, _ in self.grades)

    @property
    def better_side(self) -> float:
        """The lowest grade of the stronger side."""
        sides = {side: min(g for s, g, _, _ in self.grades if s == side) for side, _, _, _ in self.grades}
        if "both" in sides or len(sides) == 1:
            return self.lowest
        return max(sides.values())


@dataclass(frozen=True)
class Token:
    """A muscle, grade, word or side in a clause."""

    start: int
    end: int
    kind: str
    value: str | float


def grades(found: Sequence[Clause], lexicon: Lexicon) -> dict[str, Power]:
    """Group of muscles -> its grades, from all clauses that speak of power."""
    powers: dict[str, Power] = {}
    for clause in found:
        if "family" in clause.topics[:1] or "emg" in clause.topics[:1] or "mri" in clause.topics[:1]:
            continue
        for group, side, grade, start, end in _of_clause(clause, lexicon):
            power = powers.setdefault(group, Power())
            power.grades.append((side, grade, clause.start + start, clause.start + end))
            power.alike |= grade < FULL and bool(
                re.match(r"[\s,]*(?:on )?both|[\s,]*bilat", clause.text[end : end + 12], re.IGNORECASE)
            )
    return powers


def _of_clause(clause: Clause, lexicon: Lexicon) -> Iterator[tuple[str, str, float, int, int]]:
    tokens = list(_tokens(clause, lexicon))
    waiting: list[Token] = []
    answered = False
    side = "both"
    for number, token in enumerate(tokens):
        if token.kind == "muscle":
            if answered:
                waiting, answered, side = [], False, "both"
            waiting = [w for w in waiting if w.value != "all"] + [token]
        elif token.kind == "side":
            side = str(token.value)
        elif token.kind == "grade":
            following = tokens[number + 1] if number + 1 < len(tokens) else None
            own = (
                str(following.value)
                if following and following.kind == "side" and _near(clause, token, following)
                else side
            )
            like = _after(tokens[number + 1 :], clause, token)
            muscles = (
                [*waiting, *like]
                if waiting and not like[:1] == [] and _likewise(clause, token, like)
                else waiting or like
            )
            for muscle in muscles:
                yield str(muscle.value), own, float(token.value), muscle.start, token.end
            answered = bool(waiting)
            side = "both"


def _near(clause: Clause, token: Token, side: Token) -> bool:
    return not clause.text[token.end : side.start].strip(" /(5)")


def _after(tokens: Sequence[Token], clause: Clause, grade: Token) -> list[Token]:
    """The muscles after a grade: "4/5 in deltoids and hip flexors"."""
    muscles = []
    for token in tokens:
        if token.kind == "grade":
            break
        if token.kind == "muscle":
            muscles.append(token)
    if muscles and re.match(
        r"\s*(?:power|strength|weakness)?\s*(?:in|of|at|for|over|\()", clause.text[grade.end : muscles[0].start]
    ):
        return muscles
    if muscles and re.match(
        r"[ ,]*(?:and )?(?:as|so) (?:are|were|is|was)\b", clause.text[grade.end : muscles[0].start], re.IGNORECASE
    ):
        return muscles
    return [m for m in muscles if m.value == "all"][:1]


def _likewise(clause: Clause, grade: Token, muscles: Sequence[Token]) -> bool:
    return bool(
        re.match(
            r"[ ,]*(?:and )?(?:as|so) (?:are|were|is|was)\b", clause.text[grade.end : muscles[0].start], re.IGNORECASE
        )
    )


def _tokens(clause: Clause, lexicon: Lexicon) -> Iterator[Token]:
    text = clause.text
    found: list[Token] = []
    for group, pattern in lexicon.muscles:
        found += [Token(m.start(), m.end(), "muscle", group) for m in pattern.finditer(text)]
    muscles = _without_overlap(found)
    bare = "power" in clause.topics or bool(muscles)
    others = [
        Token(m.start(), m.end(), "grade", _value(m[1], m[2]))
        for m in GRADE.finditer(text)
        if "/5" in m[0] or "/ 5" in m[0] or (bare and _allowed_bare(text, m.start(), muscles, clause))
    ]
    others += [
        Token(m.start(), m.end(), "grade", FULL)
        for m in STRONG.finditer(text)
        if any(
            0 <= m.start() - muscle.end <= 22 and not re.search(r"[,;]", text[muscle.end : m.start()])
            for muscle in muscles
        )
    ]
    others += [Token(m.start(), m.end(), "side", "right" if m[1] else "left") for m in SIDE.finditer(text)]
    yield from sorted([*muscles, *_outside(others, muscles)], key=lambda token: (token.start, -token.end))


def _allowed_bare(text: str, start: int, muscles: Sequence[Token], clause: Clause) -> bool:
    """A bare digit is a grade if it follows a muscle at once, or a side or another grade after it."""
    before = text[:start]
    last = max((m for m in muscles if m.end <= start), key=lambda m: m.end, default=None)
    if last is None:
        return False
    gap = before[last.end :]
    return bool(
        re.fullmatch(
            r"(?:[\s:,/()+-]|[0-5][+-]?(?:/5)?|R|L|right|left|bilat\w*|both|MRC|grade|power|is|was|are|were|and|still|at)*",
            gap,
            re.IGNORECASE,
        )
    )


def _value(digit: str, sign: str | None) -> float:
    return float(digit) + {None: 0.0, "+": 0.3, "-": -0.3}.get(sign[:1] if sign else None, 0.0)


def _without_overlap(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for token in sorted(tokens, key=lambda t: (t.start, -t.end)):
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
    return kept


def _outside(tokens: Sequence[Token], muscles: Sequence[Token]) -> list[Token]:
    return [t for t in tokens if not any(m.start < t.end and t.start < m.end for m in muscles)]


def weakness(powers: Mapping[str, Power]) -> Iterator[tuple[str, str, int, int]]:
    """Findings that the grades imply: finding, state, and the place in the letter of the grade it rests on."""
    everything = powers.get("all")
    known = dict(powers)
    if everything:
        for group in ("arm_proximal", "leg_proximal", "distal", "neck_flexor"):
            if group not in known and (group != "neck_flexor" or everything.lowest >= FULL):
                known[group] = everything
    both = powers.get("both_proximal")
    if both:
        for group in ("arm_proximal", "leg_proximal"):
            known.setdefault(group, both)
    proximal = [known[g] for g in PROXIMAL if g in known]
    if proximal:
        worst = min(proximal, key=lambda p: p.lowest)
        yield "weakness_severity", _severity(worst.lowest), *_place(worst)
    for finding, group in (("proximal_arm_weakness", "arm_proximal"), ("proximal_leg_weakness", "leg_proximal")):
        if group in known:
            yield finding, "present" if known[group].better_side < FULL else "absent", *_place(known[group])
    yield from _distal(known)
    yield from _legs(known)
    yield from _neck(known)
    if "finger_flexor" in known:
        weak = known["finger_flexor"].lowest < FULL
        yield "finger_flexor_weakness", "present" if weak else "absent", *_place(known["finger_flexor"])
    if "knee_extensor" in known and "leg_proximal" in known:
        if known["knee_extensor"].lowest <= known["leg_proximal"].lowest - 1:
            yield "quadriceps_atrophy", "present", *_place(known["knee_extensor"])
    for power in powers.values():
        if power.alike:
            yield "asymmetric_weakness", "absent", *_place(power)
            break
    for power in powers.values():
        sides = {side: min(g for s, g, _, _ in power.grades if s == side) for side, _, _, _ in power.grades}
        if {"left", "right"} <= set(sides) and abs(sides["left"] - sides["right"]) >= 1:
            yield "asymmetric_weakness", "present", *_place(power)
            break


def _distal(known: Mapping[str, Power]) -> Iterator[tuple[str, str, int, int]]:
    parts = [known[g] for g in ("distal_arm", "distal_leg", "distal") if g in known]
    if not parts:
        return
    worst = min(parts, key=lambda p: p.lowest)
    complete = "distal" in known or ("distal_arm" in known and "distal_leg" in known)
    if worst.lowest < FULL:
        yield "distal_weakness", "present", *_place(worst)
    elif complete:
        yield "distal_weakness", "absent", *_place(worst)


def _legs(known: Mapping[str, Power]) -> Iterator[tuple[str, str, int, int]]:
    far = known.get("distal_leg") or known.get("distal")
    near = known.get("leg_proximal")
    if far and near and near is not far:
        if near.lowest < far.lowest:
            yield "legs_proximal_weaker_than_distal", "present", *_place(near)
        elif far.lowest < near.lowest:
            yield "legs_proximal_weaker_than_distal", "absent", *_place(far)


def _neck(known: Mapping[str, Power]) -> Iterator[tuple[str, str, int, int]]:
    flexors, extensors = known.get("neck_flexor"), known.get("neck_extensor")
    if flexors:
        weak = flexors.lowest < FULL and (extensors is None or extensors.lowest >= flexors.lowest)
        yield "neck_flexor_weakness", "present" if weak else "absent", *_place(flexors)


def _severity(grade: float) -> str:
    if grade >= FULL:
        return "none"
    if grade >= 3.5:
        return "mild"
    return "moderate" if grade >= 2.6 else "severe"


def _place(power: Power) -> tuple[int, int]:
    _, _, start, end = min(power.grades, key=lambda g: g[1])
    return start, end
