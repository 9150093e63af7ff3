"""Patients to measure with: simulated from the network, seeded, with findings missing at random."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model import Net
from model.cases.cohort import Cohort
from model.inference.simulate import simulate

SEED = 20231
FINDINGS = 12


@dataclass(frozen=True)
class Patient:
    """Hard evidence, as words and as state indices; `states` holds the setting too."""

    findings: Mapping[str, str]
    setting: str
    states: Mapping[str, int]


def patients(net: Net, count: int, findings: int, seed: int) -> list[Patient]:
    """`count` patients, each with its own random choice of `findings` findings, or all where there are fewer."""
    drawn = simulate(net.network, count, seed)
    generator = np.random.default_rng(seed)
    states, names, result = net.network.states, net.vocabulary.findings, []
    for i in range(count):
        chosen = generator.choice(names, min(findings, len(names)), replace=False).tolist()
        known = {name: int(drawn[name][i]) for name in (*chosen, "setting")}
        words = {name: states[name][state] for name, state in known.items()}
        setting = words.pop("setting")
        result.append(Patient(words, setting, known))
    return result


def cohort(net: Net, count: int, average: float, seed: int) -> Cohort:
    """`count` patients who each have every finding with the same chance, `average` of them on average."""
    drawn = simulate(net.network, count, seed)
    generator = np.random.default_rng(seed)
    names = net.vocabulary.findings
    columns = {n: np.where(generator.random(count) < average / len(names), drawn[n], -1) for n in names}
    return Cohort(tuple(map(str, range(count))), columns, {}, drawn["setting"], drawn["diagnosis"])


def row_states(cohort: Cohort, row: int) -> dict[str, int]:
    """The evidence of one patient of a cohort as state indices, setting included."""
    known = {name: int(column[row]) for name, column in cohort.states.items() if column[row] >= 0}
    return {**known, "setting": int(cohort.settings[row])}
