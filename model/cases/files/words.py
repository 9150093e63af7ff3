"""Matches columns and cells, as people write them, to the vocabulary."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from model.cases.files.measured import read_measured
from model.errors import InputError
from model.priors.vocabulary import Variable, Vocabulary

Counts = NDArray[np.int64]
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


@dataclass(frozen=True)
class Names:
    """What may name a column. `columns`: plain name -> column. `letters`: how often each has each letter, (names, 128).

    `lengths`: letters of each name, (names,).
    """

    columns: Mapping[str, str]
    letters: Counts
    lengths: Counts


def known_names(vocabulary: Vocabulary) -> Names:
    """Each id, label, and synonym of one finding only."""
    names = dict(column_names(vocabulary))
    synonyms = [(plain(w), f) for f in vocabulary.findings for w in vocabulary.variables[f].synonyms]
    counts = Counter(word for word, _ in synonyms)
    for word, finding in synonyms:
        if counts[word] == 1:
            names.setdefault(word, finding)
    return Names(names, np.array([_letters(name) for name in names]), np.array([len(name) for name in names]))


def likely_column(name: str, vocabulary: Vocabulary, names: Names | None = None) -> str | None:
    """The column that a name most likely means; None if none is similar. `names`: as `known_names` gives them.

    A person must confirm it: a synonym may be in another unit ("CK" in U/l, not in multiples of the upper limit).
    """
    names = known_names(vocabulary) if names is None else names
    word = plain(name)
    if word in names.columns:
        return names.columns[word]
    # No name is more alike than the letters that it shares with the word, in any order.
    shared = np.minimum(names.letters, _letters(word)).sum(axis=1)
    possible = np.flatnonzero(2 * shared >= LEAST_LIKENESS * (names.lengths + len(word)))
    known = list(names.columns)
    likeness = {known[i]: SequenceMatcher(None, word, known[i]).ratio() for i in possible}
    best = max(likeness, key=lambda known: likeness[known], default=None)
    return names.columns[best] if best is not None and likeness[best] >= LEAST_LIKENESS else None


def _letters(word: str) -> Counts:
    """How often a word has each letter, (128,); letters beyond ASCII are counted together."""
    return np.bincount([min(ord(letter), 127) for letter in word], minlength=128)


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
