"""The columns and values of a visitor's file matched to the vocabulary: proposed, corrected, kept as a file."""

import json
from collections.abc import Mapping, Sequence

import streamlit as st

from app_pages.shared.labels import state_label
from app_pages.shared.notice import show_notice
from app_pages.shared.tables import ROW_HEIGHT
from model import InputError
from model.cases.files.mapping import ColumnMapping, parse_mapping, propose, unused
from model.cases.files.words import FIELDS
from model.io.json_text import parse_json
from model.priors.vocabulary import Vocabulary

UNUSED, UNKNOWN = "(not used)", "(unknown)"
ROWS_IN_SIGHT, EXAMPLES = 10, 4
FIELD_WORDS = {"id": "Patient ID", "setting": "Referral setting", "diagnosis": "Diagnosis"}


def ask_mapping(vocabulary: Vocabulary, values: Mapping[str, Sequence[str]], mark: str) -> ColumnMapping | None:
    """What each column and each unknown word means; None until that holds together. `mark` is of the file.

    The session remembers it, so that it is there again after a look at another part of the page.
    """
    remembered: dict[str, ColumnMapping] = st.session_state.setdefault("mappings", {})
    with st.expander("What your columns mean", expanded=mark not in remembered, key=f"mapping {mark[:12]}"):
        uploaded = _kept(vocabulary, mark)
        name = f"{mark[:12]} {hash(repr(uploaded))}"
        base = f"mapping base {name}"
        if f"columns {name}" not in st.session_state:
            st.session_state[base] = uploaded or remembered.get(mark) or propose(values, vocabulary)
        proposed: ColumnMapping = st.session_state[base]
        columns = _ask_columns(vocabulary, values, proposed, name)
        words = _ask_words(vocabulary, values, columns, proposed, name)
        content = {"columns": columns, "values": words}
        try:
            mapping = parse_mapping(content, "mapping", vocabulary)
        except InputError as error:
            show_notice(f"{error}.")
            return None
        left = unused(mapping)
        st.markdown(f"**Columns used: {len(columns) - len(left)}, not used: {len(left)}.**")
        if left:
            st.text(f"Not used: {', '.join(left)}")
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        st.download_button("Save this mapping (JSON)", text, "mapping.json", "application/json",
                           key=f"take mapping {name}", on_click="ignore")  # fmt: skip
    remembered[mark] = mapping
    return mapping


def _kept(vocabulary: Vocabulary, name: str) -> ColumnMapping | None:
    """A mapping that was kept as a file earlier."""
    upload = st.file_uploader("A mapping saved earlier (JSON)", "json", key=f"mapping file {name}", max_upload_size=2)
    if upload is None:
        return None
    try:
        return parse_mapping(parse_json(upload.getvalue(), upload.name), upload.name, vocabulary)
    except InputError as error:
        show_notice(f"{error}.")
        return None


def _ask_columns(
    vocabulary: Vocabulary, values: Mapping[str, Sequence[str]], proposed: ColumnMapping, name: str
) -> dict[str, str | None]:
    import pandas as pd

    labels = column_labels(vocabulary)
    ids = {label: own for own, label in labels.items()}
    assert tuple(FIELD_WORDS) == FIELDS
    frame = pd.DataFrame(
        {
            "your column": list(values),
            "read as": [labels.get(proposed.columns.get(theirs) or "", UNUSED) for theirs in values],
            "it holds": [", ".join(seen[:EXAMPLES]) for seen in values.values()],
        }
    )
    options = st.column_config.SelectboxColumn("read as", options=[UNUSED, *ids], required=True)
    edited = st.data_editor(frame, key=f"columns {name}", hide_index=True,
                            height=_height(len(frame)), disabled=["your column", "it holds"],
                            column_config={"read as": options})  # fmt: skip
    return {theirs: ids.get(label) for theirs, label in zip(edited["your column"], edited["read as"], strict=True)}


def _ask_words(
    vocabulary: Vocabulary,
    values: Mapping[str, Sequence[str]],
    columns: Mapping[str, str | None],
    proposed: ColumnMapping,
    name: str,
) -> dict[str, dict[str, str | None]]:
    """Words that no rule reads, each with the state that it means."""
    import pandas as pd

    labels = column_labels(vocabulary)
    ids = {label: own for own, label in labels.items()}
    rows = []
    for theirs, ours in columns.items():
        if ours and ours != "id":
            known = proposed.values.get(ours, {})
            for word in open_words(vocabulary, ours, values[theirs]):
                state = known.get(word)
                rows.append(
                    {"column": labels[ours], "your word": word, "means": state_label(state) if state else UNKNOWN}
                )
    if not rows:
        return {}
    st.markdown(
        f"{len(rows)} word{'' if len(rows) == 1 else 's'} still to translate. Untranslated words count as missing."
    )
    asked = dict.fromkeys(row["column"] for row in rows)
    states = {state_label(state): state for label in asked for state in vocabulary.variables[ids[label]].states}
    options = st.column_config.SelectboxColumn("means", options=[UNKNOWN, *states], required=True)
    edited = st.data_editor(pd.DataFrame(rows), key=f"words {name} {hash(repr(rows))}", hide_index=True,
                            height=_height(len(rows)), disabled=["column", "your word"],
                            column_config={"means": options})  # fmt: skip
    result: dict[str, dict[str, str | None]] = {}
    for column, word, state in edited.itertuples(index=False):
        result.setdefault(ids[column], {})[word] = states.get(state)
    return result


def column_labels(vocabulary: Vocabulary) -> dict[str, str]:
    """Fields and findings by what they are called; a label that two findings share is followed by the id."""
    labels = [vocabulary.variables[finding].label for finding in vocabulary.findings]
    named = {
        finding: label if labels.count(label) == 1 else f"{label} ({finding})"
        for finding, label in zip(vocabulary.findings, labels, strict=True)
    }
    return {**FIELD_WORDS, **named}


def open_words(vocabulary: Vocabulary, ours: str, words: Sequence[str]) -> list[str]:
    """The words of a column that cannot be read as states of one of ours."""
    found = propose({ours: words}, vocabulary).values.get(ours, {})
    return list(found)


def _height(rows: int) -> int:
    return ROW_HEIGHT * (min(rows, ROWS_IN_SIGHT) + 1) + 3
