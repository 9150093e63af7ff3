"""The findings of one open group, or those that a search found, each unknown or in one of its states."""

from collections import Counter

import streamlit as st

from app_pages.explore.finding_search import search
from app_pages.shared.case_link import is_soft
from app_pages.shared.case_state import (
    current_case,
    note_widget,
    set_finding,
    show_in_widget,
    shows_the_case,
    widget_answered,
)
from app_pages.shared.labels import GROUP_LABELS, state_label
from model.priors.vocabulary import Variable, Vocabulary
from model.report.words import value_text

ASKED_WITH_THE_PATIENT = ("age_at_onset", "sex")


def groups(vocabulary: Vocabulary) -> dict[str, list[str]]:
    """The findings of each group, both in the order of the vocabulary."""
    result: dict[str, list[str]] = {}
    for finding in vocabulary.findings:
        if finding not in ASKED_WITH_THE_PATIENT:
            result.setdefault(vocabulary.variables[finding].group, []).append(finding)
    return result


@st.fragment(key="chooser")
def choose_findings(vocabulary: Vocabulary) -> None:
    """The search box, and the groups with the number of findings entered in each."""
    widget_answered()
    members = groups(vocabulary)
    entered = Counter(vocabulary.variables[finding].group for finding in current_case()["findings"])

    def label(group: str) -> str:
        within = entered[group] if group in members else 0
        return GROUP_LABELS.get(group, group) + (f" **{within}**" if within else "")

    st.text_input(
        "Search all findings",
        key="search",
        type="search",
        placeholder="Any word: Raynaud, CK, NT5C1A, purple eyelids …",
        live="200ms",
        on_change=_search,
    )
    st.pills("Findings by group", list(members), required=True, default=next(iter(members)), format_func=label,
             key="group", on_change=_leave_search)  # fmt: skip


@st.fragment(key="findings")
def enter_findings(vocabulary: Vocabulary) -> None:
    """A row for each finding of the open group, or for each that the search found."""
    widget_answered()
    members = groups(vocabulary)
    text = str(st.session_state.get("search") or "").strip()
    group = st.session_state.get("group") or next(iter(members))
    if text:
        shown = search(text, vocabulary, [finding for group in members.values() for finding in group])
        if not shown:
            st.caption("No finding matches. Try fewer words, or choose a group.")
    else:
        shown = members.get(group, [])
    frequency = Counter(variable.definition for variable in vocabulary.variables.values())
    for finding in shown:
        variable = vocabulary.variables[finding]
        # A definition that many findings share says nothing about one of them.
        definition = variable.definition if frequency[variable.definition] == 1 else ""
        _finding_row(variable, definition, vocabulary)


def _search() -> None:
    note_widget()
    st.rerun("findings")


def _leave_search() -> None:
    note_widget()
    st.session_state["search"] = ""
    st.rerun(["chooser", "findings"])


def _finding_row(variable: Variable, definition: str, vocabulary: Vocabulary) -> None:
    key = f"state {variable.id}"
    value = current_case()["findings"].get(variable.id)
    show_in_widget(key, None if value is None or is_soft(value) else variable.state(value))
    label = f"{variable.label} :gray[:small[{definition}]]" if definition else variable.label
    st.segmented_control(
        label, variable.states, key=key, format_func=state_label, on_change=_choose_state, args=(variable, key)
    )
    if is_soft(value):
        st.caption(f"Several are possible: {value_text(vocabulary, variable.id, value)}. Choose one to replace them.")
    if variable.bins:
        show_in_widget(f"number {variable.id}", value if isinstance(value, float) else None)
        st.number_input(f"{variable.label} as a number", 0.0, variable.bins[-1].high, step=0.1, format="%g",
                        key=f"number {variable.id}", placeholder="or type the multiple of the upper limit",
                        on_change=_enter_number, args=(variable,))  # fmt: skip


def _choose_state(variable: Variable, key: str) -> None:
    set_finding(variable.id, st.session_state[key])
    st.rerun(shows_the_case("findings") if variable.bins else shows_the_case())


def _enter_number(variable: Variable) -> None:
    set_finding(variable.id, st.session_state[f"number {variable.id}"])
    st.rerun(shows_the_case("findings"))
