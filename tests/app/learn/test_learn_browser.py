"""The page Learn in a real Chromium: on a projector and on a phone, by everyone."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.app.every_page.test_page_accessibility import BEYOND_THE_EDGE, CUT, violations
from tests.app.page_actions import wait_until_calm
from tests.app.page_server import SCREENS, new_page


def open_learn(page: Page, address: str, part: str) -> None:
    page.goto(f"{address}/learn")
    page.locator(".st-key-learn_part button").get_by_text(part, exact=True).click()
    wait_until_calm(page)


def faults(page: Page) -> list[str]:
    """As for every page; a table with a column for each step may scroll in its own frame, the page may not."""
    beyond = BEYOND_THE_EDGE.replace("'.unseen'", "'.unseen, .learn-wide > *'")
    widths = "[document.documentElement, document.querySelector('.stMain')].map(e => e.scrollWidth - innerWidth)"
    too_wide = [f"{width} px too wide" for width in page.evaluate(widths) if width > 0]
    return [*violations(page), *page.evaluate(CUT), *page.evaluate(beyond), *too_wide]


def walk(page: Page, address: str) -> dict[str, list[str]]:
    """Three steps of a patient with every table open, then one finding; what keeps somebody from reading each."""
    open_learn(page, address, "Step by step")
    for count in (1, 2, 3):
        page.get_by_role("button", name="Next", exact=True).click()
        expect(page.locator(".ladder tbody tr")).to_have_count(count + 1)
    page.get_by_text("The numbers as a table").click()
    page.get_by_text("Change the order").click()
    wait_until_calm(page)
    found = {"steps": faults(page)}
    page.locator(".st-key-learn_part button").get_by_text("One finding", exact=True).click()
    page.get_by_role("button", name="Anti-PL-7, line blot").click()
    expect(page.locator(".learn-settings .present")).to_contain_text("Primary care")
    wait_until_calm(page)
    return {**found, "one finding": faults(page)}


@pytest.mark.parametrize(("size", "scheme"), SCREENS)
def test_everyone_can_read_the_steps_and_the_one_finding(
    browser: BrowserContext, address: str, size: Any, scheme: Any
) -> None:
    page = new_page(browser, size, scheme)
    found = walk(page, address)
    page.close()
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_every_picture_is_drawn(tab: Page, address: str) -> None:
    """And nothing is asked of anybody but this machine."""
    open_learn(tab, address, "One finding")
    tab.locator(".nomogram").wait_for()
    tab.wait_for_function("[...document.querySelectorAll('.stMain img')].every(i => i.complete)")
    broken = "[...document.querySelectorAll('.stMain img')].filter(i => !i.naturalWidth).length"
    assert tab.evaluate(broken) == 0
    tab.locator(".st-key-learn_part button").get_by_text("Step by step", exact=True).click()
    tab.get_by_role("button", name="Next", exact=True).click()
    expect(tab.locator(".flow .bands")).to_have_count(1)
    tab.wait_for_function("[...document.querySelectorAll('.stMain img')].every(i => i.complete)")
    assert tab.evaluate(broken) == 0


def test_the_keyboard_alone_takes_a_step(tab: Page, address: str) -> None:
    open_learn(tab, address, "Step by step")
    tab.get_by_role("button", name="Next", exact=True).focus()
    tab.keyboard.press("Enter")
    expect(tab.locator(".ladder tbody tr")).to_have_count(2)
    tab.get_by_role("slider", name="Findings known").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".ladder tbody tr")).to_have_count(3)
