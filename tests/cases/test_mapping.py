"""A mapping from the columns and words of a file to ours: proposed, kept, and what stays unused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import model
from model.cases.files.columns import column_values
from model.cases.files.mapping import ColumnMapping, propose, read_mapping, unused, write_mapping
from model.cases.files.write import write_parts
from model.cases.imagine import Imagined, columns, imagine
from model.errors import InputError
from tests.cases.test_files import VOCABULARY, read, refused
from tests.helpers.places import PROJECT

THEIRS = "Patient;CA;Heliotrope rash;CK (x ULN);Remarks\n1;malignant;yes;3,5;anything\n2;none;no;;more\n"


def test_a_proposal_names_what_is_alike_and_leaves_the_rest(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(THEIRS)
    mapping = propose(column_values(tmp_path / "c.csv"), VOCABULARY)
    assert mapping.columns["Heliotrope rash"] == "heliotrope_rash"
    assert unused(mapping) == tuple(theirs for theirs, ours in mapping.columns.items() if ours is None)
    assert "Remarks" in unused(mapping)


def test_a_mapping_is_kept_and_used(tmp_path: Path) -> None:
    mapping = ColumnMapping(
        {"Patient": "id", "CA": "cancer", "Heliotrope rash": "heliotrope_rash", "CK (x ULN)": "ck_level",
         "Remarks": None},
        {"cancer": {"malignant": "present", "none": None}},
    )  # fmt: skip
    write_mapping(tmp_path / "m.json", mapping)
    again = read_mapping(tmp_path / "m.json", VOCABULARY)
    assert again == mapping
    cohort = read(tmp_path, THEIRS, mapping=again)
    assert cohort.ids == ("1", "2")
    assert {name: column.tolist() for name, column in cohort.states.items()} == {
        "cancer": [1, -1], "heliotrope_rash": [1, 0], "ck_level": [1, -1]}  # fmt: skip
    without = replace(again, columns={ours: name for ours, name in again.columns.items() if ours != "Remarks"})
    assert "field Remarks" in refused(tmp_path, THEIRS, mapping=without)


MAPPINGS: dict[str, tuple[object, list[str]]] = {
    "a list": ([], ["an object"]),
    "an unknown part": ({"column": {}}, ["'column'", "did you mean columns?"]),
    "an unknown column": ({"columns": {"CA": "cancr"}}, ["'CA'", "did you mean cancer?"]),
    "two for one": ({"columns": {"CA": "cancer", "Tumour": "cancer"}}, ["two columns", "'cancer'"]),
    "a number as column": ({"columns": {"CA": 3}}, ["'CA'"]),
    "values of no column": ({"values": {"cancr": {}}}, ["'cancr'", "did you mean cancer?"]),
    "values of the id": ({"values": {"id": {}}}, ["'id'"]),
    "an unknown state": ({"values": {"cancer": {"x": "presnt"}}}, ["'x'", "did you mean present?"]),
    "a list of values": ({"values": {"cancer": ["x"]}}, ["an object"]),
    "a list as state": ({"values": {"cancer": {"x": ["present"]}}}, ["'x'"]),
}  # fmt: skip


@pytest.mark.parametrize("bad", MAPPINGS.values(), ids=MAPPINGS)
def test_a_bad_mapping_is_refused_with_its_field(tmp_path: Path, bad: tuple[object, list[str]]) -> None:
    content, words = bad
    (tmp_path / "m.json").write_text(json.dumps(content))
    with pytest.raises(InputError) as fault:
        read_mapping(tmp_path / "m.json", VOCABULARY)
    assert str(fault.value).startswith("m.json")
    assert [word for word in words if word not in str(fault.value)] == []


def test_a_mapping_of_json_lines_is_refused(tmp_path: Path) -> None:
    assert "a mapping is for CSV" in refused(tmp_path, '{"findings": {}}\n', "c.jsonl", ColumnMapping())
    with pytest.raises(InputError, match=r"c\.jsonl: a mapping is for CSV"):
        column_values(tmp_path / "c.jsonl")


def test_a_mapping_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.json: there is no such file"):
        read_mapping(tmp_path / "no.json", VOCABULARY)
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(InputError, match=r"m\.json: not JSON"):
        read_mapping(tmp_path / "m.json", VOCABULARY)


def test_the_simulated_cohort_is_what_its_command_makes(shipped: model.Net, tmp_path: Path) -> None:
    wanted = Imagined(300, 2026, None, "registry", 0.3)
    write_parts(tmp_path / "simulated.csv", [columns(part, shipped) for part in imagine(shipped, wanted)])
    shipped_file = PROJECT / "cases" / "simulated.csv"
    assert (tmp_path / "simulated.csv").read_bytes() == shipped_file.read_bytes()
