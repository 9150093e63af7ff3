"""Model: the network and its numbers, what disagrees, how it was checked, files to take away, the model card."""

import streamlit as st

from app_pages.about.parts import PARTS
from app_pages.shared.network import load_network

net = load_network()
chosen = st.segmented_control(
    "Show",
    list(PARTS),
    default="network",
    format_func=lambda part: PARTS[part][0],
    key="part of the model",
    required=True,
)
with st.container(key=f"model-{chosen}"):
    PARTS[chosen][1](net)
