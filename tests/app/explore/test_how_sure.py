"""What the panel "How sure?" says and shows."""

import re

import pytest

import model
from app_pages.explore.panels.how_sure_view import fit_html, intervals_html, says_html, spread_html
from model.patient.how_sure.conflict import conflict
from model.patient.how_sure.credible_interval import credible_intervals
from model.patient.how_sure.surprise import Surprise, surprise

TYPICAL: dict[str, object] = {"age_at_onset": 54, "heliotrope_rash": "present", "gottron_papules": "present"}
UNCLEAR: dict[str, object] = {"age_at_onset": 60, "ck_level": 6, "proximal_leg_weakness": "present"}
UNFIT = Surprise({}, "dermatomyositis", 0.0001, False, "These findings fit <nothing>.")
FITS = Surprise({}, "dermatomyositis", 0.5, True, "")


def test_a_clear_case_is_said_to_be_led(shipped: model.Net) -> None:
    result = credible_intervals(shipped, TYPICAL)
    said = says_html(result, FITS, shipped.vocabulary)
    assert "dermatomyositis stays first in" in said
    assert "notice" not in said


def test_where_nothing_leads_that_is_said(shipped: model.Net) -> None:
    result = credible_intervals(shipped, UNCLEAR)
    assert result.leads_in < 0.5
    assert "no diagnosis comes first in most runs" in says_html(result, FITS, shipped.vocabulary)


def test_where_nothing_fits_that_is_said_first_and_escaped(shipped: model.Net) -> None:
    said = says_html(credible_intervals(shipped, TYPICAL), UNFIT, shipped.vocabulary)
    assert said.startswith("<p class='notice'><b>These findings fit &lt;nothing&gt;.</b>")


@pytest.mark.parametrize("findings", [{}, TYPICAL, UNCLEAR])
def test_every_bar_says_what_it_shows(shipped: model.Net, findings: dict[str, object]) -> None:
    """One row a diagnosis and one for the family, each with its numbers in words; bars within 0 and 100 %."""
    result = credible_intervals(shipped, findings)
    shown = intervals_html(result, shipped.vocabulary)
    rows = re.findall(r"data-row='(\w+)'", shown)
    assert rows[:2] == ["family", result.leading]
    assert 2 <= len(rows) <= 9
    assert shown.count("role='img'") == len(rows)
    for low, wide in re.findall(r"--low:([\d.]+)%;--wide:([\d.]+)%", shown):
        assert 0 <= float(low) <= float(low) + float(wide) <= 100.1
    left_out = {d for d in shipped.vocabulary.diagnoses if d not in rows}
    if len(rows) < 9:
        assert all(result.high[d] < 0.01 for d in left_out)


def test_the_spread_names_every_grade_with_its_meaning(shipped: model.Net) -> None:
    result = credible_intervals(shipped, UNCLEAR)
    shown = spread_html(result, dict.fromkeys(shipped.priors.grades, "a <meaning>"))
    assert list(result.by_grade) == list(shipped.priors.grades)
    assert shown.count("a &lt;meaning&gt;") == len(result.by_grade)


def test_contradicting_findings_are_marked(shipped: model.Net) -> None:
    findings: dict[str, object] = {
        **TYPICAL,
        "age_at_onset": 8,
        "finger_flexor_weakness": "present",
        "biopsy_rimmed_vacuoles": "present",
    }
    found, fit = conflict(shipped, findings), surprise(shipped, findings)
    assert found.sentence
    assert "how-sure-doubt" in fit_html(found, fit, "dermatomyositis", shipped.vocabulary, findings)
    calm = conflict(shipped, TYPICAL), surprise(shipped, TYPICAL)
    assert "how-sure-doubt" not in fit_html(*calm, "dermatomyositis", shipped.vocabulary, TYPICAL)
    assert fit_html(*calm, "dermatomyositis", shipped.vocabulary, {}) == ""


def test_other_priors_have_the_panel_too(small: model.Net) -> None:
    findings = {"heliotrope_rash": "present", "muscle": "high"}
    result = credible_intervals(small, findings)
    fit = surprise(small, findings)
    assert says_html(result, fit, small.vocabulary)
    assert intervals_html(result, small.vocabulary).count("<tr data-row") >= 2
    assert fit_html(conflict(small, findings), fit, result.leading, small.vocabulary, {"heliotrope_rash": "present"})
