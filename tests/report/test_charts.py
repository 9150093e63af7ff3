"""Charts say the same to the eye and to a screen reader."""

import re
from itertools import pairwise

import pytest

import model
from model.patient.phrases import percent
from model.patient.why.weight_of_evidence import weigh
from model.report.charts import waterfall_html

PATIENT: dict[str, object] = {
    "heliotrope_rash": "present",
    "ck_level": 0.5,
    "anti_jo1": "positive",
    "gottron_papules": "absent",
    "fever": ["absent", "present"],
}


def bars(html: str) -> list[tuple[str, float, float]]:
    """Side, left end and right end of each bar, in percent of the width."""
    found = re.findall(r"class='bar (\w+)'.*?left:([\d.]+)%;width:([\d.]+)%", html)
    return [(side, float(left), float(left) + float(width)) for side, left, width in found]


@pytest.mark.parametrize("diagnosis", ["antisynthetase_syndrome", "dermatomyositis", "fibromyalgia"])
def test_each_bar_begins_where_the_last_one_ended(shipped: model.Net, diagnosis: str) -> None:
    html = waterfall_html(weigh(shipped, PATIENT, diagnosis=diagnosis), shipped.vocabulary)
    marks = [float(place) for place in re.findall(r"class='mark' style='left:([\d.]+)%", html)]
    steps = [(left, right) if side == "for" else (right, left) for side, left, right in bars(html)]
    assert len(steps) == len(PATIENT)
    for (_, end), (start, _) in pairwise([(0.0, marks[0]), *steps, (marks[1], 0.0)]):
        assert start == pytest.approx(end, abs=0.03)


def test_largest_weight_first_and_every_finding_once(shipped: model.Net) -> None:
    html = waterfall_html(weigh(shipped, PATIENT), shipped.vocabulary)
    widths = [right - left for _, left, right in bars(html)]
    assert widths == sorted(widths, reverse=True)
    assert sorted(re.findall(r"data-finding='(\w+)'", html)) == sorted(PATIENT)
    assert "raises the odds " in html and "barely changes the odds" in html


def test_the_chart_says_in_words_where_it_begins_and_ends(shipped: model.Net) -> None:
    html = waterfall_html(weigh(shipped, PATIENT), shipped.vocabulary)
    before = percent(shipped.posterior({})["antisynthetase_syndrome"])
    assert f"role='img' aria-label='Antisynthetase syndrome against all other diagnoses: from {before} " in html
    assert html.count("role='img'") == 1 + len(PATIENT)


def test_a_finding_that_excludes_runs_to_the_end(shipped: model.Net) -> None:
    weights = weigh(shipped, {"age_at_onset": 54, "fever": "present"}, diagnosis="juvenile_dermatomyositis")
    html = waterfall_html(weights, shipped.vocabulary)
    (_, _, fever), (side, left, right) = bars(html)
    assert (side, left, right) == ("against", 0, pytest.approx(fever, abs=0.03)) and "excludes it" in html
    only_fever = shipped.posterior({"fever": "present"})["juvenile_dermatomyositis"]
    assert f"<td>excludes it</td><td>{percent(only_fever)}</td>" in html
    assert "nan" not in html and "inf" not in html.replace("inflam", "")


def test_nothing_entered_is_a_prior_alone(small: model.Net) -> None:
    html = waterfall_html(weigh(small, {}), small.vocabulary)
    assert bars(html) == [] and html.count("class='mark'") == 2


def test_text_from_the_case_is_escaped(shipped: model.Net) -> None:
    weights = weigh(shipped, {"fever": "present"})
    hostile = weights.weights[0].__class__("fever", "<script>", 1.0, 1.0, 0.0)
    changed = weights.__class__(**{**weights.__dict__, "weights": (hostile,)})
    assert "<script>" not in waterfall_html(changed, shipped.vocabulary)
