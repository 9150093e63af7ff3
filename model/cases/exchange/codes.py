"""The tables of `priors/exchange/`: what each code of a terminology means for the findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.cases.exchange.names import Systems
from model.cases.exchange.records import Code
from model.priors.folder import Priors, once
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary

RULES = ("highest", "degree", "first_symptom", "late_sign", "muscle_sign")
WRITTEN = "Written"
GENE_TEST = "Gene test"
CLASSES_OF = "ATC"
"""The terminology whose classes are beginnings of their codes: C10AA07 is of the class C10AA."""


@dataclass(frozen=True)
class Meaning:
    """What a code means for one or several findings.

    `states`: the possible states if the concept is present, positive or raised. `otherwise`: those if it is excluded,
    negative or normal. Either is empty if the finding remains undecided; `note` then gives the reason. `reads`: how a
    statement is read. "feature" and "result" need a stated yes or no. "late" is a feature that counts only beside a
    sign of muscle disease. "range" also accepts a number and compares it with the upper limit of its reference range.
    "multiple" divides the number by that limit. "titre" takes a number as a titre.
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

    `older`: withdrawn code -> its replacement. `products`: product of a drug -> its substance. `results`, `words`:
    coded or written result -> positive, negative or undecided. `rules`: rule -> findings it applies to. `diseases`:
    code -> diagnosis. `gene_tests`: disease or gene -> finding that its causative variant makes positive. `titres`:
    finding -> reciprocal of the titre from which it is positive. `units`: written unit -> base unit, and how many of
    it.
    """

    systems: Systems
    older: Mapping[Code, Code]
    products: Mapping[Code, Code]
    codes: Mapping[Code, Meaning]
    results: Mapping[Code, str]
    words: Mapping[str, str]
    qualifiers: Mapping[Code, tuple[Qualifier, ...]]
    rules: Mapping[str, frozenset[str]]
    diseases: Mapping[Code, str]
    gene_tests: Mapping[Code, str]
    titres: Mapping[str, float]
    units: Mapping[str, tuple[str, float]]

    def code(self, system: str, code: str) -> Code:
        """The code, with the usual name of its system; `HP:0003701`, `HP_0003701` and `0003701` of HPO are the same."""
        given = self.systems.code(system, code)
        return self.older.get(given, given)

    def curie(self, text: str) -> Code:
        """The code that a text such as `HP:0003701` or the address of a term names; if none, the system is empty."""
        given = self.systems.curie(text)
        return self.older.get(given, given)

    def meaning(self, code: Code) -> Meaning | None:
        """What the code means, or the substance of which it is a product, or the class to which it belongs."""
        if code in self.codes:
            return self.codes[code]
        if code in self.products:
            return self.codes.get(self.products[code])
        classes = (
            (code.code[:length] for length in range(len(code.code) - 1, 2, -1)) if code.system == CLASSES_OF else ()
        )
        return next((self.codes[c] for name in classes if (c := Code(CLASSES_OF, name)) in self.codes), None)

    def sex(self, code: Code) -> str:
        """The sex that a code names; empty if it names none."""
        meaning = self.codes.get(code)
        return meaning.states[0] if meaning and meaning.findings == ("sex",) else ""


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
        systems=Systems.of((r["name"], r["system"], r["prefix"]) for r in tables["exchange/systems"]),
        older={_code(r): Code(r["system"], r["now"]) for r in tables["exchange/older_numbers"]},
        products={_code(r): Code(r["system"], r["of"]) for r in tables["exchange/products"]},
        codes=dict(_meanings(tables["exchange/codes"], vocabulary)),
        results={_code(r): r["means"] for r in results},
        words={r["label"].lower(): r["means"] for r in results},
        qualifiers=_qualifiers(tables["exchange/qualifiers"], vocabulary),
        rules={rule: frozenset(findings) for rule, findings in rules.items()},
        diseases={_code(r): r["diagnosis"] for r in tables["exchange/diseases"]
                  if r["diagnosis"] in vocabulary.diagnoses},
        gene_tests={_code(r): r["finding"] for r in tables["exchange/gene_tests"]
                    if r["finding"] in vocabulary.findings},
        titres={r["finding"]: r.number("titre", 1, 1e9) for r in tables["exchange/titres"]},
        units={r["unit"]: (r["base"], r.number("times", 1e-9, 1e9)) for r in tables["exchange/units"]},
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
