"""Editing the priors changes only the numbers asked for, logs them, and never leaves a partial folder."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import beta, lognorm

import model
from model.calibrate.archive import unzipped, zipped
from model.calibrate.difference import difference, effect_on_patient
from model.calibrate.edit import Change, edited, read_log, to_cite
from model.calibrate.numbers import by_key, numbers, odds_ratio_interval, rate_interval
from model.errors import InputError
from model.measure.audit import effect_on_audit
from model.network.sampling import Sampling
from model.priors.folder import SHIPPED, read_priors
from model.priors.published import read_published
from tests.conftest import SMALL

RASH = "P(heliotrope_rash=present | dermatomyositis)"
FLORID = "OR(heliotrope_rash=present | skin_disease=florid)"
SHARE = "P(diagnosis=dermatomyositis | setting=suspected_myositis)"


def change(key: str = RASH, value: float | None = 70, strength: float | None = None, **more: str) -> Change:
    return Change(
        key, value, strength, **{"reason": "our clinic", "source": "clinic", "citation": "Our clinic", **more}
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_every_number_has_a_unique_key(shipped: model.Net) -> None:
    listed = numbers(shipped.priors)
    assert len({number.key for number in listed}) == len(listed) > 3000
    assert all(number.low <= number.value <= number.high + 1e-9 or number.strength * number.value < 100
               for number in listed if number.low is not None and number.strength)  # fmt: skip


@given(st.floats(0.5, 99.5), st.floats(1, 200))
def test_the_interval_is_that_of_the_beta_distribution(percent: float, strength: float) -> None:
    assume(strength * min(percent, 100 - percent) >= 100)
    expected = beta(strength * percent / 100, strength * (1 - percent / 100)).ppf([0.05, 0.95]) * 100
    assert rate_interval(percent, strength) == pytest.approx(tuple(expected), abs=1e-9)


@pytest.mark.parametrize(("percent", "strength"), [(0.2, 8), (1, 20), (5, 8), (99.7, 8)])
def test_the_interval_of_a_rare_state_is_that_of_its_draws(small: model.Net, percent: float, strength: float) -> None:
    rate = replace(small.priors.rates["heliotrope_rash"][0], percents=(100 - percent, percent), strength=strength)
    drawn = np.quantile(Sampling(20000).values(rate)[1], [0.05, 0.95]) * 100
    low, high = rate_interval(percent, strength)
    assert [low, 100 - low, high, 100 - high] == pytest.approx(
        [drawn[0], 100 - drawn[0], drawn[1], 100 - drawn[1]], rel=0.12
    )


@given(st.floats(0.01, 100), st.floats(1, 200))
def test_the_interval_of_an_odds_ratio_is_that_of_two_groups(ratio: float, strength: float) -> None:
    """Woolf's variance with half of each group of `strength` patients in each cell."""
    spread = (4 / (strength / 2)) ** 0.5
    expected = lognorm(spread, scale=ratio).ppf([0.05, 0.95])
    assert odds_ratio_interval(ratio, strength) == pytest.approx(tuple(expected))


def test_a_change_alters_only_its_row_and_is_logged(tmp_path: Path) -> None:
    new = edited(SHIPPED, [change(grade="B")], tmp_path / "new", "2026-11-21")
    before, after = contents(SHIPPED), contents(new)
    assert {name for name in after if after[name] != before.get(name)} == {
        "rates/skin.csv", "sources.csv", "changes.csv"}  # fmt: skip
    lines = [
        (a, b) for a, b in zip(*(c["rates/skin.csv"].splitlines() for c in (before, after)), strict=True) if a != b
    ]
    assert len(lines) == 1
    assert read_log(new)[0]["key"] == RASH and read_log(new)[0]["old"] == "65" and read_log(new)[0]["new"] == "70"
    assert to_cite(new) == {"clinic": "Our clinic"}


def test_the_difference_lists_exactly_what_was_changed(tmp_path: Path, shipped: model.Net) -> None:
    after = model.load(edited(SHIPPED, [change(grade="B", strength=40)], tmp_path / "new", "today"))
    found = difference(shipped.priors, after.priors)
    assert [(d.key, d.what) for d in found.numbers] == [(RASH, "value")]
    assert found.edges == found.states == ()
    assert difference(shipped.priors, shipped.priors).numbers == ()
    old, new = effect_on_patient(shipped, after, {"heliotrope_rash": "present"})["dermatomyositis"]
    assert new > old


def test_other_states_and_shares_are_rescaled_in_proportion(tmp_path: Path, shipped: model.Net) -> None:
    key = "P(ck_level=normal | dermatomyositis)"
    asked = [change(key, 50, grade="B"), change(SHARE, 30, grade="B")]
    after = model.load(edited(SHIPPED, asked, tmp_path / "new", "today"))
    old, new = by_key(shipped.priors), by_key(after.priors)
    for changed in (key, SHARE):
        siblings = old[changed].siblings
        ratios = {round(new[s].value / old[s].value, 6) for s in siblings if old[s].value}
        assert len(ratios) == 1
        assert new[changed].value + sum(new[s].value for s in siblings) == pytest.approx(100)
    assert after.posterior({}, "suspected_myositis")["dermatomyositis"] == pytest.approx(0.3)


def test_the_strength_of_an_odds_ratio_can_be_changed(tmp_path: Path, shipped: model.Net) -> None:
    """It is checked against the cap, logged, and kept by a zip file."""
    new = edited(SHIPPED, [change(FLORID, 90, 40, grade="B")], tmp_path / "new", "today")
    after = model.load(unzipped(zipped(new), tmp_path / "back"))
    number = by_key(after.priors)[FLORID]
    assert (number.value, number.strength, number.grade) == (90, 40, "B")
    assert [(d.key, d.what) for d in difference(shipped.priors, after.priors).numbers] == [(FLORID, "value")]
    only = model.load(edited(SHIPPED, [change(FLORID, None, 5)], tmp_path / "only", "today"))
    assert [(d.key, d.what) for d in difference(shipped.priors, only.priors).numbers] == [(FLORID, "strength")]
    assert [(line["old_strength"], line["new_strength"]) for line in read_log(only.priors.folder)] == [("8", "5")]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_table_of_effects_without_strengths_gets_them(tmp_path: Path, ends: str) -> None:
    """All other numbers are unchanged, even one whose grade has no default strength."""
    old = copytree(SMALL, tmp_path / "old")
    table = old / "effects" / "all.csv"
    lines = table.read_text().replace("v_sign,present,skin,florid,40,D", "v_sign,present,skin,florid,40,B").splitlines()
    table.write_bytes(ends.join([*lines, ""]).encode())
    before = read_priors(old)
    key = "OR(heliotrope_rash=present | skin=florid)"
    value = edited(old, [change(key, 50)], tmp_path / "value", "today")
    assert b"strength" not in (value / "effects" / "all.csv").read_bytes()
    new = edited(old, [change(key, None, 5)], tmp_path / "new", "today")
    assert (new / "effects" / "all.csv").read_bytes().count(ends.encode()) == len(lines)
    assert [d.key for d in difference(before, read_priors(new)).numbers] == [key]
    assert by_key(read_priors(new))[key].strength == 5


def test_no_change_is_a_copy(tmp_path: Path) -> None:
    new = contents(edited(SMALL, [], tmp_path / "new", "today"))
    del new["changes.csv"]
    assert new == contents(SMALL)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([change("P(heliotrop_rash=present | dermatomyositis)")], "did you mean P\\(heliotrope_rash=present"),
        ([change(value=101)], "field value: 101 is not between 0 and 100"),
        ([change(value=None)], "neither a value nor a strength is given"),
        ([change(reason=" ")], "field reason"),
        ([change(citation="")], "field source: 'clinic' is not in sources.csv"),
        ([change(strength=40)], "over the cap of grade D"),
        ([change(grade="E")], "'E' is not known"),
        ([change(), change()], "occurs twice"),
        (
            [change("P(ck_level=normal | dermatomyositis)"), change("P(ck_level=mild | dermatomyositis)")],
            "is changed too",
        ),
        ([change(FLORID, 3, 10)], "10 is over the cap of grade D"),
        ([change("term(typical)", 80, 10)], "field strength: a term has no strength"),
    ],
)
def test_a_refused_change_writes_nothing(asked: list[Change], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        edited(SHIPPED, asked, tmp_path / "new", "today")
    assert list(tmp_path.iterdir()) == []


def test_a_change_that_contradicts_other_rows_is_refused_in_the_model_s_words(tmp_path: Path) -> None:
    asked = [change("P(interstitial_lung_disease=absent | dermatomyositis)", 99.9, grade="B")]
    with pytest.raises(InputError, match=r"leave -.* % for the rest"):
        edited(SHIPPED, asked, tmp_path / "n", "today")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_never_overwritten(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already"):
        edited(SMALL, [], tmp_path, "today")


def test_a_folder_is_the_same_after_packing_and_unpacking(tmp_path: Path) -> None:
    content = zipped(SHIPPED)
    assert content == zipped(SHIPPED)
    back = unzipped(content, tmp_path / "back")
    assert contents(back) == {n: b for n, b in contents(SHIPPED).items() if n.endswith((".csv", ".md", ".toml"))}


def archive(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no zip at all", "not a zip file"),
        (archive(**{"../evil.csv": b"x"}), "is a path outside the folder"),
        (archive(**{"/evil.csv": b"x"}), "is a path outside the folder"),
        (archive(**{"run.py": b"x"}), "does not belong to priors"),
        (archive(**{"big.csv": b"0" * (65 * 2**20)}), "more than 64 MiB"),
        (archive(**{"a.csv": b"x"}), "no shares.csv"),
        (archive(**{"shares.csv": b"x"}), "vocabulary"),
    ],
)
def test_a_hostile_or_broken_zip_file_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        unzipped(content, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@given(content=st.binary(max_size=300))
def test_no_bytes_end_in_a_crash(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(InputError):
        unzipped(content, tmp_path_factory.mktemp("fuzz") / "new")


@given(data=st.data())
def test_a_damaged_zip_file_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """One byte of the small priors is another: it is found, or it changed nothing that is read."""
    content = bytearray(zipped(SMALL))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    folder = tmp_path_factory.mktemp("damaged")
    try:
        unzipped(bytes(content), folder / "new", "priors.zip")
    except InputError as fault:
        assert "\n" not in str(fault)
        assert list(folder.iterdir()) == []


def test_the_audit_reports_which_figures_a_change_wins_and_loses(tmp_path: Path, shipped: model.Net) -> None:
    after = model.load(edited(SHIPPED, [change(value=5, grade="B")], tmp_path / "new", "today"))
    rates = [r for r in read_published(SHIPPED / "evidence" / "rates.csv", shipped.priors)
             if r.finding == "heliotrope_rash"]  # fmt: skip
    done: list[int] = []
    effect = effect_on_audit(shipped, after, rates, done.append)
    assert done == list(range(1, effect.rates + 1))
    assert effect.holds_after - effect.holds_before == len(effect.won) - len(effect.lost) < 0
    for old, new in effect.lost:
        assert abs(new.difference) > abs(old.difference) and new.implied_percent < old.implied_percent
