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
    """Age at onset: earliest and latest in completed years, or a class of ages, or (`fault`) why neither is known.

    `at_latest`: the disease had begun by then, perhaps long before (the age at the last visit).
    """

    ages: tuple[float, float] | None = None
    age_class: Concept | None = None
    fault: str = ""
    at_latest: bool = False


@dataclass(frozen=True)
class Result:
    """The result of a test.

    `present`: True for positive or raised, False for negative or normal, None if the file does not say. `number` to
    `upper`: the number, or the two ends of a range of numbers; `titre`: the reciprocal of a titre. `comparator`: `<`
    or `>`, with `=` or not, or empty. `unit`: of the number, as written. `unread`: what is given instead, if it cannot
    be read.
    """

    present: bool | None = None
    number: float | None = None
    upper: float | None = None
    titre: float | None = None
    comparator: str = ""
    unit: str = ""
    unread: str = ""


@dataclass(frozen=True)
class Statement:
    """One statement of a file about the patient.

    `result`: whether it is present, and numbers. `limit`: the upper limit of the reference range, in the unit of the
    number; `no_limit`: why there is none. `qualifiers`: severity and modifiers. `stated_disease`: the file states it
    as the patient's disease. `reason`: why the statement cannot be used, whatever its code; empty if it can.
    """

    concept: Concept
    result: Result = Result()
    limit: float | None = None
    no_limit: str = ""
    qualifiers: tuple[Concept, ...] = ()
    onset: Onset | None = None
    stated_disease: bool = False
    reason: str = ""

    @property
    def present(self) -> bool | None:
        return self.result.present


PRESENT, ABSENT = Result(present=True), Result(present=False)


@dataclass(frozen=True)
class Record:
    """The statements of a file, and the parts of it that are not read."""

    format: str
    statements: tuple[Statement, ...]
    left_out: tuple[LeftOut, ...]
