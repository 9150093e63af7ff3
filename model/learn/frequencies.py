"""Probabilities as numbers of people (natural frequencies), which are easier to understand than percentages.

Gigerenzer & Hoffrage 1995 (Psychological Review 102:684); Binder, Krauss & Wiesner 2020 for the tree.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_PEOPLE = 1_000
MOST_PEOPLE = 10_000_000
ENOUGH_PEOPLE = 10


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
    """`people` divided into whole numbers in proportion to `shares`, by the method of largest remainders.

    The numbers add up to `people`. Raises ValueError if a share is negative or all are 0.

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

    `people`: 0 takes the smallest power of ten, from FEWEST_PEOPLE to MOST_PEOPLE, in which at least ENOUGH_PEOPLE
    show the finding, and at least as many are on each side, so that rounding matters little.
    """
    cells = (
        pre_test * rate_in_diagnosis,
        pre_test * (1 - rate_in_diagnosis),
        (1 - pre_test) * rate_in_others,
        (1 - pre_test) * (1 - rate_in_others),
    )
    rarest = min(share for share in (cells[0] + cells[2], pre_test, 1 - pre_test, 1.0) if share > 0)
    people = people or enough_people(rarest)
    return Frequencies(people, *whole_people([max(0.0, cell) for cell in cells], people))


def enough_people(share: float, enough: int = ENOUGH_PEOPLE) -> int:
    """The smallest power of ten, from FEWEST_PEOPLE to MOST_PEOPLE, of which `share` is at least `enough` people.

    >>> [enough_people(share) for share in (0.5, 0.01, 0.0099, 0.0001)]
    [1000, 1000, 10000, 100000]
    """
    people = FEWEST_PEOPLE
    while people < MOST_PEOPLE and people * share < enough - 1e-9:
        people *= 10
    return people
