"""Age, sex, setting; a published patient or a file in the place of this one; keeping it; clearing it all."""

import streamlit as st

from app_pages.explore.keep import keep_case
from app_pages.explore.open_file import open_file
from app_pages.shared.case_link import is_soft
from app_pages.shared.case_state import (
    clear_case,
    current_case,
    set_finding,
    set_setting,
    show_in_widget,
    shows_the_case,
)
from app_pages.shared.examples import choose_example, show_source
from app_pages.shared.labels import state_label
from model import Net
from model.priors.vocabulary import Vocabulary
from model.report.words import value_text


def describe_patient(net: Net) -> None:
    """The row of fields above the findings."""
    vocabulary = net.vocabulary
    with st.container(horizontal=True, vertical_alignment="bottom", key="patient"):
        if "age_at_onset" in vocabulary.findings:
            _ask_age(vocabulary)
        if "sex" in vocabulary.findings:
            sex = current_case()["findings"].get("sex")
            show_in_widget("sex", None if is_soft(sex) else sex)
            st.segmented_control("Sex", vocabulary.variables["sex"].states, key="sex", format_func=state_label,
                                 on_change=_take, args=("sex",))  # fmt: skip
        show_in_widget("setting", current_case()["setting"])
        st.selectbox("Referral setting", vocabulary.settings, key="setting", width=270,
                     format_func=vocabulary.setting_labels.__getitem__, on_change=_take_setting)  # fmt: skip
        choose_example(vocabulary)
        open_file(net)
        keep_case(net)
        st.button("Clear all", on_click=clear_case, args=(vocabulary,))
        show_source(vocabulary)


def _ask_age(vocabulary: Vocabulary) -> None:
    age = current_case()["findings"].get("age_at_onset")
    show_in_widget("age_at_onset", age if isinstance(age, float) else None)
    placeholder = "unknown" if age is None else value_text(vocabulary, "age_at_onset", age)
    st.number_input("Age at onset (years)", 0.0, 119.0, step=1.0, format="%g", key="age_at_onset", width=160,
                    placeholder=placeholder, on_change=_take, args=("age_at_onset",))  # fmt: skip


def _take(finding: str) -> None:
    set_finding(finding, st.session_state[finding])
    st.rerun(shows_the_case())


def _take_setting() -> None:
    set_setting(st.session_state["setting"])
    st.rerun(shows_the_case())
