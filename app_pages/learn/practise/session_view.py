"""The session so far: mean scores of student and model, and the calibration of the leading diagnosis."""

import math
from collections.abc import Sequence
from html import escape

from app_pages.learn.pictures import COLOURS, image
from app_pages.learn.practise.practise_view import log_phrase
from model.learn.quiz_scores import CalibrationRow, Round, Scores, calibration, means
from model.patient.phrases import percent

SIDE, EDGE = 220, 34


def session_html(rounds: Sequence[Round]) -> str:
    """Means and calibration over the rounds played."""
    mean = means(rounds)
    count = f"{mean.rounds} patient{'' if mean.rounds == 1 else 's'}"
    rows = "".join(
        _mean_row(name, score)
        for name, score in (
            ("You", mean.student),
            ("Model, what you saw", mean.model),
            ("Model, everything", mean.model_with_all),
        )
    )
    return (
        f"<div class='quiz-session'><section><h2>This session: {count}</h2><table class='quiz-table'>"
        "<caption class='unseen'>Mean scores of this session</caption><thead><tr><th scope='col'>Mean of</th>"
        "<th scope='col'>Log score</th><th scope='col'>Brier score</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
        f"<section><h2>Are you right as often as you expect?</h2>{_calibration(rounds)}</section></div>"
    )


def _mean_row(name: str, score: Scores) -> str:
    return f"<tr><th scope='row'>{name}</th><td><b>{log_phrase(score)}</b></td><td>{score.brier:.2f}</td></tr>"


def _calibration(rounds: Sequence[Round]) -> str:
    yours, models = calibration(rounds, "student"), calibration(rounds, "model")
    rows = "".join(
        f"<tr><th scope='row'>{100 * you.low:.0f}–{100 * you.high:.0f} %</th>{_cells(you)}{_cells(model)}</tr>"
        for you, model in zip(yours, models, strict=True)
        if you.rounds or model.rounds
    )
    return (
        f"{_chart(yours, models)}<table class='quiz-table'><caption class='unseen'>How often the leading diagnosis was "
        "right, by its probability</caption><thead><tr><th scope='col'>Leading diagnosis given</th><th scope='col'>"
        "You: right</th><th scope='col'>Model: right</th></tr></thead>"
        f"<tbody>{rows}</tbody></table><p class='learn-note'>In brackets: the mean probability given to it. With "
        "few cases this says little. Try ten.</p>"
    )


def _cells(row: CalibrationRow) -> str:
    if not row.rounds:
        return "<td>–</td>"
    times = f"{row.right * row.rounds:.3g} of {row.rounds}"
    return f"<td><b>{times}</b> ({escape(percent(row.said))})</td>"


def _chart(yours: Sequence[CalibrationRow], models: Sequence[CalibrationRow]) -> str:
    """Said against right; the diagonal is where both agree."""
    box = f"-{EDGE} -10 {SIDE + EDGE + 14} {SIDE + EDGE + 14}"
    ticks = "".join(
        f"<text class='small' x='{SIDE * p}' y='{SIDE + 16}' text-anchor='middle'>{100 * p:.0f}</text>"
        f"<text class='small' x='-6' y='{SIDE * (1 - p) + 4}' text-anchor='end'>{100 * p:.0f}</text>"
        for p in (0, 0.5, 1)
    )
    marks = "".join(_mark(row, "watched", "square") for row in yours if row.rounds)
    marks += "".join(_mark(row, "other", "round") for row in models if row.rounds)
    said = "; ".join([*(_said("you", row) for row in yours if row.rounds),
                      *(_said("the model", row) for row in models if row.rounds)])  # fmt: skip
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{box}'><style>{COLOURS}</style>"
        f"<path class='muted' d='M0 0V{SIDE}H{SIDE}'/>"
        f"<path class='muted' stroke-dasharray='4 4' d='M0 {SIDE}L{SIDE} 0'/>"
        f"{ticks}<text class='small' x='{SIDE / 2}' y='{SIDE + 32}' text-anchor='middle'>said, %</text>"
        f"<text class='small' x='4' y='2'>right, %</text>{marks}</svg>"
    )
    return (
        f"{image(svg, f'Calibration: {said}', 'calibration')}<p class='learn-note'>Square: you. Circle: the model. On "
        "the dashed line, what is given 70 % is right 7 times in 10.</p>"
    )


def _mark(row: CalibrationRow, colour: str, cap: str) -> str:
    size = 8 + 4 * math.log2(row.rounds + 1)
    return (
        f"<path class='{colour}' stroke-linecap='{cap}' stroke-opacity='.85' stroke-width='{size:.1f}' "
        f"d='M{SIDE * row.said:.1f} {SIDE * (1 - row.right):.1f}h0'/>"
    )


def _said(who: str, row: CalibrationRow) -> str:
    return escape(f"{who} said {percent(row.said)} on average in {row.rounds} and right in {percent(row.right)}")
