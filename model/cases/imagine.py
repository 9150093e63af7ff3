"""Simulated cohorts: patients drawn from the network, with findings missing as after a work-up."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from model.cases.cohort import Cohort
from model.cases.missing_patterns import COMPLETE, pattern
from model.inference.net import Net
from model.inference.simulate import simulate
from model.network.build import Array

PATIENTS_AT_ONCE = 16384


@dataclass(frozen=True)
class Imagined:
    """How a cohort is simulated. `setting`: of all patients, or None to draw it, each with the same probability.

    `missing`: a pattern of missing.csv. `without_diagnosis`: share of patients whose diagnosis is left out.

    Examples
    --------
    >>> Imagined(patients=100, seed=1).without_diagnosis
    0.0
    """

    patients: int
    seed: int = 0
    setting: str | None = None
    missing: str = COMPLETE
    without_diagnosis: float = 0.0


def imagine(net: Net, wanted: Imagined) -> Iterator[Cohort]:
    """Simulated patients of the network, in parts of bounded memory; the same arguments give the same patients.

    Parameters
    ----------
    net
        The network from which the patients are drawn.
    wanted
        How many, in which setting, and what is missing.

    Returns
    -------
    iterator of Cohort
        One after the other.

    Raises
    ------
    InputError
        For an unknown pattern of missing findings.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> len(next(imagine(net, Imagined(patients=3))))
    3
    """
    missing = pattern(wanted.missing, net.priors)
    for number, start in enumerate(range(0, wanted.patients, PATIENTS_AT_ONCE)):
        size = min(PATIENTS_AT_ONCE, wanted.patients - start)
        seeds = np.random.SeedSequence([wanted.seed, number]).spawn(2)
        fixed = {} if wanted.setting is None else {"setting": net.vocabulary.settings.index(wanted.setting)}
        states = simulate(net.network, size, seeds[0], fixed)
        generator = np.random.default_rng(seeds[1])
        with_diagnosis = generator.random(size) >= wanted.without_diagnosis
        found = {f: np.where(known, states[f], -1) for f, known in missing.known(size, generator)}
        yield Cohort(
            tuple(str(start + i + 1) for i in range(size)),
            {finding: found[finding] for finding in net.vocabulary.findings if finding in found},
            {},
            states["setting"],
            np.where(with_diagnosis, states["diagnosis"], -1),
        )


def columns(cohort: Cohort, net: Net) -> dict[str, Array]:
    """A cohort as columns of words.

    Parameters
    ----------
    cohort
        The patients.
    net
        The network whose vocabulary they use.

    Returns
    -------
    dict
        Column -> array (patients,), "" for unknown: id, setting, diagnosis, then the findings.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> list(columns(next(model.simulate(net, Imagined(patients=3))), net))[:3]
    ['id', 'setting', 'diagnosis']
    """
    words: dict[str, Array] = {"id": np.array(cohort.ids, dtype=object)}
    for name, column in (("setting", cohort.settings), ("diagnosis", cohort.diagnoses), *cohort.states.items()):
        states = np.array([*net.vocabulary.variables[name].states, ""], dtype=object)
        words[name] = states[column]
    return words


def cases(cohort: Cohort, net: Net) -> list[dict[str, object]]:
    """A cohort as cases of a JSON Lines file; unknown values are left out."""
    words = columns(cohort, net)
    findings = [name for name in words if name in cohort.states]
    return [
        {
            "id": words["id"][i],
            "setting": words["setting"][i],
            **({"diagnosis": words["diagnosis"][i]} if words["diagnosis"][i] else {}),
            "findings": {name: words[name][i] for name in findings if words[name][i]},
        }
        for i in range(len(cohort))
    ]
