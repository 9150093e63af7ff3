"""The case on the screen: one plain dict of the session, which outlives the widgets that show it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app_pages.case_link import Case, empty_case, read_link, write_link
from model.vocabulary import Vocabulary

# The fragments that a finding touches, the answer first. Only they rerun; the rest of the page stays.
SHOWS_THE_CASE = ["posterior", "entered", "chooser"]


def current_case() -> Case:
    """The case of this session."""
    case: Case = st.session_state["case"]
    return case


def open_case(vocabulary: Vocabulary) -> str:
    """Make sure that there is a case, read from the link if the link is news.

    Returns a sentence on parts of the link that could not be read. A link is news when it differs from
    the one written last: a link just opened, or the browser's way back. It is not while a widget has
    just changed the case (its message may still carry the link before), nor is an empty one on
    returning from another page.
    """
    state = st.session_state
    link = st.query_params.to_dict()
    if "case" in state:
        returned = state.get("arrived", False) and not link
        if link == state["link"] or state.get("case_changed") or returned:
            return ""
    state["case"], fault = read_link({name: st.query_params.get_all(name) for name in link}, vocabulary)
    state["link"] = link
    return fault


def keep_link(vocabulary: Vocabulary) -> str:
    """Write the case into the address of the page; returns its query parameters."""
    st.session_state["case_changed"] = False
    link = write_link(current_case(), vocabulary)
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    st.session_state["link"] = link
    return str(st.query_params)


def set_finding(finding: str, value: object) -> None:
    """Enter a finding; None makes it unknown again."""
    findings = current_case()["findings"]
    if value is None:
        findings.pop(finding, None)
    else:
        findings[finding] = value
    st.session_state["case_changed"] = True


def set_setting(setting: str) -> None:
    """Choose the setting of referral."""
    current_case()["setting"] = setting
    st.session_state["case_changed"] = True


def replace_case(setting: str, findings: Mapping[str, object], example: str | None = None) -> None:
    """Put another patient in the place of this one."""
    st.session_state["case"] = {"setting": setting, "findings": dict(findings), "example": example}
    st.session_state["case_changed"] = True


def clear_case(vocabulary: Vocabulary) -> None:
    """Forget everything about the patient."""
    st.session_state["case"] = empty_case(vocabulary)
    st.session_state["case_changed"] = True


def show_in_widget(key: str, value: Any) -> None:
    """Give a widget that is about to be drawn the value that the case holds."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
