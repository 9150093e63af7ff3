"""From a click on a finding to its new posterior on the screen, against a Streamlit app of one widget.

python -m benchmarks.toggle: both apps run on loopback, one real Chromium clicks in each in turn.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import BrowserContext, Page

from benchmarks.report import Line, table
from tests.app.page_server import chromium, new_page, serve
from tests.helpers.places import PROJECT

ONE_WIDGET = """
import streamlit as st

state = st.segmented_control("Finding", ["absent", "present"])
st.html(f"<p class='answer'>{state}</p>")
"""
PATIENT = "?age=58&sex=male&finger_flexor_weakness=present&dysphagia=present&ck_level=6.5&heliotrope_rash=absent"
TARGET = 1.5
COMPLETE_WITHIN = 1.0
WARM_UP = 5
PANELS = ("Why?", "How sure?", "What next?", "Criteria", "Not to miss")
WITH_A_PANEL = 0.4

# Clicks a button. Resolves with the milliseconds until the text of the answer has changed and is painted, and until the
# last change of the page: the posterior comes first, the open panel last.
CLICK_AND_WAIT = """([button, answer, quiet]) => new Promise((resolve, reject) => {
  const text = () => document.querySelector(answer)?.textContent;
  const running = () => document.querySelector('.stApp').dataset.testScriptState === 'running';
  const before = text(), start = performance.now();
  let shown, last = start;
  const observer = new MutationObserver(() => {
    last = performance.now();
    if (shown || text() === undefined || text() === before) return;
    shown = last;
    requestAnimationFrame(() => { shown = performance.now(); });
  });
  observer.observe(document.querySelector('.stMain'), {subtree: true, childList: true, characterData: true});
  const clock = setInterval(() => {
    if (!shown || running() || performance.now() - last < quiet) return;
    observer.disconnect();
    clearInterval(clock);
    resolve([shown - start, Math.max(last, shown) - start]);
  }, 20);
  setTimeout(() => reject(new Error("no new answer within 10 s")), 10000);
  document.querySelector(button).click();
})"""
QUIET = 400
PAUSE = 250


@dataclass(frozen=True)
class Toggle:
    """Seconds from the click to the new answer, and to the last change of the page."""

    shown: float
    complete: float


def run(toggles: int) -> list[Line]:
    """Toggles in the page Explore (twenty findings in sight), without a panel and with each, and in the other app."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        script = Path(folder) / "one_widget.py"
        script.write_text(ONE_WIDGET, encoding="utf-8")
        with serve(PROJECT / "app.py") as explore, serve(script) as single:
            ours, theirs = _explore(browser, explore), _single(browser, single)
            lines = _lines("no panel open", *_in_turn(ours, theirs, toggles))
            for panel in PANELS:
                ours.locator(".st-key-question button").get_by_text(panel, exact=True).click()
                ours.wait_for_timeout(4 * PAUSE)
                lines += _lines(f"{panel} open", *_in_turn(ours, theirs, max(5, round(WITH_A_PANEL * toggles))))
    return lines


def _in_turn(ours: Page, theirs: Page, toggles: int) -> tuple[list[Toggle], list[Toggle]]:
    """So many toggles in each page, one after the other, less those that warm up."""
    mine, others = [], []
    for number in range(toggles + WARM_UP):
        state = number % 2 + 1
        mine.append(_toggle(ours, f".st-key-state-dark_urine button:nth-of-type({state})", ".posterior"))
        others.append(_toggle(theirs, f".stButtonGroup button:nth-of-type({state})", ".answer"))
    return mine[WARM_UP:], others[WARM_UP:]


def _lines(what: str, ours: Sequence[Toggle], theirs: Sequence[Toggle]) -> list[Line]:
    """The posterior against the answer of the one-widget app, and the whole page against the time it may take."""
    shown, other = (median(toggle.shown for toggle in toggles) for toggles in (ours, theirs))
    complete = median(toggle.complete for toggle in ours)
    return [
        Line(
            f"{what}: new posterior, a one-widget Streamlit app ({len(ours)} toggles)", shown, other, TARGET, cost=True
        ),
        Line(f"{what}: page complete, against the bound", complete, COMPLETE_WITHIN, 1, cost=True),
    ]


def _explore(browser: BrowserContext, address: str) -> Page:
    page = new_page(browser)
    page.goto(f"{address}/{PATIENT}")
    page.locator(".st-key-group button", has_text="Muscle").click()
    page.locator(".st-key-state-dark_urine").wait_for()
    return page


def _single(browser: BrowserContext, address: str) -> Page:
    page = new_page(browser)
    page.goto(address)
    page.locator(".answer").wait_for()
    return page


def _toggle(page: Page, button: str, answer: str) -> Toggle:
    page.bring_to_front()
    page.wait_for_timeout(PAUSE)
    return Toggle(*(milliseconds / 1000 for milliseconds in page.evaluate(CLICK_AND_WAIT, [button, answer, QUIET])))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.toggle", description=__doc__)
    parser.add_argument("--toggles", type=int, default=40, help="toggles measured in each app")
    print(table(run(parser.parse_args().toggles)))
