"""Charts as HTML that stands alone: a table whose bars are drawn by its own style, read aloud as a table."""

import math
from collections.abc import Sequence
from html import escape

from model.patient.phrases import capitalised, diagnosis_phrase, percent, value_phrase
from model.patient.weight_of_evidence import DECIBANS, FindingWeight, WeightOfEvidence, WeightWord, in_words
from model.vocabulary import Vocabulary

TICKS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
LEAST_SPAN = 5.0
LEAST_DISTANCE = 17.0
LEAST_DISTANCE_ON_A_PHONE = 33.0
WATERFALL_STYLE = """
.waterfall { --for: light-dark(#5b3a8c, #b79ae0); --against: light-dark(#5b3a8c, #b79ae0);
  width: 100%; border-collapse: collapse; table-layout: fixed; font-size: .84rem; margin: .2rem 0; }
.waterfall th, .waterfall td { padding: .12rem .3rem .12rem 0; border: 0; line-height: 1.3; text-align: left;
  vertical-align: middle; font-weight: 400; overflow-wrap: break-word; hyphens: auto; }
.waterfall thead th { font-size: .8rem; color: var(--muted, #4d5f6b); vertical-align: bottom; }
.waterfall tr > :nth-child(1) { width: 31%; }
.waterfall tr > :nth-child(3) { width: 21%; padding-left: .4rem; }
.waterfall tr > :nth-child(4) { width: 4.4rem; text-align: right; padding-right: 0; }
.waterfall .axis { position: relative; display: block; height: 1.2rem; }
.waterfall .axis i { position: absolute; bottom: 0; transform: translateX(-50%); font-style: normal;
  white-space: nowrap; font-size: .72rem; }
.waterfall tbody td:nth-child(2) { position: relative; padding: 0; height: 1.5rem;
  background: repeat-x left / 100% 100% linear-gradient(var(--rail, #edf1f4) 0 0); border-block: 2px solid
  var(--surface, #fff); }
.waterfall .bar { position: absolute; inset-block: .18rem; min-width: 2px; box-sizing: border-box; }
.waterfall .for { background: var(--for); }
.waterfall .against { border: 1px solid var(--against);
  background: repeating-linear-gradient(135deg, var(--against) 0 2px, transparent 2px 5px); }
.waterfall .tick { position: absolute; inset-block: 0; width: 1px; background: var(--line, #d5dde2); }
.waterfall .mark { position: absolute; inset-block: 0; width: 3px; margin-left: -1px; background: var(--ink, #17242d); }
.waterfall .total th, .waterfall .total td { font-weight: 600; }
@media (max-width: 640px) {
  .waterfall .axis .fine { display: none; }
  .waterfall tr > :nth-child(1) { width: 35%; }
  .waterfall tr > :nth-child(3) { width: 24%; }
  .waterfall tr > :nth-child(4) { width: 3.3rem; }
}
"""


def waterfall_html(weights: WeightOfEvidence, vocabulary: Vocabulary, words: Sequence[WeightWord] = ()) -> str:
    """From prior to posterior, one bar a finding, largest first: to the right for, to the left against.

    A finding that excludes one side comes last, so that the steps of the others can be seen.

    The scale is the log odds of the diagnosis, labelled with probabilities. With WATERFALL_STYLE the table is
    the chart; each bar says in words what it shows. The last column holds the probability without the finding.
    """
    ordered = sorted(weights.weights, key=lambda w: (math.isinf(w.shapley), -abs(w.shapley)))
    ends = _ends(weights, ordered)
    scale = _Scale(ends)
    name = capitalised(diagnosis_phrase(vocabulary, weights.diagnosis))
    rival = diagnosis_phrase(vocabulary, weights.rival) if weights.rival else "all other diagnoses"
    prior, posterior = _probability(weights.prior_log_odds), _probability(weights.posterior_log_odds)
    rows = "".join(
        _row(weight, start, end, weights, vocabulary, words, scale)
        for weight, start, end in zip(ordered, ends, ends[1:], strict=False)
    )
    label = f"{name} against {rival}: from {percent(prior)} before any finding to {percent(posterior)} with all"
    return (
        f"<table class='waterfall'><caption class='unseen'>{escape(label)}; largest weight first</caption>"
        f"<thead><tr><th scope='col'>Finding</th><th scope='col'>{scale.axis(label)}</th>"
        "<th scope='col'>Weight (decibans)</th><th scope='col'>Without it</th></tr></thead><tbody>"
        f"{_total('Before any finding', weights.prior_log_odds, scale)}{rows}"
        f"{_total('With all findings', weights.posterior_log_odds, scale)}</tbody></table>"
    )


class _Scale:
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

    def axis(self, label: str) -> str:
        always = self.ticks(LEAST_DISTANCE_ON_A_PHONE)
        labels = "".join(
            f"<i{'' if (p, place) in always else ' class=fine'} style='left:{place:.1f}%'>{100 * p:g} %</i>"
            for p, place in self.ticks()
        )
        return f"<span class='axis' role='img' aria-label='{escape(label, quote=True)}'>{labels}</span>"

    def lines(self) -> str:
        return "".join(f"<i class='tick' style='left:{place:.1f}%'></i>" for _, place in self.ticks())


def _ends(weights: WeightOfEvidence, ordered: Sequence[FindingWeight]) -> list[float]:
    """Where the bars begin and end, one more than there are bars; infinite once a finding excludes one side."""
    ends = [weights.prior_log_odds]
    for weight in ordered:
        ends.append(ends[-1] + weight.shapley)
    return ends


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0


def _row(
    weight: FindingWeight,
    start: float,
    end: float,
    weights: WeightOfEvidence,
    vocabulary: Vocabulary,
    words: Sequence[WeightWord],
    scale: _Scale,
) -> str:
    side = "for" if weight.shapley >= 0 else "against"
    left, right = sorted((scale.place(start), scale.place(end)))
    said = escape(f"{side}: from {percent(_probability(start))} to {percent(_probability(end))}")
    variable = vocabulary.variable(weight.finding)
    return (
        f"<tr data-finding='{escape(weight.finding, quote=True)}'>"
        f"<th scope='row'>{escape(variable.label)}: {escape(value_phrase(weight.value, variable))}</th>"
        f"<td>{scale.lines()}<i class='bar {side}' role='img' aria-label='{said}' "
        f"style='left:{left:.2f}%;width:{right - left:.2f}%'></i></td>"
        f"<td>{_weight(weight, words)}</td><td>{_without(weight.log_odds_without)}</td></tr>"
    )


def _weight(weight: FindingWeight, words: Sequence[WeightWord]) -> str:
    if math.isinf(weight.shapley):
        return "excludes it" if weight.shapley < 0 else "excludes the rest"
    error = f" ± {DECIBANS * weight.error:.1f}" if DECIBANS * weight.error >= 0.05 else ""
    number = f"{DECIBANS * weight.shapley:+.1f}{error}".replace("-", "−")
    word = in_words(weight.shapley, words)
    return f"{word} ({number})" if word else number


def _without(log_odds: float) -> str:
    """The probability without the finding; a dash where it is not known."""
    return "–" if math.isnan(log_odds) else escape(percent(_probability(log_odds)))


def _total(label: str, log_odds: float, scale: _Scale) -> str:
    return (
        f"<tr class='total'><th scope='row'>{label}</th><td>{scale.lines()}"
        f"<i class='mark' style='left:{scale.place(log_odds):.2f}%'></i></td>"
        f"<td>{escape(percent(_probability(log_odds)))}</td><td></td></tr>"
    )
