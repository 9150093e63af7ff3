"""The sets of priors of a session: the one that the app started with, and those made or opened here."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

import model
from app_pages.shared.case_state import current_case
from app_pages.shared.network import OwnPriors, load_network, own_priors, same_priors, started_with, use_priors
from model import InputError, Net
from model.calibrate.archive import zipped
from model.calibrate.numbers import Number, by_key
from model.inference.evidence import likelihood

STARTED_WITH = "Original priors (shipped)"
MOST_SETS = 8


def own_sets() -> dict[str, OwnPriors]:
    """Name -> set, in the order in which they were made. A plain dict of the session."""
    sets: dict[str, OwnPriors] = st.session_state.setdefault("sets of priors", {})
    return sets


def nets() -> Mapping[str, Net]:
    """Name -> network of every set that this session can choose from."""
    return {STARTED_WITH: started_with(), **{name: own.net for name, own in own_sets().items()}}


def name_in_use() -> str:
    """The name of the set that the pages work with."""
    own = own_priors()
    return own.name if own else STARTED_WITH


def made(name: str, make: Callable[[Path], Path]) -> OwnPriors:
    """A set whose folder is written by `make`, which is given the path; its folder goes when nobody holds it.

    Raises InputError as `make` does.
    """
    home: TemporaryDirectory[str] = TemporaryDirectory(prefix="priors-", ignore_cleanup_errors=True)
    return OwnPriors(name, model.load(make(Path(home.name) / "priors")), home)


def keep(own: OwnPriors) -> None:
    """Add a set to those of the session; raises InputError where there are too many or the name is taken."""
    if not own.name or own.name in nets():
        raise InputError(f"the name {own.name!r} is empty or already used; choose another")
    if len(own_sets()) >= MOST_SETS:
        raise InputError(f"you already have {MOST_SETS} saved priors; remove one first")
    own_sets()[own.name] = own


def use(name: str) -> tuple[str, ...]:
    """Let all pages work with a set; gives the findings of the patient that it does not know, which are left out."""
    own = own_sets().get(name)
    use_priors(own)
    vocabulary = (own.net if own else started_with()).vocabulary
    case = current_case()
    gone = []
    for finding, value in list(case["findings"].items()):
        try:
            likelihood(vocabulary, vocabulary.variable(finding), value)
        except InputError:
            gone.append(finding)
            del case["findings"][finding]
    if case["setting"] not in vocabulary.settings:
        case["setting"] = vocabulary.settings[0]
    return tuple(gone)


def use_from_button(name: str) -> None:
    """As `use`; the part Versions names the findings that the patient loses."""
    known = load_network().vocabulary.variables
    st.session_state["findings left out"] = [known[f].label if f in known else f for f in use(name)]


def remove(name: str) -> None:
    """Forget a set; the pages go back to what the app started with if they worked with it."""
    if name == name_in_use():
        use(STARTED_WITH)
    own_sets().pop(name, None)


def file_name(net: Net) -> str:
    """What its zip file is called: the fingerprint tells versions apart."""
    return f"priors_{net.priors.fingerprint}.zip"


def zipped_set(net: Net) -> bytes:
    """The zip file of a set."""
    return zipped(net.priors.folder)


def today() -> str:
    """The date of a change, as the log has it."""
    return date.today().isoformat()


@st.cache_resource(max_entries=6, hash_funcs={Net: same_priors}, show_spinner="Reading the numbers")
def by_key_of(net: Net) -> dict[str, Number]:
    """Every number of a set, by key."""
    return by_key(net.priors)
