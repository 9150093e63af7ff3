"""Conditions read from the cells of tables, and the named conditions of `conditions.csv`."""

from dataclasses import replace

from model.errors import InputError
from model.patient.conditions.language import Condition, Known
from model.patient.conditions.parse import Names, parse
from model.priors.folder import Priors, once
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary


@once
def read_names(priors: Priors) -> Names:
    """Name -> condition, from `conditions.csv`; empty if the priors have no such table.

    A definition may use the names defined above it. Raises InputError that names file, line and field.
    """
    names: dict[str, Condition] = {}
    for row in priors.tables["conditions"]:
        if row["name"] in priors.vocabulary.variables:
            raise row.fault("name", f"{row['name']!r} already means something")
        condition = read_condition(row, "when", priors.vocabulary, names)
        names[row["name"]] = replace(condition, label=row["label"]) if isinstance(condition, Known) else condition
    return names


def read_condition(row: Row, column: str, vocabulary: Vocabulary, names: Names | None = None) -> Condition:
    """The condition in a cell; raises InputError that names file, line, field and the nearest valid word."""
    try:
        return parse(row[column], vocabulary, names)
    except InputError as fault:
        raise row.fault(column, str(fault)) from None
