"""What was read of each source."""

from model.priors.folder import Priors
from model.priors.tables import Row


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
