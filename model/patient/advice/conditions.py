"""Conditions on a patient, with three truth values: true, false, and None for what is not known yet.

Truth values combine after Kleene (Introduction to Metamathematics, 1952, section 64): a compound is decided as soon as
no further finding could change it. `model.patient.advice.condition_text` reads conditions from text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from model.inference.evidence import is_unknown
from model.priors.vocabulary import Bin, Variable

Findings = Mapping[str, object]
Posterior = Mapping[str, float] | None


@dataclass(frozen=True)
class InStates:
    """The finding is in one of `states`."""

    variable: Variable
    states: frozenset[str]


@dataclass(frozen=True)
class AtLeast:
    """The measured number is at least `threshold` (above it where `strict`); a bin decides only if all of it agrees."""

    variable: Variable
    threshold: float
    strict: bool


@dataclass(frozen=True)
class Known:
    """At least one of the findings is settled: one state or number, not a choice of several. Never None.

    `label`: what the findings are together, for the reader.
    """

    variables: tuple[Variable, ...]
    label: str = ""


@dataclass(frozen=True)
class Probability:
    """The diagnoses together have a probability of at least `threshold` (above it where `strict`)."""

    words: tuple[str, ...]
    diagnoses: tuple[str, ...]
    threshold: float
    strict: bool


@dataclass(frozen=True)
class Leads:
    """The most probable diagnosis of the group `among` is one of `diagnoses`."""

    diagnoses: tuple[str, ...]
    among_words: tuple[str, ...]
    among: tuple[str, ...]


@dataclass(frozen=True)
class Not:
    part: "Condition"


@dataclass(frozen=True)
class Possible:
    """True unless the part is false: what must be thought of until it is excluded. Never None, and never a reason."""

    part: "Condition"


@dataclass(frozen=True)
class Count:
    """At least `least` of the parts are true: all of them is `and`, one of them is `or`."""

    least: int
    parts: tuple["Condition", ...]


Leaf = InStates | AtLeast | Known | Probability | Leads
Condition = Leaf | Not | Possible | Count


@dataclass(frozen=True)
class Judgement:
    """A truth value and the leaves that it rests on: those that make it so, or that keep it open."""

    value: bool | None
    leaves: tuple[Leaf, ...]


def evaluate(condition: Condition, findings: Findings, posterior: Posterior = None) -> Judgement:
    """Is the condition true of this patient?

    `findings`: id -> state, number, list of states, or mapping of state to likelihood; of the last two every state
    that is not ruled out is possible, and the condition is decided only if all of them agree. `posterior`: diagnosis ->
    probability; without it probabilities are unknown. Raises InputError for a value that is no state.
    """
    if isinstance(condition, Not):
        part = evaluate(condition.part, findings, posterior)
        return Judgement(None if part.value is None else not part.value, part.leaves)
    if isinstance(condition, Possible):
        part = evaluate(condition.part, findings, posterior)
        return Judgement(part.value is not False, ())
    if isinstance(condition, Count):
        return _count(condition, findings, posterior)
    return Judgement(_leaf_value(condition, findings, posterior), (condition,))


def _count(condition: Count, findings: Findings, posterior: Posterior) -> Judgement:
    parts = [evaluate(part, findings, posterior) for part in condition.parts]
    certain = sum(part.value is True for part in parts)
    possible = sum(part.value is not False for part in parts)
    value = True if certain >= condition.least else False if possible < condition.least else None
    leaves = dict.fromkeys(leaf for part in parts if part.value is value for leaf in part.leaves)
    return Judgement(value, tuple(leaves))


def _leaf_value(leaf: Leaf, findings: Findings, posterior: Posterior) -> bool | None:
    if isinstance(leaf, Known):
        return any(len(possible_values(findings.get(variable.id))) == 1 for variable in leaf.variables)
    if isinstance(leaf, Leads):
        return None if posterior is None else leader(leaf, posterior) in leaf.diagnoses
    if isinstance(leaf, Probability):
        if posterior is None:
            return None
        return _reaches(sum(posterior[d] for d in leaf.diagnoses), leaf.threshold, leaf.strict)
    if isinstance(leaf, InStates):
        return _agreed(leaf.variable, findings, lambda value: leaf.variable.state(value) in leaf.states)
    return _agreed(leaf.variable, findings, lambda value: _bin_reaches(leaf, value))


def _agreed(variable: Variable, findings: Findings, test: Callable[[object], bool | None]) -> bool | None:
    """What `test` says of every value that the finding may have; None where that differs."""
    values = possible_values(findings.get(variable.id))
    verdicts = {test(value) for value in values}
    return verdicts.pop() if len(verdicts) == 1 else None


def possible_values(value: object) -> list[object]:
    """The states or the number that a finding may have; none while it is unknown."""
    if is_unknown(value):
        return []
    if isinstance(value, Mapping):
        return [state for state, likelihood in value.items() if likelihood > 0]
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def leader(leaf: Leads, posterior: Mapping[str, float]) -> str:
    """The most probable diagnosis of the group."""
    return max(leaf.among, key=posterior.__getitem__)


def _bin_reaches(leaf: AtLeast, value: object) -> bool | None:
    """A number is compared as it is; a state stands for every number in its bin."""
    interval = next((b for b in leaf.variable.bins if b.state == value), None)
    if interval is None:
        leaf.variable.state(value)
        return _reaches(float(str(value)), leaf.threshold, leaf.strict)
    if _all_reach(interval, leaf.threshold, leaf.strict):
        return True
    return False if _none_reaches(interval, leaf.threshold, leaf.strict) else None


def _all_reach(interval: Bin, threshold: float, strict: bool) -> bool:
    lowest_belongs = interval.holds(interval.low)
    return interval.low > threshold or (interval.low == threshold and not (strict and lowest_belongs))


def _none_reaches(interval: Bin, threshold: float, strict: bool) -> bool:
    highest_belongs = interval.holds(interval.high)
    return interval.high < threshold or (interval.high == threshold and (strict or not highest_belongs))


def _reaches(number: float, threshold: float, strict: bool) -> bool:
    return number > threshold if strict else number >= threshold


def leaves(condition: Condition) -> tuple[Leaf, ...]:
    """Every leaf of a condition, in the order of the text."""
    if isinstance(condition, (Not, Possible)):
        return leaves(condition.part)
    if isinstance(condition, Count):
        return tuple(leaf for part in condition.parts for leaf in leaves(part))
    return (condition,)


def finding_names(condition: Condition) -> tuple[str, ...]:
    """The findings that a condition reads, each once."""
    names: dict[str, None] = {}
    for leaf in leaves(condition):
        if isinstance(leaf, Known):
            names.update(dict.fromkeys(variable.id for variable in leaf.variables))
        elif not isinstance(leaf, (Probability, Leads)):
            names[leaf.variable.id] = None
    return tuple(names)
