"""Unknown findings that another finding settles by definition: no weakness means no weak arms."""

from collections.abc import Iterable, Mapping

from model.inference.evidence import is_unknown
from model.inference.net import Findings, Net
from model.patient.conditions.values import entered_values
from model.priors.tables import Row


def with_implied(net: Net, findings: Findings) -> Mapping[str, object]:
    """The findings, with the unknown ones that they settle by definition; entered values are not changed.

    Only a finding that is certain implies another. The rules are the rows of `criteria/implied.csv` in the folder of
    priors; without that table nothing is implied. Raises InputError for a fault in the table or an unknown state.
    """
    implied = {
        row["implies"]: row["implied_state"]
        for row in net.priors.tables["criteria/implied"]
        if is_unknown(findings.get(row["implies"])) and _is(net, row, findings)
    }
    return {**findings, **implied}


def settling(net: Net, names: Iterable[str]) -> tuple[str, ...]:
    """The findings `names`, and those that may settle one of them by definition: `with_implied` reads no others."""
    own = dict.fromkeys(names)
    rows = net.priors.tables["criteria/implied"]
    return tuple(own | dict.fromkeys(row["finding"] for row in rows if row["implies"] in own))


def _is(net: Net, row: Row, findings: Findings) -> bool:
    values = entered_values(findings.get(row["finding"]))
    return bool(values) and all(net.vocabulary.variables[row["finding"]].state(v) == row["state"] for v in values)
