"""What if one number were another? Many such questions of one patient, computed together.

A variant is a network in which one number of the priors is changed; its posterior is computed beside that
of all the others, along the axis that `model.inference.over_draws` has for draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.calibrate.numbers import ODDS_RATIO, Number, numbers
from model.calibrate.rates import rates_of
from model.inference.evidence import is_unknown
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.inference.over_draws import Drawn
from model.network.ancestors import ancestors
from model.network.factors import Array
from model.priors.numbers import Effect, Rate

# Variants computed together; more of them take more memory, not less time.
AT_ONCE = 2000


@dataclass(frozen=True)
class Variant:
    """One number at another value, in its unit: percent, or an odds ratio."""

    number: Number
    value: float


Changes = tuple[Variant, ...]


@dataclass(frozen=True)
class Place:
    """The rate or effect that a number belongs to, and the index of its state."""

    owner: Rate | Effect
    state: int


@dataclass(frozen=True)
class Variants:
    """Stands in the place of `model.network.sampling.Sampling`: the numbers in every variant.

    changes: of each variant, places and the share or odds ratio that stands there.
    """

    changes: Sequence[Sequence[tuple[Place, float]]]

    @property
    def size(self) -> int:
        return len(self.changes)

    @cached_property
    def _by_owner(self) -> dict[int, list[tuple[int, int, float]]]:
        found: dict[int, list[tuple[int, int, float]]] = {}
        for column, changes in enumerate(self.changes):
            for place, value in changes:
                found.setdefault(id(place.owner), []).append((column, place.state, value))
        return found

    def values(self, rate: Rate) -> Array:
        """The probabilities of a rate, (states, variants); the other states give way in proportion."""
        mean = np.array(rate.percents) / 100
        result = np.repeat(mean[:, None], self.size, axis=1)
        for column, state, share in self._by_owner.get(id(rate), ()):
            result[:, column] = given_way(mean, state, share)
        return result

    def ratio(self, effect: Effect) -> Array:
        """The odds ratio of an effect, (variants,); (1,) where none changes it."""
        changes = self._by_owner.get(id(effect), ())
        result = np.full(self.size if changes else 1, effect.odds_ratio)
        for column, _, ratio in changes:
            result[column] = ratio
        return result


def given_way(mean: Array, state: int, share: float) -> Array:
    """Probabilities (states,) with that of one state changed to `share` and the others in proportion.

    >>> given_way(np.array([0.5, 0.3, 0.2]), 0, 0.75).tolist()
    [0.75, 0.15, 0.1]
    """
    rest = 1 - mean[state]
    scaled = mean * (1 - share) / rest if rest > 0 else np.full(len(mean), (1 - share) / (len(mean) - 1))
    scaled[state] = share
    return scaled


def posteriors(net: Net, findings: Findings, setting: Setting, variants: Sequence[Variant | Changes]) -> Array:
    """The posterior of one patient in each variant, or in each set of changes made at once, (variants, diagnoses).

    NaN where a variant makes the findings impossible. Raises InputError for unknown words.
    """
    places = _places(net)
    sets = [(variant,) if isinstance(variant, Variant) else variant for variant in variants]
    changes = [[(places[v.number.row.file, v.number.row.line], _entered(v)) for v in each] for each in sets]
    evidence = net.evidence(findings, setting)
    blocks = [Variants(changes[first : first + AT_ONCE]) for first in range(0, len(changes), AT_ONCE)]
    return np.concatenate([Drawn(net.means, net.engine, block).posterior(evidence) for block in blocks])  # type: ignore[arg-type]


def _entered(variant: Variant) -> float:
    """An odds ratio as it is, a percentage as a share."""
    return variant.value if variant.number.kind == ODDS_RATIO else variant.value / 100


def _places(net: Net) -> dict[tuple[str, int], Place]:
    """File and line of each row of a rate, share or odds ratio -> its place."""
    variables = net.vocabulary.variables
    found: dict[tuple[str, int], Place] = {}
    for rates in rates_of(net.priors).values():
        for rate in rates:
            for row in rate.rows:
                found[row.file, row.line] = Place(rate, variables[rate.node].states.index(row["state"]))
    for effects in net.priors.effects.values():
        for effect in effects:
            state = variables[effect.node].states.index(effect.state)
            found[effect.row.file, effect.row.line] = Place(effect, state)
    return found


def relevant(net: Net, findings: Findings, setting: Setting, least: float = 0.001) -> tuple[Number, ...]:
    """The rates, odds ratios and shares that can move the posterior of a patient.

    Those of the observed findings and of the variables above them, and the shares of the setting; of single
    diagnoses only those whose probability is at least `least`, before or after the findings. A percentage of 0 or
    100 says what cannot be, and is no matter of degree.
    """
    after, before = net.posterior(findings, setting), net.posterior({}, setting)
    likely = {d for d in after if after[d] >= least} or {leading(before)}
    observed = {name for name, value in findings.items() if not is_unknown(value)}
    nodes = ancestors(net.priors.parents, observed)
    chosen = setting if isinstance(setting, str) else net.default_setting
    words = {*likely, *net.vocabulary.families, "any"}
    return tuple(
        number
        for number in numbers(net.priors)
        if (number.kind == "share" and not isinstance(setting, dict) and number.given == f"setting={chosen}"
            and number.state in likely and 0 < number.value < 100)
        or (number.kind == "rate" and number.node in nodes and number.row["diagnosis"] in words
            and 0 < number.value < 100)
        or (number.kind == ODDS_RATIO and number.node in nodes)
    )  # fmt: skip
