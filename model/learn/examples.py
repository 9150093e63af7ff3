"""Examples to begin with, from `priors/lessons/`: findings in a row, and single findings between two sides."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.priors.folder import Priors
from model.priors.tables import Row, read_table

FOLDER = "lessons"
STEPS = "steps.csv"
ONE_FINDING = "one_finding.csv"


@dataclass(frozen=True)
class StepsExample:
    """Findings to learn one after the other, in their order; `rival` None: against all others."""

    id: str
    title: str
    setting: str
    diagnosis: str
    rival: str | None
    findings: Mapping[str, str]


@dataclass(frozen=True)
class OneFindingExample:
    """A finding, the states that count as positive, and the two sides; `rival` None: all others."""

    id: str
    title: str
    finding: str
    positive: tuple[str, ...]
    diagnosis: str
    rival: str | None
    setting: str


def steps_examples(priors: Priors) -> tuple[StepsExample, ...]:
    """The rows of `lessons/steps.csv`; empty where a folder of priors has none.

    Raises InputError that names file, line, field and the nearest valid word.
    """
    rows = _rows(priors, STEPS, ("id", "title", "setting", "diagnosis", "rival", "findings"))
    return tuple(
        StepsExample(
            row["id"],
            row["title"],
            row.one_of("setting", priors.vocabulary.settings),
            row.one_of("diagnosis", priors.vocabulary.diagnoses),
            row.one_of("rival", priors.vocabulary.diagnoses) if row["rival"] else None,
            dict(_stated(row, part, priors) for part in row.words("findings")),
        )
        for row in rows
    )


def one_finding_examples(priors: Priors) -> tuple[OneFindingExample, ...]:
    """The rows of `lessons/one_finding.csv`; empty where a folder of priors has none.

    Raises InputError that names file, line, field and the nearest valid word.
    """
    rows = _rows(priors, ONE_FINDING, ("id", "title", "finding", "positive", "diagnosis", "rival", "setting"))
    sides = (*priors.vocabulary.diagnoses, *priors.vocabulary.families)
    return tuple(
        OneFindingExample(
            row["id"],
            row["title"],
            row.one_of("finding", priors.vocabulary.findings),
            tuple(_state(row, "positive", row["finding"], state, priors) for state in row.words("positive")),
            row.one_of("diagnosis", sides),
            row.one_of("rival", sides) if row["rival"] else None,
            row.one_of("setting", priors.vocabulary.settings),
        )
        for row in rows
    )


def _rows(priors: Priors, name: str, columns: tuple[str, ...]) -> list[Row]:
    path = priors.folder / FOLDER / name
    return read_table(path, columns, priors.folder) if path.exists() else []


def _stated(row: Row, part: str, priors: Priors) -> tuple[str, str]:
    finding, _, state = (word.strip() for word in part.partition("="))
    cell = Row(row.file, row.line, {"findings": finding})
    cell.one_of("findings", priors.vocabulary.findings)
    return finding, _state(row, "findings", finding, state, priors)


def _state(row: Row, column: str, finding: str, state: str, priors: Priors) -> str:
    states = priors.vocabulary.variables[finding].states
    return Row(row.file, row.line, {column: state}).one_of(column, states)
