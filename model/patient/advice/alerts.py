"""What must not be missed in this patient, and what the published scheme of treatment says next.

The rules are rows of `alerts.csv` and `treatment.csv` in the folder of priors; a folder without them has no rules. A
rule applies when its condition is certainly true. An unknown finding triggers no rule unless the condition tests for
"unknown".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.inference.net import Findings, Net
from model.patient.advice.reasons import because, check_source
from model.patient.conditions.evaluate import Facts, deciding, truth
from model.patient.conditions.language import Condition
from model.patient.conditions.names import read_condition, read_names
from model.patient.conditions.values import entered_values
from model.priors.folder import Priors, once
from model.priors.tables import Row

TABLES = {"alert": "alerts", "treatment": "treatment"}
"""Kind of a rule -> its table."""
URGENCIES = {"1": 1, "2": 2, "3": 3}
URGENCY_WORDS = {1: "Now", 2: "Soon", 3: "Keep in mind"}
NOTHING_APPLIES = "No published alert applies to what is entered. What is unknown may hide one."
TO_WEIGH = (
    "Published advice, for the treating physician to weigh: no order, not complete. "
    "Doses as printed in Silva 2022; check them before use."
)


@dataclass(frozen=True)
class Alert:
    """One line of advice.

    `kind`: "alert" or "treatment". `because`: the findings and probabilities that triggered it, in words. `urgency`: 1
    (now), 2 (soon) or 3 (keep in mind). `source` and `locator`: where it is published, several separated by `;`.
    `line`: for a treatment, the step of the scheme that it belongs to.
    """

    id: str
    kind: str
    title: str
    text: str
    because: str
    urgency: int
    source: str
    locator: str
    line: str = ""


@dataclass(frozen=True)
class Rule:
    """One row of a table of rules, and the condition that triggers it."""

    kind: str
    row: Row
    condition: Condition


def alerts(net: Net, findings: Findings, posterior: Mapping[str, float]) -> tuple[Alert, ...]:
    """Every alert and step of treatment that applies, the most urgent first; none before anything is entered.

    `posterior`: diagnosis -> probability in this patient. Raises InputError for a fault in a table or an unknown state.
    """
    if not any(entered_values(value) for value in findings.values()):
        return ()
    facts = Facts(net.vocabulary, findings, posterior)
    triggered = [
        _alert(rule, because(deciding(rule.condition, facts), facts))
        for rule in read_rules(net.priors)
        if truth(rule.condition, facts)
    ]
    return tuple(sorted(triggered, key=lambda alert: alert.urgency))


@once
def read_rules(priors: Priors) -> tuple[Rule, ...]:
    """The rules of both tables, in file order. Raises InputError that names file, line, field and the nearest word."""
    names = read_names(priors)
    rules: dict[str, Rule] = {}
    for kind, table in TABLES.items():
        for row in priors.tables[table]:
            if row["id"] in rules:
                raise row.fault("id", f"{row['id']!r} occurs twice")
            check_source(row, priors.sources)
            rules[row["id"]] = Rule(kind, row, read_condition(row, "when", priors.vocabulary, names))
    return tuple(rules.values())


def _alert(rule: Rule, reasons: str) -> Alert:
    row = rule.row
    return Alert(
        row["id"],
        rule.kind,
        row["title"],
        row["text"],
        reasons,
        URGENCIES[row["urgency"]],
        row["source"],
        row["locator"],
        row.cells.get("line", ""),
    )
