"""Paste a letter: its words marked, and the findings they state, each to take over or to leave."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st
from markupsafe import Markup

from app_pages.shared.case_state import current_case, note_widget, replace_case
from model import Net
from model.cases.letters import Letter, Span, read_letter
from model.io.markup import html, joined
from model.priors.vocabulary import Vocabulary
from model.report.words import finding_text

LONGEST = 20_000  # letters of the text
TEXT = "letter text"


def paste_letter(net: Net) -> None:
    """The button that opens the dialog."""
    if st.button("Paste a letter", icon=":material/content_paste:", key="paste_letter", on_click=note_widget):
        _dialog(net)


@st.dialog("Paste a letter", width="large")
def _dialog(net: Net) -> None:
    text = st.text_area("Letter in English", key=TEXT, height=130, max_chars=LONGEST,
                        placeholder="58-year-old woman, 3 months of weakness, purple eyelids, no dysphagia. "
                                    "CK 6500 U/L (limit 170) …", on_change=note_widget)  # fmt: skip
    st.caption("Read by rules on this machine; the text is not kept. Nothing is entered before you take it over: check "
               "every line against the letter.")  # fmt: skip
    letter = read_letter(text or "", net)
    if not (text or "").strip():
        return
    offered = proposals(letter)
    if not offered:
        st.markdown("No finding was recognised in this text.")
        return
    words, choice = st.columns(2, gap="medium")
    with words:
        st.html(marked_html(letter, net.vocabulary))
    with choice:
        above = st.container()
        taken = _choose(offered, net.vocabulary)
        count = f"{len(taken)} finding{'' if len(taken) == 1 else 's'}"
        if above.button(f"Take over {count}", type="primary", key="take over letter", disabled=not taken):
            _take_over(taken)


def proposals(letter: Letter) -> list[Span]:
    """A span for each finding that the letter states, with its value; then one for each that the letter leaves open."""
    first: dict[str, Span] = {}
    left_open: dict[str, Span] = {}
    for span in letter.spans:
        (first if span.certain else left_open).setdefault(span.finding, span)
    stated = [replace(first[finding], value=value) for finding, value in letter.findings.items()]
    return stated + [span for finding, span in left_open.items() if finding not in letter.findings]


def _choose(offered: Sequence[Span], vocabulary: Vocabulary) -> dict[str, object]:
    """A box for each proposal; what the letter leaves open begins unticked."""
    known = current_case()["findings"]
    taken = {}
    with st.container(height=420, key="letter-findings"):
        for span in offered:
            label = finding_text(vocabulary, span.finding, span.value)
            if not span.certain:
                label += " :gray[(the letter leaves it open)]"
            elif span.finding in known and known[span.finding] != span.value:
                label += f" :gray[(replaces {finding_text(vocabulary, span.finding, known[span.finding])})]"
            if st.checkbox(label, value=span.certain, key=f"letter {span.finding} {span.value}"):
                taken[span.finding] = span.value
    return taken


def _take_over(taken: Mapping[str, object]) -> None:
    case = current_case()
    replace_case(case["setting"], {**case["findings"], **taken})
    del st.session_state[TEXT]
    st.rerun()


def marked_html(letter: Letter, vocabulary: Vocabulary) -> str:
    """The letter with the words that state a finding marked; what is left open is marked otherwise."""
    parts: list[str] = []
    position = 0
    for span in letter.spans:
        if span.start < position or (span.certain and span.finding not in letter.findings):
            continue
        parts.append(html("{}", letter.text[position : span.start]))
        title = finding_text(vocabulary, span.finding, span.value)
        kind = "stated" if span.certain else "open"
        parts.append(html("<mark class='{}' title='{}'>{}</mark>", kind, title, letter.text[span.start : span.end]))
        position = span.end
    parts.append(html("{}", letter.text[position:]))
    return html("<div class='letter' role='region' aria-label='The letter with recognised words marked' tabindex='0'>{}"
                "</div>", Markup(joined(parts)))  # fmt: skip
