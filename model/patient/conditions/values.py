"""The values that a finding may still have, given what is entered."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import nan

from model.inference.evidence import is_unknown, likelihood
from model.patient.conditions.language import Value
from model.priors.vocabulary import Bin, Variable, Vocabulary


def entered_values(value: object) -> list[object]:
    """The entered states or numbers that are not excluded; empty if the finding is unknown."""
    if is_unknown(value):
        return []
    if isinstance(value, Mapping):
        return [state for state, likelihood in value.items() if likelihood > 0]
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def finding_values(vocabulary: Vocabulary, name: str, entered: object, limits: Iterable[float]) -> tuple[Value, ...]:
    """Every value that the finding may have, as far as comparisons with `limits` distinguish values.

    An unknown finding may have any value. Several states, or soft evidence, may be each state that is not excluded. A
    number is itself. A state of a measured finding becomes numbers on both sides of each limit inside its bin, so that
    a comparison with that limit stays open. Raises InputError for a value that the finding cannot have.
    """
    variable = vocabulary.variable(name)
    if not variable.bins and (is_unknown(entered) or isinstance(entered, str)):
        return tuple((state, nan) for state in ([variable.state(entered)] if entered else variable.states))
    if is_unknown(entered):
        chosen: Iterable[object] = variable.states
    else:
        if isinstance(entered, Mapping) or not entered_values(entered):
            likelihood(vocabulary, variable, entered)
        chosen = entered_values(entered)
    return tuple(dict.fromkeys(value for one in chosen for value in _values(variable, one, tuple(limits))))


def _values(variable: Variable, entered: object, limits: tuple[float, ...]) -> Iterator[Value]:
    state = variable.state(entered)
    if isinstance(entered, str) and entered.strip() == state:
        bins = [interval for interval in variable.bins if interval.state == state]
        yield from ((state, number) for interval in bins for number in _numbers(interval, limits))
        if not bins:
            yield state, nan
    else:
        yield state, float(str(entered))


def _numbers(interval: Bin, limits: Iterable[float]) -> Iterator[float]:
    """One number from each interval of the bin between limits, and the limits themselves."""
    inside = {limit for limit in limits if interval.low < limit < interval.high}
    ordered = sorted({interval.low, interval.high, *inside})
    yield from (n for n in (*ordered, *((a + b) / 2 for a, b in pairwise(ordered))) if interval.holds(n))
