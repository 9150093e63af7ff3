"""Why this diagnosis? How much each finding changes its log odds, from prior to posterior.

The weight of evidence of several findings is their change of the log odds (Good 1985). It is divided among the findings
by Shapley values (Shapley 1953): the change that a finding makes, averaged over every order in which the findings could
become known. Dependent findings therefore share the evidence that they have in common.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.errors import InputError
from model.inference.net import Findings, Net, Setting
from model.inference.sweep import log_total
from model.network.build import Array
from model.patient.phrases import capitalised, diagnosis_phrase, enumeration, finding_phrase, is_plural
from model.patient.printed import Printed
from model.patient.why.coalitions import Coalitions, all_or_sampled
from model.patient.why.sides import two_sides
from model.priors.folder import Priors, once
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pandas import DataFrame

DECIBANS = 10 / math.log(10)
"""Decibans in one natural unit of log odds."""
MOST_OF_IT = 0.6
MOST_NAMED = 3
WORTH_NAMING = 1 / DECIBANS


@dataclass(frozen=True)
class FindingWeight:
    """What one finding adds to the log odds of a diagnosis, in natural logarithms.

    shapley: its Shapley value; those of all findings add up to posterior minus prior log odds. Infinite if the finding
    excludes one side. leave_one_out: log odds with all findings minus log odds without this one. error: standard error
    of `shapley`, 0 if it is exact. log_odds_without: log odds with all findings but this one.
    """

    finding: str
    value: object
    shapley: float
    leave_one_out: float
    error: float
    log_odds_without: float = math.nan


@dataclass(frozen=True, repr=False)
class WeightOfEvidence(Printed):
    """The weights of all findings for `diagnosis` against `rival` (None: all others together).

    prior_log_odds, posterior_log_odds: natural. exact: False if the Shapley values are estimates.
    """

    diagnosis: str
    rival: str | None
    prior_log_odds: float
    posterior_log_odds: float
    weights: tuple[FindingWeight, ...]
    exact: bool

    def heading(self) -> str:
        """The two sides, and the odds before and after the findings."""
        before, after = (math.exp(min(odds, 700)) for odds in (self.prior_log_odds, self.posterior_log_odds))
        against = self.rival or "all other diagnoses"
        return f"{self.diagnosis} against {against}: odds {before:.2g} before any finding, {after:.2g} now"

    def table(self) -> "DataFrame":
        """One row for each finding, in decibans, the largest weight first."""
        from pandas import DataFrame

        rows = [
            (w.finding, w.value, DECIBANS * w.shapley, DECIBANS * w.leave_one_out, DECIBANS * w.error)
            for w in sorted(self.weights, key=lambda w: -abs(w.shapley))
        ]
        columns = ["finding", "value", "decibans", "decibans if left out alone", "standard error"]
        return DataFrame(rows, columns=columns).set_index("finding")


@dataclass(frozen=True)
class WeightWord:
    """A word for the strength of evidence, used from `decibans` upwards."""

    decibans: float
    word: str


def weigh(
    net: Net,
    findings: Findings,
    setting: Setting = None,
    diagnosis: str | None = None,
    rival: str | None = None,
    seed: int = 0,
) -> WeightOfEvidence:
    """Weight of evidence of each finding for `diagnosis` (default: the leading one).

    Exact for up to 14 findings, beyond that an estimate over random orders, which is the same for the same findings and
    seed. Raises InputError for an unknown word, for a diagnosis against itself, and if the findings exclude both sides;
    ImpossibleEvidence for findings that no diagnosis allows together.
    """
    return weigh_coalitions(all_or_sampled(net, findings, setting, seed), diagnosis, rival)


def weigh_coalitions(
    coalitions: Coalitions, diagnosis: str | None = None, rival: str | None = None
) -> WeightOfEvidence:
    """Weights of evidence from coalitions that are already computed, for any diagnosis and rival.

    Parameters
    ----------
    coalitions
        P(diagnosis, findings) for subsets of the findings.
    diagnosis, rival
        Ids; by default the leading diagnosis, against all others.

    Returns
    -------
    WeightOfEvidence
        In natural logarithms.

    Raises
    ------
    InputError
        For an unknown diagnosis, for a diagnosis against itself, and if the findings exclude both sides.

    Examples
    --------
    >>> import model
    >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
    >>> weigh_coalitions(patient.coalitions) == patient.why()
    True
    """
    diagnosis = diagnosis or coalitions.leading
    log_odds = _log_odds(coalitions, diagnosis, rival)
    if math.isnan(log_odds[-1]):
        raise InputError(f"the findings or the setting exclude both {diagnosis} and {rival or 'all others'}")
    exact = coalitions.orders is None
    shapley, error = _of_all(log_odds, len(coalitions.names)) if exact else _of_orders(log_odds, coalitions)
    without = log_odds[coalitions.without]
    lost = _step(without, log_odds[-1])
    index = {name: i for i, name in enumerate(coalitions.names)}
    weights = tuple(
        FindingWeight(name, value, float(shapley[i]), float(lost[i]), float(error[i]), float(without[i]))
        for name, value in coalitions.findings.items()
        if (i := index.get(name)) is not None
    )
    return WeightOfEvidence(diagnosis, rival, float(log_odds[0]), float(log_odds[-1]), weights, exact)


def _log_odds(coalitions: Coalitions, diagnosis: str, rival: str | None) -> Array:
    """ln P(diagnosis | coalition) / P(rival or all others | coalition), (coalitions,); NaN if both are 0."""
    own, others = (coalitions.log_joint[:, side] for side in two_sides(coalitions.diagnoses, diagnosis, rival))
    with np.errstate(invalid="ignore"):
        return log_total(own) - log_total(others)


def _step(before: Array, after: Array) -> Array:
    """Change of log odds; 0 where they are the same infinity before and after, or undefined."""
    with np.errstate(invalid="ignore"):
        step = after - before
    return np.where(np.isnan(step), 0, step)


def _of_all(log_odds: Array, count: int) -> tuple[Array, Array]:
    """Exact Shapley values and their errors, which are 0, each (findings,).

    A finding that excludes one side in some coalition gets an infinite weight. The others get their mean step over the
    orders in which both sides are still possible before it.
    """
    numbers = np.arange(2**count)
    sizes = ((numbers[:, None] >> np.arange(count)) & 1).sum(axis=1)
    chance = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
    values = np.zeros(count)
    for i in range(count):
        without = numbers[(numbers >> i) & 1 == 0]
        step = _step(log_odds[without], log_odds[without + (1 << i)])
        values[i] = _mean(step, chance[sizes[without]] * np.isfinite(log_odds[without]))
    return values, np.zeros(count)


def _mean(steps: Array, chance: Array) -> float:
    if np.isinf(steps).any():
        return float(steps[np.isinf(steps)][0])
    return float(steps @ chance / chance.sum()) if chance.any() else 0.0


def _of_orders(log_odds: Array, coalitions: Coalitions) -> tuple[Array, Array]:
    """Mean step of each finding over the sampled orders and its standard error, each (findings,).

    The steps of each order add up exactly, and therefore so do their means. The standard error comes from the spread of
    the means of an order and its reverse (antithetic sampling: Mitchell, Cooper, Frank & Holmes 2022).
    """
    if coalitions.orders is None or coalitions.prefixes is None:
        raise ValueError("these coalitions have no orders")
    along = log_odds[coalitions.prefixes]
    steps, possible = _step(along[:, :-1], along[:, 1:]), np.isfinite(along[:, :-1])
    position = np.argsort(coalitions.orders, axis=1)
    steps, possible = (np.take_along_axis(values, position, axis=1) for values in (steps, possible))
    values = np.array([_mean(s, p * 1.0) for s, p in zip(steps.T, possible.T, strict=True)])
    pairs = steps.reshape(2, -1, steps.shape[1]).mean(axis=0)
    with np.errstate(invalid="ignore"):
        error = pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs))
    return values, np.where(np.isfinite(values), error, 0)


def sentence(weights: WeightOfEvidence, vocabulary: Vocabulary) -> str:
    """In plain words: the main reasons for the diagnosis and against it.

    On each side the largest weights are named until they make up MOST_OF_IT of it, at most MOST_NAMED. Weights below
    one deciban, about the smallest change that a person notices (Good 1979), are not named.
    """
    diagnosis = diagnosis_phrase(vocabulary, weights.diagnosis)
    aim = f"{diagnosis} over {diagnosis_phrase(vocabulary, weights.rival)}" if weights.rival else diagnosis
    if not weights.weights:
        return f"Nothing entered yet: this is how common {diagnosis} is in this referral setting."
    supports = _leading([w for w in weights.weights if w.shapley > 0])
    against = _leading([w for w in weights.weights if w.shapley < 0])
    phrases = [[finding_phrase(vocabulary, w.finding, w.value) for w in side] for side in (supports, against)]
    names, one = [enumeration(side) for side in phrases], [len(side) == 1 for side in phrases]
    for side, place, excluded in ((supports, 0, weights.rival or "all other diagnoses"), (against, 1, diagnosis)):
        if side and math.isinf(side[0].shapley):
            excluded = diagnosis_phrase(vocabulary, excluded)
            verb = "excludes" if _takes_singular(phrases[place]) else "exclude"
            return capitalised(f"{names[place]} {verb} {excluded}.")
    if supports and against and weights.posterior_log_odds < weights.prior_log_odds:
        return f"{_reasons(one[1])} against {aim}: {names[1]}. For it: {names[0]}."
    if supports:
        hardly = "Hardly anything" if any(w.shapley < 0 for w in weights.weights) else "Nothing entered"
        rest = f"Against it: {names[1]}." if against else f"{hardly} argues against it."
        return f"{_reasons(one[0])} for {aim}: {names[0]}. {rest}"
    if against:
        hardly = "Hardly anything" if any(w.shapley > 0 for w in weights.weights) else "Nothing entered"
        return f"{_reasons(one[1])} against {aim}: {names[1]}. {hardly} argues for it."
    return f"The findings entered barely change the odds of {aim}."


def _reasons(one: bool) -> str:
    return "Main reason" if one else "Main reasons"


def _takes_singular(phrases: Sequence[str]) -> bool:
    return len(phrases) == 1 and not is_plural(phrases[0])


def _leading(side: Sequence[FindingWeight]) -> list[FindingWeight]:
    """The largest weights of one side that are worth naming."""
    ordered = sorted((w for w in side if abs(w.shapley) >= WORTH_NAMING), key=lambda w: -abs(w.shapley))
    infinite = [w for w in ordered if math.isinf(w.shapley)]
    if infinite:
        return infinite[:MOST_NAMED]
    total, named = sum(abs(w.shapley) for w in side), 0.0
    result: list[FindingWeight] = []
    for weight in ordered[:MOST_NAMED]:
        if named >= MOST_OF_IT * total:
            break
        result.append(weight)
        named += abs(weight.shapley)
    return result


@once
def weight_words(priors: Priors) -> tuple[WeightWord, ...]:
    """The words of `weight_words.csv`, weakest first; empty if the priors have no such table.

    Raises InputError for a fault in the table.
    """
    rows = priors.tables["weight_words"]
    words = [WeightWord(float(row["decibans_from"]), row["word"]) for row in rows]
    for row, before, word in zip(rows[1:], words, words[1:], strict=False):
        if word.decibans <= before.decibans:
            raise row.fault("decibans_from", "the rows must rise")
    return tuple(words)


def in_words(weight: float, words: Sequence[WeightWord]) -> str:
    """A weight (natural log odds) as "clearly for" or "weakly against"; empty without words."""
    fitting = [word.word for word in words if abs(weight) * DECIBANS >= word.decibans]
    return f"{fitting[-1]} {'for' if weight >= 0 else 'against'}" if fitting else ""
