"""Weight of evidence of each finding."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw the panel."""
    st.caption("Weight of evidence of each finding.")
