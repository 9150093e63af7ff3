"""Which patient: the one entered on the page Explore, or a published one."""

from dataclasses import dataclass

import streamlit as st

from app_pages.shared.case_state import current_case
from app_pages.shared.examples import findings_of, patient_label, published_patients
from model import Net

CURRENT = ""


@dataclass(frozen=True)
class Patient:
    """Findings and setting."""

    findings: dict[str, object]
    setting: str


def choose_patient(net: Net) -> Patient:
    """A field that chooses; all parts of the page speak of the same patient."""
    case, published = current_case(), published_patients(net.vocabulary)
    count = len(case["findings"])
    words = f"The patient in Explore ({count} finding{'' if count == 1 else 's'})"
    chosen = st.selectbox(
        "Patient",
        [CURRENT, *published],
        index=0 if count or not published else 1,
        format_func=lambda p: patient_label(published[p]) if p else words,
        key="patient of calibrate",
        persist_state="session",
        width=420,
    )
    if chosen and chosen in published:
        one = published[chosen]
        return Patient(findings_of(one), one.setting or net.default_setting)
    return Patient(dict(case["findings"]), case["setting"])
