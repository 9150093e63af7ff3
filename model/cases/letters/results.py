"""Results of antibodies: which of the names in a clause belong to which result."""

import re
from collections.abc import Iterator

from model.cases.letters.clauses import Clause
from model.cases.letters.lexicon import Lexicon

LINK = re.compile(
    r"^(?:[\s,/&|-]|and|or|anti|antibod(?:y|ies)|abs?|igg|specific|the|plus|autoantibod(?:y|ies)|\d{1,3}|of|with|a|blot|"
    r"alpha|beta|gamma|by (?:line )?(?:blot|ip|elisa)|speckled|nucleolar|homogeneous|fine|coarse)*$",
    re.IGNORECASE,
)
GAP = re.compile(
    r"^[\s,:=()|-]*(?:is|was|are|were|both|all|antibod(?:y|ies)|abs?|came back|returned|also|the)*[\s:=(-]*$", re.I
)
BEFORE = re.compile(
    r"^\s*(?:for|:|\(|in|to|antibod(?:y|ies)|anti-?|against|abs?|[-–])*\s*(?:for|:|\(|anti-?|the)*\s*$", re.I
)


def antibody_results(clause: Clause, lexicon: Lexicon) -> Iterator[tuple[str, str, int, int]]:
    """Finding, meaning of its result (see `results.csv`), and its place in the clause."""
    text = clause.text
    names = _names(text, lexicon)
    marks = _marks(text, lexicon, names)
    runs = _runs(text, names)
    for number, run in enumerate(runs):
        first, last = run[0][0], run[-1][1]
        following = next((m for m in marks if m[0] >= last and GAP.match(text[last : m[0]])), None)
        limit = runs[number + 1][0][0] if number + 1 < len(runs) else len(text)
        if following and following[0] <= limit:
            means = following[2]
        else:
            prior = [m for m in marks if m[1] <= first and BEFORE.match(text[m[1] : first])]
            means = prior[-1][2] if prior else ""
        if means:
            for start, end, finding in run:
                yield finding, means, start, end


def _names(text: str, lexicon: Lexicon) -> list[tuple[int, int, str]]:
    found = [(m.start(), m.end(), name) for name, pattern in lexicon.antibodies for m in pattern.finditer(text)]
    return _longest(found)


def _marks(text: str, lexicon: Lexicon, names: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    found = [(m.start(), m.end(), means) for means, pattern in lexicon.results for m in pattern.finditer(text)]
    return _longest([f for f in found if not any(s < f[1] and f[0] < e for s, e, _ in names)])


def _longest(found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The matches without those that overlap a longer or earlier one."""
    kept: list[tuple[int, int, str]] = []
    for start, end, name in sorted(found, key=lambda f: (f[0], -f[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, name))
    return kept


def _runs(text: str, names: list[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    """The names grouped into lists such as "Jo-1/PL-7/PL-12"."""
    runs: list[list[tuple[int, int, str]]] = []
    for name in names:
        if runs and LINK.match(text[runs[-1][-1][1] : name[0]]):
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs
