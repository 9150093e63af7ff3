"""The patients of a file whose diagnosis is known, as cases."""

from pathlib import Path

import numpy as np

from model.cases.case import Case
from model.cases.cohort import Cohort
from model.cases.files.mapping import ColumnMapping
from model.cases.files.read import cohort_suffix, read_cohort_file
from model.cases.files.repairs import Repair
from model.errors import InputError
from model.priors.vocabulary import Vocabulary


def known_patients(
    path: Path, vocabulary: Vocabulary, mapping: ColumnMapping | None = None
) -> tuple[list[Case], tuple[Repair, ...]]:
    """The cases with a diagnosis of a JSON Lines, CSV or Parquet file, and the repairs made while reading.

    Numbers of a JSON Lines file stay numbers, because criteria can distinguish more than the states of a finding.
    Raises InputError naming file, row and field; also for a file without any diagnosis.
    """
    cases: list[Case] = []
    cohort, repairs = read_cohort_file(path, vocabulary, mapping, cases.append)
    if cohort_suffix(path) != ".jsonl":
        cases = cases_of(cohort, vocabulary)
    known = [case for case in cases if case.diagnosis]
    if not known:
        raise InputError(f"{path.name}: no case has a diagnosis to compare with")
    return known, repairs


def cases_of(cohort: Cohort, vocabulary: Vocabulary) -> list[Case]:
    """The patients of a cohort as cases; unknown findings are left out."""
    variables, names = vocabulary.variables, tuple(cohort.states)
    columns = [np.array([*variables[f].states, None], dtype=object)[column] for f, column in cohort.states.items()]
    rows = np.array(columns, dtype=object).reshape(len(names), len(cohort)).T.tolist()
    cases = []
    for patient, name in enumerate(cohort.ids):
        findings: dict[str, object] = {
            f: state for f, state in zip(names, rows[patient], strict=True) if state is not None
        }
        for finding, weights in cohort.likelihoods.items():
            if weights[patient].min() < weights[patient].max():
                findings[finding] = dict(zip(variables[finding].states, weights[patient].tolist(), strict=True))
        setting, diagnosis = int(cohort.settings[patient]), int(cohort.diagnoses[patient])
        cases.append(
            Case(
                name,
                findings,
                vocabulary.settings[setting] if setting >= 0 else None,
                vocabulary.diagnoses[diagnosis] if diagnosis >= 0 else None,
            )
        )
    return cases
