"""The page Explore without a browser: what it computes, keeps and says."""

import re
import shutil
import threading
from collections.abc import Callable
from html import unescape
from pathlib import Path
from types import FrameType

import pytest
from streamlit.testing.v1 import AppTest

import model
from app_pages.explore.finding_search import search
from app_pages.explore.findings_form import groups
from app_pages.shared.case_link import empty_case, read_link, write_link
from model.patient.phrases import percent
from tests.app.headless import calm, html
from tests.helpers import patience
from tests.helpers.places import PROJECT, SMALL

APP = PROJECT / "app.py"
RASH = {"heliotrope_rash": "present"}
Opener = Callable[..., AppTest]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open the page with the small priors (or others) and the parameters of a link."""

    def open_page(priors: object = SMALL, **link: str) -> AppTest:
        monkeypatch.setenv("MYOSITIS_PRIORS", str(priors))
        page = AppTest.from_file(str(APP), default_timeout=patience.SECONDS)
        for name, value in link.items():
            page.query_params[name] = value
        return calm(page.run())

    return open_page


def shown(page: AppTest) -> dict[str, str]:
    """The percentages on the screen by diagnosis."""
    return dict(re.findall(r"data-diagnosis='(\w+)'.*?</td><td>(.*?)</td>", unescape(html(page))))


def expected(net: model.Net, findings: dict[str, object], setting: str | None = None) -> dict[str, str]:
    return {d: percent(p) for d, p in net.posterior(findings, setting).items()}


def rows(page: AppTest) -> set[str]:
    return {w.key.removeprefix("state ") for w in page.segmented_control if str(w.key).startswith("state ")}


def test_a_finding_moves_the_posterior_to_what_the_network_gives(opened: Opener, small: model.Net) -> None:
    page = opened()
    assert shown(page) == expected(small, {}) and page.number_input(key="age_at_onset").value is None
    calm(page.pills(key="group").select("skin").run())
    calm(page.segmented_control(key="state heliotrope_rash").select("present").run())
    assert shown(page) == expected(small, dict(RASH)) != expected(small, {})
    calm(page.run())  # a toggle leaves only the parts it touched in the tree of the test
    calm(page.selectbox(key="setting").select("primary_care").run())
    calm(page.run())
    calm(page.number_input(key="age_at_onset").set_value(70.0).run())
    assert shown(page) == expected(small, {**RASH, "age_at_onset": 70}, "primary_care")
    assert page.session_state["case"]["findings"] == {**RASH, "age_at_onset": 70.0}


def test_several_possible_states_stay_until_one_is_chosen(opened: Opener, small: model.Net) -> None:
    """A file may say only that creatine kinase is raised."""
    page = opened(ck_level="mild|moderate|high|very_high", age="18-39|40-49", heliotrope_rash="absent:0.2|present:1")
    findings = {
        "ck_level": ["mild", "moderate", "high", "very_high"],
        "age_at_onset": ["18-39", "40-49"],
        "heliotrope_rash": {"absent": 0.2, "present": 1.0},
    }
    assert page.session_state["case"]["findings"] == findings
    assert shown(page) == expected(small, dict(findings))
    assert page.number_input(key="age_at_onset").placeholder == "18-39 or 40-49"
    calm(page.pills(key="group").select("lab").run())
    assert page.segmented_control(key="state ck_level").value is None
    assert any("mild or moderate or high or very high" in caption.value for caption in page.caption)
    calm(page.segmented_control(key="state ck_level").select("high").run())
    assert page.session_state["case"]["findings"] == {**findings, "ck_level": "high"}


def test_only_the_widgets_of_the_open_group_exist(opened: Opener, small: model.Net) -> None:
    page = opened()
    for group, findings in groups(small.vocabulary).items():
        calm(page.pills(key="group").select(group).run())
        assert rows(page) == set(findings)
    calm(page.text_input(key="search").set_value("heliotrope").run())
    assert rows(page) == {"heliotrope_rash"}


def test_a_number_and_a_bin_of_creatine_kinase_replace_each_other(opened: Opener) -> None:
    page = opened()
    calm(page.pills(key="group").select("lab").run())
    assert page.number_input(key="number ck_level").value is None
    calm(page.number_input(key="number ck_level").set_value(23.5).run())
    assert page.session_state["case"]["findings"] == {"ck_level": 23.5}
    assert page.segmented_control(key="state ck_level").value == "high"
    calm(page.segmented_control(key="state ck_level").select("mild").run())
    assert page.session_state["case"]["findings"] == {"ck_level": "mild"}
    assert page.number_input(key="number ck_level").value is None


def test_without_an_open_question_a_toggle_computes_the_posterior_alone(opened: Opener) -> None:
    page = opened("", age="54")
    calm(page.pills(key="group").select("skin").run())
    assert answering(page, lambda: page.segmented_control(key="state heliotrope_rash").select("present")) == set()
    calm(page.run())
    calm(page.segmented_control(key="question").select("why").run())
    calm(page.run())
    asked = answering(page, lambda: page.segmented_control(key="state v_sign").select("present"))
    assert "weight_of_evidence" in asked and "value_of_information" not in asked


def answering(page: AppTest, act: Callable[[], object]) -> set[str]:
    """The modules of model/patient whose code runs while the page answers an act; but for the patient and the words."""
    ran: set[str] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        folder, _, module = frame.f_code.co_filename.rpartition("/")
        if event == "call" and "model/patient" in folder:
            ran.add(module.removesuffix(".py"))

    act()
    threading.setprofile(note)
    try:
        calm(page.run())
    finally:
        threading.setprofile(None)
    return ran - {"patient", "phrases"}


def test_chips_remove_one_finding_and_clear_all_removes_the_rest(opened: Opener, small: model.Net) -> None:
    page = opened(heliotrope_rash="present", age="54", anti_mi2="positive")
    calm(page.pills(key="remove").select("anti_mi2").run())
    assert shown(page) == expected(small, {**RASH, "age_at_onset": 54})
    calm(next(button for button in page.button if button.label == "Clear all").click().run())
    assert page.session_state["case"] == empty_case(small.vocabulary)
    assert shown(page) == expected(small, {}) and not page.query_params


def test_the_link_follows_the_case(opened: Opener) -> None:
    page = opened(age="54", setting="primary_care")
    calm(page.pills(key="group").select("skin").run())
    calm(page.segmented_control(key="state heliotrope_rash").select("absent").run())
    assert page.query_params == {"age": "54", "setting": "primary_care", "heliotrope_rash": "absent"}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"heliotrop_rash": "present"}, ["heliotrop_rash", "heliotrope_rash"]),
        ({"anti_mi2": "positiv"}, ["positiv", "anti_mi2", "positive"]),
        ({"age": "-3"}, ["-3", "age"]),
        ({"age": "54", "age_at_onset": "20"}, ["age_at_onset", "twice"]),
        ({"setting": "primary_cafe"}, ["primary_cafe", "primary_care"]),
        ({"muscle": "high"}, ["muscle"]),
        ({"<img src=x>": "present"}, ["&lt;img src=x&gt;"]),
    ],
)
def test_a_bad_link_is_reported_in_one_sentence_and_the_rest_is_kept(
    opened: Opener, small: model.Net, link: dict[str, str], words: list[str]
) -> None:
    page = opened(v_sign="present", **link)
    sentence = re.findall(r"<p class='notice' role='alert'>(.*?)</p>", html(page))
    assert len(sentence) == 1 and all(word in sentence[0] for word in words)
    assert page.session_state["case"]["findings"]["v_sign"] == "present"
    assert "<img" not in html(page)


def test_findings_that_cannot_be_together_are_named(opened: Opener, tmp_path: Path) -> None:
    priors = tmp_path / "priors"
    shutil.copytree(SMALL, priors)
    rates = priors / "rates" / "all.csv"
    rates.write_text(
        re.sub(r"v_sign,present,(\w+),,[\d.]+", r"v_sign,present,\1,,0", rates.read_text("utf-8")), "utf-8"
    )
    page = opened(priors, v_sign="present", heliotrope_rash="present")
    assert "can explain these findings together: V sign: present. Remove" in html(page)
    calm(page.pills(key="remove").select("v_sign").run())
    assert shown(page)


def test_priors_that_cannot_be_read_are_reported_in_a_sentence(opened: Opener, tmp_path: Path) -> None:
    assert "The priors cannot be read" in html(opened(tmp_path))


def test_a_published_patient_can_be_loaded(opened: Opener, shipped: model.Net) -> None:
    page = opened("")
    assert "Show diagnosis" not in [block.proto.popover.label for block in page.get("popover")]
    calm(page.selectbox(key="example").select("pub-001").run())
    case = page.session_state["case"]
    assert case["example"] == "pub-001" and case["findings"]["anti_mi2"] == "positive"
    all_of_them = expected(shipped, case["findings"], case["setting"])
    assert len(shown(page)) >= 6 and shown(page).items() <= all_of_them.items()
    assert page.number_input(key="age_at_onset").value == case["findings"]["age_at_onset"]


def test_every_case_comes_back_from_its_link(shipped: model.Net) -> None:
    vocabulary = shipped.vocabulary
    last = {name: vocabulary.variables[name].states[-1] for name in vocabulary.findings}
    case = {"setting": vocabulary.settings[-1], "findings": {**last, "ck_level": 23.5}, "example": None}
    link = {name: [value] for name, value in write_link(case, vocabulary).items()}
    assert read_link(link, vocabulary) == (case, "")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Raynaud", "raynaud"),
        ("NT5C1A", "anti_cn1a"),
        ("creatine kinase", "ck_level"),
        ("purple eyelids", "heliotrope_rash"),
        ("155/140", "anti_tif1g"),
        ("hung-up", "myoedema"),
        ("anti_jo1", "anti_jo1"),
        ("climbing stairs", "proximal_leg_weakness"),
        ("heliotrop rsh", "heliotrope_rash"),
    ],
)
def test_search_finds_by_label_id_synonym_and_definition(shipped: model.Net, text: str, finding: str) -> None:
    assert search(text, shipped.vocabulary, shipped.vocabulary.findings)[0] == finding


def test_every_finding_has_synonyms_and_is_found_by_its_label(shipped: model.Net) -> None:
    vocabulary = shipped.vocabulary
    for finding in vocabulary.findings:
        variable = vocabulary.variables[finding]
        assert variable.synonyms, finding
        assert search(variable.label, vocabulary, vocabulary.findings)[0] == finding
