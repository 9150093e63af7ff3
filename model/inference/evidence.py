"""Evidence by name: a patient's findings become state indices and likelihoods."""

from collections.abc import Iterable, Mapping

import numpy as np

from model.errors import InputError, nearest
from model.inference.engine import Evidence
from model.network.build import Array
from model.priors.vocabulary import Variable, Vocabulary

MISSING_OF_PANDAS = ("NAType", "NaTType")
"""Types known by name: pandas takes half a second to import."""


def is_unknown(value: object) -> bool:
    """Nothing was entered: None, an empty text, or a missing value of numpy or pandas (NaN, NA, NaT)."""
    if value is None or isinstance(value, str):
        return not value
    if isinstance(value, float | np.floating):
        return bool(value != value)
    return type(value).__name__ in MISSING_OF_PANDAS


def read_evidence(vocabulary: Vocabulary, given: Mapping[str, object]) -> Evidence:
    """Evidence from variable name to value.

    A value is a state, a number for a binned variable, a sequence of states (any of them), or a
    mapping of state to likelihood (soft evidence; only ratios matter). The diagnosis also takes a
    family. Unknown values are left out. Raises InputError with the nearest valid word.
    """
    codes: dict[str, int] = {}
    likelihoods: dict[str, Array] = {}
    for name, value in given.items():
        variable = vocabulary.variable(name)
        if is_unknown(value):
            continue
        if isinstance(value, str) and value in variable.states:
            codes[name] = variable.states.index(value)
            continue
        weights = likelihood(vocabulary, variable, value)
        observed = np.flatnonzero(weights)
        if len(observed) == 1:
            codes[name] = int(observed[0])
        else:
            likelihoods[name] = weights
    return Evidence(codes, likelihoods)


def likelihood(vocabulary: Vocabulary, variable: Variable, value: object) -> Array:
    """Likelihood of each state, (states,)."""
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
        raise InputError(f"field {variable.id}: no state is given")
    return np.array([float(s in wanted) for s in variable.states])


def _soft(variable: Variable, value: Mapping[object, object]) -> Array:
    weights = np.zeros(len(variable.states))
    for state, weight in value.items():
        if state not in variable.states:
            raise InputError(f"field {variable.id}: {state!r} is not a state{nearest(state, variable.states)}")
        if not isinstance(weight, (int, float)) or not 0 <= weight < 1e300:
            raise InputError(f"field {variable.id}: the likelihood {weight!r} is not a number of 0 or more")
        weights[variable.states.index(str(state))] = weight
    if not weights.any():
        raise InputError(f"field {variable.id}: every likelihood is 0")
    return weights / weights.max()
