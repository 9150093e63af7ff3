"""Ready-made examples from `priors/lessons/`: sequences of findings, and single findings between two sides."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.priors.folder import Priors, once


@dataclass(frozen=True)
class StepsExample:
    """Findings that become known one after the other, in this order; `rival` None: against all others."""

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


@once
def steps_examples(priors: Priors) -> tuple[StepsExample, ...]:
    """The rows of `lessons/steps.csv`; empty if the priors have no such table.

    Raises InputError that names file, line, field and the nearest valid word.
    """
    return tuple(
        StepsExample(
            row["id"],
            row["title"],
            row["setting"],
            row["diagnosis"],
            row["rival"] or None,
            row.stated("findings"),
        )
        for row in priors.tables["lessons/steps"]
    )


@once
def one_finding_examples(priors: Priors) -> tuple[OneFindingExample, ...]:
    """The rows of `lessons/one_finding.csv`; empty if the priors have no such table.

    Raises InputError that names file, line, field and the nearest valid word.
    """
    return tuple(
        OneFindingExample(
            row["id"],
            row["title"],
            row["finding"],
            row.words("positive"),
            row["diagnosis"],
            row["rival"] or None,
            row["setting"],
        )
        for row in priors.tables["lessons/one_finding"]
    )
