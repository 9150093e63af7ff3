"""Findings of many patients as arrays. Each distinct value is read once, however many patients have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from model.errors import InputError
from model.inference.evidence import is_unknown, likelihood
from model.inference.junction_tree import Index
from model.network.build import Array
from model.priors.vocabulary import Vocabulary


@dataclass(frozen=True)
class Values:
    """The distinct values of findings read so far; grows while patients are read.

    `readings`: finding and the likelihood of each of its states, (states,), or None for unknown. `indices`:
    (finding, value) -> its index in `readings`.
    """

    vocabulary: Vocabulary
    readings: list[tuple[str, Array | None]] = field(default_factory=list)
    indices: dict[tuple[str, object], int] = field(default_factory=dict)

    def read(self, findings: Mapping[str, object]) -> list[int]:
        """The index in `readings` of each finding of a patient, in order.

        Raises InputError with the nearest valid word for an unknown finding or value.
        """
        try:
            known = list(map(self.indices.get, findings.items()))
        except TypeError:  # a list of states and a mapping of likelihoods have no hash
            known = [None] * len(findings)
        if None not in known:
            return known  # type: ignore[return-value]
        return [
            self._index(name, value) if index is None else index
            for (name, value), index in zip(findings.items(), known, strict=True)
        ]

    def _index(self, name: str, value: object) -> int:
        kept = _is_kept(value)
        if kept and (name, value) in self.indices:
            return self.indices[name, value]
        variable = self.vocabulary.variable(name)
        if variable.kind != "finding":
            raise InputError(f"field {name}: not a finding")
        index = len(self.readings)
        self.readings.append((name, None if is_unknown(value) else likelihood(self.vocabulary, variable, value)))
        if kept:
            self.indices[name, value] = index
        return index


def _is_kept(value: object) -> bool:
    """Whether a value is kept for the next patient who has it. 0 and 1 are not, because they equal false and true."""
    return value is None or isinstance(value, str) or (isinstance(value, int | float) and value not in (0, 1))


def columns(values: Values, indices: Index, sizes: Sequence[int]) -> tuple[dict[str, Index], dict[str, Array]]:
    """Findings of patients as columns: state indices, (patients,), -1 unknown, and likelihoods, (patients, states).

    `indices`: of the findings of all patients in `values.readings`, patient after patient. `sizes`: how many findings
    each patient has. A finding with several possible states in any patient has likelihoods in all. The findings are in
    the order in which their first known value was read; a finding without a known value is left out.
    """
    names = list(dict.fromkeys(name for name, weights in values.readings if weights is not None))
    number = {name: i for i, name in enumerate(names)}
    of_finding = np.array([-1 if w is None else number[name] for name, w in values.readings], dtype=np.int16)
    finding = of_finding[indices]
    patients = np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(finding, kind="stable")
    ends = np.searchsorted(finding[order], np.arange(len(names) + 1))
    hard: dict[str, Index] = {}
    likelihoods: dict[str, Array] = {}
    states = np.array([_state(weights) for _, weights in values.readings], dtype=np.intp)
    for i, name in enumerate(names):
        cells = order[ends[i] : ends[i + 1]]
        found = states[indices[cells]]
        if (found == SEVERAL).any():
            column = np.ones((len(sizes), len(values.vocabulary.variable(name).states)))
            column[patients[cells]] = [values.readings[index][1] for index in indices[cells]]
            likelihoods[name] = column
        else:
            hard[name] = np.full(len(sizes), -1, dtype=np.intp)
            hard[name][patients[cells]] = found
    return hard, likelihoods


SEVERAL = -2


def _state(weights: Array | None) -> int:
    """The index of the only possible state; -1 if all are equally likely or nothing is known; else SEVERAL."""
    if weights is None or weights.min() == 1:
        return -1
    possible = np.flatnonzero(weights)
    return int(possible[0]) if len(possible) == 1 else SEVERAL
