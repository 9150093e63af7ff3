"""The tables of `priors/exchange/`: what each code of a terminology means for the findings."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.cases.exchange.records import Code
from model.priors.folder import Priors, once
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary

RULES = ("highest", "degree", "first_symptom")
CURIE = re.compile(r"([A-Za-z_]+):(.+)")


@dataclass(frozen=True)
class Meaning:
    """What a code means for one or several findings.

    `states`: the possible states if the concept is present, positive or raised. `otherwise`: those if it is excluded,
    negative or normal. Either is empty if the finding remains undecided; `note` then gives the reason. `reads`: how a
    statement is read. "feature" and "result" need a stated yes or no. "range" also accepts a number and compares it
    with the upper limit of its reference range. "multiple" divides the number by that limit.
    """

    findings: tuple[str, ...]
    states: tuple[str, ...]
    otherwise: tuple[str, ...]
    label: str
    reads: str
    note: str


@dataclass(frozen=True)
class Qualifier:
    """The states of `finding` that a modifier (mild, acute...) means when it is attached to one of `qualifies`."""

    finding: str
    states: tuple[str, ...]
    qualifies: tuple[str, ...]


@dataclass(frozen=True)
class Exchange:
    """All tables of `priors/exchange/`.

    `systems`: name of a terminology in lower case -> its usual name and the prefix of its codes. `older`: withdrawn
    code -> its replacement. `results`, `words`: coded or written result -> positive, negative or undecided.
    `rules`: rule -> findings it applies to. `diseases`: code -> diagnosis.
    """

    systems: Mapping[str, tuple[str, str]]
    older: Mapping[Code, Code]
    codes: Mapping[Code, Meaning]
    results: Mapping[Code, str]
    words: Mapping[str, str]
    qualifiers: Mapping[Code, tuple[Qualifier, ...]]
    rules: Mapping[str, frozenset[str]]
    diseases: Mapping[Code, str]

    def code(self, system: str, code: str) -> Code:
        """The code, with the usual name of its system; `HP:0003701` and `0003701` of HPO are the same."""
        name, prefix = self.systems.get(system.strip().rstrip("/").lower(), (system.strip(), ""))
        bare = CURIE.fullmatch(code.strip())
        given = Code(name, prefix + (bare[2] if bare and prefix else code.strip()))
        return self.older.get(given, given)

    def curie(self, text: str) -> Code:
        """The code that a text such as `HP:0003701` or `LOINC:2157-6` names. Without a prefix, the system is empty."""
        match = CURIE.fullmatch(text.strip())
        return self.code(match[1], match[2]) if match else Code("", text.strip())


@once
def read_exchange(priors: Priors) -> Exchange:
    """Read the tables `exchange/`; without them there are no codes.

    A row about findings that the vocabulary lacks is skipped, so other priors can keep the shipped tables. Raises
    InputError naming file, line, field and the nearest valid word.
    """
    tables, vocabulary = priors.tables, priors.vocabulary
    results = tables["exchange/results"]
    rules: dict[str, set[str]] = {rule: set() for rule in RULES}
    for row in tables["exchange/rules"]:
        rules[row["rule"]].add(row["finding"])
    return Exchange(
        systems={r["name"].lower(): (r["system"], r["prefix"]) for r in tables["exchange/systems"]},
        older={_code(r): Code(r["system"], r["now"]) for r in tables["exchange/older_numbers"]},
        codes=dict(_meanings(tables["exchange/codes"], vocabulary)),
        results={_code(r): r["means"] for r in results},
        words={r["label"].lower(): r["means"] for r in results},
        qualifiers=_qualifiers(tables["exchange/qualifiers"], vocabulary),
        rules={rule: frozenset(findings) for rule, findings in rules.items()},
        diseases={_code(r): r["diagnosis"] for r in tables["exchange/diseases"]
                  if r["diagnosis"] in vocabulary.diagnoses},
    )  # fmt: skip


def _code(row: Row) -> Code:
    return Code(row["system"], row["code"])


def _meanings(rows: Iterable[Row], vocabulary: Vocabulary) -> Iterable[tuple[Code, Meaning]]:
    for row in rows:
        findings = tuple(f for f in row.words("finding") if f in vocabulary.findings)
        if findings:
            states, otherwise = (_states(row, column, findings, vocabulary) for column in ("state", "otherwise"))
            yield _code(row), Meaning(findings, states, otherwise, row["label"], row["reads"], row["note"])


def _qualifiers(rows: Iterable[Row], vocabulary: Vocabulary) -> dict[Code, tuple[Qualifier, ...]]:
    result: dict[Code, tuple[Qualifier, ...]] = {}
    for row in rows:
        finding = row["finding"]
        qualifies = tuple(f for f in row.words("qualifies") if f in vocabulary.findings)
        if finding in vocabulary.findings and qualifies:
            code = _code(row)
            qualifier = Qualifier(finding, _states(row, "state", (finding,), vocabulary), qualifies)
            result[code] = (*result.get(code, ()), qualifier)
    return result


def _states(row: Row, column: str, findings: Iterable[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    states = tuple(word for word in row[column].split("|") if word)
    for finding in findings:
        valid = vocabulary.variable(finding).states
        for state in states:
            if state not in valid:
                raise row.fault(column, f"{state!r} is not a state of {finding}: {', '.join(valid)}")
    return states
