"""What an import gives back, and the statements that every format is reduced to."""

from dataclasses import dataclass

from model.cases.case import Case


@dataclass(frozen=True)
class Mapped:
    """A statement that became evidence: where it stands, what it says, the finding and the value the case holds."""

    place: str
    text: str
    finding: str
    value: object


@dataclass(frozen=True)
class LeftOut:
    """A statement that did not become evidence, and why."""

    place: str
    text: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """A patient read from a file: the case, what each finding came from, and all that was left out.

    `format` is "case", "phenopacket" or "fhir".
    """

    case: Case
    format: str
    mapped: tuple[Mapped, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Code:
    """A code of a terminology that `priors/exchange/systems.csv` names; an unknown system keeps its own name."""

    system: str
    code: str


@dataclass(frozen=True)
class Concept:
    """Codes that a file gives as alternatives for one thing, with a text to show; `place` tells where it stands."""

    place: str
    codes: tuple[Code, ...]
    text: str


@dataclass(frozen=True)
class Onset:
    """When something began: earliest and latest age in completed years, or a class of ages, or why neither is known."""

    ages: tuple[float, float] | None = None
    age_class: Concept | None = None
    fault: str = ""


@dataclass(frozen=True)
class Statement:
    """One thing that a file says of the patient.

    `says`: True present, positive or raised; False excluded, negative or normal; None when only a number, or
    nothing, is given. `number` and `limit` (the upper limit of the reference range) have the same unit;
    `comparator` is `<`, `>` or empty. `qualifiers` make the concept more precise. `reason`: why the statement
    cannot be used whatever its code.
    """

    concept: Concept
    says: bool | None = None
    number: float | None = None
    limit: float | None = None
    comparator: str = ""
    qualifiers: tuple[Concept, ...] = ()
    onset: Onset | None = None
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """A file as statements, with the parts that say nothing that this model could use."""

    format: str
    statements: tuple[Statement, ...]
    left_out: tuple[LeftOut, ...]
