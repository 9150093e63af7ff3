"""Many patients as arrays of state indices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from model.cases.case import Case
from model.cases.values import Values, columns
from model.inference.engine import Evidence
from model.inference.junction_tree import Index
from model.network.build import Array
from model.priors.vocabulary import Vocabulary

COHORT_SUFFIXES = (".jsonl", ".csv", ".parquet")


@dataclass(frozen=True)
class Cohort:
    """Patients as arrays. states: finding -> state indices, (patients,), -1 for unknown. likelihoods: finding ->
    (patients, states).

    `settings` and `diagnoses` hold an index for each patient, -1 where the file says nothing.
    `rows`: the row of each patient in the file, as a text editor or a spreadsheet counts.
    """

    ids: tuple[str, ...]
    states: Mapping[str, Index]
    likelihoods: Mapping[str, Array]
    settings: Index
    diagnoses: Index
    rows: Sequence[int] = ()

    def where(self, patient: int) -> str:
        """The row of a patient for a message; without a file, the id."""
        return f"row {self.rows[patient]}" if len(self.rows) else f"patient {self.ids[patient]}"

    def row(self, patient: int) -> int:
        """The row of a patient in the file; without a file, the number of the patient, from 1."""
        return self.rows[patient] if len(self.rows) else patient + 1

    def __len__(self) -> int:
        return len(self.ids)

    def evidence(self, rows: slice, default_setting: int) -> Evidence:
        """The evidence of some patients. `default_setting`: index of the setting for a patient without one."""
        settings = np.where(self.settings[rows] < 0, default_setting, self.settings[rows])
        states = {name: column[rows] for name, column in self.states.items()}
        return Evidence(
            {**states, "setting": settings}, {name: values[rows] for name, values in self.likelihoods.items()}
        )

    def take(self, patients: Index) -> "Cohort":
        """The patients with these indices, in that order."""
        rows = patients.tolist()
        return Cohort(
            tuple(self.ids[i] for i in rows),
            {name: column[patients] for name, column in self.states.items()},
            {name: weights[patients] for name, weights in self.likelihoods.items()},
            self.settings[patients],
            self.diagnoses[patients],
            [self.row(i) for i in rows],
        )

    def without(self, findings: Sequence[str]) -> "Cohort":
        """The same patients, with these findings unknown."""
        states = {name: c for name, c in self.states.items() if name not in findings}
        likelihoods = {name: v for name, v in self.likelihoods.items() if name not in findings}
        return replace(self, states=states, likelihoods=likelihoods)


def cohort_of(cases: Sequence[Case], vocabulary: Vocabulary) -> Cohort:
    """Cases as one cohort; cases without id are numbered from 1."""
    values = Values(vocabulary)
    return gathered(((case, values.read(case.findings)) for case in cases), values)


def gathered(read: Iterable[tuple[Case, Sequence[int]]], values: Values) -> Cohort:
    """One cohort from cases, each with the indices of its findings in `values`. The cases themselves are not kept."""
    ids: list[str] = []
    settings: list[str | None] = []
    diagnoses: list[str | None] = []
    indices: list[Sequence[int]] = []
    for number, (case, own) in enumerate(read, start=1):
        ids.append(case.id or str(number))
        settings.append(case.setting)
        diagnoses.append(case.diagnosis)
        indices.append(own)
    flat = np.fromiter(chain.from_iterable(indices), dtype=np.intp)
    vocabulary = values.vocabulary
    return Cohort(
        tuple(ids),
        *columns(values, flat, [len(own) for own in indices]),
        _indices(settings, vocabulary.settings),
        _indices(diagnoses, vocabulary.diagnoses),
    )


def _indices(values: Sequence[str | None], words: Sequence[str]) -> Index:
    number: dict[str | None, int] = {word: i for i, word in enumerate(words)}
    return np.array([number[value] if value else -1 for value in values], dtype=np.intp)


def joined(cohorts: Sequence[Cohort]) -> Cohort:
    """Several cohorts as one, in their order. A finding that one of them lacks is unknown in its patients."""
    if len(cohorts) == 1:
        return cohorts[0]
    soft = dict.fromkeys(chain.from_iterable(c.likelihoods for c in cohorts))
    hard = [name for name in dict.fromkeys(chain.from_iterable(c.states for c in cohorts)) if name not in soft]
    return Cohort(
        tuple(chain.from_iterable(c.ids for c in cohorts)),
        {name: np.concatenate([c.states.get(name, np.full(len(c), -1)) for c in cohorts]) for name in hard},
        {name: np.concatenate([_likelihoods(c, name, cohorts) for c in cohorts]) for name in soft},
        np.concatenate([c.settings for c in cohorts]),
        np.concatenate([c.diagnoses for c in cohorts]),
        list(chain.from_iterable(c.rows for c in cohorts)),
    )


def _likelihoods(cohort: Cohort, name: str, cohorts: Sequence[Cohort]) -> Array:
    """Likelihoods of a finding that is soft evidence in at least one of `cohorts`, (patients, states)."""
    states = next(c.likelihoods[name].shape[1] for c in cohorts if name in c.likelihoods)
    if name in cohort.likelihoods:
        return cohort.likelihoods[name]
    rows = np.vstack([np.eye(states), np.ones(states)])
    return rows[cohort.states.get(name, np.full(len(cohort), -1))]
