"""The page Calibrate: numbers edited, sensitivity, a cohort fitted and measured, sets of priors of one session."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import model
from app_pages.calibrate import sets, work
from app_pages.calibrate.fitting import moved_rows
from app_pages.calibrate.measure.measure_charts import decision_rows, gain_words
from app_pages.calibrate.numbers import pending
from app_pages.calibrate.page import PARTS
from app_pages.calibrate.sensitivity.sensitivity import bar_row, flip_row
from app_pages.shared.network import same_priors, same_words
from app_pages.shared.number_words import number_label, unit, value_words
from model import InputError
from model.calibrate.difference import difference
from model.calibrate.edit import Change, edited, read_log
from model.calibrate.numbers import by_key
from model.calibrate.sensitivity import smallest_change, tornado
from tests.helpers import patience
from tests.helpers.places import SMALL


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("priors", ["", str(SMALL)], ids=["shipped", "small"])
def test_every_part_opens_with_any_folder_of_priors(part: str, priors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYOSITIS_PRIORS", priors)
    page = AppTest.from_function(open_part, default_timeout=patience.SECONDS, kwargs={"part": part}).run()
    assert not page.exception, page.exception


def open_part(part: str) -> None:
    from app_pages.calibrate.page import PARTS
    from app_pages.shared.case_state import open_case
    from app_pages.shared.network import load_network

    net = load_network()
    open_case(net.vocabulary)
    PARTS[part][1](net)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, small: model.Net) -> dict[str, Any]:
    """A session that started with the small priors; what needs no screen runs on its state alone."""
    state: dict[str, Any] = {"case": {"setting": small.vocabulary.settings[0], "findings": {}, "example": None}}
    monkeypatch.setenv("MYOSITIS_PRIORS", str(SMALL))
    monkeypatch.setattr(st, "session_state", state)
    return state


def a_share(net: model.Net) -> Any:
    return next(number for number in by_key(net.priors).values() if number.kind == "share")


def test_a_change_that_contradicts_the_rest_is_refused_and_the_earlier_one_stays(
    session: dict[str, Any], small: model.Net
) -> None:
    number = a_share(small)
    pending.enter(small, number, value=12.5)
    with pytest.raises(InputError, match="not between 0 and 100"):
        pending.enter(small, number, value=130.0)
    trial = pending.trial(small)
    assert trial and by_key(trial.net.priors)[number.key].value == pytest.approx(12.5)
    assert sum(trial.net.posterior({}).values()) == pytest.approx(1)


def test_a_value_typed_back_is_no_change(session: dict[str, Any], small: model.Net) -> None:
    number = a_share(small)
    pending.enter(small, number, value=12.5)
    pending.enter(small, number, value=number.value)
    assert pending.pending(small) == {} and pending.trial(small) is None


def test_a_saved_set_tells_who_said_what_and_is_taken_away_whole(
    session: dict[str, Any], small: model.Net, tmp_path: Path
) -> None:
    number = a_share(small)
    pending.enter(small, number, value=12.5)
    own = pending.save(small, "Ours", pending.Reason("our clinic counts", "clinic", "", "A. Author, 2026"))
    assert [(line["key"], line["source"], line["reason"]) for line in read_log(own.folder)] == [
        (number.key, "clinic", "our clinic counts")
    ]
    with zipfile.ZipFile(io.BytesIO(sets.zipped_set(own.net))) as archive:
        archive.extractall(tmp_path)
    assert by_key(model.load(tmp_path).priors)[number.key].value == pytest.approx(12.5)


def test_a_change_needs_a_reason_and_a_set_a_name_of_its_own(session: dict[str, Any], small: model.Net) -> None:
    pending.enter(small, a_share(small), value=12.5)
    with pytest.raises(InputError, match="say why you changed"):
        pending.save(small, "Ours", pending.Reason(" ", "clinic", "", "A. Author, 2026"))
    pending.save(small, "Ours", pending.Reason("counted", "clinic", "", "A. Author, 2026"))
    pending.enter(small, a_share(small), value=14.0)
    with pytest.raises(InputError, match="already used"):
        pending.save(small, "Ours", pending.Reason("counted", "clinic", "", "A. Author, 2026"))
    assert pending.pending(small)


def test_own_priors_stay_in_their_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYOSITIS_PRIORS", str(SMALL))
    one, other = (
        AppTest.from_function(use_own, default_timeout=patience.SECONDS, kwargs={"own": own}) for own in (True, False)
    )
    assert one.run().text[0].value != other.run().text[0].value
    assert one.run().text[0].value == one.run().text[0].value


def use_own(own: bool) -> None:
    import streamlit as st

    from app_pages.calibrate import sets
    from app_pages.calibrate.numbers import pending
    from app_pages.shared.case_state import open_case
    from app_pages.shared.network import load_network, started_with
    from model.calibrate.numbers import by_key

    open_case(started_with().vocabulary)
    if own and not sets.own_sets():
        net = started_with()
        number = next(n for n in by_key(net.priors).values() if n.kind == "share")
        pending.enter(net, number, value=12.5)
        pending.save(net, "Ours", pending.Reason("counted", "clinic", "", "A. Author, 2026"))
        sets.use("Ours")
    st.text(str(load_network().posterior({})))


def test_findings_that_other_priors_do_not_know_are_left_out_and_named(session: dict[str, Any]) -> None:
    session["case"]["findings"] = {"heliotrope_rash": "present", "no_such_finding": "present"}
    assert sets.use(sets.STARTED_WITH) == ("no_such_finding",)
    assert session["case"]["findings"] == {"heliotrope_rash": "present"}


def test_a_cache_tells_one_folder_from_another(small: model.Net, shipped: model.Net, strict: model.Net) -> None:
    assert len({same_priors(net) for net in (small, shipped, strict)}) == 3
    assert same_words(small.vocabulary) == same_words(strict.vocabulary) != same_words(shipped.vocabulary)


def run_to_its_end(session: dict[str, Any], task: work.Task) -> work.Progress:
    work.start("test", "question", task)
    reached: work.Progress = session["work test"].progress
    assert reached.done.wait(patience.SECONDS)
    return reached


def test_work_that_is_stopped_keeps_what_it_has(session: dict[str, Any]) -> None:
    def task(tell: Callable[[float | None, str], bool]) -> int:
        count = 0
        while tell(None, "counting"):
            count += 1
            if count == 5:
                work.stop("test")
        return count

    assert run_to_its_end(session, task).result == 5
    assert work.result("test", "question") == 5
    assert work.result("test", "another question") is None


def test_steps_tell_how_far_they_are_and_leave_when_stopped(session: dict[str, Any]) -> None:
    heard = []

    def task(tell: work.Tell) -> str:
        progress = work.steps(tell, 4, "Rates", 0.5, 1.0)
        for done in range(1, 5):
            progress(done)
            heard.append((session["work test"].progress.share, session["work test"].progress.words))
            if done == 2:
                work.stop("test")
        return "whole"

    reached = run_to_its_end(session, task)
    assert heard == [(0.625, "Rates: 1 of 4"), (0.75, "Rates: 2 of 4")]
    assert reached.result is None and not reached.fault


def test_work_stops_when_its_session_is_gone(session: dict[str, Any]) -> None:
    work.start("test", "question", lambda tell: [None for _ in iter(lambda: tell(None, "on and on"), False)])
    reached = session.pop("work test").progress
    assert reached.done.wait(patience.SECONDS)


def test_a_fault_in_the_work_is_shown(session: dict[str, Any]) -> None:
    def task(tell: Callable[[float | None, str], bool]) -> None:
        raise InputError("cohort.csv: nothing in it")

    assert run_to_its_end(session, task).fault == "cohort.csv: nothing in it"


def test_a_number_reads_as_words(shipped: model.Net) -> None:
    known = by_key(shipped.priors)
    rash = number_label(shipped, known["P(heliotrope_rash=present | dermatomyositis)"])
    assert rash == "Heliotrope rash: present in DM"
    assert number_label(shipped, known["P(diagnosis=dermatomyositis | setting=suspected_myositis)"]) == "Share of DM"
    ratio = known["OR(heliotrope_rash=present | skin_disease=florid)"]
    label = shipped.vocabulary.variables["skin_disease"].label
    assert number_label(shipped, ratio) == f"Odds ratio of Heliotrope rash: present with {label}: florid"
    assert value_words(ratio) == "100 (19.3 to 518), worth 8 patients"
    share = known["P(diagnosis=dermatomyositis | setting=suspected_myositis)"]
    assert (unit(share), unit(ratio)) == ("%", "odds ratio")


def test_an_odds_ratio_is_weighed_on_the_page(session: dict[str, Any], small: model.Net) -> None:
    number = by_key(small.priors)["OR(heliotrope_rash=present | skin=florid)"]
    pending.enter(small, number, strength=5.0)
    trial = pending.trial(small)
    assert trial and by_key(trial.net.priors)[number.key].strength == 5
    with pytest.raises(InputError, match="over the cap of grade D"):
        pending.enter(small, number, strength=50.0)


def test_what_a_set_changed_is_listed_from_the_farthest_to_the_last(small: model.Net, tmp_path: Path) -> None:
    shifts = {"P(muscle=high | iim)": 2.0, "P(heliotrope_rash=present | dermatomyositis)": -9.0,
              "P(gottron_papules=present | dermatomyositis)": 4.0}  # fmt: skip
    known = by_key(small.priors)
    changes = [Change(key, known[key].value + shift, None, "counted", "clinic", citation="A clinic")
               for key, shift in shifts.items()]  # fmt: skip
    after = model.load(edited(SMALL, changes, tmp_path / "new", "2026-01-31"))
    rows = moved_rows(after, difference(small.priors, after.priors))
    farthest_first = sorted(shifts.items(), key=lambda item: -abs(item[1]))
    assert [(row["number"], row["change"]) for row in rows] == [
        (number_label(after, known[key]), shift) for key, shift in farthest_first
    ]


def test_sensitivity_tells_the_unit_of_each_number(small: model.Net) -> None:
    findings = {"heliotrope_rash": "present", "v_sign": "absent"}
    bars = [bar_row(small, 1, bar) for bar in tornado(small, findings, most=1000)]
    flips = [flip_row(small, flip) for flip in smallest_change(small, findings, most=1000)]
    for row in (*bars, *flips):
        assert row["unit"] == ("odds ratio" if str(row["number"]).startswith("Odds ratio of") else "%")
    assert {row["unit"] for row in bars} == {"odds ratio", "%"}
    assert all(row["odds change (times)"] >= 1 for row in flips)


def test_a_decision_curve_has_everyone_and_nobody_once() -> None:
    point = {"threshold": 0.5, "model": 0.2, "low": 0.1, "high": 0.3, "everyone": 0.1, "nobody": 0.0}
    rows = [{"predictor": predictor, **point} for predictor in ("a", "b")]
    assert [row["line"] for row in decision_rows(rows)] == ["a", "b", "treat everyone", "treat nobody"]


@pytest.mark.parametrize(
    ("gains", "words"),
    [((0.1, 0.1, -0.1, 0.1), "10 to 20 %, 40 %"), ((0, 0, 0, 0), "At no threshold"), ((1, 1, 1, 1), "10 to 40 %")],
)
def test_where_a_predictor_is_clearly_of_use_is_said(gains: tuple[float, ...], words: str) -> None:
    rows = [{"predictor": "a", "threshold": 0.1 * i, "gain_low": gain} for i, gain in enumerate(gains, 1)]
    assert words in gain_words(rows)
