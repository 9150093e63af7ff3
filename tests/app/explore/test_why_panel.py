"""The panel Why? without a browser: what it says and what it offers."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

import model
from app_pages.explore.panels.why_path import path_html
from model.patient.why.pathway import pathway
from tests.app.headless import calm, html
from tests.helpers import patience
from tests.helpers.places import PROJECT, SMALL

APP = PROJECT / "app.py"
Opener = Callable[..., AppTest]
JO1 = {"anti_jo1": "positive", "interstitial_lung_disease": "present", "ck_level": "normal", "age": "54"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open the page on a case with the question Why? open."""

    def open_page(priors: object = "", **link: str) -> AppTest:
        monkeypatch.setenv("MYOSITIS_PRIORS", str(priors))
        page = AppTest.from_file(str(APP), default_timeout=patience.SECONDS)
        page.session_state["question"] = "why"
        for name, value in link.items():
            page.query_params[name] = value
        return calm(page.run())

    return open_page


def says(page: AppTest) -> list[str]:
    return re.findall(r"<p class='why-says'>(.*?)</p>", html(page))


def test_the_sentence_and_every_finding_are_on_the_screen(asked: Opener) -> None:
    page = asked(**JO1)
    assert says(page) == ["Main reason for antisynthetase syndrome: anti-Jo-1. Against it: creatine kinase (normal)."]
    shown = re.findall(r"data-finding='(\w+)'", html(page))
    assert sorted(shown) == ["age_at_onset", "anti_jo1", "ck_level", "interstitial_lung_disease"]


def test_any_diagnosis_is_weighed_against_any_other(asked: Opener) -> None:
    page = asked(**JO1)
    calm(page.selectbox(key="why for").select("dermatomyositis").run())
    assert "dermatomyositis" in says(page)[0]
    calm(page.selectbox(key="why against").select("inclusion_body_myositis").run())
    assert "dermatomyositis over inclusion body myositis" in says(page)[0]


@pytest.mark.parametrize(
    ("link", "sides", "said"),
    [
        ({"age": "54"}, ("dermatomyositis", "dermatomyositis"), "the same diagnosis"),
        (JO1, ("", "antisynthetase_syndrome"), "the same diagnosis"),
        ({"age": "10"}, ("dermatomyositis", "amyopathic_dermatomyositis"), "exclude both"),
    ],
)
def test_a_pair_that_cannot_be_weighed_is_said_so(
    asked: Opener, link: dict[str, str], sides: tuple[str, str], said: str
) -> None:
    page = asked(**link)
    page.selectbox(key="why for").set_value(sides[0])
    page.selectbox(key="why against").set_value(sides[1])
    calm(page.run())
    assert said in says(page)[0]


def test_a_closer_look_shows_process_grade_and_source(asked: Opener) -> None:
    page = asked(**JO1)
    calm(page.selectbox(key="why closer").select("anti_jo1").run())
    shown = html(page)
    assert "True autoantibody" in shown and "Tansley" in shown and "rates/antibody.csv, line" in shown
    assert "Given the other findings, anti-Jo-1 makes the odds of antisynthetase syndrome" in says(page)[1]


def test_nothing_entered_asks_for_nothing(asked: Opener) -> None:
    page = asked()
    assert says(page)[0].startswith("Nothing entered yet")
    assert "why closer" not in [box.key for box in page.selectbox]


def test_another_folder_of_priors_needs_neither_words_nor_sources(asked: Opener) -> None:
    page = asked(SMALL, heliotrope_rash="present", ck_level="20")
    calm(page.selectbox(key="why closer").select("heliotrope_rash").run())
    assert "Skin disease" in html(page)


def test_text_of_the_priors_is_escaped(shipped: model.Net) -> None:
    path = pathway(shipped, {"mechanics_hands": "present"}, "mechanics_hands")
    assert "mechanic&#39;s hands" in path_html(path, shipped)
