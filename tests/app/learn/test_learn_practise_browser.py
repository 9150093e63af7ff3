"""The quiz played to its end and a story walked to its end, in a real Chromium, by everyone."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import model
from model.learn.trap_tables import read_traps
from model.learn.traps import probability_of, show_toggle
from model.patient.phrases import percent
from tests.app.learn.test_learn_browser import faults, open_learn
from tests.app.page_actions import expect_posterior, wait_until_calm
from tests.app.page_server import SCREENS
from tests.helpers.places import PATIENTS

SHORTLIST = {"Dermatomyositis": "50", "Immune-mediated necrotizing myopathy": "20"}
BY_EVERYONE = pytest.mark.parametrize(("size", "scheme"), SCREENS)


def prepare(page: Page, size: Any, scheme: Any) -> None:
    """A projector in the light, or a phone in the dark."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)


def name(page: Page, diagnosis: str, percentage: str) -> None:
    """Put a diagnosis on the shortlist and type its percentage."""
    box = page.get_by_label("Add a diagnosis")
    box.scroll_into_view_if_needed()
    wait_until_calm(page)
    box.click()
    box.fill(diagnosis)
    page.get_by_role("option", name=diagnosis, exact=True).click()
    field = page.get_by_role("spinbutton", name=f"{diagnosis}, %")
    field.fill(percentage)
    field.press("Enter")
    wait_until_calm(page)


def play(page: Page) -> None:
    """Ask for two procedures by keyboard, name two diagnoses, commit, and wait for the last part of the solution."""
    for procedure in ("Blood tests", "Myositis antibody panel"):
        page.get_by_role("button", name=re.compile(f"^{procedure}")).press("Enter")
        expect(page.locator(".quiz-known h3").get_by_text(procedure)).to_be_visible()
    for diagnosis, percentage in SHORTLIST.items():
        name(page, diagnosis, percentage)
    expect(page.locator(".quiz-rest")).to_contain_text("Something else: 30 %")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Which procedures were worth it?")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^The diagnosis: "))).to_be_visible()
    wait_until_calm(page)


def walk_to_the_end(page: Page, title: str, steps: int) -> None:
    """Choose a story and press Next until there is no next step."""
    box = page.get_by_label("Trap", exact=True)
    box.click()
    page.get_by_role("option", name=title, exact=True).click()
    for step in range(2, steps + 1):
        page.get_by_role("button", name="Next", exact=True).click()
        expect(page.get_by_text(f"Step {step} of {steps}")).to_be_visible()
    expect(page.get_by_role("heading", name="The question")).to_be_visible()


@BY_EVERYONE
def test_a_quiz_is_played_to_its_end(tab: Page, address: str, tmp_path: Path, size: Any, scheme: Any) -> None:
    """Readable while asking and when solved; nothing is asked of anybody but this machine."""
    prepare(tab, size, scheme)
    open_learn(tab, address, "Practise")
    play(tab)
    found = {"solution": faults(tab)}
    tab.wait_for_function("[...document.querySelectorAll('.calibration')].every(i => i.naturalWidth)")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download the session (CSV)").click()
    download.value.save_as(tmp_path / "session.csv")
    (row,) = csv.DictReader((tmp_path / "session.csv").read_text("utf-8").splitlines())
    assert row["asked"] == "blood_tests;myositis_antibodies"
    assert float(row["student_p_dermatomyositis"]) == pytest.approx(0.5)
    tab.get_by_role("button", name="Next patient").click()
    expect(tab.get_by_role("heading", name=f"Patient 2 of {PATIENTS}")).to_be_visible()
    expect(tab.get_by_role("heading", name="This session: 1 patient")).to_be_visible()
    wait_until_calm(tab)
    found["asking"] = faults(tab)
    assert {place: faults for place, faults in found.items() if faults} == {}


@BY_EVERYONE
def test_a_story_is_walked_to_its_end_and_opens_in_explore(
    tab: Page, address: str, shipped: model.Net, size: Any, scheme: Any
) -> None:
    prepare(tab, size, scheme)
    trap = next(trap for trap in read_traps(shipped.priors) if trap.id == "negative_panel")
    open_learn(tab, address, "Traps")
    walk_to_the_end(tab, trap.title, len(trap.steps))
    tab.get_by_role("radio", name="present", exact=True).click()
    tried = show_toggle(shipped, trap, {"heliotrope_rash": "present"})
    watched = percent(probability_of(shipped, tried.after, "iim"))
    for index in (0, 1):
        expect(tab.locator(".trap-watched b").nth(index)).to_have_text(watched)
    tab.get_by_text("Show the answer").click()
    tab.get_by_text("Sources of the facts").click()
    wait_until_calm(tab)
    assert faults(tab) == []
    with tab.context.expect_page() as opened:
        tab.get_by_role("link", name="Open in Explore").click()
    expect_posterior(opened.value, shipped, dict(tried.step.findings))
    opened.value.close()
