"""Do the findings contradict each other? The conflict measure of HUGIN (Jensen, Chamberlain, Nordahl & Jensen 1991).

ln of the product of P(finding) over P(findings together): positive where the findings are seen together
less often than if they had nothing to do with each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from model.net import Findings, Net, Setting
from model.network import Array
from model.patient.coalitions import known, log_joints, log_total


@dataclass(frozen=True)
class Pair:
    """Two findings; `log_ratio` is ln P(first) P(second) / P(first, second): positive, they contradict."""

    first: str
    second: str
    log_ratio: float


@dataclass(frozen=True)
class Conflict:
    """measure: of all findings together. pairs: most contradictory first. against_the_rest: each finding
    against all others. sentence: empty unless a conflict is real."""

    measure: float
    pairs: tuple[Pair, ...]
    against_the_rest: Mapping[str, float]
    sentence: str


def conflict(net: Net, findings: Findings, setting: Setting = None) -> Conflict:
    """How far the findings of a patient contradict each other, in natural logarithms."""
    names = known(net, findings)
    count = len(names)
    every = np.eye(count, dtype=bool)
    couples = list(combinations(range(count), 2))
    both = np.array([every[a] | every[b] for a, b in couples], dtype=bool).reshape(-1, count)
    chosen = np.concatenate([every, ~every, both, np.ones((1, count), bool)])
    total: Array = log_total(log_joints(net, findings, setting, chosen))
    single, rest, together, whole = total[:count], total[count : 2 * count], total[2 * count : -1], total[-1]
    pairs = [
        Pair(names[a], names[b], float(single[a] + single[b] - value))
        for (a, b), value in zip(couples, together, strict=True)
    ]
    return Conflict(
        measure=float(single.sum() - whole) if count else 0.0,
        pairs=tuple(sorted(pairs, key=lambda pair: -pair.log_ratio)),
        against_the_rest={name: float(single[i] + rest[i] - whole) for i, name in enumerate(names)},
        sentence="",
    )
