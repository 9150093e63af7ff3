"""What do the criteria say? Every set of classification criteria on the findings of the patient on the screen."""

from collections.abc import Sequence
from html import escape

import streamlit as st

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
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    rows = "".join(_rows(verdict) for verdict in verdicts)
    return (
        f"<section class='criteria'><h3>Classification criteria</h3><p>{_summary(verdicts)}</p>"
        f"<p class='criteria-purpose'>{PURPOSE}</p>"
        + (f"<h3>Where they disagree with the model</h3><ul>{said}</ul>" if said else "")
        + "<table><caption class='unseen'>Each set of criteria and its verdict on this patient</caption>"
        "<thead class='unseen'><tr><th scope='col'>Criteria</th><th scope='col'>Verdict</th></tr></thead>"
        f"{rows}</table></section>"
    )


def _summary(verdicts: Sequence[Verdict]) -> str:
    """The whole table in a line: which sets are met, how many are not, how many wait for findings."""
    met = [f"{v.name} {v.year}" for v in verdicts if v.positive]
    counts = ((sum(v.positive is p for v in verdicts), word) for p, word in ((False, "not met"), (None, "undecided")))
    rest = ", ".join(f"{count} {word}" for count, word in counts if count)
    said = f"<b>Met: {escape(enumeration(met))}.</b>" if met else "<b>No set is met.</b>"
    return f"{said} {capitalised(rest)}." if rest else said


def _rows(verdict: Verdict) -> str:
    kind, symbol, word = VERDICTS[verdict.positive]
    details = [_words(verdict), _score(verdict), _needs(verdict)]
    said = "".join(f"<span>{escape(text)}</span>" for text in details if text)
    return (
        f"<tbody data-set='{escape(verdict.set_id, quote=True)}' class='{kind}'>"
        f"<tr><th scope='rowgroup'>{escape(verdict.name)} {verdict.year}<span>{escape(verdict.about)}</span></th>"
        f"<td><b class='{kind}'><i aria-hidden='true'>{symbol}</i> {word}</b>{said}</td></tr>"
        f"<tr><td colspan='2'>{_folded(verdict)}</td></tr></tbody>"
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
    items = "".join(_item(item, scored) for item in verdict.items)
    head = "<th scope='col'>Points</th>" if scored else ""
    still = "; ".join(verdict.possible_labels) if len(verdict.possible_labels) > 1 else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in verdict.notes)
    return (
        f"<details><summary>Items: {counted}<span class='unseen'> of {escape(verdict.name)} {verdict.year}</span>"
        f"</summary><table><thead class='unseen'><tr><th scope='col'>Item</th><th scope='col'>State</th>{head}</tr>"
        f"</thead><tbody>{items}</tbody></table>"
        + "".join(f"<p>{escape(_other_column(c))}</p>" for c in verdict.columns if c.label != verdict.column)
        + (f"<p>Still possible: {escape(still)}</p>" if still else "")
        + (f"<ul>{notes}</ul>" if notes else "")
        + f"<p>Rule: {escape(verdict.certainty)}. Source: {escape(verdict.source)}</p></details>"
    )


def _other_column(column: ColumnScore) -> str:
    """The same findings scored the other way."""
    return f"{capitalised(column.label)}: {column.score:.1f} points, {percent(column.probability)}, {column.verdict}."


def _item(item: ItemState, scored: bool) -> str:
    kind, symbol, word = STATES[item.met]
    explained = ". ".join(text for text in (item.definition, item.certainty) if text)
    small = f"<span>{escape(explained)}</span>" if explained else ""
    points = f"<td>{'' if item.points is None else f'{item.points:.1f}'}</td>" if scored else ""
    return (
        f"<tr class='{kind}'><th scope='row'>{escape(item.label)}{small}</th>"
        f"<td><i aria-hidden='true'>{symbol}</i> {word}</td>{points}</tr>"
    )
