"""How a condition is written, and the error message for a faulty one."""

from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.patient.conditions.evaluate import CELLS
from model.patient.conditions.language import OTHERWISE, Condition, Count, InStates, Known, Name, Not
from model.patient.conditions.names import read_condition, read_names
from model.patient.conditions.parse import parse
from model.priors.tables import Row

NAMES: dict[str, Condition] = {name: Name(name) for name in ("a", "b", "c")}


def read(text: str, net: model.Net) -> Condition:
    return parse(text, net.vocabulary, NAMES, {"high": 12})


def test_and_binds_closer_than_or_and_not_closest(small: model.Net) -> None:
    assert read("a or b and not c", small) == read("a or (b and (not c))", small)
    assert read("any of (a, b)", small) == read("a or b", small)
    assert read("all of (a, b, c)", small) == read("a and b and c", small)
    assert read("at least 2 of (a, b, c)", small) == Count(2, (Name("a"), Name("b"), Name("c")))
    assert read("otherwise", small) == OTHERWISE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v_sign != present", "v_sign = absent"),
        ("ck_level in normal|mild", "not ck_level in moderate|high|very_high and ck_level in mild|normal"),
        ("ck_level < 5", "not ck_level >= 5"),
        ("ck_level <= 5", "not ck_level > 5"),
        ("ck_level > high", "ck_level > 12"),
        ("known(gottron_*)", "known(gottron_papules)"),
        ("entered(v_sign|gottron_*)", "entered(v_sign|gottron_papules)"),
    ],
)
def test_two_ways_to_write_the_same(small: model.Net, one: str, other: str) -> None:
    if " and " not in other:
        assert read(one, small) == read(other, small)
    else:
        negated, same = (part.strip() for part in other.split(" and "))
        assert read(one, small) == read(same, small)
        assert isinstance(read(negated, small), Not)


def test_a_word_that_names_both_an_item_and_a_finding_is_the_item_when_it_is_alone(small: model.Net) -> None:
    names: dict[str, Condition] = {"v_sign": Name("v_sign")}
    assert parse("v_sign and v_sign = present", small.vocabulary, names) == Count(
        2, (Name("v_sign"), InStates("v_sign", frozenset({"present"})))
    )


def test_known_asks_for_one_value_and_entered_for_any(small: model.Net) -> None:
    assert read("known(v_sign)", small) == Known(("v_sign",), settled=True)
    assert read("entered(v_sign)", small) == Known(("v_sign",), settled=False)


@given(depth=st.integers(1, 30))
def test_conditions_nest(small: model.Net, depth: int) -> None:
    condition: Condition = Name("a")
    for _ in range(depth):
        condition = Not(condition)
    assert read("not " * depth + "a", small) == condition
    assert read("(" * depth + "a" + ")" * depth, small) == Name("a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("heliotrop_rash = present", "'heliotrop_rash' is not a finding; did you mean heliotrope_rash?"),
        ("v_sign = presnt", "'presnt' is not a state of v_sign; did you mean present?"),
        ("ck_level = normall", "'normall' is not a state of ck_level; did you mean normal?"),
        ("heliotrope_rash >= 2", "heliotrope_rash is not a number; compare it with a state by = or in"),
        ("ck_level > hihg", "'hihg' is not a number or a parameter; did you mean high?"),
        ("p(dermatomyositi) > 0.2", "did you mean dermatomyositis?"),
        ("d", "'d' is not a finding, nor defined above"),
        ("at least 4 of (a, b, c)", "at least 4 of 3 can never hold"),
        ("at least 3 of (v_sign = present, cancer = present)", "at least 3 of 2 can never hold"),
        ("at least 0 of (a, b)", "0 is not a whole number of 1 or more"),
        ("at least 1.5 of (a, b)", "1.5 is not a whole number of 1 or more"),
        ("at most 2 of (a, b)", "'at' is not a finding, nor defined above"),
        ("a and", "a word is expected, not the end"),
        ("(a or b", ") is expected, not the end"),
        ("(v_sign = present", ") is expected, not the end"),
        ("a b", "'b' is not expected here"),
        ("v_sign = present v_sign = absent", "'v_sign' is not expected here"),
        ("v_sign present", "= or != or in or >= or > or <= or < is expected, not 'present'"),
        ("a & b", "'&' has no meaning in a condition"),
        ("entered(biopsy_*)", "'biopsy_*' is not a finding"),
        ("", "a word is expected, not the end"),
    ],
)
def test_a_fault_names_file_line_field_and_the_nearest_word(small: model.Net, text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read(text, small)
    assert message in str(error.value)
    with pytest.raises(InputError) as error:
        read_condition(Row("alerts.csv", 7, {"when": text}), "when", small.vocabulary, NAMES)
    assert str(error.value).startswith("alerts.csv, line 7, field when: ")


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("gottron_* known", "write entered(gottron_*) instead of gottron_* known"),
        ("v_sign known and a", "write entered(v_sign) instead of v_sign known"),
        ("at least 1 of (a; b)", "the parts of a list are separated by , and not by ;"),
        ("ck_level = mild|high", "write ck_level in mild|high for several states"),
        ("ck_level != mild|high", "write not ck_level in mild|high for several states"),
    ],
)
def test_the_error_for_an_older_spelling_names_the_new_one(small: model.Net, old: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read(old, small)
    assert message in str(error.value)


def test_a_condition_that_would_take_too_long_is_refused(shipped: model.Net) -> None:
    """The parts share so many findings that their combinations exceed the limit."""
    findings = [f"{name} = {shipped.vocabulary.variable(name).states[1]}" for name in shipped.vocabulary.findings]
    many = ", ".join(findings[: CELLS.bit_length()])
    with pytest.raises(InputError, match="too many combinations"):
        parse(f"at least 2 of (all of ({many}), any of ({many}), at least 3 of ({many}))", shipped.vocabulary)
    assert parse(f"at least 2 of ({many})", shipped.vocabulary)


def with_names(small: model.Net, folder: Path, rows: str) -> model.Net:
    priors = copytree(small.priors.folder, folder / "priors")
    (priors / "conditions.csv").write_text("name,when,label,note\n" + rows)
    return model.load(priors)


def test_a_name_stands_for_its_condition(small: model.Net, tmp_path: Path) -> None:
    rows = "rash,heliotrope_rash = present or v_sign = present,,\nfine,not rash,,\nseen,known(v_sign),The skin,\n"
    names = read_names(with_names(small, tmp_path, rows).priors)
    short = parse("fine and ck_level > 1", small.vocabulary, names)
    long = parse("not (heliotrope_rash = present or v_sign = present) and ck_level > 1", small.vocabulary)
    assert short == long
    assert names["seen"] == Known(("v_sign",), settled=True, label="The skin")


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("cancer,v_sign = present,,\n", "conditions.csv, line 2, field name: 'cancer' already means something"),
        ("a,v_sign = present,,\na,v_sign = absent,,\n", "conditions.csv, line 3, field name"),
        (
            "a,b and v_sign = present,,\nb,v_sign = absent,,\n",
            "conditions.csv, line 2, field when: ",
        ),
    ],
)
def test_a_name_means_one_thing(small: model.Net, tmp_path: Path, rows: str, fault: str) -> None:
    with pytest.raises(InputError) as error:
        read_names(with_names(small, tmp_path, rows).priors)
    assert str(error.value).startswith(fault)


def test_a_folder_without_names_has_none(small: model.Net) -> None:
    assert read_names(small.priors) == {}
