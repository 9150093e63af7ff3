"""Which source keys belong to one study."""

from collections.abc import Mapping

from model.priors.folder import Priors, once
from model.priors.tables import Row


@once
def studies(priors: Priors) -> Mapping[str, str]:
    """Source key -> one key for its study: keys that `same_study_as` links have the same one."""
    linked: dict[str, str] = {key: key for key in priors.sources}

    def first(key: str) -> str:
        while linked.setdefault(key, key) != key:
            key = linked[key]
        return key

    for key, row in priors.sources.items():
        for other in row.words("same_study_as") if row.cells.get("same_study_as") else ():
            linked[first(key)] = first(other)
    return {key: first(key) for key in linked}


def studies_of(priors: Priors, row: Row) -> frozenset[str]:
    """The studies that a row cites."""
    known = studies(priors)
    return frozenset(known.get(key, key) for key in row.words("source"))
