"""The tables of priors: every error names file, line and field, and the network keeps every number."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.network.build import build_network
from model.priors.folder import read_priors
from model.priors.provenance import RESTS_ON, deciding_rate, rests_on
from tests.helpers.places import SMALL


class Copy:
    """A copy of the small priors to change and load."""

    def __init__(self, folder: Path):
        self.folder = copytree(SMALL, folder / "priors")

    def replace(self, table: str, old: str, new: str) -> "Copy":
        text = (self.folder / table).read_text()
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {table}"
        (self.folder / table).write_text(text.replace(old, new))
        return self

    def add(self, table: str, *lines: str) -> "Copy":
        text = (self.folder / table).read_text()
        (self.folder / table).write_text(text + "\n".join(lines) + "\n")
        return self

    def line_of(self, table: str, start: str) -> int:
        lines = (self.folder / table).read_text().splitlines()
        return next(i for i, line in enumerate(lines, 1) if line.startswith(start))

    def line_with(self, table: str, text: str) -> int:
        before, _, _ = (self.folder / table).read_text().partition(text)
        return before.count("\n") + 1

    def load(self) -> model.Net:
        return model.load(self.folder)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


# Faults

RATES, EDGES, EFFECTS, SHARES = "rates/all.csv", "edges/all.csv", "effects/all.csv", "shares.csv"
CANCER = "cancer,present,dermatomyositis,,20,,,D,,,"
MUSCLE = "muscle,high,iim,,60,,,D,,,"
AGE = "age_at_onset,18-39,any,,28,,,D,,,"


@dataclass(frozen=True)
class Fault:
    """A change of a table that makes it wrong, and the error: its field, and words of the message.

    `start`: of the line that the error names, where that is not the line changed.
    """

    table: str
    old: str
    new: str
    field: str
    words: str
    start: str = ""


FAULTS = {
    "unknown diagnosis": Fault(RATES, CANCER, CANCER.replace("dermatomyositis", "dermatomyosits"), "diagnosis",
                               "did you mean dermatomyositis?"),
    "unknown state": Fault(RATES, CANCER, CANCER.replace("present", "presnt"), "state", "did you mean present?"),
    "unknown node": Fault(RATES, CANCER, CANCER.replace("cancer", "cancr"), "node", "did you mean cancer?"),
    "unknown condition": Fault(RATES, "antibody=mi2,95", "antibdy=mi2,95", "given", "did you mean antibody?"),
    "unknown state of a condition": Fault(RATES, "antibody=mi2,95", "antibody=mi3,95", "given", "did you mean mi2?"),
    "diagnosis as a condition": Fault(RATES, "any,antibody=mi2,95", "any,diagnosis=dermatomyositis,95", "given",
                                      "own column"),
    "two states of one condition": Fault(RATES, "antibody=mi2,95", "antibody=cn1a;antibody=mi2,95", "given", "once"),
    "percent over 100": Fault(RATES, CANCER, CANCER.replace("20", "120"), "percent", "120 is not between 0 and 100"),
    "percent that is no number": Fault(RATES, CANCER, CANCER.replace("20", "20%"), "percent", "'20%' is not a number"),
    "states that do not add up": Fault(RATES, AGE, AGE.replace("28", "38"), "percent", "add up to 110",
                                       "age_at_onset,0-17,any"),
    "a state left out": Fault(RATES, AGE + "\n", "", "state", "no row for the state '18-39'", "age_at_onset,0-17,any"),
    "unknown term": Fault(RATES, "cancer,present,any,,,rare,,C", "cancer,present,any,,,rarely,,C", "term",
                          "did you mean rare?"),
    "term and percent": Fault(RATES, "cancer,present,any,,,rare,,C", "cancer,present,any,,10,rare,,C", "percent",
                              "either a percent or a term"),
    "strength over the cap": Fault(RATES, MUSCLE, MUSCLE.replace(",,D", ",50,D").replace("60,50", "60,,50"),
                                   "strength", "over the cap of grade D, which is 8"),
    "unknown grade": Fault(RATES, MUSCLE, MUSCLE.replace("D", "E"), "grade", "valid: A, B, C, D"),
    "grade that needs a strength": Fault(RATES, MUSCLE, MUSCLE.replace("D", "B"), "strength",
                                         "grade B needs a strength"),
    "condition without an edge": Fault(RATES, "cancer,present,dermatomyositis,antibody=mi2",
                                       "cancer,present,dermatomyositis,muscle=high", "given",
                                       "no edge muscle -> cancer"),
    "effect without an edge": Fault(EFFECTS, "v_sign,present,skin,florid", "v_sign,present,muscle,high", "parent",
                                    "no edge muscle -> v_sign"),
    "effect of an unknown parent": Fault(EFFECTS, "v_sign,present,skin,florid", "v_sign,present,skn,florid", "parent",
                                         "did you mean skin?"),
    "effect of an unknown state": Fault(EFFECTS, "v_sign,present,skin,florid", "v_sign,present,skin,florrid",
                                        "parent_state", "did you mean florid?"),
    "odds ratio of zero": Fault(EFFECTS, "v_sign,present,skin,florid,40", "v_sign,present,skin,florid,0", "odds_ratio",
                                "0 is not between"),
    "effect of an unknown grade": Fault(EFFECTS, "v_sign,present,skin,florid,40,D", "v_sign,present,skin,florid,40,E",
                                        "grade", "valid: A, B, C, D"),
    "effect twice": Fault(EFFECTS, "v_sign,present,skin,florid", "v_sign,present,skin,limited", "parent_state",
                          "occurs twice"),
    "edge from an unknown node": Fault(EDGES, "muscle,ck_level", "muscel,ck_level", "parent", "did you mean muscle?"),
    "edge to an unknown node": Fault(EDGES, "aldolase;proximal_leg_weakness,", "aldolas;proximal_leg_weakness,",
                                     "child", "did you mean aldolase?"),
    "edge without a reason": Fault(EDGES, "cancer rises with age", "", "reason", "needs its reason"),
    "edge twice": Fault(EDGES, "antibody,skin;", "antibody,skin;skin;", "child", "antibody -> skin occurs twice"),
    "rate twice": Fault(RATES, CANCER, CANCER + "\n" + CANCER.replace("20", "30"), "state", "occurs twice",
                        "cancer,present,dermatomyositis,,30"),
    "share of an unknown diagnosis": Fault(SHARES, "primary_care,fibromyalgia", "primary_care,fibromyalga",
                                           "diagnosis", "did you mean fibromyalgia?"),
    "share of an unknown setting": Fault(SHARES, "primary_care,fibromyalgia", "primary_car,fibromyalgia", "setting",
                                         "did you mean primary_care?"),
    "shares that do not add up": Fault(SHARES, "primary_care,fibromyalgia,98", "primary_care,fibromyalgia,90",
                                       "percent", "add up to 92", "primary_care,dermatomyositis"),
    "bin of an unknown state": Fault("vocabulary/bins.csv", "ck_level,mild,", "ck_level,midl,", "state",
                                     "did you mean mild?"),
    "synonyms of an unknown finding": Fault("vocabulary/synonyms.csv", "finding,synonyms",
                                            "finding,synonyms\ncancr,tumour", "finding", "did you mean cancer?",
                                            "cancr"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_error_is_reported_with_file_line_and_field(copy: Copy, fault: Fault) -> None:
    line = copy.line_with(fault.table, fault.old)
    copy.replace(fault.table, fault.old, fault.new)
    if fault.start:
        line = copy.line_of(fault.table, fault.start)
    message = message_of(copy)
    assert message.startswith(f"{fault.table}, line {line}, field {fault.field}: ")
    assert fault.words in message
    assert "\n" not in message


def message_of(copy: Copy) -> str:
    with pytest.raises(InputError) as caught:
        copy.load()
    return str(caught.value)


@pytest.mark.parametrize("table", [RATES, EDGES, EFFECTS, SHARES, "grades.csv", "vocabulary/findings.csv"])
def test_a_misspelt_column_is_reported(copy: Copy, table: str) -> None:
    header = (copy.folder / table).read_text().splitlines()[0]
    last = [c for c in header.split(",") if c not in ("note", "meaning", "basis", "locator")][-1]
    copy.replace(table, header, header.replace(last, last + "s"))
    assert message_of(copy) == f"{table}, line 1: column {last!r} is missing; did you mean {last}s?"


def test_a_cycle_is_reported_at_an_edge_that_closes_it(copy: Copy) -> None:
    copy.add(EDGES, "cancer,age_at_onset,a cycle,")
    line = copy.line_of(EDGES, "cancer,")
    assert message_of(copy) == f"{EDGES}, line {line}, field child: a cycle among age_at_onset, cancer"


def test_conditions_that_leave_less_than_nothing_for_the_rest_are_reported(copy: Copy) -> None:
    """30 % of dermatomyositis has mi2; 80 % of those with cancer leave -3 % of a total of 20 %."""
    copy.replace(
        RATES, "cancer,present,dermatomyositis,antibody=mi2,8,", "cancer,present,dermatomyositis,antibody=mi2,80,"
    )
    line = copy.line_of(RATES, CANCER)
    assert message_of(copy).startswith(f"{RATES}, line {line}, field percent: cancer in dermatomyositis: ")
    assert "leave -5.7 % for the rest" in message_of(copy)


def test_a_missing_setting_is_reported(copy: Copy) -> None:
    table = copy.folder / SHARES
    lines = table.read_text().splitlines()
    table.write_text("\n".join(line for line in lines if not line.startswith("primary_care")) + "\n")
    assert message_of(copy) == "shares.csv: the setting primary_care has no row"


def test_a_missing_node_is_reported(copy: Copy) -> None:
    copy.add("vocabulary/findings.csv", "rash,skin,Rash,absent|present,Any")
    assert message_of(copy) == "rates: rash has no row"


def test_an_edge_without_numbers_is_reported(copy: Copy) -> None:
    copy.add(EDGES, "muscle,cancer,a claim without a number,")
    assert message_of(copy) == "edges: muscle -> cancer has no rate and no effect; add a row to rates/ or effects/"


@pytest.mark.parametrize("table", [SHARES, "vocabulary/diagnoses.csv", "grades.csv"])
def test_a_missing_table_is_reported(copy: Copy, table: str) -> None:
    (copy.folder / table).unlink()
    assert message_of(copy) == f"{table}: there is no such file"


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="priors_of_mine: there is no such folder"):
        model.load(tmp_path / "priors_of_mine")


def test_unquoted_commas_are_reported(copy: Copy) -> None:
    copy.replace(RATES, CANCER, CANCER + "one, two, three")
    line = copy.line_of(RATES, CANCER)
    assert message_of(copy) == f"{RATES}, line {line}: more cells than columns; quote text with commas"


# What the rows mean


def test_the_most_specific_row_wins(copy: Copy) -> None:
    """any < family < id < more conditions; here for four diagnoses-and-antibodies of one finding."""
    copy.replace(RATES, "cancer,present,any,,,rare,,C", "cancer,present,any,,3,,,D")
    copy.replace(EFFECTS, "cancer,present,age_at_onset,65+,45,D,,,\n", "")
    for age in ("18-39,5", "40-49,15", "50-64,30"):
        copy.replace(EFFECTS, f"cancer,present,age_at_onset,{age},D,,,\n", "")
    copy.replace(EDGES, "age_at_onset,cancer,cancer rises with age,\n", "")
    copy.add(RATES, "cancer,present,iim,,11,,,D,,,", "cancer,present,iim,antibody=cn1a,17,,,D,,,")
    net = copy.load()

    def percent(diagnosis: str, antibody: str) -> float:
        return 100 * net.marginal("cancer", {"diagnosis": diagnosis, "antibody": antibody})["present"]

    assert percent("fibromyalgia", "none") == pytest.approx(3)
    assert percent("inclusion_body_myositis", "none") == pytest.approx(11)
    assert percent("inclusion_body_myositis", "cn1a") == pytest.approx(17)
    assert percent("dermatomyositis", "mi2") == pytest.approx(8)
    assert percent("dermatomyositis", "cn1a") == pytest.approx(17)


@given(whole=st.floats(1, 99), special=st.floats(0, 100), share=st.floats(1, 65))
def test_what_conditions_leave_is_shared_by_the_rest(
    tmp_path_factory: pytest.TempPathFactory, whole: float, special: float, share: float
) -> None:
    """The whole-disease rate holds: the antibody takes its part, the other antibodies get the rest."""
    rest = (whole - share * special / 100) / (1 - share / 100)
    assume(0.01 < rest < 99.99)
    copy = Copy(tmp_path_factory.mktemp("priors"))
    copy.replace(RATES, "antibody,mi2,dermatomyositis,,30", f"antibody,mi2,dermatomyositis,,{share!r}")
    copy.replace(RATES, "antibody,cn1a,dermatomyositis,,5", "antibody,cn1a,dermatomyositis,,4")
    copy.replace(RATES, "antibody,none,dermatomyositis,,65", f"antibody,none,dermatomyositis,,{96 - share!r}")
    copy.replace(RATES, CANCER, CANCER.replace("20", repr(whole)))
    copy.replace(RATES, "dermatomyositis,antibody=mi2,8,", f"dermatomyositis,antibody=mi2,{special!r},")
    net = copy.load()

    def percent(**given: str) -> float:
        return 100 * net.marginal("cancer", {"diagnosis": "dermatomyositis", **given})["present"]

    assert percent() == pytest.approx(whole, abs=1e-6)
    assert percent(antibody="mi2") == pytest.approx(special, abs=1e-6)
    assert percent(antibody="none") == pytest.approx(rest, abs=1e-6)
    assert percent(antibody="cn1a") == pytest.approx(rest, abs=1e-6)


def test_a_term_means_the_percent_of_the_scale(copy: Copy) -> None:
    for term, percent in (("rare", 10), ("typical", 90)):
        copy.replace("verbal_scale.csv", f"\n{term},{percent},", f"\n{term},{percent - 3},")
    copy.replace(RATES, MUSCLE, "muscle,high,iim,,,typical,,C,,,")
    net = copy.load()
    assert net.marginal("cancer", {"diagnosis": "fibromyalgia"})["present"] == pytest.approx(0.07)
    assert net.marginal("muscle", {"diagnosis": "iim"})["high"] == pytest.approx(0.87)


def test_strengths_come_from_the_row_or_the_grade(copy: Copy) -> None:
    copy.replace(RATES, MUSCLE, "muscle,high,iim,,60,,123,B,,,")
    rates = read_priors(copy.folder).rates
    assert [r.strength for r in rates["muscle"]] == [123, 8]
    assert [r.strength for r in rates["cancer"] if r.diagnosis == "any"] == [20]


V_SIGN = "v_sign,present,skin,florid,40,"


def with_strengths(copy: Copy) -> Copy:
    """The table of effects with the column that it may lack, empty but for what a test writes into it."""
    table = copy.folder / EFFECTS
    header, *lines = (line.split(",") for line in table.read_text().splitlines())
    wide = [[*header[:5], "strength", *header[5:]], *([*cells[:5], "", *cells[5:]] for cells in lines)]
    table.write_text("".join(",".join(cells) + "\n" for cells in wide))
    return copy


def strength_of_v_sign(copy: Copy) -> float:
    return next(e.strength for e in read_priors(copy.folder).effects["v_sign"] if e.parent_state == "florid")


def test_strengths_of_effects_come_from_the_row_or_the_grade(copy: Copy) -> None:
    assert strength_of_v_sign(copy) == 8
    with_strengths(copy)
    assert strength_of_v_sign(copy) == 8
    copy.replace(EFFECTS, V_SIGN, V_SIGN + "5")
    assert strength_of_v_sign(copy) == 5
    copy.replace(EFFECTS, V_SIGN + "5,D", V_SIGN + "123,B")
    assert strength_of_v_sign(copy) == 123


@pytest.mark.parametrize(("cells", "words"), [("9,D", "9 is over the cap of grade D, which is 8"),
                                              (",B", "grade B needs a strength"),
                                              ("0.1,D", "0.1 is not between")])  # fmt: skip
def test_a_strength_that_an_effect_cannot_have_is_reported(copy: Copy, cells: str, words: str) -> None:
    with_strengths(copy).replace(EFFECTS, V_SIGN + ",D", V_SIGN + cells)
    line = copy.line_of(EFFECTS, V_SIGN)
    message = message_of(copy)
    assert message.startswith(f"{EFFECTS}, line {line}, field strength: ") and words in message


def test_a_table_of_effects_without_strengths_is_read_with_the_least_default(copy: Copy) -> None:
    """As every folder was before effects had a strength; grade B has no default of its own."""
    copy.replace(EFFECTS, V_SIGN + "D", V_SIGN + "B")
    assert strength_of_v_sign(copy) == 8


@given(ratios=st.lists(st.floats(-9, 9).map(np.exp), min_size=10, max_size=10))
def test_rates_hold_exactly_whatever_the_effects(tmp_path_factory: pytest.TempPathFactory, ratios: list[float]) -> None:
    copy = Copy(tmp_path_factory.mktemp("priors"))
    table = copy.folder / EFFECTS
    header, *lines = table.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    changed = [[*row[:4], repr(float(ratios[i % 10])), *row[5:]] for i, row in enumerate(cells)]
    table.write_text("\n".join([header, *map(",".join, changed)]) + "\n")
    rates_hold(copy.load(), tolerance=1e-9)


def rates_hold(net: model.Net, tolerance: float) -> None:
    """Each finding in each diagnosis has the rate of this diagnosis or, in a mixture, of each of its forms."""
    for diagnosis in net.vocabulary.diagnoses:
        for finding in net.vocabulary.findings:
            if rests_on(net.priors, finding, diagnosis) == RESTS_ON[0]:
                first = deciding_rate(net.priors, finding, diagnosis)
                own = [rate for rate in net.priors.rates[finding] if rate.diagnosis == diagnosis]
                for rate in [rate for rate in own if rate.given.keys() == first.given.keys()]:
                    marginal = list(net.marginal(finding, {"diagnosis": diagnosis, **rate.given}).values())
                    expected, where = np.array(rate.percents) / 100, f"{finding} {diagnosis} {rate.given}"
                    np.testing.assert_allclose(marginal, expected, rtol=0, atol=tolerance, err_msg=where)


def test_every_rate_of_the_shipped_priors_holds_in_its_diagnosis(shipped: model.Net) -> None:
    rates_hold(shipped, tolerance=1e-9)


def test_no_finding_of_the_shipped_network_is_certain_but_by_definition(shipped: model.Net) -> None:
    """A probability of exactly 0 or 1 occurs only where a row says 0: an age that excludes a disease."""
    for finding in shipped.vocabulary.findings:
        table = shipped.network.tables[finding]
        excluded = {state for r in shipped.priors.rates[finding] for state, p in enumerate(r.percents) if p == 0}
        assert set(np.flatnonzero((table == 0).reshape(-1, table.shape[-1]).any(axis=0))) <= excluded, finding
        assert not excluded or finding == "age_at_onset"


def test_effects_are_the_odds_ratios_of_the_table(small: model.Net) -> None:
    """Within one diagnosis, the odds against the parent's first state are the stated ratios."""
    for diagnosis in small.vocabulary.diagnoses:

        def odds(skin: str, given: str = diagnosis) -> float:
            marginal = small.marginal("heliotrope_rash", {"diagnosis": given, "skin": skin})
            return marginal["present"] / marginal["absent"]

        assert odds("limited") / odds("absent") == pytest.approx(10)
        assert odds("florid") / odds("absent") == pytest.approx(60)


def test_loading_twice_gives_the_same_numbers() -> None:
    first, second = (build_network(read_priors(SMALL)) for _ in range(2))
    assert all((first.tables[node] == second.tables[node]).all() for node in first.nodes)
