"""The page Learn without a browser: its two parts that show how evidence weighs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.learn.one_finding import one_finding, post_test
from model.learn.step_by_step import step_by_step, work_up_order
from model.learn.words import decibans_phrase, ratio_phrase
from model.patient.phrases import percent
from tests.app.headless import calm, html
from tests.helpers import patience
from tests.helpers.places import PROJECT, SMALL

PAGE = PROJECT / "app_pages" / "learn" / "page.py"
Opener = Callable[..., AppTest]
RASH = {"heliotrope_rash": "present", "ck_level": "high", "aldolase": "elevated"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open the page at one part, with a patient in Explore if findings are given."""

    def open_page(part: str = "Step by step", priors: object = "", **findings: str) -> AppTest:
        monkeypatch.setenv("MYOSITIS_PRIORS", str(priors))
        page = AppTest.from_file(str(PAGE), default_timeout=patience.SECONDS)
        page.session_state["learn_part"] = part
        for name, value in findings.items():
            page.query_params[name] = value
        return calm(page.run())

    return open_page


def press(page: AppTest, label: str) -> AppTest:
    return calm(next(button for button in page.button if button.label == label).click().run())


def rungs(page: AppTest) -> list[tuple[str, str]]:
    """Likelihood ratio and decibans of each step on the ladder."""
    return re.findall(r"<td><b>([^<]*)</b> \(([^)]*)\)</td>", html(page))


def test_findings_are_revealed_one_by_one(opened: Opener, shipped: model.Net) -> None:
    page = opened(**RASH)
    calm(page.selectbox(key="learn patient").select("explore").run())
    assert "Before any finding" in html(page) and rungs(page) == []
    way = step_by_step(shipped, RASH)
    phrases = [(ratio_phrase(s.log_ratio), decibans_phrase(s.log_ratio)) for s in way.steps]
    phrases = [(r.replace(">", "&gt;").replace("<", "&lt;"), d) for r, d in phrases]
    for count in (1, 2, 3):
        press(page, "Next")
        assert rungs(page) == phrases[:count]
        assert "So of the" in html(page)
    assert next(button for button in page.button if button.label == "Next").disabled
    press(page, "Back")
    assert rungs(page) == phrases[:2]
    calm(page.slider(key="learn step").set_value(0).run())
    assert rungs(page) == []


def test_a_published_patient_is_watched_for_its_true_diagnosis(opened: Opener) -> None:
    page = opened()
    assert page.selectbox(key="learn patient").value == "pub-001"
    assert page.selectbox(key="learn watch pub-001").value == "dermatomyositis"


def test_any_finding_may_come_next_or_move(opened: Opener, shipped: model.Net) -> None:
    page = opened(**RASH)
    calm(page.selectbox(key="learn patient").select("explore").run())
    usual = work_up_order(shipped, list(RASH))
    calm(page.selectbox(key="learn next").select(usual[2]).run())
    press(page, "Next")
    assert list(page.session_state["learn journey"]["order"]) == [usual[2], usual[0], usual[1]]
    calm(page.selectbox(key="learn move").select(usual[0]).run())
    press(page, "Earlier")
    assert list(page.session_state["learn journey"]["order"]) == [usual[0], usual[2], usual[1]]
    press(page, "Usual order")
    assert list(page.session_state["learn journey"]["order"]) == list(usual)


def test_the_lesson_of_dependence_stands_beside_the_second_enzyme(opened: Opener) -> None:
    page = opened()
    calm(page.selectbox(key="learn patient").select("muscle_enzymes").run())
    press(page, "Next")
    press(page, "Next")
    assert "it depends on “active muscle fibre damage”, and so does creatine kinase (high)" in html(page)


def test_a_diagnosis_against_itself_is_reported(opened: Opener) -> None:
    page = opened()
    page.selectbox(key="learn against pub-001").select("dermatomyositis")
    calm(page.run())
    assert "“For” and “Against” name the same diagnosis" in html(page)


def test_findings_that_cannot_be_together_are_named(opened: Opener, strict_priors: Path) -> None:
    page = opened(priors=strict_priors, heliotrope_rash="present", finger_flexor_weakness="present")
    assert "No diagnosis in this model can explain these findings together" in html(page)
    assert "finger flexor" in html(page).lower() and "heliotrope" in html(page).lower()


def test_another_setting_moves_the_odds_before_and_no_ratio_against_one_rival(opened: Opener) -> None:
    page = opened()
    calm(page.selectbox(key="learn patient").select("muscle_enzymes").run())
    press(page, "Next")
    before, odds = rungs(page), re.findall(r"odds ([^<]*)</td>", html(page))
    calm(page.selectbox(key="learn setting muscle_enzymes").select("myositis_centre").run())
    assert rungs(page) == before and re.findall(r"odds ([^<]*)</td>", html(page)) != odds


def test_choices_outlive_another_part(opened: Opener) -> None:
    page = opened()
    calm(page.selectbox(key="learn patient").select("skin_signs").run())
    press(page, "Next")
    calm(page.segmented_control(key="learn_part").select("One finding").run())
    calm(page.selectbox(key="one setting").select("myositis_centre").run())
    calm(page.segmented_control(key="learn_part").select("Step by step").run())
    assert page.selectbox(key="learn patient").value == "skin_signs"
    assert page.slider(key="learn step").value == 1
    calm(page.segmented_control(key="learn_part").select("One finding").run())
    assert page.selectbox(key="one setting").value == "myositis_centre"


def test_only_the_open_part_is_there(opened: Opener) -> None:
    page = opened("One finding")
    assert not any(box.key == "learn patient" for box in page.selectbox)
    assert "ladder" not in html(page)


def test_a_small_folder_of_priors_has_no_examples_and_works(opened: Opener) -> None:
    page = opened(priors=SMALL)
    assert "Enter some in Explore first" in html(page)
    page = opened(priors=SMALL, heliotrope_rash="present", ck_level="high")
    press(page, "Next")
    assert len(rungs(page)) == 1
    page = opened("One finding", priors=SMALL)
    assert "Sensitivity" in html(page) and len(re.findall("data-setting=", html(page))) == 2


def test_one_finding_opens_on_the_line_blot_in_primary_care(opened: Opener, shipped: model.Net) -> None:
    page = opened("One finding")
    answer = one_finding(shipped, "anti_sae", ["positive"], "dermatomyositis", None, "primary_care")
    after = percent(post_test(answer.pre_test, answer.positive_ratio.value))
    shown = html(page)
    assert f"to <b>{after}</b> after a positive result" in shown
    assert f"<b>{percent(answer.sensitivity.value)}</b>" in shown
    assert len(re.findall("data-setting=", shown)) == len(shipped.vocabulary.settings)
    assert "Share of positives that are real" in shown


def test_the_pre_test_probability_moves_the_nomogram(opened: Opener, shipped: model.Net) -> None:
    page = opened("One finding")
    answer = one_finding(shipped, "anti_sae", ["positive"], "dermatomyositis", None, "primary_care")
    calm(page.select_slider(key="one before").set_value(0.5).run())
    assert f"From {percent(0.5)} to <b>{percent(post_test(0.5, answer.positive_ratio.value))}</b>" in html(page)
    press(page, "Anti-PL-7, line blot")
    assert page.selectbox(key="one for").value == "antisynthetase_syndrome"
    assert page.select_slider(key="one before").value == pytest.approx(
        shipped.posterior({}, "primary_care")["antisynthetase_syndrome"]
    )


def test_a_finding_of_several_states_asks_what_counts(opened: Opener, shipped: model.Net) -> None:
    page = opened("One finding")
    press(page, "Creatine kinase above 10 times the limit")
    states = page.pills(key="one positive ck_level")
    assert states.value == ["high", "very_high"]
    calm(states.set_value([]).run())
    assert "Choose at least one positive result" in html(page)


@pytest.mark.parametrize(("side", "said"), [("iim", "overlap"), ("dermatomyositis", "overlap")])
def test_overlapping_sides_are_reported(opened: Opener, side: str, said: str) -> None:
    page = opened("One finding")
    calm(page.selectbox(key="one against").select(side).run())
    assert said in html(page)


def test_no_picture_is_without_words(opened: Opener) -> None:
    for part in ("Step by step", "One finding"):
        page = opened(part)
        if part == "Step by step":
            press(page, "Next")
        pictures = re.findall(r"<img class='(\w+)[^']*' alt='([^']*)'", html(page))
        assert any(name == "picture" for name, _ in pictures)
        assert all(alternative for name, alternative in pictures if name == "picture")
