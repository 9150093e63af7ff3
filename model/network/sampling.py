"""Drawing the numbers of the priors, as spread as their strength says.

A rate is a Dirichlet of mean `percents` and concentration `strength`. The logarithm of an odds ratio is normal
with variance 8 / strength: that of two groups of `strength` patients each, in half of whom the state is seen
(Woolf 1955, Ann Hum Genet 19:251).

Every number has generators of its own, seeded by what it is about, so that its draws stay the same whichever
other numbers are drawn, added or changed.
"""

from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt

import numpy as np

from model.network.factors import Array
from model.priors.numbers import Effect, Rate

LEAST = 1e-12
# Of a two by two table: two groups, and in half of each the state is seen.
CELLS = 4


@dataclass(frozen=True)
class Sampling:
    """How many draws, and of which numbers.

    First `draws` of all numbers together; then, for each of `grades`, `of_each` in which only the numbers of
    that grade leave their mean. These repeat the first of the joint draws. Without draws: the means.
    odds_ratios: whether these are drawn too, or rest.
    """

    draws: int = 0
    seed: int = 0
    grades: tuple[str, ...] = ()
    of_each: int = 0
    odds_ratios: bool = True

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
        return self._with_parts(self._dirichlet(rate, mean[:, 0]).T, mean, weakest_grade(rate))

    def ratio(self, effect: Effect) -> Array:
        """The odds ratio of an effect, (draws,); (1,) where it is not drawn."""
        mean = np.array([effect.odds_ratio])
        if not self.draws or not self.odds_ratios:
            return mean
        joint = mean * np.exp(log_spread(effect.strength) * self._contrast(effect))
        return self._with_parts(joint, mean, effect.grade)

    def _with_parts(self, joint: Array, mean: Array, varied: str) -> Array:
        """The joint draws of a number, draws last, then those of each grade, in all but one of which it rests."""
        resting = np.broadcast_to(mean, (*mean.shape[:-1], self.of_each))
        alone = [joint[..., : self.of_each] if varied == grade else resting for grade in self.grades]
        return np.concatenate([joint, *alone], axis=-1)

    def _dirichlet(self, rate: Rate, mean: Array) -> Array:
        """(draws, states). What can be stays possible: a draw of exactly 0 would be an artefact of rounding."""
        generator = self._generator(_about(rate))
        gammas = generator.standard_gamma(np.broadcast_to(rate.strength * mean, (self.draws, len(mean))))
        total = gammas.sum(axis=-1, keepdims=True)
        shares = np.where(total > 0, gammas / np.where(total > 0, total, 1), mean)
        shares = np.where(mean > 0, np.maximum(shares, LEAST), 0)
        return shares / shares.sum(axis=-1, keepdims=True)

    def _contrast(self, effect: Effect) -> Array:
        """State against reference in one group, less the same in the reference group; standard normal, (draws,).

        Two ratios with a reference in common share its draws, and so correlate by a half: were they drawn apart,
        states of one finding would spread too much against each other.
        """
        groups = [(state, group) for state in (effect.state, "") for group in (effect.parent_state, "")]
        cells = [self._generator(f"odds|{effect.node}|{effect.parent}|{s}|{g}").standard_normal(self.draws)
                 for s, g in groups]  # fmt: skip
        return (cells[0] - cells[1] - cells[2] + cells[3]) / sqrt(CELLS)

    def _generator(self, about: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, int.from_bytes(blake2b(about.encode(), digest_size=8).digest())])


def log_spread(strength: float) -> float:
    """Standard deviation of the logarithm of an odds ratio: the logarithm of each cell has variance 2 / strength."""
    return sqrt(CELLS * 2 / strength)


def weakest_grade(rate: Rate) -> str:
    """The grade that a rate spreads like: its strength is that of its weakest row."""
    return max(row["grade"] for row in rate.rows)


def _about(rate: Rate) -> str:
    conditions = ";".join(f"{name}={state}" for name, state in sorted(rate.given.items()))
    return f"{rate.node}|{rate.diagnosis}|{conditions}"
