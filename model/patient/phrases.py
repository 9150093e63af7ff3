"""Findings and diagnoses as parts of a sentence."""

import math
import re
from collections.abc import Mapping, Sequence

from model.priors.vocabulary import Variable, Vocabulary

SAID_BY_THE_LABEL = ("present", "positive")
PERCENT = "\N{NO-BREAK SPACE}%"
BARELY, BEYOND = 1.1, 1e6
NAMES_OF_PERSONS = ("Gottron", "Raynaud")


def finding_phrase(vocabulary: Vocabulary, finding: str, value: object) -> str:
    """A finding inside a sentence: "heliotrope rash", "creatine kinase (0.5, normal)", "age at onset (54)"."""
    variable = vocabulary.variable(finding)
    label = _inside_a_sentence(_without_remark(variable.label))
    return label if value in SAID_BY_THE_LABEL else f"{label} ({value_phrase(value, variable)})"


def value_phrase(value: object, variable: Variable | None = None) -> str:
    """A state, a number, a list of states or soft evidence in words; a number of `variable` with its state's name."""
    if isinstance(value, Mapping):
        return "uncertain"
    if isinstance(value, (list, tuple, set, frozenset)):
        return " or ".join(value_phrase(v, variable) for v in value)
    if not isinstance(value, (int, float)):
        return str(value).replace("_", " ")
    state = variable.state(value) if variable and variable.bins else ""
    named = state and not any(character.isdigit() for character in state)
    return f"{value:g}, {state.replace('_', ' ')}" if named else f"{value:g}"


def diagnosis_phrase(vocabulary: Vocabulary, diagnosis: str) -> str:
    """A diagnosis inside a sentence."""
    return _inside_a_sentence(_without_remark(vocabulary.diagnosis_labels.get(diagnosis, diagnosis)))


def enumeration(phrases: Sequence[str]) -> str:
    """
    >>> enumeration(["fever", "cough", "rash"])
    'fever, cough and rash'
    """
    return " and ".join(filter(None, [", ".join(phrases[:-1]), *phrases[-1:]]))


def is_plural(phrase: str) -> bool:
    """Whether a verb after the phrase takes its plural form.

    >>> [is_plural(phrase) for phrase in ("skin ulcers (absent)", "invasion of fibres", "calcinosis", "weakness")]
    [True, False, False, False]
    """
    return re.search(r"[^isu]s$", _without_remark(phrase).split(" of ")[0]) is not None


def capitalised(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _without_remark(label: str) -> str:
    return re.sub(r" \([^()]*\)$", "", label)


def _inside_a_sentence(label: str) -> str:
    first = re.split(r"[ '/-]", label)[0]
    plain = len(first) > 1 and first[1:].islower() and first not in NAMES_OF_PERSONS
    return label[:1].lower() + label[1:] if plain else label


def percent(probability: float) -> str:
    """Whole percents, one decimal near the ends, never a false 0 or 100; number and sign stay on one line.

    >>> [percent(p).replace(PERCENT, " %") for p in (0, 0.0002, 0.0234, 0.5, 0.9662, 0.9999)]
    ['0 %', '<0.1 %', '2.3 %', '50 %', '96.6 %', '>99.9 %']
    """
    if 0 < probability < 0.0005:
        number = "<0.1"
    elif 0.9995 < probability < 1:
        number = ">99.9"
    else:
        whole = probability in (0, 1) or 0.0995 <= probability < 0.9
        number = f"{100 * probability:.{0 if whole else 1}f}"
    return number + PERCENT


def odds_change(log_ratio: float) -> str:
    """What a finite log likelihood ratio (natural logarithm) does to the odds, in two digits.

    >>> [odds_change(math.log(ratio)) for ratio in (2.512, 1 / 2.4, 1.05, 123, 1e9)]
    ['raises the odds 2.5×', 'lowers the odds 2.4×', 'barely changes the odds', 'raises the odds 120×', \
'raises the odds more than 1,000,000×']
    """
    if abs(log_ratio) < math.log(BARELY):
        return "barely changes the odds"
    verb = "raises" if log_ratio > 0 else "lowers"
    if abs(log_ratio) > math.log(BEYOND):
        return f"{verb} the odds more than {BEYOND:,.0f}×"
    return f"{verb} the odds {float(f'{math.exp(abs(log_ratio)):.2g}'):,g}×"
