"""The page Calibrate in a browser: from the file of a clinic to fitted, measured and saved priors."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, TimeoutError, expect

import model
from app_pages.calibrate import sets
from app_pages.calibrate.page import PARTS
from model.cases.imagine import Imagined, columns, imagine
from tests.app.about.test_model_page import outside_frames, taken
from tests.app.page_actions import show_part, wait_until_calm
from tests.app.page_server import PHONE, WIDE, new_page, serve
from tests.helpers import patience
from tests.helpers.places import PROJECT, SMALL

FIRST_ROW = 52  # pixels below the upper edge of a table


@pytest.fixture(scope="module")
def small_address() -> Iterator[str]:
    with serve(PROJECT / "app.py", {"MYOSITIS_PRIORS": str(SMALL)}) as address:
        yield address


def open_calibrate(page: Page, address: str, link: str = "") -> None:
    page.goto(f"{address}/calibrate{link}")
    page.locator(".st-key-part-of-calibrate").wait_for()
    wait_until_calm(page)


def show(page: Page, part: str) -> Any:
    return show_part(page, PARTS, part, "calibrate", "part-of-calibrate")


def run(page: Page, button: str) -> None:
    """Press a button that starts long work, and wait for its end."""
    page.get_by_role("button", name=button, exact=True).click()
    wait_until_calm(page)
    page.get_by_role("button", name="Stop", exact=True).wait_for(state="detached")
    wait_until_calm(page)


def their_file(net: model.Net, folder: Path) -> Path:
    """A registry export: columns, words and signs of its own."""
    cohort = next(imagine(net, Imagined(80, seed=3)))
    words = {name: list(map(str, column)) for name, column in columns(cohort, net).items()}
    words["Heliotrop rash"] = [{"present": "seen"}.get(word, word) for word in words.pop("heliotrope_rash")]
    words["ward"] = ["3"] * len(cohort)
    path = folder / "registry.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([words, *zip(*words.values(), strict=True)])
    return path


def test_a_walk_from_a_file_to_fitted_and_measured_priors(
    tab: Page, small_address: str, small: model.Net, tmp_path: Path
) -> None:
    open_calibrate(tab, small_address)
    fit = show(tab, "fit")
    fit.get_by_text("My own file").click()
    wait_until_calm(tab)
    fit.locator("input[type=file]").first.set_input_files(their_file(small, tmp_path))
    expect(fit.get_by_text("1 word still to translate.")).to_be_visible()
    expect(fit.get_by_text("Not used: ward")).to_be_visible()
    assert b'"Heliotrop rash": "heliotrope_rash"' in taken(tab, "Save this mapping", tmp_path)
    expect(fit.get_by_text(re.compile("80 patients, 80 with a diagnosis"))).to_be_visible()
    run(tab, "Fit")
    expect(fit.get_by_text("It has converged.")).to_be_visible()
    expect(fit.locator(".stVegaLiteChart[aria-label^='Line of the log posterior']")).to_have_count(1)
    fit.get_by_role("button", name="Save these priors").click()
    expect(fit.get_by_text("numbers changed in value or in weight")).to_be_visible()
    with zipfile.ZipFile(io.BytesIO(taken(tab, "Download these priors", tmp_path))) as archive:
        assert b"fitted_cohort" in archive.read("changes.csv")
    fit.get_by_role("button", name="Use them on every page").click()
    expect(tab.get_by_text("Priors in use on every page: Fitted to registry.csv")).to_be_visible()

    measure = show(tab, "measure")
    expect(measure.get_by_text(re.compile("80 patients, 80 with a diagnosis"))).to_be_visible()
    measure.get_by_label("Compare with").focus()
    tab.keyboard.type(sets.STARTED_WITH)
    tab.keyboard.press("Enter")
    wait_until_calm(tab)
    run(tab, "Measure")
    for view, seen in (("Calibration", "[aria-label^='Reliability curve']"), ("Decisions", "[aria-label^='Decision']"),
                       ("Discrimination", "[aria-label^='Confusion matrix of 80']")):  # fmt: skip
        measure.locator(".st-key-measure-view").get_by_text(view, exact=True).click()
        wait_until_calm(tab)
        expect(measure.locator(f".stVegaLiteChart{seen}")).to_have_count(1)
    measure.locator(".st-key-measure-view").get_by_text("Two priors", exact=True).click()
    expect(measure.get_by_text("paired bootstrap")).to_be_visible()

    versions = show(tab, "versions")
    expect(versions.get_by_text("How the priors in use were made")).to_be_visible()
    versions.get_by_role("button", name="Remove").click()
    expect(tab.get_by_text("Priors in use on every page")).to_have_count(0)


def test_a_number_is_edited_tried_out_and_saved(tab: Page, small_address: str) -> None:
    open_calibrate(tab, small_address, "?heliotrope_rash=present")
    tab.get_by_label("Search", exact=True).fill("heliotrope")
    tab.keyboard.press("Enter")
    wait_until_calm(tab)
    type_value(tab, "64")
    expect(tab.get_by_text("Changes not saved (1)")).to_be_visible()
    expect(tab.get_by_text(re.compile("Largest shift:"))).to_be_visible()
    expect(tab.locator(".stVegaLiteChart[aria-label^='Probabilities before and after']")).to_have_count(1)
    type_value(tab, "640")
    expect(tab.get_by_role("alert")).to_contain_text("Change not accepted")
    expect(tab.get_by_text("Changes not saved (1)")).to_be_visible()
    tab.get_by_label("Why did you change these numbers?").fill("Counted in our clinic")
    tab.get_by_label("Short name of a new source").fill("clinic2026")
    tab.get_by_label("Full citation").fill("Our clinic, 2026")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_text("Priors in use on every page: Priors of")).to_be_visible()


def type_value(page: Page, text: str) -> None:
    """Type into the first row of the column of values; the table is a canvas, with a grid behind it for the keyboard.

    What is pressed while the page still draws the table can be lost: then it is pressed again.
    """
    frame = page.locator(".stDataFrame").first
    head = frame.locator("[role=columnheader]", has_text="value").first
    cell = frame.locator(f"[role=gridcell][aria-colindex='{head.get_attribute('aria-colindex')}']").first
    selected = cell.and_(frame.locator("[aria-selected=true]"))
    editor = page.locator("#portal input")
    for _ in range(patience.SECONDS // 10):
        wait_until_calm(page)
        frame.click(position={"x": 20, "y": FIRST_ROW})
        cell.focus()
        with suppress(TimeoutError):
            selected.wait_for(timeout=5000, state="attached")
            page.keyboard.press("Enter")
            editor.fill(text, timeout=5000)
            break
    else:
        raise AssertionError("the table takes no text")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    wait_until_calm(page)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_everyone_can_read_every_part(browser: BrowserContext, address: str, size: Any) -> None:
    page = new_page(browser, size)
    open_calibrate(page, address, "?heliotrope_rash=present&ck_level=12")
    found = {"numbers": outside_frames(page)}
    for part in list(PARTS)[1:]:
        place = show(page, part)
        if part == "sensitivity":
            place.locator(".stVegaLiteChart").nth(1).wait_for()
            wait_until_calm(page)
        found[part] = outside_frames(page)
    page.close()
    assert {part: wrong for part, wrong in found.items() if wrong} == {}
