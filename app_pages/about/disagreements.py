"""Where sources disagree and what was decided; what the seed documents state and where it went."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from app_pages.shared.tables import download_rows, matching
from model import Net
from model.io.markup import html, joined
from model.priors.tables import Row

MOST_IN_SIGHT = 40
LEDGER_WORDS = {
    "first_statement": "One says",
    "second_statement": "Another says",
    "decision": "Decision",
    "reason": "Why",
    "where": "Used in",
}
CLAIM_WORDS = {"locator": "Page", "goes_to": "Used in", "note": "Note"}
DOCUMENTS = "document"


@st.fragment(key="disagreements")
def show(net: Net) -> None:
    """The ledger and the claims, each with a search."""
    st.header("Where sources disagree", anchor=False)
    if ledger := net.priors.tables["discrepancies"]:
        st.markdown("Each entry: two statements that contradict each other, what was decided, and why.")
        _show(ledger, "discrepancies", "Search the disagreements", ("id", "topic"), LEDGER_WORDS)
    else:
        st.markdown("These priors contain no list of disagreements.")
    st.header("What the two leading reviews state", anchor=False)
    if claims := net.priors.tables["seeds/claims"]:
        st.markdown("Every number and rule in the two leading reviews, and the table of the priors that uses it.")
        documents = sorted({row[DOCUMENTS] for row in claims})
        chosen = st.pills("Document", documents, selection_mode="multi", key="document")
        kept = [row for row in claims if not chosen or row[DOCUMENTS] in chosen]
        _show(kept, "claims", "Search the statements", ("statement",), CLAIM_WORDS)
    else:
        st.markdown("These priors contain no statements of reviews.")


def _show(rows: Sequence[Row], name: str, search: str, title: Sequence[str], words: Mapping[str, str]) -> None:
    found = matching([row.cells for row in rows], st.text_input(search, key=f"search {name}") or "")
    st.html(entries_html(found[:MOST_IN_SIGHT], title, words))
    more = f"; the first {MOST_IN_SIGHT} are shown, search to find others" if len(found) > MOST_IN_SIGHT else ""
    download_rows(found, name, f"{len(found)} of {len(rows)}{more}")


def entries_html(rows: Sequence[Mapping[str, object]], title: Sequence[str], words: Mapping[str, str]) -> str:
    """Each row folded under its title; `words`: column -> what it is called. Empty cells are left out."""
    return html("<div class='entries'>{}</div>", joined(joined(_entry(row, title, words)) for row in rows))


def _entry(row: Mapping[str, object], title: Sequence[str], words: Mapping[str, str]) -> Iterator[str]:
    yield html("<details><summary>{}</summary><dl>", " · ".join(str(row[column]) for column in title))
    for column, name in words.items():
        if row.get(column):
            yield html("<dt>{}</dt><dd>{}</dd>", name, str(row[column]))
    yield Markup("</dl></details>")
