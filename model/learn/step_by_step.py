"""One finding after the other: how each changes the odds of a diagnosis, given those already known.

The log odds add up: prior log odds plus the logarithms of the likelihood ratios are the posterior log odds, in any
order (Good 1985). Each ratio depends on the order, because dependent findings share evidence.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import InputError, nearest
from model.inference.coalition_joints import known, log_joints
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.inference.sweep import log_total
from model.network.build import Array
from model.patient.what_next.procedures import procedures_of
from model.patient.why.sides import two_sides
from model.priors.vocabulary import Vocabulary


@dataclass(frozen=True)
class Step:
    """The effect of one finding, given all before it; odds and ratios as natural logarithms.

    rate_in_diagnosis, rate_in_others: P(finding | side, findings before); NaN for a side that was excluded.
    log_ratio: their ratio; 0 if a side was already excluded, infinite if the finding excludes one side.
    log_ratio_if_independent: the ratio from P(finding | diagnosis) alone, with several diagnoses of a side mixed by
    their probabilities just before this step. It differs from log_ratio only by the dependence between findings.
    log_ratio_alone: the same with nothing known before. log_odds_if_independent: the log odds after this step if all
    findings so far were independent given the diagnosis (naive Bayes). posterior: P(diagnosis | findings up to this
    one).
    """

    finding: str
    value: object
    log_odds_before: float
    log_odds_after: float
    rate_in_diagnosis: float
    rate_in_others: float
    log_ratio: float
    log_ratio_if_independent: float
    log_ratio_alone: float
    log_odds_if_independent: float
    posterior: Mapping[str, float]


@dataclass(frozen=True)
class StepByStep:
    """The steps of `diagnosis` against `rival` (None: all others) from prior to posterior."""

    diagnosis: str
    rival: str | None
    setting: Setting
    prior: Mapping[str, float]
    prior_log_odds: float
    steps: tuple[Step, ...]

    @property
    def posterior(self) -> Mapping[str, float]:
        """Of every diagnosis, after the last step."""
        return self.steps[-1].posterior if self.steps else self.prior

    @property
    def posterior_log_odds(self) -> float:
        return self.steps[-1].log_odds_after if self.steps else self.prior_log_odds


def step_by_step(
    net: Net,
    findings: Findings,
    setting: Setting = None,
    order: Sequence[str] = (),
    diagnosis: str | None = None,
    rival: str | None = None,
) -> StepByStep:
    """The effect of each finding when they become known one by one.

    `order`: finding ids; findings that it leaves out follow in the order of a work-up. `diagnosis`: by default the
    leading one given all findings. All prefixes of the order are computed in one batch of exact inference.
    Raises InputError for an unknown word, a finding in `order` that was not found or occurs twice, a diagnosis
    against itself; ImpossibleEvidence for findings that no diagnosis allows together.
    """
    posterior = net.posterior(findings, setting)
    diagnosis = diagnosis or leading(posterior)
    own, others = two_sides(net.vocabulary.diagnoses, diagnosis, rival)
    names = known(net, findings)
    order = _whole_order(net, names, order)
    index = np.array([names.index(name) for name in order], dtype=np.intp)
    count = len(order)
    chosen = np.zeros((2 * count + 1, len(names)), bool)
    for row in range(count):
        chosen[row + 1 : count + 1, index[row]] = True
        chosen[count + 1 + row, index[row]] = True
    joint = log_joints(net, findings, setting, chosen)
    with np.errstate(invalid="ignore"):
        alone = joint[count + 1 :] - joint[0]
    alone[:, ~np.isfinite(joint[0])] = -np.inf
    naive = joint[0] + alone.cumsum(axis=0)
    steps = tuple(
        Step(
            finding=name,
            value=findings[name],
            log_odds_before=_log_odds(joint[row], own, others),
            log_odds_after=_log_odds(joint[row + 1], own, others),
            rate_in_diagnosis=_rate(joint[row], joint[row + 1], own),
            rate_in_others=_rate(joint[row], joint[row + 1], others),
            log_ratio=_change(_log_odds(joint[row], own, others), _log_odds(joint[row + 1], own, others)),
            log_ratio_if_independent=_ratio_of_mixes(joint[row], alone[row], own, others),
            log_ratio_alone=_ratio_of_mixes(joint[0], alone[row], own, others),
            log_odds_if_independent=_log_odds(naive[row], own, others),
            posterior=_posterior(joint[row + 1], net.vocabulary),
        )
        for row, name in enumerate(order)
    )
    prior = _posterior(joint[0], net.vocabulary)
    return StepByStep(diagnosis, rival, setting, prior, _log_odds(joint[0], own, others), steps)


def _whole_order(net: Net, names: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    for name in order:
        if name not in names:
            raise InputError(f"order: {name!r} was not found in this patient{nearest(name, names)}")
    if len(set(order)) < len(order):
        raise InputError("order: a finding occurs twice")
    return (*order, *(name for name in work_up_order(net, names) if name not in order))


def work_up_order(net: Net, findings: Sequence[str]) -> tuple[str, ...]:
    """The findings in the order in which a work-up yields them: procedure by procedure, as in `procedures.csv`.

    Findings that no procedure yields come first, in the order of the vocabulary.
    """
    ordered = [finding for procedure in procedures_of(net.priors) for finding in procedure.findings]
    rank = {name: index for index, name in enumerate(ordered, len(net.vocabulary.findings))}
    usual = {name: index for index, name in enumerate(net.vocabulary.findings)}
    return tuple(sorted(findings, key=lambda name: rank.get(name, usual[name])))


def _log_odds(joint: Array, own: list[int], others: list[int]) -> float:
    """ln of the odds from ln P(diagnosis, findings), (diagnoses,); NaN if both sides are excluded."""
    with np.errstate(invalid="ignore"):
        return float(log_total(joint[own]) - log_total(joint[others]))


def _rate(before: Array, after: Array, side: list[int]) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.exp(log_total(after[side]) - log_total(before[side])))


def _change(before: float, after: float) -> float:
    """After minus before; 0 if both are the same infinity or one is not defined."""
    change = after - before
    return 0.0 if math.isnan(change) else change


def _ratio_of_mixes(mix: Array, alone: Array, own: list[int], others: list[int]) -> float:
    """ln of the ratio of the mean rates of the two sides.

    mix: ln of the weight of each diagnosis; alone: ln P(finding | diagnosis); both (diagnoses,). 0 if all weights of a
    side are 0.
    """
    sides = []
    for side in (own, others):
        possible = [i for i in side if np.isfinite(mix[i])]
        if not possible:
            return 0.0
        sides.append(float(log_total(mix[possible] + alone[possible]) - log_total(mix[possible])))
    return _change(sides[1], sides[0])


def _posterior(joint: Array, vocabulary: Vocabulary) -> dict[str, float]:
    weights = np.exp(joint - log_total(joint))
    return dict(zip(vocabulary.diagnoses, weights.tolist(), strict=True))
