"""Parses the text of a condition into its tree. What each form means: `priors/conditions.md`.

    condition := both {"or" both}
    both      := piece {"and" piece}
    piece     := "not" piece | "(" condition ")" | count | test | NAME | "otherwise"
    count     := ("any" | "all" | "at" "least" NUMBER) "of" "(" condition {"," condition} ")"
    test      := FINDING ("=" | "!=") STATE | FINDING "in" STATE {"|" STATE} | FINDING sign NUMBER
               | ("known" | "entered") "(" FINDINGS {"|" FINDINGS} ")" | "possible" "(" condition ")"
               | "p" "(" DIAGNOSES {"|" DIAGNOSES} ")" sign NUMBER
               | "leads" "(" DIAGNOSES {"|" DIAGNOSES} "in" DIAGNOSES {"|" DIAGNOSES} ")"
    sign      := ">" | ">=" | "<" | "<="

FINDINGS is a finding, or `anti_*` for every finding whose id begins with `anti_`. DIAGNOSES is a diagnosis or a
family. NUMBER may also be a parameter of the file. NAME is a condition of `conditions.csv`, or an item or definition
above it in a set of criteria.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from model.errors import InputError, nearest
from model.patient.conditions.evaluate import Facts, truth
from model.patient.conditions.language import (
    OTHERWISE,
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
from model.priors.vocabulary import Variable, Vocabulary

TOKEN = re.compile(r"\s*(>=|<=|!=|[=<>()|,;]|[\w.+*-]+)")
SIGNS = (">=", ">", "<=", "<")
Names = Mapping[str, Condition]
Inner = TypeVar("Inner")


def parse(
    text: str, vocabulary: Vocabulary, names: Names | None = None, parameters: Mapping[str, float] | None = None
) -> Condition:
    """The tree of a condition; raises InputError that names the faulty word and the nearest valid one."""
    reader = _Reader(_tokens(text), vocabulary, names or {}, parameters or {})
    condition = reader.either()
    if reader.next:
        raise InputError(f"{reader.next!r} is not expected here; and, or, or the end may follow")
    truth(condition, Facts(vocabulary, {}))  # raises for a condition that would take too long
    return condition


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            raise InputError(f"{text[position:].strip()[0]!r} has no meaning in a condition")
        tokens.append(match[1])
        position = match.end()
    return tokens


@dataclass
class _Reader:
    """Recursive descent over the tokens of one text; one method for each rule of the grammar."""

    tokens: list[str]
    vocabulary: Vocabulary
    names: Names
    parameters: Mapping[str, float] = field(default_factory=dict)
    position: int = 0

    @property
    def next(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, *valid: str) -> str:
        """Read the next token, which must be one of `valid` if any are given."""
        token = self.next
        if not token or (valid and token not in valid):
            wanted = " or ".join(valid) or "a word"
            raise InputError(f"{wanted} is expected, not {repr(token) if token else 'the end'}")
        self.position += 1
        return token

    def takes(self, token: str) -> bool:
        """Read the next token if it is this one; returns whether it was."""
        found = self.next == token
        self.position += found
        return found

    def either(self) -> Condition:
        return self.joined("or", lambda: self.joined("and", self.piece))

    def joined(self, word: str, rule: Callable[[], Condition]) -> Condition:
        parts = [rule()]
        while self.takes(word):
            parts.append(rule())
        return parts[0] if len(parts) == 1 else Count(len(parts) if word == "and" else 1, tuple(parts))

    def piece(self) -> Condition:
        if self.next == "(":
            return self.bracketed(self.either)
        word = self.take()
        if word == "not":
            return Not(self.piece())
        if word == "otherwise":
            return OTHERWISE
        if word in ("any", "all", "at") and self.next in ("of", "least"):
            return self.count(word)
        if self.next == "(" and word in self.forms:
            return self.forms[word]()
        if self.next in ("=", "!=", "in", *SIGNS):
            return self.finding(word)
        return self.named(word)

    @property
    def forms(self) -> Mapping[str, Callable[[], Condition]]:
        """The tests that are written like a function call: word -> rule."""
        return {
            "known": lambda: Known(self.bracketed(self.findings), settled=True),
            "entered": lambda: Known(self.bracketed(self.findings), settled=False),
            "possible": lambda: Possible(self.bracketed(self.either)),
            "p": self.probability,
            "leads": lambda: self.bracketed(self.leading),
        }

    def bracketed(self, rule: Callable[[], Inner]) -> Inner:
        self.take("(")
        inner = rule()
        self.take(")")
        return inner

    def words(self) -> tuple[str, ...]:
        words = [self.take()]
        while self.takes("|"):
            words.append(self.take())
        return tuple(words)

    def named(self, word: str) -> Condition:
        if word in self.names:
            return self.names[word]
        if self.next == "known":
            raise InputError(f"write entered({word}) instead of {word} known")
        if word in self.vocabulary.findings:
            self.take("=", "!=", "in", *SIGNS)
        raise InputError(f"{word!r} is not a finding, nor defined above{nearest(word, self.known_words)}")

    @property
    def known_words(self) -> tuple[str, ...]:
        return (*self.names, *self.vocabulary.findings)

    def count(self, word: str) -> Condition:
        least = 1
        if word == "at":
            self.take("least")
            least = self.whole_number()
        self.take("of")
        parts = self.bracketed(self.parts)
        if least > len(parts):
            raise InputError(f"at least {least} of {len(parts)} can never hold")
        return Count(len(parts) if word == "all" else least, parts)

    def parts(self) -> tuple[Condition, ...]:
        parts = [self.either()]
        while self.takes(","):
            parts.append(self.either())
        if self.next == ";":
            raise InputError("the parts of a list are separated by , and not by ;")
        return tuple(parts)

    def probability(self) -> Condition:
        words = self.bracketed(self.words)
        diagnoses = self.vocabulary.resolve_diagnoses(words)
        return self.compared(lambda limit, strict: Probability(words, diagnoses, limit, strict))

    def leading(self) -> Condition:
        diagnoses = self.vocabulary.resolve_diagnoses(self.words())
        self.take("in")
        words = self.words()
        return Leads(diagnoses, words, self.vocabulary.resolve_diagnoses(words))

    def finding(self, word: str) -> Condition:
        variable = self.variable(word)
        if self.next in SIGNS:
            if not variable.bins:
                raise InputError(f"{word} is not a number; compare it with a state by = or in")
            return self.compared(lambda limit, strict: AtLeast(word, limit, strict))
        operator = self.take()
        states = self.words()
        if operator != "in" and len(states) > 1:
            several = f"{word} in {'|'.join(states)}"
            raise InputError(f"write {several if operator == '=' else f'not {several}'} for several states")
        for state in states:
            if state not in variable.states:
                raise InputError(f"{state!r} is not a state of {word}{nearest(state, variable.states)}")
        return InStates(word, frozenset(variable.states) - {*states} if operator == "!=" else frozenset(states))

    def compared(self, leaf: Callable[[float, bool], Condition]) -> Condition:
        """A comparison with a number. `<` is the opposite of `>=`, and `<=` of `>`, so two kinds of leaf are enough."""
        sign = self.take(*SIGNS)
        at_least = leaf(self.number(), sign in (">", "<="))
        return Not(at_least) if sign in ("<", "<=") else at_least

    def number(self) -> float:
        token = self.take()
        if token in self.parameters:
            return self.parameters[token]
        try:
            return float(token)
        except ValueError:
            or_parameter = f" or a parameter{nearest(token, self.parameters)}" if self.parameters else ""
            raise InputError(f"{token!r} is not a number{or_parameter}") from None

    def whole_number(self) -> int:
        number = self.number()
        if number < 1 or number != int(number):
            raise InputError(f"{number:g} is not a whole number of 1 or more")
        return int(number)

    def variable(self, name: str) -> Variable:
        if name not in self.vocabulary.findings:
            raise InputError(f"{name!r} is not a finding{nearest(name, self.known_words)}")
        return self.vocabulary.variables[name]

    def findings(self) -> tuple[str, ...]:
        """Findings by id, or by the beginning of their ids."""
        found: dict[str, None] = {}
        for word in self.words():
            matching = [f for f in self.vocabulary.findings if word.endswith("*") and f.startswith(word[:-1])]
            found.update(dict.fromkeys(matching or [self.variable(word).id]))
        return tuple(found)
