"""Draw the numbers of the priors from their distributions.

A rate is a Dirichlet of mean `percents` and concentration `strength`: each state a gamma variate, divided by their
sum. The logarithm of an odds ratio is normal with variance 8 / strength: that of two groups of `strength` patients
each, in half of whom the state is seen (Woolf 1955, Ann Hum Genet 19:251).

A state that `strength` patients would show less than once has a log-normal variate in place of the gamma, with the same
mean. The gamma is there densest at zero: nearly all draws would call a rare finding impossible, and a single odd
finding would exclude a disease. The log-normal has the spread of the gamma too, but at most LARGEST_SPREAD: a number
that says "rare" is taken to be right within an order of magnitude either way.

Each rate, and each cell of an odds ratio, has its own random generator, seeded by what it describes. Its draws do not
change when other numbers are drawn, added or changed.

"""

from dataclasses import dataclass
from hashlib import blake2b
from math import log, sqrt
from statistics import NormalDist

import numpy as np

from model.network.factors import Array
from model.priors.numbers import Effect, Rate

LEAST = 1e-12
ONCE = 1.0
# A 90 % interval from a tenth to ten times the median.
LARGEST_SPREAD = log(10) / NormalDist().inv_cdf(0.95)
# The cells of a two by two table: state seen or not, in each of two groups.
CELLS = 4


@dataclass(frozen=True)
class Sampling:
    """How many draws, and which numbers vary in them.

    The axis of draws begins with `draws` draws in which all numbers vary. For each of `grades` follow
    `draws_per_grade` in which only numbers of that grade vary, with the same values as in the first draws, and all
    others are at their mean. With `draws` = 0, all numbers are at their mean. odds_ratios: whether odds ratios vary.
    """

    draws: int = 0
    seed: int = 0
    grades: tuple[str, ...] = ()
    draws_per_grade: int = 0
    odds_ratios: bool = True

    @property
    def size(self) -> int:
        """The length of the axis of draws; 1 without draws."""
        return max(1, self.draws + self.draws_per_grade * len(self.grades))

    def of_grade(self, grade: str) -> slice:
        """The part of the axis of draws in which only numbers of this grade vary."""
        first = self.draws + self.draws_per_grade * self.grades.index(grade)
        return slice(first, first + self.draws_per_grade)

    def values(self, rate: Rate) -> Array:
        """The probabilities of a rate, (states, draws); (states, 1) without draws."""
        mean = np.array(rate.percents)[:, None] / 100
        if not self.draws:
            return mean
        return self._with_parts(self._dirichlet(rate, mean[:, 0]).T, mean, rate.grade)

    def ratio(self, effect: Effect) -> Array:
        """The odds ratio of an effect, (draws,); (1,) where it is not drawn."""
        mean = np.array([effect.odds_ratio])
        if not self.draws or not self.odds_ratios:
            return mean
        joint = mean * np.exp(log_spread(effect.strength) * self._contrast(effect))
        return self._with_parts(joint, mean, effect.grade)

    def _with_parts(self, joint: Array, mean: Array, varied: str) -> Array:
        """Append the draws for each grade to the joint draws of a number (draws last).

        The number varies in those for its own grade, `varied`, and is at its mean in the others.
        """
        fixed = np.broadcast_to(mean, (*mean.shape[:-1], self.draws_per_grade))
        alone = [joint[..., : self.draws_per_grade] if varied == grade else fixed for grade in self.grades]
        return np.concatenate([joint, *alone], axis=-1)

    def _dirichlet(self, rate: Rate, mean: Array) -> Array:
        """Draws of a rate, (draws, states). Possible states get at least LEAST: a draw of 0 is a rounding error."""
        generator = self._generator(_key(rate))
        expected = rate.strength * mean
        rare = (expected > 0) & (expected < ONCE)
        gammas = generator.standard_gamma(np.broadcast_to(np.where(rare, 0, expected), (self.draws, len(mean))))
        total = gammas.sum(axis=-1, keepdims=True)
        shares = np.where(total > 0, gammas / np.where(total > 0, total, 1), mean) * mean[~rare].sum()
        if rare.any():
            normal = self._generator(f"{_key(rate)}|rare").standard_normal((self.draws, int(rare.sum())))
            spread = rare_spread(expected[rare])
            shares[:, rare] = mean[rare] * np.exp(spread * normal - spread**2 / 2)
        shares = np.where(mean > 0, np.maximum(shares, LEAST), 0)
        return shares / shares.sum(axis=-1, keepdims=True)

    def _contrast(self, effect: Effect) -> Array:
        """The standardised draws of an effect's log odds ratio, standard normal, (draws,).

        It is the contrast of four cells: state against reference state, in the group against the reference group.
        Odds ratios with a common reference share the draws of its cells and so correlate by a half. Drawn
        independently, the states of one finding would vary too much relative to each other.
        """
        groups = [(state, group) for state in (effect.state, "") for group in (effect.parent_state, "")]
        cells = [self._generator(f"odds|{effect.node}|{effect.parent}|{s}|{g}").standard_normal(self.draws)
                 for s, g in groups]  # fmt: skip
        return (cells[0] - cells[1] - cells[2] + cells[3]) / sqrt(CELLS)

    def _generator(self, key: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, int.from_bytes(blake2b(key.encode(), digest_size=8).digest())])


def rare_spread(expected: Array) -> Array:
    """The standard deviation of the logarithm of a rare state's variate, for how many patients are expected to show it.

    >>> rare_spread(np.array([1.0, 0.01])).round(2).tolist()
    [0.83, 1.4]
    """
    spread: Array = np.minimum(np.sqrt(np.log1p(1 / expected)), LARGEST_SPREAD)
    return spread


def log_spread(strength: float) -> float:
    """The standard deviation of a log odds ratio; the log count of each cell has variance 2 / strength."""
    return sqrt(CELLS * 2 / strength)


def _key(rate: Rate) -> str:
    conditions = ";".join(f"{name}={state}" for name, state in sorted(rate.given.items()))
    return f"{rate.node}|{rate.diagnosis}|{conditions}"
