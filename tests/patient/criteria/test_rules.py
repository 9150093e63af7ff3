"""The rule language: what a rule means, what it says of unknown findings, and how a faulty one is told."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.patient.criteria.outcomes import certainly_holds
from model.patient.criteria.rules import AtLeast, Comparison, Known, Name, Not, Rule, Words, holds, parse_rule
from model.priors.vocabulary import Vocabulary

ANSWERS: dict[bool | None, Any] = {True: "present", False: "absent", None: None}
THREE = (True, False, None)


def words(vocabulary: Vocabulary) -> Words:
    return Words({name: vocabulary.variable(name) for name in vocabulary.findings}, ("a", "b", "c"), {"high": 12})


def answer(rule: str, findings: dict[str, object], net: model.Net) -> bool | None:
    """True, False or None for a rule on findings."""
    parsed = parse_rule(rule, words(net.vocabulary))
    if certainly_holds(parsed, findings, net.vocabulary):
        return True
    return False if certainly_holds(Not(parsed), findings, net.vocabulary) else None


# Kleene 1952: a conjunction is as true as its least true part, a disjunction as its most true one
ORDER = {False: 0, None: 1, True: 2}


@pytest.mark.parametrize(("left", "right"), list(product(THREE, THREE)))
def test_and_and_or_follow_the_tables_of_kleene(small: model.Net, left: bool | None, right: bool | None) -> None:
    findings = {"heliotrope_rash": ANSWERS[left], "v_sign": ANSWERS[right]}
    both = answer("heliotrope_rash = present and v_sign = present", findings, small)
    either = answer("heliotrope_rash = present or v_sign = present", findings, small)
    assert ORDER[both] == min(ORDER[left], ORDER[right])
    assert ORDER[either] == max(ORDER[left], ORDER[right])


@pytest.mark.parametrize(("given_answer", "opposite"), [(True, False), (False, True), (None, None)])
def test_the_opposite_of_unknown_is_unknown(small: model.Net, given_answer: bool | None, opposite: bool | None) -> None:
    assert answer("not v_sign = present", {"v_sign": ANSWERS[given_answer]}, small) is opposite


@given(found=st.tuples(*[st.sampled_from(THREE)] * 4), count=st.integers(1, 4))
def test_a_count_is_certain_when_enough_are_met_and_lost_when_too_many_are_not(
    small: model.Net, found: tuple[bool | None, ...], count: int
) -> None:
    names = ("heliotrope_rash", "gottron_papules", "v_sign", "cancer")
    rule = f"at least {count} of ({', '.join(f'{n} = present' for n in names)})"
    result = answer(rule, {n: ANSWERS[f] for n, f in zip(names, found, strict=True)}, small)
    if found.count(True) >= count:
        assert result is True
    elif len(names) - found.count(False) < count:
        assert result is False
    else:
        assert result is None


def test_two_conditions_on_one_finding_are_not_open_independently(small: model.Net) -> None:
    """Whatever the age, it is below 18 or it is not; and never below 18 and above 40."""
    assert answer("age_at_onset < 18 or age_at_onset >= 18", {}, small) is True
    assert answer("age_at_onset < 18 and age_at_onset > 40", {}, small) is False
    assert answer("age_at_onset < 18", {}, small) is None


@pytest.mark.parametrize(
    ("value", "over_30", "over_45", "from_40"),
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
        ({"40-49": 1.0, "50-64": 0.2}, True, None, True),
        ({"40-49": 1.0, "50-64": 0.0}, True, None, True),
        ({"50-64": 1.0, "65+": 0.5}, True, True, True),
        ("52", True, True, True),
    ],
)
def test_a_limit_inside_a_bin_stays_open_when_only_the_bin_is_known(
    small: model.Net, value: object, over_30: bool | None, over_45: bool | None, from_40: bool | None
) -> None:
    findings = {"age_at_onset": value}
    assert answer("age_at_onset > 30", findings, small) is over_30
    assert answer("age_at_onset > 45", findings, small) is over_45
    assert answer("age_at_onset >= 40", findings, small) is from_40


@pytest.mark.parametrize(
    ("value", "above", "up_to_15", "below_12"),
    [
        ("normal", False, True, True),
        (1, False, True, True),
        (1.01, True, True, True),
        (11.9, True, True, True),
        (12, True, True, False),
        (15, True, True, False),
        (15.1, True, False, False),
        ("high", True, None, None),
        ("moderate", True, True, True),
        ("very_high", True, False, False),
    ],
)
def test_the_limits_of_ck(
    small: model.Net, value: object, above: bool | None, up_to_15: bool | None, below_12: bool | None
) -> None:
    findings = {"ck_level": value}
    assert answer("ck_level > 1", findings, small) is above
    assert answer("ck_level <= 15", findings, small) is up_to_15
    assert answer("ck_level < high", findings, small) is below_12


def test_soft_evidence_and_several_states_decide_only_where_all_agree(small: model.Net) -> None:
    assert answer("v_sign = present", {"v_sign": {"absent": 0.3, "present": 0.7}}, small) is None
    assert answer("v_sign = present", {"v_sign": {"absent": 0.0, "present": 0.7}}, small) is True
    assert answer("v_sign = present", {"v_sign": ["absent", "present"]}, small) is None
    assert answer("ck_level > 1", {"ck_level": ["mild", "high"]}, small) is True


def test_known_asks_whether_a_finding_was_looked_for(small: model.Net) -> None:
    for value in ("absent", "present", ["absent", "present"]):
        assert answer("gottron_* known", {"gottron_papules": value}, small) is True
    for value in (None, "", float("nan")):
        assert answer("gottron_* known", {"gottron_papules": value}, small) is False


def test_and_binds_closer_than_or_and_not_closest() -> None:
    names = Words({}, ("a", "b", "c"))
    assert parse_rule("a or b and not c", names) == parse_rule("a or (b and (not c))", names)
    assert parse_rule("any of (a, b)", names) == parse_rule("a or b", names)
    assert parse_rule("all of (a, b, c)", names) == parse_rule("a and b and c", names)
    assert parse_rule("at least 2 of (a, b, c)", names) == AtLeast(2, (Name("a"), Name("b"), Name("c")))


@given(bits=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_a_rule_holds_where_python_says_so(bits: list[tuple[bool, bool, bool]]) -> None:
    table = dict(zip("abc", np.array(bits).T, strict=True))
    rule = parse_rule("(a or not b) and at least 2 of (a, b, c) or not (a or c)", Words({}, ("a", "b", "c")))

    def truth(leaf: Comparison | Known | Name) -> Any:
        assert isinstance(leaf, Name)
        return table[leaf.id]

    expected = [((a or not b) and a + b + c >= 2) or not (a or c) for a, b, c in bits]
    assert holds(rule, truth).tolist() == expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("heliotrop_rash = present", "'heliotrop_rash' is not a finding; did you mean heliotrope_rash?"),
        ("v_sign = presnt", "'presnt' is not a state of v_sign; did you mean present?"),
        ("v_sign > 3", "v_sign is not a number: compare it with a state by '='"),
        ("ck_level > hihg", "'hihg' is not a number or a parameter; did you mean high?"),
        ("d", "'d' is not an item or definition above; valid: a, b, c"),
        ("at least 4 of (a, b, c)", "at least 4 of 3 can never hold"),
        ("a and", "a condition is expected, not 'the end'"),
        ("(a or b", "')' is expected, not 'the end'"),
        ("a b", "'b' is not expected here in 'a b'"),
        ("a & b", "'&' is not part of the rule language"),
        ("at most 2 of (a, b)", "'least' is expected, not 'most'"),
        ("biopsy_* known", "'biopsy_*' is not a finding"),
    ],
)
def test_a_faulty_rule_is_told_with_the_nearest_word(small: model.Net, rule: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse_rule(rule, words(small.vocabulary))
    assert message in str(error.value)


@given(depth=st.integers(1, 30))
def test_rules_nest(depth: int) -> None:
    rule: Rule = Name("a")
    for _ in range(depth):
        rule = Not(rule)
    assert parse_rule("not " * depth + "a", Words({}, ("a",))) == rule
    assert parse_rule("(" * depth + "a" + ")" * depth, Words({}, ("a",))) == Name("a")
