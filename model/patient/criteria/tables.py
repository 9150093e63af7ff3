"""The criteria files of `priors/criteria/` as immutable records; error messages name file, table and field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import PurePath

from model.errors import InputError, nearest
from model.patient.conditions.evaluate import Facts, outcomes
from model.patient.conditions.language import (
    OTHERWISE,
    Condition,
    Known,
    Leads,
    Name,
    OpenWhile,
    Possible,
    Probability,
    subjects,
    walk,
)
from model.patient.criteria.section import Section, read_section
from model.priors.folder import Priors, once
from model.priors.vocabulary import Vocabulary

FOLDER = "criteria"
SET_FIELDS = ("name", "year", "version", "about", "targets", "certainty", "unknown", "notes", "parameters", "source",
              "definitions_from", "column", "definition", "item", "label", "subgroup")  # fmt: skip
SUBGROUP = "{subgroup}"
MOST_WAYS = 2**20
UNKNOWN = {"counts as absent": True, "stays open": False}


@dataclass(frozen=True)
class Proposition:
    """An item (shown, perhaps with points) or a definition (hidden)."""

    id: str
    label: str
    rule: Condition
    tenths: Mapping[str, int] = field(default_factory=dict)
    definition: str = ""
    certainty: str = ""
    shown: bool = True


@dataclass(frozen=True)
class Column:
    """One way to score: when it applies, the intercept of its probability, its cut-offs in tenths of a point."""

    id: str
    label: str
    rule: Condition
    intercept: float
    cut_offs: Mapping[str, int]


@dataclass(frozen=True)
class Label:
    """A verdict that a set can give: if its rule holds, or if the score reaches the cut-off that it names.

    If the text contains `{subgroup}`, the set's subgroups complete it.
    """

    text: str
    rule: Condition | None
    cut_off: str
    positive: bool
    diagnoses: tuple[str, ...]

    @property
    def has_subgroups(self) -> bool:
        """Whether a subgroup completes the text."""
        return SUBGROUP in self.text


@dataclass(frozen=True)
class CriteriaSet:
    """One set of criteria. Labels and subgroups are in order of rank: the first that holds is the verdict."""

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
    def on_findings(self) -> tuple[Proposition, ...]:
        """The propositions that test findings directly."""
        return tuple(p for p in self.propositions if subjects(p.rule))

    @cached_property
    def derived(self) -> tuple[Proposition, ...]:
        """The propositions that test only other propositions, or whether a finding is known; in file order."""
        return tuple(p for p in self.propositions if not subjects(p.rule))

    @cached_property
    def named(self) -> frozenset[str]:
        """The propositions that a label, a subgroup or another proposition depends on."""
        rules = [p.rule for p in self.propositions] + [n.rule for n in (*self.labels, *self.subgroups) if n.rule]
        return frozenset(part.id for rule in rules for part in walk(rule) if isinstance(part, Name))

    def proposition(self, name: str) -> Proposition:
        """The item or definition of that id."""
        return self._by_id[name]

    @cached_property
    def _by_id(self) -> Mapping[str, Proposition]:
        return {p.id: p for p in self.propositions}


@once
def criteria_sets(priors: Priors) -> tuple[CriteriaSet, ...]:
    """The sets of the folder `criteria/`, those about most diagnoses first, then by disease and year.

    Empty if the priors have no such folder. Raises InputError that names file, table, field and the nearest valid word.
    """
    files = priors.files
    marks = {row["certainty"]: row["meaning"] for row in priors.tables["criteria/certainty"]}
    contents = {PurePath(name).stem: read_section(name, files.contents[name]) for name in files.within(FOLDER, ".toml")}
    sets = [_read_set(name, contents, priors.vocabulary, marks) for name in contents]
    return tuple(sorted(sets, key=lambda s: (-len(s.targets), s.targets, s.year, s.id)))


def criteria_set(priors: Priors, set_id: str) -> CriteriaSet:
    """One set of the folder; raises InputError that names the nearest id if no set has this id."""
    sets = {criteria.id: criteria for criteria in criteria_sets(priors)}
    if set_id not in sets:
        raise InputError(f"unknown set of criteria {set_id!r}{nearest(set_id, sets)}")
    return sets[set_id]


def _read_set(
    name: str, contents: Mapping[str, Section], vocabulary: Vocabulary, marks: Mapping[str, str]
) -> CriteriaSet:
    section = contents[name]
    section.only(SET_FIELDS)
    diagnoses, columns = vocabulary.diagnoses, _columns(section, vocabulary)
    propositions: list[Proposition] = []
    if "definitions_from" in section.content:
        other = contents[section.one_of("definitions_from", [n for n in contents if n != name])]
        propositions += [_hidden(p) for p in _propositions(other, vocabulary, _columns(other, vocabulary), marks, ())]
    propositions = _propositions(section, vocabulary, columns, marks, tuple(propositions))
    labels = tuple(_label(s, vocabulary, propositions, columns) for s in section.sections("label"))
    subgroups = tuple(_label(s, vocabulary, propositions, ()) for s in section.sections("subgroup"))
    if not labels or (any(label.has_subgroups for label in labels) and not subgroups):
        raise section.fault("label" if not labels else "subgroup", "at least one is needed")
    criteria = CriteriaSet(
        name, section.text("name"), int(section.number("year")), section.text("version"), section.text("about"),
        section.several_of("targets", diagnoses), marks[section.one_of("certainty", marks)], _source(section),
        section.texts("notes"), UNKNOWN[section.one_of("unknown", UNKNOWN, "stays open")], columns,
        tuple(propositions), labels, subgroups,
    )  # fmt: skip
    _check_size(section, criteria, vocabulary)
    return criteria


def _check_size(section: Section, criteria: CriteriaSet, vocabulary: Vocabulary) -> None:
    """Raise InputError if the items have too many combinations of truth values.

    It is checked with nothing known, because no patient leaves more items open.
    """
    try:
        blocks = outcomes({p.id: p.rule for p in criteria.on_findings}, Facts(vocabulary, {}))
    except InputError as error:
        raise section.fault("item", str(error)) from None
    ways = prod(len(found) for names, found in blocks if criteria.named.intersection(names))
    if ways > MOST_WAYS:
        raise section.fault(
            "item", f"the items that labels depend on have {ways:,} combinations, more than {MOST_WAYS:,}"
        )


def _source(section: Section) -> str:
    source = Section(f"{section.where}, source", section.content.get("source", {}))
    source.only(("citation", "doi", "address"))
    found = [source.text("doi", ""), source.text("address", "")]
    if not any(found):
        raise source.fault("doi", "give a doi or an address")
    return source.text("citation") + ". " + " ".join(["doi:" + found[0]] * bool(found[0]) + found[1:]).strip()


def _rule(
    section: Section,
    field: str,
    vocabulary: Vocabulary,
    above: Iterable[Proposition] = (),
    parameters: Mapping[str, float] | None = None,
) -> Condition:
    rule = section.condition(field, vocabulary, {p.id: Name(p.id) for p in above}, parameters)
    if any(isinstance(part, Possible | Probability | Leads) for part in walk(rule)):
        raise section.fault(field, "criteria may test findings only, not possible, p or leads")
    return rule


def _names(rule: Condition) -> bool:
    return any(isinstance(part, Name) for part in walk(rule))


def _columns(section: Section, vocabulary: Vocabulary) -> tuple[Column, ...]:
    columns = tuple(_column(part, vocabulary) for part in section.sections("column"))
    if columns and columns[-1].rule != OTHERWISE:
        raise section.fault("column", 'the last column must have when = "otherwise", so that every patient has one')
    return columns


def _column(section: Section, vocabulary: Vocabulary) -> Column:
    section.only(("id", "label", "when", "intercept", "cut_offs_tenths"))
    rule = _rule(section, "when", vocabulary)
    if subjects(rule):
        raise section.fault("when", "a column may test only whether findings are known")
    cut_offs = section.whole_numbers("cut_offs_tenths")
    return Column(section.text("id"), section.text("label"), rule, section.number("intercept"), cut_offs)


def _propositions(
    section: Section,
    vocabulary: Vocabulary,
    columns: tuple[Column, ...],
    marks: Mapping[str, str],
    above: tuple[Proposition, ...],
) -> list[Proposition]:
    parameters = section.content.get("parameters", {})
    propositions = list(above)
    for kind in ("item", "definition"):
        for part in section.sections(kind):
            when = _proposition_rule(part, vocabulary, propositions, parameters)
            propositions.append(_proposition(part, when, columns, marks, shown=kind == "item"))
    return propositions


def _proposition_rule(
    section: Section, vocabulary: Vocabulary, above: Sequence[Proposition], parameters: Mapping[str, float]
) -> Condition:
    """When the proposition holds; with `unknown_when`, also when it stays open."""
    if section.text("id") in [p.id for p in above]:
        raise section.fault("id", f"{section.text('id')!r} is already defined")
    rule = _rule(section, "when", vocabulary, above, parameters)
    if subjects(rule) and _names(rule):
        raise section.fault("when", "tests findings and names: define the condition on findings separately")
    if "unknown_when" not in section.content:
        return rule
    unknown = _rule(section, "unknown_when", vocabulary, above, parameters)
    if _names(unknown) or _names(rule):
        raise section.fault("unknown_when", "unknown_when and when may test findings only")
    return OpenWhile(rule, unknown)


def _proposition(
    section: Section, rule: Condition, columns: tuple[Column, ...], marks: Mapping[str, str], shown: bool
) -> Proposition:
    section.only(("id", "label", "when", "unknown_when", "tenths", "definition", "certainty"))
    name = section.text("id")
    mark = section.one_of("certainty", [*marks, ""], "")
    return Proposition(
        name, section.text("label", None if shown else name), rule,
        section.whole_numbers("tenths", [c.id for c in columns]), section.text("definition", ""),
        marks.get(mark, ""), shown,
    )  # fmt: skip


def _hidden(proposition: Proposition) -> Proposition:
    """An item of another set, used as a definition in this one."""
    return Proposition(proposition.id, proposition.label, proposition.rule, shown=False)


def _label(
    section: Section, vocabulary: Vocabulary, above: Sequence[Proposition], columns: tuple[Column, ...]
) -> Label:
    section.only(("id", "text", "when", "cut_off", "positive", "diagnoses"))
    scored = "cut_off" in section.content
    cut_off = section.text("cut_off") if scored else ""
    for column in columns if scored else ():
        section.one_of("cut_off", column.cut_offs)
    if scored and not columns:
        raise section.fault("cut_off", "a set without columns has no score")
    rule = None if scored else _rule(section, "when", vocabulary, above)
    if rule is not None and (subjects(rule) or any(isinstance(part, Known) for part in walk(rule))):
        raise section.fault("when", "a label may use items and definitions only; define the condition above")
    return Label(
        section.text("text"), rule, cut_off, section.flag("positive"),
        section.several_of("diagnoses", vocabulary.diagnoses),
    )  # fmt: skip
