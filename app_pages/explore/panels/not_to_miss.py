"""Not to miss: what the patient on the screen calls for, most urgent first, and the published scheme of treatment."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import streamlit as st

from model.io.markup import html, joined
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
        html(
            "<section class='not-to-miss'><h3>Not to miss</h3>{}",
            _groups(warnings, sources) or html("<p>{}</p>", nothing),
        )
        + (html("<h3>Treatment</h3>{}", _groups(steps, sources)) if steps else "")
        + html("<p class='to-weigh'>{}</p></section>", TO_WEIGH)
    )


def _groups(called: Sequence[Alert], sources: Mapping[str, Row]) -> str:
    groups = [(urgency, list(members)) for urgency, members in groupby(called, key=lambda alert: alert.urgency)]
    return joined(
        _group(urgency, members, sources, folded=urgency == FOLDED and len(groups) > 1) for urgency, members in groups
    )


def _group(urgency: int, members: Sequence[Alert], sources: Mapping[str, Row], folded: bool) -> str:
    head = html("<span aria-hidden='true'>{}</span> {}", SYMBOLS[urgency], URGENCY_WORDS[urgency])
    items = html("<ul>{}</ul>", joined(_item(alert, sources) for alert in members))
    if folded:
        return html(
            "<details class='urgency-{}'><summary>{} ({})</summary>{}</details>", urgency, head, len(members), items
        )
    return html("<div class='urgency-{}'><h4>{}</h4>{}</div>", urgency, head, items)


def _item(alert: Alert, sources: Mapping[str, Row]) -> str:
    because = f"{alert.because} · " if alert.because else ""
    source = cited(alert.source, alert.locator, sources)
    return html(
        "<li data-alert='{}'><b>{}</b><span>{}</span><small>{}<cite>{}</cite></small></li>",
        alert.id,
        alert.title,
        alert.text,
        because,
        source,
    )
