"""Maps the columns and values of a file to the vocabulary. A mapping can be saved as a JSON file and used again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model.cases.files.measured import ABSOLUTE
from model.cases.files.words import FIELDS, known_names, likely_column, read_state
from model.errors import InputError, nearest
from model.io.files import readable, whole_file
from model.io.json_text import parse_json
from model.priors.vocabulary import Vocabulary

PARTS = ("columns", "values", "limits")
LARGEST_LIMIT = 1e6


@dataclass(frozen=True)
class ColumnMapping:
    """How the columns of a file become findings of the vocabulary.

    columns: column of the file -> `id`, `setting`, `diagnosis` or a finding; None for a column that is not used.
    values: `setting`, `diagnosis` or a finding -> value in the file -> state, None for unknown.
    limits: finding in multiples of the upper limit of normal -> that limit, in the unit of the file.

    Examples
    --------
    >>> mapping = ColumnMapping({"gender": "sex"}, {"sex": {"m": "male", "f": "female"}})
    >>> mapping.columns["gender"]
    'sex'
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)


def propose(cells: Mapping[str, Iterable[str]], vocabulary: Vocabulary) -> ColumnMapping:
    """Propose a mapping: the most likely finding for each column, and the values that still need a state.

    Parameters
    ----------
    cells
        Column of the file -> its distinct values, as `column_values` returns them.
    vocabulary
        Of the network: `net.vocabulary`.

    Returns
    -------
    ColumnMapping
        A column that resembles no name is left unused. If two resemble the same name, the first gets it. A value that
        needs a state is mapped to None, unknown, until a person chooses one.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> propose({"Heliotrope rash": ["present", "absent"]}, net.vocabulary).columns
    {'Heliotrope rash': 'heliotrope_rash'}
    """
    columns: dict[str, str | None] = {}
    names = known_names(vocabulary)
    for theirs in cells:
        likely = likely_column(theirs, vocabulary, names)
        columns[theirs] = likely if likely not in columns.values() else None
    values = {}
    for theirs, ours in columns.items():
        if ours and ours != "id":
            open_values = [v for v in cells[theirs] if not _readable(ours, v, vocabulary)]
            if open_values:
                values[ours] = dict.fromkeys(open_values)
    return ColumnMapping(columns, values)


def _readable(column: str, value: str, vocabulary: Vocabulary) -> bool:
    try:
        read_state(vocabulary.variable(column), value)
    except InputError:
        return False
    return True


def unused(mapping: ColumnMapping) -> tuple[str, ...]:
    """The columns of the file that the mapping does not use.

    Parameters
    ----------
    mapping
        Of the file.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> unused(ColumnMapping({"ward": None, "gender": "sex"}))
    ('ward',)
    """
    return tuple(theirs for theirs, ours in mapping.columns.items() if ours is None)


def write_mapping(path: Path, mapping: ColumnMapping) -> None:
    """Save a mapping as a JSON file, which appears whole or not at all."""
    content: dict[str, object] = {
        "columns": dict(mapping.columns),
        "values": {k: dict(v) for k, v in mapping.values.items()},
    }
    if mapping.limits:
        content["limits"] = dict(mapping.limits)
    with whole_file(path) as partial:
        partial.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_mapping(path: Path, vocabulary: Vocabulary) -> ColumnMapping:
    """A mapping from a JSON file; raises InputError naming the file, the field and the nearest word."""
    with readable(path):
        raw = path.read_bytes()
    return parse_mapping(parse_json(raw, path.name), path.name, vocabulary)


def parse_mapping(content: object, where: str, vocabulary: Vocabulary) -> ColumnMapping:
    """A mapping from parsed JSON. `where`: the name of the file, for messages."""
    columns, values, limits = _parts(content, where)
    known = (*FIELDS, *vocabulary.findings)
    for theirs, ours in columns.items():
        if ours is not None and ours not in known:
            raise InputError(f"{where}, columns, {theirs!r}: {ours!r} is not a column{nearest(ours, known)}")
    _check_once([ours for ours in columns.values() if ours is not None], where)
    for column, words in values.items():
        if column not in known or column == "id":
            raise InputError(f"{where}, values: {column!r} is not a column with states{nearest(column, known)}")
        if not isinstance(words, dict):
            raise InputError(f"{where}, values, {column}: an object of their value -> state is needed")
        for theirs, state in words.items():
            if state is not None:
                try:
                    vocabulary.variable(column).state(state)
                except InputError as error:
                    raise InputError(f"{where}, values, {column}, {theirs!r}: {error}") from None
    for finding, limit in limits.items():
        if finding not in ABSOLUTE:
            raise InputError(f"{where}, limits: {finding!r} is not in multiples of a limit{nearest(finding, ABSOLUTE)}")
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit < LARGEST_LIMIT:
            raise InputError(f"{where}, limits, {finding}: a number above 0 is needed")
    return ColumnMapping(columns, values, limits)


def _parts(
    content: object, where: str
) -> tuple[dict[str, str | None], dict[str, dict[str, str | None]], dict[str, float]]:
    if not isinstance(content, dict):
        raise InputError(f"{where}: a mapping is an object with 'columns' and 'values'")
    for name in content:
        if name not in PARTS:
            raise InputError(f"{where}: {name!r} is not a part of a mapping{nearest(name, PARTS)}")
    columns, values, limits = (content.get(part, {}) for part in PARTS)
    if not isinstance(columns, dict) or not isinstance(values, dict) or not isinstance(limits, dict):
        raise InputError(f"{where}: 'columns', 'values' and 'limits' are objects")
    return columns, values, limits


def _check_once(columns: Sequence[str], where: str) -> None:
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice:
        raise InputError(f"{where}, columns: two columns are mapped to {twice!r}")
