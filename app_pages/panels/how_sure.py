"""Credible intervals, conflict and surprise."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw the panel."""
    st.caption("Credible intervals, conflict and surprise.")
