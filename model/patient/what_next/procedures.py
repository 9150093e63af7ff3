"""What a clinician can order or do: each procedure yields several findings at once, at a cost and a burden."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from model.priors.folder import Priors
from model.priors.tables import Row, read_table
from model.priors.vocabulary import Vocabulary

FILE = "procedures.csv"
COLUMNS = ("id", "label", "findings", "cost", "burden", "days", "grade", "source", "locator", "note")
MOST_COST = 100.0
MOST_BURDEN = 10.0


@dataclass(frozen=True)
class Procedure:
    """One thing that can be done next.

    findings: ids of all that it yields. cost: 0 to MOST_COST, relative to the dearest. burden: pain, risk and time
    of the patient, 0 to MOST_BURDEN. days: until the result is known.
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


def read_procedures(
    folder: Path, vocabulary: Vocabulary, sources: Container[str] | None = None
) -> tuple[Procedure, ...]:
    """The rows of `procedures.csv`, in order; empty where a folder of priors has no such table.

    sources: the known keys, where the caller has them; else `sources.csv` is read.

    Raises InputError that names file, line and field: an unknown finding, one that two procedures claim, an id used
    twice, a source or grade that the priors do not know, or a number out of range.
    """
    if not (folder / FILE).exists():
        return ()
    rows = read_table(folder / FILE, COLUMNS, folder)
    if sources is None:
        sources = {row["source"] for row in read_table(folder / "sources.csv", ["source"], folder)}
    grades = [row["grade"] for row in read_table(folder / "grades.csv", ["grade"], folder)]
    claimed: dict[str, str] = {}
    result: list[Procedure] = []
    for row in rows:
        row.one_of("grade", grades)
        if row["source"] not in sources:
            raise row.fault("source", f"{row['source']!r} is not a source of sources.csv")
        if row["id"] in (procedure.id for procedure in result):
            raise row.fault("id", f"{row['id']!r} stands twice")
        result.append(_procedure(row, vocabulary, claimed))
    return tuple(result)


def procedures_of(priors: Priors) -> tuple[Procedure, ...]:
    """The procedures of priors that are loaded, whose sources need not be read again."""
    return read_procedures(priors.folder, priors.vocabulary, priors.sources) if (priors.folder / FILE).exists() else ()


def _procedure(row: Row, vocabulary: Vocabulary, claimed: dict[str, str]) -> Procedure:
    findings = row.words("findings")
    if not findings:
        raise row.fault("findings", "a procedure yields at least one finding")
    for finding in findings:
        Row(row.file, row.line, {"findings": finding}).one_of("findings", vocabulary.findings)
        if finding in claimed:
            raise row.fault("findings", f"{finding!r} belongs to {claimed[finding]} already")
        claimed[finding] = row["id"]
    return Procedure(
        id=row["id"],
        label=row["label"],
        findings=findings,
        cost=row.number("cost", 0, MOST_COST),
        burden=row.number("burden", 0, MOST_BURDEN),
        days=row.number("days", 0, 3650),
        row=row,
    )
