"""Drawing the numbers of the priors: a rate is a Dirichlet of mean `percents` and concentration `strength`.

Every rate has a generator of its own, seeded by what the rate is about, so that its draws stay the same
whichever other numbers are drawn, added or changed.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from model.factors import Array
from model.priors import Rate

LEAST = 1e-12


@dataclass(frozen=True)
class Sampling:
    """How many draws, and of which numbers.

    First `draws` of all numbers together; then, for each of `grades`, `of_each` in which only the numbers of
    that grade leave their mean. These repeat the first of the joint draws. Without draws: the means.
    """

    draws: int = 0
    seed: int = 0
    grades: tuple[str, ...] = ()
    of_each: int = 0

    @property
    def size(self) -> int:
        """The length of the axis of draws; 1 without draws."""
        return max(1, self.draws + self.of_each * len(self.grades))

    def part(self, grade: str) -> slice:
        """Where the draws of one grade stand."""
        first = self.draws + self.of_each * self.grades.index(grade)
        return slice(first, first + self.of_each)

    def values(self, rate: Rate) -> Array:
        """The probabilities of a rate, (states, draws); (states, 1) without draws."""
        mean = np.array(rate.percents)[:, None] / 100
        if not self.draws:
            return mean
        joint = self._dirichlet(rate, mean[:, 0]).T
        resting = np.broadcast_to(mean, (len(mean), self.of_each))
        varied = weakest_grade(rate)
        alone = [joint[:, : self.of_each] if varied == grade else resting for grade in self.grades]
        return np.concatenate([joint, *alone], axis=1)

    def _dirichlet(self, rate: Rate, mean: Array) -> Array:
        """(draws, states). What can be stays possible: a draw of exactly 0 would be an artefact of rounding."""
        generator = np.random.default_rng([self.seed, _number_of(rate)])
        gammas = generator.standard_gamma(np.broadcast_to(rate.strength * mean, (self.draws, len(mean))))
        total = gammas.sum(axis=-1, keepdims=True)
        shares = np.where(total > 0, gammas / np.where(total > 0, total, 1), mean)
        shares = np.where(mean > 0, np.maximum(shares, LEAST), 0)
        return shares / shares.sum(axis=-1, keepdims=True)


def weakest_grade(rate: Rate) -> str:
    """The grade that a rate spreads like: its strength is that of its weakest row."""
    return max(row["grade"] for row in rate.rows)


def _number_of(rate: Rate) -> int:
    """A number for a generator, from what the rate is about."""
    conditions = ";".join(f"{name}={state}" for name, state in sorted(rate.given.items()))
    return int.from_bytes(blake2b(f"{rate.node}|{rate.diagnosis}|{conditions}".encode(), digest_size=8).digest())
