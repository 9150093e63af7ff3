"""Do the findings contradict each other? The conflict measure of HUGIN (Jensen & Nielsen 2007, chapter 5).

The measure is ln of the product of the P(finding) over P(all findings). It is positive if the findings occur together
less often than if they were independent.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from model.inference.coalition_joints import known, log_joints
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.inference.sweep import log_total
from model.network.build import Array
from model.patient.phrases import capitalised, enumeration, finding_phrase, is_plural
from model.patient.thresholds import thresholds
from model.priors.vocabulary import Vocabulary


@dataclass(frozen=True)
class Pair:
    """Two findings; `log_ratio` is ln P(first) P(second) / P(first, second): if positive, they contradict each other.

    unexplained: ln P(first) P(second) / P(first, second | leading diagnosis). At or below 0, the leading diagnosis
    explains the pair: a rare disease, not a contradiction (Jensen's rule).
    """

    first: str
    second: str
    log_ratio: float
    unexplained: float = 0.0


@dataclass(frozen=True)
class Conflict:
    """How much the findings contradict each other, in natural logarithms.

    measure, unexplained: of all findings together, defined as `log_ratio` and `unexplained` of a pair. pairs: most
    contradictory first. against_the_rest: the measure of each finding against all others. sentence: empty unless the
    findings are rarer together by the threshold `conflict_factor` and the leading diagnosis does not explain it.
    """

    measure: float
    pairs: tuple[Pair, ...]
    against_the_rest: Mapping[str, float]
    sentence: str
    unexplained: float = 0.0


def conflict(net: Net, findings: Findings, setting: Setting = None) -> Conflict:
    """Measure the conflict among all findings, between any two, and of each with the rest.

    Soft evidence and several states count by their likelihoods. Raises InputError for an unknown word and
    ImpossibleEvidence for findings that no diagnosis allows together.
    """
    posterior = net.posterior(findings, setting)
    names = known(net, findings)
    count = len(names)
    if count < 2:
        return Conflict(0.0, (), dict.fromkeys(names, 0.0), "")
    single = np.eye(count, dtype=bool)
    couples = list(combinations(range(count), 2))
    both = np.array([single[a] | single[b] for a, b in couples])
    nothing = np.zeros((1, count), bool)
    joint = log_joints(net, findings, setting, np.concatenate([single, ~single, both, ~nothing, nothing]))
    first = net.vocabulary.diagnoses.index(leading(posterior))
    total, given = log_total(joint), joint[:, first] - joint[-1, first]
    alone, rest, whole = total[:count], total[count : 2 * count], float(total[-2])
    pairs = _pairs(names, couples, alone, total[2 * count : -2], given[2 * count : -2])
    against = {name: float(alone[i] + rest[i] - whole) for i, name in enumerate(names)}
    measure, unexplained = float(alone.sum() - whole), float(alone.sum() - given[-2])
    limit = thresholds(net.priors).get("conflict_factor", math.inf)
    text = _sentence(net.vocabulary, findings, pairs, (measure, unexplained), against, math.log(limit))
    return Conflict(measure, pairs, against, text, unexplained)


def _pairs(
    names: tuple[str, ...], couples: list[tuple[int, int]], alone: Array, together: Array, given: Array
) -> tuple[Pair, ...]:
    pairs = [
        Pair(names[a], names[b], float(alone[a] + alone[b] - total), float(alone[a] + alone[b] - in_leading))
        for (a, b), total, in_leading in zip(couples, together, given, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.log_ratio))


def _sentence(
    vocabulary: Vocabulary,
    findings: Findings,
    pairs: tuple[Pair, ...],
    together: tuple[float, float],
    against: Mapping[str, float],
    limit: float,
) -> str:
    """A warning about the most contradictory unexplained pair; else about the finding that fits the others least.

    `together`: measure and unexplained of all findings. `limit`: ln of the threshold. Empty without a conflict.
    """

    def said(*chosen: str) -> str:
        return capitalised(enumeration([finding_phrase(vocabulary, name, findings[name]) for name in chosen]))

    for pair in pairs:
        if pair.log_ratio >= limit and pair.unexplained > 0:
            return f"{said(pair.first, pair.second)} contradict each other in this model."
    measure, unexplained = together
    if measure >= limit and unexplained > 0:
        odd = said(max(against, key=lambda name: against[name]))
        return f"{odd} {'do' if is_plural(odd) else 'does'} not fit the other findings in this model."
    return ""
