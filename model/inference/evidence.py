"""Read a patient's findings, given by name, as state indices and likelihoods."""

from collections.abc import Iterable, Mapping

import numpy as np

from model.errors import InputError, nearest
from model.inference.engine import Evidence
from model.network.build import Array
from model.priors.vocabulary import Variable, Vocabulary

MISSING_OF_PANDAS = ("NAType", "NaTType")
"""Recognised by the name of the type, because the import of pandas takes half a second."""


def is_unknown(value: object) -> bool:
    """Whether a value is None, an empty text, or a missing value of numpy or pandas (NaN, NA, NaT)."""
    if value is None or isinstance(value, str):
        return not value
    if isinstance(value, float | np.floating):
        return bool(value != value)
    return type(value).__name__ in MISSING_OF_PANDAS


def read_evidence(vocabulary: Vocabulary, given: Mapping[str, object]) -> Evidence:
    """The evidence in `given`, variable id -> value.

    A value is a state, a number (for a finding with bins), several states (any of them), or a mapping state ->
    likelihood (soft evidence; only ratios matter). The diagnosis may also be a family. Unknown values are left out.
    Raises InputError with the nearest valid word.
    """
    states: dict[str, int] = {}
    likelihoods: dict[str, Array] = {}
    for name, value in given.items():
        variable = vocabulary.variable(name)
        if is_unknown(value):
            continue
        if isinstance(value, str) and value in variable.states:
            states[name] = variable.states.index(value)
            continue
        values = likelihood(vocabulary, variable, value)
        possible = np.flatnonzero(values)
        if len(possible) == 1:
            states[name] = int(possible[0])
        else:
            likelihoods[name] = values
    return Evidence(states, likelihoods)


def likelihood(vocabulary: Vocabulary, variable: Variable, value: object) -> Array:
    """The likelihood of each state given a value as in `read_evidence`, (states,); the largest is 1."""
    if isinstance(value, Mapping):
        return _soft(variable, value)
    if variable.id == "diagnosis":
        chosen: Iterable[str] = vocabulary.resolve_diagnoses(value)
    elif isinstance(value, (list, tuple, set, frozenset)):
        chosen = [variable.state(v) for v in value]
    else:
        chosen = [variable.state(value)]
    wanted = set(chosen)
    if not wanted:
        raise InputError(f"field {variable.id}: no state is given; name at least one, or leave the finding out")
    return np.array([float(s in wanted) for s in variable.states])


def _soft(variable: Variable, value: Mapping[object, object]) -> Array:
    likelihoods = np.zeros(len(variable.states))
    for state, given in value.items():
        if state not in variable.states:
            raise InputError(f"field {variable.id}: {state!r} is not a state{nearest(state, variable.states)}")
        if not isinstance(given, (int, float)) or not 0 <= given < 1e300:
            raise InputError(f"field {variable.id}: the likelihood {given!r} is not a number of 0 or more")
        likelihoods[variable.states.index(str(state))] = given
    if not likelihoods.any():
        raise InputError(f"field {variable.id}: every likelihood is 0; at least one must be larger")
    return likelihoods / likelihoods.max()
