"""Which patient is taken step by step, in which order, and how many findings are known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from app_pages.shared.case_state import current_case, note_widget, show_in_widget
from app_pages.shared.examples import findings_of, patient_label, published_patients
from app_pages.shared.kept import ask
from model import Net
from model.inference.coalition_joints import known
from model.learn.examples import steps_examples
from model.learn.step_by_step import work_up_order
from model.patient.phrases import capitalised, diagnosis_phrase, value_phrase

EXPLORE = "explore"


@dataclass(frozen=True)
class Lesson:
    """What can be taken step by step. diagnosis: the one to watch at first; None: the leading one."""

    id: str
    label: str
    findings: Mapping[str, object]
    setting: str
    diagnosis: str | None = None
    rival: str | None = None
    order: tuple[str, ...] = ()


def lessons(net: Net) -> dict[str, Lesson]:
    """The patient in Explore if there is one, findings in a row from `priors/lessons/`, and the published patients."""
    result: dict[str, Lesson] = {}
    case = current_case()
    if known(net, case["findings"]):
        label = f"The patient in Explore, {len(case['findings'])} findings"
        result[EXPLORE] = Lesson(EXPLORE, label, dict(case["findings"]), case["setting"])
    for row in steps_examples(net.priors):
        result[row.id] = Lesson(
            row.id, f"Lesson · {row.title}", row.findings, row.setting, row.diagnosis, row.rival, tuple(row.findings)
        )
    for patient in published_patients(net.vocabulary).values():
        label, setting = patient_label(patient), patient.setting or net.default_setting
        result[patient.id] = Lesson(patient.id, label, findings_of(patient), setting, patient.diagnosis)
    return result


def choose_lesson(net: Net) -> tuple[Lesson, str | None, str | None] | None:
    """The lesson, and the two sides to weigh; None where there is nobody to show."""
    found = lessons(net)
    if not found:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="learn-choice"):
        first = next((name for name in found if name in published_patients(net.vocabulary)), next(iter(found)))
        chosen = ask(st.selectbox, "learn patient", "Patient", list(found), first,
                     format_func=lambda name: found[name].label, width=300)  # fmt: skip
        lesson = found[chosen]
        setting = ask(st.selectbox, f"learn setting {chosen}", "Referral setting", net.vocabulary.settings,
                      lesson.setting, format_func=net.vocabulary.setting_labels.__getitem__, width=270)  # fmt: skip
        names = ["", *net.vocabulary.diagnoses]

        def label(diagnosis: str, otherwise: str) -> str:
            return capitalised(diagnosis_phrase(net.vocabulary, diagnosis)) if diagnosis else otherwise

        diagnosis = ask(st.selectbox, f"learn watch {chosen}", "Diagnosis to watch", names, lesson.diagnosis or "",
                        format_func=lambda d: label(d, "The leading diagnosis"), width=240)  # fmt: skip
        rival = ask(st.selectbox, f"learn against {chosen}", "Against", names, lesson.rival or "",
                    format_func=lambda d: label(d, "All other diagnoses"), width=240)  # fmt: skip
    return replace(lesson, setting=setting), diagnosis or None, rival or None


def choose_step(net: Net, lesson: Lesson) -> tuple[tuple[str, ...], int]:
    """The order of the findings, and how many of them are known."""
    order, step = _journey(net, lesson)
    last = len(order)
    with st.container(horizontal=True, vertical_alignment="bottom", key="learn-steps"):
        st.button("Back", icon=":material/arrow_back:", disabled=step == 0, on_click=_go, args=(step - 1,))
        st.button("Next", icon=":material/arrow_forward:", type="primary", disabled=step == last, on_click=_go,
                  args=(step + 1,))  # fmt: skip
        show_in_widget("learn step", step)
        st.slider("Findings known", 0, last, key="learn step", on_change=_slide, width=260)
        if step < last:
            show_in_widget("learn next", order[step])
            st.selectbox("Next finding", order[step:], key="learn next", on_change=_take_next, width=330,
                         format_func=lambda finding: _finding(net, lesson, finding))  # fmt: skip
    return order, step


def change_order(net: Net, lesson: Lesson, order: tuple[str, ...]) -> None:
    """Move any finding to an earlier or later place, or restore the usual order."""
    with st.expander("Change the order"), st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = {finding: place for place, finding in enumerate(order, 1)}
        finding = ask(st.selectbox, "learn move", "Finding", order, order[0], width=330,
                      format_func=lambda f: f"{numbers[f]}. {_finding(net, lesson, f)}")  # fmt: skip
        place = order.index(finding)
        st.button("Earlier", icon=":material/arrow_upward:", disabled=place == 0, on_click=_move,
                  args=(finding, place - 1))  # fmt: skip
        st.button("Later", icon=":material/arrow_downward:", disabled=place == len(order) - 1, on_click=_move,
                  args=(finding, place + 1))  # fmt: skip
        st.button("Usual order", icon=":material/restart_alt:", on_click=_usual, args=(_usual_order(net, lesson),))


def _journey(net: Net, lesson: Lesson) -> tuple[tuple[str, ...], int]:
    """Order and step of the session; another patient, or other findings, begin anew."""
    kept = st.session_state.get("learn journey")
    usual = _usual_order(net, lesson)
    if kept is None or kept["patient"] != lesson.id or sorted(kept["order"]) != sorted(usual):
        kept = {"patient": lesson.id, "order": usual, "step": 0}
        st.session_state["learn journey"] = kept
    return tuple(kept["order"]), kept["step"]


def _usual_order(net: Net, lesson: Lesson) -> tuple[str, ...]:
    return lesson.order or work_up_order(net, known(net, lesson.findings))


def _finding(net: Net, lesson: Lesson, finding: str) -> str:
    variable = net.vocabulary.variable(finding)
    return f"{variable.label}: {value_phrase(lesson.findings[finding], variable)}"


def _go(step: int) -> None:
    st.session_state["learn journey"]["step"] = step
    note_widget()


def _slide() -> None:
    _go(st.session_state["learn step"])


def _take_next() -> None:
    _move(st.session_state["learn next"], st.session_state["learn journey"]["step"])


def _move(finding: str, place: int) -> None:
    rest = [name for name in st.session_state["learn journey"]["order"] if name != finding]
    st.session_state["learn journey"]["order"] = (*rest[:place], finding, *rest[place:])
    note_widget()


def _usual(order: tuple[str, ...]) -> None:
    st.session_state["learn journey"]["order"] = order
    note_widget()
