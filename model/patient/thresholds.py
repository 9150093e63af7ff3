"""From which value on the app warns, as `priors/thresholds.csv` says."""

from collections.abc import Mapping

from model.priors.folder import Priors, once

KNOWN: Mapping[str, tuple[float, float]] = {
    "surprise_share": (0, 1),
    "conflict_factor": (1, 1e6),
    "same_decision": (0, 1),
    "leading_probability": (0, 1),
}
"""Each threshold and the range it must lie in."""


@once
def thresholds(priors: Priors) -> Mapping[str, float]:
    """Threshold id -> value; empty where a folder of priors has no such table: then nothing warns.

    Raises InputError for a fault in the table.
    """
    return {row["id"]: row.number("value", *KNOWN[row["id"]]) for row in priors.tables["thresholds"]}
