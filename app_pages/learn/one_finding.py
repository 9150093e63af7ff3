"""The part one finding of the page Learn."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw the part."""
    st.caption("This part is being written.")
