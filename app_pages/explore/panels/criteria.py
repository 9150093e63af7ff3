"""What do the criteria say? Every set of classification criteria on the findings of the patient on the screen."""

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from model.io.markup import html, joined
from model.patient.criteria import ColumnScore, ItemState, Verdict
from model.patient.patient import Patient
from model.patient.phrases import capitalised, enumeration, percent

STATES = {True: ("yes", "✓", "met"), False: ("no", "✗", "not met"), None: ("open", "?", "unknown")}
VERDICTS = {True: ("yes", "✓", "Met"), False: ("no", "✗", "Not met"), None: ("open", "?", "Undecided")}
PURPOSE = (
    "Made to select patients for studies, not to diagnose. They apply only if nothing else explains the picture better."
)
MOST_NEEDED = 4


def show(patient: Patient) -> None:
    """Draw the panel."""
    criteria = patient.criteria()
    if criteria.verdicts:
        st.html(criteria_html(criteria.verdicts, criteria.disagreements))
    else:
        st.caption("These priors contain no classification criteria.")


def criteria_html(verdicts: Sequence[Verdict], sentences: Sequence[str]) -> str:
    """Where sets and model disagree, then one row a set with its items folded away."""
    said = joined(html("<li>{}</li>", sentence) for sentence in sentences)
    rows = joined(_rows(verdict) for verdict in verdicts)
    return (
        html(
            "<section class='criteria'><h3>Classification criteria</h3><p>{}</p><p class='criteria-purpose'>{}</p>",
            _summary(verdicts),
            PURPOSE,
        )
        + (html("<h3>Where they disagree with the model</h3><ul>{}</ul>", said) if said else "")
        + html(
            "<table><caption class='unseen'>Each set of criteria and its verdict on this patient</caption>"
            "<thead class='unseen'><tr><th scope='col'>Criteria</th><th scope='col'>Verdict</th></tr></thead>"
            "{}</table></section>",
            rows,
        )
    )


def _summary(verdicts: Sequence[Verdict]) -> str:
    """The whole table in a line: which sets are met, how many are not, how many wait for findings."""
    met = [f"{v.name} {v.year}" for v in verdicts if v.positive]
    counts = ((sum(v.positive is p for v in verdicts), word) for p, word in ((False, "not met"), (None, "undecided")))
    rest = ", ".join(f"{count} {word}" for count, word in counts if count)
    said = html("<b>Met: {}.</b>", enumeration(met)) if met else Markup("<b>No set is met.</b>")
    return html("{} {}.", said, capitalised(rest)) if rest else said


def _rows(verdict: Verdict) -> str:
    kind, symbol, word = VERDICTS[verdict.positive]
    details = [_words(verdict), _score(verdict), _needs(verdict)]
    said = joined(html("<span>{}</span>", text) for text in details if text)
    return html(
        "<tbody data-set='{}' class='{}'>"
        "<tr><th scope='rowgroup'>{} {}<span>{}</span></th>"
        "<td><b class='{}'><i aria-hidden='true'>{}</i> {}</b>{}</td></tr>"
        "<tr><td colspan='2'>{}</td></tr></tbody>",
        verdict.set_id,
        kind,
        verdict.name,
        verdict.year,
        verdict.about,
        kind,
        symbol,
        word,
        said,
        _folded(verdict),
    )


def _words(verdict: Verdict) -> str:
    """The label, where it says more than the verdict."""
    if verdict.positive is None:
        return f"so far {verdict.label}" if verdict.score is not None else ""
    return verdict.label if verdict.label.lower() != VERDICTS[verdict.positive][2].lower() else ""


def _score(verdict: Verdict) -> str:
    """Score and probability with the range that unknown items leave."""
    if verdict.score is None or verdict.probability is None or verdict.probability_high is None:
        return ""
    if verdict.score == verdict.score_high:
        return f"{verdict.score:.1f} points, {percent(verdict.probability)} ({verdict.column})"
    return (
        f"{verdict.score:.1f} points, {percent(verdict.probability)} ({verdict.column}); if everything unknown "
        f"were present: {verdict.score_high:.1f}, {percent(verdict.probability_high)}"
    )


def _needs(verdict: Verdict) -> str:
    """What would classify an undecided patient."""
    if verdict.positive is not None:
        return ""
    if verdict.least is not None and verdict.score is not None:
        return f"would need {verdict.least - verdict.score:.1f} more points"
    if all(len(items) == 1 for items in verdict.would_need):
        names = [items[0] for items in verdict.would_need]
        return ("would need any of: " if len(names) > 1 else "would need: ") + _listed(names)
    more = "for instance" if len(verdict.would_need) > 1 else "at least"
    return f"would need {more}: " + _listed(list(verdict.would_need[0]), len(verdict.would_need[0]))


def _listed(names: list[str], most: int = MOST_NEEDED) -> str:
    rest = len(names) - most
    return "; ".join(names[:most]) + (f"; {rest} more" if rest > 0 else "")


def _folded(verdict: Verdict) -> str:
    """The items, what is still open, notes and source, behind a line that counts the items."""
    states = [item.met for item in verdict.items]
    counted = ", ".join(f"{states.count(met)} {word}" for met, (_, _, word) in STATES.items() if states.count(met))
    scored = any(item.points is not None for item in verdict.items)
    items = joined(_item(item, scored) for item in verdict.items)
    head = Markup("<th scope='col'>Points</th>") if scored else ""
    still = "; ".join(verdict.possible_labels) if len(verdict.possible_labels) > 1 else ""
    notes = joined(html("<li>{}</li>", note) for note in verdict.notes)
    return (
        html(
            "<details><summary>Items: {}<span class='unseen'> of {} {}</span>"
            "</summary><table><thead class='unseen'><tr><th scope='col'>Item</th><th scope='col'>State</th>{}</tr>"
            "</thead><tbody>{}</tbody></table>",
            counted,
            verdict.name,
            verdict.year,
            head,
            items,
        )
        + joined(html("<p>{}</p>", _other_column(c)) for c in verdict.columns if c.label != verdict.column)
        + (html("<p>Still possible: {}</p>", still) if still else "")
        + (html("<ul>{}</ul>", notes) if notes else "")
        + html("<p>Rule: {}. Source: {}</p></details>", verdict.certainty, verdict.source)
    )


def _other_column(column: ColumnScore) -> str:
    """The same findings scored the other way."""
    return f"{capitalised(column.label)}: {column.score:.1f} points, {percent(column.probability)}, {column.verdict}."


def _item(item: ItemState, scored: bool) -> str:
    kind, symbol, word = STATES[item.met]
    explained = ". ".join(text for text in (item.definition, item.certainty) if text)
    small = html("<span>{}</span>", explained) if explained else ""
    points = html("<td>{}</td>", "" if item.points is None else f"{item.points:.1f}") if scored else ""
    return html(
        "<tr class='{}'><th scope='row'>{}{}</th><td><i aria-hidden='true'>{}</i> {}</td>{}</tr>",
        kind,
        item.label,
        small,
        symbol,
        word,
        points,
    )
