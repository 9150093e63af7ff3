"""The panel of the criteria as HTML: one row a set, states in words, everything escaped."""

from dataclasses import replace

import model
from app_pages.explore.panels.criteria import criteria_html
from model.patient.criteria import judge, judge_by
from model.patient.phrases import PERCENT, percent

FINDINGS = {"age_at_onset": 55, "proximal_arm_weakness": "present", "ck_level": 40, "anti_hmgcr": "positive"}


def test_each_set_has_a_row_with_its_verdict_in_words(shipped: model.Net) -> None:
    verdicts = judge(shipped, FINDINGS)
    html = criteria_html(verdicts, ())
    assert html.count("<details>") == html.count("data-set=") == len(verdicts)
    row = html.split("data-set='enmc_224'")[1].split("</tr>")[0]
    assert "Met" in row
    assert "anti-HMGCR myopathy" in row
    assert html.count("Undecided") == sum(v.positive is None for v in verdicts)


def test_one_line_says_which_sets_are_met(shipped: model.Net) -> None:
    weak = {**FINDINGS, "onset_tempo": "acute"}
    assert "<b>Met: ENMC 224 2016.</b> 1 not met, 6 undecided." in criteria_html(judge(shipped, weak), ())
    assert "<b>No set is met.</b> 8 undecided." in criteria_html(judge(shipped, {}), ())


def test_the_range_of_the_score_is_shown_while_items_are_unknown(shipped: model.Net) -> None:
    verdict = judge_by(shipped, "eular_acr_2017", FINDINGS)
    html = criteria_html([verdict], ())
    published = f"4.1 points, {percent(0.23)} (without muscle biopsy)"
    assert f"{published}; if everything unknown were present: 20.8, &gt;99.9{PERCENT}" in html
    assert "would need 1.4 more points" in html


def test_what_is_needed_is_a_choice_or_a_list(shipped: model.Net) -> None:
    jo1 = judge_by(shipped, "connors_2010", {"anti_jo1": "positive"})
    assert "would need any of: Interstitial lung disease; Arthritis; Raynaud phenomenon" in criteria_html([jo1], ())
    griggs = judge_by(shipped, "griggs_1995", {"age_at_onset": 20})
    assert "would need at least: Biopsy: cells invading" in criteria_html([griggs], ())


def test_text_from_files_is_escaped(shipped: model.Net) -> None:
    verdict = replace(
        judge_by(shipped, "griggs_1995", {}), name="<b>x", label="<b>x", notes=("<b>x",), source="<b>x", about="<b>x"
    )
    html = criteria_html([verdict], ("<b>x",))
    assert "<b>x" not in html
    assert html.count("&lt;b&gt;x") >= 5
