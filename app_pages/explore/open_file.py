"""Open a patient's file: a case of this project, a Phenopacket or a FHIR Bundle. The file stays in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup

from app_pages.shared.case_link import Case, is_soft
from app_pages.shared.case_state import current_case, note_widget, replace_case
from app_pages.shared.notice import show_notice
from model import InputError, Net
from model.cases.exchange import Imported, read_patient
from model.cases.exchange.reading import LARGEST_FILE
from model.io.json_text import parse_json
from model.io.markup import html, joined
from model.priors.vocabulary import Variable, Vocabulary
from model.report.words import finding_text

FORMATS = {"case": "a case", "phenopacket": "a Phenopacket", "fhir": "a FHIR Bundle"}


@dataclass(frozen=True)
class Opened:
    """What became of a file: `case` is the very case it filled, None where it could not be read."""

    fault: str = ""
    imported: Imported | None = None
    case: Case | None = None


def open_file(net: Net) -> None:
    """A button that opens a file of this computer in the place of the patient, and names what was not taken over."""
    with st.popover("Open file", icon=":material/upload_file:", key="open_file"):
        key = f"open_file upload {st.session_state.get('open_file count', 0)}"
        st.file_uploader("Case, Phenopacket or FHIR Bundle (JSON)", type="json", key=key,
                         max_upload_size=LARGEST_FILE // 1_000_000, on_change=_take, args=(net, key))  # fmt: skip
        st.caption("It replaces the patient on the screen. Patient names and IDs in the file are ignored.")
        with st.container(key="open_file-result"):
            _tell(net.vocabulary)


def _take(net: Net, key: str) -> None:
    """Read the file once. A new key makes the uploader forget it."""
    note_widget()
    upload = st.session_state[key]
    if upload is None:
        return
    st.session_state["open_file count"] = st.session_state.get("open_file count", 0) + 1
    try:
        imported = read_patient(parse_json(upload.getvalue(), "The file"), "The file", net)
    except InputError as fault:
        st.session_state["opened"] = Opened(fault=str(fault))
        return
    replace_case(imported.case.setting or current_case()["setting"], entered(imported.case.findings, net.vocabulary))
    st.session_state["opened"] = Opened(imported=imported, case=current_case())


def entered(findings: Mapping[str, object], vocabulary: Vocabulary) -> dict[str, object]:
    """The findings as the screen holds them: a state, a number, several possible states, or their likelihoods."""
    shown: dict[str, object] = {}
    for finding, value in findings.items():
        variable = vocabulary.variables[finding]
        if value is None or value == "":
            continue
        if isinstance(value, Mapping):
            shown[finding] = {str(state): float(likelihood) for state, likelihood in value.items()}
        elif isinstance(value, str | int | float):
            shown[finding] = _state_or_number(variable, value)
        else:
            possible = {variable.state(state) for state in value}  # type: ignore[attr-defined]
            states = [state for state in variable.states if state in possible]
            shown[finding] = states[0] if len(states) == 1 else states
    return shown


def _state_or_number(variable: Variable, value: str | float) -> str | float:
    text = str(value).strip()
    return text if text in variable.states else float(text)


def _tell(vocabulary: Vocabulary) -> None:
    """What was entered and what was left out, as long as the case of the file is on the screen."""
    opened: Opened = st.session_state.get("opened", Opened())
    if opened.fault:
        show_notice(f"{opened.fault}.")
    elif opened.imported is not None and opened.case is current_case():
        st.html(summary_html(opened.imported, vocabulary))


def summary_html(imported: Imported, vocabulary: Vocabulary) -> str:
    """How many findings were entered, and two tables: what was left out with the reason, what came from where."""
    rows, left_out = imported.mapped, imported.left_out
    count = len({m.finding for m in rows})
    summary = f"{count} finding{'' if count == 1 else 's'} entered from {FORMATS[imported.format]}"
    several = sum(is_soft(value) for value in imported.case.findings.values())
    summary += f", {several} of them with several possible states" if several else ""
    left = [html("<tr><th scope='row'>{}</th><td>{}</td></tr>", item.text, item.reason) for item in left_out]
    came = [
        html("<tr><th scope='row'>{}</th><td>{}</td></tr>", finding_text(vocabulary, m.finding, m.value), m.text)
        for m in rows
    ]
    return (
        html("<div class='opened'><p role='status'><strong>{}</strong>; {} left out.</p>", summary, len(left_out))
        + _table("Not used, and why", ("In the file", "Why"), left, unfolded=True)
        + _table("Entered", ("Finding", "In the file"), came if imported.format != "case" else [])
        + Markup("</div>")
    )


def _table(title: str, heads: tuple[str, str], rows: Sequence[str], unfolded: bool = False) -> str:
    if not rows:
        return ""
    head = joined(html("<th scope='col'>{}</th>", name) for name in heads)
    return html(
        "<details{}><summary>{} ({})</summary><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></details>",
        " open" if unfolded else "",
        title,
        len(rows),
        head,
        joined(rows),
    )
