"""The rule language of the criteria files: text such as `at least 3 of (weakness, ck_level > 1)` becomes a tree.

Grammar (words in any order of nesting):

    rule       := part {"or" part}
    part       := piece {"and" piece}
    piece      := "not" piece | "(" rule ")" | count | comparison | name
    count      := ("any" | "all" | "at least" NUMBER) "of" "(" rule {"," rule} ")"
    comparison := FINDING ("=" | "!=") STATE | FINDING (">" | ">=" | "<" | "<=") (NUMBER | PARAMETER)
                | FINDING "known", where a FINDING that ends in * stands for any that begins so

A name is an item or a definition of the same file that stands above. The word `otherwise` always holds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError, nearest
from model.priors.vocabulary import Variable

Flags = NDArray[np.bool_]
TOKEN = re.compile(r"\s*(>=|<=|!=|[()=<>,]|[\w.+*-]+)")
ORDERINGS: Mapping[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


@dataclass(frozen=True)
class Comparison:
    """A finding compared with a state (`=`, `!=`) or, as a number, with a limit."""

    finding: str
    operator: str
    value: str | float

    def holds(self, value: str | float) -> bool:
        """Whether it holds at one definite value: a state, or a number where the limit is one."""
        if isinstance(self.value, str):
            return (value == self.value) == (self.operator == "=")
        return ORDERINGS[self.operator](float(value), self.value)


@dataclass(frozen=True)
class Known:
    """Any of these findings has been looked for, whatever was found."""

    findings: tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """An item or a definition."""

    id: str


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    rule: "Rule"


@dataclass(frozen=True)
class AtLeast:
    """At least so many of the rules hold: `and` needs all of them, `or` needs one, `otherwise` none."""

    count: int
    rules: tuple["Rule", ...]


Rule = Comparison | Known | Name | Not | AtLeast


def leaves(rule: Rule) -> Iterator[Comparison | Known | Name]:
    """The comparisons and names of which a rule is made, from left to right."""
    if isinstance(rule, Not):
        yield from leaves(rule.rule)
    elif isinstance(rule, AtLeast):
        for part in rule.rules:
            yield from leaves(part)
    else:
        yield rule


def holds(rule: Rule, truth: Callable[[Comparison | Known | Name], Flags]) -> Flags:
    """Where a rule holds, (completions,), from where each of its leaves holds."""
    if isinstance(rule, Not):
        return ~holds(rule.rule, truth)
    if isinstance(rule, AtLeast):
        count = np.zeros((), dtype=np.int64)
        for part in rule.rules:
            count = count + holds(part, truth)
        return np.asarray(count >= rule.count)
    return truth(rule)


@dataclass(frozen=True)
class Words:
    """What a rule may speak of: findings, names defined above, and the parameters of the file."""

    findings: Mapping[str, Variable]
    names: tuple[str, ...] = ()
    parameters: Mapping[str, float] | None = None


def parse_rule(text: str, words: Words) -> Rule:
    """The tree of a rule; raises InputError that names the fault and the nearest valid word.

    >>> parse_rule("a and not b", Words({}, ("a", "b")))
    AtLeast(count=2, rules=(Name(id='a'), Not(rule=Name(id='b'))))
    """
    reader = _Reader(_tokens(text), words)
    rule = reader.rule()
    if reader.ahead():
        raise InputError(f"{reader.ahead()!r} is not expected here in {text!r}")
    return rule


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if not match:
            raise InputError(f"{text[place:].strip()[:1]!r} is not part of the rule language")
        tokens.append(match[1])
        place = match.end()
    return tokens


class _Reader:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, tokens: list[str], words: Words):
        self.tokens, self.words, self.place = tokens, words, 0

    def ahead(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.ahead()
        if not token or (expected and token not in expected):
            wanted = " or ".join(repr(e) for e in expected) or "a condition"
            raise InputError(f"{wanted} is expected, not {token or 'the end'!r}")
        self.place += 1
        return token

    def rule(self) -> Rule:
        return self._joined("or", lambda: self._joined("and", self._piece))

    def _joined(self, word: str, part: Callable[[], Rule]) -> Rule:
        parts = [part()]
        while self.ahead() == word:
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else AtLeast(len(parts) if word == "and" else 1, tuple(parts))

    def _piece(self) -> Rule:
        token = self.take()
        if token == "not":
            return Not(self._piece())
        if token == "(":
            rule = self.rule()
            self.take(")")
            return rule
        if token == "otherwise":
            return AtLeast(0, ())
        if token in ("any", "all", "at"):
            return self._count(token)
        if self.ahead() in ("=", "!=", "known", *ORDERINGS):
            return self._comparison(token)
        if token not in self.words.names:
            raise InputError(f"{token!r} is not an item or definition above{nearest(token, self.words.names)}")
        return Name(token)

    def _count(self, token: str) -> Rule:
        count = 1
        if token == "at":
            self.take("least")
            count = int(self._number(self.take()))
        self.take("of")
        self.take("(")
        parts = [self.rule()]
        while self.take(",", ")") == ",":
            parts.append(self.rule())
        if count > len(parts):
            raise InputError(f"at least {count} of {len(parts)} can never hold")
        return AtLeast(len(parts) if token == "all" else count, tuple(parts))

    def _comparison(self, finding: str) -> Rule:
        operator = self.take()
        if operator == "known":
            return Known(self._matching(finding))
        self._matching(finding, exactly=True)
        variable, value = self.words.findings[finding], self.take()
        if operator in ORDERINGS:
            if not variable.bins:
                raise InputError(f"{finding} is not a number: compare it with a state by '='")
            return Comparison(finding, operator, self._number(value))
        if value not in variable.states:
            raise InputError(f"{value!r} is not a state of {finding}{nearest(value, variable.states)}")
        return Comparison(finding, operator, value)

    def _matching(self, finding: str, exactly: bool = False) -> tuple[str, ...]:
        known = self.words.findings
        if finding.endswith("*") and not exactly:
            found = tuple(name for name in known if name.startswith(finding[:-1]))
        else:
            found = (finding,) if finding in known else ()
        if not found:
            raise InputError(f"{finding!r} is not a finding{nearest(finding, known)}")
        return found

    def _number(self, text: str) -> float:
        parameters = self.words.parameters or {}
        if text in parameters:
            return parameters[text]
        try:
            return float(text)
        except ValueError:
            raise InputError(f"{text!r} is not a number or a parameter{nearest(text, parameters)}") from None
