"""A scored set of criteria as a baseline: its probability and subgroup, spread over the diagnoses of the model."""

from collections.abc import Iterable

import numpy as np

from model.inference.net import Findings, Net
from model.network.build import Array
from model.patient.criteria.tables import criteria_sets
from model.patient.criteria.verdicts import Verdict, judge_by
from model.priors.folder import Priors, once


@once
def baselines(priors: Priors) -> dict[str, tuple[str, float]]:
    """The sets that serve as a baseline: name with year -> (id, share of the prior mixed in, 0 to 1).

    Empty if the priors have no table of baselines. Raises InputError for a set that does not exist or has no score.
    """
    sets = {criteria.id: criteria for criteria in criteria_sets(priors) if criteria.columns}
    rows = [(row.one_of("set", sets), row) for row in priors.tables["criteria/baseline"]]
    return {
        f"{sets[name].name} {sets[name].year}": (name, float(row["prior_share_percent"]) / 100) for name, row in rows
    }


def probabilities(net: Net, findings: Findings, prior: Array, set_id: str, mixed: float) -> Array:
    """The verdict of a scored set as probabilities, (diagnoses,).

    The probability of the score goes to the diagnoses of the subgroup, or to all inflammatory myopathies if the
    patient is not classified. The rest goes to the mimics. Within each group it is divided in proportion to `prior`
    (diagnoses,). The share `mixed` (0 to 1) of the prior is then mixed in, so that every diagnosis stays possible.
    """
    verdict = judge_by(net, set_id, findings)
    order = net.vocabulary.diagnoses
    share = np.zeros(len(order))
    for members, mass in _masses(verdict, net):
        indices = [order.index(d) for d in members]
        weights = np.maximum(prior[indices], 1e-12)
        share[indices] += mass * weights / weights.sum()
    return (1 - mixed) * share + mixed * prior


def _masses(verdict: Verdict, net: Net) -> Iterable[tuple[tuple[str, ...], float]]:
    families, probability = net.vocabulary.families, verdict.probability
    assert probability is not None
    return (verdict.stands_for or families["iim"], probability), (families["mimic"], 1 - probability)
