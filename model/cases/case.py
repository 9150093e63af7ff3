"""A case: one patient as JSON. Several cases: JSON Lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.cases.values import Values
from model.errors import InputError, nearest
from model.inference.evidence import is_unknown
from model.io.files import readable
from model.io.json_text import parse_json
from model.priors.vocabulary import Vocabulary

CASE_FIELDS = ("id", "setting", "diagnosis", "findings", "basis", "source", "notes")


@dataclass(frozen=True)
class Case:
    """One patient of a file; `about`: the fields `source`, `basis` and `notes`, if there are any.

    Examples
    --------
    >>> Case("a", {"ck_level": 12}, setting="primary_care").diagnosis is None
    True
    """

    id: str
    findings: Mapping[str, object]
    setting: str | None = None
    diagnosis: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


def parse_case(content: Any, where: str, vocabulary: Vocabulary) -> Case:
    """A case from parsed JSON. `where`: the file and row, for messages."""
    return read_case(content, where, Values(vocabulary))[0]


def read_case(content: Any, where: str, values: Values) -> tuple[Case, list[int]]:
    """A case from parsed JSON, and the indices of its findings in `values`. `where`: the file and row, for messages."""
    if not isinstance(content, dict):
        raise InputError(f"{where}: a case is an object with the field 'findings'")
    for name in content:
        if name not in CASE_FIELDS:
            raise InputError(f"{where}, field {name}: not a field of a case{nearest(name, CASE_FIELDS)}")
    findings = content.get("findings")
    if not isinstance(findings, dict):
        raise InputError(f"{where}, field findings: an object of finding -> value is needed")
    vocabulary = values.vocabulary
    try:
        indices = values.read(findings)
        setting, diagnosis = content.get("setting"), content.get("diagnosis")
        setting = None if is_unknown(setting) else vocabulary.variable("setting").state(setting)
        diagnosis = None if is_unknown(diagnosis) else vocabulary.variable("diagnosis").state(diagnosis)
    except InputError as error:
        raise InputError(f"{where}, {error}") from None
    about = {k: content[k] for k in ("basis", "source", "notes") if k in content}
    return Case(_id(content.get("id"), where), findings, setting, diagnosis, about), indices


def _id(value: object, where: str) -> str:
    """An id as text, "" if there is none."""
    if is_unknown(value):
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{where}, field id: {str(value)[:40]!r} is not a text or a number")
    return str(value)


def case_of_line(line: str, where: str, vocabulary: Vocabulary) -> Case:
    """The case in one line of a JSON Lines file. `where`: the file and row, for messages."""
    return parse_case(parse_json(line, where), where, vocabulary)


def read_cases(path: Path, vocabulary: Vocabulary) -> list[Case]:
    """All cases of a JSON Lines file in UTF-8. Cohorts of other formats: `read_cohort_file`.

    Parameters
    ----------
    path
        One JSON object a line: `{"id": ..., "setting": ..., "diagnosis": ..., "findings": {...}}`.
    vocabulary
        Of the network: `net.vocabulary`.

    Returns
    -------
    list of Case

    Raises
    ------
    InputError
        For a line that is not a case, with file, row and the nearest valid word.

    Examples
    --------
    >>> import tempfile
    >>> import model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cases.jsonl"
    ...     _ = path.write_text('{"id": "a", "findings": {"ck_level": 12}}')
    ...     read_cases(path, model.load().vocabulary)[0].findings
    {'ck_level': 12}
    """
    lines = enumerate(_read_text(path).split("\n"), 1)
    return [case_of_line(line, f"{path.name}, row {number}", vocabulary) for number, line in lines if line.strip()]


def _read_text(path: Path) -> str:
    try:
        with readable(path):
            return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 text ({error.reason})") from None
