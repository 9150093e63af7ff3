"""Two folders of priors on the same patients: by how much does each measure differ?"""

from collections.abc import Mapping

import numpy as np

from model.estimate import Estimate
from model.inference.junction_tree import Index
from model.measure.decisions import net_benefits
from model.measure.evaluate import weighed_metrics
from model.measure.resampling import Measure, paired_bootstrap
from model.measure.tables import FAMILY
from model.network.build import Array
from model.priors.vocabulary import Vocabulary

AT = (0.1, 0.3, 0.5)
NET_BENEFITS: Mapping[str, float] = {f"net_benefit_{FAMILY}_{round(100 * t)}": t for t in AT}


def differences(
    first: Array, second: Array, truth: Index, vocabulary: Vocabulary, seed: int = 0
) -> dict[str, Estimate]:
    """Second minus first of each metric of `evaluate`, and of the net benefit for IIM at the thresholds AT.

    first, second: posteriors (patients, diagnoses); truth (patients,). With 90 % intervals by paired bootstrap.
    """
    family = np.isin(vocabulary.diagnoses, vocabulary.families[FAMILY])

    def measures(posteriors: Array) -> Measure:
        overall = weighed_metrics(posteriors, truth, family)
        benefits = net_benefits(posteriors[:, family].sum(axis=1), family[truth], AT)
        return lambda counts: {**overall(counts), **dict(zip(NET_BENEFITS, benefits(counts).T, strict=True))}

    return paired_bootstrap(measures(first), measures(second), len(truth), seed)
