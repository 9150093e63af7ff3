"""The result of an import, and the statements to which every format is reduced."""

from dataclasses import dataclass

from model.cases.case import Case


@dataclass(frozen=True)
class Mapped:
    """A statement that became evidence: its path in the file, its text, and the finding and value of the case."""

    where: str
    text: str
    finding: str
    value: object


@dataclass(frozen=True)
class LeftOut:
    """A statement that did not become evidence, and why."""

    where: str
    text: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """A patient read from a file: the case, the source of each finding, and the statements that were left out.

    `format` is "case", "phenopacket" or "fhir".
    """

    case: Case
    format: str
    mapped: tuple[Mapped, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Code:
    """A code and its terminology, as named in `priors/exchange/systems.csv` or, if not listed there, in the file."""

    system: str
    code: str


@dataclass(frozen=True)
class Concept:
    """Alternative codes for one concept, with a text to show. `where`: its path in the file."""

    where: str
    codes: tuple[Code, ...]
    text: str


@dataclass(frozen=True)
class Onset:
    """Age at onset: earliest and latest in completed years, or a class of ages, or (`fault`) why neither is known."""

    ages: tuple[float, float] | None = None
    age_class: Concept | None = None
    fault: str = ""


@dataclass(frozen=True)
class Statement:
    """One statement of a file about the patient.

    `present`: True for present, positive or raised; False for excluded, negative or normal; None if only a number, or
    nothing, is given. `number` and `limit` (the upper limit of the reference range) have the same unit. `comparator`:
    `<`, `>` or empty. `qualifiers`: severity and modifiers. `reason`: why the statement cannot be used, whatever its
    code; empty if it can.
    """

    concept: Concept
    present: bool | None = None
    number: float | None = None
    limit: float | None = None
    comparator: str = ""
    qualifiers: tuple[Concept, ...] = ()
    onset: Onset | None = None
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """The statements of a file, and the parts of it that are not read."""

    format: str
    statements: tuple[Statement, ...]
    left_out: tuple[LeftOut, ...]
