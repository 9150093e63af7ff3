"""What a clinician can order or do: a procedure yields several findings at once, at a cost and a burden."""

from dataclasses import dataclass

from model.priors.folder import Priors, once
from model.priors.tables import Row

MOST_COST = 100.0
MOST_BURDEN = 10.0


@dataclass(frozen=True)
class Procedure:
    """One thing that can be done next.

    findings: ids of the findings that it yields. cost: 0 to MOST_COST, relative to the most expensive procedure.
    burden: pain, risk and time for the patient, 0 to MOST_BURDEN. days: until the result is known.
    """

    id: str
    label: str
    findings: tuple[str, ...]
    cost: float
    burden: float
    days: float
    row: Row

    @property
    def phrase(self) -> str:
        """The label inside a sentence; an abbreviation keeps its capitals."""
        return self.label if self.label[:2].isupper() else self.label[:1].lower() + self.label[1:]

    @property
    def load(self) -> float:
        """Cost and burden on one scale from 0 to 1, each counting for half."""
        return (self.cost / MOST_COST + self.burden / MOST_BURDEN) / 2


@once
def procedures_of(priors: Priors) -> tuple[Procedure, ...]:
    """The rows of `procedures.csv`, in order; empty if the priors have no such table.

    Raises InputError that names file, line and field: an unknown finding, one that two procedures claim, an id used
    twice, a source or grade that the priors do not know, or a number out of range.
    """
    claimed: dict[str, str] = {}
    rows = priors.tables["procedures"]
    for row in rows:
        row.one_of("source", priors.sources)
    return tuple(_procedure(row, claimed) for row in rows)


def _procedure(row: Row, claimed: dict[str, str]) -> Procedure:
    findings = row.words("findings")
    if not findings:
        raise row.fault("findings", "name at least one finding")
    for finding in findings:
        if finding in claimed:
            raise row.fault("findings", f"{finding!r} is already a finding of {claimed[finding]}")
        claimed[finding] = row["id"]
    return Procedure(
        id=row["id"],
        label=row["label"],
        findings=findings,
        cost=float(row["cost"]),
        burden=float(row["burden"]),
        days=float(row["days"]),
        row=row,
    )
