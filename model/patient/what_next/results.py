"""How results would change a patient's posterior: for every possible result, or for imagined ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.inference.net import Net
from model.network.build import Array
from model.patient.what_next.predictive import Imagined, Predictive, every_result

TIE = 1e-9


@dataclass(frozen=True)
class Results:
    """How each of many results would change the patient's posterior; every array is (results,).

    weights: probability of each result, or its importance weight; they sum to 1. gain: Kullback-Leibler divergence of
    the new from the present posterior, bits; its mean is the mutual information. leading: the largest probability
    after the result. own: the probability, after the result, of the diagnosis that leads at present. stays: 1 if that
    diagnosis still leads, else 0. present: its probability at present. exact: every possible result is included.
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
        """Contribution of each result to the error of `mean`; they sum to 0."""
        return self.weights * (values - self.mean(values))

    def error(self, values: Array) -> float:
        """Standard error of `mean`; 0 if `exact`."""
        return 0.0 if self.exact else standard_error(self.residuals(values))

    def expected_leading(self) -> float:
        """Expected probability of whichever diagnosis leads afterwards; at least `present`.

        The expectation of `own` is known: it is `present`. `own` is therefore a control variate, with the least-squares
        slope (Holton, Value-at-Risk, 2nd ed., 5.9.1).
        """
        own = self.residuals(self.own)
        spread = own @ own
        slope = self.residuals(self.leading) @ own / spread if spread > 0 else 0.0
        expected = self.mean(self.leading) + slope * (self.present - self.mean(self.own))
        return float(np.clip(expected, self.present, 1.0))


def standard_error(residuals: Array) -> float:
    """Standard error of a sum of residuals in the order of their strata, from successive differences (Wolter 1984).

    With one patient in each stratum it tends to be too large.
    """
    count = len(residuals)
    return float(np.sqrt(np.square(np.diff(residuals)).sum() / 2 * count / (count - 1)))


def mutual_information(joint: Array) -> float:
    """Mutual information of the two axes of a joint distribution, bits."""
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = (joint > 0) & (apart > 0)
    return max(0.0, float((joint[seen] * np.log2(joint[seen] / apart[seen])).sum()))


def leader(posterior: Array) -> int:
    """Index of the most probable diagnosis; of those within TIE of it, the first."""
    return int(np.argmax(posterior >= posterior.max() - TIE))


def entropy(posterior: Array) -> float:
    """Shannon entropy of a distribution, bits."""
    positive = posterior[posterior > 0]
    return float(-(positive * np.log2(positive)).sum())


def score_all(net: Net, outlook: Predictive, names: Sequence[str]) -> Results:
    """Every combination of results of `names`, with its probability."""
    results, count = every_result(net, names)
    joint = outlook.joint(results, count)
    return _score(joint, joint.sum(axis=1), outlook.posterior, exact=True)


def score_imagined(outlook: Predictive, imagined: Imagined, names: Sequence[str]) -> Results:
    """The results of `names` in the imagined patients, with their importance weights.

    The weight of a result is P(result) divided by its probability in the mixture from which it was drawn (balance
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
