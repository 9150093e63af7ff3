"""Finding a finding by label, id, synonym or definition."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from model.priors.vocabulary import Variable, Vocabulary

MOST_MATCHES = 16


def search(text: str, vocabulary: Vocabulary, findings: Sequence[str]) -> list[str]:
    """The findings that hold every word of the text, best first; a misspelt word stands for the nearest.

    >>> import model
    >>> search("heliotrop rash", model.load().vocabulary, ["raynaud", "heliotrope_rash"])
    ['heliotrope_rash']
    """
    variables = [vocabulary.variables[finding] for finding in findings]
    words = _words(text)
    ranked = _ranked(words, variables)
    if words and not ranked:
        written = {w for v in variables for w in _words(" ".join([v.label, *v.synonyms]))}
        ranked = _ranked([(get_close_matches(w, written, 1, 0.7) or [w])[0] for w in words], variables)
    return ranked[:MOST_MATCHES]


def _ranked(words: Sequence[str], variables: Sequence[Variable]) -> list[str]:
    if not words:
        return []
    ranks = {v.id: _rank(words, v) for v in variables}
    matched = [(rank, finding) for finding, rank in ranks.items() if rank is not None]
    return [finding for _, finding in sorted(matched, key=lambda match: match[0])]


def _rank(words: Sequence[str], variable: Variable) -> int | None:
    """0 when the label or id holds all words at the start of its own, then synonyms, then definition."""
    fields = [f"{variable.label} {variable.id}", *variable.synonyms, variable.definition]
    texts = [" " + " ".join(_words(field)) for field in fields]
    for rank, field in enumerate(texts):
        if all(" " + word in field for word in words):
            return rank
    everything = "".join(texts)
    return len(texts) if all(" " + word in everything for word in words) else None


def _words(text: str) -> list[str]:
    """Lower case, without accents and signs: NT5C1A, Sjögren, p155/140."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("γ", "gamma"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", letters)
