"""Open a patient's file: a case of this project, a Phenopacket or a FHIR Bundle."""

import streamlit as st

from model import Net


def open_file(net: Net) -> None:
    """A button that opens a file from this computer; the file stays in memory."""
    with st.popover("Open file", icon=":material/upload_file:", key="open_file"):
        st.file_uploader("Patient file (JSON)", type="json", max_upload_size=20, key="open_file upload")
