"""Alerts and treatment."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw the panel."""
    st.caption("Alerts and treatment.")
