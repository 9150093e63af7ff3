"""How results would change a patient's diagnosis: for every possible result, or for imagined ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.net import Net
from model.network import Array
from model.patient.predictive import Imagined, Predictive, every_result

TIE = 1e-9


@dataclass(frozen=True)
class Results:
    """How each of many results would change the patient's diagnosis; every array (results,).

    weights: probability of each result, or its importance; sums to 1. gain: divergence of the new from the present
    posterior, bits; its mean is the mutual information. leading: the largest posterior, of imagined patients put right
    by what is known of its mean; stays: the same one leads.
    """

    weights: Array
    gain: Array
    leading: Array
    stays: Array
    exact: bool

    def mean(self, values: Array) -> float:
        """Expected value of one of the arrays."""
        return float(self.weights @ values)

    def residuals(self, values: Array) -> Array:
        """What each result adds to the error of `mean`; they sum to 0."""
        return self.weights * (values - self.mean(values))

    def error(self, values: Array) -> float:
        """Standard error of `mean`; 0 where every result is there."""
        return 0.0 if self.exact else standard_error(self.residuals(values))


def standard_error(residuals: Array) -> float:
    """Standard error of a sum of residuals in the order of their strata, from successive differences.

    (Wolter 1984; with one draw in each stratum it errs on the large side.)
    """
    count = len(residuals)
    return float(np.sqrt(np.square(np.diff(residuals)).sum() / 2 * count / (count - 1)))


def mutual_information(joint: Array) -> float:
    """Mutual information of the two axes of a joint distribution, bits."""
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = (joint > 0) & (apart > 0)
    return max(0.0, float((joint[seen] * np.log2(joint[seen] / apart[seen])).sum()))


def leader(posterior: Array) -> int:
    """The place of the most probable diagnosis; of equals the first, whatever their last digits."""
    return int(np.argmax(posterior >= posterior.max() - TIE))


def entropy(posterior: Array) -> float:
    """Uncertainty of a distribution, bits."""
    positive = posterior[posterior > 0]
    return float(-(positive * np.log2(positive)).sum())


def score_all(net: Net, outlook: Predictive, names: Sequence[str]) -> Results:
    """Every combination of results of `names`, with its probability."""
    results, count = every_result(net, names)
    joint = outlook.joint(results, count)
    return _score(joint, joint.sum(axis=1), outlook.posterior, exact=True)


def score_imagined(outlook: Predictive, imagined: Imagined, names: Sequence[str]) -> Results:
    """The imagined patients as far as `names` are seen.

    The importance of a result is P(result) over the mixture it was drawn from, whichever diagnosis drew it (balance
    heuristic: Veach & Guibas 1995).
    """
    joint = outlook.joint({name: imagined.results[name] for name in names}, imagined.patients)
    total = joint.sum(axis=1)
    return _score(joint, total / (joint @ imagined.excess), outlook.posterior, exact=False)


def _score(joint: Array, weights: Array, posterior: Array, exact: bool) -> Results:
    total = joint.sum(axis=1, keepdims=True)
    after = np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)
    ratio = np.divide(after, posterior, out=np.ones_like(after), where=(after > 0) & (posterior > 0))
    weights = weights / weights.sum()
    present = leader(posterior)
    leading, own = after.max(axis=1), after[:, present]
    stays = own >= leading - TIE
    gain = (after * np.log2(ratio)).sum(axis=1).clip(0)
    if not exact:
        leading = steadied(weights, leading, own, float(posterior[present]))
    return Results(weights, gain, leading, stays * 1.0, exact)


def steadied(weights: Array, values: Array, known: Array, expected: float) -> Array:
    """Values whose weighted mean varies less, for they go with others whose mean is expected; all (results,).

    (Control variate, by regression: Owen 2013, Monte Carlo theory, methods and examples, 8.9.)
    """
    deviations, of_known = (weights * (x - weights @ x) for x in (values, known))
    spread = of_known @ of_known
    slope = deviations @ of_known / spread if spread > 0 else 0.0
    return values + slope * (expected - known)
