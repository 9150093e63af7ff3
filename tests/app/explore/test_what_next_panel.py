"""The panel What next? without a browser."""

import re

import pytest
from streamlit.testing.v1 import AppTest

import model
from app_pages.explore.panels.what_next_view import checklist_html, pair_html, ranking_html, waiting
from app_pages.shared.case_link import write_link
from model.patient.advice.checklist import CheckItem
from model.patient.what_next.value_of_information import Pair, advise
from tests.helpers import patience
from tests.helpers.places import PROJECT

APP = PROJECT / "app.py"
CASE = {"ck_level": 12.0, "proximal_leg_weakness": "present", "raynaud": "present", "arthritis": "present"}


def opened(monkeypatch: pytest.MonkeyPatch, priors: object, net: model.Net, findings: dict[str, object]) -> AppTest:
    """The page with What next? open."""
    monkeypatch.setenv("MYOSITIS_PRIORS", str(priors or ""))
    page = AppTest.from_file(str(APP), default_timeout=patience.SECONDS)
    case = {"setting": net.default_setting, "findings": findings, "example": None}
    for name, text in write_link(case, net.vocabulary).items():  # type: ignore[arg-type]
        page.query_params[name] = text
    page.session_state["question"] = "what_next"
    page.run()
    assert not page.exception, page.exception
    return page


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def ranked(page: AppTest) -> list[str]:
    return re.findall(r"rowheader' scope='row'>([^<]+)<", html(page))


def test_it_says_first_what_the_advice_says_and_ranks_as_it_does(
    monkeypatch: pytest.MonkeyPatch, shipped: model.Net
) -> None:
    page = opened(monkeypatch, None, shipped, CASE)
    advice = advise(shipped, CASE)
    assert advice.sentence in html(page)
    labels = [value.procedure.label for value in advice.values if value.open]
    assert [label for label in ranked(page) if label != "All open procedures"] == labels
    page.slider(key="what_next weight").set_value(0.0).run()
    labels = [value.procedure.label for value in advise(shipped, CASE, burden_weight=0).values if value.open]
    assert [label for label in ranked(page) if label != "All open procedures"] == labels


def test_a_changed_burden_changes_the_rank_until_it_is_reset(
    monkeypatch: pytest.MonkeyPatch, shipped: model.Net
) -> None:
    page = opened(monkeypatch, None, shipped, CASE)
    before = ranked(page)
    page.session_state["what_next changed"] = {"myositis_antibodies": {"cost": 100.0, "burden": 10.0}}
    page.slider(key="what_next weight").set_value(1.0).run()
    heavy = ranked(page)
    assert before.index("Myositis antibody panel") < heavy.index("Myositis antibody panel")
    page.session_state["what_next costs"] = True
    page.run()
    page.button(key="what_next reset").click().run()
    page.slider(key="what_next weight").set_value(0.3).run()
    assert not page.exception and ranked(page) == before


def test_two_procedures_are_compared_once_both_are_chosen(monkeypatch: pytest.MonkeyPatch, shipped: model.Net) -> None:
    page = opened(monkeypatch, None, shipped, CASE)
    assert "class='next-pair'" not in html(page)
    page.selectbox(key="what_next first").select("emg").run()
    assert "class='next-pair'" not in html(page)
    page.selectbox(key="what_next second").select("mri").run()
    assert "EMG and muscle MRI: <b>" in html(page)
    page.selectbox(key="what_next second").select("emg").run()
    assert "class='next-pair'" not in html(page) and not page.exception


def test_priors_without_procedures_say_so(monkeypatch: pytest.MonkeyPatch, small: model.Net) -> None:
    page = opened(monkeypatch, small.priors.folder, small, {"v_sign": "present"})
    assert any("no table of procedures" in caption.value for caption in page.caption)


def test_every_bar_tells_its_share_in_words_and_every_number_has_a_heading(shipped: model.Net) -> None:
    drawn = ranking_html(advise(shipped, CASE), shipped.vocabulary)
    assert drawn.count("role='img'") == drawn.count("of the uncertainty that is left'") > 10
    for term in ("Uncertainty removed", "Diagnosis unchanged", "Expected certainty afterwards", "Burden"):
        assert f"scope='col'>{term}<" in drawn and f"<b>{term}</b>:" in drawn


def test_what_is_done_is_shown_in_one_line_and_not_ranked(shipped: model.Net) -> None:
    drawn = ranking_html(advise(shipped, {**CASE, "emg": "myopathic"}), shipped.vocabulary)
    assert "Done: EMG." in drawn and "scope='row'>EMG<" not in drawn


@pytest.mark.parametrize(
    ("synergy", "words"), [(-0.2, "partly overlap"), (0.2, "helps to interpret"), (0.005, "different information")]
)
def test_a_pair_says_whether_it_tells_more_or_less_than_the_sum(synergy: float, words: str, shipped: model.Net) -> None:
    first, second = (value.procedure for value in advise(shipped, CASE).values[:2])
    assert words in pair_html(Pair(first, second, 0.9, 0.01, 0.8, 0.7, 0.01, synergy, 0.01, False), 1.5)


def test_each_step_of_the_work_up_says_its_state_in_a_word(shipped: model.Net) -> None:
    items = [
        CheckItem("Step <1>", "Enzymes & more", "partly", ("ck_level",), ("aldolase", "ldh"), "s", "l"),
        CheckItem("Step 2", "Thyroid", "done", ("tsh",), (), "s", "l"),
    ]
    drawn = checklist_html(items, shipped.vocabulary)
    assert "Step &lt;1&gt;" in drawn and "Enzymes &amp; more" in drawn
    assert "partly; open: Aldolase, LDH" in drawn and "<em>done</em>" in drawn


def test_waiting_times_read_as_a_person_says_them() -> None:
    assert [waiting(days) for days in (0, 1, 13, 14, 60, 90)] == [
        "at once", "1 day", "13 days", "2 weeks", "9 weeks", "3 months",
    ]  # fmt: skip
