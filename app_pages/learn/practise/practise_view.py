"""The quiz on the screen: what is known, what is left to share out, and the solution."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from app_pages.learn.practise.practise_state import Quiz
from model.cases.case import Case
from model.io.markup import html, joined
from model.learn.quiz import QuizPatient, reveal
from model.learn.quiz_scores import Round, Scores, leaders, scores
from model.learn.quiz_value import AskedValue
from model.patient.phrases import capitalised, diagnosis_phrase, enumeration, percent, value_phrase
from model.priors.vocabulary import Vocabulary

SHOWN_FROM = 0.02
LOG_SCALE = "Log score: 0 is perfect, {ignorance:.2f} is pure guessing. Brier score: 0 is perfect, 2 is worst."


def known_html(vocabulary: Vocabulary, quiz: Quiz, patient: QuizPatient) -> str:
    """The first look, then what each procedure showed, or that the report says nothing of it."""
    setting = vocabulary.setting_labels[patient.setting]
    blocks = [
        html(
            "<h2>Patient {} of {}</h2><p class='learn-note'>Referred to: {}. Findings "
            "not listed were not reported.</p>",
            quiz.place + 1,
            len(quiz.order),
            setting,
        ),
        html(
            "<h3>History and examination</h3>{}",
            _findings(vocabulary, {f: patient.findings[f] for f in patient.at_first}),
        ),
    ]
    for name in quiz.asked:
        shown = reveal(patient, name)
        missing = [vocabulary.variable(finding).label for finding in shown.not_reported]
        body = _findings(vocabulary, shown.findings)
        if not shown.findings:
            body += Markup("<p class='learn-note'>Not reported for this patient.</p>")
        elif missing:
            body += html("<p class='learn-note'>Not reported: {}.</p>", ", ".join(missing))
        blocks.append(html("<h3>{}</h3>{}", shown.procedure.label, body))
    return html("<div class='quiz-known' role='status'>{}</div>", joined(blocks))


def _findings(vocabulary: Vocabulary, findings: Mapping[str, object]) -> str:
    rows = ""
    for finding, value in findings.items():
        variable = vocabulary.variable(finding)
        rows += html("<li>{}: <b>{}</b></li>", variable.label, value_phrase(value, variable))
    return html("<ul>{}</ul>", rows) if rows else ""


def rest_html(rest: float, fault: str) -> str:
    """How much is left for something else, as a bar of the whole; what is wrong, if anything."""
    said = html("<p class='notice'>{}</p>", fault) if fault else ""
    share = min(100.0, max(0.0, 100 - rest))
    return html(
        "<div role='status' class='quiz-rest'><p>Something else: <b>{:g} %</b></p>"
        "<i style='--share:{:.1f}%'></i>{}</div>",
        max(rest, 0),
        share,
        said,
    )


def solution_html(vocabulary: Vocabulary, case: Case, played: Round) -> str:
    """The true diagnosis with its source, then you and the model side by side."""
    source = case.about["source"]
    truth = vocabulary.diagnosis_labels[played.diagnosis]
    return html(
        "<h2>The diagnosis: {}</h2><p class='learn-says'>Established by {}. "
        "<a href='{}' target='_blank' rel='noopener noreferrer'>"
        "{}</a></p>{}{}",
        truth,
        str(case.about["basis"]),
        source["url"],
        source["title"],
        _verdict(played),
        _beliefs(vocabulary, played),
    )


def _verdict(played: Round) -> str:
    beliefs = {"You": played.student, "Model, what you saw": played.model, "Model, everything": played.model_with_all}
    rows = joined(
        html(
            "<tr><th scope='row'>{}</th><td>{}</td><td><b>{}</b></td><td>{:.2f}</td></tr>",
            name,
            percent(belief[played.diagnosis]),
            log_phrase(score),
            score.brier,
        )
        for name, belief in beliefs.items()
        for score in [scores(belief, played.diagnosis)]
    )
    note = LOG_SCALE.format(ignorance=math.log(len(played.student)))
    return html(
        "<table class='quiz-table'><caption class='unseen'>Scores of this patient</caption><thead><tr><th scope='col'>"
        "Who</th><th scope='col'>Gave the diagnosis</th><th scope='col'>Log score</th><th scope='col'>Brier score</th>"
        "</tr></thead><tbody>{}</tbody></table><p class='learn-note'>{}</p>",
        rows,
        note,
    )


def log_phrase(score: Scores) -> str:
    return "∞" if math.isinf(score.log) else f"{score.log:.2f}"


def _beliefs(vocabulary: Vocabulary, played: Round) -> str:
    """Every diagnosis that anybody gave something to, the model's order; you and the model as two bars."""
    named = [d for d in played.model if max(played.student[d], played.model[d]) >= SHOWN_FROM or d == played.diagnosis]
    named.sort(key=lambda d: -played.model[d])
    rows = joined(
        html(
            "<tr class='{}' data-diagnosis='{}'><th scope='row'>{}{}</th>{}{}</tr>",
            "present" if d == played.diagnosis else "",
            d,
            capitalised(diagnosis_phrase(vocabulary, d)),
            " ✓" if d == played.diagnosis else "",
            _cell(played.student[d], "you"),
            _cell(played.model[d], "model"),
        )
        for d in named
    )
    return html(
        "<h3>You and the model, on what you saw</h3><table class='quiz-table quiz-beliefs'><caption class='unseen'>"
        "Probability of each diagnosis: you and the model</caption><thead><tr><th scope='col'>Diagnosis</th>"
        "<th scope='col'>You</th><th scope='col'>Model</th></tr></thead><tbody>{}</tbody></table>"
        "<p class='learn-note'>✓: the true diagnosis. First for you: {}.</p>",
        rows,
        _first(vocabulary, played.student),
    )


def _cell(p: float, whose: str) -> str:
    return html("<td class='{}' style='--now:{:.1f}%'><b>{}</b></td>", whose, 100 * p, percent(p))


def _first(vocabulary: Vocabulary, belief: Mapping[str, float]) -> str:
    return enumeration([diagnosis_phrase(vocabulary, d) for d in leaders(belief)])


def procedures_html(values: Sequence[AskedValue]) -> str:
    """What each procedure was expected to tell, what it did tell, and its price; all in bits."""
    rows = joined(
        html(
            "<tr><th scope='row'>{}<small>{}</small></th>"
            "<td>{:.2f}</td><td><b>{}</b></td>"
            "<td>{:.2f}</td><td>{}</td></tr>",
            value.procedure.label,
            _advice(value),
            value.expected,
            _signed(value.gained) if value.reported else "–",
            value.price,
            _worth(value),
        )
        for value in values
    )
    return html(
        "<h3>Which procedures were worth it?</h3><table class='quiz-table'><caption class='unseen'>Each procedure, in "
        "the order asked; numbers in bits</caption><thead><tr><th scope='col'>Procedure</th><th scope='col'>Expected"
        "</th><th scope='col'>Gained</th><th scope='col'>Price</th><th scope='col'>Worth it?</th></tr></thead>"
        "<tbody>{}</tbody></table><p class='learn-note'>In bits. Expected: the information that the model expects "
        "of all results of the procedure. Gained: how much nearer what was reported brought the model to the true "
        "diagnosis; 1 bit doubles its probability, less than 0 leads away. Price: cost and burden combined.</p>",
        rows,
    )


def _worth(value: AskedValue) -> str:
    if not value.reported:
        return "not reported"
    if value.paid:
        return "yes" if value.was_expected_to_pay else "yes, by luck"
    if value.gained < 0:
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
