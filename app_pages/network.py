"""The network, loaded once for all visitors."""

import gc
import os

import streamlit as st

import model


def load_network() -> model.Net:
    """The network of the folder named by MYOSITIS_PRIORS; the shipped priors where it is empty."""
    return _load(os.environ.get("MYOSITIS_PRIORS", ""))


@st.cache_resource(show_spinner="Loading the network", max_entries=1)
def _load(folder: str) -> model.Net:
    net = model.load(folder or None)
    # What has just been loaded stays; the garbage collector need not search it again and again.
    gc.collect()
    gc.freeze()
    return net
