"""Errors that a user can correct, each with a message of one line."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_WORD = 200
"""Most characters of a word that is repeated or compared: a longer one is no misspelling, and slow to compare."""


class InputError(ValueError):
    """Wrong input. The message says what is wrong, where (file, row, field), and gives the nearest valid word."""


class Unfinished(InputError):
    """The machine stopped the work, not the input. What is done so far can be kept and resumed."""


class ImpossibleEvidence(InputError):
    """The findings cannot occur together under the model. `findings`: a smallest subset that cannot."""

    def __init__(self, findings: Iterable[str]):
        self.findings = tuple(findings)
        super().__init__("these findings cannot occur together in this model: " + ", ".join(self.findings))


def short(value: object) -> str:
    """A value as text for a message, cut after LONGEST_WORD characters.

    >>> short("presnt"), short("x" * 500)[-4:]
    ("'presnt'", 'x...')
    """
    text = repr(value)
    return text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + "..."


def nearest(word: object, valid: Iterable[str]) -> str:
    """A hint for a message: the valid word nearest to `word`, or all valid words if none is near and they are few.

    >>> nearest("heliotrop", ["heliotrope_rash", "fever"])
    '; did you mean heliotrope_rash?'
    """
    words = list(valid)
    close = get_close_matches(str(word), words, n=1, cutoff=0.5) if len(str(word)) <= LONGEST_WORD else []
    if close:
        return f"; did you mean {close[0]}?"
    return "; valid: " + ", ".join(words) if len(words) <= 25 else ""
