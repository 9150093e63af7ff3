"""Measure: which patients, what is known of them, what to compare with; then one view of the result."""

import streamlit as st

from app_pages.calibrate import sets, work
from app_pages.calibrate.cohort_choice import Chosen, choose_cohort
from app_pages.calibrate.measure import measure_views
from app_pages.calibrate.measure.measure_task import Measured, Question, task_of
from app_pages.shared.measures import STAGE_WORDS
from app_pages.shared.network import same_priors
from model import Net
from model.measure.evaluate import STAGES

KEY = "measure"
NONE = "No comparison"
FOLDS = 5


def show(net: Net) -> None:
    """The question, the button, the answer."""
    st.markdown(
        "How good are the probabilities? Tested on patients with a known diagnosis, and compared with simpler "
        "predictors."
    )
    chosen = choose_cohort(net)
    if chosen is None:
        return
    asked = _ask(net, chosen)
    other = same_priors(asked.against[1]) if asked.against else ""
    mark = (same_priors(net), chosen.mark, asked.setting, asked.stage, other, asked.folds)
    st.button("Measure", type="primary", key="run measure", disabled=work.running(KEY), on_click=work.start,
              args=(KEY, mark, task_of(net, asked)))  # fmt: skip
    found = work.result(KEY, mark)
    if isinstance(found, Measured):
        measure_views.show(net, found)


def _ask(net: Net, chosen: Chosen) -> Question:
    labels = net.vocabulary.setting_labels
    others = [NONE, *(name for name in sets.nets() if name != sets.name_in_use())]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        setting = st.selectbox("Referral setting", ["", *_settings(net, chosen)], key="measure setting", width=300,
                               persist_state="session",
                               format_func=lambda s: labels.get(s, s) or "All referral settings")  # fmt: skip
        stage = st.selectbox("What is known", STAGES[::-1], format_func=STAGE_WORDS.__getitem__,
                             key="measure stage", persist_state="session",
                             width=400)  # fmt: skip
        other = st.selectbox("Compare with other priors", others, key="measure other",
                             persist_state="session", width=300)  # fmt: skip
        folded = st.checkbox(f"Also fit, tested by {FOLDS}-fold cross-validation (takes minutes)",
                             key="measure folds", persist_state="session")  # fmt: skip
    against = sets.nets().get(other)
    return Question(chosen, setting, stage, (other, against) if against else None, FOLDS if folded else 0)


def _settings(net: Net, chosen: Chosen) -> list[str]:
    """The settings that occur in a cohort; one that is not said is the usual one."""
    found = set(chosen.cohort.settings.tolist())
    usual = net.default_setting if -1 in found else None
    return [s for index, s in enumerate(net.vocabulary.settings) if index in found or s == usual]
