"""Files to take away: the network for other tools, the priors; the version, and how to cite."""

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from app_pages.shared.number_rows import source_rows
from app_pages.shared.tables import show_table
from model import Net
from model.about import VERSION
from model.calibrate.archive import zipped
from model.calibrate.numbers import numbers
from model.network.export import READERS, export

FORMATS = {
    "bif": "BIF (many tools)",
    "xmlbif": "XMLBIF (many tools)",
    "xdsl": "XDSL (GeNIe, SMILE)",
    "net": "NET (Hugin)",
    "uai": "UAI (solvers)",
    "json": "JSON (tables in plain lists)",
}
CITATION = Path(__file__).parents[2] / "CITATION.cff"


def show(net: Net) -> None:
    """Version, downloads, citation."""
    mark = net.priors.fingerprint
    st.header("Version", anchor=False)
    st.markdown(
        f"Version **{VERSION}**, priors **{mark}**. The code of the priors changes whenever one of their tables does."
    )
    st.header("Downloads", anchor=False)
    with st.container(horizontal=True):
        for name, label in FORMATS.items():
            st.download_button(
                label,
                partial(exported, net, name, mark),
                f"myositis_network_{VERSION}.{name}",
                key=f"export {name}",
                on_click="ignore",
            )
        st.download_button("Priors (zip)", lambda: zipped(net.priors.folder), f"priors_{mark}.zip",
                           "application/zip", key="export priors", on_click="ignore")  # fmt: skip
    st.caption("A network file is made when you click; the first one takes a few seconds. UAI: "
               f"{READERS['uai']}. XDSL: {READERS['xdsl']}.")  # fmt: skip
    st.header("How to cite", anchor=False)
    st.markdown("Cite the model with its version, and the sources of the numbers you rely on.")
    st.code(citation_line(CITATION.read_text(encoding="utf-8"), mark), language=None, wrap_lines=True)
    st.download_button("CITATION.cff", CITATION.read_text(encoding="utf-8"), "CITATION.cff", key="export citation",
                       on_click="ignore")  # fmt: skip
    with st.expander("All sources of the numbers"):
        show_table(source_rows(numbers(net.priors), net.priors), "sources", "Search the sources")


@st.cache_data(max_entries=3, show_spinner="Writing the file")
def exported(_net: Net, file_format: str, mark: str) -> bytes:
    """The network as a file of this format; `mark` tells one folder of priors from another."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"network.{file_format}"
        export(_net.network, file_format, path)
        return path.read_bytes()


def citation_line(text: str, mark: str) -> str:
    """One line from a CITATION.cff (https://citation-file-format.github.io): authors, title, version, date.

    >>> citation_line('title: "T"\\nversion: 1\\ndate-released: 2026-01-02\\nauthors:\\n  - name: "A"\\n', "f00")
    'A. T. Version 1 (2026-01-02), priors f00.'
    """
    field = dict(re.findall(r'^([\w-]+): *"?(.*?)"?$', text, re.MULTILINE))
    authors = re.findall(r'^ +- name: *"?(.*?)"?$', text, re.MULTILINE)
    return (
        f"{', '.join(authors)}. {field['title']}. Version {field['version']} ({field['date-released']}), priors {mark}."
    )
