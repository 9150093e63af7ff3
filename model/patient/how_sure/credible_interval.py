"""How sure is each probability, given how sure its numbers are? Credible intervals from draws of the priors.

Every rate has a Dirichlet distribution, every odds ratio a log-normal one; their width follows from the strength of the
number (`model.network.sampling`). A thousand networks are drawn, and the posterior is computed in each: Monte Carlo
propagation of parameter uncertainty (Van Allen et al 2008, Artificial Intelligence 172:483, derive it analytically).
The draws are the same at every call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.errors import ImpossibleEvidence
from model.estimate import Estimate
from model.inference.evidence import is_unknown
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.network.build import Array

NOTE_ON_STRUCTURE = (
    "The intervals show how uncertain the published numbers are. They leave out errors of structure: diseases and "
    "findings "
    "that the model does not know, and which findings depend on each other."
)
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class CredibleIntervals:
    """90 % credible intervals of a posterior.

    low, high: 5th and 95th percentile of the draws. iim: probability of any inflammatory myopathy. leads_in: share of
    draws in which `leading` is the most probable. by_grade: grade -> its share of the uncertainty. That is the squared
    width of the log odds of `leading` when only the numbers of this grade vary, divided by the sum over the grades;
    empty if no width is above 0. draws: the posterior in each draw that allows the findings, (draws, diagnoses).
    """

    posterior: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    iim: Estimate
    leading: str
    leads_in: float
    by_grade: Mapping[str, float]
    draws: Array

    def of(self, diagnosis: str) -> Estimate:
        """The posterior of one diagnosis with its interval."""
        return Estimate(self.posterior[diagnosis], self.low[diagnosis], self.high[diagnosis])


def credible_intervals(net: Net, findings: Findings, setting: Setting = None) -> CredibleIntervals:
    """The posterior with its interval over draws of the priors.

    A prior given as `setting` is fixed; it is not drawn. Arguments as in `Net.posterior`. Raises InputError for an
    unknown word and ImpossibleEvidence for findings that no diagnosis allows together.
    """
    posterior = net.posterior(findings, setting)
    every = _posteriors(net, findings, setting)
    draws = every[: net.drawn.sampling.draws]
    draws = draws[~np.isnan(draws[:, 0])]
    if not len(draws):
        raise ImpossibleEvidence([name for name, value in findings.items() if not is_unknown(value)])
    low, high = np.quantile(draws, [LOW, HIGH], axis=0)
    first = leading(posterior)
    index = net.vocabulary.diagnoses.index(first)
    family = net.vocabulary.families.get("iim", ())
    together = draws[:, [net.vocabulary.diagnoses.index(d) for d in family]].sum(axis=1)
    return CredibleIntervals(
        posterior=posterior,
        low=dict(zip(posterior, low.tolist(), strict=True)),
        high=dict(zip(posterior, high.tolist(), strict=True)),
        iim=Estimate(sum(posterior[d] for d in family), *np.quantile(together, [LOW, HIGH]).tolist()),
        leading=first,
        leads_in=float((draws.argmax(axis=1) == index).mean()),
        by_grade=_by_grade(net, every, index),
        draws=draws,
    )


def _posteriors(net: Net, findings: Findings, setting: Setting) -> Array:
    """The posterior in each draw, (draws, diagnoses); NaN where a draw does not allow the findings."""
    posteriors = net.drawn.posterior(net.evidence(findings, setting))
    if not isinstance(setting, Mapping):
        return posteriors
    # The evidence holds a given prior as its ratio to the mean prior of the default setting, not to the drawn prior.
    mean = net.network.tables["diagnosis"][0]
    weighted = posteriors * np.divide(mean, net.drawn.prior(0), where=mean > 0, out=np.zeros_like(posteriors))
    return weighted / weighted.sum(axis=1, keepdims=True)


def _by_grade(net: Net, posteriors: Array, diagnosis: int) -> dict[str, float]:
    """Grade -> its share of the uncertainty of the log odds of one diagnosis (an index)."""
    own = posteriors[:, diagnosis]
    others = np.delete(posteriors, diagnosis, axis=1).sum(axis=1)
    with np.errstate(divide="ignore"):
        log_odds = np.log(own) - np.log(others)
    widths = {}
    for grade in net.drawn.sampling.grades:
        alone = log_odds[net.drawn.sampling.of_grade(grade)]
        alone = alone[np.isfinite(alone)]
        low, high = np.quantile(alone, [LOW, HIGH]) if len(alone) else (0.0, 0.0)
        widths[grade] = float(high - low) ** 2
    total = sum(widths.values())
    return {grade: width / total for grade, width in widths.items()} if total > 1e-20 else {}
