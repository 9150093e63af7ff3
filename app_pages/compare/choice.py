"""What stands beside the patient on the screen. The choice outlives its widgets, as the case does."""

from collections.abc import Callable, Mapping

import streamlit as st

from app_pages.shared.case_state import note_widget
from app_pages.shared.examples import findings_of, patient_label, published_patients
from app_pages.shared.kept import ask
from app_pages.shared.labels import state_label
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence, InputError, Net
from model.cases.exchange import read_patient
from model.cases.exchange.reading import LARGEST_FILE
from model.io.json_text import parse_json
from model.patient.patient import Patient
from model.priors.vocabulary import Variable

UNKNOWN = "unknown"
FINDING, SETTING, PUBLISHED, FILE = "finding", "setting", "published", "file"
WAYS = {
    FINDING: "One finding changed",
    SETTING: "Another referral setting",
    PUBLISHED: "Example patient",
    FILE: "File",
}


def choose_second(net: Net, first: Patient) -> Patient | None:
    """The widgets that choose B; None until the choice is complete."""
    st.html("<h2>B: compared with</h2>")
    ways = [way for way in WAYS if way != PUBLISHED or published_patients(net.vocabulary)]
    way = ask(st.segmented_control, "compare way", "Compare with", ways, FINDING if first.findings else PUBLISHED,
              format_func=WAYS.__getitem__, required=True, width="stretch")  # fmt: skip
    choosers: Mapping[str, Callable[[Net, Patient], Patient | None]] = {
        FINDING: _finding_changed,
        SETTING: _another_setting,
        PUBLISHED: _published,
        FILE: _from_file,
    }
    return choosers[way](net, first)


def _finding_changed(net: Net, first: Patient) -> Patient | None:
    vocabulary = net.vocabulary
    left, right = st.columns(2, gap="small")
    with left:
        finding = ask(st.selectbox, "compare finding", "Finding", list(vocabulary.findings), _weightiest(first),
                      format_func=lambda name: vocabulary.variables[name].label,
                      placeholder="Choose a finding")  # fmt: skip
    if finding is None:
        return None
    variable = vocabulary.variables[finding]
    states = _other_states(variable, first.findings.get(finding))
    with right:
        state = ask(st.selectbox, f"compare state {finding}", "Value in B", states, states[0], format_func=state_label)
    findings = {name: value for name, value in first.findings.items() if name != finding}
    return net.patient(findings if state == UNKNOWN else {**findings, finding: state}, first.setting)


def _weightiest(first: Patient) -> str | None:
    """The finding of A that moves its leading diagnosis most: to be without it is the first thing to ask."""
    try:
        weights = first.why().weights
    except ImpossibleEvidence:
        return None
    return max(weights, key=lambda weight: abs(weight.shapley)).finding if weights else None


def _other_states(variable: Variable, value: object) -> list[str]:
    """What the finding may be instead; where it was entered, first of all unknown."""
    if value is None:
        return list(reversed(variable.states))
    try:
        now = variable.state(value)
    except InputError:
        now = ""
    return [UNKNOWN, *(state for state in variable.states if state != now)]


def _another_setting(net: Net, first: Patient) -> Patient | None:
    vocabulary = net.vocabulary
    others = [setting for setting in vocabulary.settings if setting != first.setting]
    if not others:
        st.caption("This model has only one referral setting.")
        return None
    setting = ask(st.selectbox, "compare setting", "Referral setting of B", others, others[0],
                  format_func=lambda name: vocabulary.setting_labels[name])  # fmt: skip
    return net.patient(first.findings, setting)


def _published(net: Net, first: Patient) -> Patient | None:
    patients = published_patients(net.vocabulary)
    chosen = ask(st.selectbox, "compare published", "Example patient as B", list(patients), None,
                 format_func=lambda name: patient_label(patients[name]),
                 placeholder="Choose an example patient")  # fmt: skip
    if chosen is None:
        return None
    case = patients[chosen]
    return net.patient(findings_of(case), case.setting)


def _from_file(net: Net, first: Patient) -> Patient | None:
    st.file_uploader("Case, Phenopacket or FHIR Bundle (JSON) as B", type="json", key="compare upload",
                     max_upload_size=LARGEST_FILE // 1_000_000, on_change=_read, args=(net,))  # fmt: skip
    opened = st.session_state.get("compare file")
    if isinstance(opened, str):
        show_notice(f"{opened}.")
    return net.patient(*opened) if isinstance(opened, tuple) else None


def _read(net: Net) -> None:
    """Keep the findings and the setting of the file, or the sentence that says why it cannot be read."""
    note_widget()
    upload = st.session_state["compare upload"]
    if upload is None:
        return
    try:
        case = read_patient(parse_json(upload.getvalue(), "The file"), "The file", net).case
        st.session_state["compare file"] = findings_of(case), case.setting
    except InputError as fault:
        st.session_state["compare file"] = str(fault)
