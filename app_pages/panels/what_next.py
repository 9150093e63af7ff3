"""Which procedure to do next."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw the panel."""
    st.caption("Which procedure to do next.")
