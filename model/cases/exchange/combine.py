"""Combines several readings of one finding into one value, or none if they contradict each other."""

from collections.abc import Mapping
from itertools import groupby

from model.cases.exchange.interpret import Reading
from model.cases.exchange.records import LeftOut, Mapped
from model.priors.vocabulary import Variable, Vocabulary


def combine(
    readings: list[Reading], rules: Mapping[str, frozenset[str]], vocabulary: Vocabulary
) -> tuple[dict[str, object], list[Mapped], list[LeftOut]]:
    """The findings of a case, the source of each, and the readings that were overruled or contradict each other.

    A finding gets the states that all its readings allow: one as a state, several as a list (any of them), a measured
    one as its highest number. If no state is allowed by all, `rules` decide. "highest" takes the highest state (a
    peak, or either of two markers). "degree" does the same, provided that no reading allows the first state (absent).
    Any other finding stays unknown.
    """
    findings: dict[str, object] = {}
    mapped: list[Mapped] = []
    left_out: list[LeftOut] = []
    order = {finding: i for i, finding in enumerate(vocabulary.findings)}
    for finding, group in groupby(
        sorted(dict.fromkeys(readings), key=lambda r: order[r.finding]), key=lambda r: r.finding
    ):
        variable, members = vocabulary.variable(finding), list(group)
        states = _agreed(members, variable, rules)
        if not states:
            left_out += [LeftOut(r.where, r.text, _contradiction(r, members, variable)) for r in members]
            continue
        if len(states) == len(variable.states):
            left_out += [LeftOut(r.where, r.text, "allows every state") for r in members]
            continue
        findings[finding] = _value(members, states, variable)
        for reading in members:
            if set(reading.states) & set(states):
                mapped.append(Mapped(reading.where, reading.text, finding, findings[finding]))
            else:
                left_out.append(LeftOut(reading.where, reading.text, f"another statement says {_words(states)}"))
    return findings, mapped, left_out


def _agreed(readings: list[Reading], variable: Variable, rules: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    common = [state for state in variable.states if all(state in r.states for r in readings)]
    if common:
        return tuple(common)
    highest = max(readings, key=lambda r: variable.states.index(r.states[0])).states
    present = all(variable.states[0] not in r.states for r in readings)
    if variable.id in rules.get("highest", ()) or (variable.id in rules.get("degree", ()) and present):
        return highest
    return ()


def _value(readings: list[Reading], states: tuple[str, ...], variable: Variable) -> object:
    numbers = [r.number for r in readings if r.number is not None and variable.state(r.number) in states]
    if numbers and len(states) == 1:
        return max(numbers)
    return states[0] if len(states) == 1 else list(states)


def _contradiction(reading: Reading, readings: list[Reading], variable: Variable) -> str:
    others = [r for r in readings if not set(r.states) & set(reading.states)] or readings
    other = next((r for r in others if r is not reading), reading)
    return f"says {_words(reading.states)}, contradicted by {other.where}; {variable.label} is left unknown"


def _words(states: tuple[str, ...]) -> str:
    return " or ".join(state.replace("_", " ") for state in states)
