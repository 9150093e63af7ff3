"""How findings, scores and figures read in a list, a table or a report."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from model.patient.phrases import PERCENT, percent, value_phrase
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    from model.patient.criteria import Verdict

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
UNITS: Mapping[str, str] = {"age_at_onset": "years", "ck_level": "× upper limit"}


def finding_text(vocabulary: Vocabulary, finding: str, value: object) -> str:
    """A finding and its state in words: "Creatine kinase: 23.5 × upper limit"."""
    return f"{vocabulary.variables[finding].label}: {value_text(vocabulary, finding, value)}"


def value_text(vocabulary: Vocabulary, finding: str, value: object) -> str:
    """A number with its unit, a state, "a or b" for several states; of soft evidence each state's likelihood."""
    if isinstance(value, Mapping):
        return ", ".join(f"{value_phrase(state)} (likelihood {weight:g})" for state, weight in value.items())
    number = isinstance(value, int | float) and not isinstance(value, bool)
    unit = f" {UNITS[finding]}" if number and finding in UNITS else ""
    return f"{value_phrase(value)}{unit}"


def interval_text(low: float, high: float) -> str:
    """
    >>> [interval_text(*ends).replace(PERCENT, " %") for ends in ((0.2, 0.5), (0.0001, 0.0002), (0.2, 0.9999))]
    ['20–50 %', '<0.1 %', '20 to >99.9 %']
    """
    return _range(percent(low), percent(high))


def score_text(verdict: "Verdict") -> str:
    """The score, and what the unknown items leave open: "3.6 (3.6–12.3)"; empty for a set without a score."""
    return _with_range(verdict.score, verdict.score_low, verdict.score_high, lambda value: f"{value:.1f}")


def probability_text(verdict: "Verdict") -> str:
    """The probability of the disease by the set's own formula, and the range that the unknown items leave."""
    return _with_range(verdict.probability, verdict.probability_low, verdict.probability_high, percent)


def date_text(day: date) -> str:
    """
    >>> date_text(date(2024, 3, 9))
    '9 March 2024'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _with_range(value: float | None, low: float | None, high: float | None, text: Callable[[float], str]) -> str:
    if value is None:
        return ""
    if low is None or high is None or text(low) == text(high):
        return text(value)
    return f"{text(value)} ({_range(text(low), text(high))})"


def _range(first: str, last: str) -> str:
    if first == last:
        return first
    dash = " to " if first[0] in "<>" or last[0] in "<>" else "–"
    return f"{first.removesuffix(PERCENT)}{dash}{last}"
