"""The vocabulary of the model: variables, their states, and the bins of measured numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.errors import InputError, nearest, short
from model.priors.tables import Row
from model.priors.vocabulary_checks import check_vocabulary


@dataclass(frozen=True)
class Bin:
    """The interval of a measured number that a state means. `closed`: the end that belongs to it, "from" or "to"."""

    state: str
    low: float
    high: float
    closed: str

    def holds(self, number: float) -> bool:
        """Whether the number lies in the interval; 0 belongs to one that begins there."""
        if self.closed == "from":
            return self.low <= number < self.high
        return self.low < number <= self.high or number == self.low == 0


@dataclass(frozen=True)
class Variable:
    """A variable. `kind`: setting, diagnosis, hidden or finding. `group`: heading under which a finding is shown."""

    id: str
    kind: str
    label: str
    states: tuple[str, ...]
    definition: str = ""
    group: str = ""
    synonyms: tuple[str, ...] = ()
    bins: tuple[Bin, ...] = ()

    def state(self, value: object) -> str:
        """The state that `value` names, or that a number falls into if the variable has bins.

        Raises InputError with the nearest valid state.
        """
        if isinstance(value, str) and value.strip() in self.states:
            return value.strip()
        if self.bins and (number := _number(value)) is not None:
            for interval in self.bins:
                if interval.holds(number):
                    return interval.state
            low, high = self.bins[0].low, self.bins[-1].high
            raise InputError(f"field {self.id}: {short(value)} is not a number from {low:g} to {high:g}")
        hint = nearest(value, self.states)
        raise InputError(f"field {self.id}: {short(value)} is not one of its states{hint}")


def _number(value: object) -> float | None:
    """A number, also if written as text; None for anything else, including 1_000, which Python would read."""
    if isinstance(value, bool) or "_" in str(value):
        return None
    try:
        return float(str(value))
    except ValueError:
        return None


@dataclass(frozen=True)
class Vocabulary:
    """All variables of the model.

    `variables`: by id, in the order of the files. `families`: family (`iim`, `mimic`) -> its diagnoses. `short`: id of
    a diagnosis -> its abbreviation.
    """

    variables: Mapping[str, Variable]
    families: Mapping[str, tuple[str, ...]]
    short: Mapping[str, str] = field(default_factory=dict)
    diagnosis_labels: Mapping[str, str] = field(default_factory=dict)
    setting_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def diagnoses(self) -> tuple[str, ...]:
        return self.variables["diagnosis"].states

    @property
    def settings(self) -> tuple[str, ...]:
        return self.variables["setting"].states

    @property
    def findings(self) -> tuple[str, ...]:
        return tuple(v.id for v in self.variables.values() if v.kind == "finding")

    def variable(self, name: str) -> Variable:
        """The variable `name`; raises InputError with the nearest name."""
        if name not in self.variables:
            raise InputError(f"unknown finding {name!r}{nearest(name, self.variables)}")
        return self.variables[name]

    def specificity(self, diagnosis: str) -> dict[str, int]:
        """What may name the diagnosis in a row -> how specific it is: its id 2, its family 1, `any` 0."""
        families = {family: 1 for family, members in self.families.items() if diagnosis in members}
        return {diagnosis: 2, **families, "any": 0}

    def resolve_diagnoses(self, value: object) -> tuple[str, ...]:
        """The ids of diagnoses named by an id, a family or a sequence of both, in the order of the vocabulary.

        Raises InputError for any other word.
        """
        words: Sequence[object] = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        named: set[str] = set()
        for word in words:
            if word in self.families:
                named.update(self.families[str(word)])
            elif word in self.diagnoses:
                named.add(str(word))
            else:
                hint = nearest(word, [*self.families, *self.diagnoses])
                raise InputError(f"field diagnosis: {word!r} is not a diagnosis or family{hint}")
        return tuple(d for d in self.diagnoses if d in named)


def read_vocabulary(tables: Mapping[str, Sequence[Row]]) -> Vocabulary:
    """Read the vocabulary from the tables `vocabulary/`; raises InputError for an error in one of them."""
    check_vocabulary(tables)
    bins: dict[str, list[Bin]] = {}
    for row in tables["vocabulary/bins"]:
        interval = Bin(row["state"], float(row["from"]), float(row["to"]), row["closed"])
        bins.setdefault(row["finding"], []).append(interval)
    synonyms = {row["finding"]: row.words("synonyms") for row in tables["vocabulary/synonyms"]}
    diagnoses, settings = tables["vocabulary/diagnoses"], tables["vocabulary/settings"]
    variables = {
        "setting": Variable("setting", "setting", "Setting", tuple(r["id"] for r in settings)),
        "diagnosis": Variable("diagnosis", "diagnosis", "Diagnosis", tuple(r["id"] for r in diagnoses)),
    }
    for kind, table in (("hidden", "vocabulary/hidden"), ("finding", "vocabulary/findings")):
        for row in tables[table]:
            variables[row["id"]] = Variable(
                row["id"],
                kind,
                row["label"],
                tuple(row["states"].split("|")),
                row["definition"],
                row.cells.get("group", ""),
                synonyms.get(row["id"], ()),
                tuple(bins.get(row["id"], ())),
            )
    families: dict[str, list[str]] = {}
    for row in diagnoses:
        families.setdefault(row["family"], []).append(row["id"])
    return Vocabulary(
        variables,
        {family: tuple(ids) for family, ids in families.items()},
        {r["id"]: r["short"] for r in diagnoses},
        {r["id"]: r["label"] for r in diagnoses},
        {r["id"]: r["label"] for r in settings},
    )
