"""The network that the pages work with: loaded once for all visitors, or a visitor's own set of priors."""

import gc
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

import model
from model.priors.vocabulary import Vocabulary

OWN = "own priors"


@dataclass(frozen=True)
class OwnPriors:
    """A set of priors of one session. `home` holds its folder and goes with the session."""

    name: str
    net: model.Net
    home: TemporaryDirectory[str]

    @property
    def folder(self) -> Path:
        return self.net.priors.folder


def load_network() -> model.Net:
    """The network of the session's own priors where it uses some, else the one that the app started with."""
    own = own_priors()
    return own.net if own else started_with()


def started_with() -> model.Net:
    """The network of the folder named by MYOSITIS_PRIORS; the shipped priors where it is empty."""
    return _load(os.environ.get("MYOSITIS_PRIORS", ""))


def own_priors() -> OwnPriors | None:
    """The session's own priors, None where it uses those that the app started with."""
    own: OwnPriors | None = st.session_state.get(OWN)
    return own


def use_priors(own: OwnPriors | None) -> None:
    """Let every page of this session work with these priors; no other session hears of it."""
    st.session_state[OWN] = own


def same_priors(net: model.Net) -> str:
    """What tells the network of one folder from that of another in a cache.

    Not its address in memory, which another network may have later: a folder of a session is never named twice.
    """
    return str(net.priors.folder)


def same_words(vocabulary: Vocabulary) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What tells one vocabulary from another in a cache: its variables and their states."""
    return tuple((name, variable.states) for name, variable in vocabulary.variables.items())


@st.cache_resource(show_spinner="Loading the network", max_entries=1)
def _load(folder: str) -> model.Net:
    net = model.load(folder or None)
    # What has just been loaded stays; the garbage collector need not search it again and again.
    gc.collect()
    gc.freeze()
    return net
