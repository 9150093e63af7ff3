"""Two sets of priors on the same patients: by how much does each measure differ?"""

from collections.abc import Mapping

import numpy as np

from model.clusters import Index
from model.measure.decisions import net_benefit
from model.measure.evaluate import metrics
from model.measure.resampling import Estimate, paired_bootstrap
from model.measure.tables import FAMILY
from model.network import Array
from model.vocabulary import Vocabulary

AT = (0.1, 0.3, 0.5)
NET_BENEFITS: Mapping[str, float] = {f"net_benefit_{FAMILY}_{round(100 * t)}": t for t in AT}


def differences(
    first: Array, second: Array, truth: Index, vocabulary: Vocabulary, seed: int = 0
) -> dict[str, Estimate]:
    """Second less first of each metric of `evaluate`, and of the net benefit for IIM at the thresholds AT.

    first, second (patients, diagnoses); truth (patients,). With the 90 % intervals of the paired bootstrap.
    """
    family = np.isin(vocabulary.diagnoses, vocabulary.families[FAMILY])

    def measures(posteriors: Array, own: Index) -> dict[str, float]:
        benefits = net_benefit(posteriors[:, family].sum(axis=1), family[own], AT)
        return metrics(posteriors, own, family) | dict(zip(NET_BENEFITS, benefits.tolist(), strict=True))

    return paired_bootstrap(first, second, truth, measures, seed)
