"""The button "Save or share": what can be taken away of a patient, and that no file names the patient."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from app_pages.explore.keep import kept
from model import Net
from model.cases.exchange import read_patient
from tests.app.page_server import PHONE, new_page, serve

FINDINGS: dict[str, object] = {"heliotrope_rash": "present", "ck_level": 12.0}
SCRIPT = """
import streamlit as st

from app_pages.shared.case_state import current_case, open_case
from app_pages.explore.keep import keep_case
from app_pages.shared.network import load_network

net = load_network()
open_case(net.vocabulary)
keep_case(net)


@st.fragment(key="other")
def other():
    st.button("Fever", on_click=lambda: current_case()["findings"].update(fever="present"))


other()
"""


def test_the_kept_case_opens_again_as_the_same_patient(shipped: Net) -> None:
    case = {"setting": "primary_care", "findings": FINDINGS, "example": "pub-004"}
    again = read_patient(json.loads(kept(shipped, case, ".json")), "x", shipped).case
    assert (again.id, again.setting, dict(again.findings)) == ("", "primary_care", FINDINGS)


def test_no_kept_file_tells_which_published_patient_it_was(shipped: Net) -> None:
    case = {"setting": "primary_care", "findings": FINDINGS, "example": "pub-004"}
    for suffix in (".json", ".html"):
        assert b"pub-004" not in kept(shipped, case, suffix)


@contextmanager
def opened(folder: Path, browser: BrowserContext, link: str, priors: str = "") -> Iterator[Page]:
    """The script above on a phone, with a case in its link."""
    script = folder / "page.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(script, {"MYOSITIS_PRIORS": priors}) as address:
        page = new_page(browser, PHONE)
        page.goto(f"{address}/?{link}")
        yield page
        page.close()


def download(page: Page, label: str) -> tuple[str, bytes]:
    """Name and content of the file that a button gives."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_downloads_are_of_the_patient_on_the_screen(tmp_path: Path, browser: BrowserContext) -> None:
    with opened(tmp_path, browser, "heliotrope_rash=present&ck_level=12") as page:
        page.get_by_role("button", name="Fever").click()  # another part of the page than the button "Save or share"
        page.get_by_role("button", name="Save or share").click()
        expect(page.locator("code")).to_contain_text("heliotrope_rash=present&ck_level=12&fever=present")
        name, content = download(page, "Case to open again")
        assert (name, json.loads(content)["findings"]) == ("myositis-case.json", {**FINDINGS, "fever": "present"})
        name, content = download(page, "Report to read")
        assert name == "myositis-report.html" and b"Fever" in content and content.endswith(b"</html>\n")
        name, content = download(page, "Report to print")
        assert name == "myositis-report.pdf" and content.startswith(b"%PDF-")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_findings_that_exclude_each_other_are_named(
    tmp_path: Path, browser: BrowserContext, strict_priors: Path
) -> None:
    link = "v_sign=present&finger_flexor_weakness=present"
    with opened(tmp_path, browser, link, str(strict_priors)) as page:
        page.get_by_role("button", name="Save or share").click()
        expect(page.get_by_role("alert")).to_contain_text("cannot occur together")
        expect(page.get_by_role("button", name="Report")).to_have_count(0)
