"""From a click on a finding to its new posterior on the screen, against a Streamlit app of one widget.

python -m benchmarks.toggle: both apps run on loopback, one real Chromium clicks in each in turn.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.report import Line, table
from tests.page_server import PROJECT, chromium, serve

ONE_WIDGET = """
import streamlit as st

state = st.segmented_control("Finding", ["absent", "present"])
st.html(f"<p class='answer'>{state}</p>")
"""
PATIENT = "?age=58&sex=male&finger_flexor_weakness=present&dysphagia=present&ck_level=6.5&heliotrope_rash=absent"
TARGET = 1.5
WARM_UP = 5

# Clicks a button and resolves with the milliseconds until the text of the answer has changed and is painted.
CLICK_AND_WAIT = """([button, answer]) => new Promise((resolve, reject) => {
  const before = document.querySelector(answer).textContent;
  const start = performance.now();
  const observer = new MutationObserver(() => {
    if (document.querySelector(answer)?.textContent === before) return;
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - start));
  });
  observer.observe(document.body, {subtree: true, childList: true, characterData: true});
  setTimeout(() => reject(new Error("no new answer within 10 s")), 10000);
  document.querySelector(button).click();
})"""
PAUSE = 250


def run(toggles: int) -> Line:
    """Median time of a toggle in the page Explore (twenty findings in sight) and in the one-widget app."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        script = Path(folder) / "one_widget.py"
        script.write_text(ONE_WIDGET, encoding="utf-8")
        with serve(PROJECT / "app.py") as explore, serve(script) as single:
            ours, theirs = _explore(browser, explore), _single(browser, single)
            times: list[tuple[float, float]] = []
            for number in range(toggles + WARM_UP):
                state = number % 2 + 1
                pair = (
                    _toggle(ours, f".st-key-state-dark_urine button:nth-of-type({state})", ".posterior"),
                    _toggle(theirs, f".stButtonGroup button:nth-of-type({state})", ".answer"),
                )
                times.append(pair)
    mine, single_widget = zip(*times[WARM_UP:], strict=True)
    what = f"a toggle shows its new posterior, a one-widget Streamlit app its answer ({toggles} toggles each)"
    return Line(what, median(mine) / 1000, median(single_widget) / 1000, TARGET, cost=True)


def _explore(browser: Browser, address: str) -> Page:
    page = browser.new_page()
    page.goto(f"{address}/{PATIENT}")
    page.locator(".st-key-group button", has_text="Muscle").click()
    page.locator(".st-key-state-dark_urine").wait_for()
    return page


def _single(browser: Browser, address: str) -> Page:
    page = browser.new_page()
    page.goto(address)
    page.locator(".answer").wait_for()
    return page


def _toggle(page: Page, button: str, answer: str) -> float:
    page.bring_to_front()
    page.wait_for_timeout(PAUSE)
    return float(page.evaluate(CLICK_AND_WAIT, [button, answer]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.toggle", description=__doc__)
    parser.add_argument("--toggles", type=int, default=40, help="toggles measured in each app")
    print(table([run(parser.parse_args().toggles)]))
