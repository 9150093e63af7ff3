"""Two patients side by side: where they differ, and how each difference changes the diagnosis.

The findings of the first patient are replaced one by one by those of the second. The change of the log odds that a
replacement makes, averaged over every order, is its weight: the Shapley value with the first patient as baseline
(Sundararajan & Najmi 2020). If no finding excludes a disease, the weights add up to the difference between the log
odds of the two patients.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.errors import ImpossibleEvidence
from model.inference.junction_tree import Index
from model.inference.net import Setting
from model.network.build import Array
from model.patient.phrases import capitalised, diagnosis_phrase, enumeration, finding_phrase, is_plural, percent
from model.patient.why.coalitions import Coalitions
from model.patient.why.weight_of_evidence import weigh_coalitions
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    from model.patient.patient import Patient

SETTING = "setting"
MOST_FOR_ALL_MIXTURES = 10
ORDERS = 64
MOST_NAMED = 2
HARDLY = 0.01


@dataclass(frozen=True)
class Probabilities:
    """The probability of one diagnosis, or of one family, in each of the two patients."""

    id: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first


@dataclass(frozen=True)
class Difference:
    """A finding, or the setting, in which the two differ. `first`, `second`: its values; None is unknown.

    weight: change of the natural log odds of the compared diagnosis when `first` is replaced by `second`; infinite if
    that excludes or proves it. error: standard error of `weight`, 0 if it is exact.
    """

    name: str
    first: object
    second: object
    weight: float
    error: float


@dataclass(frozen=True)
class Comparison:
    """The comparison of two patients.

    diagnoses: most probable first, by the larger of the two probabilities. compared: the diagnosis whose probability
    differs most; if none differs, the leading one of the first patient. log_odds: of `compared` against all others, in
    the first and in the second. differences: the largest weight first; finite weights add up to the difference between
    the two log odds. same: findings with the same value in both. exact: the weights are no estimates.
    """

    first: "Patient"
    second: "Patient"
    diagnoses: tuple[Probabilities, ...]
    families: tuple[Probabilities, ...]
    compared: str
    log_odds: tuple[float, float]
    differences: tuple[Difference, ...]
    same: tuple[str, ...]
    exact: bool


def compare(first: "Patient", second: "Patient", seed: int = 0) -> Comparison:
    """Compare two patients of one network.

    Exact for up to MOST_FOR_ALL_MIXTURES differences, beyond that an estimate over ORDERS random orders. Raises
    ImpossibleEvidence if no diagnosis allows the findings of one of them.
    """
    net = first.net
    one, other = first.probabilities, second.probabilities
    pairs = [Probabilities(d, one[d], other[d]) for d in net.vocabulary.diagnoses]
    families = tuple(
        Probabilities(family, sum(one[d] for d in members), sum(other[d] for d in members))
        for family, members in net.vocabulary.families.items()
    )
    compared = max(pairs, key=lambda pair: (round(abs(pair.difference), 12), pair.first)).id
    ordered = tuple(sorted(pairs, key=lambda pair: -max(pair.first, pair.second)))
    names, same = _differing(first, second)
    mixtures = _mixtures(first, second, names, seed)
    weights = weigh_coalitions(mixtures, compared)
    differences = tuple(
        Difference(w.finding, _value(first, w.finding), _value(second, w.finding), w.shapley, w.error)
        for w in sorted(weights.weights, key=lambda w: -abs(w.shapley))
    )
    log_odds = (weights.prior_log_odds, weights.posterior_log_odds)
    return Comparison(first, second, ordered, families, compared, log_odds, differences, same, weights.exact)


def sentence(comparison: Comparison, vocabulary: Vocabulary) -> str:
    """A sentence: which probability changes most from the first (A) to the second (B), and by which differences."""
    if not comparison.differences:
        return "A and B are the same."
    pair = next(pair for pair in comparison.diagnoses if pair.id == comparison.compared)
    if abs(pair.difference) < HARDLY:
        return f"No probability changes by more than {100 * HARDLY:g} point."
    change = f"{diagnosis_phrase(vocabulary, pair.id)}, {percent(pair.first)} in A and {percent(pair.second)} in B"
    causes = [d for d in comparison.differences if d.weight * pair.difference > 0][:MOST_NAMED]
    named = enumeration([_cause(cause, vocabulary) for cause in causes])
    if len(comparison.differences) == 1:
        verb = "make" if is_plural(named) else "makes"
        return f"{capitalised(named)} alone {verb} the difference: {change}."
    return f"{capitalised(change)}. {'Main reason' if len(causes) == 1 else 'Main reasons'}: {named}."


def _cause(difference: Difference, vocabulary: Vocabulary) -> str:
    if difference.name == SETTING:
        return "the referral setting"
    if difference.second is None:
        return f"{finding_phrase(vocabulary, difference.name, 'present')} (unknown in B)"
    return finding_phrase(vocabulary, difference.name, difference.second)


def _differing(first: "Patient", second: "Patient") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The findings (and the setting) that differ, in the order of the vocabulary, and the findings that do not."""
    known = [patient.findings for patient in (first, second)]
    either = [name for name in first.net.vocabulary.variables if any(name in findings for findings in known)]
    alike = [name for name in either if known[0].get(name) == known[1].get(name)]
    settings = [_value(patient, SETTING) for patient in (first, second)]
    differing = [name for name in either if name not in alike and name != SETTING]
    return (*([SETTING] if settings[0] != settings[1] else []), *differing), tuple(alike)


def _value(patient: "Patient", name: str) -> object:
    value = patient.findings.get(name)
    return value or patient.referral if name == SETTING else value


def _mixtures(first: "Patient", second: "Patient", names: Sequence[str], seed: int) -> Coalitions:
    """Every mixture of the two patients, as coalitions: the differences whose value is that of the second."""
    net = first.net
    chosen, orders, prefixes = _chosen(len(names), seed)
    logs = np.full((len(chosen), len(net.vocabulary.diagnoses)), -np.inf)
    with np.errstate(divide="ignore"):
        for row, taken in enumerate(chosen):
            mixed = _mixed(first, second, dict(zip(names, taken.tolist(), strict=True)))
            try:
                logs[row] = np.log(list(net.posterior(*mixed).values()))
            except ImpossibleEvidence:
                continue  # an impossible mixture of two possible patients keeps -inf; no step starts from it
    row_of = {taken.tobytes(): row for row, taken in enumerate(chosen)}
    alone = ~np.eye(len(names), dtype=bool)
    without = np.array([row_of[taken.tobytes()] for taken in alone], dtype=np.intp)
    values = {name: _value(second, name) for name in names}
    return Coalitions(values, tuple(names), net.vocabulary.diagnoses, logs, without, orders, prefixes)


def _mixed(first: "Patient", second: "Patient", from_second: Mapping[str, bool]) -> tuple[dict[str, object], Setting]:
    """Findings and setting of a mixture."""
    findings = {name: value for name, value in first.findings.items() if name != SETTING}
    for name, taken in from_second.items():
        if taken and name != SETTING:
            findings[name] = _value(second, name)
    chosen = _value(second if from_second.get(SETTING) else first, SETTING)
    return findings, chosen  # type: ignore[return-value]


def _chosen(count: int, seed: int) -> tuple[Array, Index | None, Index | None]:
    """Which differences are those of the second patient, (mixtures, differences); then orders and prefixes.

    All subsets, or those along random orders; the empty one is first, the full one last. Orders and prefixes are as in
    `Coalitions`.
    """
    if count <= MOST_FOR_ALL_MIXTURES:
        return (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1, None, None
    half = np.argsort(np.random.default_rng(seed).random((ORDERS // 2, count)), axis=1)
    orders = np.concatenate([half, half[:, ::-1]])
    along = np.argsort(orders, axis=1)[:, None, :] < np.arange(count + 1)[:, None]
    every = np.concatenate([along.reshape(-1, count), ~np.eye(count, dtype=bool)])
    chosen, index = np.unique(every, axis=0, return_inverse=True)
    return chosen, orders, index.reshape(-1)[: math.prod(along.shape[:2])].reshape(along.shape[:2])
