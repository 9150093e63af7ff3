"""One finding and two sides: its frequency in each, its likelihood ratios, and what it means in each setting.

Likelihood ratios and the step from pre-test to post-test odds: Fagan 1975 (New England Journal of Medicine 293:257). A
side is a diagnosis, a family, or all others. Several diagnoses are mixed in proportion to their shares in the setting.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import InputError
from model.estimate import Estimate
from model.inference.net import Net
from model.inference.sweep import log_joint
from model.learn.frequencies import Frequencies, enough_people, frequencies
from model.network.build import Array

Sides = tuple[list[int], list[int]]
QUANTILES = (0.05, 0.95)
LEAST_APART = 1e-20


@dataclass(frozen=True)
class OneFinding:
    """How well `finding` distinguishes `diagnosis` from `rival` (None: all others) in a setting.

    positive: the states that count as a positive result. sensitivity, false_positive_rate: P(positive | diagnosis) and
    P(positive | the other side). positive_ratio, negative_ratio: likelihood ratios of a positive and of a negative
    result; infinite if only one side shows it. Each has its 90 % interval over draws of the priors. pre_test:
    probability of the diagnosis among the patients of the setting who are on either side.
    """

    finding: str
    positive: tuple[str, ...]
    diagnosis: str
    rival: str | None
    setting: str
    sensitivity: Estimate
    false_positive_rate: Estimate
    positive_ratio: Estimate
    negative_ratio: Estimate
    pre_test: float

    def people(self, pre_test: float | None = None, people: int = 0) -> Frequencies:
        """The same as numbers of people, at the pre-test probability of the setting or another."""
        chance = self.pre_test if pre_test is None else pre_test
        return frequencies(chance, self.sensitivity.value, self.false_positive_rate.value, people)


@dataclass(frozen=True)
class InSetting:
    """What a result means in one setting.

    people: the same number tested in every setting, large enough to include a true positive. right: for a finding
    whose only parent is a hidden variable (an antibody test), the share of positive results that are true,
    P(hidden variable present | positive); None for any other finding.
    """

    setting: str
    pre_test: float
    post_if_positive: float
    post_if_negative: float
    people: Frequencies
    right: float | None


def post_test(pre_test: float, ratio: float) -> float:
    """Bayes' rule on odds: post-test odds are pre-test odds times the likelihood ratio.

    >>> round(post_test(0.5, 3), 2)
    0.75
    """
    if math.isinf(ratio):
        return 1.0 if pre_test > 0 else 0.0
    return pre_test * ratio / (pre_test * ratio + 1 - pre_test) if pre_test < 1 or ratio > 0 else 0.0


def one_finding(
    net: Net,
    finding: str,
    positive: Sequence[str],
    diagnosis: str,
    rival: str | None = None,
    setting: str | None = None,
) -> OneFinding:
    """Rates and likelihood ratios with their intervals.

    Raises InputError for an unknown word, for sides that overlap, for a side that the setting excludes, and if
    `positive` is none or all of the states.
    """
    setting = setting or net.default_setting
    states = positive_states(net, finding, positive)
    sides = _sides(net, diagnosis, rival)
    means = _joint(net, finding, states, setting)
    for name, side in zip((diagnosis, rival or "all others"), sides, strict=True):
        if not means[1][side].sum() > 0:
            raise InputError(f"the setting {setting} excludes {name}")
    value = _measures(*means, sides)
    low, high = np.nanquantile(_drawn_measures(net, finding, states, setting, sides), QUANTILES, axis=-1,
                               method="closest_observation")  # fmt: skip
    sensitivity, false_positive_rate, positive_ratio, negative_ratio = (
        Estimate(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)
    )
    return OneFinding(
        finding, states, diagnosis, rival, setting,
        sensitivity, false_positive_rate, positive_ratio, negative_ratio, _pre_test(means[1], sides),
    )  # fmt: skip


def in_settings(
    net: Net, finding: str, positive: Sequence[str], diagnosis: str, rival: str | None = None
) -> tuple[InSetting, ...]:
    """What the same result means in every setting that has both sides, the lowest pre-test probability first.

    Raises InputError as `one_finding`.
    """
    states = positive_states(net, finding, positive)
    sides = _sides(net, diagnosis, rival)
    found: list[tuple[str, float, list[float]]] = []
    for setting in net.vocabulary.settings:
        joint, prior = _joint(net, finding, states, setting)
        if all(prior[side].sum() > 0 for side in sides):
            found.append((setting, _pre_test(prior, sides), _measures(joint, prior, sides).tolist()))
    found.sort(key=lambda row: row[1])
    rarest = min((before * measures[0] for _, before, measures in found if measures[0] > 0), default=1.0)
    people = enough_people(rarest, enough=1)
    return tuple(
        InSetting(
            setting, before, post_test(before, up), post_test(before, down),
            frequencies(before, sensitivity, false_positive_rate, people), _right(net, finding, states, setting),
        )
        for setting, before, (sensitivity, false_positive_rate, up, down) in found
    )  # fmt: skip


def positive_states(net: Net, finding: str, positive: Sequence[str]) -> tuple[str, ...]:
    """The states that count as positive, in the order of the vocabulary."""
    variable = net.vocabulary.variable(finding)
    if variable.kind != "finding":
        raise InputError(f"{finding!r} is not a finding")
    wanted = {variable.state(state) for state in positive}
    if not wanted or len(wanted) == len(variable.states):
        raise InputError(f"field {finding}: one state at least must count as positive, and one must not")
    return tuple(state for state in variable.states if state in wanted)


def assay_of(net: Net, finding: str, positive: Sequence[str]) -> tuple[str, str] | None:
    """The hidden variable and the state that a test measures, if that variable is its only parent; else None."""
    parents = net.network.parents[finding]
    if len(parents) != 1 or net.vocabulary.variables[parents[0]].kind != "hidden":
        return None
    states = net.vocabulary.variables[finding].states
    chance = net.network.tables[finding][:, [states.index(state) for state in positive]].sum(axis=1)
    return parents[0], net.vocabulary.variables[parents[0]].states[int(chance.argmax())]


def _right(net: Net, finding: str, positive: Sequence[str], setting: str) -> float | None:
    read = assay_of(net, finding, positive)
    if read is None:
        return None
    return net.marginal(read[0], {finding: list(positive), "setting": setting})[read[1]]


def _sides(net: Net, diagnosis: str, rival: str | None) -> Sides:
    """Indices of the diagnoses of both sides."""
    diagnoses = net.vocabulary.diagnoses
    own = [diagnoses.index(name) for name in net.vocabulary.resolve_diagnoses(diagnosis)]
    if rival is None:
        return own, [i for i in range(len(diagnoses)) if i not in own]
    others = [diagnoses.index(name) for name in net.vocabulary.resolve_diagnoses(rival)]
    if set(own) & set(others):
        raise InputError(f"{diagnosis} and {rival} overlap; choose two sides that exclude each other")
    return own, others


def _joint(net: Net, finding: str, positive: Sequence[str], setting: str) -> tuple[Array, Array]:
    """P(diagnosis, positive | setting) and P(diagnosis | setting), each (diagnoses,)."""
    logs = [log_joint(net.engine, net.evidence(evidence, setting)) for evidence in ({finding: list(positive)}, {})]
    joint, prior = (np.exp(values - logs[1].max()) for values in logs)
    return joint / prior.sum(), prior / prior.sum()


def _drawn_measures(net: Net, finding: str, positive: Sequence[str], setting: str, sides: Sides) -> Array:
    """Sensitivity, false-positive rate and both likelihood ratios in every draw of the priors, (4, draws).

    A draw gives the posterior of a positive and of a negative result, and thereby both ratios. With a = P(positive),
    the prior is P(d) = a P(d | positive) + (1 - a) P(d | negative), which is solved for a over all d by least squares.
    The rates are NaN if neither result changes the prior, because then a is not determined.
    """
    negative = [state for state in net.vocabulary.variables[finding].states if state not in positive]
    after = [
        np.nan_to_num(net.drawn.posterior(net.evidence({finding: list(result)}, setting)).T)
        for result in (positive, negative)
    ]
    prior = net.drawn.prior(net.vocabulary.settings.index(setting)).T
    apart = after[0] - after[1]
    size = (apart * apart).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(size > LEAST_APART, ((prior - after[1]) * apart).sum(axis=0) / size, np.nan)
    rates = _measures(after[0] * share.clip(0, 1), prior, sides)[:2]
    return np.array([*rates, *(_ratio(*(_rate(values, prior, side) for side in sides)) for values in after)])


def _pre_test(prior: Array, sides: Sides) -> float:
    own, others = (float(prior[side].sum()) for side in sides)
    return own / (own + others)


def _measures(joint: Array, prior: Array, sides: Sides) -> Array:
    """Sensitivity, false-positive rate, positive and negative likelihood ratio, (4[, draws])."""
    rates = [np.minimum(_rate(joint, prior, side), 1.0) for side in sides]
    return np.array([*rates, _ratio(rates[0], rates[1]), _ratio(1 - rates[0], 1 - rates[1])])


def _rate(joint: Array, prior: Array, side: list[int]) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return joint[side].sum(axis=0) / prior[side].sum(axis=0)


def _ratio(own: Array, others: Array) -> Array:
    """own / others; 1 if neither side shows the result, which is then no evidence."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((own <= 0) & (others <= 0), 1.0, own / others)
