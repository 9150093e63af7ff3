"""Do the numbers obey the definitions of the diagnoses? `priors/definitions.csv` against what the network implies.

A class that is defined by weakness must have it in nearly all patients, and one that is defined by its absence in
hardly any. A finding that a definition allows must stay possible.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from model.inference.net import Net
from model.priors.tables import Row

TABLE = "definitions"


@dataclass(frozen=True)
class Obeyed:
    """A row of the definitions, and the percent of patients with the diagnosis who have one of its states.

    `holds`: at least the percent of the row if the definition requires or allows the states, at most that percent if
    it excludes them.
    """

    row: Row
    implied_percent: float
    holds: bool


def definitions(net: Net) -> Iterator[Obeyed]:
    """Every row of the definitions with what the network implies, in the order of the table.

    The default setting counts; it matters only for findings that depend on the setting itself.
    """
    for row in net.priors.tables[TABLE]:
        marginal = net.marginal(row["finding"], {"diagnosis": row["diagnosis"], "setting": net.default_setting})
        implied = 100 * sum(marginal[state] for state in row.words("states", "|"))
        limit = float(row["percent"])
        yield Obeyed(row, implied, implied <= limit if row["rule"] == "excludes" else implied >= limit)
