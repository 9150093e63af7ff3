"""The page Explore in a real Chromium, as a clinician sees it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import model
from tests.app.page_actions import DERMATOMYOSITIS, LINK, choose, expect_posterior, open_page, probability
from tests.app.page_server import PHONE, new_page


def test_enter_a_patient_by_group_and_by_search(tab: Page, address: str, shipped: model.Net) -> None:
    open_page(tab, address)
    expect_posterior(tab, shipped, {})
    tab.locator(".st-key-group button", has_text="Skin").click()
    choose(tab, "gottron_papules", "present")
    expect_posterior(tab, shipped, {"gottron_papules": "present"})
    tab.get_by_label("Search all findings").press_sequentially("purple eyelids")
    choose(tab, "heliotrope_rash", "present")
    both = {"gottron_papules": "present", "heliotrope_rash": "present"}
    expect_posterior(tab, shipped, both)
    expect(tab.locator(".st-key-group button", has_text="Skin 2")).to_be_visible()
    tab.get_by_label("Age at onset (years)").fill("54")
    tab.get_by_label("Age at onset (years)").press("Enter")
    expect_posterior(tab, shipped, {**both, "age_at_onset": 54})
    tab.locator(".st-key-remove button", has_text="Gottron papules").click()
    expect_posterior(tab, shipped, {"heliotrope_rash": "present", "age_at_onset": 54})
    tab.get_by_role("button", name="Clear all").click()
    expect_posterior(tab, shipped, {})


def test_toggles_faster_than_the_answers_are_all_kept(tab: Page, address: str, shipped: model.Net) -> None:
    open_page(tab, address)
    tab.locator(".st-key-group button", has_text="Skin").click()
    tab.locator(".st-key-state-v_sign").wait_for()
    findings = ("heliotrope_rash", "gottron_papules", "gottron_sign", "v_sign", "shawl_sign")
    for finding in findings:
        choose(tab, finding, "present")
    expect_posterior(tab, shipped, dict.fromkeys(findings, "present"))
    expect(tab.locator(".st-key-remove button")).to_have_count(5)


def test_a_link_restores_the_case_in_a_new_tab(
    tab: Page, browser: BrowserContext, address: str, shipped: model.Net
) -> None:
    open_page(tab, address, LINK)
    expect_posterior(tab, shipped, dict(DERMATOMYOSITIS))
    tab.locator(".st-key-group button", has_text="Skin").click()
    choose(tab, "v_sign", "absent")
    expect_posterior(tab, shipped, {**DERMATOMYOSITIS, "v_sign": "absent"})
    expect(tab).to_have_url(re.compile("v_sign=absent"))
    other = new_page(browser)
    other.goto(f"{address}/{tab.get_by_role('link', name='Link to this case').get_attribute('href')}")
    expect_posterior(other, shipped, {**DERMATOMYOSITIS, "v_sign": "absent"})
    other.close()
    tab.go_back()
    expect_posterior(tab, shipped, dict(DERMATOMYOSITIS))


def test_a_published_patient_keeps_its_diagnosis_until_asked(tab: Page, address: str) -> None:
    open_page(tab, address)
    tab.get_by_label("Example patient").click()
    tab.get_by_role("option").first.click()
    expect(tab.locator(".st-key-remove button").first).to_be_visible()
    expect(tab.get_by_text("Established by")).to_have_count(0)
    tab.get_by_role("button", name="Show diagnosis").click()
    expect(tab.get_by_text("Established by")).to_be_visible()


def test_a_phone_shows_all_without_scrolling_sideways(tab: Page, address: str) -> None:
    tab.set_viewport_size(PHONE)
    open_page(tab, address, LINK)
    for group in ("Muscle", "Antibodies", "Biopsy"):
        tab.locator(".st-key-group button", has_text=group).click()
        expect(tab.locator(".st-key-rows .stButtonGroup").first).to_be_visible()
        widths = tab.evaluate("[document.documentElement, document.querySelector('.stMain')].map(e => e.scrollWidth)")
        assert max(widths) <= PHONE["width"]
        assert tab.evaluate(
            "[...document.querySelectorAll('.stMain button')].every(e => e.getBoundingClientRect().right <= 390)"
        )
    expect(tab.locator(".summary")).to_be_in_viewport(ratio=1)
    expect(tab.locator(".summary")).to_contain_text(probability(tab, "dermatomyositis"))


@pytest.mark.parametrize("link", ["?heliotrop_rash=present", "?heliotrope_rash=presentt", "?age=four", "?%3Cb%3E=1"])
def test_a_bad_link_shows_one_sentence(tab: Page, address: str, link: str) -> None:
    open_page(tab, address, f"{link}&v_sign=present")
    expect(tab.get_by_role("alert")).to_have_count(1)
    expect(tab.get_by_role("alert")).to_contain_text("were ignored")
    expect(tab.locator(".st-key-remove button")).to_have_count(1)
    assert "Traceback" not in tab.content()


def test_the_keyboard_alone_enters_a_finding(tab: Page, address: str, shipped: model.Net) -> None:
    open_page(tab, address)
    tab.get_by_label("Search all findings").focus()
    tab.keyboard.type("heliotrope")
    expect(tab.locator(".st-key-rows .stButtonGroup")).to_have_count(1)
    tab.locator(".st-key-state-heliotrope_rash button", has_text="present").focus()
    tab.keyboard.press("Enter")
    expect_posterior(tab, shipped, {"heliotrope_rash": "present"})
