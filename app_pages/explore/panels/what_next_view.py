"""The drawings of What next?: one table of bars, a sentence on a pair, the published work-up as a list."""

from collections.abc import Sequence
from itertools import groupby

from model.io.markup import html, joined
from model.patient.advice.checklist import CheckItem
from model.patient.phrases import percent
from model.patient.what_next.value_of_information import Advice, Pair, ProcedureValue, finding_label
from model.priors.vocabulary import Vocabulary

MARKS = {"done": "✓", "partly": "◐", "open": "○", "not indicated": "–"}

COLUMNS = ("Procedure", "Uncertainty removed", "Diagnosis unchanged", "Expected certainty afterwards", "Burden")
LEAST_SHOWN = 3
MOST_NAMED = 4
UNITS_OF_TIME = ((14, 1, "day"), (61, 7, "week"), (float("inf"), 30, "month"))


def sentence_html(advice: Advice) -> str:
    """The answer first; it is read aloud when it changes."""
    return html("<p class='next-says' role='status'>{}</p>", advice.sentence)


def ranking_html(advice: Advice, vocabulary: Vocabulary) -> str:
    """The open procedures, best first; those that tell less than their burden are folded, what is done is one line."""
    still_open = [value for value in advice.values if value.open]
    done = [value.procedure.label for value in advice.values if not value.open]
    finished = html("<p class='next-note'>Done: {}.</p>", ", ".join(done)) if done else ""
    if not still_open:
        return finished
    count = max(LEAST_SHOWN, sum(value.utility > 0 for value in still_open))
    rows = [_row(value, advice.uncertainty, vocabulary) for value in still_open]
    first = _table("Open procedures, best first", joined(rows[:count]) + _together_row(advice))
    more = ""
    if rows[count:]:
        more = html(
            "<details class='next-more'><summary>{} others that add little for their burden</summary>{}</details>",
            len(rows[count:]),
            _table("Open procedures that add little for their burden", joined(rows[count:])),
        )
    return html(
        "<div class='{}'>{}{}{}{}</div>",
        "next-stop" if advice.stop else "next-go",
        first,
        more,
        finished,
        _legend(advice),
    )


def _table(caption: str, rows: str) -> str:
    """Roles are written out: on a narrow screen the rows are laid out as cards."""
    heads = joined(html("<th role='columnheader' scope='col'>{}</th>", head) for head in COLUMNS)
    return html(
        "<table class='next' role='table'><caption class='unseen'>{}</caption><thead role='rowgroup'>"
        "<tr role='row'>{}</tr></thead><tbody role='rowgroup'>{}</tbody></table>",
        caption,
        heads,
        rows,
    )


def _row(value: ProcedureValue, uncertainty: float, vocabulary: Vocabulary) -> str:
    procedure = value.procedure
    parts = []
    if value.done:
        parts.append(f"{len(value.done)} of {len(procedure.findings)} known")
    if len(value.open) > 1:
        parts.append(f"mostly {finding_label(vocabulary, value)}")
    parts.append(waiting(procedure.days))
    burden = html("{:g} <small>cost {:g}</small>", procedure.burden, procedure.cost)
    return _cells(
        html("{}<small>{}</small>", procedure.label, " · ".join(parts)),
        _bar(value.information, value.information_error, uncertainty),
        percent(value.same_decision),
        percent(value.expected_leading),
        burden,
    )


def _together_row(advice: Advice) -> str:
    if advice.together is None:
        return ""
    bar = _bar(advice.together.information, advice.together.information_error, advice.uncertainty)
    stays, then = percent(advice.together.same_decision), percent(advice.together.expected_leading)
    return _cells("All open procedures", bar, stays, then, "", "together")


def _cells(name: str, bar: str, stays: str, then: str, burden: str, kind: str = "") -> str:
    """One row; each cell carries its heading for the narrow screen, where the head of the table is gone."""
    cells = [("unchanged", stays), ("certainty", then), ("burden", burden)]
    rest = joined(html("<td role='cell' data-head='{}'>{}</td>", head, text) for head, text in cells)
    head = html("<th role='rowheader' scope='row'>{}</th>", name)
    return html("<tr role='row' class='{}'>{}<td role='cell'>{}</td>{}</tr>", kind, head, bar, rest)


def _bar(information: float, error: float, uncertainty: float) -> str:
    """The share of what is left to know, as a bar beside its number."""
    share = 100 * min(1.0, information / uncertainty) if uncertainty > 0 else 0.0
    about = f" ±{error:.2f}" if error >= 0.005 else ""
    number = f"{information:.2f}" if information >= 0.005 else "<0.01"
    said = f"{share:.0f}\N{NO-BREAK SPACE}%" if share >= 1 else "<1\N{NO-BREAK SPACE}%"
    return html(
        "<span class='bits'>{} <small>{}{} bits</small></span><i role='img' style='--share:{:.1f}%' "
        "aria-label='{:.0f} % of the uncertainty that is left'></i>",
        said,
        number,
        about,
        share,
        share,
    )


def _legend(advice: Advice) -> str:
    return html(
        "<p class='next-note'><b>Uncertainty removed</b>: the expected share of the remaining uncertainty about the "
        "diagnosis ({:.2f} bits); ±: error of the simulation. <b>Diagnosis unchanged</b>: how often "
        "the same diagnosis leads afterwards. <b>Expected certainty afterwards</b>: the expected probability of "
        "whichever diagnosis then leads. <b>Burden</b>: for the patient, 0 to 10; cost 0 to 100; both are "
        "assumptions. <b>Mostly</b>: the finding that adds most alone.</p>",
        advice.uncertainty,
    )


def waiting(days: float) -> str:
    """How long the result takes, in words.

    >>> [waiting(days) for days in (0, 1, 10, 14, 90)]
    ['at once', '1 day', '10 days', '2 weeks', '3 months']
    """
    if days < 1:
        return "at once"
    size, unit = next((size, unit) for limit, size, unit in UNITS_OF_TIME if days < limit)
    count = round(days / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def pair_html(pair: Pair, uncertainty: float) -> str:
    """What both tell together, in two sentences."""
    labels = f"{pair.first.label} and {pair.second.phrase}"
    if abs(pair.synergy) <= max(2 * pair.synergy_error, 0.01):
        compared = "about the sum of both alone: they add different information"
    elif pair.synergy < 0:
        compared = f"{-pair.synergy:.2f} bits less than the sum of both alone: they partly overlap"
    else:
        compared = f"{pair.synergy:.2f} bits more than the sum of both alone: one helps to interpret the other"
    about = f" ±{pair.information_error:.2f}" if pair.information_error >= 0.005 else ""
    return html(
        "<p class='next-pair'>{}: <b>{:.2f} bits</b>{} of {:.2f}, {}. "
        "The leading diagnosis stays the same in {} of patients like this; "
        "the expected certainty afterwards is {}.</p>",
        labels,
        pair.information,
        about,
        uncertainty,
        compared,
        percent(pair.same_decision),
        percent(pair.expected_leading),
    )


def checklist_html(items: Sequence[CheckItem], vocabulary: Vocabulary) -> str:
    """The published work-up in its steps, each item with a mark and the word for it."""
    if not items:
        return ""
    steps = joined(
        html("<li><h4>{}</h4><ul>{}</ul></li>", step, joined(_item(item, vocabulary) for item in members))
        for step, members in groupby(items, key=lambda item: item.step)
    )
    return html(
        "<section class='next-steps'><h3>The published work-up</h3>"
        "<ol>{}</ol>"
        "<p class='next-note'>Silva 2022, Figure 3. “Not indicated” refers to the findings entered so "
        "far.</p></section>",
        steps,
    )


def _item(item: CheckItem, vocabulary: Vocabulary) -> str:
    state = item.state
    if state == "partly":
        labels = [vocabulary.variable(name).label for name in item.open]
        rest = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
        state = f"partly; open: {', '.join(labels[:MOST_NAMED])}{rest}"
    kind = item.state.replace(" ", "-")
    return html(
        "<li class='{}'><span aria-hidden='true'>{}</span><div>{}: <em>{}</em></div></li>",
        kind,
        MARKS[item.state],
        item.text,
        state,
    )
