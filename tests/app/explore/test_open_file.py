"""The button "Open file": what the screen takes over from a file, and what it tells."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, Page, expect

from app_pages.explore.open_file import entered, summary_html
from app_pages.shared.case_link import read_link, write_link
from model import Net
from model.cases.case import Case
from model.cases.exchange import Imported, LeftOut, Mapped, read_patient_file
from tests.app.page_server import PHONE, new_page, serve
from tests.helpers.places import EXCHANGE

SCRIPT = """
from app_pages.shared.case_state import current_case, open_case
from app_pages.shared.network import load_network
from app_pages.explore.open_file import open_file
import streamlit as st

net = load_network()
open_case(net.vocabulary)
open_file(net)
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.button("Rerun")
st.text(str(current_case()["findings"]))
st.button("Forget fever", on_click=lambda: current_case()["findings"].pop("fever", None))
"""


def test_a_number_stays_a_number_and_a_state_a_state(shipped: Net) -> None:
    findings = entered({"ck_level": 12, "age_at_onset": "54", "fever": "present", "ana": None}, shipped.vocabulary)
    assert findings == {"ck_level": 12.0, "age_at_onset": 54.0, "fever": "present"}


def test_the_page_answers_as_the_command_does_where_several_states_are_possible(shipped: Net) -> None:
    soft = {"ck_level": ["very_high", "mild"], "fever": {"absent": 0.2, "present": 0.8}, "ana": ["positive"]}
    findings = entered(soft, shipped.vocabulary)
    assert findings == {"ck_level": ["mild", "very_high"], "fever": {"absent": 0.2, "present": 0.8}, "ana": "positive"}
    assert shipped.posterior(findings) == shipped.posterior(soft)


@given(data=st.data())
def test_a_link_holds_what_leaves_several_states_open(shipped: Net, data: st.DataObject) -> None:
    variable = shipped.vocabulary.variable(data.draw(st.sampled_from(shipped.vocabulary.findings)))
    states = data.draw(st.lists(st.sampled_from(variable.states), min_size=2, max_size=4, unique=True))
    ordered = sorted(states, key=variable.states.index)
    for value in (ordered, dict.fromkeys(states, 0.5)):
        case = {"setting": shipped.vocabulary.settings[0], "findings": {variable.id: value}, "example": None}
        link = {name: [text] for name, text in write_link(case, shipped.vocabulary).items()}
        assert read_link(link, shipped.vocabulary) == (case, "")


@pytest.mark.parametrize("text", ["mild|huge", "mild:x|moderate:1", "mild:0|moderate:0", "mild:-1|moderate:1"])
def test_a_link_with_wrong_states_or_likelihoods_is_named(shipped: Net, text: str) -> None:
    case, fault = read_link({"ck_level": [text]}, shipped.vocabulary)
    assert not case["findings"]
    assert "not understood" in fault


def test_the_summary_counts_findings_and_lists_every_part_left_out(shipped: Net) -> None:
    imported = read_patient_file(EXCHANGE / "phenopacket.json", shipped)
    html = summary_html(imported, shipped.vocabulary)
    assert f"{len(imported.case.findings)} findings entered from a Phenopacket" in html
    assert html.count("scope='row'") == len(imported.left_out) + len(imported.mapped)


def test_nothing_in_a_file_is_read_as_markup(shipped: Net) -> None:
    mark = "<img src=x onerror=alert(1)>"
    left_out = (LeftOut("entry[0]", mark, mark),)
    imported = Imported(Case("", {}), "fhir", (Mapped("", mark, "fever", "present"),), left_out)
    html = summary_html(imported, shipped.vocabulary)
    assert "<img" not in html


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, browser: BrowserContext) -> Iterator[Page]:
    script = tmp_path_factory.mktemp("open_file") / "page.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(script) as address:
        page = new_page(browser, PHONE)
        page.goto(address)
        yield page
        page.close()


def upload(page: Page, content: bytes) -> None:
    if not page.locator("input[type=file]").count():
        page.get_by_role("button", name="Open file").click()
    file = {"name": "patient.json", "mimeType": "application/json", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def test_a_file_fills_the_case_once_and_a_broken_one_leaves_it(page: Page) -> None:
    upload(page, json.dumps({"findings": {"fever": "present", "ck_level": 3}}).encode())
    expect(page.get_by_text("2 findings entered from a case")).to_be_visible()
    upload(page, b'{"findings": ')
    expect(page.get_by_role("alert")).to_contain_text("not JSON")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Forget fever").click()
    expect(page.get_by_text("{'ck_level': 3.0}")).to_be_visible()
    page.get_by_role("button", name="Rerun").click()
    expect(page.get_by_text("{'ck_level': 3.0}")).to_be_visible()


def test_a_raised_creatine_kinase_without_a_degree_is_entered(page: Page) -> None:
    packet = {"subject": {"id": "x"}, "phenotypicFeatures": [{"type": {"id": "HP:0003236"}}]}
    upload(page, json.dumps(packet).encode())
    expect(page.get_by_text("1 finding entered from a Phenopacket, 1 of them with several possible")).to_be_visible()
    expect(page.get_by_text("{'ck_level': ['mild', 'moderate', 'high', 'very_high']}")).to_be_visible()


def test_a_phenopacket_tells_what_it_left_out(page: Page) -> None:
    upload(page, (EXCHANGE / "phenopacket.json").read_bytes())
    expect(page.get_by_text("13 findings entered from a Phenopacket")).to_be_visible()
    expect(page.get_by_text("no finding of this model has this code")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
