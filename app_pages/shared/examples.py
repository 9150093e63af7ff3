"""Published patients to load as examples."""

from pathlib import Path

import streamlit as st

from app_pages.shared.case_state import current_case, replace_case, show_in_widget
from app_pages.shared.network import same_words
from model import InputError
from model.cases.case import Case, read_cases
from model.io.markup import html
from model.priors.vocabulary import Vocabulary

PUBLISHED = Path(__file__).parents[2] / "cases" / "published.jsonl"


@st.cache_resource(max_entries=4, hash_funcs={Vocabulary: same_words})
def published_patients(vocabulary: Vocabulary) -> dict[str, Case]:
    """The published patients by id; none where the priors in use do not know all of their findings."""
    try:
        return {case.id: case for case in read_cases(PUBLISHED, vocabulary)}
    except InputError:
        return {}


def choose_example(vocabulary: Vocabulary) -> None:
    """A list of the published patients."""
    patients = published_patients(vocabulary)
    if not patients:
        return
    show_in_widget("example", current_case()["example"])
    st.selectbox("Example patient", list(patients), index=None, key="example", placeholder="Choose one",
                 format_func=lambda chosen: patient_label(patients[chosen]), on_change=_load,
                 args=(vocabulary, patients))  # fmt: skip


def show_source(vocabulary: Vocabulary) -> None:
    """Source and final diagnosis of the example, behind a click."""
    case = published_patients(vocabulary).get(current_case()["example"])
    if case is None:
        return
    source = case.about["source"]
    diagnosis = vocabulary.diagnosis_labels[str(case.diagnosis)]
    with st.popover("Show diagnosis", icon=":material/visibility:"):
        st.html(
            html(
                "<p><strong>{}</strong><br>Established by {}.</p>"
                "<p><a href='{}' target='_blank' rel='noopener noreferrer'>"
                "{}</a></p>",
                diagnosis,
                case.about["basis"],
                source["url"],
                source["title"],
            )
        )


def patient_label(case: Case) -> str:
    """A published patient described by age and sex, so that the title gives nothing away."""
    age, sex = case.findings.get("age_at_onset"), case.findings.get("sex")
    words = [f"{age} years" if age is not None else "", str(sex or ""), f"{len(case.findings)} findings"]
    return f"{case.id} · {', '.join(filter(None, words))}"


def findings_of(case: Case) -> dict[str, object]:
    """The findings as the screen keeps them: numbers are decimal."""
    return {f: float(v) if isinstance(v, int) else v for f, v in case.findings.items()}


def _load(vocabulary: Vocabulary, patients: dict[str, Case]) -> None:
    case = patients.get(st.session_state["example"])
    if case is None:
        replace_case(current_case()["setting"], current_case()["findings"])
    else:
        replace_case(case.setting or vocabulary.settings[0], findings_of(case), case.id)
