"""Probabilities as whole people: natural frequencies, which are understood better than percentages.

Gigerenzer & Hoffrage 1995 (Psychological Review 102:684); Binder, Krauss & Wiesner 2020 for the tree.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_PEOPLE = 1_000
MOST_PEOPLE = 10_000_000
ENOUGH_WITH_THE_FINDING = 20


@dataclass(frozen=True)
class Frequencies:
    """How many of `people` have the diagnosis and show the finding; the four parts add up to `people`."""

    people: int
    diagnosed_with: int
    diagnosed_without: int
    others_with: int
    others_without: int

    @property
    def diagnosed(self) -> int:
        return self.diagnosed_with + self.diagnosed_without

    @property
    def others(self) -> int:
        return self.others_with + self.others_without

    @property
    def with_finding(self) -> int:
        return self.diagnosed_with + self.others_with


def whole_people(shares: Sequence[float], people: int = FEWEST_PEOPLE) -> tuple[int, ...]:
    """`people` shared out in whole numbers by the method of largest remainders; adds up to `people`.

    `shares` are weights, at least one above 0; raises ValueError otherwise.

    >>> whole_people([0.3333, 0.3333, 0.3334], 100)
    (33, 33, 34)
    """
    total = math.fsum(shares)
    if not total > 0 or min(shares) < 0:
        raise ValueError("shares must not be negative, nor all 0")
    exact = [people * share / total for share in shares]
    result = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (result[i] - exact[i], i))
    for i in by_remainder[: people - sum(result)]:
        result[i] += 1
    return tuple(result)


def frequencies(pre_test: float, rate_in_diagnosis: float, rate_in_others: float, people: int = 0) -> Frequencies:
    """People with and without the diagnosis who show a finding.

    `people`: 0 takes the smallest power of ten from FEWEST_PEOPLE on in which at least
    ENOUGH_WITH_THE_FINDING show the finding, so that rounding hides nothing; at most MOST_PEOPLE.
    """
    cells = (
        pre_test * rate_in_diagnosis,
        pre_test * (1 - rate_in_diagnosis),
        (1 - pre_test) * rate_in_others,
        (1 - pre_test) * (1 - rate_in_others),
    )
    return Frequencies(people or enough_people(cells[0] + cells[2]), *_counts(cells, people))


def _counts(cells: Sequence[float], people: int) -> tuple[int, ...]:
    return whole_people([max(0.0, cell) for cell in cells], people or enough_people(cells[0] + cells[2]))


def enough_people(share: float) -> int:
    """The power of ten in which ENOUGH_WITH_THE_FINDING people make up `share`.

    >>> [enough_people(share) for share in (0.5, 0.02, 0.015, 0.0001)]
    [1000, 1000, 10000, 1000000]
    """
    people = FEWEST_PEOPLE
    while people < MOST_PEOPLE and people * share < ENOUGH_WITH_THE_FINDING - 1e-9:
        people *= 10
    return people
