"""Every page and panel for everyone: by keyboard, read aloud, on a phone, in light and dark."""

import re
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

import model
from tests.app.page_actions import LINK, QUESTIONS, ask, expect_posterior, open_page, wait_until_calm
from tests.app.page_server import SCREENS, new_page
from tests.helpers.places import PROJECT

# The addresses of all pages but the first: the name of the script, or what is given in its place.
SCRIPTS = re.findall(r"st\.Page\(([^)]*)\)", (PROJECT / "app.py").read_text("utf-8"))
OTHER_PAGES = [
    (re.search(r'url_path="(\w+)"', script) or re.search(r"/(\w+)\.py", script))[1]  # type: ignore[index]
    for script in SCRIPTS
    if "default" not in script
]
# Streamlit puts the name of each section and its pages into one list, in a plain div: its navigation on a phone.
OF_STREAMLIT = ("list", "listitem")
IN_ITS_NAVIGATION = "target => !!document.querySelector(target).closest('[data-testid=stSidebarNavItems]')"
PATIENT = (
    LINK + "&gottron_papules=present&anti_mda5=positive&interstitial_lung_disease=present&ck_level=1.5&fever=absent"
)
CUT = """[...document.querySelectorAll('.stMain *')].filter(e => {
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return text && box.width > 1 && box.height > 1 && !e.closest('.unseen') && style.visibility === 'visible'
    && ['hidden', 'clip'].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1;
}).map(e => e.outerHTML)"""
# Beyond the edge, except in a frame that the keyboard can scroll.
BEYOND_THE_EDGE = """[...document.querySelectorAll('.stMain *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && box.right > innerWidth + 1
    && !e.closest('.unseen, [tabindex="0"]:not(button)');
}).map(e => e.outerHTML.slice(0, 200))"""

NAMELESS = """[...document.querySelectorAll('.stMain input, .stMain button')].filter(e => !e.ariaLabel
  && !e.textContent.trim() && !e.labels?.length && !e.getAttribute('aria-labelledby')).map(e => e.outerHTML)"""


def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical, less what is Streamlit's own."""
    found: list[dict[str, Any]] = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if not (violation["id"] in OF_STREAMLIT and page.evaluate(IN_ITS_NAVIGATION, node["target"][0]))
    ]


def faults(page: Page) -> list[str]:
    """Everything on the screen that keeps somebody from reading it."""
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => Number(e.tagName[1]))")
    leaps = [f"heading {after} below {before}" for before, after in pairwise(levels) if after > before + 1]
    first = [] if levels[:1] == [1] else [f"the first of the headings {levels} is not of level 1"]
    return [
        *first,
        *leaps,
        *page.evaluate(NAMELESS),
        *violations(page),
        *page.evaluate(CUT),
        *page.evaluate(BEYOND_THE_EDGE),
    ]


@pytest.mark.parametrize(("size", "scheme"), SCREENS)
def test_everyone_can_read_every_page_and_panel(browser: BrowserContext, address: str, size: Any, scheme: Any) -> None:
    page = new_page(browser, size, scheme)
    open_page(page, address, PATIENT)
    found = {"explore": faults(page)}
    for question in QUESTIONS:
        ask(page, question)
        found[question] = faults(page)
    for button in ("Save or share", "Open file"):
        page.get_by_role("button", name=button).click()
        page.locator("[data-testid=stPopoverBody]").wait_for()
        wait_until_calm(page)
        found[button] = faults(page)
        page.keyboard.press("Escape")
    for other in OTHER_PAGES:
        page.goto(f"{address}/{other}{PATIENT}")
        page.locator(".masthead").wait_for()
        wait_until_calm(page)
        found[other] = faults(page)
    page.close()
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_the_keyboard_alone_enters_a_finding_and_opens_a_panel(tab: Page, address: str, shipped: model.Net) -> None:
    open_page(tab, address)
    tab.get_by_label("Search all findings").focus()
    tab.keyboard.type("heliotrope")
    expect(tab.locator(".st-key-rows .stButtonGroup")).to_have_count(1)
    press_tab_until(tab, "heliotrope_rash")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Space")
    expect_posterior(tab, shipped, {"heliotrope_rash": "present"})
    press_tab_until(tab, "question")
    tab.keyboard.press("Enter")
    expect(tab.locator(".st-key-panel-why")).to_be_visible()


def press_tab_until(page: Page, key: str) -> None:
    """Go on with the key Tab until something inside the element of this key has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("key => !!document.activeElement.closest(`[class*=st-key-][class*=${key}]`)", key):
            return
    raise AssertionError(f"the key Tab never reaches {key}")
