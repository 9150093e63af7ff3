"""Two patients side by side: what differs in them, and what each difference does to the diagnosis.

One after the other, the findings of the first patient are exchanged for those of the second. The step that an
exchange makes in the log odds, averaged over every order, is its share: the Shapley value with the first patient
as baseline (Sundararajan & Najmi 2020). Where no finding excludes a disease the shares add up from the log odds of
the first to those of the second.
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
    """The probability of one diagnosis, or of one family, in each patient."""

    id: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first


@dataclass(frozen=True)
class Difference:
    """A finding, or the setting, in which the two differ; None is unknown.

    weight: natural log odds that the exchange of `first` for `second` adds to the compared diagnosis; infinite
    where it excludes or proves it. error: standard error of `weight`, 0 where it is exact.
    """

    name: str
    first: object
    second: object
    weight: float
    error: float


@dataclass(frozen=True)
class Comparison:
    """Two patients, most probable diagnosis first.

    compared: the diagnosis whose probability differs most; where none differs, the leading one of the first.
    log_odds: of it against all others, in the first and in the second. differences: the largest weight first;
    finite weights add up to the step between the two log odds. same: findings that both have alike.
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
    """Put two patients of one network side by side.

    Exact for up to 10 differences, beyond that an estimate over random orders. Raises ImpossibleEvidence where no
    diagnosis allows the findings of one of them.
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
    """In plain words: what changes most from the first (A) to the second (B), and by which differences."""
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
    """The names of what differs, in the order of the vocabulary, and of the findings that are alike."""
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
    """Every mixture of the two, as coalitions of the differences that come from the second."""
    net = first.net
    chosen, orders, prefixes = _chosen(len(names), seed)
    logs = np.full((len(chosen), len(net.vocabulary.diagnoses)), -np.inf)
    with np.errstate(divide="ignore"):
        for row, taken in enumerate(chosen):
            mixed = _mixed(first, second, dict(zip(names, taken.tolist(), strict=True)))
            try:
                logs[row] = np.log(list(net.posterior(*mixed).values()))
            except ImpossibleEvidence:
                continue  # both can be, the mixture cannot: it stays impossible, and no step starts from it
    place = {taken.tobytes(): row for row, taken in enumerate(chosen)}
    alone = ~np.eye(len(names), dtype=bool)
    without = np.array([place[taken.tobytes()] for taken in alone], dtype=np.intp)
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
    """Which differences come from the second: nothing first, all last. All subsets, or those along random orders."""
    if count <= MOST_FOR_ALL_MIXTURES:
        return (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1, None, None
    half = np.argsort(np.random.default_rng(seed).random((ORDERS // 2, count)), axis=1)
    orders = np.concatenate([half, half[:, ::-1]])
    along = np.argsort(orders, axis=1)[:, None, :] < np.arange(count + 1)[:, None]
    every = np.concatenate([along.reshape(-1, count), ~np.eye(count, dtype=bool)])
    chosen, number = np.unique(every, axis=0, return_inverse=True)
    return chosen, orders, number.reshape(-1)[: math.prod(along.shape[:2])].reshape(along.shape[:2])
