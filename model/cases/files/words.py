"""Matches columns and cells, as people write them, to the vocabulary."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from model.cases.files.measured import read_measured
from model.errors import InputError
from model.priors.vocabulary import Variable, Vocabulary

FIELDS = ("id", "setting", "diagnosis")
UNKNOWN = (
    "",
    "na",
    "n/a",
    "nan",
    "null",
    "none recorded",
    "unknown",
    "not known",
    "not done",
    "missing",
    "?",
    ".",
    "-",
)
YES = ("yes", "y", "true", "1", "1.0", "pos", "+")
NO = ("no", "n", "false", "0", "0.0", "neg")
NEGATIVE_STATES = ("absent", "negative", "normal")
LEAST_LIKENESS = 0.82


def plain(text: object) -> str:
    """A word in lower case, with an underscore for spaces and punctuation.

    >>> plain("  Heliotrope-Rash "), plain("Anti Jo-1")
    ('heliotrope_rash', 'anti_jo_1')
    """
    return re.sub(r"[\s\-/.:()]+", "_", str(text).strip().casefold()).strip("_")


def column_names(vocabulary: Vocabulary) -> Mapping[str, str]:
    """Plain form of each id and label -> the column it names."""
    names = {plain(field): field for field in FIELDS}
    for finding in vocabulary.findings:
        for word in (finding, vocabulary.variables[finding].label):
            names.setdefault(plain(word), finding)
    return names


def likely_column(name: str, vocabulary: Vocabulary) -> str | None:
    """The column that a name most likely means; None if none is similar.

    A person must confirm it: a synonym may be in another unit ("CK" in U/l, not in multiples of the upper limit).
    """
    names = dict(column_names(vocabulary))
    synonyms = [(plain(w), f) for f in vocabulary.findings for w in vocabulary.variables[f].synonyms]
    for word, finding in synonyms:
        if sum(word == other for other, _ in synonyms) == 1:
            names.setdefault(word, finding)
    word = plain(name)
    if word in names:
        return names[word]
    likeness = {known: SequenceMatcher(None, word, known).ratio() for known in names}
    best = max(likeness, key=lambda known: likeness[known])
    return names[best] if likeness[best] >= LEAST_LIKENESS else None


def read_state(variable: Variable, text: str) -> tuple[str | None, str]:
    """The state that a cell means (None: unknown), and the repair needed to read it ("": none).

    Raises InputError with the nearest state.
    """
    try:
        return variable.state(text), ""
    except InputError:
        pass
    word = plain(text)
    if word in (plain(u) for u in UNKNOWN):
        return None, "" if not text.strip() else "read as unknown"
    by_plain = {plain(state): state for state in variable.states}
    if word in by_plain:
        return by_plain[word], "case, spaces or hyphens ignored"
    measured = read_measured(variable, text) if variable.bins else None
    if measured:
        return measured
    if len(variable.states) == 2 and variable.states[0] in NEGATIVE_STATES and text.strip().casefold() in (*YES, *NO):
        return variable.states[text.strip().casefold() in YES], "yes, no, 1, 0 or a sign read as a state"
    variable.state(text.strip())
    raise AssertionError("a state that could not be read was read")
