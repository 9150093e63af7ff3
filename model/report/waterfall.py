"""The steps from prior to posterior as places on a scale of log odds, whoever draws them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model.patient.phrases import capitalised, diagnosis_phrase, odds_change, percent, value_phrase
from model.patient.why.weight_of_evidence import FindingWeight, WeightOfEvidence
from model.priors.vocabulary import Vocabulary

TICKS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
LEAST_SPAN = 5.0
LEAST_DISTANCE = 17.0


class Scale:
    """Log odds as a place between 0 and 100 % of the width."""

    def __init__(self, values: Sequence[float]):
        finite = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(finite), max(finite)
        room = max(0.06 * (high - low), (LEAST_SPAN - (high - low)) / 2) + (0.3 if len(finite) < len(values) else 0)
        self.low, self.high = low - room, high + room

    def place(self, log_odds: float) -> float:
        """Percent of the width; an infinite value stands at the end."""
        return 100 * (min(max(log_odds, self.low), self.high) - self.low) / (self.high - self.low)

    def ticks(self, distance: float = LEAST_DISTANCE) -> list[tuple[float, float]]:
        """Probability and place of each label, `distance` % apart, the middle ones first where room is short."""
        chosen: list[tuple[float, float]] = []
        for probability in sorted(TICKS, key=lambda p: abs(p - 0.5)):
            place = self.place(math.log(probability / (1 - probability)))
            if 4 <= place <= 96 and all(abs(place - other) >= distance for _, other in chosen):
                chosen.append((probability, place))
        return sorted(chosen)


@dataclass(frozen=True)
class Step:
    """What one finding adds: from place `start` to place `end`, both percent of the width; the rest in words.

    side: "for" or "against". without: the probability if this finding were unknown.
    """

    finding: str
    label: str
    side: str
    start: float
    end: float
    said: str
    weight: str
    without: str


@dataclass(frozen=True)
class Waterfall:
    """The whole chart. label: what it shows, in words; before and after: place and probability of both ends."""

    label: str
    scale: Scale
    before: tuple[float, str]
    steps: tuple[Step, ...]
    after: tuple[float, str]


def waterfall(weights: WeightOfEvidence, vocabulary: Vocabulary) -> Waterfall:
    """Largest weight first; a finding that excludes one side comes last, so that the steps of the others are seen."""
    ordered = sorted(weights.weights, key=lambda w: (math.isinf(w.shapley), -abs(w.shapley)))
    ends = [weights.prior_log_odds]
    for weight in ordered:
        ends.append(ends[-1] + weight.shapley)
    scale = Scale(ends)
    name = capitalised(diagnosis_phrase(vocabulary, weights.diagnosis))
    rival = diagnosis_phrase(vocabulary, weights.rival) if weights.rival else "all other diagnoses"
    prior, posterior = _percent(weights.prior_log_odds), _percent(weights.posterior_log_odds)
    return Waterfall(
        f"{name} against {rival}: from {prior} before any finding to {posterior} with all",
        scale,
        (scale.place(weights.prior_log_odds), prior),
        tuple(
            _step(weight, start, end, scale, vocabulary)
            for weight, start, end in zip(ordered, ends, ends[1:], strict=False)
        ),
        (scale.place(weights.posterior_log_odds), posterior),
    )


def _step(weight: FindingWeight, start: float, end: float, scale: Scale, vocabulary: Vocabulary) -> Step:
    side = "for" if weight.shapley >= 0 else "against"
    variable = vocabulary.variable(weight.finding)
    return Step(
        weight.finding,
        f"{variable.label}: {value_phrase(weight.value, variable)}",
        side,
        scale.place(start),
        scale.place(end),
        f"{side}: from {_percent(start)} to {_percent(end)}",
        _effect(weight),
        "–" if math.isnan(weight.log_odds_without) else _percent(weight.log_odds_without),
    )


def _effect(weight: FindingWeight) -> str:
    if math.isinf(weight.shapley):
        return "excludes it" if weight.shapley < 0 else "excludes the rest"
    error = f" (± {100 * math.expm1(weight.error):.0f} %)" if weight.error >= 0.01 else ""
    return f"{odds_change(weight.shapley)}{error}"


def _percent(log_odds: float) -> str:
    return percent(1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0)
