"""The numbers of the network: rates and effects, each with its strength, grade and source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.errors import InputError
from model.priors.tables import Row
from model.priors.vocabulary import Variable, Vocabulary

Parents = Mapping[str, tuple[str, ...]]
Conditions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rate:
    """The distribution of `node` among the patients with `diagnosis` and the states in `given`.

    `diagnosis`: an id, a family or `any`. `percents`: one for each state of the node; they sum to 100. `strength`:
    equivalent sample size in patients. `grade`: of the rows that cause most of its uncertainty. See `together`.
    """

    node: str
    diagnosis: str
    given: Mapping[str, str]
    percents: tuple[float, ...]
    strength: float
    grade: str
    rows: tuple[Row, ...]

    @property
    def varies(self) -> bool:
        """Whether a draw can differ from the mean: not where one state is certain."""
        return max(self.percents) < 100


@dataclass(frozen=True)
class Effect:
    """Odds ratio of a state of `node` when `parent` is in `parent_state`, compared with the parent's first state.

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
class Scale:
    """Default strength and cap of each grade, in patients, and the percentage that each verbal term means.

    The caps are in the order of `grades.csv`: the best grade first.
    """

    default_strength: Mapping[str, float]
    strength_cap: Mapping[str, float]
    terms: Mapping[str, float]


def read_scale(tables: Mapping[str, Sequence[Row]]) -> Scale:
    """Read the tables `grades` and `verbal_scale`."""
    grades = tables["grades"]
    return Scale(
        {r["grade"]: float(r["default_strength"]) for r in grades if r["default_strength"]},
        {r["grade"]: float(r["strength_cap"]) for r in grades},
        {r["term"]: float(r["percent"]) for r in tables["verbal_scale"]},
    )


def read_rates(
    rows: Iterable[Row], vocabulary: Vocabulary, parents: Parents, scale: Scale
) -> dict[str, tuple[Rate, ...]]:
    """The rates of each node, in the order of their first rows.

    Raises InputError naming file, line and field; also for a variable without any rate.
    """
    grouped: dict[str, dict[tuple[str, Conditions], list[Row]]] = {}
    for row in rows:
        described = (row["diagnosis"], tuple(sorted(row.stated("given").items())))
        grouped.setdefault(row["node"], {}).setdefault(described, []).append(row)
    for name in vocabulary.variables:
        if name not in ("setting", "diagnosis") and name not in grouped:
            raise InputError(f"rates: {name} has no row")
    return {
        node: tuple(
            _rate(vocabulary.variables[node], diagnosis, conditions, members, parents, scale)
            for (diagnosis, conditions), members in described.items()
        )
        for node, described in grouped.items()
    }


def _rate(
    variable: Variable, diagnosis: str, conditions: Conditions, rows: list[Row], parents: Parents, scale: Scale
) -> Rate:
    given = dict(conditions)
    if "diagnosis" in given:
        raise rows[0].fault("given", "the diagnosis has its own column")
    for parent in (*given, *(["diagnosis"] if diagnosis != "any" else [])):
        if parent not in parents[variable.id]:
            raise rows[0].fault("given", f"there is no edge {parent} -> {variable.id} in edges/")
    return Rate(variable.id, diagnosis, given, _percents(variable, rows, scale), *together(rows, scale), tuple(rows))


def read_shares(rows: Iterable[Row], vocabulary: Vocabulary, scale: Scale) -> tuple[Rate, ...]:
    """The distribution of diagnoses in each setting, in order, as rates of the node `diagnosis`.

    Raises InputError for a setting without a row.
    """
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        as_state = Row(row.file, row.line, {**row.cells, "state": row["diagnosis"], "term": ""})
        grouped.setdefault(row["setting"], []).append(as_state)
    shares = []
    for setting in vocabulary.settings:
        if setting not in grouped:
            raise InputError(f"shares.csv: the setting {setting} has no row")
        members = grouped[setting]
        percents = _percents(vocabulary.variables["diagnosis"], members, scale)
        given = {"setting": setting}
        shares.append(Rate("diagnosis", "", given, percents, *together(members, scale), tuple(members)))
    return tuple(shares)


def read_effects(rows: Iterable[Row], parents: Parents, scale: Scale) -> dict[str, tuple[Effect, ...]]:
    """The effects of each node, in the order of the rows; raises InputError for an effect without an edge."""
    effects: dict[str, tuple[Effect, ...]] = {}
    for row in rows:
        node, parent = row["node"], row["parent"]
        if parent not in parents[node]:
            raise row.fault("parent", f"there is no edge {parent} -> {node} in edges/")
        ratio, strength = float(row["odds_ratio"]), strength_of(row, scale)
        effect = Effect(node, row["state"], parent, row["parent_state"], ratio, strength, row)
        effects[node] = (*effects.get(node, ()), effect)
    return effects


def _percents(variable: Variable, rows: list[Row], scale: Scale) -> tuple[float, ...]:
    """Percent of each state, scaled to a sum of 100. For a node with two states, one row is enough."""
    stated = {}
    for row in rows:
        if row["state"] in stated:
            raise row.fault("state", f"{row['state']!r} occurs twice for the same patients")
        if row["term"] and row["percent"]:
            raise row.fault("percent", "give either a percent or a term")
        stated[row["state"]] = _percent(row, scale)
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


def _percent(row: Row, scale: Scale) -> float:
    return scale.terms[row["term"]] if row["term"] else row.number("percent", 0, 100)


def together(rows: Sequence[Row], scale: Scale) -> tuple[float, str]:
    """The strength and the grade of a distribution from those of its rows.

    A state of share p has a variance in proportion to p (1 - p) / strength. With the strength returned, the variances
    of the states add up to what they do with the strength of each row; so a rare state that is an assumption hardly
    weakens a distribution whose other states are published. The grade is the one whose rows have the largest part of
    that sum; among equals, and where every row is certain, it is the weakest.
    """
    strengths = [strength_of(row, scale) for row in rows]
    shares = [_percent(row, scale) / 100 for row in rows]
    spreads = [share * (1 - share) for share in shares]
    grades = list(scale.strength_cap)
    parts = dict.fromkeys((grades.index(row["grade"]) for row in rows), 0.0)
    for row, spread, strength in zip(rows, spreads, strengths, strict=True):
        parts[grades.index(row["grade"])] += spread / strength
    weakest = grades[max(parts, key=lambda index: (parts[index], index))]
    if len(set(strengths)) == 1 or not any(spreads):
        return min(strengths), weakest
    return sum(spreads) / sum(parts.values()), weakest


def strength_of(row: Row, scale: Scale) -> float:
    """The strength of a row in patients: the stated one, else the default of its grade.

    A table of effects may lack the column. If the grade has no default either, the smallest default of all grades is
    used. Raises InputError for a strength over the cap of the grade, and for a blank one where a grade has no default.
    """
    grade = row["grade"]
    cap = scale.strength_cap[grade]
    if row.cells.get("strength"):
        strength = float(row["strength"])
        if strength > cap:
            raise row.fault("strength", f"{strength:g} is over the cap of grade {grade}, which is {cap:g}")
        return strength
    if grade in scale.default_strength:
        return scale.default_strength[grade]
    if "strength" in row.cells:
        raise row.fault("strength", f"grade {grade} needs a strength")
    return min([cap, *scale.default_strength.values()])
