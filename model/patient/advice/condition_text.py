"""Conditions as they are written in the tables of `priors/`.

    anti_mda5 = positive and interstitial_lung_disease in present|rapidly_progressive
    p(dermatomyositis|juvenile_dermatomyositis) >= 0.2 or heliotrope_rash != absent
    at least 2 of (fever = present; arthritis = present; age_at_onset >= 45)
    known(emg|mri_muscle_edema) and not possible(cancer = present)

    leads(inclusion_body_myositis in iim) and biopsied

`known(a|b)` asks whether any of the findings is settled; `possible(c)` whether c is not excluded; `p(...)` adds up the
probabilities of diagnoses or families; `leads(a|b in iim)` asks whether one of them is the most probable of a group. A
word alone is a condition that has a name. `not` binds before `and`, `and` before `or`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from model.errors import InputError, nearest
from model.patient.advice.conditions import (
    AtLeast,
    Condition,
    Count,
    InStates,
    Known,
    Leads,
    Not,
    Possible,
    Probability,
)
from model.priors.folder import Priors, once
from model.priors.tables import Row
from model.priors.vocabulary import Variable, Vocabulary

TOKEN = re.compile(r"\s*(>=|<=|!=|[=<>()|;]|[\w.+-]+)")
COMPARISONS = (">=", ">", "<=", "<")
Inner = TypeVar("Inner")


Names = Mapping[str, Condition]


@once
def read_names(priors: Priors) -> Names:
    """The conditions that have a name, from `conditions.csv` of a folder of priors; none where it has no such table.

    A definition may use the names above it. Raises InputError that names file, line and field.
    """
    names: dict[str, Condition] = {}
    for row in priors.tables["conditions"]:
        if row["name"] in priors.vocabulary.variables:
            raise row.fault("name", f"{row['name']!r} already means something")
        condition = read_condition(row, "when", priors.vocabulary, names)
        names[row["name"]] = replace(condition, label=row["label"]) if isinstance(condition, Known) else condition
    return names


def read_condition(row: Row, column: str, vocabulary: Vocabulary, names: Names | None = None) -> Condition:
    """The condition in a cell; raises InputError with file, line, field and the nearest valid word."""
    try:
        return parse(row[column], vocabulary, names)
    except InputError as fault:
        raise row.fault(column, str(fault)) from None


def parse(text: str, vocabulary: Vocabulary, names: Names | None = None) -> Condition:
    """The condition that `text` states; raises InputError that names the word at fault and the nearest valid one."""
    reader = _Reader(_tokens(text), vocabulary, names or {})
    condition = reader.either()
    reader.end()
    return condition


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if match is None:
            raise InputError(f"{text[place:].strip()[0]!r} has no meaning in a condition")
        tokens.append(match.group(1))
        place = match.end()
    return tokens


@dataclass
class _Reader:
    """A recursive descent over the tokens of one text: one method for each rule of the grammar."""

    tokens: list[str]
    vocabulary: Vocabulary
    names: Names
    place: int = 0

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *valid: str) -> str:
        """The next token, which must be one of `valid` where any is given."""
        token = self.next
        if not token:
            raise InputError(f"the condition ends where {' or '.join(valid) or 'a word'} is due")
        if valid and token not in valid:
            raise InputError(f"{token!r} stands where {' or '.join(valid)} is due")
        self.place += 1
        return token

    def end(self) -> None:
        if self.next:
            raise InputError(f"{self.next!r} stands where the condition should end, or and, or follow")

    def either(self) -> Condition:
        parts = self.joined(self.both, "or")
        return parts[0] if len(parts) == 1 else Count(1, tuple(parts))

    def both(self) -> Condition:
        parts = self.joined(self.negated, "and")
        return parts[0] if len(parts) == 1 else Count(len(parts), tuple(parts))

    def joined(self, rule: Callable[[], Condition], word: str) -> list[Condition]:
        parts = [rule()]
        while self.next == word:
            self.take()
            parts.append(rule())
        return parts

    def negated(self) -> Condition:
        if self.next == "not":
            self.take()
            return Not(self.negated())
        return self.simple()

    def simple(self) -> Condition:
        followed_by_bracket = self.tokens[self.place + 1 : self.place + 2] == ["("]
        if self.next == "(":
            return self.bracketed(self.either)
        if self.next == "possible" and followed_by_bracket:
            self.take()
            return Possible(self.bracketed(self.either))
        if self.next == "known" and followed_by_bracket:
            self.take()
            return Known(tuple(self.variable(name) for name in self.bracketed(self.alternatives)))
        if self.next == "p" and followed_by_bracket:
            self.take()
            return self.probability(self.bracketed(self.alternatives))
        if self.next == "leads" and followed_by_bracket:
            self.take()
            return self.bracketed(self.leading)
        if self.next == "at":
            return self.count()
        return self.names[self.take()] if self.next in self.names else self.finding()

    def bracketed(self, rule: Callable[[], Inner]) -> Inner:
        self.take("(")
        inner = rule()
        self.take(")")
        return inner

    def alternatives(self) -> tuple[str, ...]:
        words = [self.take()]
        while self.next == "|":
            self.take()
            words.append(self.take())
        return tuple(words)

    def count(self) -> Condition:
        self.take("at")
        self.take("least")
        least = int(self.number())
        self.take("of")
        parts = self.bracketed(lambda: self.joined(self.either, ";"))
        if not 1 <= least <= len(parts):
            raise InputError(f"at least {least} of {len(parts)} cannot be told apart from always or never")
        return Count(least, tuple(parts))

    def probability(self, words: tuple[str, ...]) -> Condition:
        diagnoses = self.vocabulary.resolve_diagnoses(words)
        return self.compared(lambda threshold, strict: Probability(words, diagnoses, threshold, strict))

    def leading(self) -> Condition:
        diagnoses = self.vocabulary.resolve_diagnoses(self.alternatives())
        self.take("in")
        words = self.alternatives()
        return Leads(diagnoses, words, self.vocabulary.resolve_diagnoses(words))

    def finding(self) -> Condition:
        variable = self.variable(self.take())
        if self.next in COMPARISONS:
            if not variable.bins:
                raise InputError(f"{variable.id} is not a number; compare it with = or in")
            return self.compared(lambda threshold, strict: AtLeast(variable, threshold, strict))
        operator = self.take("=", "!=", "in", *COMPARISONS)
        stated = frozenset(self.states(variable, self.alternatives()))
        return InStates(variable, frozenset(variable.states) - stated if operator == "!=" else stated)

    def compared(self, leaf: Callable[[float, bool], Condition]) -> Condition:
        """Below is not at least, and up to is not above: two leaves serve four signs."""
        operator = self.take(*COMPARISONS)
        threshold = self.number()
        at_least = leaf(threshold, operator in (">", "<="))
        return Not(at_least) if operator in ("<", "<=") else at_least

    def number(self) -> float:
        token = self.take()
        try:
            return float(token)
        except ValueError:
            raise InputError(f"{token!r} is not a number") from None

    def variable(self, name: str) -> Variable:
        if name not in self.vocabulary.findings:
            raise InputError(f"{name!r} is not a finding{nearest(name, [*self.vocabulary.findings, *self.names])}")
        return self.vocabulary.variables[name]

    def states(self, variable: Variable, words: Iterable[str]) -> Iterable[str]:
        for word in words:
            if word not in variable.states:
                raise InputError(f"{word!r} is not a state of {variable.id}{nearest(word, variable.states)}")
            yield word
