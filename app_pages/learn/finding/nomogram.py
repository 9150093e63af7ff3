"""Fagan's nomogram: a ruler from the pre-test probability through the likelihood ratio to the post-test probability.

Fagan 1975 (New England Journal of Medicine 293:257). The left axis holds minus the log odds before, the right
one the log odds after; the middle one, at half their scale, is where the straight line between them meets the
logarithm of the ratio.
"""

import math

from markupsafe import Markup

from app_pages.learn.pictures import COLOURS, image
from model.io.markup import html, joined
from model.learn.one_finding import post_test
from model.learn.words import two_digits
from model.patient.phrases import percent

PERCENTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.8,
            99.9, 99.95, 99.98, 99.99)  # fmt: skip
RATIOS = (0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000)
WIDTH, HEIGHT = 400, 470
LEFT, MIDDLE, RIGHT = 70, 200, 330
TOP, FOOT = 46, 24
LIMIT = math.log(0.9999 / 0.0001)
STYLE = Markup("""
.axis { stroke-width: 1.5; } .positive { stroke-width: 3; } .negative { stroke-width: 3; stroke-dasharray: 7 5; }
text { paint-order: stroke; stroke: light-dark(#ffffff, #11181d); stroke-width: 4px; stroke-linejoin: round; }
""")


def nomogram(pre_test: float, positive_ratio: float, negative_ratio: float) -> str:
    """The picture with both lines: solid after a positive result, dashed after a negative one."""
    after = post_test(pre_test, positive_ratio), post_test(pre_test, negative_ratio)
    alternative = (
        f"Fagan nomogram: from a pre-test probability of {percent(pre_test)}, a likelihood ratio of "
        f"{_ratio(positive_ratio)} leads to {percent(after[0])} after a positive result, and one of "
        f"{_ratio(negative_ratio)} to {percent(after[1])} after a negative result"
    )
    return image(_svg(pre_test, positive_ratio, negative_ratio), alternative, "picture nomogram")


def _ratio(ratio: float) -> str:
    return two_digits(ratio)


def _svg(pre_test: float, positive_ratio: float, negative_ratio: float) -> str:
    start = -_log_odds(pre_test)
    lines = joined(
        _line(start, _log_odds(post_test(pre_test, ratio)), look)
        for ratio, look in ((positive_ratio, "watched positive"), (negative_ratio, "other negative"))
    )
    heads = joined(
        html("<text x='{}' y='{}' text-anchor='middle'>{}</text>", x, y, text)
        for x, y, text in (
            (LEFT, 14, "Before the"), (LEFT, 30, "test"), (MIDDLE, 14, "Likelihood"), (MIDDLE, 30, "ratio"),
            (RIGHT, 14, "After the"), (RIGHT, 30, "test"),
        )
    )  # fmt: skip
    return html(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}'><style>{}{}</style>{}{}{}</svg>",
        WIDTH,
        HEIGHT,
        COLOURS,
        STYLE,
        lines,
        heads,
        _axes(),
    )


def _log_odds(probability: float) -> float:
    """Within the limits of the axes."""
    if probability <= 0 or probability >= 1:
        return -LIMIT if probability <= 0 else LIMIT
    return min(max(math.log(probability / (1 - probability)), -LIMIT), LIMIT)


def _height(value: float) -> float:
    """Place of a log odds on the right axis: up is more."""
    return TOP + (HEIGHT - TOP - FOOT) * (LIMIT - value) / (2 * LIMIT)


def _line(start: float, end: float, look: str) -> str:
    """Through the middle axis, at half the sum of both ends; drawn to the ends of what the axes hold."""
    y1, y2 = _height(start), _height(end)
    return html(
        "<path class='{}' d='M{} {:.1f}L{} {:.1f}'/>"
        "<path class='{}' stroke-width='9' stroke-linecap='round' d='M{} {:.1f}h0'/>"
        "<path class='ink' stroke-width='9' stroke-linecap='round' d='M{} {:.1f}h0'/>",
        look,
        LEFT,
        y1,
        RIGHT,
        y2,
        look.split()[0],
        RIGHT,
        y2,
        LEFT,
        y1,
    )


def _axes() -> str:
    left = [(_height(-_log_odds(p / 100)), f"{p:g} %") for p in PERCENTS]
    right = [(_height(_log_odds(p / 100)), f"{p:g} %") for p in PERCENTS]
    middle = [(_height(math.log(ratio) / 2), f"{ratio:,g}") for ratio in RATIOS]
    return _axis(LEFT, left, -1) + _axis(MIDDLE, middle, 1) + _axis(RIGHT, right, 1)


def _axis(x: float, ticks: list[tuple[float, str]], side: int) -> str:
    anchor = "end" if side < 0 else "start"
    marks = "".join(f"M{x} {y:.1f}h{5 * side}" for y, _ in ticks)
    texts = joined(
        html("<text class='small' x='{}' y='{:.1f}' text-anchor='{}'>{}</text>", x + 8 * side, y + 4, anchor, text)
        for y, text in _apart(ticks)
    )
    ends = sorted(y for y, _ in ticks)
    return html("<path class='muted axis' d='M{} {:.1f}V{:.1f}{}'/>{}", x, ends[0], ends[-1], marks, texts)


def _apart(ticks: list[tuple[float, str]], distance: float = 13) -> list[tuple[float, str]]:
    """The labels that fit, from the ends inward."""
    chosen: list[tuple[float, str]] = []
    for y, text in sorted(ticks, key=lambda tick: -abs(tick[0] - (TOP + HEIGHT - FOOT) / 2)):
        if all(abs(y - other) >= distance for other, _ in chosen):
            chosen.append((y, text))
    return chosen
