"""The ladder of evidence: log odds in decibans, one rung a finding, as a table whose bars are the picture."""

import math
from collections.abc import Sequence

from model.io.markup import html, joined
from model.learn.step_by_step import Step, StepByStep
from model.learn.words import decibans_phrase, odds_phrase, probability, ratio_phrase, side_phrase
from model.patient.phrases import capitalised, diagnosis_phrase, percent, value_phrase
from model.patient.why.weight_of_evidence import DECIBANS
from model.priors.vocabulary import Vocabulary

LEAST_SPAN = 30.0
TICKS = (1, 2, 5, 10, 20, 50)
MOST_TICKS = 6


def ladder_html(way: StepByStep, shown: int, vocabulary: Vocabulary) -> str:
    """The prior, then the first `shown` steps, the last of them marked as the present one.

    The scale holds the whole way, so that it stays still while steps are revealed.
    """
    ends = [odds for step in way.steps for odds in (step.log_odds_after, step.log_odds_if_independent)]
    scale = _Scale([way.prior_log_odds, *ends])
    aim = f"{diagnosis_phrase(vocabulary, way.diagnosis)} against {side_phrase(vocabulary, way.rival)}"
    rows = joined(
        _row(step, number, scale, vocabulary, present=number == shown)
        for number, step in enumerate(way.steps[:shown], 1)
    )
    return html(
        "<table class='ladder'><caption class='unseen'>Log odds of {}, finding by finding, in decibans"
        "</caption><thead><tr><th scope='col'>Finding</th><th scope='col'>{}</th>"
        "<th scope='col'>Likelihood ratio, given those above</th><th scope='col'>If independent</th></tr></thead>"
        "<tbody>{}{}</tbody></table>",
        aim,
        scale.axis(),
        _first_row(way, scale, shown),
        rows,
    )


class _Scale:
    """Decibans as a place between 0 and 100 % of the width."""

    def __init__(self, log_odds: Sequence[float]):
        finite = [DECIBANS * value for value in log_odds if math.isfinite(value)] or [0.0]
        low, high = min(*finite, 0.0), max(*finite, 0.0)
        room = max(0.07 * (high - low), (LEAST_SPAN - (high - low)) / 2)
        self.low, self.high = low - room, high + room

    def place(self, log_odds: float) -> float:
        decibans = min(max(DECIBANS * log_odds, self.low), self.high) if not math.isnan(log_odds) else self.low
        return 100 * (decibans - self.low) / (self.high - self.low)

    def ticks(self) -> list[int]:
        span = self.high - self.low
        distance = next((d for d in TICKS if span / d <= MOST_TICKS), TICKS[-1])
        first = math.ceil(self.low / distance)
        return [distance * i for i in range(first, math.floor(self.high / distance) + 1)]

    def axis(self) -> str:
        ticks = [tick for tick in self.ticks() if 5 <= self.place(tick / DECIBANS) <= 95]
        distance = ticks[1] - ticks[0] if len(ticks) > 1 else 1
        marks = joined(
            html(
                "<i{} style='left:{:.1f}%'>{}</i>",
                " class=fine" if tick % (2 * distance) else "",
                self.place(tick / DECIBANS),
                f"{tick:+d}".replace("-", "−") if tick else "0",
            )
            for tick in ticks
        )
        return html("Decibans<span class='axis'>{}</span>", marks)

    def lines(self) -> str:
        return joined(
            html("<i class='{}' style='left:{:.1f}%'></i>", "even" if not tick else "tick", self.place(tick / DECIBANS))
            for tick in self.ticks()
        )


def _first_row(way: StepByStep, scale: _Scale, shown: int) -> str:
    odds = way.prior_log_odds
    said = f"{decibans_phrase(odds)} decibans"
    return html(
        "<tr class='{}'><th scope='row'>Before any finding</th>"
        "<td>{}<i class='mark' role='img' aria-label='{}' style='left:{:.2f}%'></i>"
        "</td><td colspan='2'>odds {}, {}</td></tr>",
        "present" if not shown else "",
        scale.lines(),
        said,
        scale.place(odds),
        odds_phrase(odds),
        percent(probability(odds)),
    )


def _row(step: Step, number: int, scale: _Scale, vocabulary: Vocabulary, present: bool) -> str:
    variable = vocabulary.variable(step.finding)
    before, after = scale.place(step.log_odds_before), scale.place(step.log_odds_after)
    left, right = sorted((before, after))
    side = "for" if step.log_ratio >= 0 else "against"
    said = f"{side}: from {decibans_phrase(step.log_odds_before)} to {decibans_phrase(step.log_odds_after)} decibans"
    claimed = ratio_phrase(step.log_ratio_if_independent)
    return html(
        "<tr class='{}' data-step='{}' {}>"
        "<th scope='row'>{}. {}: "
        "{}</th>"
        "<td>{}<i class='bar {}' role='img' aria-label='{}' "
        "style='left:{:.2f}%;width:{:.2f}%'></i>"
        "<i class='mark' style='left:{:.2f}%'></i>{}</td>"
        "<td><b>{}</b> ({})</td>"
        "<td>{}</td></tr>",
        "present" if present else "",
        number,
        "aria-current=step" if present else "",
        number,
        capitalised(variable.label),
        value_phrase(step.value, variable),
        scale.lines(),
        side,
        said,
        left,
        right - left,
        after,
        _if_independent(step, scale),
        ratio_phrase(step.log_ratio),
        decibans_phrase(step.log_ratio),
        claimed,
    )


def _if_independent(step: Step, scale: _Scale) -> str:
    """A hollow diamond where the odds would stand if all findings so far were independent."""
    odds = step.log_odds_if_independent
    if math.isnan(odds):
        return ""
    said = f"if all were independent: {decibans_phrase(odds)} decibans"
    return html("<i class='diamond' role='img' aria-label='{}' style='left:{:.2f}%'></i>", said, scale.place(odds))
