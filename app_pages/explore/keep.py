"""Keep the patient: a report to read or to print, the case as JSON, and the link."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from app_pages.shared.case_link import Case, write_link
from app_pages.shared.case_state import current_case, note_widget
from app_pages.shared.current_patient import current_patient
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence, Net
from model.cases.case import Case as Patient
from model.priors.vocabulary import Vocabulary

# Names of files end up in histories and mails: never a word of the patient in them.
DOWNLOADS = (
    ("Report to read (HTML)", "myositis-report.html", "text/html"),
    ("Report to print (PDF)", "myositis-report.pdf", "application/pdf"),
    ("Case to open again (JSON)", "myositis-case.json", "application/json"),
)


@st.fragment(key="keep")
def keep_case(net: Net) -> None:
    """A button that opens what can be kept; a report is made when it is asked for, not before."""
    popover = st.popover("Save or share", key="keep popover", on_change=note_widget)
    if not popover.open:
        return
    with popover:
        case = current_case()
        try:
            _ = current_patient(net).probabilities
        except ImpossibleEvidence:
            show_notice("These findings cannot occur together, so there is nothing to report. Remove one of them.")
        else:
            for label, name, kind in DOWNLOADS:
                st.download_button(label, _maker(net, case, name), name, kind, key=f"keep {name}", on_click="ignore",
                                   icon=":material/download:", width="stretch")  # fmt: skip
        st.caption("Link to this case. It contains the findings, but no name.")
        st.code(address(case, net.vocabulary), language=None, wrap_lines=True)


def address(case: Case, vocabulary: Vocabulary) -> str:
    """The whole link to a case."""
    page = (st.context.url or "").rstrip("/")
    return f"{page}/?{urlencode(write_link(case, vocabulary))}"


def kept(net: Net, case: Case, suffix: str) -> bytes:
    """The file of a case, by its suffix: .html, .pdf or .json; dated today, without the patient's id."""
    from model.report.record import patient_report
    from model.report.write import WRITERS, case_json

    if suffix == ".json":
        return case_json(Patient("", dict(case["findings"]), case["setting"])).encode()
    return WRITERS[suffix](patient_report(net.patient(case["findings"], case["setting"]), made_on=date.today()))


def _maker(net: Net, case: Case, name: str) -> Callable[[], bytes]:
    """Makes the file when it is asked for, of what the case then holds."""
    return lambda: kept(net, case, "." + name.rpartition(".")[2])
