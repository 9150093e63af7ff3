"""Which cohort: a simulated one, the published patients, or a file of the visitor, matched to the vocabulary."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import streamlit as st

from app_pages.calibrate.mapping_step import ask_mapping
from app_pages.shared.examples import published_patients
from app_pages.shared.network import same_priors, same_words
from app_pages.shared.notice import show_notice
from model import InputError, Net
from model.cases.cohort import COHORT_SUFFIXES, Cohort, cohort_of
from model.cases.files.columns import column_values
from model.cases.files.read import read_cohort_file
from model.cases.files.repairs import Repair
from model.cases.imagine import Imagined, imagine

SIMULATED = Path(__file__).parents[2] / "cases" / "simulated.csv"
CHOICES = {"simulated": "Simulated cohort", "published": "Example patients", "file": "My own file"}
IMAGINED = 300
Found = TypeVar("Found")
MEMORY = Path("/dev/shm")
LARGEST_UPLOAD = 100
IMAGINED_WORDS = " Drawn from the model; they are not real people."


@dataclass(frozen=True)
class Chosen:
    """A cohort; `mark` tells it from another, `name` is how to speak of it."""

    cohort: Cohort
    name: str
    mark: str


@dataclass(frozen=True)
class _File:
    """An upload, held in memory; `mark` is of its content."""

    name: str
    content: bytes
    mark: str


def choose_cohort(net: Net) -> Chosen | None:
    """The choice, with the mapping step for a file; None as long as there is no cohort. Says what it holds.

    All parts of the page speak of the same cohort.
    """
    offered = [choice for choice in CHOICES if choice == "file" or shipped_cohort(net, choice) is not None]
    choice = st.segmented_control("Cohort", offered, default=offered[0], format_func=CHOICES.__getitem__,
                                  key="cohort", persist_state="session", required=True)  # fmt: skip
    chosen = _from_file(net) if choice == "file" else shipped_cohort(net, choice)
    if chosen is not None:
        cohort = chosen.cohort
        known = int((cohort.diagnoses >= 0).sum())
        st.caption(
            f"{len(cohort):,} patients, {known:,} with a diagnosis, {len(cohort.states) + len(cohort.likelihoods)} "
            f"findings.{IMAGINED_WORDS if choice == 'simulated' else ''}"
        )
    return chosen


@st.cache_resource(max_entries=4, hash_funcs={Net: same_priors}, show_spinner="Reading the cohort")
def shipped_cohort(net: Net, choice: str) -> Chosen | None:
    """A cohort that needs no file of the visitor; None where these priors do not know its words."""
    vocabulary = net.vocabulary
    if choice == "published":
        cases = list(published_patients(vocabulary).values())
        return Chosen(cohort_of(cases, vocabulary), CHOICES[choice], choice) if cases else None
    try:
        return Chosen(read_cohort_file(SIMULATED, vocabulary)[0], CHOICES[choice], choice)
    except InputError:
        drawn = next(imagine(net, Imagined(IMAGINED)))
        return Chosen(drawn, CHOICES[choice], f"{choice} {same_priors(net)}")


def _from_file(net: Net) -> Chosen | None:
    file = _upload()
    if file is None:
        return None
    try:
        mapping = None
        if not file.name.lower().endswith(".jsonl"):
            values = _once("cohort values", file.mark, file, column_values)
            mapping = ask_mapping(net.vocabulary, values, file.mark)
            if mapping is None:
                return None
        mark = sha256(repr((file.mark, mapping, same_words(net.vocabulary))).encode()).hexdigest()
        cohort, repairs = _once("cohort read", mark, file, lambda p: read_cohort_file(p, net.vocabulary, mapping))
    except InputError as error:
        show_notice(f"{error}.")
        return None
    _tell(repairs)
    return Chosen(cohort, file.name, mark)


def _upload() -> _File | None:
    """The file that the session holds in memory, also after the visitor looked at another part."""
    held: _File | None = st.session_state.get("cohort file")
    if held is None:
        types = [suffix[1:] for suffix in COHORT_SUFFIXES]
        st.file_uploader("Cohort (CSV, JSON Lines or Parquet)", types, key="cohort upload", on_change=_take,
                         max_upload_size=LARGEST_UPLOAD)  # fmt: skip
        st.caption("One row per patient, one column per finding. The file stays on this machine. For larger cohorts "
                   "use "
                   "`python -m model score` and `fit`.")  # fmt: skip
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{held.name}, {len(held.content) / 1e6:.1f} MB")
        st.button("Another file", key="drop cohort", on_click=_drop)
    return held


def _take() -> None:
    upload = st.session_state["cohort upload"]
    if upload is not None:
        content = upload.getvalue()
        st.session_state["cohort file"] = _File(upload.name, content, sha256(content).hexdigest())


def _drop() -> None:
    for name in ("cohort file", "cohort values", "cohort read"):
        st.session_state.pop(name, None)


def _once(kept_as: str, mark: str, file: _File, read: Callable[[Path], Found]) -> Found:
    """What is read from an upload, once. It is of patients, so the session keeps it and no common cache."""
    kept = st.session_state.get(kept_as)
    if kept is None or kept[0] != mark:
        with st.spinner("Reading the file"), _Written(file) as path:
            kept = st.session_state[kept_as] = (mark, read(path))
    found: Found = kept[1]
    return found


class _Written:
    """An upload as a file for as long as it is read: in memory where the machine has a folder for that."""

    def __init__(self, file: _File) -> None:
        self.home = TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.path = Path(self.home.name) / Path(file.name).name
        self.content = file.content

    def __enter__(self) -> Path:
        self.path.write_bytes(self.content)
        return self.path

    def __exit__(self, *_: object) -> None:
        self.home.cleanup()


def _tell(repairs: tuple[Repair, ...]) -> None:
    """The repairs made while reading."""
    if repairs:
        with st.expander(f"{len(repairs)} automatic correction{'' if len(repairs) == 1 else 's'} · review"):
            for repair in repairs:
                st.text(str(repair))
