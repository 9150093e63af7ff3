"""The folder `priors/` as immutable records: numbers with strength, grade and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from model.errors import InputError, nearest
from model.priors.tables import Row, read_table
from model.priors.vocabulary import Bin, Variable, Vocabulary

PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = PACKAGE / "shipped" / "priors"
SHIPPED = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent / "priors"
NUMBER_COLUMNS = ("strength", "grade", "source", "locator", "note")


@dataclass(frozen=True)
class Rate:
    """The distribution of `node` in the patients whom `diagnosis` and `given` describe.

    `percents`: one for each state of the node; `strength`: equivalent sample size (patients).
    """

    node: str
    diagnosis: str
    given: Mapping[str, str]
    percents: tuple[float, ...]
    strength: float
    rows: tuple[Row, ...]

    @property
    def grade(self) -> str:
        return self.rows[0]["grade"]


@dataclass(frozen=True)
class Effect:
    """Odds ratio of `state` of `node` when `parent` is in `parent_state`, against the parent's first state.

    `strength`: patients in each of the two groups that are compared.
    """

    node: str
    state: str
    parent: str
    parent_state: str
    odds_ratio: float
    strength: float
    row: Row

    @property
    def grade(self) -> str:
        return self.row["grade"]


@dataclass(frozen=True)
class Priors:
    """All numbers of one folder. `shares`: setting -> rate of the node `diagnosis`."""

    folder: Path
    vocabulary: Vocabulary
    parents: Mapping[str, tuple[str, ...]]
    edges: tuple[Row, ...]
    rates: Mapping[str, tuple[Rate, ...]]
    effects: Mapping[str, tuple[Effect, ...]]
    shares: Mapping[str, Rate]

    @cached_property
    def sources(self) -> Mapping[str, Row]:
        rows = read_table(self.folder / "sources.csv", ["source", "citation"], self.folder)
        return {row["source"]: row for row in rows}


def read_priors(folder: Path = SHIPPED) -> Priors:
    """Read and check a folder of priors.

    Raises InputError that names file, line, field and the nearest valid word.
    """
    if not folder.is_dir():
        raise InputError(f"{folder.name}: there is no such folder of priors")
    vocabulary = _vocabulary(folder)
    parents, edges = _edges(folder, vocabulary)
    scale = _strengths_and_terms(folder)
    rows = [row for path in sorted((folder / "rates").glob("*.csv")) for row in _read_rates(folder, path)]
    rates = {
        node: tuple(_group(vocabulary.variables[node], node_rows, parents, scale))
        for node, node_rows in _by_node(rows, vocabulary).items()
    }
    effects = _effects(folder, vocabulary, parents, scale)
    shares = _shares(folder, vocabulary, scale)
    for name in vocabulary.variables:
        if name not in ("setting", "diagnosis") and name not in rates:
            raise InputError(f"rates: {name} has no row")
    return Priors(folder, vocabulary, parents, edges, rates, effects, shares)


def _vocabulary(folder: Path) -> Vocabulary:
    place = folder / "vocabulary"

    def table(name: str, *columns: str) -> list[Row]:
        return read_table(place / name, columns, folder)

    bins: dict[str, list[Bin]] = {}
    for row in table("bins.csv", "finding", "state", "from", "to", "closed"):
        low, high = row.number("from", 0, 1e9), row.number("to", 0, 1e9)
        interval = Bin(row["state"], low, high, row.one_of("closed", ["from", "to"]))
        bins.setdefault(row["finding"], []).append(interval)
    synonyms = {row["finding"]: row.words("synonyms") for row in table("synonyms.csv", "finding", "synonyms")}
    diagnoses = table("diagnoses.csv", "id", "short", "label", "family")
    settings = table("settings.csv", "id", "label")
    variables = {
        "setting": Variable("setting", "setting", "Setting", tuple(r["id"] for r in settings)),
        "diagnosis": Variable("diagnosis", "diagnosis", "Diagnosis", tuple(r["id"] for r in diagnoses)),
    }
    for name, kind in (("hidden.csv", "hidden"), ("findings.csv", "finding")):
        for row in table(name, "id", "label", "states", "definition"):
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
    _check_words(variables, table("bins.csv", "finding", "state"), table("synonyms.csv", "finding"))
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


def _check_words(variables: Mapping[str, Variable], bins: list[Row], synonyms: list[Row]) -> None:
    for row in (*bins, *synonyms):
        row.one_of("finding", variables)
    for row in bins:
        row.one_of("state", variables[row["finding"]].states)


def _edges(folder: Path, vocabulary: Vocabulary) -> tuple[dict[str, tuple[str, ...]], tuple[Row, ...]]:
    parents: dict[str, tuple[str, ...]] = dict.fromkeys(vocabulary.variables, ())
    rows = []
    for path in sorted((folder / "edges").glob("*.csv")):
        for row in read_table(path, ["parent", "child", "reason", "source"], folder):
            parent = row.one_of("parent", vocabulary.variables)
            if not row["reason"]:
                raise row.fault("reason", "an edge needs its reason")
            rows.append(row)
            for child in row.words("child"):
                if child not in vocabulary.variables:
                    Row(row.file, row.line, {"child": child}).one_of("child", vocabulary.variables)
                if parent in parents[child]:
                    raise row.fault("child", f"the edge {parent} -> {child} stands twice")
                parents[child] += (parent,)
    if parents["diagnosis"] != ("setting",):
        raise InputError("edges: the one parent of diagnosis is the setting")
    for name, chosen in parents.items():
        parents[name] = tuple(sorted(chosen, key=lambda p: p != "diagnosis"))
    return parents, tuple(rows)


@dataclass(frozen=True)
class _Scale:
    default_strength: Mapping[str, float]
    strength_cap: Mapping[str, float]
    terms: Mapping[str, float]


def _strengths_and_terms(folder: Path) -> _Scale:
    grades = read_table(folder / "grades.csv", ["grade", "default_strength", "strength_cap"], folder)
    terms = read_table(folder / "verbal_scale.csv", ["term", "percent", "basis", "source"], folder)
    return _Scale(
        {r["grade"]: r.number("default_strength", 0, 1e6) for r in grades if r["default_strength"]},
        {r["grade"]: r.number("strength_cap", 0, 1e6) for r in grades},
        {r["term"]: r.number("percent", 0, 100) for r in terms},
    )


def _read_rates(folder: Path, path: Path) -> list[Row]:
    return read_table(path, ["node", "state", "diagnosis", "given", "percent", "term", *NUMBER_COLUMNS], folder)


def _by_node(rows: list[Row], vocabulary: Vocabulary) -> dict[str, list[Row]]:
    known = [name for name in vocabulary.variables if name not in ("setting", "diagnosis")]
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.one_of("node", known), []).append(row)
        row.one_of("state", vocabulary.variables[row["node"]].states)
        row.one_of("diagnosis", [*vocabulary.diagnoses, *vocabulary.families, "any"])
        for condition in row.words("given"):
            _check_condition(row, condition, vocabulary)
        names = [condition.partition("=")[0] for condition in row.words("given")]
        if "diagnosis" in names or len(set(names)) < len(names):
            raise row.fault("given", "each variable stands once, and the diagnosis in its own column")
    return grouped


def _check_condition(row: Row, condition: str, vocabulary: Vocabulary) -> None:
    name, _, state = condition.partition("=")
    if name not in vocabulary.variables:
        raise row.fault("given", f"{name!r} is not known{nearest(name, vocabulary.variables)}")
    states = vocabulary.variables[name].states
    if state not in states:
        raise row.fault("given", f"{state!r} is not a state of {name}{nearest(state, states)}")


def _group(variable: Variable, rows: list[Row], parents: Mapping[str, tuple[str, ...]], scale: _Scale) -> list[Rate]:
    grouped: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["diagnosis"], tuple(sorted(row.words("given")))), []).append(row)
    rates = []
    for (diagnosis, conditions), members in grouped.items():
        given = dict(c.split("=") for c in conditions)
        needed = [*given, *(["diagnosis"] if diagnosis != "any" else [])]
        for parent in needed:
            if parent not in parents[variable.id]:
                raise members[0].fault("given", f"there is no edge {parent} -> {variable.id} in edges/")
        percents = _percents(variable, members, scale)
        strength = min(_strength(row, scale) for row in members)
        rates.append(Rate(variable.id, diagnosis, given, percents, strength, tuple(members)))
    return rates


def _percents(variable: Variable, rows: list[Row], scale: _Scale) -> tuple[float, ...]:
    """Percent of each state; a two-state node may name its second state only."""
    stated = {}
    for row in rows:
        if row["state"] in stated:
            raise row.fault("state", f"{row['state']!r} stands twice for the same patients")
        if row["term"] and row["percent"]:
            raise row.fault("percent", "give either a percent or a term")
        term = scale.terms[row.one_of("term", scale.terms)] if row["term"] else None
        stated[row["state"]] = row.number("percent", 0, 100) if term is None else term
    if len(variable.states) == 2 and len(stated) == 1:
        ((state, percent),) = stated.items()
        other = next(s for s in variable.states if s != state)
        stated[other] = 100 - percent
    missing = [s for s in variable.states if s not in stated]
    if missing:
        raise rows[0].fault("state", f"no row for the state {missing[0]!r} of {variable.id}")
    total = sum(stated.values())
    if abs(total - 100) > 0.05:
        raise rows[0].fault("percent", f"the states of {variable.id} add up to {total:g}, not 100")
    return tuple(100 * stated[s] / total for s in variable.states)


def _strength(row: Row, scale: _Scale) -> float:
    """A table of effects may lack the column; where a grade has no default then, the least of all defaults holds."""
    grade = row.one_of("grade", scale.strength_cap)
    cap = scale.strength_cap[grade]
    if row.cells.get("strength"):
        strength = row.number("strength", 0.5, 1e6)
        if strength > cap:
            raise row.fault("strength", f"{strength:g} is over the cap of grade {grade}, which is {cap:g}")
        return strength
    if grade in scale.default_strength:
        return scale.default_strength[grade]
    if "strength" in row.cells:
        raise row.fault("strength", f"grade {grade} needs a strength")
    return min([cap, *scale.default_strength.values()])


def _effects(
    folder: Path, vocabulary: Vocabulary, parents: Mapping[str, tuple[str, ...]], scale: _Scale
) -> dict[str, tuple[Effect, ...]]:
    effects: dict[str, tuple[Effect, ...]] = {}
    seen = set()
    columns = ["node", "state", "parent", "parent_state", "odds_ratio", "grade", "source", "locator", "note"]
    for path in sorted((folder / "effects").glob("*.csv")):
        for row in read_table(path, columns, folder):
            node = row.one_of("node", vocabulary.variables)
            parent = row.one_of("parent", vocabulary.variables)
            if parent not in parents[node]:
                raise row.fault("parent", f"there is no edge {parent} -> {node} in edges/")
            state = row.one_of("state", vocabulary.variables[node].states)
            parent_state = row.one_of("parent_state", vocabulary.variables[parent].states)
            ratio = row.number("odds_ratio", 1e-6, 1e6)
            if (node, state, parent, parent_state) in seen:
                raise row.fault("parent_state", "this effect stands twice")
            seen.add((node, state, parent, parent_state))
            effect = Effect(node, state, parent, parent_state, ratio, _strength(row, scale), row)
            effects[node] = (*effects.get(node, ()), effect)
    return effects


def _shares(folder: Path, vocabulary: Vocabulary, scale: _Scale) -> dict[str, Rate]:
    rows = read_table(folder / "shares.csv", ["setting", "diagnosis", "percent", *NUMBER_COLUMNS], folder)
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        row.one_of("diagnosis", vocabulary.diagnoses)
        as_state = Row(row.file, row.line, {**row.cells, "state": row["diagnosis"], "term": ""})
        grouped.setdefault(row.one_of("setting", vocabulary.settings), []).append(as_state)
    shares = {}
    for setting in vocabulary.settings:
        if setting not in grouped:
            raise InputError(f"shares.csv: the setting {setting} has no row")
        members = grouped[setting]
        percents = _percents(vocabulary.variables["diagnosis"], members, scale)
        strength = min(_strength(row, scale) for row in members)
        shares[setting] = Rate("diagnosis", "", {"setting": setting}, percents, strength, tuple(members))
    return shares
