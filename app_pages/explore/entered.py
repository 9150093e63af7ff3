"""What has been entered: one chip a finding, which removes it; and the link to the case."""

import streamlit as st

from app_pages.shared.case_state import current_case, keep_link, set_finding
from model.io.markup import html
from model.priors.vocabulary import Vocabulary
from model.report.words import finding_text


@st.fragment(key="entered")
def list_entered(vocabulary: Vocabulary) -> None:
    """A chip for each finding entered, and the link that holds the case."""
    findings = current_case()["findings"]

    def label(finding: str) -> str:
        return f"{finding_text(vocabulary, finding, findings.get(finding))} :material/close:"

    link = keep_link(vocabulary)
    st.html(
        html(
            "<div class='entered'><h2>Entered ({})</h2><a href='?{}' target='_self'>Link to this case</a></div>",
            len(findings),
            link,
        )
    )
    if findings:
        st.session_state["remove"] = None
        st.pills("Select a finding to remove it", list(findings), format_func=label, key="remove",
                 on_change=_remove)  # fmt: skip
    else:
        st.caption("Nothing entered yet. Findings you leave blank are ignored, not counted as absent.")


def _remove() -> None:
    set_finding(st.session_state["remove"], None)
    st.rerun()  # the whole page: the finding may stand in the form or among the fields of the patient
