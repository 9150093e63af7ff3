"""How good is the network in groups of diagnoses, and with the forms of one disease counted as one?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.cases.case import Case
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.measure.evaluate import Evaluation
from model.network.build import Array
from model.priors.spectra import spectra

LEAST = 1e-12


@dataclass(frozen=True)
class Stratum:
    """Some of the patients: how often the true diagnosis is first and among the first two, and the mean log loss."""

    name: str
    patients: int
    top1: float
    top2: float
    log_loss: float


def strata(net: Net, evaluation: Evaluation, cases: Sequence[Case]) -> list[Stratum]:
    """The families, the diagnoses that are mixtures of diseases, and all with each spectrum as one diagnosis.

    Strata without patients are left out. Spectra and mixtures: `vocabulary/spectra.csv`, `mixtures.csv`.
    """
    diagnoses = net.vocabulary.diagnoses
    truth = np.array([diagnoses.index(str(case.diagnosis)) for case in cases if case.diagnosis])
    mixed = {row["diagnosis"] for row in net.priors.tables["mixtures"]}
    groups = {**net.vocabulary.families, "mixtures of diseases": tuple(d for d in diagnoses if d in mixed)}
    found = []
    for name, members in groups.items():
        inside = np.isin(truth, [diagnoses.index(d) for d in members])
        if inside.any():
            found.append(_stratum(name, evaluation.posteriors[inside], truth[inside]))
    for label, members in spectra(net.priors).items():
        found.append(_stratum(f"all, {label} as one", *_summed(evaluation.posteriors, truth, diagnoses, members)))
    return found


def _summed(posteriors: Array, truth: Index, diagnoses: Sequence[str], members: Sequence[str]) -> tuple[Array, Index]:
    """Posteriors and truth with the members of a spectrum as their first one."""
    index = [diagnoses.index(d) for d in members]
    summed = posteriors.copy()
    summed[:, index] = 0
    summed[:, index[0]] = posteriors[:, index].sum(axis=1)
    return summed, np.where(np.isin(truth, index), index[0], truth)


def _stratum(name: str, posteriors: Array, truth: Index) -> Stratum:
    own = posteriors[np.arange(len(truth)), truth]
    rank = (posteriors > own[:, None]).sum(axis=1)
    loss = float(-np.log(np.maximum(own, LEAST)).mean())
    return Stratum(name, len(truth), float((rank == 0).mean()), float((rank < 2).mean()), loss)
