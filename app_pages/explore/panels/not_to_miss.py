"""Not to miss: what the patient on the screen calls for, most urgent first, and the published scheme of treatment."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

import streamlit as st

from model.patient.advice.alerts import NOTHING_APPLIES, TO_WEIGH, URGENCY_WORDS, Alert
from model.patient.advice.reasons import cited
from model.patient.patient import Patient
from model.priors.tables import Row

SYMBOLS = {1: "‼", 2: "!", 3: "·"}
FOLDED = 3
NOTHING_ENTERED = "Nothing entered yet."


def show(patient: Patient) -> None:
    """Draw the panel."""
    called = patient.alerts()
    st.html(not_to_miss_html(called, patient.net.priors.sources if called else {}, bool(patient.findings)))


def not_to_miss_html(called: Sequence[Alert], sources: Mapping[str, Row], entered: bool = True) -> str:
    """Alerts, then treatment, each grouped by urgency; what can wait is folded below what cannot."""
    warnings = [alert for alert in called if alert.kind == "alert"]
    steps = [alert for alert in called if alert.kind == "treatment"]
    nothing = NOTHING_APPLIES if entered else NOTHING_ENTERED
    return (
        f"<section class='not-to-miss'><h3>Not to miss</h3>{_groups(warnings, sources) or f'<p>{nothing}</p>'}"
        + (f"<h3>Treatment</h3>{_groups(steps, sources)}" if steps else "")
        + f"<p class='to-weigh'>{TO_WEIGH}</p></section>"
    )


def _groups(called: Sequence[Alert], sources: Mapping[str, Row]) -> str:
    groups = [(urgency, list(members)) for urgency, members in groupby(called, key=lambda alert: alert.urgency)]
    return "".join(
        _group(urgency, members, sources, folded=urgency == FOLDED and len(groups) > 1) for urgency, members in groups
    )


def _group(urgency: int, members: Sequence[Alert], sources: Mapping[str, Row], folded: bool) -> str:
    head = f"<span aria-hidden='true'>{SYMBOLS[urgency]}</span> {URGENCY_WORDS[urgency]}"
    items = f"<ul>{''.join(_item(alert, sources) for alert in members)}</ul>"
    if folded:
        return f"<details class='urgency-{urgency}'><summary>{head} ({len(members)})</summary>{items}</details>"
    return f"<div class='urgency-{urgency}'><h4>{head}</h4>{items}</div>"


def _item(alert: Alert, sources: Mapping[str, Row]) -> str:
    because = f"{escape(alert.because)} · " if alert.because else ""
    source = escape(cited(alert.source, alert.locator, sources))
    return (
        f"<li data-alert='{escape(alert.id, quote=True)}'><b>{escape(alert.title)}</b>"
        f"<span>{escape(alert.text)}</span><small>{because}<cite>{source}</cite></small></li>"
    )
