"""The posteriors of one patient in many variants of the network, computed together.

A variant is the network with one number of the priors changed (or several at once). All variants are computed along
the axis that `model.inference.over_draws` uses for draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.calibrate.numbers import ODDS_RATIO, Number, numbers
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
class Slot:
    """Where a number is in the priors: its rate or effect, and the index of its state."""

    owner: Rate | Effect
    state: int


@dataclass(frozen=True)
class Variants:
    """The values of the numbers in each variant; it has the interface of `model.network.sampling.Sampling`.

    changes: for each variant, the changed slots and their new probability or odds ratio.
    """

    changes: Sequence[Sequence[tuple[Slot, float]]]

    @property
    def size(self) -> int:
        return len(self.changes)

    @cached_property
    def _by_owner(self) -> dict[int, list[tuple[int, int, float]]]:
        found: dict[int, list[tuple[int, int, float]]] = {}
        for column, changes in enumerate(self.changes):
            for slot, value in changes:
                found.setdefault(id(slot.owner), []).append((column, slot.state, value))
        return found

    def values(self, rate: Rate) -> Array:
        """The probabilities of a rate, (states, variants); the other states of a changed one keep their proportions."""
        mean = np.array(rate.percents) / 100
        result = np.repeat(mean[:, None], self.size, axis=1)
        for column, state, probability in self._by_owner.get(id(rate), ()):
            result[:, column] = rescaled(mean, state, probability)
        return result

    def ratio(self, effect: Effect) -> Array:
        """The odds ratio of an effect, (variants,); (1,) if no variant changes it."""
        changes = self._by_owner.get(id(effect), ())
        result = np.full(self.size if changes else 1, effect.odds_ratio)
        for column, _, ratio in changes:
            result[column] = ratio
        return result


def rescaled(mean: Array, state: int, probability: float) -> Array:
    """The probabilities (states,) with that of one state set to `probability` and the others rescaled in proportion.

    >>> rescaled(np.array([0.5, 0.3, 0.2]), 0, 0.75).tolist()
    [0.75, 0.15, 0.1]
    """
    rest = 1 - mean[state]
    scaled = mean * (1 - probability) / rest if rest > 0 else np.full(len(mean), (1 - probability) / (len(mean) - 1))
    scaled[state] = probability
    return scaled


def posteriors(net: Net, findings: Findings, setting: Setting, variants: Sequence[Variant | Changes]) -> Array:
    """The posterior of one patient in each variant, (variants, diagnoses).

    A variant may be a tuple of changes made at once. NaN where the findings are impossible. Raises InputError for
    unknown words.
    """
    slots = _slots(net)
    combined = [(variant,) if isinstance(variant, Variant) else variant for variant in variants]
    changes = [[(slots[v.number.row.file, v.number.row.line], _internal_value(v)) for v in each] for each in combined]
    evidence = net.evidence(findings, setting)
    blocks = [Variants(changes[first : first + AT_ONCE]) for first in range(0, len(changes), AT_ONCE)]
    return np.concatenate([Drawn(net.means, net.engine, block).posterior(evidence) for block in blocks])  # type: ignore[arg-type]


def _internal_value(variant: Variant) -> float:
    """The value as the network uses it: an odds ratio, or a probability instead of a percentage."""
    return variant.value if variant.number.kind == ODDS_RATIO else variant.value / 100


def _slots(net: Net) -> dict[tuple[str, int], Slot]:
    """(file, line) of each row of a rate, share or odds ratio -> its slot."""
    variables = net.vocabulary.variables
    found: dict[tuple[str, int], Slot] = {}
    for rates in net.priors.rates.values():
        for rate in rates:
            for row in rate.rows:
                found[row.file, row.line] = Slot(rate, variables[rate.node].states.index(row["state"]))
    for effects in net.priors.effects.values():
        for effect in effects:
            state = variables[effect.node].states.index(effect.state)
            found[effect.row.file, effect.row.line] = Slot(effect, state)
    return found


def relevant(net: Net, findings: Findings, setting: Setting, least: float = 0.001) -> tuple[Number, ...]:
    """The rates, odds ratios and shares that can change the posterior of a patient.

    These are the numbers of the observed findings and of their ancestors, and the shares of the setting. Rates and
    shares of one diagnosis count only if it is the most probable one before the findings, or has a probability of at
    least `least` after them. A percentage of 0 or 100 is left out: it states an impossibility, not a degree.
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
