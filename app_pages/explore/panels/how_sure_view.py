"""The panel "How sure?" as HTML."""

from collections.abc import Mapping

from markupsafe import Markup

from model.io.markup import html, joined
from model.patient.how_sure.conflict import Conflict
from model.patient.how_sure.credible_interval import CredibleIntervals
from model.patient.how_sure.surprise import Surprise
from model.patient.phrases import (
    capitalised,
    diagnosis_phrase,
    enumeration,
    finding_phrase,
    percent,
)
from model.priors.vocabulary import Vocabulary
from model.report.words import interval_text

MOST_ROWS = 8
LEAST_SHOWN = 0.01
FAMILY_ROW = "Any inflammatory myopathy"
OFTEN = 0.2
TYPICAL = 0.5


def says_html(intervals: CredibleIntervals, fit: Surprise, vocabulary: Vocabulary) -> str:
    """The answer in a sentence or two; first of all, when nothing fits."""
    warning = "" if fit.fits else html("<p class='notice'><b>{}</b> Doubt every probability below.</p>", fit.sentence)
    return html("{}<p class='how-sure-says'>{}</p>", warning, _says(intervals, vocabulary))


def _says(intervals: CredibleIntervals, vocabulary: Vocabulary) -> str:
    leading = intervals.leading
    places = intervals.draws.argmax(axis=1)
    leads = {d: float((places == i).mean()) for i, d in enumerate(vocabulary.diagnoses)}
    rivals = sorted((d for d in leads if d != leading and leads[d] >= OFTEN), key=lambda d: -leads[d])
    others = [f"{diagnosis_phrase(vocabulary, d)} in {_runs(leads[d])}" for d in rivals]
    interval = interval_text(intervals.low[leading], intervals.high[leading])
    if intervals.leads_in < 0.5:
        listed = enumeration(
            [f"{diagnosis_phrase(vocabulary, leading)} in {_runs(intervals.leads_in)} of 100", *others]
        )
        return (
            f"Given how uncertain the published numbers are, no diagnosis comes first in most runs: {listed}. "
            f"The probability of {diagnosis_phrase(vocabulary, leading)} lies within {interval}."
        )
    said = (
        f"Given how uncertain the published numbers are, {diagnosis_phrase(vocabulary, leading)} stays first in "
        f"{_runs(intervals.leads_in)} of 100 runs; its probability lies within {interval}."
    )
    return f"{said} Otherwise first: {enumeration(others)}." if others else said


def _runs(share: float) -> str:
    """How many of 100 runs, never a false 0 or 100.

    >>> [_runs(share) for share in (0.936, 0.9998, 1, 0.0002)]
    ['94', 'more than 99', '100', 'fewer than 1']
    """
    whole = round(100 * share)
    if 0 < share < 1 and whole in (0, 100):
        return "more than 99" if whole else "fewer than 1"
    return str(whole)


def intervals_html(intervals: CredibleIntervals, vocabulary: Vocabulary) -> str:
    """A table of whiskers: the family, then each diagnosis whose upper end matters."""
    ordered = sorted(intervals.posterior, key=lambda d: (-intervals.posterior[d], -intervals.high[d]))
    shown = [d for d in ordered if intervals.high[d] >= LEAST_SHOWN or d == intervals.leading][:MOST_ROWS]
    rows = _row(FAMILY_ROW, "iim", *intervals.iim, "family")
    for diagnosis in shown:
        family = next(f for f, members in vocabulary.families.items() if diagnosis in members)
        label = capitalised(diagnosis_phrase(vocabulary, diagnosis))
        numbers = intervals.of(diagnosis)
        rows += _row(label, family, *numbers, diagnosis)
    left_out = len(intervals.posterior) - len(shown)
    more = f" {left_out} less likely diagnoses are not shown." if left_out else ""
    return html(
        "<table class='whiskers'><caption class='unseen'>Probability of each diagnosis with its 90 % interval</caption>"
        "<thead><tr><th scope='col'>Diagnosis</th><th scope='col'><span class='axis' aria-hidden='true'>"
        "<i>0</i><i>50</i><i>100 %</i></span><span class='unseen'>Chart</span></th>"
        "<th scope='col'>now</th><th scope='col'>90 % interval</th></tr></thead>"
        "<tbody>{}</tbody></table>"
        "<p class='how-sure-note'>Bar: 90 % interval, from {:,} runs with plausible values of "
        "the published numbers. "
        "Mark: the probability now.{}</p>",
        rows,
        len(intervals.draws),
        more,
    )


def _row(label: str, family: str, now: float, low: float, high: float, key: str) -> str:
    said = f"{label}: {percent(now)}, 90 % interval {interval_text(low, high)}"
    place = f"--low:{100 * low:.1f}%;--wide:{100 * (high - low):.1f}%;--now:{100 * now:.1f}%"
    return html(
        "<tr data-row='{}'><th scope='row' class='{}'>{}</th>"
        "<td class='{}'><span role='img' aria-label='{}' style='{}'><i></i><b></b>"
        "</span></td><td>{}</td><td>{}</td></tr>",
        key,
        family,
        label,
        family,
        said,
        place,
        percent(now),
        interval_text(low, high),
    )


def spread_html(intervals: CredibleIntervals, meanings: Mapping[str, str]) -> str:
    """How much of the interval the numbers of each grade cause."""
    if not intervals.by_grade:
        return Markup("<h3>Where the uncertainty comes from</h3><p class='how-sure-note'>The answer does not vary.</p>")
    rows = joined(_grade(grade, share, meanings.get(grade, "")) for grade, share in intervals.by_grade.items())
    return html(
        "<h3>Where the uncertainty comes from</h3><table class='spread'><caption class='unseen'>Share of the "
        "uncertainty about the "
        "leading diagnosis, by grade of the numbers</caption><thead><tr><th scope='col'>Numbers of grade</th>"
        "<th scope='col'><span class='unseen'>Chart</span></th><th scope='col'>share</th></tr></thead>"
        "<tbody>{}</tbody></table>",
        rows,
    )


def _grade(grade: str, share: float, meaning: str) -> str:
    said = f"Grade {grade}: {percent(share)} of the uncertainty"
    return html(
        "<tr><th scope='row'><b>{}</b> {}</th><td><span role='img' "
        "aria-label='{}' style='--share:{:.1f}%'></span></td>"
        "<td>{}</td></tr>",
        grade,
        meaning,
        said,
        100 * share,
        percent(share),
    )


def fit_html(
    found: Conflict, fit: Surprise, leading: str, vocabulary: Vocabulary, findings: Mapping[str, object]
) -> str:
    """Do the findings contradict each other, and do patients with the leading diagnosis look like this?"""
    if not findings:
        return ""
    lines = [(found.sentence or _no_conflict(found, vocabulary, findings), bool(found.sentence))]
    if fit.fits:
        lines.append((_how_usual(fit, leading, vocabulary), False))
    shown = joined(
        html("<p class='{}'>{}</p>", "how-sure-doubt" if doubt else "how-sure-line", text)
        for text, doubt in lines
        if text
    )
    return html("<h3>Do the findings fit?</h3>{}", shown)


def _how_usual(fit: Surprise, leading: str, vocabulary: Vocabulary) -> str:
    """How many patients with the leading diagnosis look at least as unusual, and whether another fits better."""
    name = diagnosis_phrase(vocabulary, leading)
    count = _runs(fit.fit[leading])
    usual = f"{count} of 100 patients with {name} look at least as unusual."
    if fit.fit[leading] >= TYPICAL:
        usual = f"This is a typical picture of {name}: {count} of 100 such patients look at least as unusual."
    if fit.best == leading:
        return usual
    best = diagnosis_phrase(vocabulary, fit.best)
    return f"{capitalised(usual)} The picture fits {best} best ({_runs(fit.best_fit)} of 100)."


def _no_conflict(found: Conflict, vocabulary: Vocabulary, findings: Mapping[str, object]) -> str:
    """The pair that goes least together, where it is seen less often than by chance."""
    if not found.pairs:
        return ""
    worst = found.pairs[0]
    if worst.log_ratio <= 0:
        return "No two findings contradict each other."
    pair = enumeration([finding_phrase(vocabulary, name, findings[name]) for name in (worst.first, worst.second)])
    return f"The findings fit together. The least usual pair: {pair}."
