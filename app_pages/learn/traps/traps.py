"""Traps: short guided stories in which the obvious answer is wrong, with a finding to try at the end."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st

from app_pages.learn.traps.trap_view import (
    answer_html,
    bars_html,
    open_html,
    question_html,
    sources_html,
    story_html,
    watched_html,
)
from app_pages.shared.case_link import write_link
from app_pages.shared.case_state import note_widget, show_in_widget, widget_answered
from app_pages.shared.kept import ask
from app_pages.shared.labels import state_label
from app_pages.shared.notice import show_notice
from model import ImpossibleEvidence, InputError, Net
from model.io.markup import html
from model.learn.trap_tables import Trap, read_traps
from model.learn.traps import Shown, show_answer, show_steps, show_toggle, story_csv

WALK = "trap walk"


@dataclass(frozen=True)
class Walk:
    """Where the reader is: `step` of the trap, from 0; tried: states of the findings of the toggle."""

    trap: str
    step: int = 0
    tried: tuple[tuple[str, str | None], ...] = ()


@st.fragment
def show(net: Net) -> None:
    """The story so far beside the probabilities; after the last step a question, and findings to try."""
    widget_answered()
    try:
        traps = {trap.id: trap for trap in read_traps(net.priors)}
    except InputError as fault:
        show_notice(f"The stories cannot be read. {fault}")
        return
    if not traps:
        show_notice("These priors contain no stories: there is no file lessons/traps.csv.")
        return
    chosen = ask(st.selectbox, "trap", "Trap", list(traps), next(iter(traps)), width=420,
                 format_func=lambda name: traps[name].title)  # fmt: skip
    trap = traps[chosen]
    walk = _walk(trap)
    try:
        shown = show_steps(net, trap)
    except ImpossibleEvidence as conflict:
        show_notice(f"With the priors in use, no diagnosis can explain a step of this story: {conflict}.")
        return
    _tell(net, trap, walk, shown)


def _tell(net: Net, trap: Trap, walk: Walk, shown: tuple[Shown, ...]) -> None:
    """The story so far on one side, the probabilities of its last patient on the other."""
    ended = walk.step == len(trap.steps) - 1
    left, right = st.columns(2, gap="medium")
    with left:
        st.html(story_html(net, trap, shown[: walk.step + 1]))
        _go_on(walk, len(trap.steps))
        if ended:
            _ask(net, trap, walk)
    with right:
        _draw(net, trap, show_toggle(net, trap, dict(walk.tried)) if ended and walk.tried else shown[walk.step])
    if ended:
        st.html(sources_html(net, trap))
        st.download_button("Download the numbers (CSV)", story_csv(shown), f"trap-{trap.id}.csv", "text/csv",
                           on_click="ignore", icon=":material/download:")  # fmt: skip


def _walk(trap: Trap) -> Walk:
    """The walk of the session; another trap begins anew."""
    walk = st.session_state.get(WALK)
    if not isinstance(walk, Walk) or walk.trap != trap.id or walk.step >= len(trap.steps):
        walk = Walk(trap.id)
        st.session_state[WALK] = walk
    return walk


def _go_on(walk: Walk, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="trap-steps"):
        st.button("Back", icon=":material/arrow_back:", disabled=walk.step == 0, on_click=_go, args=(walk.step - 1,))
        st.button("Next", icon=":material/arrow_forward:", type="primary", disabled=walk.step == count - 1,
                  on_click=_go, args=(walk.step + 1,))  # fmt: skip
        st.html(html("<p class='learn-note'>Step {} of {}</p>", walk.step + 1, count))


def _ask(net: Net, trap: Trap, walk: Walk) -> None:
    """The question, a toggle for each finding to try, and the answer behind a click."""
    st.html(question_html(trap))
    at_last = trap.steps[-1].findings
    tried = dict(walk.tried)
    for finding in trap.toggles:
        variable = net.vocabulary.variable(finding)
        key = f"trap try {finding}"
        show_in_widget(key, tried[finding] if finding in tried else at_last.get(finding))
        st.segmented_control(f"Try it: {variable.label}", variable.states, key=key, format_func=state_label,
                             on_change=_try, args=(finding, key))  # fmt: skip
    if walk.tried:
        st.html(watched_html(net, trap, show_toggle(net, trap, tried)))
    with st.expander("Show the answer"):
        st.html(answer_html(net, trap, show_answer(net, trap)))


def _draw(net: Net, trap: Trap, shown: Shown) -> None:
    """The probabilities of one patient, and the way into Explore with the same findings."""
    case = {"setting": shown.step.setting, "findings": shown.step.findings}
    st.html(bars_html(net, trap, shown) + open_html(urlencode(write_link(case, net.vocabulary))))


def _go(step: int) -> None:
    st.session_state[WALK] = replace(st.session_state[WALK], step=step, tried=())
    note_widget()


def _try(finding: str, key: str) -> None:
    walk: Walk = st.session_state[WALK]
    tried = {**dict(walk.tried), finding: st.session_state[key]}
    st.session_state[WALK] = replace(walk, tried=tuple(tried.items()))
    note_widget()
