"""Part of the page Model."""

import streamlit as st

from model import Net


def show(net: Net) -> None:
    """Draw this part."""
    st.caption(f"{len(net.nodes)} nodes")
