"""What next? Which procedure tells most for its burden, whether it would change anything, and the published work-up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from app_pages.explore.panels.what_next_view import checklist_html, pair_html, ranking_html, sentence_html
from app_pages.shared.case_state import note_widget, show_in_widget
from model.patient.patient import Patient
from model.patient.what_next.procedures import MOST_BURDEN, MOST_COST, Procedure, procedures_of
from model.patient.what_next.value_of_information import BURDEN_WEIGHT, Advice

KEPT = "what_next kept"
NOTHING_KNOWN = "These priors contain no table of procedures."


def show(patient: Patient) -> None:
    """The sentence, the ranking, two procedures together, the published work-up."""
    vocabulary = patient.net.vocabulary
    shipped = procedures_of(patient.net.priors)
    if not shipped:
        st.caption(NOTHING_KNOWN)
        return
    procedures = _as_changed(shipped)
    says = st.container()
    weight = _choose_weight()
    advice = patient.what_next(weight, procedures if procedures != list(shipped) else None)
    says.html(sentence_html(advice))
    st.html(ranking_html(advice, vocabulary))
    _change_costs(procedures)
    _two_together(patient, advice)
    st.html(checklist_html(patient.work_up(), vocabulary))


def _kept() -> dict[str, object]:
    """What the reader chose; it outlives the widgets, which are gone while another question is open."""
    kept: dict[str, object] = st.session_state.setdefault(KEPT, {})
    return kept


def _choose_weight() -> float:
    key = "what_next weight"
    show_in_widget(key, _kept().get("weight", BURDEN_WEIGHT))
    weight: float = st.slider(
        "How much should cost and burden count? (0: not at all, 1: a lot)",
        0.0, 1.0, step=0.1, key=key, on_change=_keep_weight,
    )  # fmt: skip
    return weight


def _keep_weight() -> None:
    note_widget()
    _kept()["weight"] = st.session_state["what_next weight"]


def _two_together(patient: Patient, advice: Advice) -> None:
    """Two selectboxes, and what both procedures tell when both are done."""
    still_open = {value.procedure.id: value.procedure for value in advice.values if value.open}
    if len(still_open) < 2:
        return
    st.html("<h3>Two procedures together</h3>")
    left, right = st.columns(2, gap="small")
    first = _choose_procedure(left, "First", "what_next first", still_open)
    second = _choose_procedure(right, "Second", "what_next second", still_open)
    if first is None or second is None:
        return
    if first == second:
        st.caption("Choose two different procedures.")
        return
    st.html(pair_html(patient.together(first, second), advice.uncertainty))


def _choose_procedure(
    place: "st.delta_generator.DeltaGenerator", label: str, key: str, still_open: Mapping[str, Procedure]
) -> Procedure | None:
    if st.session_state.get(key) not in still_open:
        st.session_state[key] = None
    chosen = place.selectbox(
        label, list(still_open), index=None, key=key, format_func=lambda name: still_open[name].label,
        on_change=note_widget, placeholder="Choose a procedure",
    )  # fmt: skip
    return still_open.get(chosen) if chosen else None


def _as_changed(procedures: Sequence[Procedure]) -> list[Procedure]:
    """The procedures with the costs and burdens that the reader set."""
    changed = st.session_state.get("what_next changed", {})
    return [replace(p, **changed[p.id]) if p.id in changed else p for p in procedures]


def _change_costs(procedures: Sequence[Procedure]) -> None:
    """The table of costs and burdens, to be changed for this session; drawn only while it is open."""
    box = st.expander("Change costs and burdens", key="what_next costs", on_change=note_widget)
    if not box.open:
        return
    state = st.session_state
    key = f"what_next table {state.setdefault('what_next version', 0)}"
    if key not in state:
        state["what_next base"] = [(p.id, p.label, p.cost, p.burden) for p in procedures]
    base = state["what_next base"]
    columns = {
        "Procedure": [label for _, label, _, _ in base],
        "Cost": [cost for _, _, cost, _ in base],
        "Burden": [burden for _, _, _, burden in base],
    }
    with box:
        st.caption(
            "These are assumptions. Set them to what holds where you work. Cost: 0 to 100, relative. Burden: the "
            "patient's pain, risk and time, 0 to 10. Changes last for this session; to keep them, edit procedures.csv."
        )
        st.data_editor(
            columns, hide_index=True, disabled=["Procedure"], key=key, on_change=_keep_costs, args=(key,),
            column_config={
                "Procedure": st.column_config.TextColumn(width=153),
                "Cost": st.column_config.NumberColumn(min_value=0.0, max_value=MOST_COST, required=True, width=72),
                "Burden": st.column_config.NumberColumn(min_value=0.0, max_value=MOST_BURDEN, required=True, width=84),
            },
            height="content",
            alt="Cost and burden of each procedure",
        )  # fmt: skip
        st.button("Reset costs and burdens", key="what_next reset", on_click=_reset_costs)


def _keep_costs(key: str) -> None:
    note_widget()
    changed = st.session_state.setdefault("what_next changed", {})
    for place, cells in st.session_state[key]["edited_rows"].items():
        name, _, cost, burden = st.session_state["what_next base"][int(place)]
        given = {"cost": cells.get("Cost"), "burden": cells.get("Burden")}
        changed[name] = {"cost": cost, "burden": burden} | {k: float(v) for k, v in given.items() if v is not None}


def _reset_costs() -> None:
    """Forget the changes; a new key, as the browser would bring back what the old table held."""
    note_widget()
    st.session_state["what_next changed"] = {}
    st.session_state["what_next version"] += 1
