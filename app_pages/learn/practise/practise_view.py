"""The quiz on the screen: what is known, what is left to share out, and the solution."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from app_pages.learn.practise.practise_state import Quiz
from model.cases.case import Case
from model.learn.quiz import QuizPatient, reveal
from model.learn.quiz_scores import Round, Scores, leaders, scores
from model.learn.quiz_value import AskedValue
from model.patient.phrases import capitalised, diagnosis_phrase, enumeration, percent, value_phrase
from model.priors.vocabulary import Vocabulary

SHOWN_FROM = 0.02
LOG_SCALE = "Log score: 0 is perfect, {ignorance:.2f} is pure guessing. Brier score: 0 is perfect, 2 is worst."


def known_html(vocabulary: Vocabulary, quiz: Quiz, patient: QuizPatient) -> str:
    """The first look, then what each procedure showed, or that the report says nothing of it."""
    setting = escape(vocabulary.setting_labels[patient.setting])
    blocks = [
        f"<h2>Patient {quiz.place + 1} of {len(quiz.order)}</h2><p class='learn-note'>Referred to: {setting}. Findings "
        "not listed were not reported.</p>",
        f"<h3>History and examination</h3>{_findings(vocabulary, {f: patient.findings[f] for f in patient.at_first})}",
    ]
    for name in quiz.asked:
        shown = reveal(patient, name)
        missing = [vocabulary.variable(finding).label for finding in shown.not_reported]
        body = _findings(vocabulary, shown.findings)
        if not shown.findings:
            body += "<p class='learn-note'>Not reported for this patient.</p>"
        elif missing:
            body += f"<p class='learn-note'>Not reported: {escape(', '.join(missing))}.</p>"
        blocks.append(f"<h3>{escape(shown.procedure.label)}</h3>{body}")
    return f"<div class='quiz-known' role='status'>{''.join(blocks)}</div>"


def _findings(vocabulary: Vocabulary, findings: Mapping[str, object]) -> str:
    rows = ""
    for finding, value in findings.items():
        variable = vocabulary.variable(finding)
        rows += f"<li>{escape(variable.label)}: <b>{escape(value_phrase(value, variable))}</b></li>"
    return f"<ul>{rows}</ul>" if rows else ""


def rest_html(rest: float, fault: str) -> str:
    """How much is left for something else, as a bar of the whole; what is wrong, if anything."""
    said = f"<p class='notice'>{escape(fault)}</p>" if fault else ""
    share = min(100.0, max(0.0, 100 - rest))
    return (
        f"<div role='status' class='quiz-rest'><p>Something else: <b>{max(rest, 0):g} %</b></p>"
        f"<i style='--share:{share:.1f}%'></i>{said}</div>"
    )


def solution_html(vocabulary: Vocabulary, case: Case, played: Round) -> str:
    """The true diagnosis with its source, then you and the model side by side."""
    source = case.about["source"]
    truth = escape(vocabulary.diagnosis_labels[played.diagnosis])
    return (
        f"<h2>The diagnosis: {truth}</h2><p class='learn-says'>Established by {escape(str(case.about['basis']))}. "
        f"<a href='{escape(source['url'], quote=True)}' target='_blank' rel='noopener noreferrer'>"
        f"{escape(source['title'])}</a></p>{_verdict(played)}{_beliefs(vocabulary, played)}"
    )


def _verdict(played: Round) -> str:
    beliefs = {"You": played.student, "Model, what you saw": played.model, "Model, everything": played.model_with_all}
    rows = "".join(
        f"<tr><th scope='row'>{name}</th><td>{escape(percent(belief[played.diagnosis]))}</td>"
        f"<td><b>{log_phrase(score)}</b></td><td>{score.brier:.2f}</td></tr>"
        for name, belief in beliefs.items()
        for score in [scores(belief, played.diagnosis)]
    )
    note = LOG_SCALE.format(ignorance=math.log(len(played.student)))
    return (
        "<table class='quiz-table'><caption class='unseen'>Scores of this patient</caption><thead><tr><th scope='col'>"
        "Who</th><th scope='col'>Gave the diagnosis</th><th scope='col'>Log score</th><th scope='col'>Brier score</th>"
        f"</tr></thead><tbody>{rows}</tbody></table><p class='learn-note'>{note}</p>"
    )


def log_phrase(score: Scores) -> str:
    return "∞" if math.isinf(score.log) else f"{score.log:.2f}"


def _beliefs(vocabulary: Vocabulary, played: Round) -> str:
    """Every diagnosis that anybody gave something to, the model's order; you and the model as two bars."""
    named = [d for d in played.model if max(played.student[d], played.model[d]) >= SHOWN_FROM or d == played.diagnosis]
    named.sort(key=lambda d: -played.model[d])
    rows = "".join(
        f"<tr class='{'present' if d == played.diagnosis else ''}' data-diagnosis='{d}'><th scope='row'>"
        f"{escape(capitalised(diagnosis_phrase(vocabulary, d)))}{' ✓' if d == played.diagnosis else ''}</th>"
        f"{_cell(played.student[d], 'you')}{_cell(played.model[d], 'model')}</tr>"
        for d in named
    )
    return (
        "<h3>You and the model, on what you saw</h3><table class='quiz-table quiz-beliefs'><caption class='unseen'>"
        "Probability of each diagnosis: you and the model</caption><thead><tr><th scope='col'>Diagnosis</th>"
        f"<th scope='col'>You</th><th scope='col'>Model</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p class='learn-note'>✓: the true diagnosis. First for you: {_first(vocabulary, played.student)}.</p>"
    )


def _cell(p: float, whose: str) -> str:
    return f"<td class='{whose}' style='--now:{100 * p:.1f}%'><b>{escape(percent(p))}</b></td>"


def _first(vocabulary: Vocabulary, belief: Mapping[str, float]) -> str:
    return escape(enumeration([diagnosis_phrase(vocabulary, d) for d in leaders(belief)]))


def procedures_html(values: Sequence[AskedValue]) -> str:
    """What each procedure was expected to tell, what it told, and its price; all in bits."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(value.procedure.label)}<small>{escape(_advice(value))}</small></th>"
        f"<td>{value.expected:.2f}</td><td><b>{_signed(value.told) if value.reported else '–'}</b></td>"
        f"<td>{value.price:.2f}</td><td>{_worth(value)}</td></tr>"
        for value in values
    )
    return (
        "<h3>Which procedures were worth it?</h3><table class='quiz-table'><caption class='unseen'>Each procedure, in "
        "the order asked; numbers in bits</caption><thead><tr><th scope='col'>Procedure</th><th scope='col'>Expected"
        "</th><th scope='col'>Gained</th><th scope='col'>Price</th><th scope='col'>Worth it?</th></tr></thead>"
        f"<tbody>{rows}</tbody></table><p class='learn-note'>In bits. Expected: the information that the model expects "
        "of all results of the procedure. Gained: how much nearer what was reported brought the model to the true "
        "diagnosis; 1 bit doubles its probability, less than 0 leads away. Price: cost and burden combined.</p>"
    )


def _worth(value: AskedValue) -> str:
    if not value.reported:
        return "not reported"
    if value.paid:
        return "yes" if value.was_expected_to_pay else "yes, by luck"
    if value.told < 0:
        return "misleading"
    return "no, by bad luck" if value.was_expected_to_pay else "no"


def _advice(value: AskedValue) -> str:
    if value.best is None:
        return "The model would have stopped."
    if value.best.id == value.procedure.id:
        return "The model's first choice too."
    return f"The model would have chosen: {value.best.phrase}."


def _signed(bits: float) -> str:
    return "0.00" if abs(bits) < 0.005 else f"{bits:+.2f}".replace("-", "−").replace("inf", "∞")
