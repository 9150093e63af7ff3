"""Odds, likelihood ratios, natural frequencies and dependence in plain words."""

import math

from model.learn.frequencies import Frequencies, frequencies
from model.learn.step_by_step import Step
from model.patient.phrases import diagnosis_phrase
from model.patient.why.weight_of_evidence import DECIBANS
from model.priors.vocabulary import Vocabulary

NOTICEABLE = 1 / DECIBANS
"""One deciban, about the smallest change of evidence that a person notices (Good 1979)."""
MOST_RATIO = 10_000
FAMILY_PHRASES = {"iim": "an inflammatory myopathy", "mimic": "a mimic or another condition"}


def two_digits(number: float) -> str:
    """A number with two significant digits, without an exponent.

    >>> [two_digits(number) for number in (0.01234, 0.5, 1, 7.54, 23.4, 1234)]
    ['0.012', '0.5', '1', '7.5', '23', '1,200']
    """
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else "∞"
    places = 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, places)
    text = f"{rounded:,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def odds_phrase(log_odds: float) -> str:
    """Odds from their natural logarithm.

    >>> [odds_phrase(math.log(odds)) for odds in (4, 1, 0.05)]
    ['4 to 1', '1 to 1', '1 to 20']
    """
    if math.isinf(log_odds) or math.isnan(log_odds):
        return "certain" if log_odds > 0 else "excluded"
    size = two_digits(math.exp(min(abs(log_odds), 700)))
    return f"{size} to 1" if log_odds >= 0 else f"1 to {size}"


def ratio_phrase(log_ratio: float) -> str:
    """A likelihood ratio from its natural logarithm; above MOST_RATIO only the limit is given.

    >>> [ratio_phrase(math.log(ratio)) for ratio in (3, 0.2, 1e6, 1e-6)]
    ['3', '0.2', '>10,000', '<0.0001']
    """
    if math.isinf(log_ratio):
        return "∞" if log_ratio > 0 else "0"
    if abs(log_ratio) > math.log(MOST_RATIO):
        return f">{MOST_RATIO:,}" if log_ratio > 0 else f"<{1 / MOST_RATIO:g}"
    return two_digits(math.exp(log_ratio))


def decibans_phrase(log_ratio: float) -> str:
    """Natural log odds as signed decibans.

    >>> decibans_phrase(math.log(10)), decibans_phrase(-math.log(2))
    ('+10.0', '−3.0')
    """
    return f"{DECIBANS * log_ratio:+.1f}".replace("-", "−").replace("inf", "∞")


def change_phrase(log_ratio: float) -> str:
    """What a likelihood ratio does to the odds.

    >>> change_phrase(math.log(3)), change_phrase(math.log(0.25))
    ('makes the odds 3 times as high', 'makes the odds 4 times lower')
    """
    if math.isinf(log_ratio):
        return "settles it" if log_ratio > 0 else "excludes it"
    if abs(log_ratio) < NOTICEABLE / 2:
        return "barely changes the odds"
    size = two_digits(math.exp(abs(log_ratio)))
    return f"makes the odds {size} times {'as high' if log_ratio > 0 else 'lower'}"


def probability(log_odds: float) -> float:
    """The probability of given log odds; 0 if they are not defined."""
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0


def side_phrase(vocabulary: Vocabulary, side: str | None) -> str:
    """A diagnosis, a family, or all others, inside a sentence."""
    if side is None:
        return "any other diagnosis"
    return FAMILY_PHRASES.get(side, "") or diagnosis_phrase(vocabulary, side)


def people_phrase(count: int, people: int) -> str:
    """
    >>> people_phrase(0, 1000), people_phrase(1200, 10000)
    ('fewer than 1', '1,200')
    """
    return f"{count:,}" if count or not people else "fewer than 1"


def frequency_sentence(counts: Frequencies, has: str, like: str = "", rival: str = "", shows: str = "finding") -> str:
    """The four-fold table as numbers of people: "Of 1,000 people ..., 114 have ...: 85 of them have this finding, ...".

    `has`: the diagnosis. `like`: which people. `rival`: what the others have, empty for anything else.
    `shows`: what is seen, a finding or a result.
    """
    others = f"the {counts.others:,} with {rival}" if rival else f"the {counts.others:,} others"
    total = counts.with_finding
    end = (
        f"So of the {total:,} people with this {shows}, {_have(counts.diagnosed_with, total)} {has}."
        if total
        else f"Hardly any of them has this {shows}."
    )
    return (
        f"Of {counts.people:,} people{' ' if like else ''}{like}, {_have(counts.diagnosed, counts.people)} {has}; "
        f"{people_phrase(counts.diagnosed_with, counts.diagnosed)} of them "
        f"{'has' if counts.diagnosed_with == 1 else 'have'} this {shows}, "
        f"and so {'does' if counts.others_with == 1 else 'do'} "
        f"{people_phrase(counts.others_with, counts.others)} of {others}. {end}"
    )


def _have(count: int, people: int) -> str:
    return f"{people_phrase(count, people)} {'has' if count == 1 else 'have'}"


def step_frequencies(step: Step, people: int = 0) -> Frequencies | None:
    """A step as numbers of people; None if a side was excluded before it."""
    if math.isnan(step.rate_in_diagnosis) or math.isnan(step.rate_in_others):
        return None
    return frequencies(probability(step.log_odds_before), step.rate_in_diagnosis, step.rate_in_others, people)
