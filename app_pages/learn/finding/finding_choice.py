"""Which finding, which result, which two sides, in which setting."""

from dataclasses import dataclass

import streamlit as st

from app_pages.shared.kept import ask, put
from model import Net
from model.learn.examples import OneFindingExample, one_finding_examples
from model.learn.words import side_phrase
from model.patient.phrases import capitalised, value_phrase
from model.priors.vocabulary import Vocabulary


@dataclass(frozen=True)
class Question:
    """What is asked: the record's fields are those of `model.learn.one_finding`."""

    finding: str
    positive: tuple[str, ...]
    diagnosis: str
    rival: str | None
    setting: str


def choose_question(net: Net) -> Question:
    """The examples as buttons, then every choice by itself."""
    examples = one_finding_examples(net.priors)
    start = _first(net, examples)
    if examples:
        with st.container(horizontal=True, key="learn-examples"):
            for example in examples:
                st.button(example.title, key=f"example {example.id}", on_click=_take, args=(example,))
    vocabulary = net.vocabulary
    with st.container(horizontal=True, vertical_alignment="bottom", key="learn-finding"):
        finding = ask(st.selectbox, "one finding", "Finding", vocabulary.findings, start.finding, width=260,
                      format_func=lambda f: vocabulary.variables[f].label)  # fmt: skip
        diagnosis = ask(st.selectbox, "one for", "For", _sides(vocabulary), start.diagnosis, width=240,
                        format_func=lambda side: _side_label(vocabulary, side))  # fmt: skip
        rival = ask(st.selectbox, "one against", "Against", ["", *_sides(vocabulary)], start.rival or "", width=240,
                    format_func=lambda side: _side_label(vocabulary, side))  # fmt: skip
        setting = ask(st.selectbox, "one setting", "Referral setting", vocabulary.settings, start.setting,
                      width=270, format_func=vocabulary.setting_labels.__getitem__)  # fmt: skip
    states = vocabulary.variables[finding].states
    usual = start.positive if finding == start.finding else states[1:]
    positive = _ask_positive(finding, states, usual) if len(states) > 2 else (states[1],)
    return Question(finding, positive, diagnosis, rival or None, setting)


def _ask_positive(finding: str, states: tuple[str, ...], usual: tuple[str, ...]) -> tuple[str, ...]:
    """Which states of a finding with several count as a positive result."""
    key = f"one positive {finding}"
    kept = st.session_state.setdefault("kept", {}).get(key, list(usual))
    if st.session_state.get(key) != kept:
        st.session_state[key] = kept
    st.pills("Counts as a positive result", states, selection_mode="multi", key=key, format_func=value_phrase,
             on_change=_keep_positive, args=(key,))  # fmt: skip
    return tuple(kept)


def _keep_positive(key: str) -> None:
    put(key, st.session_state[key])


def _first(net: Net, examples: tuple[OneFindingExample, ...]) -> OneFindingExample:
    """The first example; without any, the first finding after age for the first diagnosis."""
    if examples:
        return examples[0]
    vocabulary = net.vocabulary
    finding = next((f for f in vocabulary.findings if not vocabulary.variables[f].bins), vocabulary.findings[0])
    positive = vocabulary.variables[finding].states[1:2]
    return OneFindingExample("", "", finding, positive, vocabulary.diagnoses[0], None, vocabulary.settings[0])


def _take(example: OneFindingExample) -> None:
    put("one finding", example.finding)
    put("one for", example.diagnosis)
    put("one against", example.rival or "")
    put("one setting", example.setting)
    put(f"one positive {example.finding}", list(example.positive))
    st.session_state.get("kept", {}).pop("one before", None)


def _sides(vocabulary: Vocabulary) -> list[str]:
    return [*vocabulary.families, *vocabulary.diagnoses]


def _side_label(vocabulary: Vocabulary, side: str) -> str:
    if not side:
        return "All other diagnoses"
    text = side_phrase(vocabulary, side)
    return capitalised(text.removeprefix("an ").removeprefix("a "))
