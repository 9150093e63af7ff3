"""The page Learn without a browser: the quiz and the stories."""

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.cases.case import read_cases
from model.learn.belief import belief_of
from model.learn.quiz import QuizPatient, quiz_order, quiz_patient, revealed
from model.learn.quiz_scores import rounds_csv, scores
from model.learn.trap_tables import read_traps
from model.learn.traps import filled_text, probability_of, show_answer, show_steps, show_toggle
from model.patient.phrases import percent
from tests.conftest import SMALL
from tests.helpers import patience
from tests.helpers.places import PATIENTS, PROJECT
from tests.learn.test_traps import STEP_ROW, TRAP_ROW, priors_with_stories

PAGE = PROJECT / "app_pages" / "learn" / "page.py"
SEED = 5
Opener = Callable[..., AppTest]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open one part of the page, the quiz always in the same order."""

    def open_page(part: str, priors: Path | str = "") -> AppTest:
        monkeypatch.setenv("MYOSITIS_PRIORS", str(priors))
        page = AppTest.from_file(str(PAGE), default_timeout=patience.SECONDS)
        page.session_state["learn_part"] = part
        page.session_state["practise seed"] = SEED
        return calm(page.run())

    return open_page


@pytest.fixture(scope="module")
def order(shipped: model.Net) -> list[QuizPatient]:
    """The patients as the quiz of this seed has them."""
    cases = {case.id: case for case in read_cases(PROJECT / "cases" / "published.jsonl", shipped.vocabulary)}
    return [quiz_patient(shipped, cases[name]) for name in quiz_order(cases, SEED)]


def calm(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def html(page: AppTest) -> str:
    return unescape("\n".join(element.proto.body for element in page.get("html")))


def press(page: AppTest, label: str) -> AppTest:
    return calm(button(page, label).click().run())


def button(page: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(b for b in page.button if b.label == label)


def name(page: AppTest, **percentages: float) -> None:
    """Put diagnoses on the shortlist and give each a percentage."""
    for diagnosis, percentage in percentages.items():
        calm(page.selectbox(key="practise add").select(diagnosis).run())
        calm(page.number_input(key=f"practise percent {diagnosis}").set_value(percentage).run())


def test_only_the_visit_is_shown_until_something_is_asked(
    opened: Opener, shipped: model.Net, order: list[QuizPatient]
) -> None:
    page = opened("Practise")
    labels = {f: shipped.vocabulary.variable(f).label for f in shipped.vocabulary.findings}

    def listed() -> set[str]:
        return set(re.findall(r"<li>([^<]*): <b>", html(page)))

    asked: list[str] = []
    assert listed() == {labels[f] for f in revealed(order[0])}
    for procedure in order[0].procedures:
        calm(page.button(key=f"practise ask {procedure.id}").click().run())
        asked.append(procedure.id)
        assert listed() == {labels[f] for f in revealed(order[0], asked)}
        assert not any(b.key == f"practise ask {procedure.id}" for b in page.button)
    assert "Not reported" in html(page)
    assert shipped.vocabulary.diagnosis_labels[order[0].diagnosis] not in html(page)


def test_percentages_must_add_up_before_they_can_be_committed(opened: Opener) -> None:
    page = opened("Practise")
    assert button(page, "Submit").disabled
    name(page, dermatomyositis=60, fibromyalgia=30)
    assert "Something else: <b>10 %</b>" in html(page) and not button(page, "Submit").disabled
    name(page, polymyositis=20)
    assert "add up to 110" in html(page) and button(page, "Submit").disabled
    press(page, "Scale to 100 %")
    assert [box.value for box in page.number_input] == [54, 27, 18] and not button(page, "Submit").disabled
    calm(page.button(key="practise remove fibromyalgia").click().run())
    assert [box.value for box in page.number_input] == [54, 18] and "Something else: <b>28 %</b>" in html(page)


def test_a_shortlist_holds_six(opened: Opener, shipped: model.Net) -> None:
    page = opened("Practise")
    name(page, **dict.fromkeys(shipped.vocabulary.diagnoses[:6], 10))
    assert len(page.number_input) == 6 and not any(box.key == "practise add" for box in page.selectbox)


def test_a_round_shows_the_truth_both_scores_and_the_worth_of_procedures(
    opened: Opener, shipped: model.Net, order: list[QuizPatient]
) -> None:
    page, patient = opened("Practise"), order[0]
    calm(page.button(key="practise ask blood_tests").click().run())
    name(page, dermatomyositis=60, inclusion_body_myositis=20)
    press(page, "Submit")
    text = html(page)
    assert f"The diagnosis: {shipped.vocabulary.diagnosis_labels[patient.diagnosis]}" in text
    assert re.search(r"<a href='https?://", text)
    belief = belief_of({"dermatomyositis": 60, "inclusion_body_myositis": 20}, shipped.posterior({}, patient.setting))
    machine = shipped.posterior(revealed(patient, ["blood_tests"]), patient.setting)
    for said in (belief, machine):
        score = scores(said, patient.diagnosis)
        assert f"<b>{score.log:.2f}</b></td><td>{score.brier:.2f}</td>" in text
    assert "Which procedures were worth it?" in text and "This session: 1 patient<" in text
    press(page, "Next patient")
    assert f"Patient 2 of {PATIENTS}" in html(page) and "The diagnosis:" not in html(page) and not page.number_input


def test_the_session_runs_on_over_another_part_and_downloads(opened: Opener) -> None:
    page = opened("Practise")
    for diagnosis in ("dermatomyositis", "polymyositis"):
        name(page, **{diagnosis: 50})
        press(page, "Submit")
        press(page, "Next patient")
    calm(page.segmented_control(key="learn_part").select("Traps").run())
    calm(page.segmented_control(key="learn_part").select("Practise").run())
    assert f"Patient 3 of {PATIENTS}" in html(page) and "This session: 2 patients" in html(page)
    rounds = page.session_state["practise quiz"].rounds
    rows = list(csv.DictReader(StringIO(rounds_csv(rounds))))
    assert [row["student_leading"] for row in rows] == ["dermatomyositis", "polymyositis"]
    assert page.get("download_button")


def test_a_patient_may_be_skipped_without_a_score(opened: Opener) -> None:
    page = opened("Practise")
    press(page, "Skip this patient")
    assert f"Patient 2 of {PATIENTS}" in html(page) and "This session" not in html(page)


def test_two_visitors_do_not_meet_the_same_order(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYOSITIS_PRIORS", "")
    orders = set()
    for _ in range(2):
        page = AppTest.from_file(str(PAGE), default_timeout=patience.SECONDS)
        page.session_state["learn_part"] = "Practise"
        orders.add(calm(page.run()).session_state["practise quiz"].order)
    assert len(orders) == 2


@pytest.mark.parametrize(("part", "said"), [("Practise", "There is no example patient to practise on"),
                                            ("Traps", "These priors contain no stories")])  # fmt: skip
def test_a_small_folder_of_priors_says_that_there_is_nothing(opened: Opener, part: str, said: str) -> None:
    assert said in html(opened(part, SMALL))


def test_every_story_is_shown_step_by_step_to_its_end(opened: Opener, shipped: model.Net) -> None:
    page = opened("Traps")
    for trap in read_traps(shipped.priors):
        calm(page.selectbox(key="trap").select(trap.id).run())
        for number, shown in enumerate(show_steps(shipped, trap), 1):
            assert filled_text(shipped, shown, trap.watch) in html(page)
            assert f"Step {number} of {len(trap.steps)}" in html(page)
            assert f"<b>{percent(probability_of(shipped, shown.after, trap.watch))}</b>" in html(page)
            if number < len(trap.steps):
                assert trap.question not in html(page)
                press(page, "Next")
        assert trap.question in html(page) and button(page, "Next").disabled
        assert filled_text(shipped, show_answer(shipped, trap), trap.watch) in html(page)
        assert all(shipped.priors.sources[key]["citation"] in html(page) for key, _ in trap.sources)


@pytest.mark.parametrize(("claim", "doubted"), [("rises", 0), ("falls", 1)])
def test_a_story_that_the_numbers_do_not_show_says_so(opened: Opener, tmp_path: Path, claim: str, doubted: int) -> None:
    page = opened("Traps", priors_with_stories(tmp_path, TRAP_ROW, STEP_ROW.replace("rises", claim)))
    assert html(page).count("does not show what this sentence says") == doubted


def test_a_fault_in_the_stories_is_reported_on_the_page(opened: Opener, tmp_path: Path) -> None:
    page = opened("Traps", priors_with_stories(tmp_path, TRAP_ROW.replace("high", "hig"), STEP_ROW))
    assert "lessons/traps.csv, line 2, field state: 'hig' is not known; did you mean high" in html(page)


def test_a_finding_to_try_answers_at_once_and_can_be_taken_back(opened: Opener, shipped: model.Net) -> None:
    page = opened("Traps")
    calm(page.selectbox(key="trap").select("statin").run())
    trap = next(trap for trap in read_traps(shipped.priors) if trap.id == "statin")
    for _ in trap.steps[1:]:
        press(page, "Next")
    for state in ("positive", "negative", None):
        calm(page.segmented_control(key="trap try anti_hmgcr").set_value(state).run())
        after = show_toggle(shipped, trap, {"anti_hmgcr": state}).after[trap.watch]
        assert html(page).count(f"→ <b>{percent(after)}</b>") == 2
        assert (f"anti_hmgcr={state}" in html(page)) == (state is not None)
    press(page, "Back")
    assert trap.question not in html(page)
