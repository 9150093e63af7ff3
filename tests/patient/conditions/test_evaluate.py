"""Conditions with three truth values, exact over every completion of the unknown findings."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.patient.conditions.evaluate import Facts, connected, deciding, outcomes, truth
from model.patient.conditions.language import AtLeast, InStates, Known
from model.patient.conditions.parse import parse
from model.priors.folder import read_priors
from tests.helpers.places import SMALL

TRUE, FALSE, UNKNOWN = "fever = present", "arthritis = present", "raynaud = present"
FINDINGS: dict[str, object] = {"fever": "present", "arthritis": "absent"}
TRUTH = {TRUE: True, FALSE: False, UNKNOWN: None}


def value(net: model.Net, text: str, findings: Mapping[str, object] | None = None, **posterior: float) -> bool | None:
    chances = {d: posterior.get(d, 0.0) for d in net.vocabulary.diagnoses} if posterior else None
    given_findings = FINDINGS if findings is None else findings
    return truth(parse(text, net.vocabulary), Facts(net.vocabulary, given_findings, chances))


@pytest.mark.parametrize("first", TRUTH)
@pytest.mark.parametrize("second", TRUTH)
def test_and_or_not_follow_kleene(shipped: model.Net, first: str, second: str) -> None:
    """Kleene 1952: a conjunction is as true as its least true part, a disjunction as its most true one."""
    rank = {False: 0, None: 1, True: 2}
    word = {number: truth_value for truth_value, number in rank.items()}
    one, other = rank[TRUTH[first]], rank[TRUTH[second]]
    assert value(shipped, f"{first} and {second}") is word[min(one, other)]
    assert value(shipped, f"{first} or {second}") is word[max(one, other)]
    assert value(shipped, f"not {first}") is word[2 - one]
    assert value(shipped, f"possible({first})") is (one > 0)


def test_not_binds_before_and_and_and_before_or(shipped: model.Net) -> None:
    assert value(shipped, f"{TRUE} or {FALSE} and {FALSE}") is True
    assert value(shipped, f"({TRUE} or {FALSE}) and {FALSE}") is False
    assert value(shipped, f"not {FALSE} or {TRUE}") is True
    assert value(shipped, f"not ({FALSE} or {TRUE})") is False


@pytest.mark.parametrize(("least", "met"), [(1, True), (2, None), (3, False)])
def test_a_count_is_open_while_the_unknown_could_reach_it(shipped: model.Net, least: int, met: bool | None) -> None:
    assert value(shipped, f"at least {least} of ({TRUE}, {FALSE}, {UNKNOWN})") is met


def test_a_finding_that_is_tested_twice_is_not_open_independently(small: model.Net) -> None:
    """Any age is below 18 or not, and none is both below 18 and above 40."""
    assert value(small, "age_at_onset < 18 or age_at_onset >= 18", {}) is True
    assert value(small, "age_at_onset < 18 and age_at_onset > 40", {}) is False
    assert value(small, "age_at_onset < 18", {}) is None
    assert value(small, "v_sign = present and cancer = present or v_sign = absent or cancer = absent", {}) is True
    assert value(small, "possible(v_sign = present and not v_sign = present)", {}) is False
    one_age = "at least 2 of (age_at_onset < 18, age_at_onset in 18-39, age_at_onset >= 40)"
    assert value(small, one_age, {}) is False


def test_probabilities_that_are_tested_twice_are_not_open_independently(shipped: model.Net) -> None:
    assert value(shipped, "p(iim) >= 0.5 or p(iim) < 0.6") is True
    assert value(shipped, "p(iim) >= 0.5 and p(iim) < 0.5") is False
    assert value(shipped, "leads(polymyositis in iim) and leads(inclusion_body_myositis in iim)") is False


# Random conditions against brute force. Each is a text, and a function of a patient in whom everything is known.

Patient = dict[str, Any]
Written = tuple[str, Callable[[Patient], bool]]
SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda number, limit: number > limit,
    ">=": lambda number, limit: number >= limit,
    "<": lambda number, limit: number < limit,
    "<=": lambda number, limit: number <= limit,
}
LIMITS = {"age_at_onset": (18, 30, 40, 45), "ck_level": (1, 3, 5, 12)}
"""Numbers to compare with; `NUMBERS` holds them, the edges of bins, and one number between any two of these."""
NUMBERS = {
    "age_at_onset": (0, 9, 18, 22, 30, 35, 40, 42, 45, 47, 50, 57, 65, 80),
    "ck_level": (0, 0.5, 1, 2, 3, 4, 5, 7, 10, 11, 12, 30, 50, 60),
}
STATES = {
    "v_sign": ("absent", "present"),
    "cancer": ("absent", "present"),
    "heliotrope_rash": ("absent", "present"),
    "age_at_onset": ("0-17", "18-39", "40-49", "50-64", "65+"),
    "ck_level": ("normal", "mild", "moderate", "high", "very_high"),
}


VOCABULARY = read_priors(SMALL).vocabulary


def state_of(name: str, known: Any) -> str:
    return VOCABULARY.variable(name).state(known)


@st.composite
def leaves(draw: st.DrawFn) -> Written:
    name = draw(st.sampled_from(sorted(STATES)))
    if name in LIMITS and draw(st.booleans()):
        sign, limit = draw(st.sampled_from(sorted(SIGNS))), draw(st.sampled_from(LIMITS[name]))
        return f"{name} {sign} {limit}", lambda patient: SIGNS[sign](patient[name], limit)
    states = draw(st.lists(st.sampled_from(STATES[name]), min_size=1, max_size=3, unique=True))
    if draw(st.booleans()):
        return f"{name} != {states[0]}", lambda patient: state_of(name, patient[name]) != states[0]
    return f"{name} in {'|'.join(states)}", lambda patient: state_of(name, patient[name]) in states


def written() -> st.SearchStrategy[Written]:
    def compound(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
        several = st.lists(inner, min_size=1, max_size=4)
        return st.one_of(
            inner.map(lambda part: (f"not ({part[0]})", lambda patient: not part[1](patient))),
            several.map(lambda parts: (_listed("all of", parts), lambda p: all(test(p) for _, test in parts))),
            several.map(lambda parts: (_listed("any of", parts), lambda p: any(test(p) for _, test in parts))),
            several.flatmap(lambda parts: st.integers(1, len(parts)).map(lambda least: _counted(least, parts))),
        )

    return st.recursive(leaves(), compound, max_leaves=10)


def _listed(words: str, parts: list[Written]) -> str:
    return f"{words} ({', '.join(text for text, _ in parts)})"


def _counted(least: int, parts: list[Written]) -> Written:
    return _listed(f"at least {least} of", parts), lambda patient: sum(test(patient) for _, test in parts) >= least


@st.composite
def findings(draw: st.DrawFn) -> dict[str, object]:
    """Each finding unknown, one state, one of several, uncertain, or a number or several."""
    entered: dict[str, object] = {}
    for name, states in STATES.items():
        state = st.sampled_from(states)
        ways: list[st.SearchStrategy[object]] = [
            st.none(),
            state,
            st.lists(state, min_size=1, max_size=3),
            st.dictionaries(state, st.sampled_from([0.0, 0.4, 1.0]), min_size=1).filter(lambda w: any(w.values())),
        ]
        if name in NUMBERS:
            number = st.sampled_from(NUMBERS[name])
            ways += [number, st.lists(st.one_of(number, state), min_size=1, max_size=3)]
        entered[name] = draw(st.one_of(ways))
    return entered


def completions(entered: Mapping[str, Any]) -> Iterator[Patient]:
    """Every completely known patient who agrees with what is entered, as far as the conditions above distinguish."""

    def fits(name: str, candidate: Any) -> bool:
        known = entered[name]
        if known is None:
            return True
        if isinstance(known, dict):
            known = [state for state, likelihood in known.items() if likelihood > 0]
        options = known if isinstance(known, list) else [known]
        return candidate in options or state_of(name, candidate) in options

    columns = [[c for c in NUMBERS.get(name, STATES[name]) if fits(name, c)] for name in STATES]
    return (dict(zip(STATES, values, strict=True)) for values in product(*columns))


@given(data=st.data())
def test_a_condition_is_what_all_completions_agree_on(small: model.Net, data: st.DataObject) -> None:
    text, holds = data.draw(written())
    entered = data.draw(findings())
    found = {holds(patient) for patient in completions(entered)}
    assert value(small, text, entered) is (found.pop() if len(found) == 1 else None)


@given(data=st.data())
def test_conditions_are_true_together_as_in_some_completion(small: model.Net, data: st.DataObject) -> None:
    several = data.draw(st.lists(written(), min_size=1, max_size=4))
    entered = data.draw(findings())
    brute = {tuple(holds(patient) for _, holds in several) for patient in completions(entered)}
    parts = {str(number): parse(text, small.vocabulary) for number, (text, _) in enumerate(several)}
    blocks = outcomes(parts, Facts(small.vocabulary, entered))
    together = set()
    for rows in product(*(ways.tolist() for _, ways in blocks)):
        by_name = {}
        for (names, _), row in zip(blocks, rows, strict=True):
            by_name.update(zip(names, row, strict=True))
        together.add(tuple(by_name[name] for name in parts))
    assert together == brute


@given(data=st.data())
def test_the_deciding_leaves_are_enough_to_decide_a_condition(small: model.Net, data: st.DataObject) -> None:
    """Forget every finding that is not among the reasons: a decided condition stays as it was."""
    text, _ = data.draw(written())
    entered, condition = data.draw(findings()), parse(text, small.vocabulary)
    facts = Facts(small.vocabulary, entered)
    decided = truth(condition, facts)
    reasons = [leaf.finding for leaf in deciding(condition, facts) if isinstance(leaf, InStates | AtLeast)]
    fewer = {name: entered[name] for name in reasons}
    if decided is not None:
        assert truth(condition, Facts(small.vocabulary, fewer)) is decided


@given(data=st.data())
def test_a_decided_condition_stays_decided_when_more_is_found(small: model.Net, data: st.DataObject) -> None:
    text, holds = data.draw(written())
    patient = data.draw(st.fixed_dictionaries({n: st.sampled_from(NUMBERS.get(n, s)) for n, s in STATES.items()}))
    seen = data.draw(st.sets(st.sampled_from(sorted(STATES))))
    now = value(small, text, {name: patient[name] for name in seen})
    assert value(small, text, patient) is holds(patient)
    assert now in (None, holds(patient))


@given(data=st.data())
def test_de_morgan_holds_with_unknowns(small: model.Net, data: st.DataObject) -> None:
    (one, _), (other, _) = data.draw(written()), data.draw(written())
    entered = data.draw(findings())
    neither = value(small, f"not ({one}) and not ({other})", entered)
    assert value(small, f"not (({one}) or ({other}))", entered) is neither


@given(groups=st.lists(st.sets(st.integers(0, 5), max_size=3)))
def test_groups_share_nothing_and_cannot_be_split(groups: list[set[int]]) -> None:
    items = [(number, keys) for number, keys in enumerate(groups)]
    found = connected(items, lambda item: item[1])
    keys = [set().union(*(keys for _, keys in group)) for group in found]
    assert sum(len(group) for group in found) == len(items)
    assert all(not one & other for i, one in enumerate(keys) for other in keys[:i])
    assert all(len(connected(group, lambda item: item[1])) == 1 for group in found)


# Numbers and bins


@given(
    st.sampled_from([("age_at_onset", 0.0, 119.0), ("ck_level", 0.0, 200.0)]).flatmap(
        lambda finding: st.tuples(
            st.just(finding[0]),
            st.one_of(st.floats(*finding[1:]), st.sampled_from([0, 1, 5, 10, 18, 40, 50, 65])),
            st.one_of(st.floats(*finding[1:]), st.sampled_from([1, 5, 10, 18, 40, 45, 50, 65])),
        )
    ),
    st.sampled_from([">=", ">", "<=", "<"]),
)
def test_a_bin_decides_only_what_every_number_in_it_decides(
    shipped: model.Net, case: tuple[str, float, float], sign: str
) -> None:
    finding, number, threshold = case
    text = f"{finding} {sign} {threshold:.6f}"
    threshold = float(f"{threshold:.6f}")
    exact = value(shipped, text, {finding: number})
    by_hand = {">=": number >= threshold, ">": number > threshold, "<=": number <= threshold, "<": number < threshold}
    assert exact is by_hand[sign]
    assert value(shipped, text, {finding: state_of(finding, number)}) in (None, exact)


@pytest.mark.parametrize(
    ("entered", "over_30", "over_45", "from_40"),
    [
        (30, False, False, False),
        (31, True, False, False),
        (45, True, False, True),
        (46, True, True, True),
        ("18-39", None, False, False),
        ("40-49", True, None, True),
        ("50-64", True, True, True),
        (["18-39", "40-49"], None, None, None),
        ([41, 44], True, False, True),
        ([41, "50-64"], True, None, True),
        ({"40-49": 1.0, "50-64": 0.2}, True, None, True),
        ({"40-49": 1.0, "50-64": 0.0}, True, None, True),
        ({"50-64": 1.0, "65+": 0.5}, True, True, True),
        ("52", True, True, True),
    ],
)
def test_a_limit_inside_a_bin_stays_open_when_only_the_bin_is_known(
    small: model.Net, entered: object, over_30: bool | None, over_45: bool | None, from_40: bool | None
) -> None:
    known = {"age_at_onset": entered}
    assert value(small, "age_at_onset > 30", known) is over_30
    assert value(small, "age_at_onset > 45", known) is over_45
    assert value(small, "age_at_onset >= 40", known) is from_40


@pytest.mark.parametrize(
    ("entered", "above", "up_to_15", "below_12", "normal"),
    [
        ("normal", False, True, True, True),
        (1, False, True, True, True),
        (1.01, True, True, True, False),
        (11.9, True, True, True, False),
        (12, True, True, False, False),
        (15, True, True, False, False),
        (15.1, True, False, False, False),
        ("high", True, None, None, False),
        ("moderate", True, True, True, False),
        ("very_high", True, False, False, False),
    ],
)
def test_the_limits_of_ck(
    small: model.Net, entered: object, above: bool, up_to_15: bool | None, below_12: bool | None, normal: bool
) -> None:
    known = {"ck_level": entered}
    assert value(small, "ck_level > 1", known) is above
    assert value(small, "ck_level <= 15", known) is up_to_15
    assert value(small, "ck_level < 12", known) is below_12
    assert value(small, "ck_level = normal", known) is normal


def test_an_age_bin_that_holds_the_threshold_leaves_it_open(shipped: model.Net) -> None:
    assert value(shipped, "age_at_onset >= 45", {"age_at_onset": "40-49"}) is None
    assert value(shipped, "age_at_onset >= 50", {"age_at_onset": "50-64"}) is True
    assert value(shipped, "age_at_onset >= 50", {"age_at_onset": "40-49"}) is False
    assert value(shipped, "ck_level > 5", {"ck_level": "moderate"}) is True
    assert value(shipped, "ck_level >= 5", {"ck_level": "mild"}) is None


# Uncertain findings, what is known, probabilities


@pytest.mark.parametrize(
    "several", [["present", "rapidly_progressive"], {"present": 0.9, "rapidly_progressive": 0.1, "absent": 0.0}]
)
def test_several_possible_states_decide_when_they_agree(shipped: model.Net, several: object) -> None:
    known = {"interstitial_lung_disease": several}
    assert value(shipped, "interstitial_lung_disease in present|rapidly_progressive", known) is True
    assert value(shipped, "interstitial_lung_disease = absent", known) is False
    assert value(shipped, "interstitial_lung_disease = present", known) is None
    assert value(shipped, "known(interstitial_lung_disease)", known) is False
    assert value(shipped, "entered(interstitial_lung_disease)", known) is True


def test_soft_evidence_decides_only_where_all_agree(small: model.Net) -> None:
    assert value(small, "v_sign = present", {"v_sign": {"absent": 0.3, "present": 0.7}}) is None
    assert value(small, "v_sign = present", {"v_sign": {"absent": 0.0, "present": 0.7}}) is True
    assert value(small, "v_sign = present", {"v_sign": ["absent", "present"]}) is None
    assert value(small, "ck_level > 1", {"ck_level": ["mild", "high"]}) is True


def test_known_needs_any_of_its_findings(shipped: model.Net) -> None:
    assert value(shipped, "known(raynaud|fever)") is True
    assert value(shipped, "known(raynaud|myalgia)") is False
    assert value(shipped, "known(raynaud)", {"raynaud": None}) is False


def test_entered_asks_whether_a_finding_was_looked_for(small: model.Net) -> None:
    for entered in ("absent", "present", ["absent", "present"]):
        assert value(small, "entered(gottron_*)", {"gottron_papules": entered}) is True
    for entered in (None, "", float("nan")):
        assert value(small, "entered(gottron_*)", {"gottron_papules": entered}) is False


def test_probabilities_add_up_and_are_unknown_without_a_posterior(shipped: model.Net) -> None:
    text = "p(dermatomyositis|polymyositis) >= 0.5"
    assert value(shipped, text, dermatomyositis=0.3, polymyositis=0.25, fibromyalgia=0.45) is True
    assert value(shipped, "p(iim) < 0.5", dermatomyositis=0.3, polymyositis=0.25, fibromyalgia=0.45) is False
    assert value(shipped, text) is None


def test_the_leader_of_a_group_need_not_lead_overall(shipped: model.Net) -> None:
    chances = {"fibromyalgia": 0.5, "inclusion_body_myositis": 0.3, "polymyositis": 0.2}
    assert value(shipped, "leads(inclusion_body_myositis in iim)", **chances) is True
    assert value(shipped, "leads(fibromyalgia in iim|mimic)", **chances) is True
    assert value(shipped, "leads(polymyositis in iim)", **chances) is False


def test_the_deciding_leaves_of_a_condition(shipped: model.Net) -> None:
    condition = parse(f"({TRUE} or {UNKNOWN}) and not {FALSE} and known(fever)", shipped.vocabulary)
    facts = Facts(shipped.vocabulary, FINDINGS)
    assert truth(condition, facts) is True
    assert deciding(condition, facts) == (
        InStates("fever", frozenset({"present"})),
        InStates("arthritis", frozenset({"present"})),
        Known(("fever",), settled=True),
    )


@pytest.mark.parametrize("entered", ["presnt", ["presnt"], {"presnt": 1.0}, {"present": 0.0}, []])
def test_a_value_that_is_no_state_is_an_error(small: model.Net, entered: object) -> None:
    with pytest.raises(InputError, match="field v_sign"):
        value(small, "v_sign = present", {"v_sign": entered})
