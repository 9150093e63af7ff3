"""The app: navigation, and what every page shows."""

from pathlib import Path

import streamlit as st
from markupsafe import Markup

from app_pages.shared.network import load_network, own_priors
from app_pages.shared.notice import show_notice
from model import InputError
from model.about import INTENDED_USE
from model.io.markup import html, joined

STAYS_HERE = "What you enter stays on this machine."
STYLES = Path(__file__).parent / "app_pages" / "styles"

st.set_page_config(page_title="Myositis network", layout="wide")
page = st.navigation(
    {
        "Clinician": [
            st.Page("app_pages/explore/page.py", title="Explore", default=True),
            st.Page("app_pages/compare/page.py", title="Compare", url_path="compare"),
        ],
        "Educator": [st.Page("app_pages/learn/page.py", title="Learn", url_path="learn")],
        "Analyst": [st.Page("app_pages/calibrate/page.py", title="Calibrate", url_path="calibrate")],
        "About": [st.Page("app_pages/about/page.py", title="Model", url_path="model")],
    },
    position="top",
)
st.session_state["arrived"] = st.session_state.get("page") != page.title
st.session_state["page"] = page.title
styles = sorted(STYLES.glob("*.css"), key=lambda path: (path.name != "base.css", path.name))
st.html(html("<style>{}</style>", joined(Markup(path.read_text(encoding="utf-8")) for path in styles)))
st.html(
    html(
        "<header class='masthead'><h1>{}</h1><p class='intended-use'>{} {}</p></header>",
        page.title,
        INTENDED_USE,
        STAYS_HERE,
    )
)
try:
    load_network()
except InputError as error:
    show_notice(f"The priors cannot be read: {error}.")
    st.stop()
own = own_priors()
if own:
    st.html(html("<p class='own-priors' role='status'>Priors in use on every page: <strong>{}</strong></p>", own.name))
page.run()
