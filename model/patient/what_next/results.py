"""How results would change a patient's diagnosis: for every possible result, or for imagined ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.inference.net import Net
from model.network.build import Array
from model.patient.what_next.predictive import Imagined, Predictive, every_result

TIE = 1e-9


@dataclass(frozen=True)
class Results:
    """How each of many results would change the patient's diagnosis; every array (results,).

    weights: probability of each result, or its importance; sums to 1. gain: divergence of the new from the present
    posterior, bits; its mean is the mutual information. leading: the largest posterior; own: that of the diagnosis that
    leads at present, with the probability `present`; stays: that one still leads.
    """

    weights: Array
    gain: Array
    leading: Array
    own: Array
    stays: Array
    present: float
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

    def expected_leading(self) -> float:
        """Expected probability of whichever diagnosis leads afterwards, at least that of the present leader.

        The mean of `own` is known, and what chance makes of it in imagined patients is taken from that of `leading`
        (a control variate with the slope of least squares: Holton, Value-at-Risk, 2nd ed., 5.9.1).
        """
        own = self.residuals(self.own)
        spread = own @ own
        slope = self.residuals(self.leading) @ own / spread if spread > 0 else 0.0
        expected = self.mean(self.leading) + slope * (self.present - self.mean(self.own))
        return float(np.clip(expected, self.present, 1.0))


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
    present = leader(posterior)
    leading, own = after.max(axis=1), after[:, present]
    stays = own >= leading - TIE
    gain = (after * np.log2(ratio)).sum(axis=1).clip(0)
    return Results(weights / weights.sum(), gain, leading, own, stays * 1.0, float(posterior[present]), exact)
