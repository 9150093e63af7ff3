"""What a rule rests on, in words: the findings and probabilities that decided it, and where it is published."""

from collections.abc import Iterable, Mapping

from model.patient.advice.conditions import (
    AtLeast,
    Findings,
    InStates,
    Known,
    Leads,
    Leaf,
    leader,
    possible_values,
)
from model.patient.phrases import percent
from model.priors.tables import Row
from model.priors.vocabulary import Variable, Vocabulary


def because(
    leaves: Iterable[Leaf], findings: Findings, posterior: Mapping[str, float] | None, vocabulary: Vocabulary
) -> str:
    """The leaves of a judgement as one line, each thing said once."""
    said = (_words(leaf, findings, posterior, vocabulary) for leaf in leaves)
    return "; ".join(dict.fromkeys(words for words in said if words))


def _words(leaf: Leaf, findings: Findings, posterior: Mapping[str, float] | None, vocabulary: Vocabulary) -> str:
    if isinstance(leaf, InStates | AtLeast):
        return _finding_words(leaf.variable, findings)
    if isinstance(leaf, Known):
        entered = [variable for variable in leaf.variables if possible_values(findings.get(variable.id))]
        if leaf.label and not entered:
            return f"{leaf.label}: nothing known"
        return "; ".join(_finding_words(variable, findings) for variable in entered or leaf.variables)
    if posterior is None:
        return ""
    if isinstance(leaf, Leads):
        first = leader(leaf, posterior)
        group = _group(leaf.among_words, vocabulary)
        return f"{vocabulary.short[first]} leads among {group}" if first in leaf.diagnoses else ""
    return f"{_group(leaf.words, vocabulary)} {percent(sum(posterior[d] for d in leaf.diagnoses))}"


def _finding_words(variable: Variable, findings: Findings) -> str:
    values = possible_values(findings.get(variable.id))
    said = (f"{value:g}" if isinstance(value, int | float) else str(value).replace("_", " ") for value in values)
    return f"{variable.label}: {' or '.join(said) or 'not known'}"


def _group(words: Iterable[str], vocabulary: Vocabulary) -> str:
    """Diagnoses by their short names, a family by its own."""
    names = [vocabulary.short[word] if word in vocabulary.short else word.upper() for word in words]
    return ", ".join(names[:-1]) + (" or " if len(names) > 1 else "") + names[-1]


def check_source(row: Row, sources: Mapping[str, Row]) -> None:
    """Raise InputError unless the row names known sources, and as many places in them."""
    keys, places = row.words("source"), row.words("locator")
    for key in keys:
        Row(row.file, row.line, {"source": key}).one_of("source", sources)
    if not keys or len(keys) != len(places):
        raise row.fault("locator", f"{len(keys)} sources need {len(keys)} locators, separated by ;")


def cited(source: str, locator: str, sources: Mapping[str, Row]) -> str:
    """Where a rule is published, for a reader: first author, year and place of each source."""
    places: dict[str, list[str]] = {}
    for key, place in zip(source.split(";"), locator.split(";"), strict=True):
        row = sources[key.strip()]
        author = row["citation"].replace(".", " ").split()[0].rstrip(",")
        places.setdefault(f"{author} {row['year']}", []).append(place.strip())
    return "; ".join(f"{label}: {', '.join(found)}" for label, found in places.items())
