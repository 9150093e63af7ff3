"""A case as the query parameters of a link, and back.

A case is a plain dict: `setting` (an id), `findings` (id -> state, number, or soft evidence: a list of possible
states or a dict state -> likelihood), and `example` (the id of the published patient it began as, or None). The link
holds the first two and never an identifier.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from model.errors import InputError, nearest
from model.priors.vocabulary import Variable, Vocabulary

Case = dict[str, Any]
SHORT_NAMES = {"age": "age_at_onset"}
LONGEST_WORD = 40
MOST_FAULTS = 3
LARGEST = 1e300
"""Of the likelihoods in a link."""


def empty_case(vocabulary: Vocabulary) -> Case:
    """A patient of whom nothing is known, in the default setting."""
    return {"setting": vocabulary.settings[0], "findings": {}, "example": None}


def write_link(case: Case, vocabulary: Vocabulary) -> dict[str, str]:
    """The query parameters of a case; what is unknown or the default is left out."""
    names = {finding: name for name, finding in SHORT_NAMES.items()}
    link = {names.get(finding, finding): word(value) for finding, value in case["findings"].items()}
    if case["setting"] != vocabulary.settings[0]:
        link["setting"] = case["setting"]
    return link


def read_link(parameters: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> tuple[Case, str]:
    """The case of a link, and one sentence on the parts that had to be left out (empty: none)."""
    case, faults = empty_case(vocabulary), []
    for name, values in parameters.items():
        try:
            _read_parameter(case, name, values, vocabulary)
        except InputError as fault:
            faults.append(str(fault))
    return case, _sentence(faults)


def word(value: object) -> str:
    """A value as it is written in a link.

    >>> word("present"), word(54.0), word(["mild", "moderate"]), word({"absent": 0.2, "present": 1})
    ('present', '54', 'mild|moderate', 'absent:0.2|present:1')
    """
    if isinstance(value, Mapping):
        return "|".join(f"{state}:{likelihood:g}" for state, likelihood in value.items())
    if isinstance(value, list):
        return "|".join(value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def is_soft(value: object) -> bool:
    """Whether a value leaves several states open."""
    return isinstance(value, list | Mapping)


def _read_parameter(case: Case, name: str, values: Sequence[str], vocabulary: Vocabulary) -> None:
    finding = SHORT_NAMES.get(name, name)
    if finding != "setting" and finding not in vocabulary.findings:
        names = [*SHORT_NAMES, "setting", *vocabulary.findings]
        raise InputError(f"{_quote(name)} is not a finding{nearest(name, names)}")
    variable = vocabulary.variables[finding]
    stated = [_value(name, variable, value) for value in values if value.strip()]
    known = [case["findings"][finding]] if finding in case["findings"] else []
    if any(value != stated[0] for value in [*stated, *known]):
        case["findings"].pop(finding, None)
        raise InputError(f"{_quote(name)} is given twice with different values")
    for value in stated[:1]:
        if finding == "setting":
            case["setting"] = value
        else:
            case["findings"][finding] = value


def _value(name: str, variable: Variable, text: str) -> Any:
    text = text.strip()
    if "|" in text and variable.kind == "finding":
        return _several(name, variable, text.split("|"))
    try:
        state = variable.state(text)
    except InputError:
        hint = nearest(text, variable.states)
        raise InputError(f"{_quote(text)} is not a state of {name}{hint}") from None
    return state if state == text else float(text)


def _several(name: str, variable: Variable, parts: Sequence[str]) -> list[str] | dict[str, float]:
    """Several states, each with its likelihood or all without."""
    pairs = [part.strip().partition(":") for part in parts]
    for state, _, _ in pairs:
        if state not in variable.states:
            raise InputError(f"{_quote(state)} is not a state of {name}{nearest(state, variable.states)}")
    if not any(likelihood for _, _, likelihood in pairs):
        return [state for state in variable.states if state in {state for state, _, _ in pairs}]
    try:
        soft = {state: float(likelihood) for state, _, likelihood in pairs}
    except ValueError:
        soft = {}
    if not any(soft.values()) or not all(0 <= value < LARGEST for value in soft.values()):
        raise InputError(f"{_quote(name)} has a likelihood that is not a number of 0 or more")
    return soft


def _quote(text: str) -> str:
    return f"“{text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + '…'}”"


def _sentence(faults: Sequence[str]) -> str:
    if not faults:
        return ""
    more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
    sentence = (
        f"Some parts of this link were not understood and were ignored: {'; '.join([*faults[:MOST_FAULTS], *more])}"
    )
    return sentence if sentence.endswith("?") else sentence + "."
