"""The tables of a folder of priors: what a row is, its key, and what each column holds.

The documentation `priors/TABLES.md` is made from this module (`python -m model check --schema`).
A column whose name ends in `?` may be missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from model.priors.columns import (
    CONDITION,
    FILLED,
    SOURCES,
    TEXT,
    Kind,
    choice,
    number,
    one_of,
    several_of,
    state_of,
    stated,
    states_of,
    text,
)

WORDS: Mapping[str, tuple[str, ...]] = {
    "setting": ("vocabulary/settings:id",),
    "diagnosis": ("vocabulary/diagnoses:id",),
    "diagnosis or family": ("vocabulary/diagnoses:id", "vocabulary/diagnoses:family"),
    "diagnosis, family or `any`": ("vocabulary/diagnoses:id", "vocabulary/diagnoses:family", "any"),
    "finding": ("vocabulary/findings:id",),
    "finding or hidden variable": ("vocabulary/hidden:id", "vocabulary/findings:id"),
    "variable": ("setting", "diagnosis", "vocabulary/hidden:id", "vocabulary/findings:id"),
    "procedure or finding": ("procedures:id", "vocabulary/findings:id"),
}
"""Lists of valid words, each made of words and of columns `table:column` whose cells are valid words."""

PERCENT = number(0, 100)
PERCENT_OR_BLANK = number(0, 100, blank=True)
AMOUNT = number(0, 1e9, blank=True)
STRENGTH = number(0.5, 1e6, blank=True)
GRADE = one_of("grades:grade")
ORIGIN = {"source": SOURCES, "locator": TEXT, "note": TEXT}
NUMBER = {"strength": STRENGTH, "grade": GRADE, **ORIGIN}
RULE = {"title": TEXT, "text": TEXT, "urgency": choice("1", "2", "3"), "when": CONDITION, **ORIGIN, "claim": TEXT}
STUDY = {
    "diagnosis": text("diagnoses or families, separated by `|`"), "given": TEXT, "population": TEXT, "k": AMOUNT,
    "n": AMOUNT, "percent": PERCENT_OR_BLANK, "low": PERCENT_OR_BLANK, "high": PERCENT_OR_BLANK, "source": SOURCES,
    "locator": TEXT, "url": TEXT,
}  # fmt: skip
CODED = text("findings; a row is ignored where the vocabulary lacks them")
STATES_CODED = text("states of the finding, separated by `|`")


@dataclass(frozen=True)
class Table:
    """One table.

    `name`: the file without .csv, or, with a slash at the end, a folder whose files together are the table. `row`:
    what a row is. `key`: the columns that identify a row. `columns`: name -> kind, with `?` after the name of a column
    that may be missing. `required`: a folder without the table is refused.
    """

    name: str
    row: str
    key: tuple[str, ...]
    columns: Mapping[str, Kind]
    required: bool = False

    @property
    def files(self) -> str:
        return f"{self.name}*.csv" if self.name.endswith("/") else f"{self.name}.csv"

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Name of each column, without `?`, -> its kind."""
        return {name.rstrip("?"): kind for name, kind in self.columns.items()}

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that may not be missing."""
        return tuple(name for name in self.columns if not name.endswith("?"))


TABLES = (
    # The vocabulary
    Table("vocabulary/settings", "a referral setting; the first is the default", ("id",),
          {"id": FILLED, "label": TEXT, "definition?": TEXT}, required=True),
    Table("vocabulary/diagnoses", "a diagnosis", ("id",),
          {"id": FILLED, "short": TEXT, "label": TEXT, "family": choice("iim", "mimic")}, required=True),
    Table("vocabulary/hidden", "a hidden variable, which is never observed but on which findings depend", ("id",),
          {"id": FILLED, "label": TEXT, "states": text("states, separated by `|`"), "definition": TEXT},
          required=True),
    Table("vocabulary/findings", "a finding; the first state is the normal one", ("id",),
          {"id": FILLED, "group?": TEXT, "label": TEXT, "states": text("states, separated by `|`"),
           "definition": TEXT}, required=True),
    Table("vocabulary/bins", "a bin: the interval of numbers that a state of a finding means", ("finding", "state"),
          {"finding": one_of("variable"), "state": state_of("finding"), "from": number(0, 1e9), "to": number(0, 1e9),
           "closed": choice("from", "to")}, required=True),
    Table("vocabulary/spectra", "diagnoses that are one disease in several forms, shown and measured also as one sum",
          ("id",), {"id": FILLED, "label": TEXT, "diagnoses": several_of("diagnosis"), "note?": TEXT}),
    Table("vocabulary/synonyms", "synonyms of a finding, for the search", ("finding",),
          {"finding": one_of("variable"), "synonyms": text("synonyms, separated by `;`")}, required=True),
    # The numbers of the network
    Table("grades", "a grade of evidence, and the strength (patients) of its numbers", ("grade",),
          {"grade": FILLED, "meaning": TEXT, "default_strength": number(0, 1e6, blank=True),
           "strength_cap": number(0, 1e6)}, required=True),
    Table("verbal_scale", "the percentage that a word such as `rare` means", ("term",),
          {"term": FILLED, "percent": PERCENT, "low?": PERCENT_OR_BLANK, "high?": PERCENT_OR_BLANK, "basis": TEXT,
           "source": SOURCES}, required=True),
    Table("shares", "how frequent a diagnosis is in a referral setting", ("setting", "diagnosis"),
          {"setting": one_of("setting"), "diagnosis": one_of("diagnosis"), "percent": PERCENT, **NUMBER},
          required=True),
    Table("edges/", "a variable, the variables that depend on it, and why", ("parent", "child"),
          {"parent": one_of("variable"), "child": several_of("variable"), "reason": FILLED, "source": SOURCES}),
    Table("rates/", "how frequent a state of a node is in the patients described",
          ("node", "diagnosis", "given", "state"),
          {"node": one_of("finding or hidden variable"), "state": state_of("node"),
           "diagnosis": one_of("diagnosis, family or `any`"), "given": stated("variable"),
           "percent": PERCENT_OR_BLANK, "term": one_of("verbal_scale:term", blank=True), **NUMBER}),
    Table("effects/", "how much a state of a parent changes the odds of a state of a node", ("node", "state", "parent",
          "parent_state"),
          {"node": one_of("variable"), "state": state_of("node"), "parent": one_of("variable"),
           "parent_state": state_of("parent"), "odds_ratio": number(1e-6, 1e6), "strength?": STRENGTH,
           "grade": GRADE, **ORIGIN}),
    Table("definitions", "what a diagnosis requires, excludes or allows by its definition", ("diagnosis", "rule",
          "finding", "states"),
          {"diagnosis": one_of("diagnosis"), "rule": choice("requires", "excludes", "allows"),
           "finding": one_of("finding or hidden variable"), "states": states_of("finding", "|"),
           "percent": PERCENT, "source": SOURCES, "locator": TEXT, "note": TEXT}),
    Table("mixtures", "a disease of a diagnosis that is a mixture of diseases", ("diagnosis", "disease"),
          {"diagnosis": one_of("diagnosis"), "disease": FILLED,
           "form": text("a state of the hidden variable of forms, or blank"), "percent": PERCENT,
           "named": text("words by which `population` in `evidence/` names it, separated by `|`"), **NUMBER}),
    Table("sources", "a published source", ("source",),
          {"source": FILLED, "citation": TEXT, "year?": TEXT, "doi?": TEXT, "pubmed?": TEXT, "url?": TEXT,
           "same_study_as?": text("the key of another report of the same study"),
           "read?": several_of("reading:read")}),
    Table("reading", "what was read of a source, and the most patients that a number may be worth for it", ("read",),
          {"read": FILLED, "meaning": TEXT, "strength_cap": number(0, 1e6)}),
    Table("changes", "a change that was made to the shipped priors", (),
          {"date": TEXT, "key": TEXT, "old": TEXT, "new": TEXT, "old_strength": TEXT, "new_strength": TEXT,
           "grade": TEXT, "source": TEXT, "reason": TEXT}),
    # Advice
    Table("conditions", "a condition with a name, for the three tables below", ("name",),
          {"name": FILLED, "when": CONDITION, "label": TEXT, "note": TEXT}),
    Table("alerts", "what must not be missed", ("id",), {"id": FILLED, **RULE}),
    Table("treatment", "a step of the published scheme of treatment", ("id",), {"id": FILLED, "line": TEXT, **RULE}),
    Table("checklist", "an item of the published work-up", ("id",),
          {"id": FILLED, "step": TEXT, "text": TEXT, "findings": several_of("finding"),
           "enough": text("how many of them must be known; all if blank"), "indicated": CONDITION, **ORIGIN,
           "claim": TEXT}),
    Table("procedures", "a procedure; every finding belongs to exactly one", ("id",),
          {"id": FILLED, "label": TEXT, "findings": several_of("finding"), "cost": number(0, 100),
           "burden": number(0, 10), "days": number(0, 3650), "grade": GRADE, **ORIGIN}),
    Table("thresholds", "a limit at which the app warns", ("id",),
          {"id": choice("surprise_share", "conflict_factor", "same_decision", "leading_probability"),
           "value": number(0, 1e6), "unit": TEXT, "grade?": GRADE, "source": SOURCES, "locator?": TEXT,
           "note": TEXT}),
    Table("weight_words", "the word for weights of evidence of at least so many decibans", ("decibans_from",),
          {"decibans_from": number(0, 1000), "word": FILLED, "source": SOURCES, "locator?": TEXT, "note?": TEXT}),
    Table("missing", "how often a procedure is done or a finding is known, in a pattern of missing findings",
          ("pattern", "what"),
          {"pattern": FILLED, "what": one_of("procedure or finding"), "done_percent": PERCENT,
           "recorded_percent": PERCENT, "grade": GRADE, "source": SOURCES, "note": TEXT}),
    # Criteria: the sets themselves are TOML files, see criteria/README.md
    Table("criteria/certainty", "how well an item is confirmed against its publication", ("certainty",),
          {"certainty": FILLED, "meaning": TEXT}),
    Table("criteria/baseline", "a scored set that serves as a baseline of the evaluation", ("set",),
          {"set": FILLED, "prior_share_percent": PERCENT, "note": TEXT}),
    Table("criteria/implied", "a state that another state implies by definition",
          ("finding", "state", "implies"),
          {"finding": one_of("finding"), "state": state_of("finding"), "implies": one_of("finding"),
           "implied_state": state_of("implies"), "note": TEXT}),
    Table("criteria/disagreements", "a reason why a set of criteria and the posterior differ", ("id",),
          {"id": TEXT, "set": text("ids of sets separated by `;`, or `any`"),
           "outcome": choice("classified", "not_classified", "open", "ruled_out"),
           "other_column": choice("classified", "not_classified", ""), "stands_for": one_of("diagnosis", blank=True),
           "leading": text("diagnoses or families separated by `;`, `another` or `target`"),
           "share_of": choice("leading", "label", "targets"), "from_percent": PERCENT, "to_percent": PERCENT,
           "when": CONDITION, "sentence": TEXT, "source": SOURCES, "locator": TEXT}),
    # Lessons
    Table("lessons/steps", "an example: findings in a row", ("id",),
          {"id": FILLED, "title": TEXT, "setting": one_of("setting"), "diagnosis": one_of("diagnosis"),
           "rival": one_of("diagnosis", blank=True), "findings": stated("finding"), "note?": TEXT}),
    Table("lessons/one_finding", "an example: one finding between two sides", ("id",),
          {"id": FILLED, "title": TEXT, "finding": one_of("finding"), "positive": states_of("finding", ";"),
           "diagnosis": one_of("diagnosis or family"), "rival": one_of("diagnosis or family", blank=True),
           "setting": one_of("setting"), "note?": TEXT}),
    Table("lessons/traps", "a story", ("id",),
          {"id": FILLED, "title": TEXT, "setting": one_of("setting"), "watch": one_of("diagnosis or family"),
           "question": TEXT, "toggle": several_of("finding"), "state": text("a state of the first finding to try"),
           "answer": TEXT, "expects": TEXT, "source": SOURCES, "locator": TEXT}),
    Table("lessons/trap_steps", "a step of a story", (),
          {"trap": one_of("lessons/traps:id"), "setting": one_of("setting", blank=True),
           "findings": text("`finding=state`, or `finding=` to take one back; several separated by `;`"),
           "text": TEXT, "expects": TEXT}),
    # Exchange with other formats
    Table("exchange/codes", "what a code means for findings", ("system", "code"),
          {"finding": CODED, "state": STATES_CODED, "otherwise": STATES_CODED, "system": FILLED, "code": FILLED,
           "label": TEXT, "reads": choice("feature", "result", "range", "multiple", "titre", "late"), "note": TEXT,
           "source?": TEXT}),
    Table("exchange/products", "a product of a drug, and the code of its substance in codes.csv", ("system", "code"),
          {"system": FILLED, "code": FILLED, "label": TEXT, "of": FILLED, "source?": TEXT}),
    Table("exchange/gene_tests", "a disease, or a gene of such diseases only, whose variant makes a test positive",
          ("system", "code"),
          {"finding": CODED, "system": FILLED, "code": FILLED, "label?": TEXT, "source?": TEXT}),
    Table("exchange/titres", "the titre from which a finding is positive, as its reciprocal", ("finding",),
          {"finding": CODED, "titre": number(1, 1e9), "source?": TEXT, "note?": TEXT}),
    Table("exchange/units", "a written unit, and how many of the base unit it is", ("unit",),
          {"unit": FILLED, "base": FILLED, "times": number(1e-9, 1e9), "source?": TEXT}),
    Table("exchange/qualifiers", "what a severity or modifier means for a finding", ("finding", "system", "code"),
          {"finding": CODED, "state": STATES_CODED, "system": FILLED, "code": FILLED, "label?": TEXT,
           "qualifies": CODED, "note?": TEXT, "source?": TEXT}),
    Table("exchange/results", "what a coded or written result means", ("system", "code"),
          {"system": FILLED, "code": FILLED, "label": TEXT, "means": choice("positive", "negative", "undecided"),
           "source?": TEXT}),
    Table("exchange/rules", "a finding that may have several statements, and which of them counts", ("rule", "finding"),
          {"rule": choice("highest", "degree", "first_symptom", "late_sign", "muscle_sign"), "finding": CODED,
           "note?": TEXT}),
    Table("exchange/diseases", "the code of a diagnosis: information, never used as evidence", ("system", "code"),
          {"diagnosis": text("a diagnosis; a row is ignored where the vocabulary lacks it"), "system": FILLED,
           "code": FILLED, "label?": TEXT, "source?": TEXT}),
    Table("exchange/systems", "a name or address of a terminology", ("name",),
          {"system": FILLED, "name": FILLED, "prefix": TEXT, "source?": TEXT}),
    Table("exchange/older_numbers", "a withdrawn code and the code that replaces it", ("system", "code"),
          {"system": FILLED, "code": FILLED, "now": FILLED, "source?": TEXT}),
    Table("exchange/uncoded", "a finding without a code, and why", ("finding",),
          {"finding": CODED, "reason": TEXT}),
    # Words of letters: each `pattern` is a regular expression that matches whole words in any case
    Table("letters/signs", "words that state a finding", (),
          {"finding": FILLED, "state": TEXT,
           "otherwise": text("the state if the words are denied; blank if that decides nothing"),
           "within": text("the topic that the clause must have; blank for any"), "pattern": FILLED}),
    Table("letters/cues", "words that change what is said of the signs around them", (),
          {"kind": choice("negative", "positive", "uncertain", "planned", "family", "past", "hearsay", "stop"),
           "direction": choice("before", "after", ""), "pattern": FILLED}),
    Table("letters/topics", "words that begin a topic, such as a biopsy", (), {"topic": FILLED, "pattern": FILLED}),
    Table("letters/antibodies", "names of an antibody", (), {"finding": FILLED, "pattern": FILLED}),
    Table("letters/results", "words of a result", (),
          {"means": choice("positive", "negative", "undecided", "awaited"), "pattern": FILLED}),
    Table("letters/tests", "names of a laboratory test, and the span of its upper limits of normal in common use", (),
          {"finding": FILLED, "lowest_limit": AMOUNT, "highest_limit": AMOUNT, "pattern": FILLED}),
    Table("letters/muscles", "names of a group of muscles", (), {"group": FILLED, "pattern": FILLED}),
    Table("letters/emg", "words of a report of electromyography", (), {"state": FILLED, "pattern": FILLED}),
    Table("letters/phrases", "words that a rule of `model/cases/letters/` looks for", ("name",),
          {"name": FILLED, "pattern": FILLED}),
    Table("letters/limits", "a number that a rule of `model/cases/letters/` uses", ("name",),
          {"name": FILLED, "value": number(0, 1e6), "unit": TEXT, "note": TEXT}),
    Table("letters/groups", "words that state several findings at once", (),
          {"findings": FILLED, "pattern": FILLED}),
    # The sources of the numbers
    Table("evidence/rates", "a published rate that the audit compares with the network", (),
          {"finding": one_of("finding"), "state": state_of("finding"), **STUDY, "given": stated("variable"),
           "left_out?": text("why the audit does not use it")}),
    Table("evidence/background", "a published figure of another kind, in the unit of its source", (),
          {"finding": TEXT, "state": TEXT, **STUDY, "percent": AMOUNT, "low": AMOUNT, "high": AMOUNT}),
    Table("evidence/associations",
          "two findings in one group of patients: `a` have both, `b` the first, `c` the second, `d` neither", (),
          {"finding_a": TEXT, "state_a": text("states, separated by `|`"), "finding_b": TEXT,
           "state_b": text("states, separated by `|`"), "diagnosis": text("diagnoses or families, separated by `|`"),
           "given": TEXT, "population": TEXT, "a": AMOUNT, "b": AMOUNT, "c": AMOUNT, "d": AMOUNT,
           "odds_ratio": AMOUNT, "low": AMOUNT, "high": AMOUNT, "n": AMOUNT, "source": SOURCES, "locator": TEXT,
           "url": TEXT, "left_out": text("why the audit does not use it")}),
    Table("evidence/meanings", "the states that studies mean by a word", ("finding", "state"),
          {"finding": one_of("finding"), "state": state_of("finding"), "counts": states_of("finding", "|"),
           "note?": TEXT}),
    Table("evidence/misfits", "the line of the ledger that explains a published rate far from the network's",
          ("finding", "state", "diagnosis", "given", "source"),
          {"finding": TEXT, "state": TEXT, "diagnosis": TEXT, "given": TEXT, "source": SOURCES,
           "discrepancy": one_of("discrepancies:id")}),
    Table("evidence/verbal_terms", "the percentage that a study gives a word", (),
          {"term": FILLED, "percent": PERCENT_OR_BLANK, "low": PERCENT_OR_BLANK, "high": PERCENT_OR_BLANK,
           "n": AMOUNT, "source_key": SOURCES, "locator": TEXT, "url": TEXT}),
    Table("discrepancies", "two statements that differ, what was decided, and why", ("id",),
          {"id": FILLED, "topic": TEXT, "first_statement": TEXT, "second_statement": TEXT, "decision": TEXT,
           "reason": TEXT, "where": TEXT}),
    Table("seeds/claims", "a number or rule of the two seed documents, and where it went", ("claim",),
          {"claim": FILLED, "document": FILLED, "locator": TEXT, "statement": TEXT, "kind?": TEXT, "node?": TEXT,
           "state?": TEXT, "diagnosis?": TEXT, "given?": TEXT, "setting?": TEXT, "comparison?": TEXT, "low?": TEXT,
           "high?": TEXT, "goes_to": TEXT, "note": TEXT}),
)  # fmt: skip

SCHEMA: Mapping[str, Table] = {table.name: table for table in TABLES}


def table_of(file: str) -> Table | None:
    """The table that a file of the folder belongs to; None if there is none."""
    return SCHEMA.get(file.rpartition("/")[0] + "/") or SCHEMA.get(file.removesuffix(".csv"))


def as_markdown() -> str:
    """The schema as Markdown: one section for each table."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# The tables of `priors/`"
    yield ""
    yield "Made from `model/priors/schema.py` by `python -m model check --schema > priors/TABLES.md`. All tables are"
    yield "CSV (UTF-8, comma). `python -m model check` checks a folder against this page. A folder must have the tables"
    yield "marked *needed*; it may lack the others, and the columns marked *may be missing*. No two rows of a table"
    yield "have the same key."
    for table in TABLES:
        yield ""
        yield f"## `{table.files}`"
        yield ""
        key = f" Key: {', '.join(f'`{column}`' for column in table.key)}." if table.key else ""
        yield f"A row is {table.row}.{key}{' *Needed.*' if table.required else ''}"
        yield ""
        yield "| column | holds |"
        yield "|---|---|"
        for name, kind in table.columns.items():
            holds = kind.description.replace("|", "\\|") + ("; *may be missing*" if name.endswith("?") else "")
            yield f"| `{name.rstrip('?')}` | {holds} |"
    yield ""
