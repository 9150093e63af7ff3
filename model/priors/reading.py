"""What was read of each source, and how many patients a number may be worth for that."""

from model.errors import InputError
from model.priors.folder import Priors
from model.priors.numbers import read_scale, strength_of
from model.priors.tables import Row

NUMBERS = ("shares", "rates/", "effects/")
"""The tables whose rows are worth a number of patients."""


def what_was_read(source: Row) -> tuple[str, ...]:
    """The words of `reading.csv` for a source; none if the folder does not say."""
    return source.words("read") if "read" in source.cells else ()


def cited_in_full(priors: Priors, key: str) -> str:
    """The citation of a source and what was read of it; the key itself if the folder lists no such source."""
    if key not in priors.sources:
        return key
    source = priors.sources[key]
    read = " and ".join(word for word in what_was_read(source) if word != "none")
    return f"{source['citation']} (read: {read})" if read else source["citation"]


def reading_cap(priors: Priors, row: Row) -> float:
    """The most patients that a row may be worth: the cap of its best source, by what was read of that source.

    There is no cap if a source is not listed or if the folder does not say what was read of it.
    """
    caps = {word["read"]: float(word["strength_cap"]) for word in priors.tables["reading"]}
    read = [what_was_read(priors.sources[key]) if key in priors.sources else () for key in row.words("source")]
    if not read or not all(read):
        return float("inf")
    return max(caps[word] for words in read for word in words)


def check_reading(priors: Priors) -> None:
    """Raises InputError for the first number that is worth more patients than its sources, as they were read, allow.

    A definition rests on no source.
    """
    scale = read_scale(priors.tables)
    for row in (row for name in NUMBERS for row in priors.tables[name]):
        if row["grade"] == "definition":
            continue
        strength, cap = strength_of(row, scale), reading_cap(priors, row)
        if strength > cap:
            raise InputError(
                f"{row.file}, line {row.line}, field strength: {strength:g} patients are more than {cap:g}, "
                "the cap for what was read of its sources (reading.csv)"
            )
