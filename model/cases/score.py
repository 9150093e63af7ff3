"""Posteriors of a whole cohort, computed in blocks so that memory stays bounded."""

from collections.abc import Iterator

import numpy as np

from model.cases.cohort import Cohort
from model.errors import ImpossibleEvidence, InputError
from model.inference import hard_evidence, sweep
from model.inference.engine import Evidence
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.network.build import Array

PATIENTS_AT_ONCE = 65536
PATIENTS_IN_SWEEP = 64


def chunks(net: Net, cohort: Cohort, setting: str | None = None) -> Iterator[tuple[slice, Array]]:
    """A slice of the patients and their posteriors, (patients, diagnoses), block by block.

    `setting`: for patients without one. Raises InputError naming the first patient whose findings cannot occur
    together, and those findings.
    """
    default = net.vocabulary.variables["setting"].states.index(setting or net.default_setting)
    for start in range(0, len(cohort), PATIENTS_AT_ONCE):
        rows = slice(start, min(start + PATIENTS_AT_ONCE, len(cohort)))
        result = _posteriors(net, cohort.evidence(rows, default), rows.stop - rows.start)
        bad = np.flatnonzero(np.isnan(result[:, 0]))
        if len(bad):
            patient = start + int(bad[0])
            raise InputError(f"{cohort.where(patient)}: {_conflict(net, cohort, patient, default)}")
        yield rows, result


def _posteriors(net: Net, evidence: Evidence, patients: int) -> Array:
    """Posteriors, (patients, diagnoses): by the fast method for patients for whom it is exact, else by the sweep."""
    if evidence.likelihoods:
        return _by_sweep(net, evidence, np.arange(patients))
    result = hard_evidence.posteriors(net.engine, evidence.states, patients)  # type: ignore[arg-type]
    unsafe = np.flatnonzero(np.isnan(result[:, 0]))
    if len(unsafe):
        result = result.copy()
        result[unsafe] = _by_sweep(net, evidence, unsafe)
    return result


def _by_sweep(net: Net, evidence: Evidence, patients: Index) -> Array:
    """Posteriors of some patients, (patients, diagnoses), in small blocks whose products fit into the cache."""
    starts = range(0, len(patients), PATIENTS_IN_SWEEP)
    blocks = [evidence.take(patients[start : start + PATIENTS_IN_SWEEP]) for start in starts]
    return np.concatenate([sweep.posterior(net.engine, block)[0] for block in blocks])


def score(net: Net, cohort: Cohort, setting: str | None = None) -> Array:
    """Posterior of every patient of a cohort.

    Parameters
    ----------
    net
        The network.
    cohort
        The patients.
    setting
        Id of the referral setting of those who have none. Default: the first of the vocabulary.

    Returns
    -------
    array (patients, diagnoses)
        Each row sums to 1; NaN where no diagnosis allows the findings together.

    Raises
    ------
    InputError
        For an unknown setting.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> cohort = next(model.simulate(net, model.Imagined(patients=3)))
    >>> score(net, cohort).shape
    (3, 30)
    """
    result = np.empty((len(cohort), len(net.vocabulary.diagnoses)))
    for rows, values in chunks(net, cohort, setting):
        result[rows] = values
    return result


def _conflict(net: Net, cohort: Cohort, row: int, default: int) -> str:
    states = net.vocabulary.variables
    findings: dict[str, object] = {
        name: states[name].states[column[row]] for name, column in cohort.states.items() if column[row] >= 0
    }
    for name, weights in cohort.likelihoods.items():
        findings[name] = dict(zip(states[name].states, weights[row].tolist(), strict=True))
    setting = cohort.settings[row] if cohort.settings[row] >= 0 else default
    try:
        net.posterior(findings, states["setting"].states[setting])
    except ImpossibleEvidence as error:
        return str(error)
    return "these findings cannot occur together in this model"
