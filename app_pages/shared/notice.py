"""One sentence that tells the reader what is wrong."""

from html import escape

import streamlit as st


def show_notice(sentence: str) -> None:
    """Show a sentence as plain text: a link may hold anything, so nothing in it is read as markup."""
    st.html(f"<p class='notice' role='alert'>{escape(sentence)}</p>")
