"""The patient on the screen as the model answers about them: one object until a finding or the setting changes."""

import streamlit as st

from app_pages.shared.case_state import current_case
from model import Net
from model.patient.patient import Patient

KEPT = "patient"


def current_patient(net: Net) -> Patient:
    """The patient of this session. What one panel or rerun has computed of them, the next one finds done."""
    case = current_case()
    kept: Patient | None = st.session_state.get(KEPT)
    if kept is None or kept.net is not net or _entered(kept) != (case["setting"], list(case["findings"].items())):
        kept = st.session_state[KEPT] = net.patient(dict(case["findings"]), case["setting"])
    return kept


def _entered(patient: Patient) -> tuple[str | None, list[tuple[str, object]]]:
    """With the order of the findings, in which sentences name them."""
    return patient.setting, list(patient.findings.items())
