"""From which value on the app warns, as `priors/thresholds.csv` says."""

from collections.abc import Mapping

from model.priors.folder import Priors
from model.priors.tables import read_table

KNOWN: Mapping[str, tuple[float, float]] = {
    "surprise_share": (0, 1),
    "conflict_factor": (1, 1e6),
    "same_decision": (0, 1),
    "leading_probability": (0, 1),
}
"""Each threshold and the range it must lie in."""


def thresholds(priors: Priors) -> Mapping[str, float]:
    """Threshold id -> value; empty where a folder of priors has no such table: then nothing warns.

    Raises InputError for a fault in the table.
    """
    path = priors.folder / "thresholds.csv"
    if not path.exists():
        return {}
    rows = read_table(path, ["id", "value", "unit", "source", "note"], priors.folder)
    return {name: row.number("value", *KNOWN[name]) for row in rows if (name := row.one_of("id", KNOWN))}
