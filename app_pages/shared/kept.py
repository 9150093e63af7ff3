"""Choices on the pages, which outlive the widgets that ask for them."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from app_pages.shared.case_state import note_widget, show_in_widget


def ask(widget: Callable[..., Any], key: str, label: str, options: Sequence[Any], default: Any, **more: Any) -> Any:
    """A widget whose answer is kept apart from it; an answer that is no longer possible gives way to the default."""
    kept = st.session_state.setdefault("kept", {})
    chosen = kept.get(key, default)
    show_in_widget(key, chosen if chosen in options else default)
    return widget(label, list(options), key=key, on_change=_keep, args=(key,), **more)


def ask_whether(key: str, label: str) -> bool:
    """A box to tick, empty at first, whose answer is kept apart from it."""
    show_in_widget(key, bool(st.session_state.setdefault("kept", {}).get(key, False)))
    return st.checkbox(label, key=key, on_change=_keep, args=(key,))


def put(key: str, value: Any) -> None:
    """Answer for the student, from a callback: the widget shows it when it is next drawn."""
    st.session_state.setdefault("kept", {})[key] = value
    note_widget()


def _keep(key: str) -> None:
    put(key, st.session_state[key])
