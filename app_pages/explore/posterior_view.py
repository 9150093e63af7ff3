"""The posterior as a table of bars: family first, then every diagnosis with its prior as a mark."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import streamlit as st
from markupsafe import Markup

from app_pages.shared.current_patient import current_patient
from app_pages.shared.labels import FAMILY_LABELS, finding_list
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence, Net
from model.io.markup import html, joined
from model.patient.phrases import percent
from model.priors.spectra import spectra
from model.priors.vocabulary import Vocabulary

IN_SUMMARY = 3
BESIDE_A_PANEL = 4
FIRST = 10
ALL = "all_diagnoses"
NEGLIGIBLE = 0.01
EMPTY: Mapping[str, Sequence[str]] = MappingProxyType({})
TABLE_HEAD = Markup(
    "<caption class='unseen'>Every diagnosis, most probable first, now and before any finding</caption>"
    "<thead><tr><th scope='col'>Diagnosis</th><td class='key'>before any finding</td>"
    "<th scope='col'>now</th><th scope='col'>before any finding</th></tr></thead>"
)


@st.fragment(key="posterior")
def show_posterior(net: Net) -> None:
    """Compute and draw the posterior of the case."""
    patient = current_patient(net)
    try:
        posterior = patient.probabilities
    except ImpossibleEvidence as conflict:
        entered = finding_list(net.vocabulary, conflict.findings, patient.findings)
        show_notice(f"No diagnosis in this model can explain these findings together: {entered}. Remove one of them.")
        return
    beside_a_panel = bool(st.session_state.get("question"))
    rows = BESIDE_A_PANEL if beside_a_panel else len(posterior)
    shown = rows if beside_a_panel or st.session_state.get(ALL) else FIRST
    st.html(posterior_html(posterior, patient.probabilities_before, net.vocabulary, spectra(net.priors), rows, shown))
    if not beside_a_panel and len(posterior) > FIRST:
        st.toggle(f"Show all {len(posterior)} diagnoses", key=ALL)


def posterior_html(
    posterior: Mapping[str, float],
    prior: Mapping[str, float],
    vocabulary: Vocabulary,
    sums: Mapping[str, Sequence[str]] = EMPTY,
    most: int = 1000,
    shown: int = 1000,
) -> str:
    """The whole view as HTML; the bars are a real table, so it reads aloud and copies as one.

    `sums`: label -> diagnoses that are also shown as one sum. `most`: how many diagnoses the table holds, the most
    probable first; those after the first `shown` are hidden, and one row gives their sum.
    """
    shares = {family: sum(posterior[d] for d in members) for family, members in vocabulary.families.items()}
    ordered = sorted(posterior, key=lambda diagnosis: -posterior[diagnosis])
    first, hidden = ordered[: min(most, shown)], ordered[shown:most]
    return html(
        "{}<h2 id='answer'>Probability of each diagnosis</h2>{}{}<table class='posterior'>{}"
        "<tbody>{}{}</tbody><tbody class='rest'>{}</tbody></table>{}",
        _summary(shares, ordered, posterior, vocabulary),
        _family_bar(shares),
        _sums(sums, posterior),
        TABLE_HEAD,
        joined(_row(d, posterior[d], prior[d], vocabulary) for d in first),
        _row_of_the_rest(hidden, posterior, prior),
        joined(_row(d, posterior[d], prior[d], vocabulary) for d in hidden),
        _left_out(ordered[most:], posterior),
    )


def _sums(sums: Mapping[str, Sequence[str]], posterior: Mapping[str, float]) -> str:
    """Diagnoses that belong together, as one probability each; only those that are not negligible."""
    totals = {label: sum(posterior.get(d, 0.0) for d in members) for label, members in sums.items()}
    said = joined((html("{} <b>{}</b>", label, percent(p)) for label, p in totals.items() if p >= NEGLIGIBLE), " · ")
    return html("<p class='sums'>{}</p>", said) if said else ""


def _row_of_the_rest(diagnoses: Sequence[str], now: Mapping[str, float], before: Mapping[str, float]) -> str:
    """One row for the diagnoses that are hidden."""
    if not diagnoses:
        return ""
    shares = [100 * sum(p[d] for d in diagnoses) for p in (now, before)]
    return html(
        "<tr class='together'><th scope='row'>{} others together</th>"
        "<td style='--now:{:.1f}%;--before:{:.1f}%'></td><td>{}</td><td>{}</td></tr>",
        len(diagnoses),
        *shares,
        *(percent(share / 100) for share in shares),
    )


def _left_out(diagnoses: Sequence[str], posterior: Mapping[str, float]) -> str:
    """What stands below a shortened table."""
    if not diagnoses:
        return ""
    together = percent(sum(posterior[d] for d in diagnoses))
    return html(
        "<p class='left-out'>{} others, {} together. Close the question to see all.</p>", len(diagnoses), together
    )


def _summary(
    shares: Mapping[str, float], ordered: list[str], posterior: Mapping[str, float], vocabulary: Vocabulary
) -> str:
    """The line that stays in sight on a narrow screen, and leads to the answer."""
    shown = (html("{} <b>{}</b>", vocabulary.short[d], percent(posterior[d])) for d in ordered[:IN_SUMMARY])
    leading = joined(shown, " · ")
    return html(
        "<a class='summary' href='#answer'><span>Inflammatory <b>{}</b></span>"
        "<span>{}</span><span class='unseen'>Go to the result</span></a>",
        percent(shares["iim"]),
        leading,
    )


def _family_bar(shares: Mapping[str, float]) -> str:
    legend = joined(
        html("<span class='{}'>{} <b>{}</b></span>", family, FAMILY_LABELS[family], percent(share))
        for family, share in shares.items()
    )
    parts = joined(html("<i class='{}' style='width:{:.1f}%'></i>", family, 100 * p) for family, p in shares.items())
    said = "; ".join(f"{FAMILY_LABELS[family]} {percent(share)}" for family, share in shares.items())
    return html("<div class='families'><p>{}</p><div role='img' aria-label='{}'>{}</div></div>", legend, said, parts)


def _row(diagnosis: str, now: float, before: float, vocabulary: Vocabulary) -> str:
    """Few elements a row: cleaning and laying out this table is most of what a toggle costs a browser."""
    family = next(f for f, members in vocabulary.families.items() if diagnosis in members)
    label = vocabulary.diagnosis_labels[diagnosis]
    name = label.rpartition(" (")[0] if label.endswith(")") else label
    return html(
        "<tr data-diagnosis='{}'><th scope='row' class='{}' title='{}'>{}</th>"
        "<td class='{}' style='--now:{:.1f}%;--before:{:.1f}%'></td>"
        "<td>{}</td><td>{}</td></tr>",
        diagnosis,
        family,
        label,
        name,
        family,
        100 * now,
        100 * before,
        percent(now),
        percent(before),
    )
