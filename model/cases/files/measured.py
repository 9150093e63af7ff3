"""Measured numbers as people write them: with a unit, as a bound, with a decimal comma.

An ambiguous number is refused, because nobody would notice if it were read wrongly.
"""

import re
from collections.abc import Mapping

from model.errors import InputError
from model.priors.vocabulary import Variable

UNITS: Mapping[str, str] = {
    "age_at_onset": r"(years?( old)?|yrs?|y\.?|yo|y/o)",
    "ck_level": r"((x|×|\*|times|fold|-fold)(\s*(the\s*)?(uln|upper limit of normal))?|uln)",
}
"""Finding -> what may follow its number: the unit in its definition, as a regular expression."""
ABSOLUTE: Mapping[str, str] = {"ck_level": r"[mk]?(iu|u|ui)\s*/\s*[dm]?l|[unµμ]kat\s*/\s*l|units?\s*(/|per)\s*l\w*"}
"""Finding in multiples of the upper limit -> units of the laboratory, which must first be divided by that limit."""
DIVIDE = "divide it by the upper limit of normal: multiples are needed"
MULTIPLES = re.compile(r"\buln\b|upper.?limit|multiple|times", re.IGNORECASE)
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
"""In a file with decimal commas, the point may mark thousands."""
NUMBER = r"[+]?\d+(?:[.,]\d+)?"
BOUND = re.compile(rf"(?P<sign><=|>=|<|>|≤|≥)\s*(?P<number>{NUMBER})|(?P<from>\d+)\s*\+")
DATE = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}([ T].*)?")
GROUPED = re.compile(r"[1-9]\d{0,2}([.,' \u00a0\u202f]\d{3})+([.,]\d+)?")
DECIMAL_COMMA, UNIT, OF_BOUND = "decimal comma read as a point", "unit left out", "bound read as a state"


def read_measured(variable: Variable, text: str) -> tuple[str, str] | None:
    """The state of a number that is not in plain digits, and how it was read; None if the cell is not such a number.

    Raises InputError saying why a number cannot be used.
    """
    word = text.strip()
    if DATE.fullmatch(word):
        raise _fault(variable, text, "is a date")
    if word.endswith("%"):
        raise _fault(variable, text, "is a percentage")
    if re.fullmatch(rf"[<>=≤≥+ ]*[\d.,]+\s*({ABSOLUTE.get(variable.id, '(?!)')})", word, re.IGNORECASE):
        raise _fault(variable, text, f"is in the unit of the laboratory; {DIVIDE}")
    bare = re.sub(rf"\s*{UNITS.get(variable.id, '(?!)')}$", "", word, flags=re.IGNORECASE)
    how = [UNIT] if bare != word else []
    digits = bare.lstrip("+-<>=≤≥ ").rstrip("+ ")
    if GROUPED.fullmatch(digits) and not digits.replace(".", "", 1).isdigit():
        raise _fault(variable, text, "has separators that can mean thousands or decimals")
    bound = BOUND.fullmatch(bare)
    if bound:
        return _of_bound(variable, text, bound), ", ".join([*how, OF_BOUND])
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        bare, how = bare.replace(",", "."), [*how, DECIMAL_COMMA]
    if not how or not re.fullmatch(r"[+-]?\d+(\.\d+)?", bare):
        return None
    return variable.state(bare), ", ".join(how)


def in_another_unit(variable: Variable, column: str, text: str) -> str:
    """Why a number may be in the unit of the laboratory instead of multiples of the upper limit; empty if it is not.

    A column that has the id of the finding, or names the upper limit, holds multiples. In any other, the name may have
    the unit, or the number is one of the highest bin, as most results in that unit are.
    """
    if variable.id not in ABSOLUTE or column == variable.id or MULTIPLES.search(column):
        return ""
    if not re.fullmatch(r"\d+([.,]\d+)?", text):
        return ""
    if re.search(rf"(^|[\s(_\[,])({ABSOLUTE[variable.id]})($|[\s)_\],])", column, re.IGNORECASE):
        return f"{text!r} is in the unit that the column names; {DIVIDE}"
    if float(text.replace(",", ".")) > variable.bins[-1].low:
        return f"{text!r} may be in U/L; {DIVIDE}. If these numbers are multiples, name the column {variable.id}"
    return ""


def as_multiple(variable: Variable, text: str, limit: float) -> str:
    """A number in the unit of the laboratory, with the unit or without, as a multiple of its upper limit.

    Any other text is unchanged.
    """
    match = re.fullmatch(
        rf"([<>≤≥]=?\s*)?(\d+(?:[.,]\d+)?)\s*({ABSOLUTE.get(variable.id, '(?!)')})?", text.strip(), re.IGNORECASE
    )
    if match is None or GROUPED.fullmatch(match[2]):
        return text
    return f"{match[1] or ''}{round(float(match[2].replace(',', '.')) / limit, 6)!r}"


def _of_bound(variable: Variable, text: str, bound: re.Match[str]) -> str:
    """The state of all numbers above (or below) a bound; raises InputError if they lie in several states."""
    number = float((bound["number"] or bound["from"]).replace(",", "."))
    sign = bound["sign"] or ">="
    included = sign in ("<=", ">=", "≤", "≥")
    below = sign in ("<", "<=", "≤")
    possible = [
        b.state
        for b in variable.bins
        if (b.low < number if below else b.high > number) or (included and b.holds(number))
    ]
    if len(possible) != 1:
        many = f"may be {' or '.join(possible)}" if possible else "lies outside of all states"
        raise _fault(variable, text, many)
    return possible[0]


def _fault(variable: Variable, text: str, reason: str) -> InputError:
    low, high = variable.bins[0].low, variable.bins[-1].high
    return InputError(f"field {variable.id}: {text!r} {reason}; write a number from {low:g} to {high:g} or one of "
                      f"{', '.join(variable.states)}")  # fmt: skip
