"""What one step looks like: people first, then odds, then what dependence does."""

from markupsafe import Markup

from app_pages.learn.pictures import Icons, icon_array
from model.inference.net import Net
from model.io.markup import html, joined
from model.learn.dependence import dependence_sentence
from model.learn.frequencies import whole_people
from model.learn.step_by_step import StepByStep
from model.learn.words import (
    change_phrase,
    decibans_phrase,
    frequency_sentence,
    odds_phrase,
    probability,
    ratio_phrase,
    side_phrase,
    step_frequencies,
)
from model.patient.phrases import diagnosis_phrase, percent, value_phrase
from model.priors.vocabulary import Vocabulary

PEOPLE = 1000


def step_html(net: Net, way: StepByStep, shown: int) -> str:
    """The present step; before the first, how common the diagnoses are."""
    if not shown:
        return _before_any(way, net.vocabulary)
    step = way.steps[shown - 1]
    variable = net.vocabulary.variable(step.finding)
    title = f"{shown}. {variable.label}: {value_phrase(step.value, variable)}"
    dependence = dependence_sentence(net, way, shown - 1)
    lesson = html("<p class='learn-lesson'>{}</p>", dependence) if dependence else ""
    return html(
        "<h2>{}</h2><p class='learn-says'>{}</p><div class='icon-pair'>{}{}</div>{}{}",
        title,
        _people_said(way, shown, net.vocabulary),
        _icons(way, shown - 1, "Before this finding", net.vocabulary),
        _icons(way, shown, "With this finding", net.vocabulary),
        _odds(way, shown),
        lesson,
    )


def _before_any(way: StepByStep, vocabulary: Vocabulary) -> str:
    odds = way.prior_log_odds
    setting = vocabulary.setting_labels.get(str(way.setting), "")
    return html(
        "<h2>Before any finding</h2><p class='learn-says'>"
        "How common the diagnoses are in this referral setting: {}. Press Next to reveal the first "
        "finding.</p>{}"
        "<p class='learn-odds'>Odds <b>{}</b>: {} decibans.</p>",
        setting,
        _icons(way, 0, "Of 1,000 people referred like this", vocabulary),
        odds_phrase(odds),
        decibans_phrase(odds),
    )


def _people_said(way: StepByStep, shown: int, vocabulary: Vocabulary) -> str:
    step = way.steps[shown - 1]
    has = diagnosis_phrase(vocabulary, way.diagnosis)
    counts = step_frequencies(step)
    if counts is None:
        return f"The earlier findings have already excluded {has}, or every other diagnosis."
    like = "referred like this" + (" who have the findings above" if shown > 1 else "")
    if way.rival is None:
        return frequency_sentence(counts, has, like)
    rival = side_phrase(vocabulary, way.rival)
    return frequency_sentence(counts, has, f"{like} with {has} or {rival}", rival)


def _icons(way: StepByStep, known: int, title: str, vocabulary: Vocabulary) -> str:
    """1,000 people when so many findings are known; against a rival, only those with one of the two."""
    shares = _groups(way, known, vocabulary)
    if not sum(shares.values()) > 0:
        return ""
    counts = whole_people(list(shares.values()), PEOPLE)
    looks = ("full", "dot", "point")
    icons = [Icons(n, look, label, p > 0) for n, look, (label, p) in zip(counts, looks, shares.items(), strict=False)]
    return icon_array(icons, title)


def _groups(way: StepByStep, known: int, vocabulary: Vocabulary) -> dict[str, float]:
    """The watched diagnosis and its rival; without one, what is of the same family and the rest."""
    posterior = way.steps[known - 1].posterior if known else way.prior
    own = posterior[way.diagnosis]
    watched = diagnosis_phrase(vocabulary, way.diagnosis)
    if way.rival:
        return {watched: own, diagnosis_phrase(vocabulary, way.rival): posterior[way.rival]}
    family = next(members for members in vocabulary.families.values() if way.diagnosis in members)
    kin = sum(posterior[d] for d in family) - own
    near, far = ("another inflammatory myopathy", "a mimic or another condition")
    if family != vocabulary.families.get("iim"):
        near, far = "another mimic or condition", "an inflammatory myopathy"
    return {watched: own, near: max(0.0, kin), far: max(0.0, 1 - own - kin)}


def _odds(way: StepByStep, shown: int) -> str:
    """Pre-test odds times likelihood ratio is post-test odds, as a line of three terms."""
    step = way.steps[shown - 1]
    terms = (
        ("odds before", odds_phrase(step.log_odds_before), percent(probability(step.log_odds_before))),
        ("likelihood ratio", ratio_phrase(step.log_ratio), f"{decibans_phrase(step.log_ratio)} decibans"),
        ("odds after", odds_phrase(step.log_odds_after), percent(probability(step.log_odds_after))),
    )
    parts = [
        html("<span><small>{}</small><b>{}</b><small>{}</small></span>", name, value, more)
        for name, value, more in terms
    ]
    said = f"The finding {change_phrase(step.log_ratio)}."
    return html("<p class='learn-equation' title='{}'>{}<i>×</i>{}<i>=</i>{}</p>", said, parts[0], parts[1], parts[2])


def numbers_html(way: StepByStep, shown: int, vocabulary: Vocabulary) -> str:
    """Every diagnosis at every step that is shown: the table behind the picture."""
    posteriors = [way.prior, *(step.posterior for step in way.steps[:shown])]
    heads = joined(html("<th scope='col'>{}</th>", _head(way, number, vocabulary)) for number in range(len(posteriors)))
    rows = joined(
        html("<tr><th scope='row'>{}</th>", vocabulary.diagnosis_labels[d])
        + joined(html("<td>{}</td>", percent(p[d])) for p in posteriors)
        + Markup("</tr>")
        for d in sorted(way.prior, key=lambda d: -posteriors[-1][d])
    )
    return html(
        "<div class='learn-wide' tabindex='0' role='region' aria-label='Probability of every diagnosis at every step'>"
        "<table class='learn-numbers'><caption class='unseen'>Probability of every diagnosis, step by step</caption>"
        "<thead><tr><th scope='col'>Diagnosis</th>{}</tr></thead><tbody>{}</tbody></table></div>",
        heads,
        rows,
    )


def _head(way: StepByStep, number: int, vocabulary: Vocabulary) -> str:
    return f"{number}. {vocabulary.variable(way.steps[number - 1].finding).label}" if number else "Before"
