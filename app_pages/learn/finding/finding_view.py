"""One finding on the screen: people first, the measures with their intervals, and every setting."""

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from app_pages.learn.pictures import Icons, icon_array
from model.estimate import Estimate
from model.inference.net import Net
from model.io.markup import html, joined
from model.learn.frequencies import whole_people
from model.learn.one_finding import InSetting, OneFinding, assay_of, post_test
from model.learn.words import frequency_sentence, ratio_phrase, side_phrase
from model.patient.phrases import percent
from model.priors.vocabulary import Vocabulary

PEOPLE = 1000


def people_html(answer: OneFinding, pre_test: float, vocabulary: Vocabulary) -> str:
    """The sentence in whole people, and 1,000 people before and after a positive result."""
    has, others = side_phrase(vocabulary, answer.diagnosis), side_phrase(vocabulary, answer.rival)
    where = "referred to this setting" if pre_test == answer.pre_test else ""
    like = " ".join(filter(None, [where, f"with {has} or {others}" if answer.rival else ""]))
    rival = others if answer.rival else ""
    said = frequency_sentence(answer.people(pre_test), has, like, rival, shows="result")
    after = post_test(pre_test, answer.positive_ratio.value)
    return html(
        "<h2>In people</h2><p class='learn-says'>{}</p><div class='icon-pair'>{}{}</div>",
        said,
        _icons(pre_test, has, others, "Of 1,000 people before the test"),
        _icons(after, has, others, "Of 1,000 people with a positive result"),
    )


def _icons(chance: float, has: str, others: str, title: str) -> str:
    counts = whole_people([chance, 1 - chance], PEOPLE)
    return icon_array([Icons(counts[0], "full", has, chance > 0), Icons(counts[1], "point", others, chance < 1)], title)


def measures_html(answer: OneFinding, vocabulary: Vocabulary) -> str:
    """Sensitivity, false-positive rate and both likelihood ratios, each with its 90 % interval."""
    has, others = side_phrase(vocabulary, answer.diagnosis), side_phrase(vocabulary, answer.rival)
    rows = (
        ("Sensitivity", f"positive in those with {has}", answer.sensitivity, percent),
        ("False-positive rate", f"positive in those with {others}", answer.false_positive_rate, percent),
        ("Positive likelihood ratio", "what a positive result does to the odds", answer.positive_ratio, _ratio),
        ("Negative likelihood ratio", "what a negative result does to the odds", answer.negative_ratio, _ratio),
    )
    body = joined(
        html(
            "<tr><th scope='row'>{}<small>{}</small></th><td><b>{}</b></td><td>{}</td></tr>",
            name,
            meaning,
            say(measure.value),
            _interval(measure, say),
        )
        for name, meaning, measure, say in rows
    )
    return html(
        "<h2>The measures</h2><table class='learn-measures'><caption class='unseen'>Sensitivity, false-positive rate "
        "and likelihood ratios</caption><thead><tr><th scope='col'>Measure</th><th scope='col'>Value</th>"
        "<th scope='col'>90 % interval</th></tr></thead><tbody>{}</tbody></table>",
        body,
    )


def _ratio(ratio: float) -> str:
    return ratio_phrase(math.log(ratio)) if ratio > 0 else "0"


def _interval(measure: Estimate, say: Callable[[float], str]) -> str:
    if math.isnan(measure.low):
        return "–"
    return f"{say(measure.low)} to {say(measure.high)}"


def settings_html(answer: OneFinding, rows: Sequence[InSetting], net: Net) -> str:
    """What the result means where the patient comes from: one row a setting, the rarest first."""
    vocabulary = net.vocabulary
    read = assay_of(net, answer.finding, answer.positive)
    right = Markup("<th scope='col'>Share of positives that are real</th>") if read else ""
    body = joined(_setting_row(row, row.setting == answer.setting, vocabulary) for row in rows)
    has = side_phrase(vocabulary, answer.diagnosis)
    people = rows[0].people.people
    note = (
        f"Real positives: the share of positive results in which what the test looks for "
        f"({vocabulary.variables[read[0]].label.lower()}) is really there; the others are errors of the test."
        if read
        else ""
    )
    return html(
        "<h2>The same result in every referral setting</h2><table class='learn-settings'><caption class='unseen'>"
        "Probability of {} before and after the result, by referral setting, the rarest first</caption><thead><tr>"
        "<th scope='col'>Referral setting</th><th scope='col'>Before</th><th scope='col'>After a positive result</th>"
        "<th scope='col'>Of {:,} tested, true and false positives</th>"
        "<th scope='col'>After a negative one</th>{}</tr></thead>"
        "<tbody>{}</tbody></table><p class='learn-note'>The mark on each bar: before the test. {}</p>",
        has,
        people,
        right,
        body,
        note,
    )


def _setting_row(row: InSetting, present: bool, vocabulary: Vocabulary) -> str:
    people = row.people
    right = html("<td>{}</td>", percent(row.right)) if row.right is not None else ""
    look = f"--now:{100 * row.post_if_positive:.2f}%;--before:{100 * row.pre_test:.2f}%"
    return html(
        "<tr class='{}' data-setting='{}'>"
        "<th scope='row'>{}</th><td>{}</td>"
        "<td class='after'><b>{}</b><i class='bar' style='{}'></i></td>"
        "<td>{:,} and {:,}</td>"
        "<td>{}</td>{}</tr>",
        "present" if present else "",
        row.setting,
        vocabulary.setting_labels[row.setting],
        percent(row.pre_test),
        percent(row.post_if_positive),
        look,
        people.diagnosed_with,
        people.others_with,
        percent(row.post_if_negative),
        right,
    )
