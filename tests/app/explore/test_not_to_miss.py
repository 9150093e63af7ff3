"""The panel: what is urgent is seen first, and nothing that it prints is markup."""

import re

import model
from app_pages.explore.panels.not_to_miss import NOTHING_ENTERED, not_to_miss_html
from model.patient.advice.alerts import NOTHING_APPLIES, Alert, alerts

SEVERE = {"anti_mda5": "positive", "interstitial_lung_disease": "present", "heliotrope_rash": "present"}


def panel(net: model.Net, findings: dict[str, object]) -> str:
    called = alerts(net, findings, net.posterior(findings))
    return not_to_miss_html(called, net.priors.sources if called else {}, bool(findings))


def test_urgency_is_shown_by_a_word_and_now_comes_before_soon(shipped: model.Net) -> None:
    alert, treatment = panel(shipped, SEVERE).split("<h3>Treatment</h3>")
    for part in (alert, treatment):
        words = re.findall(r"</span> (Now|Soon|Keep in mind)", part)
        assert words == ["Now", "Soon", "Keep in mind"]


def test_what_can_wait_is_folded_below_what_cannot_and_open_where_it_stands_alone(shipped: model.Net) -> None:
    assert "<details" in panel(shipped, SEVERE)
    pain = panel(shipped, {"myalgia": "present", "weakness_severity": "none", "ck_level": "normal"})
    assert "Pain alone" in pain and "<details" not in pain


def test_every_line_names_its_reason_and_its_source(shipped: model.Net) -> None:
    html = panel(shipped, SEVERE)
    assert html.count("<li") == html.count("<cite>")
    assert "Anti-MDA5: positive" in html and "Mehta 2021: abstract" in html


def test_silence_is_explained(small: model.Net) -> None:
    assert NOTHING_APPLIES in panel(small, {"cancer": "present"})
    assert NOTHING_ENTERED in panel(small, {})


def test_text_is_never_markup(shipped: model.Net) -> None:
    alert = Alert("x'<", "alert", "<i>a", "<i>b", "<i>c", 1, "silva2022", "<i>d")
    assert "<i>" not in not_to_miss_html([alert], shipped.priors.sources)
