"""One finding between two sides: rates of the network, Bayes' rule, intervals, and every setting."""

import csv
import math
import re
from base64 import b64decode
from io import StringIO
from itertools import pairwise
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import model
from app_pages.learn.finding.nomogram import LIMIT, nomogram
from model.errors import InputError
from model.learn.examples import one_finding_examples
from model.learn.one_finding import assay_of, in_settings, one_finding, post_test
from model.learn.table import one_finding_csv
from model.patient.phrases import percent
from tests.helpers.places import SMALL
from tests.helpers.priors import with_table

PAIR = ("inclusion_body_myositis", "fibromyalgia")
chance = st.floats(1e-4, 1 - 1e-4)


def positive(net: model.Net, finding: str) -> tuple[str, ...]:
    return net.vocabulary.variables[finding].states[1:]


@given(data=st.data())
def test_rates_are_those_of_the_network(shipped: model.Net, data: st.DataObject) -> None:
    finding = data.draw(st.sampled_from([f for f in shipped.vocabulary.findings if f != "age_at_onset"]))
    own, other = data.draw(st.permutations(list(shipped.vocabulary.diagnoses)))[:2]
    states = positive(shipped, finding)
    asked = one_finding(shipped, finding, states, own, other)
    rates = [
        math.fsum(shipped.marginal(finding, {"diagnosis": side})[state] for state in states) for side in (own, other)
    ]
    assert [asked.sensitivity.value, asked.false_positive_rate.value] == pytest.approx(rates, abs=1e-9)
    if 0 < rates[1] < 1:
        assert asked.positive_ratio.value == pytest.approx(rates[0] / rates[1], rel=1e-9)
        assert asked.negative_ratio.value == pytest.approx((1 - rates[0]) / (1 - rates[1]), rel=1e-6)


@pytest.mark.parametrize("setting", ["primary_care", "neuromuscular_clinic", "myositis_centre"])
@pytest.mark.parametrize(
    ("finding", "states", "diagnosis", "rival"),
    [
        ("anti_sae", ["positive"], "dermatomyositis", None),
        ("ck_level", ["high", "very_high"], "iim", "mimic"),
        ("heliotrope_rash", ["present"], "dermatomyositis", None),
        ("age_at_onset", ["65+"], "inclusion_body_myositis", None),
    ],
)
def test_the_ratios_lead_from_the_prior_of_the_setting_to_its_posterior(
    shipped: model.Net, setting: str, finding: str, states: list[str], diagnosis: str, rival: str | None
) -> None:
    asked = one_finding(shipped, finding, states, diagnosis, rival, setting)
    own = shipped.vocabulary.resolve_diagnoses(diagnosis)
    rest = [state for state in shipped.vocabulary.variables[finding].states if state not in states]
    for result, ratio in ((states, asked.positive_ratio), (rest, asked.negative_ratio)):
        posterior = shipped.posterior({finding: result}, setting)
        expected = math.fsum(posterior[d] for d in own)
        assert post_test(asked.pre_test, ratio.value) == pytest.approx(expected, abs=1e-9)


@given(before=chance, own=chance, others=chance)
def test_post_test_is_bayes_rule(before: float, own: float, others: float) -> None:
    expected = before * own / (before * own + (1 - before) * others)
    assert post_test(before, own / others) == pytest.approx(expected, abs=1e-9)


def test_post_test_at_its_ends() -> None:
    assert [post_test(p, math.inf) for p in (0, 0.2, 1)] == [0, 1, 1]
    assert [post_test(p, 0) for p in (0, 0.2)] == [0, 0]
    assert [post_test(p, 3) for p in (0, 1)] == [0, 1]


def test_intervals_hold_their_number_and_follow_the_beta_of_the_rate(shipped: model.Net) -> None:
    """The sensitivity in one diagnosis is a single rate with a Beta distribution, whose 90 % interval is known."""
    from model.calibrate.numbers import rate_interval
    from model.priors.provenance import deciding_rate

    asked = one_finding(shipped, "heliotrope_rash", ["present"], "dermatomyositis", "inclusion_body_myositis")
    rate = deciding_rate(shipped.priors, "heliotrope_rash", "dermatomyositis")
    low, high = rate_interval(rate.percents[1], rate.strength)
    assert [100 * asked.sensitivity.low, 100 * asked.sensitivity.high] == pytest.approx([low, high], abs=4)
    for measure in (asked.sensitivity, asked.false_positive_rate, asked.positive_ratio, asked.negative_ratio):
        assert measure.low < measure.value < measure.high


def test_settings_are_sorted_from_rare_to_common_and_posteriors_rise_with_them(
    shipped: model.Net,
) -> None:
    """Against one rival the ratio is the same everywhere, so posteriors have the order of the priors."""
    rows = in_settings(shipped, "finger_flexor_weakness", ["present"], "inclusion_body_myositis", "polymyositis")
    assert {row.setting for row in rows} == set(shipped.vocabulary.settings)
    for before, after in pairwise(rows):
        assert before.pre_test <= after.pre_test
        assert before.post_if_positive <= after.post_if_positive + 1e-12
        assert before.post_if_negative <= after.post_if_negative + 1e-12
    assert len({row.people.people for row in rows}) == 1


@pytest.mark.parametrize("blot", ["anti_sae", "anti_pl7"])
def test_a_positive_line_blot_is_mostly_false_where_the_disease_is_rare(shipped: model.Net, blot: str) -> None:
    example = next(row for row in one_finding_examples(shipped.priors) if row.finding == blot)
    rows = {row.setting: row for row in in_settings(shipped, blot, example.positive, example.diagnosis)}
    general, special = rows["primary_care"], rows["myositis_centre"]
    assert general.post_if_positive < 0.05 < 0.5 < special.post_if_positive
    assert general.right is not None and special.right is not None
    assert general.right < 0.05 < 0.5 < special.right
    assert general.people.others_with > 20 * general.people.diagnosed_with


def test_only_a_test_of_one_hidden_variable_can_be_right_or_wrong(shipped: model.Net) -> None:
    assert assay_of(shipped, "anti_pl7", ["positive"]) == ("autoantibody", "pl7")
    assert assay_of(shipped, "heliotrope_rash", ["present"]) is None
    rows = in_settings(shipped, "heliotrope_rash", ["present"], "dermatomyositis")
    assert {row.right for row in rows} == {None}


def test_a_result_that_one_side_never_shows_settles_it(strict: model.Net) -> None:
    """The likelihood ratio is infinite, and the interval has no finite end."""
    asked = one_finding(strict, "heliotrope_rash", ["present"], "dermatomyositis", "inclusion_body_myositis")
    assert asked.positive_ratio.value == math.inf and post_test(asked.pre_test, asked.positive_ratio.value) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"finding": "heliotrop_rash"}, "did you mean heliotrope_rash"),
        ({"finding": "autoantibody"}, "is not a finding"),
        ({"positive": ()}, "one state at least"),
        ({"positive": ("absent", "present")}, "one state at least"),
        ({"positive": ("presen",)}, "did you mean present"),
        ({"rival": "iim"}, "overlap"),
        ({"setting": "primary_car"}, "did you mean primary_care"),
        ({"diagnosis": "dermatomyositi"}, "did you mean dermatomyositis"),
    ],
)
def test_a_question_without_meaning_is_an_error(shipped: model.Net, change: dict[str, object], message: str) -> None:
    asked: dict[str, object] = {"finding": "heliotrope_rash", "positive": ("present",), "diagnosis": "dermatomyositis"}
    with pytest.raises(InputError, match=message):
        one_finding(shipped, **{**asked, **change})  # type: ignore[arg-type]


def test_a_setting_without_one_side_is_an_error_alone_and_left_out_among_all(tmp_path: Path) -> None:
    folder = copytree(SMALL, tmp_path / "priors")
    shares = folder / "shares.csv"
    rows = list(csv.DictReader(StringIO(shares.read_text())))
    of = {row["diagnosis"]: row for row in rows if row["setting"] == "primary_care"}
    taken, kept = of[PAIR[0]], of[PAIR[1]]
    kept["percent"], taken["percent"] = str(float(kept["percent"]) + float(taken["percent"])), "0"
    with shares.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    net = model.load(folder)
    with pytest.raises(InputError, match="primary_care excludes inclusion_body_myositis"):
        one_finding(net, "heliotrope_rash", ["present"], PAIR[0], None, "primary_care")
    rows_left = in_settings(net, "heliotrope_rash", ["present"], PAIR[0])
    assert [row.setting for row in rows_left] == ["suspected_myositis"]


def test_the_examples_can_all_be_shown(shipped: model.Net) -> None:
    for row in one_finding_examples(shipped.priors):
        asked = one_finding(shipped, row.finding, row.positive, row.diagnosis, row.rival, row.setting)
        assert asked.positive_ratio.value > 1 > asked.negative_ratio.value


def test_a_fault_in_an_example_is_an_error_that_names_its_line(shipped: model.Net) -> None:
    table = "id,title,finding,positive,diagnosis,rival,setting\na,A,anti_sae,positiv,iim,,primary_care\n"
    with pytest.raises(InputError, match=r"one_finding.csv, line 2, field positive: 'positiv' .*did you mean positive"):
        one_finding_examples(with_table(shipped.priors, "lessons/one_finding.csv", table))


@given(before=st.floats(0.001, 0.999), log_ratio=st.floats(-2.5, 2.5))
def test_the_line_of_the_nomogram_crosses_the_middle_axis_at_its_ratio(before: float, log_ratio: float) -> None:
    assume(abs(math.log(before / (1 - before)) + log_ratio) < LIMIT)
    svg = drawn(nomogram(before, math.exp(log_ratio), 1.0))
    x1, y1, x2, y2 = (
        float(number) for number in re.findall(r"class='watched positive' d='M(\S+) (\S+)L(\S+) (\S+)'", svg)[0]
    )
    labels = {text: float(y) - 4 for y, text in re.findall(r"x='208' y='(\S+)'[^>]*>([\d.,]+)</text>", svg)}
    unit = (labels["0.1"] - labels["10"]) / (2 * math.log(10))
    one = (labels["0.1"] + labels["10"]) / 2
    assert (y1 + y2) / 2 == pytest.approx(one - unit * log_ratio, abs=0.3)
    assert x1 < 200 < x2 and x1 + x2 == 400


def test_the_nomogram_has_a_description_in_words() -> None:
    picture = nomogram(0.1, 9.0, 0.5)
    said = re.search(r"alt='([^']+)'", picture)
    assert said is not None
    for part in (
        f"pre-test probability of {percent(0.1)}",
        "likelihood ratio of 9",
        f"{percent(0.5)} after a positive",
        f"{percent(0.053)} after a negative",
    ):
        assert part in said[1]


def drawn(picture: str) -> str:
    """The SVG source of an image."""
    return b64decode(picture.split("base64,")[1].split("'")[0]).decode()


def test_the_table_holds_measures_with_intervals_and_every_setting(shipped: model.Net) -> None:
    asked = one_finding(shipped, "anti_sae", ["positive"], "dermatomyositis", None, "primary_care")
    rows = in_settings(shipped, "anti_sae", ["positive"], "dermatomyositis")
    text = one_finding_csv(asked, rows)
    assert text.count("\n") == 1 + 4 + 4 * len(rows)
    assert f"primary_care,sensitivity,{asked.sensitivity.value:.6g},{asked.sensitivity.low:.6g}" in text
