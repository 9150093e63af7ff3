"""The model card as it is in the documents."""

import re
from pathlib import Path

import streamlit as st

from model import Net
from model.priors.folder import SHIPPED

CARD = Path(__file__).parents[2] / "docs" / "model_card.md"


def show(net: Net) -> None:
    """The card below its title, which the page has already."""
    text = CARD.read_text(encoding="utf-8")
    if net.priors.folder.resolve() != SHIPPED:
        st.info("This card describes the original priors. Other priors are in use; see Checks for how well they do.")
    st.markdown(re.sub(r"<!--.*?-->\n*", "", text.partition("\n")[2]))
    st.download_button("Download the card", text, "model_card.md", "text/markdown", key="take card", on_click="ignore")
