"""The published steps of the work-up (Silva 2022, Figure 3), and which of them are done in this patient.

The items are rows of `checklist.csv` in the folder of priors; a folder without that table has no items.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.inference.net import Findings, Net
from model.patient.advice.reasons import check_source
from model.patient.conditions.evaluate import Facts, truth
from model.patient.conditions.language import Condition
from model.patient.conditions.names import read_condition, read_names
from model.patient.conditions.values import entered_values
from model.priors.folder import Priors, once
from model.priors.tables import Row


@dataclass(frozen=True)
class CheckItem:
    """One item of the work-up. `state`: done, partly, open or not indicated; `done`, `open`: ids of its findings."""

    step: str
    text: str
    state: str
    done: tuple[str, ...]
    open: tuple[str, ...]
    source: str
    locator: str


@dataclass(frozen=True)
class _Item:
    """A row of the table. `enough`: how many known findings make it done; `indicated`: None if it always is."""

    row: Row
    findings: tuple[str, ...]
    enough: float
    indicated: Condition | None


def checklist(net: Net, findings: Findings, posterior: Mapping[str, float]) -> tuple[CheckItem, ...]:
    """Every item, in the order of the figure.

    A finding is done when a single state or number is known. An item whose indication is not yet decided counts as
    indicated. Raises InputError for a fault in the table.
    """
    facts = Facts(net.vocabulary, findings, posterior)
    return tuple(_judged(item, facts) for item in read_items(net.priors))


@once
def read_items(priors: Priors) -> tuple[_Item, ...]:
    """The rows of the table; raises InputError that names file, line, field and the nearest valid word."""
    return tuple(_item(row, priors) for row in priors.tables["checklist"])


def _item(row: Row, priors: Priors) -> _Item:
    check_source(row, priors.sources)
    findings = row.words("findings")
    enough = row.number("enough", 1, len(findings)) if row["enough"] else max(1, len(findings))
    names = read_names(priors)
    indicated = read_condition(row, "indicated", priors.vocabulary, names) if row["indicated"] else None
    return _Item(row, findings, enough, indicated)


def _judged(item: _Item, facts: Facts) -> CheckItem:
    row = item.row
    done = tuple(part for part in item.findings if len(entered_values(facts.findings.get(part))) == 1)
    indicated = item.indicated is None or truth(item.indicated, facts) is not False
    state = "done" if len(done) >= item.enough else "not indicated" if not indicated else "partly" if done else "open"
    open_ = tuple(part for part in item.findings if part not in done)
    return CheckItem(row["step"], row["text"], state, done, open_, row["source"], row["locator"])
