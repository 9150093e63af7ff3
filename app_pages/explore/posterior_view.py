"""The posterior as a table of bars: family first, then the diagnoses that matter with their prior as a mark.

All diagnoses, and the sums of forms of one disease, are shown on request.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate

import streamlit as st
from markupsafe import Markup

from app_pages.shared.current_patient import current_patient
from app_pages.shared.kept import ask_whether
from app_pages.shared.labels import FAMILY_LABELS, finding_list
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence, Net
from model.io.markup import html, joined
from model.patient.phrases import percent
from model.priors.spectra import spectra
from model.priors.vocabulary import Vocabulary

IN_SUMMARY = 3
BESIDE_A_PANEL = 4
FEWEST, MOST, TOGETHER = 6, 10, 0.99
WORTH_A_SUM = 0.005
TABLE_HEAD = Markup(
    "<caption class='unseen'>Diagnoses, most probable first, now and before any finding</caption>"
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
    place = st.container()
    everything, summed = (False, False) if beside_a_panel else _ask(net)
    rows = len(posterior) if everything else BESIDE_A_PANEL if beside_a_panel else how_many(posterior)
    sums = sums_html(posterior, net.vocabulary, spectra(net.priors)) if summed else ""
    place.html(posterior_html(posterior, patient.probabilities_before, net.vocabulary, rows, sums))


def _ask(net: Net) -> tuple[bool, bool]:
    """Whether to show every diagnosis, and the sums of forms of one disease; asked only where it makes a difference."""
    with st.container(horizontal=True, key="posterior more"):
        more = len(net.vocabulary.diagnoses) > FEWEST
        everything = more and ask_whether("every diagnosis", f"Show all {len(net.vocabulary.diagnoses)} diagnoses")
        summed = bool(spectra(net.priors)) and ask_whether("sums", "Sum forms of one disease")
    return everything, summed


def how_many(posterior: Mapping[str, float]) -> int:
    """The number of diagnoses that matter: the most probable up to 99 % together, at least 6, at most 10.

    >>> how_many({"a": 0.9, "b": 0.1}), how_many(dict.fromkeys(range(30), 1 / 30))
    (2, 10)
    """
    together = accumulate(sorted(posterior.values(), reverse=True))
    needed = 1 + sum(share < TOGETHER for share in together)
    return min(max(needed, FEWEST), MOST, len(posterior))


def posterior_html(
    posterior: Mapping[str, float],
    prior: Mapping[str, float],
    vocabulary: Vocabulary,
    most: int = 1000,
    sums: str = "",
) -> str:
    """The whole view as HTML; the bars are a real table, so it reads aloud and copies as one.

    `most`: how many diagnoses to show, the most probable first. `sums`: the lines of `sums_html`.
    """
    shares = {family: sum(posterior[d] for d in members) for family, members in vocabulary.families.items()}
    ordered = sorted(posterior, key=lambda diagnosis: -posterior[diagnosis])
    rows = joined(_row(d, posterior[d], prior[d], vocabulary) for d in ordered[:most])
    return html(
        "{}<h2 id='answer'>Probability of each diagnosis</h2>{}{}"
        "<table class='posterior'>{}<tbody>{}</tbody>{}</table>",
        _summary(shares, ordered, posterior, vocabulary),
        _family_bar(shares),
        sums,
        TABLE_HEAD,
        rows,
        _left_out(ordered[most:], posterior, prior),
    )


def sums_html(posterior: Mapping[str, float], vocabulary: Vocabulary, spectra: Mapping[str, Sequence[str]]) -> str:
    """One line for each disease of which at least two forms have some probability. `spectra`: label -> forms."""
    lines = []
    for label, diagnoses in spectra.items():
        forms = sorted(diagnoses, key=lambda diagnosis: -posterior[diagnosis])
        forms = [diagnosis for diagnosis in forms if posterior[diagnosis] >= WORTH_A_SUM]
        if len(forms) > 1:
            together = percent(sum(posterior[d] for d in diagnoses))
            parts = ", ".join(f"{vocabulary.short[d]} {percent(posterior[d])}" for d in forms)
            lines.append(html("<p><span>{} <b>{}</b></span> <small>{}</small></p>", label, together, parts))
    nothing = html("<p>No disease has two forms of {:g} % or more.</p>", 100 * WORTH_A_SUM)
    return html("<div class='sums'>{}</div>", joined(lines) or nothing)


def _left_out(diagnoses: Sequence[str], posterior: Mapping[str, float], prior: Mapping[str, float]) -> str:
    """The last line of a shortened table: the others together."""
    if not diagnoses:
        return ""
    now, before = (sum(shares[d] for d in diagnoses) for shares in (posterior, prior))
    return html(
        "<tfoot><tr class='left-out'><th scope='row'>{} others together</th>"
        "<td style='--now:{:.1f}%;--before:{:.1f}%'></td><td>{}</td><td>{}</td></tr></tfoot>",
        len(diagnoses),
        100 * now,
        100 * before,
        percent(now),
        percent(before),
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
