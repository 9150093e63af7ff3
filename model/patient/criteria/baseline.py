"""A scored set of criteria as a baseline: its probability and subgroup spread over the diagnoses of the model."""

from collections.abc import Iterable

import numpy as np

from model.inference.net import Findings, Net
from model.network.build import Array
from model.patient.criteria.tables import criteria_sets
from model.patient.criteria.verdicts import Verdict, judge_by
from model.priors.folder import Priors, once


@once
def baselines(priors: Priors) -> dict[str, tuple[str, float]]:
    """Sets that serve as a baseline: name with year -> (id, share of the prior mixed in, 0 to 1).

    Empty where the priors have no table of them. Raises InputError for a set that is not there.
    """
    sets = {criteria.id: criteria for criteria in criteria_sets(priors) if criteria.columns}
    rows = [(row.one_of("set", sets), row) for row in priors.tables["criteria/baseline"]]
    return {
        f"{sets[name].name} {sets[name].year}": (name, float(row["prior_share_percent"]) / 100) for name, row in rows
    }


def probabilities(net: Net, findings: Findings, prior: Array, set_id: str, mixed: float) -> Array:
    """The verdict of a scored set as probabilities, (diagnoses,).

    The probability of the score goes to the diagnoses that the subgroup stands for (to all inflammatory myopathies
    where the patient is not classified), the rest to the mimics, each shared out by the prior (diagnoses,); the
    share `mixed` of the prior keeps every diagnosis possible.
    """
    verdict = judge_by(net, set_id, findings)
    order = net.vocabulary.diagnoses
    share = np.zeros(len(order))
    for members, mass in _masses(verdict, net):
        places = [order.index(d) for d in members]
        weights = np.maximum(prior[places], 1e-12)
        share[places] += mass * weights / weights.sum()
    return (1 - mixed) * share + mixed * prior


def _masses(verdict: Verdict, net: Net) -> Iterable[tuple[tuple[str, ...], float]]:
    families, probability = net.vocabulary.families, verdict.probability
    assert probability is not None
    return (verdict.stands_for or families["iim"], probability), (families["mimic"], 1 - probability)
