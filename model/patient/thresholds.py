"""From which value on the app warns, as `priors/thresholds.csv` says."""

from collections.abc import Mapping

from model.priors import Priors
from model.tables import read_table


def thresholds(priors: Priors) -> Mapping[str, float]:
    """Threshold id -> value; empty where a folder of priors has no such table: then nothing warns.

    Raises InputError for a fault in the table.
    """
    path = priors.folder / "thresholds.csv"
    if not path.exists():
        return {}
    rows = read_table(path, ["id", "value", "unit", "source", "note"], priors.folder)
    return {row["id"]: row.number("value", -1000, 1000) for row in rows}
