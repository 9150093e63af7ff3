"""Cohort files in which a number could be read in two ways, and other files that spreadsheets and registries write."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.cases.files.columns import column_values
from model.cases.files.mapping import ColumnMapping, propose, read_mapping, write_mapping
from model.cases.files.read import cohort_parts, read_cohort_file
from model.cases.files.words import known_names, likely_column, plain
from model.errors import InputError
from tests.helpers.nets import NETS

VOCABULARY = NETS["small_priors"].vocabulary
LEVELS = VOCABULARY.variable("ck_level").states


def levels(folder: Path, content: str, mapping: ColumnMapping | None = None) -> list[str]:
    (folder / "c.csv").write_text(content, encoding="utf-8")
    cohort, _ = read_cohort_file(folder / "c.csv", VOCABULARY, mapping)
    return [LEVELS[i] for i in cohort.states["ck_level"]]


def refused(folder: Path, content: str, mapping: ColumnMapping | None = None) -> str:
    with pytest.raises(InputError) as fault:
        levels(folder, content, mapping)
    assert "\n" not in str(fault.value)
    return str(fault.value)


# Creatine kinase in U/L


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Creatine kinase", ["180", "2500", "60"]),
        ("Creatine kinase", ["30", "45", "51"]),
        ("ck_level", ["2500 U/L"]),
        ("ck_level", ["3", "41.7 µkat/L"]),
        ("ck_level", ["> 2500 IU/l"]),
    ],
)
def test_a_number_in_the_unit_of_the_laboratory_is_no_multiple(tmp_path: Path, header: str, cells: list[str]) -> None:
    message = refused(tmp_path, "\n".join([header, *cells]) + "\n")
    assert "divide it by the upper limit of normal" in message
    assert message.startswith("c.csv, row ")


@pytest.mark.parametrize("header", ["CK (U/L)", "CK[U/l]", "ck_iu/l"])
def test_a_column_whose_name_has_the_unit_is_refused_even_if_mapped(tmp_path: Path, header: str) -> None:
    mapping = ColumnMapping({header: "ck_level"})
    assert "the unit that the column names" in refused(tmp_path, f"{header}\n40\n", mapping)
    assert levels(tmp_path, f"{header}\nnormal\n", mapping) == ["normal"]


def test_multiples_are_read_where_the_column_says_so(tmp_path: Path) -> None:
    assert levels(tmp_path, "ck_level\n180\n2500\n60\n") == ["very_high"] * 3
    assert levels(tmp_path, "Creatine kinase\n12\n0.5\n") == ["high", "normal"]
    assert levels(tmp_path, "CK x ULN\n180\n", ColumnMapping({"CK x ULN": "ck_level"})) == ["very_high"]


@given(number=st.floats(1, 100_000), limit=st.floats(20, 1000))
def test_with_an_upper_limit_the_number_is_divided(
    tmp_path_factory: pytest.TempPathFactory, number: float, limit: float
) -> None:
    folder, state = tmp_path_factory.mktemp("ck"), VOCABULARY.variable("ck_level").state(round(number / limit, 6))
    mapping = ColumnMapping({"CK (U/L)": "ck_level"}, {}, {"ck_level": limit})
    write_mapping(folder / "map.json", mapping)
    mapping = read_mapping(folder / "map.json", VOCABULARY)
    for cell in (f"{number!r}", f"{number!r} U/L"):
        assert levels(folder, f"CK (U/L)\n{cell}\n", mapping) == [state]


@pytest.mark.parametrize("limit", [0, -1, "200", True, None])
def test_a_limit_is_a_number_above_zero(tmp_path: Path, limit: object) -> None:
    (tmp_path / "map.json").write_text(json.dumps({"limits": {"ck_level": limit}}))
    with pytest.raises(InputError, match="limits, ck_level: a number above 0"):
        read_mapping(tmp_path / "map.json", VOCABULARY)


# Decimal signs


def test_a_point_in_a_file_with_decimal_commas_is_refused_where_it_can_mean_thousands(tmp_path: Path) -> None:
    for content in (
        "id;ck_level\na;1,5\nb;1.500\n",
        "id\tck_level\nb\t1.500\na\t1,5\n",
        'id,ck_level\na,"1,5"\nb,12.345\n',
    ):
        message = refused(tmp_path, content)
        assert "the point may mark decimals or thousands" in message
    assert levels(tmp_path, "id;ck_level\na;1,5\nb;1.5\nc;12\n") == ["mild", "mild", "high"]
    assert levels(tmp_path, "id;ck_level\na;1.500\nb;2\n") == ["mild", "mild"]


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_decimal_sign_is_that_of_the_file_and_not_of_a_part(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id;ck_level\nb;1.500\nc;2\na;1,5\n")
    with pytest.raises(InputError, match=r"c.csv, row 2, field ck_level: in '1.500'"):
        list(cohort_parts(path, VOCABULARY, rows=rows))


# Comments and separators


def test_comments_before_the_header_are_skipped(tmp_path: Path) -> None:
    for before in ("# exported 2024\n", "#a\n# b, c\n", "\ufeff# exported\n"):
        path = tmp_path / "c.csv"
        path.write_text(before + "id,ck_level\n1,3\n2,x\n", encoding="utf-8")
        row = before.count("\n") + 3
        with pytest.raises(InputError, match=f"c.csv, row {row}, field ck_level: 'x'"):
            read_cohort_file(path, VOCABULARY)
        path.write_text(before + "id,ck_level\n1,3\n#2,0.5\n", encoding="utf-8")
        cohort, _ = read_cohort_file(path, VOCABULARY)
        assert cohort.ids == ("1", "#2")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("before", ["", "# made by a registry\n"])
def test_every_separator_is_found(tmp_path: Path, separator: str, before: str) -> None:
    content = before + "id,ck_level\n1,3\n2,0.5\n".replace(",", separator)
    assert levels(tmp_path, content) == ["mild", "normal"]
    without_ids = content.replace(f"id{separator}", f"cancer{separator}").replace(f"1{separator}", f"absent{separator}")
    (tmp_path / "d.csv").write_text(without_ids.replace(f"2{separator}", f"present{separator}"))
    assert read_cohort_file(tmp_path / "d.csv", VOCABULARY)[0].ids == ("1", "2")


# Ids, columns, Parquet


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_ids_are_the_same_wherever_a_part_begins(tmp_path: Path, rows: int) -> None:
    ids = ("a", "\ufeffb", "\ufeff\ufeffc", "d")
    path = tmp_path / "c.csv"
    path.write_text("\ufeffid,ck_level\n" + "".join(f"{name},3\n" for name in ids), encoding="utf-8")
    assert tuple(name for part in cohort_parts(path, VOCABULARY, rows=rows) for name in part.cohort.ids) == ids


def test_a_file_of_more_columns_than_a_spreadsheet_has_is_refused(tmp_path: Path) -> None:
    names = ",".join(f"x{i}" for i in range(16385))
    (tmp_path / "c.csv").write_text(f"{names}\n{names}\n")
    for act in (column_values, lambda path: read_cohort_file(path, VOCABULARY)):
        with pytest.raises(InputError, match=r"c.csv: 16385 columns; a spreadsheet has at most 16384"):
            act(tmp_path / "c.csv")


@given(data=st.data())
def test_the_likeliest_name_is_the_one_that_a_full_comparison_finds(shipped: model.Net, data: st.DataObject) -> None:
    from difflib import SequenceMatcher

    names = known_names(shipped.vocabulary)
    known = data.draw(st.sampled_from(sorted(names.columns)))
    written = data.draw(st.text("abcdeïnorst_ 12", max_size=4))
    at = data.draw(st.integers(0, len(known)))
    word = plain(known[:at] + written + known[at + data.draw(st.integers(0, 3)) :])
    ratios = {name: SequenceMatcher(None, word, name).ratio() for name in names.columns}
    best = max(ratios.values())
    likeliest = {names.columns[name] for name, ratio in ratios.items() if ratio == best} if best >= 0.82 else {None}
    expected = {names.columns[word]} if word in names.columns else likeliest
    assert likely_column(word, shipped.vocabulary, names) in expected


def test_many_columns_are_proposed_as_one_by_one(shipped: model.Net) -> None:
    cells = dict.fromkeys(("Heliotrope rash", "visit0_strength", "Raynaud", "x", ""), ())
    proposed = propose(cells, shipped.vocabulary).columns
    assert proposed == {name: likely_column(name, shipped.vocabulary) for name in cells}


def test_parquet_that_no_table_can_hold_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    lists = pa.table({"id": ["a", "b"], "cancer": [["present"], ["absent"]]})
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["id", "id"])
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xfd\xfd")])
    damaged = pa.Table.from_arrays([bad], names=["cancer"])
    for table, said in ((lists, "field cancer: its cells hold lists"), (twice, "field id: a second column"),
                        (damaged, "field cancer: not text")):  # fmt: skip
        pq.write_table(table, path)
        for act in (column_values, lambda path: read_cohort_file(path, VOCABULARY)):
            with pytest.raises(InputError, match=said) as fault:
                act(path)
            assert "\n" not in str(fault.value)
    pq.write_table(pa.Table.from_pandas(pd.DataFrame({"ck_level": [3.0]})), path)
    assert column_values(path) == {"ck_level": ("3.0",)}
