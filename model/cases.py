"""Patients in and out: one case as JSON, cohorts as JSON Lines, CSV or Parquet."""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.clusters import Index
from model.engine import Evidence
from model.errors import InputError, nearest
from model.evidence import is_unknown, likelihood
from model.files import whole_file
from model.network import Array
from model.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas

CASE_FIELDS = ("id", "setting", "diagnosis", "findings", "basis", "source", "notes")
COHORT_SUFFIXES = (".jsonl", ".csv", ".parquet")


@dataclass(frozen=True)
class Case:
    """One patient; `about` holds what else the file says (source, basis, notes)."""

    id: str
    findings: Mapping[str, object]
    setting: str | None = None
    diagnosis: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cohort:
    """Patients as state indices. codes: finding -> (patients,), -1 unknown; likelihoods: finding -> (patients, states).

    `settings` and `diagnoses` hold an index for each patient, -1 where the file says nothing.
    `rows`: where each patient stands in the file, counted as a text editor or a spreadsheet does.
    """

    ids: tuple[str, ...]
    codes: Mapping[str, Index]
    likelihoods: Mapping[str, Array]
    settings: Index
    diagnoses: Index
    rows: Sequence[int] = ()

    def row(self, patient: int) -> int:
        """The row of the file in which a patient stands; without a file, the number from 1."""
        return self.rows[patient] if len(self.rows) else patient + 1

    def __len__(self) -> int:
        return len(self.ids)

    def evidence(self, rows: slice, default_setting: int) -> Evidence:
        """The evidence of some rows; a patient without a setting gets the default."""
        settings = np.where(self.settings[rows] < 0, default_setting, self.settings[rows])
        codes = {name: column[rows] for name, column in self.codes.items()}
        return Evidence(
            {**codes, "setting": settings}, {name: values[rows] for name, values in self.likelihoods.items()}
        )

    def without(self, findings: Sequence[str]) -> "Cohort":
        """The same patients with these findings unknown."""
        codes = {name: c for name, c in self.codes.items() if name not in findings}
        likelihoods = {name: v for name, v in self.likelihoods.items() if name not in findings}
        return replace(self, codes=codes, likelihoods=likelihoods)


def read_case(path: Path, vocabulary: Vocabulary) -> Case:
    """One case from a JSON file; raises InputError naming file, field and nearest valid word."""
    return parse_case(_json(_read_text(path), path.name), path.name, vocabulary)


def parse_case(content: Any, place: str, vocabulary: Vocabulary) -> Case:
    """A case from parsed JSON; `place` names file and row in errors."""
    if not isinstance(content, dict):
        raise InputError(f"{place}: a case is an object with the field 'findings'")
    for name in content:
        if name not in CASE_FIELDS:
            raise InputError(f"{place}, field {name}: not a field of a case{nearest(name, CASE_FIELDS)}")
    findings = content.get("findings")
    if not isinstance(findings, dict):
        raise InputError(f"{place}, field findings: an object of finding -> value is needed")
    try:
        for name, value in findings.items():
            if vocabulary.variable(name).kind != "finding":
                raise InputError(f"field {name}: not a finding")
            if not is_unknown(value):
                likelihood(vocabulary, vocabulary.variable(name), value)
        setting, diagnosis = content.get("setting"), content.get("diagnosis")
        setting = None if is_unknown(setting) else vocabulary.variable("setting").state(setting)
        diagnosis = None if is_unknown(diagnosis) else vocabulary.variable("diagnosis").state(diagnosis)
    except InputError as error:
        raise InputError(f"{place}, {error}") from None
    about = {k: content[k] for k in ("basis", "source", "notes") if k in content}
    return Case(str(content.get("id") or ""), findings, setting, diagnosis, about)


def read_cases(path: Path, vocabulary: Vocabulary) -> list[Case]:
    """All cases of a JSON Lines file."""
    return [case for _, case in _numbered_cases(path, vocabulary)]


def _numbered_cases(path: Path, vocabulary: Vocabulary) -> Iterator[tuple[int, Case]]:
    for number, line in enumerate(_read_text(path).split("\n"), 1):
        if line.strip():
            place = f"{path.name}, row {number}"
            yield number, parse_case(_json(line, place), place, vocabulary)


def read_cohort(path: Path, vocabulary: Vocabulary) -> Cohort:
    """A cohort from JSON Lines, CSV or Parquet, by the suffix of the name."""
    suffix = path.suffix.lower()
    if suffix not in COHORT_SUFFIXES:
        hint = "; one case is read by diagnose" if suffix == ".json" else ""
        raise InputError(f"{path.name}: a cohort ends in {', '.join(COHORT_SUFFIXES)}{hint}")
    if suffix == ".jsonl":
        numbered = list(_numbered_cases(path, vocabulary))
        cohort = cohort_of([case for _, case in numbered], vocabulary)
        return replace(cohort, rows=[number for number, _ in numbered])
    return _from_frame(_read_frame(path), path.name, vocabulary, first_row=2 if suffix == ".csv" else 1)


def cohort_of(cases: Sequence[Case], vocabulary: Vocabulary) -> Cohort:
    """Cases as one cohort; cases without id are numbered from 1."""
    weights: dict[str, Array] = {}
    for i, case in enumerate(cases):
        for name, value in case.findings.items():
            if not is_unknown(value):
                variable = vocabulary.variable(name)
                column = weights.setdefault(name, np.ones((len(cases), len(variable.states))))
                column[i] = likelihood(vocabulary, variable, value)
    hard = {name for name, column in weights.items() if ((column > 0).sum(axis=1) == 1)[column.min(axis=1) < 1].all()}
    return Cohort(
        tuple(case.id or str(i + 1) for i, case in enumerate(cases)),
        {name: _codes(column) for name, column in weights.items() if name in hard},
        {name: column for name, column in weights.items() if name not in hard},
        _indices([c.setting for c in cases], vocabulary.settings),
        _indices([c.diagnosis for c in cases], vocabulary.diagnoses),
    )


def _codes(weights: Array) -> Index:
    """The one state of each patient; -1 where every state is as likely."""
    return np.where(weights.min(axis=1) < 1, weights.argmax(axis=1), -1)


def _indices(values: Sequence[str | None], words: Sequence[str]) -> Any:
    return np.array([-1 if is_unknown(v) else words.index(str(v)) for v in values], dtype=np.intp)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path.name}: a folder, not a file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 text ({error.reason})") from None
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from None


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{place}: not JSON ({error.msg} at character {error.pos})") from None


def _read_frame(path: Path) -> "pandas.DataFrame":
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False)
    except pd.errors.ParserWarning:
        raise InputError(f"{path.name}, row 2: more cells than columns; quote text with commas") from None
    except FileNotFoundError:
        raise InputError(f"{path.name}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 text ({error.reason})") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read ({str(error).splitlines()[0]})") from None


def _from_frame(frame: "pandas.DataFrame", name: str, vocabulary: Vocabulary, first_row: int) -> Cohort:
    known = ("id", "setting", "diagnosis", *vocabulary.findings)
    for column in frame.columns:
        if column not in known:
            raise InputError(f"{name}, row 1, field {column}: not a column of a cohort{nearest(column, known)}")
    codes = {c: _column(frame[c], name, c, vocabulary, first_row) for c in frame.columns if c != "id"}
    nothing = np.full(len(frame), -1, dtype=np.intp)
    numbers = [str(i + 1) for i in range(len(frame))]
    own = frame["id"] if "id" in frame else [None] * len(frame)
    ids = tuple(number if is_unknown(v) else str(v) for v, number in zip(own, numbers, strict=True))
    settings, diagnoses = codes.pop("setting", nothing), codes.pop("diagnosis", nothing)
    return Cohort(ids, codes, {}, settings, diagnoses, range(first_row, first_row + len(frame)))


def _column(values: "pandas.Series", file: str, column: str, vocabulary: Vocabulary, first_row: int) -> Any:
    """State index of each value; each distinct value is read once."""
    import pandas as pd

    variable = vocabulary.variable(column)
    places, distinct = pd.factorize(values)
    states = np.full(len(distinct) + 1, -1, dtype=np.intp)
    for i, value in enumerate(distinct):
        if is_unknown(value) or pd.isna(value):
            continue
        try:
            states[i] = variable.states.index(variable.state(value))
        except InputError as error:
            row = int(np.flatnonzero(places == i)[0]) + first_row
            raise InputError(f"{file}, row {row}, {error}") from None
    return states[places]


def table_suffix(path: Path) -> str:
    """The suffix that chooses the format of an output; raises InputError for an unknown one."""
    suffix = path.suffix.lower()
    if suffix not in COHORT_SUFFIXES:
        raise InputError(f"{path.name}: the output ends in {', '.join(COHORT_SUFFIXES)}")
    return suffix


def write_table(path: Path, columns: Mapping[str, Sequence[object] | Array]) -> None:
    """Write columns as CSV, JSON Lines or Parquet by suffix; the file appears whole or not at all."""
    import pandas as pd

    suffix = table_suffix(path)
    frame = pd.DataFrame(dict(columns))
    with whole_file(path) as partial:
        if suffix == ".csv":
            frame.to_csv(partial, index=False)
        elif suffix == ".jsonl":
            records = frame.astype(object).where(frame.notna(), None).to_dict("records")
            partial.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        else:
            frame.to_parquet(partial, index=False)
