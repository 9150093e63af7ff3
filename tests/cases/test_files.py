"""Cohort files as people send them: read with repairs that are reported, or refused in one line that names the row."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.cases.cohort import Cohort, joined
from model.cases.files.mapping import ColumnMapping
from model.cases.files.partitions import partitions
from model.cases.files.read import cohort_parts, read_cohort_file
from model.cases.files.write import escaped, unescaped, write_parts, write_table
from model.cases.imagine import Imagined, columns, imagine
from model.errors import InputError
from tests.helpers.nets import NETS

VOCABULARY = NETS["small_priors"].vocabulary
PLAIN = "id,setting,cancer,ck_level\na,primary_care,present,3\nb,suspected_myositis,absent,0.5\n"
STAYS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, content: str | bytes, name: str = "c.csv", mapping: ColumnMapping | None = None) -> Cohort:
    return repaired(folder, content, name, mapping)[0]


def repaired(
    folder: Path, content: str | bytes, name: str = "c.csv", mapping: ColumnMapping | None = None
) -> tuple[Cohort, list[str]]:
    """A file as a cohort, and the kinds of repairs."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    cohort, repairs = read_cohort_file(folder / name, VOCABULARY, mapping)
    return cohort, [repair.kind for repair in repairs]


def refused(folder: Path, content: str | bytes, name: str = "c.csv", mapping: ColumnMapping | None = None) -> str:
    with pytest.raises(InputError) as fault:
        read(folder, content, name, mapping)
    message = str(fault.value)
    assert message.startswith(name)
    assert "\n" not in message
    return message


def same(a: Cohort, b: Cohort) -> bool:
    names = {*a.states, *b.states}
    nothing = np.full(len(a), -1)
    return (
        (a.ids, list(a.rows)) == (b.ids, list(b.rows))
        and all((a.states.get(n, nothing) == b.states.get(n, nothing)).all() for n in names)
        and bool((a.settings == b.settings).all() and (a.diagnoses == b.diagnoses).all())
    )


# Encodings and separators

FORMS: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a byte-order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big endian": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "no line end at the end": lambda text: text.rstrip("\n").encode(),
    "a line that tells the separator": lambda text: b"sep=;\r\n" + text.replace(",", ";").encode(),
    "columns without name and content": lambda text: text.replace("\n", ",,\n").encode(),
    "everything quoted": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
    ).encode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_form_of_a_file_does_not_matter(tmp_path: Path, form: Callable[[str], bytes]) -> None:
    assert same(read(tmp_path, form(PLAIN), "other.csv"), read(tmp_path, PLAIN))


def test_the_western_code_page_is_read_and_reported(tmp_path: Path) -> None:
    cohort, kinds = repaired(tmp_path, "id,cancer\nMüller,present\n".encode("cp1252"))
    assert (cohort.ids, kinds) == (("Müller",), ["read as Windows-1252"])
    cohort, kinds = repaired(tmp_path, '{"id": "Müller", "findings": {}}\n'.encode("cp1252"), "c.jsonl")
    assert (cohort.ids, kinds) == (("Müller",), ["read as Windows-1252"])


def test_decimal_commas_of_a_semicolon_file_are_read_and_reported(tmp_path: Path) -> None:
    cohort, kinds = repaired(tmp_path, "id;ck_level;age_at_onset\na;12,5;54,0\nb;0,5;\n")
    assert [VOCABULARY.variables["ck_level"].states[c] for c in cohort.states["ck_level"]] == ["high", "normal"]
    assert kinds == ["decimal comma read as a point"] * 2


# Cells

CELLS: dict[str, tuple[str, str, int]] = {
    "upper case": ("cancer", "PRESENT", 1),
    "spaces": ("cancer", "  absent ", 0),
    "yes": ("cancer", "Yes", 1),
    "no": ("cancer", "no", 0),
    "one": ("anti_mi2", "1", 1),
    "a minus, which is no minus": ("cancer", "-", -1),
    "unknown": ("cancer", "Unknown", -1),
    "not done": ("cancer", "not done", -1),
    "NA": ("cancer", "NA", -1),
    "a question mark": ("cancer", "?", -1),
    "hyphens": ("diagnosis", "Inclusion-Body Myositis", 1),
    "a number": ("age_at_onset", "17.5", 0),
    "a number of the table program": ("age_at_onset", "54.0", 3),
    "years": ("age_at_onset", "54 years", 3),
    "multiples of the upper limit": ("ck_level", "12 x ULN", 3),
    "above a bound": ("ck_level", ">50", 4),
    "below a bound": ("age_at_onset", "<18", 0),
    "from a bound on": ("age_at_onset", "80+", 4),
}


@pytest.mark.parametrize(("column", "cell", "state"), CELLS.values(), ids=CELLS)
def test_cells_as_people_write_them(tmp_path: Path, column: str, cell: str, state: int) -> None:
    cohort = read(tmp_path, f"id,{column}\na,{cell}\n")
    assert (cohort.diagnoses if column == "diagnosis" else cohort.states[column]).tolist() == [state]


def test_repairs_say_how_many_and_where_first(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("ID,Cancer\na,absent\nb,PRESENT\nc,Present\nd,yes\n")
    _, repairs = read_cohort_file(tmp_path / "c.csv", VOCABULARY)
    assert [str(r) for r in repairs] == [
        "column read as id in ID (1x, first in row 1)",
        "column read as cancer in Cancer (1x, first in row 1)",
        "case, spaces or hyphens ignored in Cancer (2x, first in row 3: 'PRESENT')",
        "yes, no, 1, 0 or a sign read as a state in Cancer (1x, first in row 5: 'yes')",
    ]


def test_blank_lines_and_quoted_line_ends_keep_the_numbers_of_the_rows(tmp_path: Path) -> None:
    """As a spreadsheet counts: a blank line has a number, a line end inside a cell has none."""
    cohort = read(tmp_path, 'id,cancer\n\na,absent\n,\n"b\nc",present\nd,\n\n')
    assert (cohort.ids, list(cohort.rows)) == (("a", "b\nc", "d"), [3, 5, 6])
    message = refused(tmp_path, 'id,cancer\n\n"x\ny",absent\n\nd,absnt\n')
    assert message == "c.csv, row 5, field cancer: 'absnt' is not one of its states; did you mean absent?"


def test_ids_that_occur_twice_are_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,cancer\na,absent\nb,absent\na,present\na,\n")
    cohort, repairs = read_cohort_file(tmp_path / "c.csv", VOCABULARY)
    assert cohort.ids == ("a", "b", "a", "a")
    assert [str(r) for r in repairs] == ["id occurs more than once in id (2x, first in row 4: 'a')"]


# Refusals

REFUSED: dict[str, tuple[str, bytes, list[str]]] = {
    "nothing": ("c.csv", b"", ["the file is empty"]),
    "only a byte-order mark": ("c.csv", b"\xef\xbb\xbf", ["empty"]),
    "an Excel workbook": ("c.xlsx", b"PK\x03\x04", ["save the sheet as CSV"]),
    "an Excel workbook called CSV": ("c.csv", b"PK\x03\x04rest", ["Excel workbook", "save it as CSV"]),
    "a picture": ("c.csv", b"\x89PNG\0\0\0", ["not text"]),
    "line ends of an old Macintosh": ("c.csv", b"id,cancer\ra,absent\rb,present\r", ["line ends"]),
    "an unknown column": ("c.csv", b"id,cancr\n", ["row 1", "field cancr", "did you mean cancer?"]),
    "a line end in the header": ("c.csv", b'"no\nsuch",id\n', ["row 1, field no such: not a column"]),
    "a column twice": ("c.csv", b"cancer,Cancer\n", ["row 1", "field Cancer", "second column"]),
    "the same column twice": ("c.csv", b"cancer,cancer\nabsent,present\n", ["row 1", "cancer"]),
    "an unknown state": ("c.csv", b"id,cancer\na,presnt\n", ["row 2", "field cancer", "did you mean present?"]),
    "an unknown diagnosis": ("c.csv", b"diagnosis\nfibromyalgi\n", ["row 2", "field diagnosis", "fibromyalgia?"]),
    "a state in a number's place": ("c.csv", b"ck_level\nhuge\n", ["row 2", "ck_level", "'huge'"]),
    "a date for an age": ("c.csv", b"age_at_onset\n1970-03-12\n", ["row 2", "age_at_onset", "is a date", "0 to 120"]),
    "a year for an age": ("c.csv", b"age_at_onset\n1970\n", ["row 2", "not a number from 0 to 120"]),
    "a negative age": ("c.csv", b"age_at_onset\n-3\n", ["row 2", "not a number from 0 to 120"]),
    "months for years": ("c.csv", b"age_at_onset\n6 months\n", ["row 2", "age_at_onset"]),
    "a percentage": ("c.csv", b"ck_level\n12 %\n", ["row 2", "is a percentage"]),
    "thousands or decimals": ("c.csv", b"id;ck_level\na;1,234\n", ["row 2", "thousands or decimals"]),
    "a bound in thousands": ("c.csv", b"id;ck_level\na;<1,000\n", ["row 2", "thousands or decimals"]),
    "a bound of several states": ("c.csv", b"ck_level\n>10\n", ["row 2", "'>10' may be high or very_high"]),
    "two encodings": ("c.csv", "id\nMü\n".encode() + b"M\xfc\n", ["line 2 is UTF-8", "line 3 is not"]),
    "no encoding": ("c.csv", b"id\nM\x81\n", ["line 2", "neither UTF-8 nor Windows-1252"]),
    "a mark of another encoding": ("c.csv", b"\xef\xbb\xbfid\nM\xfc\n", ["line 2", "not UTF-8"]),
    "UTF-16 without its mark": ("c.csv", "id\n".encode("utf-16-le"), ["UTF-16", "Save it as UTF-8"]),
    "a zero byte": ("c.csv", b"id\na\nb\0\n", ["line 3", "zero byte"]),
    "an old Excel workbook": ("c.csv", b"\xd0\xcf\x11\xe0", ["Excel workbook"]),
    "content without a name": ("c.csv", b",cancer\n1,absent\n", ["row 2", "column 1", "no name"]),
    "an empty first row": ("c.csv", b"\n\nid\n", ["row 1 is empty"]),
    "a quotation mark in a cell": ("c.csv", b'id,cancer\na"b,absent\nc,absent\n', ["quotation mark"]),
    "a field twice": ("c.jsonl", b'{"findings": {"cancer": "absent", "cancer": "present"}}', ["row 1", "occurs twice"]),
    "a number too long": ("c.jsonl", b'{"findings": {"ck_level": ' + b"9" * 5000 + b"}}", ["row 1", "too long"]),
    "infinity": ("c.jsonl", b'{"findings": {"ck_level": Infinity}}', ["row 1", "ck_level", "0 to 100000"]),
    "half a character": ("c.jsonl", b'{"id": "\\ud800", "findings": {}}', ["row 1", "surrogate"]),
    "a list for an id": ("c.jsonl", b'{"id": [1], "findings": {}}', ["row 1", "field id"]),
    "more cells than columns": ("c.csv", b"id,cancer\na,absent\nb,absent,x\n", ["row 3", "more cells"]),
    "an open quotation mark": ("c.csv", b'id,cancer\na,absent\n"b,absent\n', ["quotation mark"]),
    "not JSON": ("c.jsonl", b'{"findings": {}}\n{,}\n', ["row 2", "not JSON"]),
    "a list in place of a case": ("c.jsonl", b"[]\n", ["row 1", "object"]),
    "nested too deeply": ("c.jsonl", b"[" * 100_000, ["row 1", "deep"]),
    "no Parquet": ("c.parquet", b"PAR1", ["cannot be read"]),
}  # fmt: skip


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_its_row(tmp_path: Path, bad: tuple[str, bytes, list[str]]) -> None:
    name, content, words = bad
    message = refused(tmp_path, content, name)
    assert [word for word in words if word not in message] == []


def test_a_row_that_does_not_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.cases.files.partitions.BLOCK", 64)
    monkeypatch.setattr("model.cases.files.partitions.LONGEST_ROW", 256)
    text = "id,cancer\n" + "a,absent\n" * 20
    assert "row 22" in (message := refused(tmp_path, text + '"b,absent\n' + text * 5))
    assert "quotation mark not closed" in message


def test_partitions_of_long_rows_hold_fewer_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.cases.files.partitions.LARGEST", 100)
    (tmp_path / "c.csv").write_text("id,cancer\n" + "a,absent\n" * 30)
    cut = partitions(tmp_path / "c.csv", 25)
    assert [part.rows for part in cut] == [12, 12, 6]
    assert [part.first_row for part in cut] == [2, 14, 26]


def test_a_pipe_is_no_cohort(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "c.csv")
    with pytest.raises(InputError, match="not a file but a pipe"):
        read_cohort_file(tmp_path / "c.csv", VOCABULARY)


# Parquet, whose cells have types


PARQUET: dict[str, tuple[dict[str, Any], tuple[str, ...], list[int]]] = {
    "whole numbers beside empty cells": ({"id": pa.array([2**53 + 1, None])}, ("9007199254740993", "2"), []),
    "numbers": ({"id": ["a", "b"], "ck_level": [12.0, None]}, ("a", "b"), [3, -1]),
    "truth values": ({"id": ["a", "b"], "cancer": [True, None]}, ("a", "b"), [1, -1]),
    "categories": ({"id": ["a"], "cancer": pa.array(["absent"]).dictionary_encode()}, ("a",), [0]),
    "text as bytes": ({"id": [b"a"], "cancer": [b"present"]}, ("a",), [1]),
    "row labels of pandas": ({"cancer": ["present"], "__index_level_0__": [7]}, ("1",), [1]),
}


@pytest.mark.parametrize(("table", "ids", "states"), PARQUET.values(), ids=PARQUET)
def test_cells_of_any_type_are_read(
    tmp_path: Path, table: dict[str, Any], ids: tuple[str, ...], states: list[int]
) -> None:
    pq.write_table(pa.table(table), tmp_path / "c.parquet")
    cohort, _ = read_cohort_file(tmp_path / "c.parquet", VOCABULARY)
    assert cohort.ids == ids
    assert [state for column in cohort.states.values() for state in column.tolist()] == states


@pytest.mark.parametrize("cell", [["present"], {"x": 1}, b"\xff", datetime(1970, 3, 1)])
@pytest.mark.parametrize("column", ["id", "age_at_onset"])
def test_cells_that_are_no_word_are_refused(tmp_path: Path, cell: object, column: str) -> None:
    pq.write_table(pa.table({column: [cell]}), tmp_path / "c.parquet")
    if column == "id" and isinstance(cell, datetime):
        return
    with pytest.raises(InputError, match=rf"c\.parquet.*field {column}"):
        read_cohort_file(tmp_path / "c.parquet", VOCABULARY)


def test_a_header_alone_is_a_cohort_of_nobody(tmp_path: Path) -> None:
    for content in ("id,cancer\n", "id,cancer", "id,cancer\n\n\n"):
        assert len(read(tmp_path, content)) == 0


def test_a_row_with_fewer_cells_leaves_the_rest_unknown(tmp_path: Path) -> None:
    cohort = read(tmp_path, "id,cancer,v_sign\na,present\nb,,present\n")
    assert cohort.states["v_sign"].tolist() == [-1, 1]


# Partitions


@given(rows=st.integers(1, 12), seed=st.integers(0, 100), patients=st.integers(0, 11), form=st.sampled_from([*FORMS]))
@STAYS
def test_partitions_of_any_size_give_the_same_cohort(
    tmp_path: Path, rows: int, seed: int, patients: int, form: str
) -> None:
    """Ids with line ends, quotation marks, separators and blank lines between them."""
    generator = np.random.default_rng(seed)
    ids = ["x", "two words", "line\nend", "semi;colon", "blank\n\nlines", "Ä"]
    lines = []
    for _ in range(patients):
        if generator.random() < 0.2:
            lines.append("")
        name = ids[generator.integers(len(ids))]
        quoted = f'"{name}"' if set(name) & set("\n;") else name
        lines.append(f"{quoted},{['absent', 'present', ''][generator.integers(3)]},{generator.integers(100)}")
    text = "id,cancer,ck_level\n" + "".join(line + "\n" for line in lines)
    if form in (
        "semicolons",
        "everything quoted",
        "a line that tells the separator",
        "columns without name and content",
    ):
        form = "tabs"
    path = tmp_path / "c.csv"
    path.write_bytes(FORMS[form](text))
    whole, _ = read_cohort_file(path, VOCABULARY)
    parts = [part.cohort for part in cohort_parts(path, VOCABULARY, rows=rows)]
    assert same(joined(parts), whole)
    assert len(whole) == patients
    cut = partitions(path, rows)
    assert [p.number for p in cut] == list(range(len(cut)))
    if not form.startswith("UTF-16"):
        assert all(part.rows <= rows for part in cut)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_cohort_is_the_same_in_every_format_and_partition(tmp_path: Path, suffix: str) -> None:
    net = NETS["small_priors"]
    cohort = next(imagine(net, Imagined(37, 3, without_diagnosis=0.4)))
    path = tmp_path / f"c.{suffix}"
    if suffix == "jsonl":
        from model.cases.files.write import write_records
        from model.cases.imagine import cases

        write_records(path, [cases(cohort, net)])
    else:
        write_parts(path, [columns(cohort, net)])
    for rows in (5, 37, 1000):
        again = joined([part.cohort for part in cohort_parts(path, net.vocabulary, rows=rows)])
        assert same(replace(again, rows=cohort.rows), cohort)


# Fuzz


@given(content=st.binary(max_size=300), name=st.sampled_from(["c.csv", "c.jsonl", "c.parquet"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_cohort_or_refused(tmp_path: Path, content: bytes, name: str) -> None:
    cohort_or_refusal(tmp_path, content, name)


WORDS = ["id", "cancer", "ck_level", "setting", "diagnosis", "present", "absent", "1,5", "=1", "", "yes", "\ufeff"]
TEXTS = st.lists(
    st.sampled_from([*WORDS, ",", ",", ",", "\n", "\n", ";", '"', "\t", "\r", " ", "\0", "é"]), max_size=40
)


@given(
    text=TEXTS, encoding=st.sampled_from(["utf-8", "utf-16", "cp1252"]), header=st.booleans(), rows=st.integers(1, 5)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_a_cohort_or_refused(
    tmp_path: Path, text: list[str], encoding: str, header: bool, rows: int
) -> None:
    content = ("id,cancer,ck_level\n" if header else "") + "".join(text)
    cohort_or_refusal(tmp_path, content.encode(encoding, errors="ignore"), "c.csv", rows)


def cohort_or_refusal(folder: Path, content: bytes, name: str, rows: int = 3) -> None:
    (folder / name).write_bytes(content)
    try:
        parts = [part.cohort for part in cohort_parts(folder / name, VOCABULARY, rows=rows)]
    except InputError as fault:
        assert str(fault).startswith(name)
        assert "\n" not in str(fault)
    else:
        assert sum(map(len, parts)) <= len(content)


# Formula injection


@given(st.text(max_size=20))
def test_a_text_is_no_formula_and_comes_back(text: str) -> None:
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescaped(escaped(text)) == text


@given(ids=st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8),
                    min_size=1, max_size=5))  # fmt: skip
@STAYS
def test_ids_make_the_round_trip_through_a_csv_file(tmp_path: Path, ids: list[str]) -> None:
    """Commas, quotation marks, formulas; a line end other than \\n inside an id becomes one in a spreadsheet too."""
    path = tmp_path / "c.csv"
    write_table(path, {"id": ids, "cancer": ["present"] * len(ids)})
    assert read_cohort_file(path, VOCABULARY)[0].ids == tuple(ids)


def test_formulas_in_a_cohort_do_not_come_out_of_it(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    ids = ["=cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "+1", "'=quoted", "A-1"]
    write_table(path, {"id": ids, "p": np.arange(6) / 7})
    cells = pd.read_csv(path, dtype=str)["id"].tolist()
    assert [cell[0] for cell in cells] == ["'"] * 5 + ["A"]
