"""The list of diagnoses on the page Explore: the ones that matter, the others together, more on request."""

import math
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

import model
from app_pages.explore.posterior_view import how_many, posterior_html, sums_html
from model.patient.phrases import percent
from model.priors.spectra import spectra
from tests.app.page_actions import LINK, ask, choose, open_page, wait_until_calm
from tests.app.page_server import PHONE, WIDE

WITHOUT_WEAKNESS = {"heliotrope_rash": "present", "weakness_severity": "none", "ck_level": "normal", "age_at_onset": 54}
ANY_FORM = "Dermatomyositis, any form"
TYPICAL_RASH = "?age=54&heliotrope_rash=present&weakness_severity=none&ck_level=normal"


@st.composite
def posteriors(draw: st.DrawFn) -> dict[str, float]:
    weights = draw(st.lists(st.floats(1e-9, 1), min_size=2, max_size=40))
    return {f"d{i}": weight / math.fsum(weights) for i, weight in enumerate(weights)}


@given(posterior=posteriors())
def test_the_first_diagnoses_hold_99_percent_but_are_six_to_ten(posterior: dict[str, float]) -> None:
    shown = how_many(posterior)
    together = math.fsum(sorted(posterior.values(), reverse=True)[:shown])
    assert min(6, len(posterior)) <= shown <= 10
    assert together >= 0.99 - 1e-9 or shown == 10
    if shown > 6:
        assert together - sorted(posterior.values(), reverse=True)[shown - 1] < 0.99 + 1e-9


def test_the_last_line_sums_the_others_now_and_before(shipped: model.Net) -> None:
    patient = shipped.patient(WITHOUT_WEAKNESS)
    now, before = patient.probabilities, patient.probabilities_before
    others = sorted(now, key=lambda d: -now[d])[7:]
    page = posterior_html(now, before, shipped.vocabulary, 7)
    assert page.count("data-diagnosis") == 7 and f"{len(others)} others together" in page
    last = page.partition("<tfoot>")[2]
    assert f"<td>{escape(percent(sum(now[d] for d in others)))}</td>" in last
    assert f"<td>{percent(sum(before[d] for d in others))}</td>" in last
    assert "<tfoot>" not in posterior_html(now, before, shipped.vocabulary)


def test_the_forms_of_dermatomyositis_are_one_sum_where_two_have_some_probability(shipped: model.Net) -> None:
    patient, forms = shipped.patient(WITHOUT_WEAKNESS), spectra(shipped.priors)
    shown = sums_html(patient.probabilities, shipped.vocabulary, forms)
    assert f"{ANY_FORM} <b>{percent(patient.spectra[ANY_FORM])}</b>" in shown
    only_one = dict.fromkeys(shipped.vocabulary.diagnoses, 0.0) | {"dermatomyositis": 1.0}
    assert ANY_FORM not in sums_html(only_one, shipped.vocabulary, forms)


def tick(page: Page, label: str) -> None:
    """Tick or clear a box below the list, by keyboard."""
    page.get_by_role("checkbox", name=label).focus()
    page.keyboard.press("Space")
    wait_until_calm(page)


def test_all_diagnoses_are_shown_by_keyboard_and_stay_shown(tab: Page, address: str, shipped: model.Net) -> None:
    """After a toggle, after a question that was opened and closed, and after another page."""
    rows, everything = tab.locator("tr[data-diagnosis]"), len(shipped.vocabulary.diagnoses)
    open_page(tab, address, LINK)
    assert 6 <= rows.count() <= 10
    expect(tab.locator(".left-out")).to_contain_text(f"{everything - rows.count()} others together")
    tick(tab, f"Show all {everything} diagnoses")
    expect(rows).to_have_count(everything)
    expect(tab.locator(".left-out")).to_have_count(0)
    tab.locator(".st-key-group button", has_text="Skin").click()
    choose(tab, "v_sign", "present")
    expect(tab.locator(".st-key-remove button", has_text="V sign")).to_be_visible()
    expect(rows).to_have_count(everything)
    ask(tab, "criteria")
    expect(rows).to_have_count(4)
    tab.locator(".st-key-question button").get_by_text("Criteria", exact=True).click()
    expect(rows).to_have_count(everything)
    for title in ("Compare", "Explore"):
        tab.get_by_text("Clinician").first.click()
        tab.get_by_role("menuitem", name=title, exact=True).click()
        tab.get_by_role("heading", name=title, exact=True, level=1).wait_for()
        wait_until_calm(tab)
    expect(rows).to_have_count(everything)
    tick(tab, f"Show all {everything} diagnoses")
    expect(tab.locator(".left-out")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_forms_of_dermatomyositis_are_summed_on_request(tab: Page, address: str, shipped: model.Net, size: Any) -> None:
    tab.set_viewport_size(size)
    open_page(tab, address, TYPICAL_RASH)
    expect(tab.locator(".sums")).to_have_count(0)
    tick(tab, "Sum forms of one disease")
    together = percent(shipped.patient(WITHOUT_WEAKNESS).spectra[ANY_FORM])
    line = tab.locator(".sums")
    expect(line).to_contain_text(f"{ANY_FORM} {together}")
    enzyme = tab.locator(".st-key-remove button", has_text="Creatine kinase")
    enzyme.click()
    expect(enzyme).to_have_count(0)
    expect(line).to_be_visible()
    if size is PHONE:
        expect(tab.locator(".summary")).to_be_in_viewport(ratio=1)
        assert tab.evaluate("document.querySelector('.stMain').scrollWidth") <= PHONE["width"]
