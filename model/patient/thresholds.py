"""The values from which on the app warns, from `priors/thresholds.csv`."""

from collections.abc import Mapping

from model.priors.folder import Priors, once

KNOWN: Mapping[str, tuple[float, float]] = {
    "surprise_share": (0, 1),
    "conflict_factor": (1, 1e6),
    "same_decision": (0, 1),
    "leading_probability": (0, 1),
}
"""Threshold id -> (lowest, highest) valid value."""


@once
def thresholds(priors: Priors) -> Mapping[str, float]:
    """Threshold id -> value; empty if the priors have no such table, and then nothing warns.

    Raises InputError for a fault in the table.
    """
    return {row["id"]: row.number("value", *KNOWN[row["id"]]) for row in priors.tables["thresholds"]}
