"""The syntax tree of a condition. Its written form: `priors/conditions.md`; the grammar: `parse`.

The tree is made of frozen records. Each leaf tests one thing: a finding, the probability of some diagnoses, or the
leading diagnosis of a group. What a leaf tests is its `subject`. Leaves with the same subject are not independent.
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
    """Something was entered for at least one of the findings; if `settled`, a single state or number.

    `label`: a name for the findings together, shown to the reader.
    """

    findings: tuple[str, ...]
    settled: bool
    label: str = ""


@dataclass(frozen=True)
class Name:
    """An item or a definition of a set of criteria."""

    id: str


class Compound:
    """A condition made of other conditions. Its counts of subjects do not depend on the patient."""

    @property
    def inner(self) -> tuple["Condition", ...]:
        raise NotImplementedError

    @cached_property
    def subjects(self) -> Counter[Subject]:
        """How many leaves test each subject. `possible(...)` is left out: its value is the same in every completion."""
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
    """Equal to `part`, but open (true or false) while `when` holds."""

    part: "Condition"
    when: "Condition"

    @property
    def inner(self) -> tuple["Condition", ...]:
        return (self.part, self.when)


@dataclass(frozen=True)
class Possible:
    """True unless the part is certainly false. Never unknown, and never given as a reason."""

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
    """A condition and every condition inside it, in the order of the text."""
    yield condition
    inner = (condition.part,) if isinstance(condition, Possible) else ()
    for part in condition.inner if isinstance(condition, Compound) else inner:
        yield from walk(part)
