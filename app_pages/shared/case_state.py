"""The case on the screen: one plain dict of the session, which outlives the widgets that show it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app_pages.shared.case_link import Case, empty_case, read_link, write_link
from model.priors.vocabulary import Vocabulary

SHOWS_THE_CASE = ("posterior", "entered", "chooser")


def shows_the_case(*more: str) -> list[str]:
    """The fragments that a finding touches, the answer first. Only they rerun; the rest of the page stays.

    The panel of the open question comes last: the posterior need not wait for it.
    """
    open_panel = ["question"] if st.session_state.get("question") else []
    return [*SHOWS_THE_CASE, *more, *open_panel]


def current_case() -> Case:
    """The case of this session."""
    case: Case = st.session_state["case"]
    return case


def open_case(vocabulary: Vocabulary) -> str:
    """Make sure that there is a case, read from the link if the link is news.

    Returns a sentence on parts of the link that could not be read. A link is news when it differs from
    the one written last: a link just opened, or the browser's way back. It is not when a widget made
    the page run (its message may still carry the link before), nor is an empty one on returning from
    another page.
    """
    state = st.session_state
    link = st.query_params.to_dict()
    if "case" in state:
        returned = state.get("arrived", False) and not link
        if link == state["link"] or state.get("by_widget") or returned:
            return ""
    state["case"], fault = read_link({name: st.query_params.get_all(name) for name in link}, vocabulary)
    state["link"] = link
    return fault


def keep_link(vocabulary: Vocabulary) -> str:
    """Write the case into the address of the page; returns its query parameters."""
    link = write_link(current_case(), vocabulary)
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    st.session_state["link"] = link
    return urlencode(link)


def note_widget() -> None:
    """To be called by every callback: this run answers a widget, not a link."""
    st.session_state["by_widget"] = True


def widget_answered() -> None:
    """To be called by what every run draws: the next run may answer a link again."""
    st.session_state["by_widget"] = False


def set_finding(finding: str, value: object) -> None:
    """Enter a finding; None makes it unknown again."""
    findings = current_case()["findings"]
    if value is None:
        findings.pop(finding, None)
    else:
        findings[finding] = value
    note_widget()


def set_setting(setting: str) -> None:
    """Choose the setting of referral."""
    current_case()["setting"] = setting
    note_widget()


def replace_case(setting: str, findings: Mapping[str, object], example: str | None = None) -> None:
    """Put another patient in the place of this one."""
    st.session_state["case"] = {"setting": setting, "findings": dict(findings), "example": example}
    note_widget()


def clear_case(vocabulary: Vocabulary) -> None:
    """Forget everything about the patient."""
    st.session_state["case"] = empty_case(vocabulary)
    note_widget()


def show_in_widget(key: str, value: Any) -> None:
    """Give a widget that is about to be drawn the value that the case holds."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
