"""Model: the network and its numbers, what disagrees, how it was checked, files to take away, the model card."""

from collections.abc import Callable, Mapping

import streamlit as st

from app_pages.about import card, checks, disagreements, network_drawn, take_away
from app_pages.shared.network import load_network
from model import Net

# Only the part that is shown computes. (A string below would be shown: Streamlit writes what stands alone.)
PARTS: Mapping[str, tuple[str, Callable[[Net], None]]] = {
    "network": ("Network and numbers", network_drawn.show),
    "disagreements": ("Sources and decisions", disagreements.show),
    "checks": ("Checks", checks.show),
    "files": ("Files and citation", take_away.show),
    "card": ("Model card", card.show),
}


def show() -> None:
    """The choice of a part, and the part chosen."""
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


if __name__ == "__main__":  # Streamlit runs a page as __main__
    show()
