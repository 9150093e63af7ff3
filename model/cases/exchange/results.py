"""Results in words and numbers: `positive`, `1:640`, `> 5000 U/L`; and units, so that two numbers can be compared."""

import re
from dataclasses import replace

from model.cases.exchange.codes import Exchange
from model.cases.exchange.records import Result

COMPARATORS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}
SIGN = r"(?P<sign>[<>]=?|[≤≥])?\s*"
NUMBER = re.compile(SIGN + r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[^\d\s].*)?")
AMBIGUOUS = re.compile(r"\d\.\d{3}(?!\d)")
"""1.500 is one and a half, or one thousand five hundred."""
TITRE = re.compile(r"(?P<word>[^\d<>≤≥:/]*?)[\s,;(]*" + SIGN + r"1\s*[:/]\s*(?P<titre>\d+)\b\)?(?P<rest>[^\d]*)")
NO_UNIT = (",", ".", "-", "–", "/", ":")
UNITS_OF_A_TITRE = ("", "1", "titer", "titre", "{titer}", "{titre}")


def read_words(text: str, exchange: Exchange) -> Result:
    """The result that a text states. What cannot be read is `unread`."""
    text = " ".join(text.split())
    word = exchange.words.get(_word(text))
    if word:
        return meant({word})
    titre = TITRE.fullmatch(text)
    if titre and (not titre["word"].strip() or exchange.words.get(_word(titre["word"]))):
        before = {w for w in [exchange.words.get(_word(titre["word"]))] if w}
        sign = COMPARATORS.get(titre["sign"] or "", "")
        return replace(meant(before), titre=float(titre["titre"]), comparator=sign)
    number = NUMBER.fullmatch(text)
    unit = number["unit"] or "" if number else ""
    if number and not AMBIGUOUS.match(number["number"]) and not unit.startswith(NO_UNIT):
        sign = COMPARATORS.get(number["sign"] or "", "")
        return Result(number=float(number["number"]), comparator=sign, unit=unit.strip())
    return Result(unread="its result is a text that is not understood")


def is_titre(unit: str) -> bool:
    """Whether a number with this unit, or none, can be a titre."""
    return plain_unit(unit) in UNITS_OF_A_TITRE


def meant(means: set[str]) -> Result:
    """The result that one or several words or codes mean; `unread` if they do not decide."""
    if not means:
        return Result()
    if means == {"undecided"}:
        return Result(unread="its result is undecided")
    if len(means - {"undecided"}) > 1:
        return Result(unread="its results contradict each other")
    return Result(present="positive" in means)


def times(one: tuple[str, ...], other: tuple[str, ...], exchange: Exchange) -> float | None:
    """The factor from the unit `other` to the unit `one`; None if they differ in kind.

    Each unit is given by its code, its name, or both. A unit that is not given is that of the other number.
    """
    ours, theirs = ({plain_unit(text) for text in unit if text.strip()} for unit in (one, other))
    if not ours or not theirs or ours & theirs:
        return 1.0
    for base, factor in (exchange.units[u] for u in ours if u in exchange.units):
        for base_too, factor_too in (exchange.units[u] for u in theirs if u in exchange.units):
            if base == base_too:
                return factor_too / factor
    return None


def plain_unit(text: str) -> str:
    """A unit in lower case without brackets, spaces and braces: `[IU]/L` and `iu/l` are the same.

    >>> plain_unit("[IU]/L"), plain_unit("µkat / l"), plain_unit("UCUM:U/L")
    ('iu/l', 'ukat/l', 'u/l')
    """
    text = text.strip().lower().removeprefix("ucum:").replace("µ", "u").replace("μ", "u")
    text = re.sub(r"\{.*?\}", "", text) or text
    return re.sub(r"[\[\]]", "", " ".join(text.split()) if "per" in text.split() else re.sub(r"\s", "", text))


def _word(text: str) -> str:
    return text.strip().strip(".,;:!()").strip().lower()
