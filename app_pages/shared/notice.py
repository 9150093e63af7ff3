"""One sentence that tells the reader what is wrong."""

import streamlit as st

from model.io.markup import html


def show_notice(sentence: str) -> None:
    """Show a sentence as plain text: a link may hold anything, so nothing in it is read as markup."""
    st.html(html("<p class='notice' role='alert'>{}</p>", sentence))
