"""A pasted letter: its words are marked, nothing enters by itself, and what is taken over is the case."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import model
from app_pages.explore.letter import marked_html, proposals
from model.cases.letters import read_letter
from tests.app.every_page.test_page_accessibility import violations
from tests.app.page_actions import expect_posterior, open_page, wait_until_calm
from tests.app.page_server import PHONE, WIDE, new_page

LETTER = (
    "Thank you for seeing this 58-year-old woman. She has a heliotrope rash but no dysphagia. CK 6500 U/L (limit 170). "
    "Possible ILD. Anti-Mi-2 positive."
)


def paste(page: Page, text: str) -> None:
    page.get_by_role("button", name="Paste a letter").click()
    page.get_by_label("Letter in English").fill(text)
    page.keyboard.press("Control+Enter")


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_what_is_ticked_is_taken_over_and_what_is_unticked_is_not(
    browser: BrowserContext, address: str, shipped: model.Net, size: Any
) -> None:
    page = new_page(browser, size)
    open_page(page, address, "?fever=absent")
    paste(page, LETTER)
    expect(page.get_by_role("button", name="Take over 6 findings")).to_be_visible()
    expect(page.locator("mark.open")).to_have_text("ILD")
    assert not violations(page)
    expect_posterior(page, shipped, {"fever": "absent"})
    page.get_by_text("Sex: female").click()
    page.get_by_role("button", name="Take over 5 findings").click()
    expect(page.get_by_label("Letter in English")).to_be_hidden()
    wait_until_calm(page)
    letter = {"age_at_onset": 58, "heliotrope_rash": "present", "dysphagia": "absent", "ck_level": 38.2,
              "anti_mi2": "positive"}  # fmt: skip
    expect_posterior(page, shipped, {"fever": "absent", **letter})
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.close()


def test_each_finding_is_proposed_once_and_what_is_open_comes_last(shipped: model.Net) -> None:
    offered = proposals(read_letter(LETTER, shipped))
    assert len({span.finding for span in offered}) == len(offered) == 7
    assert (offered[-1].finding, offered[-1].certain) == ("interstitial_lung_disease", False)


def test_nothing_in_a_letter_is_read_as_markup(shipped: model.Net) -> None:
    letter = read_letter("<img src=x onerror=alert(1)> Dysphagia. <b>bold</b>", shipped)
    shown = marked_html(letter, shipped.vocabulary)
    assert "<img" not in shown and "<b>" not in shown and "<mark class='stated'" in shown
