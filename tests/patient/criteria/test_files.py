"""How a criteria file is read, and the error message for a faulty one."""

from pathlib import Path
from shutil import copytree

import pytest

import model
from model.errors import InputError
from model.patient.criteria import judge, judge_by
from model.priors.folder import SHIPPED
from tests.helpers.places import SMALL
from tests.patient.criteria.test_criteria import SETS, Findings


def test_priors_without_criteria_have_no_verdicts(small: model.Net) -> None:
    assert judge(small, {"v_sign": "present"}) == ()


SMALL_SET = """
name = "Two signs"
year = 2020
version = "1"
about = "dermatomyositis"
targets = ["dermatomyositis"]
certainty = "sure"
[source]
citation = "A paper"
doi = "10.1/x"
[[item]]
id = "rash"
label = "Rash"
when = "v_sign = present"
[[item]]
id = "ck"
label = "CK"
when = "ck_level > 3"
[[label]]
text = "dermatomyositis"
when = "rash and ck"
positive = true
diagnoses = ["dermatomyositis"]
[[label]]
text = "not met"
when = "otherwise"
"""


def with_set(folder: Path, text: str) -> model.Net:
    """The small priors with one set of criteria."""
    priors = copytree(SMALL, folder / "priors")
    (priors / "criteria").mkdir()
    (priors / "criteria" / "certainty.csv").write_text("certainty,meaning\nsure,read twice\n")
    (priors / "criteria" / "two_signs.toml").write_text(text)
    return model.load(priors)


def test_a_new_set_is_a_new_file(tmp_path: Path) -> None:
    net = with_set(tmp_path, SMALL_SET)
    assert [v.label for v in judge(net, {"v_sign": "present", "ck_level": 3.1})] == ["dermatomyositis"]
    assert [v.label for v in judge(net, {"v_sign": "present", "ck_level": 3})] == ["not met"]
    assert [v.label for v in judge(net, {"v_sign": "present", "ck_level": "mild"})] == ["cannot be decided"]


def test_a_changed_file_takes_effect_when_the_priors_are_loaded_again(tmp_path: Path) -> None:
    """Priors that are already loaded keep their criteria, as they keep their numbers."""
    before = with_set(tmp_path, SMALL_SET)
    assert judge(before, {"v_sign": "present", "ck_level": 4})[0].positive is True
    (tmp_path / "priors" / "criteria" / "two_signs.toml").write_text(SMALL_SET.replace("ck_level > 3", "ck_level > 9"))
    after = model.load(tmp_path / "priors")
    assert judge(after, {"v_sign": "present", "ck_level": 4})[0].positive is False
    assert judge(before, {"v_sign": "present", "ck_level": 4})[0].positive is True


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("v_sign = present", "v_sgn = present",
         "criteria/two_signs.toml, item rash, field when: 'v_sgn' is not a finding; did you mean v_sign?"),
        ("v_sign = present", "v_sign = presnt",
         "item rash, field when: 'presnt' is not a state of v_sign; did you mean present?"),
        ("rash and ck", "rahs and ck",
         "label dermatomyositis, field when: 'rahs' is not a finding, nor defined above; did you mean rash?"),
        ('certainty = "sure"', 'certainty = "shure"', "field certainty: 'shure' is not known; did you mean sure?"),
        ('targets = ["dermatomyositis"]', 'targets = ["dermatomyosites"]',
         "field targets: 'dermatomyosites' is not known; did you mean dermatomyositis?"),
        ('label = "CK"', 'labl = "CK"', "item ck, field labl: not a field of this table; did you mean label?"),
        ('id = "ck"', 'id = "rash"', "item rash, field id: 'rash' is already defined"),
        ("year = 2020", 'year = "2020"', "field year: must be a number"),
        ('doi = "10.1/x"', "", "source, field doi: give a doi or an address"),
        ('when = "rash and ck"', 'when = "v_sign = present"',
         "field when: a label may use items and definitions only; define the condition above"),
        ('when = "rash and ck"', 'cut_off = "definite"', "field cut_off: a set without columns has no score"),
        ('when = "ck_level > 3"', 'when = "ck_level > 3 and rash"', "tests findings and names"),
        ('when = "ck_level > 3"', 'when = "p(iim) > 0.5"',
         "criteria may test findings only, not possible, p or leads"),
        ('when = "ck_level > 3"', 'when = "ck_level > 3"\nunknown_when = "rash"',
         "item ck, field unknown_when: unknown_when and when may test findings only"),
        ('when = "ck_level > 3"', 'when = "ck_level > 3"\ntenths = { a = 1 }', "item ck, field tenths"),
        ("year = 2020", "year = ", "criteria/two_signs.toml: "),
    ],
)  # fmt: skip
def test_a_fault_names_file_table_field_and_nearest_word(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SMALL_SET
    net = with_set(tmp_path, SMALL_SET.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        judge(net, {})
    assert message in str(error.value)
    assert str(error.value).startswith("criteria/two_signs.toml")


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"v_sgn": "present"}, "unknown finding 'v_sgn'; did you mean v_sign?"),
        ({"v_sign": "presnt"}, "field v_sign: 'presnt' is not one of its states; did you mean present?"),
        ({"ck_level": -1}, "field ck_level"),
        ({"ck_level": [2, -1]}, "field ck_level"),
        ({"ck_level": True}, "field ck_level"),
    ],
)
def test_an_unknown_word_in_a_case_is_an_error(tmp_path: Path, findings: Findings, message: str) -> None:
    with pytest.raises(InputError) as error:
        judge(with_set(tmp_path, SMALL_SET), findings)
    assert message in str(error.value)


def test_an_unknown_set_is_an_error_that_names_the_nearest(shipped: model.Net) -> None:
    with pytest.raises(InputError, match="did you mean griggs_1995"):
        judge_by(shipped, "grigs_1995", {})


def test_no_set_that_was_not_read_is_shipped() -> None:
    """ENMC 239 and 272 and the antisynthetase criteria of 2025 are left out until their text has been read."""
    assert sorted(path.stem for path in (SHIPPED / "criteria").glob("*.toml")) == sorted(SETS)
