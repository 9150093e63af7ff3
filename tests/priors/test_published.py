"""Published rates: their intervals, their pooling, and what the audit makes of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

import model
from model.errors import InputError
from model.estimate import wilson
from model.measure.audit import TOLERANCE, Audited, audit, implied_percent, share_that_holds
from model.priors.published import COLUMNS, between_study_variance, in_percent, pool, read_published

PERCENT, PATIENTS = st.floats(0, 100), st.integers(1, 5000)
STUDIES = st.lists(st.tuples(PERCENT, PATIENTS), min_size=2, max_size=12)
ILD = "interstitial_lung_disease"


# Intervals and pooling


@given(n=PATIENTS, data=st.data())
def test_the_interval_is_wilsons(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    theirs = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k / n, n) == pytest.approx((k / n, theirs.low, theirs.high), abs=1e-11)


@given(share=st.floats(0, 1), n=PATIENTS, variances=st.tuples(st.floats(0, 0.2), st.floats(0, 0.2)))
def test_spread_between_studies_widens_the_interval(share: float, n: int, variances: tuple[float, float]) -> None:
    narrow, wide = (in_percent(wilson(share, n, variance=variance)) for variance in sorted(variances))
    assert wide[0] <= narrow[0] + 1e-9
    assert narrow[1] <= wide[1] + 1e-9
    assert 0 <= wide[0] <= 100 * share + 1e-9
    assert 100 * share - 1e-9 <= wide[1] <= 100


@given(percent=PERCENT, n=PATIENTS, studies=st.integers(1, 9), cap=st.sampled_from([20.0, 200.0]))
def test_studies_that_agree_have_no_variance_and_the_strength_of_all_their_patients(
    percent: float, n: int, studies: int, cap: float
) -> None:
    pooled = pool([(percent, n)] * studies, cap)
    assert pooled.variance == pytest.approx(0, abs=1e-15)
    assert pooled.percent == pytest.approx(percent)
    assert (pooled.studies, pooled.patients) == (studies, studies * n)
    assert pooled.strength == pytest.approx(min(cap, studies * n))


@given(STUDIES)
def test_the_pooled_rate_is_that_of_all_patients_together(studies: list[tuple[float, int]]) -> None:
    pooled = pool(studies)
    assert pooled.percent == pytest.approx(np.average([p for p, _ in studies], weights=[n for _, n in studies]))
    assert 0 < pooled.strength <= min(200, pooled.patients) * (1 + 1e-12)


@given(middle=st.floats(20, 80), n=st.integers(5, 500), steps=st.tuples(st.floats(0, 20), st.floats(0, 20)))
def test_the_more_studies_differ_the_weaker_the_pooled_number(
    middle: float, n: int, steps: tuple[float, float]
) -> None:
    near, far = (pool([(middle - step, n), (middle + step, n)], cap=1e9) for step in sorted(steps))
    assert near.percent == pytest.approx(far.percent)
    assert near.variance <= far.variance + 1e-12
    assert near.strength >= far.strength * (1 - 1e-9)
    if far.variance > near.variance + 1e-9:
        assert far.strength < near.strength


@given(STUDIES)
def test_the_variance_between_studies_is_that_of_dersimonian_and_laird(studies: list[tuple[float, int]]) -> None:
    """statsmodels, given the same variance within studies: that of the pooled share."""
    meta = pytest.importorskip("statsmodels.stats.meta_analysis")
    shares, sizes = (np.array(column, dtype=float) for column in zip(*studies, strict=True))
    pooled = np.average(shares / 100, weights=sizes)
    assume(pooled * (1 - pooled) > 0.25 / sizes.sum())
    with np.errstate(all="ignore"):
        theirs = meta.combine_effects(shares / 100, pooled * (1 - pooled) / sizes, method_re="dl")
    assert between_study_variance(studies) == pytest.approx(max(0.0, theirs.tau2), abs=1e-9)


# Reading


def rates(folder: Path, *rows: str) -> Path:
    path = folder / "rates.csv"
    path.write_text("\n".join([",".join([*COLUMNS, "left_out"]), *rows]) + "\n")
    return path


def row(finding: str, state: str, diagnosis: str, numbers: str = ",,50,,", given: str = "", left_out: str = "") -> str:
    """A line of a file of rates; `numbers` are k, n, percent, low and high."""
    return f"{finding},{state},{diagnosis},{given},adults,{numbers},Smith2020,table 2,https://example.org,{left_out}"


def test_a_rate_is_a_percent_or_a_count(small: model.Net, tmp_path: Path) -> None:
    path = rates(
        tmp_path,
        row("cancer", "present", "iim", "12,48,,,"),
        row("cancer", "present", "iim|fibromyalgia", ",,25,20,31", given="age_at_onset=65+;anti_mi2=negative"),
    )
    counted, stated = read_published(path, small.priors)
    assert (counted.percent, counted.n, counted.interval) == (25, 48, in_percent(wilson(0.25, 48)))
    assert (stated.percent, stated.n, stated.interval) == (25, None, (20, 31))
    assert stated.diagnoses == small.vocabulary.diagnoses
    assert stated.given == {"age_at_onset": ("65+",), "anti_mi2": ("negative",)}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (row("cancr", "present", "iim"), "line 2, field finding: 'cancr' is not known; did you mean cancer?"),
        (row("cancer", "presnt", "iim"), "line 2, field state: 'presnt' is not known; did you mean present?"),
        (row("cancer", "present", "imm"), "line 2, field diagnosis: .* did you mean iim?"),
        (row("cancer", "present", "iim", given="skin"), "line 2, field given: 'skin' is not finding=state"),
        (row("cancer", "present", "iim", ",,,,"), "line 2, field percent: a rate needs a percent, or k and n"),
        (row("cancer", "present", "iim", "3,,,,"), "line 2, field percent: a rate needs a percent, or k and n"),
        (row("cancer", "present", "iim", ",,140,,"), "line 2, field percent: 140 is not between 0 and 100"),
        (row("cancer", "present", "iim", ",many,40,,"), "line 2, field n: 'many' is not a number"),
    ],
)
def test_a_bad_rate_is_reported_with_its_line(small: model.Net, tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match="rates.csv, " + message):
        read_published(rates(tmp_path, line), small.priors)


def test_any_lung_disease_counts_the_rapidly_progressive(shipped: model.Net, tmp_path: Path) -> None:
    """A study that reports lung disease means any; one that reports the rapidly progressive means only that."""
    given = f"{ILD}=present"
    path = rates(
        tmp_path,
        row(ILD, "present", "dermatomyositis"),
        row(ILD, "rapidly_progressive", "dermatomyositis"),
        row("arthritis", "present", "dermatomyositis", given=given),
    )
    any_lung, rapid, beside = read_published(path, shipped.priors)
    lung = shipped.marginal(ILD, {"diagnosis": "dermatomyositis"})
    setting = shipped.default_setting
    assert implied_percent(shipped, any_lung, setting) == pytest.approx(100 * (1 - lung["absent"]))
    assert implied_percent(shipped, rapid, setting) == pytest.approx(100 * lung["rapidly_progressive"])
    evidence = {"diagnosis": "dermatomyositis", ILD: ["present", "rapidly_progressive"]}
    arthritis = shipped.marginal("arthritis", evidence)["present"]
    assert implied_percent(shipped, beside, setting) == pytest.approx(100 * arthritis)


# The audit


def audited(net: model.Net, folder: Path, *rows: str) -> list[Audited]:
    return list(audit(net, read_published(rates(folder, *rows), net.priors)))


def implied(net: model.Net) -> float:
    return 100 * net.marginal("v_sign", {"diagnosis": "dermatomyositis"})["present"]


def test_a_rate_equal_to_the_implied_one_holds(small: model.Net, tmp_path: Path) -> None:
    (item,) = audited(small, tmp_path, row("v_sign", "present", "dermatomyositis", f",,{implied(small)!r},,"))
    assert item.implied_percent == pytest.approx(implied(small))
    assert item.difference == pytest.approx(0, abs=1e-9)
    assert item.holds


def test_a_rate_holds_within_ten_points_or_inside_its_interval(small: model.Net, tmp_path: Path) -> None:
    near, far = implied(small) - TOLERANCE + 0.5, implied(small) - TOLERANCE - 0.5
    items = audited(
        small, tmp_path,
        *(row("v_sign", "present", "dermatomyositis", numbers) for numbers in (
            f",,{near},,", f",,{far},,", f",,{far},{far - 9},{implied(small) + 1}", f",,{far},{far - 9},{far + 9}",
        )),
    )  # fmt: skip
    assert [item.holds for item in items] == [True, False, True, False]
    assert items[1].difference == pytest.approx(TOLERANCE + 0.5)


def test_a_small_study_holds_where_a_large_one_does_not(small: model.Net, tmp_path: Path) -> None:
    for n, holds in ((8, True), (800, False)):
        numbers = f",{n},{implied(small) - 15},,"
        (item,) = audited(small, tmp_path, row("v_sign", "present", "dermatomyositis", numbers))
        assert item.holds == holds


def test_spread_between_studies_of_one_figure_lets_it_hold(small: model.Net, tmp_path: Path) -> None:
    """Two studies that contradict each other cannot both refute the model that lies between them."""
    low = row("v_sign", "present", "dermatomyositis", f",500,{implied(small) - 15},,")
    high = row("v_sign", "present", "dermatomyositis", f",500,{implied(small) + 15},,")
    other = row("v_sign", "present", "fibromyalgia", ",500,80,,")
    assert [item.holds for item in audited(small, tmp_path, low)] == [False]
    assert [item.holds for item in audited(small, tmp_path, low, other)] == [False, False]
    assert [item.holds for item in audited(small, tmp_path, low, high)] == [True, True]


def test_rows_left_out_are_not_audited(small: model.Net, tmp_path: Path) -> None:
    kept, dropped = row("cancer", "present", "iim"), row("cancer", "present", "iim", left_out="treated patients")
    items = audited(small, tmp_path, dropped, kept, dropped)
    assert [item.rate.row.line for item in items] == [3]


def test_patients_that_the_model_rules_out_do_not_hold(strict: model.Net, tmp_path: Path) -> None:
    line = row("cancer", "present", "fibromyalgia", given="v_sign=present")
    (item,) = audited(strict, tmp_path, line)
    assert np.isnan(item.implied_percent)
    assert not item.holds


def test_the_share_that_holds_is_counted_by_column_the_worst_first(small: model.Net, tmp_path: Path) -> None:
    good, bad = (f",,{implied(small) + shift},," for shift in (0, 40))
    items = audited(
        small, tmp_path,
        row("v_sign", "present", "dermatomyositis", good),
        row("v_sign", "present", "dermatomyositis", bad),
        row("cancer", "present", "fibromyalgia", ",,10,,"),
    )  # fmt: skip
    assert share_that_holds(items, "diagnosis") == [("dermatomyositis", 2, 1), ("fibromyalgia", 1, 1)]
