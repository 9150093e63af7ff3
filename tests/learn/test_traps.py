"""Traps: the network shows what every story claims, and every number in a sentence is the network's."""

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from itertools import pairwise
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.learn.trap_tables import Expectation, Trap, TrapStep, read_traps
from model.learn.traps import (
    Shown,
    filled_text,
    holds,
    if_independent,
    not_shown,
    probability_of,
    show_answer,
    show_steps,
    show_toggle,
    story_csv,
)
from model.measure.evaluate import independent
from model.patient.phrases import percent
from tests.conftest import SMALL
from tests.helpers.places import PROJECT
from tests.helpers.references import patients

with (PROJECT / "priors" / "lessons" / "traps.csv").open(encoding="utf-8", newline="") as table:
    TRAPS = [row["id"] for row in csv.DictReader(table)]
ASKED_FOR = {"base_rate", "double_counting", "polymyositis", "dysferlinopathy", "inclusion_body", "amyopathic",
             "statin", "negative_panel"}  # fmt: skip
TRAP_HEAD = "id,title,setting,watch,question,toggle,state,answer,expects,source,locator\n"
STEP_HEAD = "trap,setting,findings,text,expects\n"
TRAP_ROW = (
    "skin,The rash,suspected_myositis,dermatomyositis,Sure?,ck_level,high,It is {after}.,dermatomyositis rises,,\n"
)
STEP_ROW = "skin,,heliotrope_rash=present,From {before} to {after}.,dermatomyositis rises\n"


def priors_with_stories(parent: Path, trap_rows: str, step_rows: str) -> Path:
    folder = copytree(SMALL, parent / "priors")
    (folder / "lessons").mkdir()
    (folder / "lessons" / "traps.csv").write_text(TRAP_HEAD + trap_rows)
    (folder / "lessons" / "trap_steps.csv").write_text(STEP_HEAD + step_rows)
    return folder


@pytest.fixture(scope="module")
def traps(shipped: model.Net) -> dict[str, Trap]:
    return {trap.id: trap for trap in read_traps(shipped.priors)}


def whole_story(net: model.Net, trap: Trap) -> list[Shown]:
    return [*show_steps(net, trap), show_answer(net, trap)]


@pytest.mark.parametrize("name", TRAPS)
def test_the_network_shows_what_the_story_claims(shipped: model.Net, traps: dict[str, Trap], name: str) -> None:
    for shown in whole_story(shipped, traps[name]):
        assert shown.step.expects, shown.step.text
        assert not_shown(shipped, shown) == (), shown.step.text


@pytest.mark.parametrize("name", TRAPS)
def test_every_percentage_in_a_story_is_the_networks(shipped: model.Net, traps: dict[str, Trap], name: str) -> None:
    trap = traps[name]
    assert 3 <= len(trap.steps) <= 5 and trap.question.endswith("?") and trap.sources
    for shown in whole_story(shipped, trap):
        assert "%" not in shown.step.text and "{" in shown.step.text
        probabilities = [p for part in (shown.before, shown.after, shown.independent) for p in part.values()]
        families = [probability_of(shipped, part, "iim") for part in (shown.before, shown.after, shown.independent)]
        possible = {percent(p) for p in [*probabilities, *families]}
        numbers = re.findall(r"[<>]?[\d.]+\s%", filled_text(shipped, shown, trap.watch))
        assert numbers and set(numbers) <= possible


def test_a_placeholder_names_before_or_after_and_the_diagnosis(shipped: model.Net, traps: dict[str, Trap]) -> None:
    jo1 = show_steps(shipped, traps["polymyositis"])[2]
    text = "{before} {after} {after iim} {before antisynthetase_syndrome} {independent}"
    step = TrapStep(text, jo1.step.findings, jo1.step.setting, ())
    iim = sum(jo1.after[d] for d in shipped.vocabulary.families["iim"])
    claimed = if_independent(shipped, jo1.step.findings, jo1.step.setting)["polymyositis"]
    numbers = (
        jo1.before["polymyositis"],
        jo1.after["polymyositis"],
        iim,
        jo1.before["antisynthetase_syndrome"],
        claimed,
    )
    assert filled_text(shipped, replace(jo1, step=step), "polymyositis") == " ".join(map(percent, numbers))


def test_the_shipped_stories() -> None:
    assert set(TRAPS) == ASKED_FOR


def test_a_step_starts_with_the_posterior_of_the_step_before(shipped: model.Net, traps: dict[str, Trap]) -> None:
    for trap in traps.values():
        shown = show_steps(shipped, trap)
        assert shown[0].before == shipped.posterior({}, trap.steps[0].setting)
        assert all(second.before == first.after for first, second in pairwise(shown))
        assert all(s.after == shipped.posterior(s.step.findings, s.step.setting) for s in shown)


def test_a_toggle_sets_a_finding_or_makes_it_unknown(shipped: model.Net, traps: dict[str, Trap]) -> None:
    trap = traps["polymyositis"]
    last = trap.steps[-1].findings
    assert trap.toggles == ("anti_jo1",) and last["anti_jo1"] == "positive"
    assert show_toggle(shipped, trap, {}).step.findings == last
    assert show_toggle(shipped, trap, {"anti_jo1": "negative"}).after == show_answer(shipped, trap).after
    without = {name: state for name, state in last.items() if name != "anti_jo1"}
    assert show_toggle(shipped, trap, {"anti_jo1": None}).step.findings == without


def test_a_fifth_sign_of_the_skin_weighs_less_than_the_muscle(shipped: model.Net, traps: dict[str, Trap]) -> None:
    trap = traps["double_counting"]
    tried = {finding: show_toggle(shipped, trap, {finding: state}).after["dermatomyositis"]
             for finding, state in (("ck_level", "high"), ("heliotrope_rash", "present"))}  # fmt: skip
    assert tried["heliotrope_rash"] < tried["ck_level"]


def test_negative_and_positive_anti_mda5_point_to_two_diseases(shipped: model.Net, traps: dict[str, Trap]) -> None:
    trap = traps["amyopathic"]
    after = {state: show_toggle(shipped, trap, {"anti_mda5": state}).after for state in ("positive", "negative")}
    assert max(after["positive"], key=lambda d: after["positive"][d]) == "amyopathic_dermatomyositis"
    assert after["positive"]["antisynthetase_syndrome"] < 0.01
    assert after["negative"]["antisynthetase_syndrome"] > 0.5 * after["negative"]["amyopathic_dermatomyositis"]


@given(data=st.data())
def test_independence_is_that_of_the_network_without_hidden_variables(small: model.Net, data: st.DataObject) -> None:
    findings = data.draw(patients(small))
    assert if_independent(small, findings, "primary_care") == pytest.approx(
        independent(small).posterior(findings, "primary_care"), abs=1e-9
    )


def shown(before: float, after: float, independent: float = 0.5) -> Shown:
    def posterior(p: float) -> dict[str, float]:
        return {"dermatomyositis": p, "inclusion_body_myositis": (1 - p) / 4, "fibromyalgia": 3 * (1 - p) / 4}

    return Shown(TrapStep("", {}, "primary_care", ()), posterior(before), posterior(after), posterior(independent))


@pytest.mark.parametrize(
    ("expectation", "true", "false"),
    [
        (Expectation("dermatomyositis", "rises"), shown(0.2, 0.3), shown(0.2, 0.21)),
        (Expectation("dermatomyositis", "falls"), shown(0.3, 0.2), shown(0.21, 0.2)),
        (Expectation("dermatomyositis", "rises"), shown(0, 0.01), shown(0.3, 0.3)),
        (Expectation("iim", "falls"), shown(0.8, 0.4), shown(0.4, 0.8)),
        (Expectation("dermatomyositis", "leads"), shown(0.1, 0.5), shown(0.5, 0.1)),
        (Expectation("dermatomyositis", "above", 30), shown(0.1, 0.31), shown(0.9, 0.29)),
        (Expectation("dermatomyositis", "below", 30), shown(0.1, 0.29), shown(0.9, 0.31)),
        (Expectation("dermatomyositis", "independent"), shown(0.1, 0.4, 0.6), shown(0.1, 0.7, 0.6)),
    ],
)
def test_an_expectation_can_fail(small: model.Net, expectation: Expectation, true: Shown, false: Shown) -> None:
    assert holds(small, true, expectation) and not holds(small, false, expectation)


def test_the_numbers_of_a_story_as_a_table(shipped: model.Net, traps: dict[str, Trap]) -> None:
    steps = show_steps(shipped, traps["statin"])
    rows = list(csv.DictReader(StringIO(story_csv(steps))))
    assert [row["setting"] for row in rows] == ["primary_care"] * 3 + ["neuromuscular_clinic"]
    assert "anti_hmgcr" not in rows[-1]["findings"] and "ck_level=high" in rows[-1]["findings"]
    for row, step in zip(rows, steps, strict=True):
        assert float(row["p_statin_myopathy"]) == pytest.approx(step.after["statin_myopathy"], rel=1e-4)
        assert float(row["independent_p_other_condition"]) == pytest.approx(
            step.independent["other_condition"], rel=1e-4
        )


# Another folder of priors.

Writer = Callable[[str, str], model.Net]


@pytest.fixture
def written(tmp_path: Path) -> Writer:
    """The small priors with the given stories."""
    return lambda trap_rows, step_rows: model.load(priors_with_stories(tmp_path, trap_rows, step_rows))


def test_priors_without_stories_have_none(small: model.Net) -> None:
    assert read_traps(small.priors) == ()


def test_findings_accumulate_until_they_are_made_unknown_and_a_setting_holds(written: Writer) -> None:
    second = "skin,primary_care,v_sign=present,{after},fibromyalgia falls\n"
    third = "skin,,heliotrope_rash=,{after},fibromyalgia rises\n"
    (trap,) = read_traps(written(TRAP_ROW, STEP_ROW + second + third).priors)
    assert [step.setting for step in trap.steps] == ["suspected_myositis", "primary_care", "primary_care"]
    assert [dict(step.findings) for step in trap.steps] == [
        {"heliotrope_rash": "present"},
        {"heliotrope_rash": "present", "v_sign": "present"},
        {"v_sign": "present"},
    ]


IN_THE_TRAP = [
    (
        "dermatomyositis,",
        "dermatomyosits,",
        "line 2, field watch: 'dermatomyosits' is not known; did you mean dermatomy",
    ),
    ("ck_level", "ck", "line 2, field toggle: 'ck' is not known"),
    (",ck_level", ",", "line 2, field toggle: a finding to try is missing"),
    ("high", "hig", "line 2, field state: 'hig' is not known; did you mean high"),
    ("{after}", "{afterwards}", "line 2, field answer: 'afterwards' is not known; did you mean after"),
    ("{after}", "{after fibro}", "line 2, field answer: 'fibro' is not known; did you mean fibromyalgia"),
    ("rises,,", "rises,silva2022,", "line 2, field locator: 1 sources but 0 locators"),
    (TRAP_ROW, TRAP_ROW + TRAP_ROW, "line 3, field id: 'skin' occurs twice"),
    (TRAP_ROW, TRAP_ROW + TRAP_ROW.replace("skin", "sun"), "line 3, field id: 'sun' has no steps"),
]
IN_THE_STEP = [
    ("skin,", "skni,", "field trap: 'skni' is not known; did you mean skin"),
    ("skin,,", "skin,ward,", "field setting: 'ward' is not known"),
    ("=present", "=presnt", "field findings: 'presnt' is not known; did you mean present"),
    ("=present", "", "field findings: 'heliotrope_rash' is not finding=state"),
    ("heliotrope_", "heliotrop_", "field findings: 'heliotrop_rash' is not known; did you mean heliotrope_rash"),
    ("{before}", "{first}", "field text: 'first' is not known"),
    ("rises", "raises", "field expects: 'raises' is not known; did you mean rises"),
    ("rises", "above much", "field expects: 'much' is not a number"),
    ("rises", "above 120", "field expects: 120 is not between 0 and 100"),
    (" rises", "", "field expects: 'dermatomyositis' is not a diagnosis and what it does"),
]


@pytest.mark.parametrize(("old", "new", "fault"), IN_THE_TRAP)
def test_a_fault_in_a_trap_is_an_error_that_names_its_line(written: Writer, old: str, new: str, fault: str) -> None:
    net = written(TRAP_ROW.replace(old, new), STEP_ROW)
    with pytest.raises(InputError, match=f"^lessons/traps.csv, {fault}"):
        read_traps(net.priors)


@pytest.mark.parametrize(("old", "new", "fault"), IN_THE_STEP)
def test_a_fault_in_a_step_is_an_error_that_names_its_line(written: Writer, old: str, new: str, fault: str) -> None:
    net = written(TRAP_ROW, STEP_ROW.replace(old, new))
    with pytest.raises(InputError, match=f"^lessons/trap_steps.csv, line 2, {fault}"):
        read_traps(net.priors)
