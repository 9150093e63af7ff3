"""A number in words."""

from app_pages.shared.number_rows import given_phrase
from model import Net
from model.calibrate.numbers import ODDS_RATIO, Number


def number_label(net: Net, number: Number) -> str:
    """A number in words: "Heliotrope rash: present in DM", "Odds ratio of Ro52: positive with Overlap: lupus"."""
    vocabulary = net.vocabulary
    if number.kind == "term":
        return f"The word “{number.state}”"
    if number.kind == "share":
        return f"Share of {vocabulary.short.get(number.state, number.state)}"
    if number.kind == ODDS_RATIO:
        what = f"{vocabulary.variables[number.node].label}: {number.state.replace('_', ' ')}"
        return f"Odds ratio of {what} with {given_phrase(number.given, vocabulary)}"
    parts = number.given.split(", ")
    words = given_phrase(", ".join(parts[1:]), vocabulary) if len(parts) > 1 else ""
    where = vocabulary.short.get(parts[0]) or given_phrase(parts[0], vocabulary)
    state = number.state.replace("_", " ")
    return f"{vocabulary.variables[number.node].label}: {state} in {', '.join(filter(None, (where, words)))}"


def value_words(number: Number) -> str:
    """A number with its weight and what that implies, in short."""
    weight = "" if number.strength is None else f", worth {number.strength:g} patients"
    bounds = [_bound(bound, number) for bound in (number.low, number.high) if bound is not None]
    span = f" ({' to '.join(bounds)})" if bounds else ""
    return f"{number.value:.4g}{span}{weight}"


def _bound(bound: float, number: Number) -> str:
    """One decimal of a percentage, three digits of an odds ratio."""
    return f"{float(f'{bound:.3g}'):g}" if number.kind == ODDS_RATIO else f"{bound:.1f}"


def unit(number: Number) -> str:
    """What the value of a number counts: "%" or "odds ratio"."""
    return "odds ratio" if number.kind == ODDS_RATIO else "%"
