"""Faults that a user can mend, said in one line."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_WORD = 200
"""In letters; longer ones are no slip of the pen, and to compare them takes long."""


class InputError(ValueError):
    """Bad input: the message names what is wrong, where, and the nearest valid word."""


class Unfinished(InputError):
    """The machine stopped the work, not the input: what is done by then is worth keeping, to go on later."""


class ImpossibleEvidence(InputError):
    """The findings cannot occur together under the model; `findings` names a smallest set that conflicts."""

    def __init__(self, findings: Iterable[str]):
        self.findings = tuple(findings)
        super().__init__("these findings cannot occur together in this model: " + ", ".join(self.findings))


def short(value: object) -> str:
    """A value for a message, cut where it is long.

    >>> short("presnt"), short("x" * 500)[-4:]
    ("'presnt'", 'x...')
    """
    text = repr(value)
    return text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + "..."


def nearest(word: object, valid: Iterable[str]) -> str:
    """A hint that names the valid word nearest to `word`, or the valid words when they are few.

    >>> nearest("heliotrop", ["heliotrope_rash", "fever"])
    '; did you mean heliotrope_rash?'
    """
    words = list(valid)
    close = get_close_matches(str(word), words, n=1, cutoff=0.5) if len(str(word)) <= LONGEST_WORD else []
    if close:
        return f"; did you mean {close[0]}?"
    return "; valid: " + ", ".join(words) if len(words) <= 25 else ""
