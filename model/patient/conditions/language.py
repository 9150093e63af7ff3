"""What a condition is made of. How one is written: `priors/conditions.md`; the grammar: `parse`.

A condition is a tree of frozen records. Its leaves test one thing each: a finding, the probability of some diagnoses,
the leading diagnosis of a group. What a leaf tests is its `subject`; leaves of one subject cannot turn out
independently.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Subject = str | tuple[str, ...]
Value = tuple[str, float]
"""A value that a subject may have: its state, and its number (nan where it has none)."""


@dataclass(frozen=True)
class InStates:
    """The finding is in one of `states`."""

    finding: str
    states: frozenset[str]

    @property
    def subject(self) -> Subject:
        return self.finding

    def holds(self, value: Value) -> bool:
        return value[0] in self.states


@dataclass(frozen=True)
class AtLeast:
    """The measured number is at least `limit` (above it where `strict`)."""

    finding: str
    limit: float
    strict: bool

    @property
    def subject(self) -> Subject:
        return self.finding

    def holds(self, value: Value) -> bool:
        return value[1] > self.limit if self.strict else value[1] >= self.limit


@dataclass(frozen=True)
class Probability:
    """The diagnoses together have a probability of at least `limit` (above it where `strict`)."""

    words: tuple[str, ...]
    diagnoses: tuple[str, ...]
    limit: float
    strict: bool

    @property
    def subject(self) -> Subject:
        return ("p", *self.diagnoses)

    def holds(self, value: Value) -> bool:
        return value[1] > self.limit if self.strict else value[1] >= self.limit


@dataclass(frozen=True)
class Leads:
    """The most probable diagnosis of the group `among` is one of `diagnoses`."""

    diagnoses: tuple[str, ...]
    among_words: tuple[str, ...]
    among: tuple[str, ...]

    @property
    def subject(self) -> Subject:
        return ("leads", *self.among)

    def holds(self, value: Value) -> bool:
        return value[0] in self.diagnoses


@dataclass(frozen=True)
class Known:
    """Something was entered for at least one of the findings; where `settled`, a single state or number.

    `label`: what the findings are together, for the reader.
    """

    findings: tuple[str, ...]
    settled: bool
    label: str = ""


@dataclass(frozen=True)
class Name:
    """An item or a definition of a set of criteria."""

    id: str


class Compound:
    """A condition that is made of others. What is counted here does not depend on the patient."""

    @property
    def inner(self) -> tuple["Condition", ...]:
        raise NotImplementedError

    @cached_property
    def subjects(self) -> Counter[Subject]:
        """How many leaves test each subject. `possible(...)` is left out: no completion changes what it says."""
        return sum((subjects(part) for part in self.inner), Counter())

    @cached_property
    def repeated(self) -> tuple[Subject, ...]:
        """The subjects that more than one leaf tests."""
        return tuple(subject for subject, count in self.subjects.items() if count > 1)


@dataclass(frozen=True)
class Not(Compound):
    """The opposite of a condition."""

    part: "Condition"

    @property
    def inner(self) -> tuple["Condition", ...]:
        return (self.part,)


@dataclass(frozen=True)
class Count(Compound):
    """At least `least` of the parts are true: `and` needs all of them, `or` needs one, `otherwise` none."""

    least: int
    parts: tuple["Condition", ...]

    @property
    def inner(self) -> tuple["Condition", ...]:
        return self.parts


@dataclass(frozen=True)
class OpenWhile(Compound):
    """As `part` says; while `when` holds it may be true or false."""

    part: "Condition"
    when: "Condition"

    @property
    def inner(self) -> tuple["Condition", ...]:
        return (self.part, self.when)


@dataclass(frozen=True)
class Possible:
    """True unless the part is false: to be thought of until it is excluded. Never unknown, and never a reason."""

    part: "Condition"


Test = InStates | AtLeast | Probability | Leads
Leaf = Test | Known | Name
Condition = Leaf | Possible | Not | Count | OpenWhile
OTHERWISE = Count(0, ())


def subjects(condition: Condition) -> Counter[Subject]:
    """How many leaves of a condition test each subject."""
    if isinstance(condition, Compound):
        return condition.subjects
    return Counter() if isinstance(condition, Known | Name | Possible) else Counter([condition.subject])


def walk(condition: Condition) -> Iterator[Condition]:
    """A condition and all that it is made of, in the order of the text."""
    yield condition
    inner = (condition.part,) if isinstance(condition, Possible) else ()
    for part in condition.inner if isinstance(condition, Compound) else inner:
        yield from walk(part)
