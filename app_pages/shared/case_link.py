"""A case as the query parameters of a link, and back.

A case is a plain dict: `setting` (an id), `findings` (id -> state or number), and `example` (the id of
the published patient it began as, or None). The link holds the first two and never an identifier.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from model.errors import InputError, nearest
from model.priors.vocabulary import Variable, Vocabulary

Case = dict[str, Any]
SHORT_NAMES = {"age": "age_at_onset"}
LONGEST_WORD = 40
MOST_FAULTS = 3


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
    """A state or number as it is written in a link."""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _read_parameter(case: Case, name: str, values: Sequence[str], vocabulary: Vocabulary) -> None:
    finding = SHORT_NAMES.get(name, name)
    if finding != "setting" and finding not in vocabulary.findings:
        names = [*SHORT_NAMES, "setting", *vocabulary.findings]
        raise InputError(f"{_quote(name)} is not a finding{nearest(name, names)}")
    variable = vocabulary.variables[finding]
    stated = {_value(name, variable, value) for value in values if value.strip()}
    known = {case["findings"][finding]} if finding in case["findings"] else set()
    if len(stated | known) > 1:
        case["findings"].pop(finding, None)
        raise InputError(f"{_quote(name)} is given twice with different values")
    for value in stated:
        if finding == "setting":
            case["setting"] = value
        else:
            case["findings"][finding] = value


def _value(name: str, variable: Variable, text: str) -> str | float:
    text = text.strip()
    try:
        state = variable.state(text)
    except InputError:
        hint = nearest(text, variable.states)
        raise InputError(f"{_quote(text)} is not a state of {name}{hint}") from None
    return state if state == text else float(text)


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
