"""The way of one finding as HTML: what carries it, and the rows of the priors behind it."""

import math

from markupsafe import Markup

from model import Net
from model.io.markup import html, joined
from model.patient.phrases import capitalised, diagnosis_phrase, finding_phrase, is_plural, percent, value_phrase
from model.patient.why.pathway import Carrier, Pathway, PriorRow
from model.priors.vocabulary import Vocabulary


def path_html(path: Pathway, net: Net) -> str:
    """One sentence, the hidden processes, the numbers with grade and source."""
    return joined([_says(path, net.vocabulary), _carriers(path, net.vocabulary), _rows(path, net)])


def _says(path: Pathway, vocabulary: Vocabulary) -> str:
    finding = finding_phrase(vocabulary, path.finding, path.value)
    diagnosis = diagnosis_phrase(vocabulary, path.diagnosis)
    against = f" over {diagnosis_phrase(vocabulary, path.rival)}" if path.rival else ""
    ratio, singular = path.log_likelihood_ratio, "" if is_plural(finding) else "s"
    if math.isinf(ratio):
        change = ("exclude" if ratio < 0 else "prove") + singular
        return html("<p class='why-says'>{}</p>", capitalised(f"{finding} {change} {diagnosis}{against}."))
    odds = math.exp(ratio)
    change = f"make{singular} the odds of {diagnosis}{against} {_times(odds)}"
    return html("<p class='why-says'>Given the other findings, {} {}.</p>", finding, change)


def _times(odds: float) -> str:
    """
    >>> [_times(x) for x in (80.2, 1.43, 1.004, 0.25)]
    ['80 times larger', '1.4 times larger', 'no different', '4 times smaller']
    """
    factor = max(odds, 1 / odds)
    if factor < 1.05:
        return "no different"
    number = f"{factor:.1f}".removesuffix(".0") if factor < 9.95 else f"{factor:,.0f}"
    return f"{number} times {'larger' if odds > 1 else 'smaller'}"


def _carriers(path: Pathway, vocabulary: Vocabulary) -> str:
    if not path.carriers:
        return Markup("<p class='why-note'>It depends on the diagnosis alone; no hidden process lies between.</p>")
    ordered = sorted(path.carriers, key=lambda carrier: -(carrier.share or 0))
    rows = joined(_carrier(carrier, vocabulary) for carrier in ordered)
    return html(
        "<h3>Hidden processes behind it</h3><table class='why-table why-path'><thead><tr><th scope='col'>Process</th>"
        "<th scope='col'>Probability without → with it</th><th scope='col'>Explains</th></tr></thead>"
        "<tbody>{}</tbody></table>"
        "<p class='why-note'>Explains: how much of the finding's effect would vanish if this process were known for "
        "certain. Each process is taken alone, so the shares need not add up to 100 %.</p>",
        rows,
    )


def _carrier(carrier: Carrier, vocabulary: Vocabulary) -> str:
    moved = max(carrier.with_finding, key=lambda s: abs(carrier.with_finding[s] - carrier.without[s]))
    if carrier.observed:
        belief = "entered as a finding"
    else:
        belief = f"{value_phrase(moved)}: {percent(carrier.without[moved])} → {percent(carrier.with_finding[moved])}"
    share = "–" if carrier.share is None else f"{100 * min(max(carrier.share, 0), 1):.0f} %"
    label = vocabulary.variable(carrier.variable).label
    return html("<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>", label, belief, share)


def _rows(path: Pathway, net: Net) -> str:
    """The rows of the finding itself and of the process that explains most of it."""
    main = max(path.carriers, key=lambda c: c.share or 0, default=None)
    nodes = {path.finding, *([main.variable] if main else [])}
    rows = joined(_row(row, net.vocabulary) for row in path.rows if row.node in nodes)
    grades = "; ".join(f"{grade}: {text[:1].lower()}{text[1:]}" for grade, text in net.priors.grades.items())
    return html(
        "<h3>The numbers behind it</h3><table class='why-table why-rows'><thead><tr><th scope='col'>Number</th>"
        "<th scope='col'>Grade</th><th scope='col'>Source</th></tr></thead>"
        "<tbody>{}</tbody></table><p class='why-note'>{}.</p>",
        rows,
        grades,
    )


def _row(row: PriorRow, vocabulary: Vocabulary) -> str:
    what = f"{vocabulary.variable(row.node).label}: {value_phrase(row.state)}"
    given = ", ".join(f"{vocabulary.variable(p).label.lower()} {value_phrase(s)}" for p, s in row.given.items())
    if row.odds_ratio is not None:
        number, whom = f"odds × {row.odds_ratio:g}", f"with {given}"
    else:
        number = f"{row.percent:.3g} %"
        whom = f"in {_whom(row.of, vocabulary)}{f', {given}' if given else ''}"
    return html(
        "<tr><th scope='row'>{} <b>{}</b> {}</th><td>{}</td><td>{}</td></tr>",
        what,
        number,
        whom,
        row.grade,
        _source(row),
    )


def _source(row: PriorRow) -> str:
    """The first citation; the others, the place in them, the note and the row behind a click."""
    first = row.citations[0] if row.citations else "No source"
    weight = "" if row.strength is None else f"worth {row.strength:g} patients"
    if row.odds_ratio is not None and row.strength is not None:
        weight = f"worth two groups of {row.strength:g} patients"
    more = [*row.citations[1:], row.row["locator"], row.row["note"], weight, f"{row.row.file}, line {row.row.line}"]
    listed = joined(html("<li>{}</li>", text) for text in more if text)
    others = len(row.citations) - 1
    label = f"{others} more source{'s' if others > 1 else ''}, page and note" if others > 0 else "page and note"
    return html("{}<details><summary>{}</summary><ul>{}</ul></details>", first, label, listed)


def _whom(of: str, vocabulary: Vocabulary) -> str:
    names = {"any": "any diagnosis", "iim": "any inflammatory myopathy", "mimic": "any mimic"}
    return names.get(of) or diagnosis_phrase(vocabulary, of)
