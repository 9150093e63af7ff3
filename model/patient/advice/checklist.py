"""The published steps of the work-up (Silva 2022, Figure 3), and what of them is done in this patient.

The items are rows of `checklist.csv` in the folder of priors; a folder without it has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.inference.net import Findings, Net
from model.patient.advice.condition_text import Names, read_condition, read_names
from model.patient.advice.conditions import evaluate, possible_values
from model.patient.advice.reasons import check_source
from model.priors.tables import Row, read_table

COLUMNS = ("id", "step", "text", "findings", "enough", "indicated", "source", "locator", "claim", "note")


@dataclass(frozen=True)
class CheckItem:
    """One item of the work-up. `state`: done, partly, open or not indicated; `done` and `open`: its findings by id."""

    step: str
    text: str
    state: str
    done: tuple[str, ...]
    open: tuple[str, ...]
    source: str
    locator: str


def checklist(net: Net, findings: Findings, posterior: Mapping[str, float]) -> tuple[CheckItem, ...]:
    """Every item, in the order of the figure.

    A finding counts as done when it is settled: one state or number. An item whose indication is not yet decided is
    shown as indicated. Raises InputError for a fault in the table.
    """
    folder = net.priors.folder
    if not (folder / "checklist.csv").exists():
        return ()
    names = read_names(folder, net.vocabulary)
    rows = read_table(folder / "checklist.csv", COLUMNS, folder)
    return tuple(_item(net, row, names, findings, posterior) for row in rows)


def _item(net: Net, row: Row, names: Names, findings: Findings, posterior: Mapping[str, float]) -> CheckItem:
    check_source(row, net.priors.sources)
    parts = row.words("findings")
    for part in parts:
        Row(row.file, row.line, {"findings": part}).one_of("findings", net.vocabulary.findings)
    done = tuple(part for part in parts if len(possible_values(findings.get(part))) == 1)
    enough = row.number("enough", 1, len(parts)) if row["enough"] else max(1, len(parts))
    indicated = True
    if row["indicated"]:
        indicated = (
            evaluate(read_condition(row, "indicated", net.vocabulary, names), findings, posterior).value is not False
        )
    state = "done" if len(done) >= enough else "not indicated" if not indicated else "partly" if done else "open"
    open_ = tuple(part for part in parts if part not in done)
    return CheckItem(row["step"], row["text"], state, done, open_, row["source"], row["locator"])
