"""A page in parts, of which only the open one computes."""

from collections.abc import Callable, Mapping

import streamlit as st

from model import Net

Parts = Mapping[str, tuple[str, Callable[[Net], None]]]
"""Id of a part -> its label and the function that shows it. The first is open at the start."""


def show_part(label: str, parts: Parts, net: Net, page: str, key: str) -> None:
    """The choice of a part, kept under `key`, and the part chosen, in a container named after the page."""
    chosen = st.segmented_control(
        label,
        list(parts),
        default=next(iter(parts)),
        format_func=lambda part: parts[part][0],
        key=key,
        required=True,
    )
    with st.container(key=f"{page}-{chosen}"):
        parts[chosen][1](net)
