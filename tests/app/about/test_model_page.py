"""The page Model: in a real browser from part to part, and with priors of another folder."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.testing.v1 import AppTest

import model
from app_pages.about.checks import ledger_lines, misfit_key
from app_pages.about.layout import draw, relatives
from app_pages.about.page import PARTS
from app_pages.about.picture import description, network_svg
from app_pages.shared.number_rows import given_phrase, number_rows
from app_pages.shared.tables import matching
from model.calibrate.numbers import numbers
from model.measure.audit import GROSS_MISFIT, audit
from model.priors.files import fingerprint
from model.priors.published import SHIPPED_RATES, read_published
from tests.app.every_page.test_page_accessibility import CUT, violations
from tests.app.page_actions import show_part, wait_until_calm
from tests.app.page_server import PHONE, new_page
from tests.helpers import patience
from tests.helpers.places import SMALL

BEYOND_THE_EDGE = """[...document.querySelectorAll('.stMain *')].filter(e => {
  const inside = [];
  for (let up = e.parentElement; up && !up.matches('.stMain'); up = up.parentElement) inside.push(up);
  const scrolls = up => ['auto', 'scroll'].includes(getComputedStyle(up).overflowX);
  const right = Math.min(...[e, ...inside.filter(scrolls)].map(part => part.getBoundingClientRect().right));
  return e.getBoundingClientRect().width > 1 && !e.closest('.unseen') && right > innerWidth + 1;
}).map(e => e.outerHTML.slice(0, 200))"""


def open_model(page: Page, address: str) -> None:
    page.goto(f"{address}/model")
    page.locator(".network img").wait_for()
    wait_until_calm(page)


def show(page: Page, part: str) -> Any:
    return show_part(page, PARTS, part, "model", "part-of-the-model")


def choose_node(page: Page, label: str) -> None:
    page.get_by_label("Node", exact=True).click()
    page.keyboard.type(label)
    page.get_by_role("option").first.click()
    wait_until_calm(page)


# In a browser


def test_a_walk_through_the_whole_page(tab: Page, address: str, shipped: model.Net, tmp_path: Path) -> None:
    open_model(tab, address)
    picture = tab.locator(".network img")
    expect(picture).to_have_attribute("alt", description(draw(shipped.priors), shipped.vocabulary, {}))
    assert picture.evaluate("image => image.naturalWidth") == draw(shipped.priors).width

    choose_node(tab, "Creatine kinase")
    expect(tab.get_by_role("heading", name="Creatine kinase")).to_be_visible()
    expect(picture).to_have_attribute(
        "alt",
        re.compile(
            "Chosen: Creatine kinase. Parents: Diagnosis, Form of a mixed mimic, Presentation as rhabdomyolysis, "
            "True autoantibody, Active muscle fibre damage"
        ),
    )
    whole = picture.evaluate("image => image.naturalWidth")
    tab.get_by_text("Only this node and its neighbours").click()
    wait_until_calm(tab)
    assert picture.evaluate("image => image.naturalWidth") < whole
    before = picture.bounding_box()
    tab.locator(".st-key-zoom").get_by_text("200 %").click()
    wait_until_calm(tab)
    after = picture.bounding_box()
    assert before and after and after["width"] == pytest.approx(2 * before["width"], rel=0.02)
    own = [number for number in numbers(shipped.priors) if number.node == "ck_level"]
    tab.locator(".st-key-grades-ck_level").get_by_text("B:").click()
    graded = sum(number.grade == "B" for number in own)
    expect(tab.get_by_text(f"{graded} rows", exact=True)).to_be_visible()
    assert taken(tab, "Download table", tmp_path).decode().count("\n") == graded + 1

    assert outside_frames(tab) == []

    ledger = show(tab, "disagreements")
    tab.get_by_label("Search the disagreements").fill("PL-12 alanyl")
    tab.keyboard.press("Enter")
    expect(ledger.locator("details")).not_to_have_count(80)
    ledger.locator("summary", has_text="Names of PL-7 and PL-12").click()
    expect(ledger.get_by_text("Follow the text")).to_be_visible()

    assert outside_frames(tab) == []

    checks = show(tab, "checks")
    checks.get_by_role("button", name="Compare all rates").click()
    expect(checks.get_by_text(re.compile(r"\d+ of \d+ rates hold"))).to_be_visible()
    for said in ("Scatter plot of", "True diagnosis ranked first of each predictor: network 0."):
        expect(checks.locator(f".stVegaLiteChart[aria-label^='{said}']")).to_have_count(1)
    expect(checks.get_by_role("button", name="Compare all rates")).to_have_count(0)
    wait_until_calm(tab)
    assert outside_frames(tab) == []

    show(tab, "files")
    expect(tab.get_by_text(fingerprint(shipped.priors.folder)).first).to_be_visible()
    assert taken(tab, "XMLBIF (many tools)", tmp_path).startswith(b"<?xml")
    with zipfile.ZipFile(io.BytesIO(taken(tab, "Priors (zip)", tmp_path))) as archive:
        assert "shares.csv" in archive.namelist()

    assert outside_frames(tab) == []

    card = show(tab, "card")
    expect(card.get_by_text("Who should not use it:")).to_be_visible()
    expect(card.get_by_text("Sex: female")).to_be_visible()
    expect(card.get_by_text("<!--")).to_have_count(0)
    assert outside_frames(tab) == []


def taken(page: Page, button: str, folder: Path) -> bytes:
    """What a download button gives."""
    with page.expect_download() as started:
        page.get_by_role("button", name=button).first.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path.read_bytes()


def test_a_phone_shows_every_part(browser: BrowserContext, address: str) -> None:
    page = new_page(browser, PHONE)
    open_model(page, address)
    choose_node(page, "Creatine kinase")
    found = {"network": outside_frames(page)}
    for part in list(PARTS)[1:]:
        show(page, part)
        found[part] = outside_frames(page)
    page.close()
    assert {part: wrong for part, wrong in found.items() if wrong} == {}


def outside_frames(page: Page) -> list[str]:
    """What is wrong with the screen; a table or a drawing may be wide if its frame is not and scrolls."""
    return [*violations(page), *page.evaluate(CUT), *page.evaluate(BEYOND_THE_EDGE)]


# Without a browser


@pytest.mark.parametrize("part", PARTS)
def test_every_part_works_with_another_folder_of_priors(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYOSITIS_PRIORS", str(SMALL))
    page = AppTest.from_function(open_part, default_timeout=patience.SECONDS, kwargs={"part": part}).run()
    assert not page.exception, page.exception


def open_part(part: str) -> None:
    from app_pages.about.page import PARTS
    from app_pages.shared.network import load_network

    PARTS[part][1](load_network())


def test_the_picture_shows_every_node_and_marks_the_relatives_of_one(shipped: model.Net) -> None:
    drawing = draw(shipped.priors)
    parents, children = relatives(shipped.priors, "muscle_damage")
    roles = {"muscle_damage": "chosen"} | dict.fromkeys(parents, "parent") | dict.fromkeys(children, "child")
    picture = network_svg(drawing, roles, "muscle_damage")
    root = ElementTree.fromstring(picture)
    drawn = [group.get("data-node") for group in root.iter() if group.get("data-node")]
    assert sorted(map(str, drawn)) == sorted(shipped.nodes)
    assert picture.count("▲ ") == len(parents) and picture.count("▼ ") == len(children)
    assert picture.count("(hidden)") == sum(v.kind == "hidden" for v in shipped.vocabulary.variables.values())


def test_every_number_of_the_priors_has_a_row_with_its_source(shipped: model.Net) -> None:
    own = [number for number in numbers(shipped.priors) if number.node]
    rows = number_rows(own, shipped.priors)
    assert len(rows) == len(own)
    for row, number in zip(rows, own, strict=True):
        assert row["source"] and row["grade"] == number.grade
        assert row["90 % from"] <= row["to"] and row["worth (patients)"] == number.strength > 0


def test_a_condition_reads_as_words(shipped: model.Net) -> None:
    assert given_phrase("any", shipped.vocabulary) == "any diagnosis"
    assert given_phrase("setting=myositis_centre", shipped.vocabulary) == "Setting: Myositis centre"
    both = given_phrase("dermatomyositis, autoantibody=mda5", shipped.vocabulary)
    assert both == "Dermatomyositis (adult onset; classic), True autoantibody: mda5"


def test_a_search_wants_every_word() -> None:
    rows = [{"a": "Anti-Mi-2", "b": 3}, {"a": "Anti-SAE", "b": 30}]
    assert matching(rows, "anti 30") == [rows[1]]
    assert matching(rows, "") == rows


def test_every_gross_misfit_points_to_its_line_of_the_ledger(shipped: model.Net) -> None:
    rates = read_published(SHIPPED_RATES, shipped.priors)
    gross = [a for a in audit(shipped, rates) if not a.holds and abs(a.difference) > GROSS_MISFIT]
    lines = ledger_lines(shipped)
    assert gross and all(lines[misfit_key(item.rate.row.cells)].startswith("d") for item in gross)
