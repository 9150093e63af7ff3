"""The session so far: mean scores of student and model, and the calibration of the leading diagnosis."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from app_pages.learn.pictures import COLOURS, image
from app_pages.learn.practise.practise_view import log_phrase
from model.io.markup import html, joined
from model.learn.quiz_scores import CalibrationRow, Round, Scores, calibration, means
from model.patient.phrases import percent

SIDE, EDGE = 220, 34


def session_html(rounds: Sequence[Round]) -> str:
    """Means and calibration over the rounds played."""
    mean = means(rounds)
    count = f"{mean.rounds} patient{'' if mean.rounds == 1 else 's'}"
    rows = joined(
        _mean_row(name, score)
        for name, score in (
            ("You", mean.student),
            ("Model, what you saw", mean.model),
            ("Model, everything", mean.model_with_all),
        )
    )
    return html(
        "<div class='quiz-session'><section><h2>This session: {}</h2><table class='quiz-table'>"
        "<caption class='unseen'>Mean scores of this session</caption><thead><tr><th scope='col'>Mean of</th>"
        "<th scope='col'>Log score</th><th scope='col'>Brier score</th></tr></thead>"
        "<tbody>{}</tbody></table></section>"
        "<section><h2>Are you right as often as you expect?</h2>{}</section></div>",
        count,
        rows,
        _calibration(rounds),
    )


def _mean_row(name: str, score: Scores) -> str:
    return html(
        "<tr><th scope='row'>{}</th><td><b>{}</b></td><td>{:.2f}</td></tr>", name, log_phrase(score), score.brier
    )


def _calibration(rounds: Sequence[Round]) -> str:
    yours, models = calibration(rounds, "student"), calibration(rounds, "model")
    rows = joined(
        html(
            "<tr><th scope='row'>{:.0f}–{:.0f} %</th>{}{}</tr>",
            100 * you.low,
            100 * you.high,
            _cells(you),
            _cells(model),
        )
        for you, model in zip(yours, models, strict=True)
        if you.rounds or model.rounds
    )
    return html(
        "{}<table class='quiz-table'><caption class='unseen'>How often the leading diagnosis was "
        "right, by its probability</caption><thead><tr><th scope='col'>Leading diagnosis given</th><th scope='col'>"
        "You: right</th><th scope='col'>Model: right</th></tr></thead>"
        "<tbody>{}</tbody></table><p class='learn-note'>In brackets: the mean probability given to it. With "
        "few cases this says little. Try ten.</p>",
        _chart(yours, models),
        rows,
    )


def _cells(row: CalibrationRow) -> str:
    if not row.rounds:
        return Markup("<td>–</td>")
    times = f"{row.right * row.rounds:.3g} of {row.rounds}"
    return html("<td><b>{}</b> ({})</td>", times, percent(row.said))


def _chart(yours: Sequence[CalibrationRow], models: Sequence[CalibrationRow]) -> str:
    """Said against right; the diagonal is where both agree."""
    box = f"-{EDGE} -10 {SIDE + EDGE + 14} {SIDE + EDGE + 14}"
    ticks = joined(
        html(
            "<text class='small' x='{}' y='{}' text-anchor='middle'>{:.0f}</text>"
            "<text class='small' x='-6' y='{}' text-anchor='end'>{:.0f}</text>",
            SIDE * p,
            SIDE + 16,
            100 * p,
            SIDE * (1 - p) + 4,
            100 * p,
        )
        for p in (0, 0.5, 1)
    )
    marks = joined(_mark(row, "watched", "square") for row in yours if row.rounds)
    marks += joined(_mark(row, "other", "round") for row in models if row.rounds)
    said = "; ".join([*(_said("you", row) for row in yours if row.rounds),
                      *(_said("the model", row) for row in models if row.rounds)])  # fmt: skip
    svg = html(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='{}'><style>{}</style>"
        "<path class='muted' d='M0 0V{}H{}'/>"
        "<path class='muted' stroke-dasharray='4 4' d='M0 {}L{} 0'/>"
        "{}<text class='small' x='{}' y='{}' text-anchor='middle'>said, %</text>"
        "<text class='small' x='4' y='2'>right, %</text>{}</svg>",
        box,
        COLOURS,
        SIDE,
        SIDE,
        SIDE,
        SIDE,
        ticks,
        SIDE / 2,
        SIDE + 32,
        marks,
    )
    return html(
        "{}<p class='learn-note'>Square: you. Circle: the model. On "
        "the dashed line, what is given 70 % is right 7 times in 10.</p>",
        image(svg, f"Calibration: {said}", "calibration"),
    )


def _mark(row: CalibrationRow, colour: str, cap: str) -> str:
    size = 8 + 4 * math.log2(row.rounds + 1)
    return html(
        "<path class='{}' stroke-linecap='{}' stroke-opacity='.85' stroke-width='{:.1f}' d='M{:.1f} {:.1f}h0'/>",
        colour,
        cap,
        size,
        SIDE * row.said,
        SIDE * (1 - row.right),
    )


def _said(who: str, row: CalibrationRow) -> str:
    return f"{who} said {percent(row.said)} on average in {row.rounds} and right in {percent(row.right)}"
