"""What an import gives back, and the statements that both formats are reduced to."""

from dataclasses import dataclass

from model.cases import Case


@dataclass(frozen=True)
class Mapped:
    """A statement that became evidence: where it stands, what it says, the finding and the value it gave."""

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
    """A patient read from a file: the case, what each finding came from, and all that was left out."""

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
class Statement:
    """One thing that a file says of the patient.

    `codes` are alternatives for one concept. `says`: True present, positive or raised; False excluded,
    negative or normal; None when only a number, or nothing, is given. `number` and `limit` (the upper limit
    of the reference range) are in the same unit; `comparator` is `<`, `>` or empty. `qualifiers` are codes
    that make the concept more precise. `onset`: age in completed years. `reason`: why a statement cannot be
    used at all, whatever its code.
    """

    place: str
    codes: tuple[Code, ...]
    text: str
    says: bool | None = None
    number: float | None = None
    limit: float | None = None
    comparator: str = ""
    qualifiers: tuple[Code, ...] = ()
    onset: float | None = None
    reason: str = ""
