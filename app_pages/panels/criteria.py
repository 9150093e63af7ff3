"""Classification criteria on the same findings."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw the panel."""
    st.caption("Classification criteria on the same findings.")
