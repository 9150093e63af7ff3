"""Numbers: browse, filter and edit all of them; what a change does; save it as a new set."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app_pages.calibrate import sets
from app_pages.calibrate.numbers import effect, pending
from app_pages.calibrate.numbers.save_form import ask_to_save
from app_pages.shared.network import same_priors
from app_pages.shared.notice import show_notice
from app_pages.shared.number_rows import number_rows
from app_pages.shared.number_words import number_label, value_words
from app_pages.shared.tables import ROW_HEIGHT, download_rows, matching
from model import InputError, Net
from model.calibrate.numbers import KINDS, Number

ROWS_IN_SIGHT = 10
KIND_WORDS = {
    "rate": "How often a finding is seen",
    "share": "How common a diagnosis is",
    "odds ratio": "How findings go together",
    "term": "Percentage for a word such as “often”",
}
ENTERED = ("value", "90 % from", "to", "worth (patients)")
EDITABLE = {"value": "value", "worth (patients)": "strength"}


def show(net: Net) -> None:
    """The filters, the table, then the changes that are not saved yet."""
    st.markdown(
        "Change a **value**, or how many patients it is **worth**, in the table; an odds ratio is worth two groups of "
        "that many patients. Every change is checked at once. The other states of a finding, or the other diagnoses of "
        "a referral setting, shrink or grow in proportion. Nothing is saved until you save it."
    )
    found = chosen_numbers(net)
    _table(net, found)
    if pending.pending(net):
        _changes(net)
        effect.show(net)
        ask_to_save(net)


def chosen_numbers(net: Net) -> list[Number]:
    """The numbers that pass the filters."""
    variables = net.vocabulary.variables
    known = list(sets.by_key_of(net).values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search",
            key="number words",
            persist_state="session",
            placeholder="Rows that contain all these words",
            width=260,
        )
        node = st.selectbox("Finding", ["", *variables], key="number node", persist_state="session", width=260,
                            format_func=lambda n: variables[n].label if n else "Any finding or variable")  # fmt: skip
        diagnosis = st.selectbox("Diagnosis", ["", *net.vocabulary.diagnoses], key="number diagnosis",
                                 persist_state="session", width=260,
                                 format_func=lambda d: net.vocabulary.diagnosis_labels.get(d, d) or "Any")  # fmt: skip
        kind = st.selectbox("Kind", ["", *KINDS], key="number kind", persist_state="session", width=230,
                            format_func=lambda k: KIND_WORDS.get(k, "Any"))  # fmt: skip
        grades = [grade for grade in net.priors.grades if any(number.grade == grade for number in known)]
        grade = st.pills("Grade", grades, selection_mode="multi", key="number grade", persist_state="session")
    kept = [
        number
        for number in known
        if (not node or number.node == node)
        and (not diagnosis or diagnosis in (number.state, number.given.partition(",")[0]))
        and (not kind or number.kind == kind)
        and (not grade or number.grade in grade)
    ]
    rows = [{"place": place, **row} for place, row in enumerate(rows_of(net, kept))] if words else []
    return [kept[int(str(row["place"]))] for row in matching(rows, words)] if words else kept


def rows_of(net: Net, numbers: Sequence[Number]) -> list[dict[str, object]]:
    """The rows of the table: what each number is of, then as on the page Model; pending values stand in it."""
    new = {key: number for key, number in _trial_numbers(net).items() if key in pending.pending(net)}
    fresh = dict(zip(new, _rows(net, list(new.values())), strict=True))
    entered = {key: {column: row[column] for column in ENTERED} for key, row in fresh.items()}
    known = _all_rows(net)
    return [{"changed": "✓" if n.key in new else "", **known[n.key], **entered.get(n.key, {})} for n in numbers]


@st.cache_resource(max_entries=4, hash_funcs={Net: same_priors}, show_spinner=False)
def _all_rows(net: Net) -> dict[str, dict[str, object]]:
    known = sets.by_key_of(net)
    return dict(zip(known, _rows(net, list(known.values())), strict=True))


def _rows(net: Net, numbers: Sequence[Number]) -> list[dict[str, object]]:
    variables = net.vocabulary.variables
    return [
        {"of": variables[number.node].label if number.node else "Words such as “often”", **row}
        for number, row in zip(numbers, number_rows(numbers, net.priors), strict=True)
    ]


def _trial_numbers(net: Net) -> Mapping[str, Number]:
    trial = pending.trial(net)
    return sets.by_key_of(trial.net) if trial else {}


def _table(net: Net, numbers: Sequence[Number]) -> None:
    import pandas as pd

    rows = rows_of(net, numbers)
    turn = st.session_state.get("number turn", 0)
    # A new name for other rows: what was typed is identified by the position of its row.
    key = f"numbers {hash((same_priors(net), turn, tuple(number.key for number in numbers)))}"
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else None)
    column = st.column_config
    st.data_editor(
        frame,
        key=key,
        alt="Numbers",
        placeholder="–",
        hide_index=True,
        height=ROW_HEIGHT * (min(len(frame), ROWS_IN_SIGHT) + 1) + 3,
        disabled=[str(name) for name in frame if name not in EDITABLE],
        column_config={
            "changed": column.TextColumn("changed", width=80),
            "value": column.NumberColumn("value", min_value=0.0, format="%g"),
            "worth (patients)": column.NumberColumn("worth (patients)", min_value=0.0, format="%g"),
            "link": column.LinkColumn("link", display_text="open"),
        },
        on_change=_take,
        args=(net, key, tuple(numbers)),
    )
    fault = st.session_state.get("number fault")
    if fault:
        show_notice(f"Change not accepted: {fault}.")
    download_rows(rows, "numbers", f"{len(numbers)} of {len(sets.by_key_of(net))} numbers")


def _take(net: Net, key: str, numbers: Sequence[Number]) -> None:
    """Take over what was typed, cell by cell; the first fault is shown, and its cell goes back to what it was."""
    st.session_state["number turn"] = st.session_state.get("number turn", 0) + 1
    st.session_state["number fault"] = ""
    for place, cells in st.session_state[key]["edited_rows"].items():
        typed = {EDITABLE[name]: value for name, value in cells.items() if name in EDITABLE}
        try:
            pending.enter(net, numbers[int(place)], **typed)
        except InputError as error:
            st.session_state["number fault"] = str(error)


def _changes(net: Net) -> None:
    """The list of pending changes, each of which can be dropped."""
    entered, known, new = pending.pending(net), sets.by_key_of(net), _trial_numbers(net)
    st.header(f"Changes not saved ({len(entered)})", anchor=False)
    for key in list(entered):
        before, after = known[key], new[key]
        with st.container(horizontal=True, vertical_alignment="center", key=f"change {hash(key)}"):
            st.markdown(
                f"{number_label(net, before)}  \n{value_words(before)} → **{value_words(after)}**", width="stretch"
            )
            st.button("Drop", key=f"drop {key}", on_click=pending.forget, args=(net, key))
