"""The five questions and the page Compare in a real browser: they answer, follow each toggle, and come second."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

import model
from model.patient.patient import Patient
from model.patient.phrases import percent
from model.patient.what_next.value_of_information import advise
from model.patient.why.compare import sentence as compared
from model.patient.why.weight_of_evidence import sentence, weigh
from tests.app.page_actions import (
    DERMATOMYOSITIS,
    LINK,
    QUESTIONS,
    ask,
    choose,
    expect_posterior,
    open_page,
    wait_until_calm,
)

FIRST_PATIENT = "pub-001"
# Notes the order in which two parts of the page change.
WATCH = """names => {
  window.changed = [];
  for (const name of names) {
    let before = document.querySelector(name).textContent;
    new MutationObserver(() => {
      const now = document.querySelector(name)?.textContent;
      if (now !== undefined && now !== before && !window.changed.includes(name)) window.changed.push(name);
    }).observe(document.querySelector('.stMain'), {subtree: true, childList: true, characterData: true});
  }
}"""


def expect_top(page: Page, net: model.Net, findings: dict[str, object]) -> None:
    """Wait until the shortened posterior beside a panel shows what the network gives."""
    posterior = net.posterior(findings)
    for diagnosis in sorted(posterior, key=lambda d: -posterior[d])[:4]:
        shown = page.locator(f"tr[data-diagnosis={diagnosis}] td:nth-of-type(2)")
        expect(shown).to_have_text(percent(posterior[diagnosis]))
    expect(page.locator("tr[data-diagnosis]")).to_have_count(4)
    expect(page.locator(".left-out")).to_contain_text(f"{len(posterior) - 4} others")


def test_every_question_answers_of_a_published_patient_and_closes(tab: Page, address: str) -> None:
    open_page(tab, address)
    tab.get_by_label("Example patient").fill(FIRST_PATIENT)
    tab.get_by_role("option").first.click()
    expect(tab.locator(".st-key-remove button").first).to_be_visible()
    for question in QUESTIONS:
        panel = ask(tab, question)
        assert len(panel.inner_text().split()) > 15, question
        expect(panel.get_by_role("alert")).to_have_count(0)
        expect(tab.locator("[class*=st-key-panel-]")).to_have_count(1)
    tab.locator(".st-key-question button", has_text=QUESTIONS["not_to_miss"]).click()
    expect(tab.locator("[class*=st-key-panel-]")).to_have_count(0)
    assert tab.locator("tr[data-diagnosis]").count() >= 6  # more than beside a panel


def test_a_toggle_moves_the_posterior_and_then_the_open_panel(tab: Page, address: str, shipped: model.Net) -> None:
    open_page(tab, address, LINK)
    panel = ask(tab, "why")
    expect(panel).to_contain_text(sentence(weigh(shipped, DERMATOMYOSITIS), shipped.vocabulary))
    tab.locator(".st-key-group button", has_text="Antibodies").click()
    tab.locator(".st-key-state-anti_jo1").wait_for()
    tab.evaluate(WATCH, [".posterior", ".waterfall"])
    choose(tab, "anti_jo1", "positive")
    findings = {**DERMATOMYOSITIS, "anti_jo1": "positive"}
    expect(panel).to_contain_text(sentence(weigh(shipped, findings), shipped.vocabulary))
    expect_top(tab, shipped, findings)
    assert tab.evaluate("window.changed") == [".posterior", ".waterfall"]


@pytest.mark.parametrize("question", ["how_sure", "what_next", "criteria", "not_to_miss"])
def test_every_panel_follows_a_toggle(tab: Page, address: str, shipped: model.Net, question: str) -> None:
    open_page(tab, address, LINK)
    panel = ask(tab, question)
    before = panel.inner_text()
    tab.locator(".st-key-group button", has_text="Antibodies").click()
    choose(tab, "anti_mda5", "positive")
    expect(panel).not_to_have_text(before, use_inner_text=True)
    findings = {**DERMATOMYOSITIS, "anti_mda5": "positive"}
    expect_top(tab, shipped, findings)
    if question == "what_next":
        expect(panel).to_contain_text(advise(shipped, findings).sentence)


def test_the_panel_stays_open_when_the_patient_is_another(tab: Page, address: str) -> None:
    open_page(tab, address, LINK)
    panel = ask(tab, "why")
    tab.get_by_role("button", name="Clear all").click()
    expect(panel).to_contain_text("Nothing entered yet")


def test_compare_shows_the_patient_without_a_finding_in_another_setting_and_beside_another(
    tab: Page, address: str, shipped: model.Net
) -> None:
    open_page(tab, address, LINK)
    go_to(tab, "Compare")
    without = {k: v for k, v in DERMATOMYOSITIS.items() if k != "heliotrope_rash"}
    first = shipped.patient(DERMATOMYOSITIS)
    expect_comparison(tab, first, shipped.patient(without))
    tab.locator(".st-key-compare-way button", has_text="Another referral setting").click()
    expect_comparison(tab, first, shipped.patient(DERMATOMYOSITIS, shipped.vocabulary.settings[1]))
    tab.locator(".st-key-compare-way button", has_text="Example patient").click()
    tab.get_by_label("Example patient as B").fill(FIRST_PATIENT)
    tab.get_by_role("option").first.click()
    expect(tab.get_by_role("heading", name="What differs")).to_be_visible()
    go_to(tab, "Explore")
    expect_posterior(tab, shipped, dict(DERMATOMYOSITIS))
    go_to(tab, "Compare")
    expect(tab.locator(".st-key-compare-way button", has_text="Example patient")).to_have_attribute(
        "aria-checked", "true"
    )
    expect(tab.get_by_role("heading", name="What differs")).to_be_visible()


def test_compare_opens_a_file_as_the_other_patient_and_tells_what_it_cannot_read(
    tab: Page, address: str, shipped: model.Net
) -> None:
    tab.goto(f"{address}/compare{LINK}")
    tab.locator(".st-key-compare-way button", has_text="File").click()
    other = {"findings": {"finger_flexor_weakness": "present", "age_at_onset": 66, "ck_level": ["normal", "mild"]}}
    upload = tab.locator(".st-key-compare-upload input")
    upload.set_input_files({"name": "b.json", "mimeType": "application/json", "buffer": json.dumps(other).encode()})
    expect_comparison(tab, shipped.patient(DERMATOMYOSITIS), shipped.patient(other["findings"]))
    upload.set_input_files({"name": "c.json", "mimeType": "application/json", "buffer": b'{"findings": {"fevr": 1}}'})
    expect(tab.get_by_role("alert")).to_contain_text("fever")


def test_compare_of_nobody_offers_the_published_patients(tab: Page, address: str) -> None:
    tab.goto(f"{address}/compare")
    expect(tab.get_by_text("Nothing entered yet")).to_be_visible()
    expect(tab.get_by_label("Example patient as B")).to_be_visible()
    assert tab.locator(".compare").count() == 0


def go_to(page: Page, title: str) -> None:
    """Another page by the navigation above."""
    page.get_by_text("Clinician").first.click()
    page.get_by_role("menuitem", name=title, exact=True).click()
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for()
    wait_until_calm(page)


def expect_comparison(page: Page, first: Patient, second: Patient) -> None:
    comparison = first.compare(second)
    expect(page.locator(".compare-says")).to_have_text(compared(comparison, first.net.vocabulary))
    for pair in (*comparison.families, *comparison.diagnoses[:3]):
        row = page.locator(f"tr[data-compared={pair.id}]")
        expect(row).to_contain_text(re.compile(f"{re.escape(percent(pair.first))}.*{re.escape(percent(pair.second))}"))
