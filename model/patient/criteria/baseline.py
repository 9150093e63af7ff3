"""A scored set of criteria as a baseline: its probability and subgroup, spread over the diagnoses of the model."""

from collections.abc import Sequence

import numpy as np

from model.inference.net import Findings, Net
from model.network.build import Array
from model.patient.criteria.cohort import verdicts
from model.patient.criteria.tables import criteria_set, criteria_sets
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


def probabilities(net: Net, findings: Sequence[Findings], prior: Array, set_id: str, mixed: float) -> Array:
    """The verdicts of a scored set on many patients as probabilities, (patients, diagnoses).

    The probability of the score goes to the diagnoses of the subgroup, or to all inflammatory myopathies if the
    patient is not classified. The rest goes to the mimics. Within each group it is divided in proportion to `prior`
    (patients, diagnoses). The share `mixed` (0 to 1) of the prior is then mixed in, so that every diagnosis stays
    possible.
    """
    found = verdicts(net, criteria_set(net.priors, set_id), findings)
    families, order, share = net.vocabulary.families, net.vocabulary.diagnoses, np.zeros_like(prior)
    for conclusion in np.unique(found.conclusion):
        patients = np.flatnonzero(found.conclusion == conclusion)
        chances = found.probability[patients, None]
        classified = found.stands_for[conclusion] or families["iim"]
        for members, mass in ((classified, chances), (families["mimic"], 1 - chances)):
            cells = np.ix_(patients, np.array([order.index(d) for d in members]))
            weights = np.maximum(prior[cells], 1e-12)
            share[cells] += mass * weights / weights.sum(axis=1, keepdims=True)
    return (1 - mixed) * share + mixed * prior
