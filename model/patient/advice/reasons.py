"""Why a rule applies, in words: the findings and probabilities that decided it, and where it is published."""

from collections.abc import Iterable, Mapping

from model.patient.conditions.evaluate import Facts, leader
from model.patient.conditions.language import AtLeast, InStates, Known, Leads, Leaf, Name
from model.patient.conditions.values import entered_values
from model.patient.phrases import percent
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary


def because(leaves: Iterable[Leaf], facts: Facts) -> str:
    """The leaves that decide a condition, in words on one line; repetitions are dropped."""
    said = (_words(leaf, facts) for leaf in leaves)
    return "; ".join(dict.fromkeys(words for words in said if words))


def _words(leaf: Leaf, facts: Facts) -> str:
    if isinstance(leaf, InStates | AtLeast):
        return _finding_words(leaf.finding, facts)
    if isinstance(leaf, Known):
        entered = [finding for finding in leaf.findings if entered_values(facts.findings.get(finding))]
        if leaf.label and not entered:
            return f"{leaf.label}: nothing known"
        return "; ".join(_finding_words(finding, facts) for finding in entered or leaf.findings)
    if isinstance(leaf, Name) or facts.posterior is None:
        return ""
    if isinstance(leaf, Leads):
        first = leader(leaf.among, facts.posterior)
        group = _group(leaf.among_words, facts.vocabulary)
        return f"{facts.vocabulary.short[first]} leads among {group}" if first in leaf.diagnoses else ""
    return f"{_group(leaf.words, facts.vocabulary)} {percent(sum(facts.posterior[d] for d in leaf.diagnoses))}"


def _finding_words(finding: str, facts: Facts) -> str:
    values = entered_values(facts.findings.get(finding))
    said = (f"{value:g}" if isinstance(value, int | float) else str(value).replace("_", " ") for value in values)
    return f"{facts.vocabulary.variables[finding].label}: {' or '.join(said) or 'not known'}"


def _group(words: Iterable[str], vocabulary: Vocabulary) -> str:
    """Diagnoses by their short names, families in capitals."""
    names = [vocabulary.short[word] if word in vocabulary.short else word.upper() for word in words]
    return ", ".join(names[:-1]) + (" or " if len(names) > 1 else "") + names[-1]


def check_source(row: Row, sources: Mapping[str, Row]) -> None:
    """Raise InputError unless the row names known sources, and one locator for each."""
    keys, locators = row.words("source"), row.words("locator")
    for key in keys:
        Row(row.file, row.line, {"source": key}).one_of("source", sources)
    if not keys or len(keys) != len(locators):
        raise row.fault("locator", f"{len(keys)} sources need {len(keys)} locators, separated by ;")


def cited(source: str, locator: str, sources: Mapping[str, Row]) -> str:
    """Where a rule is published, for a reader: first author, year and locator of each source."""
    locators: dict[str, list[str]] = {}
    for key, where in zip(source.split(";"), locator.split(";"), strict=True):
        row = sources[key.strip()]
        author = row["citation"].replace(".", " ").split()[0].rstrip(",")
        locators.setdefault(f"{author} {row['year']}", []).append(where.strip())
    return "; ".join(f"{label}: {', '.join(found)}" for label, found in locators.items())
