"""What a clinician does on the pages, in a browser, and what is expected to be seen."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from playwright.sync_api import Page, TimeoutError, expect

import model
from model.patient.phrases import percent

DERMATOMYOSITIS = {"age_at_onset": 54, "sex": "female", "heliotrope_rash": "present"}
LINK = "?age=54&sex=female&heliotrope_rash=present"
SHOWN = """Object.fromEntries([...document.querySelectorAll("tr[data-diagnosis]")].map(
  row => [row.dataset.diagnosis, row.querySelectorAll("td")[1]?.textContent.trim()]))"""
QUESTIONS = {
    "why": "Why?",
    "how_sure": "How sure?",
    "what_next": "What next?",
    "criteria": "Criteria",
    "not_to_miss": "Not to miss",
}


def probability(page: Page, diagnosis: str) -> str:
    return page.locator(f"tr[data-diagnosis={diagnosis}] td:nth-of-type(2)").inner_text()


def expect_posterior(page: Page, net: model.Net, findings: dict[str, object]) -> None:
    """Wait until the page shows what the network gives for these findings: at least the six most probable diagnoses."""
    posterior = net.posterior(findings)
    expected = {d: percent(posterior[d]) for d in sorted(posterior, key=lambda d: -posterior[d])}
    leading = dict(list(expected.items())[:6])
    with suppress(TimeoutError):
        page.wait_for_function(f"expected => Object.entries(expected).every(([d, p]) => ({SHOWN})[d] === p)",
                               arg=leading, polling=100)  # fmt: skip
    shown = {d: share for d, share in page.evaluate(SHOWN).items() if d in expected}
    assert list(shown)[:6] == list(leading)
    assert shown == {d: expected[d] for d in shown}


def open_page(page: Page, address: str, link: str = "") -> None:
    page.goto(f"{address}/{link}")
    page.get_by_role("heading", name="Probability of each diagnosis").wait_for()
    wait_until_calm(page)


def choose(page: Page, finding: str, state: str) -> None:
    page.locator(f".st-key-state-{finding} button").get_by_text(state, exact=True).click()


def ask(page: Page, question: str) -> Any:
    """Open the panel of a question and wait until it is complete; gives the panel."""
    page.locator(".st-key-question button").get_by_text(QUESTIONS[question], exact=True).click()
    panel = page.locator(f".st-key-panel-{question}")
    expect(panel).to_contain_text(re.compile(r"\w"))
    wait_until_calm(page)
    return panel


def show_part(page: Page, parts: Mapping[str, Any], part: str, name: str, key: str) -> Any:
    """Open a part of a page in parts and wait until it is complete; gives the part."""
    page.locator(f".st-key-{key}").get_by_text(parts[part][0], exact=True).click()
    place = page.locator(f".st-key-{name}-{part}")
    place.wait_for()
    wait_until_calm(page)
    return place


def wait_until_calm(page: Page) -> None:
    """Until no script of the page runs any more."""
    page.wait_for_timeout(100)
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
