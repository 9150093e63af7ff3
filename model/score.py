"""Posteriors of a whole cohort, in chunks that keep the memory bounded."""

from collections.abc import Iterator

import numpy as np

from model import engine as inference
from model.cases import Cohort
from model.errors import ImpossibleEvidence, InputError
from model.net import Net
from model.network import Array

PATIENTS_AT_ONCE = 16384


def chunks(net: Net, cohort: Cohort, setting: str | None = None) -> Iterator[tuple[slice, Array]]:
    """Rows and their posteriors, (rows, diagnoses), chunk by chunk.

    `setting` is used where the cohort names none. Raises InputError that names the first row whose
    findings cannot occur together, and those findings.
    """
    default = net.vocabulary.variables["setting"].states.index(setting or net.default_setting)
    size = PATIENTS_AT_ONCE
    for start in range(0, len(cohort), size):
        rows = slice(start, min(start + size, len(cohort)))
        result, _ = inference.posterior(net.engine, cohort.evidence(rows, default))
        result = np.broadcast_to(result, (rows.stop - rows.start, result.shape[-1]))
        bad = np.flatnonzero(np.isnan(result[:, 0]))
        if len(bad):
            raise InputError(f"row {start + int(bad[0]) + 1}: {_conflict(net, cohort, start + int(bad[0]), default)}")
        yield rows, result


def score(net: Net, cohort: Cohort, setting: str | None = None) -> Array:
    """Posterior of every patient, (patients, diagnoses)."""
    result = np.empty((len(cohort), len(net.vocabulary.diagnoses)))
    for rows, values in chunks(net, cohort, setting):
        result[rows] = values
    return result


def _conflict(net: Net, cohort: Cohort, row: int, default: int) -> str:
    states = net.vocabulary.variables
    findings: dict[str, object] = {
        name: states[name].states[column[row]] for name, column in cohort.codes.items() if column[row] >= 0
    }
    for name, weights in cohort.likelihoods.items():
        findings[name] = dict(zip(states[name].states, weights[row].tolist(), strict=True))
    setting = cohort.settings[row] if cohort.settings[row] >= 0 else default
    try:
        net.posterior(findings, states["setting"].states[setting])
    except ImpossibleEvidence as error:
        return str(error)
    return "these findings cannot occur together in this model"
