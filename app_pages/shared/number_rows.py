"""The numbers of a node as rows of a table: what each says, how sure it is, and who says so."""

from collections.abc import Mapping, Sequence

from model.calibrate.numbers import ODDS_RATIO, Number
from model.priors.folder import Priors
from model.priors.reading import what_was_read
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary

KIND_WORDS = {"rate": "% of patients", "share": "% of referrals", "odds ratio": "odds ratio", "term": "%"}
FAMILY_WORDS = {"any": "any diagnosis", "iim": "any inflammatory myopathy", "mimic": "any mimic"}


def number_rows(numbers: Sequence[Number], priors: Priors) -> list[dict[str, object]]:
    """One row a number, in the order given; the first source that has an address gives the link."""
    sources = priors.sources
    return [_row(number, priors.vocabulary, sources) for number in numbers]


def _row(number: Number, vocabulary: Vocabulary, sources: Mapping[str, Row]) -> dict[str, object]:
    row = number.row
    keys = row.words("source")
    places = 2 if number.kind == ODDS_RATIO else 1
    links = (sources[key].cells.get("url", "") for key in keys if key in sources)
    return {
        "state": number.state.replace("_", " "),
        "in": given_phrase(number.given, vocabulary),
        "value": round(number.value, 2),
        "unit": KIND_WORDS[number.kind],
        "90 % from": None if number.low is None else round(number.low, places),
        "to": None if number.high is None else round(number.high, places),
        "worth (patients)": number.strength,
        "grade": number.grade,
        "source": "; ".join(keys),
        "link": next((link for link in links if link), None),
        "page in the source": row.cells.get("locator", ""),
        "note": row.cells.get("note", ""),
        "file": f"{row.file}, line {row.line}",
    }


def given_phrase(given: str, vocabulary: Vocabulary) -> str:
    """The condition of a number in words: "Dermatomyositis, true autoantibody: mda5"."""
    return ", ".join(_part(part.strip(), vocabulary) for part in given.split(","))


def _part(part: str, vocabulary: Vocabulary) -> str:
    name, equals, state = part.partition("=")
    if not equals:
        return vocabulary.diagnosis_labels.get(name) or FAMILY_WORDS.get(name, name)
    labels = {"setting": vocabulary.setting_labels, "diagnosis": vocabulary.diagnosis_labels}.get(name, {})
    return f"{vocabulary.variables[name].label}: {labels.get(state, state.replace('_', ' '))}"


def source_rows(numbers: Sequence[Number], priors: Priors) -> list[dict[str, object]]:
    """The sources of some numbers, each once, with how many of the numbers rest on it, most first."""
    counts: dict[str, int] = {}
    for number in numbers:
        for key in number.row.words("source"):
            counts[key] = counts.get(key, 0) + 1
    sources = priors.sources
    return [
        {
            "source": key,
            "numbers": count,
            "citation": sources[key]["citation"] if key in sources else "",
            "read": ", ".join(what_was_read(sources[key])) if key in sources else "",
            "link": sources[key].cells.get("url") or None if key in sources else None,
        }
        for key, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
