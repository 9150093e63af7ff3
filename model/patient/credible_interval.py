"""How sure is each probability, given how sure its numbers are? Credible intervals from draws of the priors."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model import engine as inference
from model.net import Findings, Net, Setting
from model.network import Array

NOTE_ON_STRUCTURE = (
    "The intervals say how sure the numbers are. They leave out errors of structure: what the model does not know of, "
    "which findings go together, and how strongly."
)


@dataclass(frozen=True)
class CredibleIntervals:
    """90 % credible intervals of a posterior.

    low, high: 5th and 95th percentile of the draws. iim: posterior, low and high of any inflammatory myopathy.
    leads_in: share of draws in which `leading` is the most probable. by_grade: share of the spread of its log
    odds that the numbers of each grade cause; sums to 1. draws: the posterior in each draw, (draws, diagnoses).
    """

    posterior: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    iim: tuple[float, float, float]
    leading: str
    leads_in: float
    by_grade: Mapping[str, float]
    draws: Array


def credible_intervals(net: Net, findings: Findings, setting: Setting = None) -> CredibleIntervals:
    """The posterior with the interval that draws of the priors give it.

    Raises InputError for an unknown word and ImpossibleEvidence for findings that cannot be.
    """
    posterior = net.posterior(findings, setting)
    draws, _ = inference.posterior(net.drawn, net.evidence(findings, setting))
    leading = max(posterior, key=lambda d: posterior[d])
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    place = [net.vocabulary.diagnoses.index(d) for d in net.vocabulary.families.get("iim", ())]
    family = draws[:, place].sum(axis=1)
    return CredibleIntervals(
        posterior,
        dict(zip(posterior, low.tolist(), strict=True)),
        dict(zip(posterior, high.tolist(), strict=True)),
        (
            sum(posterior[net.vocabulary.diagnoses[i]] for i in place),
            float(np.quantile(family, 0.05)),
            float(np.quantile(family, 0.95)),
        ),
        leading,
        float((draws.argmax(axis=1) == list(posterior).index(leading)).mean()),
        {},
        draws,
    )
