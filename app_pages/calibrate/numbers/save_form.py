"""Save pending changes as a new set of priors: a name, the reason, and whom to cite."""

import streamlit as st

from app_pages.calibrate import sets
from app_pages.calibrate.numbers import pending
from app_pages.shared.notice import show_notice
from model import InputError, Net

NEW = "A new source"


def ask_to_save(net: Net) -> None:
    """The form; what is wrong in it is said below, and nothing is lost."""
    st.header("Save as new priors", anchor=False)
    sources = net.priors.sources
    with st.form("save changes", border=False):
        name = st.text_input("Name of these priors", f"Priors of {sets.today()}", max_chars=60)
        reason = st.text_input("Why did you change these numbers?", max_chars=300)
        labels = {NEW: NEW, **{key: _label(key, row["citation"]) for key, row in sources.items()}}
        chosen = st.selectbox("Source of the change", list(labels), format_func=labels.__getitem__, width=420)
        with st.container(horizontal=True):
            key = st.text_input("Short name of a new source", placeholder="clinic2026", max_chars=60, width=200)
            citation = st.text_input("Full citation", placeholder="Authors, title, year, address", max_chars=400)
        grades = net.priors.grades
        grade = st.selectbox("Grade", ["", *grades], width=420,
                             format_func=lambda g: f"{g}: {grades[g]}" if g else "Unchanged")  # fmt: skip
        sent = st.form_submit_button("Save", type="primary")
    if not sent:
        return
    said = pending.Reason(reason, key.strip() if chosen == NEW else chosen, grade, citation if chosen == NEW else "")
    try:
        with st.spinner("Writing and checking the tables"):
            own = pending.save(net, name, said)
    except InputError as error:
        show_notice(f"Not saved: {error}.")
        return
    sets.use(own.name)
    st.session_state["saved"] = own.name
    st.rerun()


def _label(key: str, citation: str) -> str:
    return f"{key}: {citation}" if len(citation) < 60 else f"{key}: {citation[:60]}..."
