"""The criteria files of `priors/criteria/` as immutable records; every fault is told with file, place and field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath

from model.patient.criteria.rules import Comparison, Known, Name, Rule, Words, leaves
from model.patient.criteria.section import Section, read_section
from model.priors.folder import Priors, once
from model.priors.vocabulary import Variable

FOLDER = "criteria"
SET_FIELDS = ("name", "year", "version", "about", "targets", "certainty", "unknown", "notes", "parameters", "source",
              "definitions_from", "column", "definition", "item", "label", "subgroup")  # fmt: skip
SUBGROUP = "{subgroup}"
UNKNOWN = {"counts as absent": True, "stays open": False}


@dataclass(frozen=True)
class Proposition:
    """An item (shown, perhaps with points) or a definition (hidden). It stays open while `unknown_when` holds."""

    id: str
    label: str
    rule: Rule
    unknown_when: Rule | None = None
    tenths: Mapping[str, int] = field(default_factory=dict)
    definition: str = ""
    certainty: str = ""
    shown: bool = True

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Where it looks at findings itself; none if it rests on other propositions alone."""
        rules = [self.rule, self.unknown_when] if self.unknown_when else [self.rule]
        return tuple(leaf for rule in rules for leaf in leaves(rule) if isinstance(leaf, Comparison))


@dataclass(frozen=True)
class Column:
    """One way to score: when it applies, the intercept of its probability, and its cut-offs in tenths of a point."""

    id: str
    label: str
    rule: Rule
    intercept: float
    cut_offs: Mapping[str, int]


@dataclass(frozen=True)
class Label:
    """A verdict that a set can give. It needs its rule, or a score that reaches the cut-off of that name.

    Where the text names `{subgroup}`, the set's subgroups complete it.
    """

    text: str
    rule: Rule | None
    cut_off: str
    positive: bool
    diagnoses: tuple[str, ...]

    @property
    def has_subgroups(self) -> bool:
        """Whether a subgroup completes the text."""
        return SUBGROUP in self.text


@dataclass(frozen=True)
class CriteriaSet:
    """One set of criteria; labels and subgroups in order of rank: the first that holds is the verdict."""

    id: str
    name: str
    year: int
    version: str
    about: str
    targets: tuple[str, ...]
    certainty: str
    source: str
    notes: tuple[str, ...]
    unknown_is_absent: bool
    columns: tuple[Column, ...]
    propositions: tuple[Proposition, ...]
    labels: tuple[Label, ...]
    subgroups: tuple[Label, ...]

    @cached_property
    def blocks(self) -> tuple[tuple[Proposition, ...], ...]:
        """Propositions that look at a common finding share a block: they cannot turn out independently."""
        blocks: list[tuple[set[str], list[Proposition]]] = []
        for proposition in self.propositions:
            own, members = {c.finding for c in proposition.comparisons}, [proposition]
            for block in [b for b in blocks if b[0] & own]:
                own, members = own | block[0], block[1] + members
                blocks.remove(block)
            if own:
                blocks.append((own, members))
        return tuple(tuple(members) for _, members in blocks)

    @cached_property
    def named(self) -> frozenset[str]:
        """The propositions that a label, a subgroup or another proposition depends on."""
        rules = [p.rule for p in self.propositions] + [n.rule for n in (*self.labels, *self.subgroups) if n.rule]
        return frozenset(leaf.id for rule in rules for leaf in leaves(rule) if isinstance(leaf, Name))

    def proposition(self, name: str) -> Proposition:
        """The item or definition of that id."""
        return self._by_id[name]

    @cached_property
    def _by_id(self) -> Mapping[str, Proposition]:
        return {p.id: p for p in self.propositions}


@once
def criteria_sets(priors: Priors) -> tuple[CriteriaSet, ...]:
    """The sets of the folder `criteria/`, that of most diagnoses first, then by disease and year; none without them.

    Raises InputError naming file, place, field and the nearest valid word.
    """
    files = priors.files
    marks = {row["certainty"]: row["meaning"] for row in priors.tables["criteria/certainty"]}
    contents = {PurePath(name).stem: read_section(name, files.contents[name]) for name in files.within(FOLDER, ".toml")}
    variables = tuple(priors.vocabulary.variables.values())
    sets = [_read_set(name, contents, variables, marks) for name in contents]
    return tuple(sorted(sets, key=lambda s: (-len(s.targets), s.targets, s.year, s.id)))


def _read_set(
    name: str, contents: Mapping[str, Section], variables: tuple[Variable, ...], marks: Mapping[str, str]
) -> CriteriaSet:
    section = contents[name]
    section.only(SET_FIELDS)
    findings = {v.id: v for v in variables if v.kind == "finding"}
    diagnoses = next(v.states for v in variables if v.id == "diagnosis")
    columns = _columns(section, findings)
    propositions: list[Proposition] = []
    if "definitions_from" in section.content:
        other = contents[section.one_of("definitions_from", [n for n in contents if n != name])]
        propositions += [_hidden(p) for p in _propositions(other, findings, _columns(other, findings), marks, ())]
    propositions = _propositions(section, findings, columns, marks, tuple(propositions))
    words = Words(findings, tuple(p.id for p in propositions))
    labels = tuple(_label(s, words, diagnoses, columns) for s in section.sections("label"))
    subgroups = tuple(_label(s, words, diagnoses, ()) for s in section.sections("subgroup"))
    if not labels or (any(label.has_subgroups for label in labels) and not subgroups):
        raise section.fault("label" if not labels else "subgroup", "at least one is needed")
    return CriteriaSet(
        name, section.text("name"), int(section.number("year")), section.text("version"), section.text("about"),
        section.several_of("targets", diagnoses), marks[section.one_of("certainty", marks)], _source(section),
        section.texts("notes"), UNKNOWN[section.one_of("unknown", UNKNOWN, "stays open")], columns,
        tuple(propositions), labels, subgroups,
    )  # fmt: skip


def _source(section: Section) -> str:
    source = Section(f"{section.place}, source", section.content.get("source", {}))
    source.only(("citation", "doi", "address"))
    found = [source.text("doi", ""), source.text("address", "")]
    if not any(found):
        raise source.fault("doi", "a doi or an address is needed")
    return source.text("citation") + ". " + " ".join(["doi:" + found[0]] * bool(found[0]) + found[1:]).strip()


def _columns(section: Section, findings: Mapping[str, Variable]) -> tuple[Column, ...]:
    return tuple(_column(part, Words(findings)) for part in section.sections("column"))


def _column(section: Section, words: Words) -> Column:
    section.only(("id", "label", "when", "intercept", "cut_offs_tenths"))
    rule = section.rule("when", words)
    if not all(isinstance(leaf, Known) for leaf in leaves(rule)):
        raise section.fault("when", "a column is chosen by what is known, not by what was found")
    cut_offs = section.whole_numbers("cut_offs_tenths")
    return Column(section.text("id"), section.text("label"), rule, section.number("intercept"), cut_offs)


def _propositions(
    section: Section,
    findings: Mapping[str, Variable],
    columns: tuple[Column, ...],
    marks: Mapping[str, str],
    above: tuple[Proposition, ...],
) -> list[Proposition]:
    parameters = section.content.get("parameters", {})
    propositions = list(above)
    for kind in ("item", "definition"):
        for part in section.sections(kind):
            words = Words(findings, tuple(p.id for p in propositions), parameters)
            propositions.append(_proposition(part, words, columns, marks, shown=kind == "item"))
    return propositions


def _proposition(
    section: Section, words: Words, columns: tuple[Column, ...], marks: Mapping[str, str], shown: bool
) -> Proposition:
    section.only(("id", "label", "when", "unknown_when", "tenths", "definition", "certainty"))
    name = section.text("id")
    if name in words.names:
        raise section.fault("id", f"{name!r} is there already")
    unknown = section.rule("unknown_when", words) if "unknown_when" in section.content else None
    if unknown and any(isinstance(leaf, Name) for leaf in leaves(unknown)):
        raise section.fault("unknown_when", "only findings can leave an item open")
    rule = section.rule("when", words)
    kinds = {type(leaf) for leaf in leaves(rule)}
    if {Comparison, Name} <= kinds:
        raise section.fault("when", "findings and names do not mix: define the condition on findings apart")
    mark = section.one_of("certainty", [*marks, ""], "")
    return Proposition(
        name, section.text("label", None if shown else name), rule, unknown,
        section.whole_numbers("tenths", [c.id for c in columns]), section.text("definition", ""),
        marks.get(mark, ""), shown,
    )  # fmt: skip


def _hidden(proposition: Proposition) -> Proposition:
    """An item of another set serves as a definition here."""
    return Proposition(proposition.id, proposition.label, proposition.rule, proposition.unknown_when, shown=False)


def _label(section: Section, words: Words, diagnoses: tuple[str, ...], columns: tuple[Column, ...]) -> Label:
    section.only(("id", "text", "when", "cut_off", "positive", "diagnoses"))
    scored = "cut_off" in section.content
    cut_off = section.text("cut_off") if scored else ""
    for column in columns if scored else ():
        section.one_of("cut_off", column.cut_offs)
    if scored and not columns:
        raise section.fault("cut_off", "a set without columns has no score")
    rule = None if scored else section.rule("when", words)
    if rule is not None and not all(isinstance(leaf, Name) for leaf in leaves(rule)):
        raise section.fault("when", "a label speaks of items and definitions; define the condition above")
    return Label(
        section.text("text"), rule, cut_off, section.flag("positive"),
        section.several_of("diagnoses", diagnoses),
    )  # fmt: skip
