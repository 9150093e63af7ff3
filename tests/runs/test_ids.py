"""Ids that occur more than once are found across partitions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.runs.fit_file import in_file
from model.runs.ids import id_hashes, repeated_hashes
from model.runs.score_file import score_file
from tests.helpers.runs import ROWS, Stop, scored, stopping


def test_ids_that_occur_twice_are_reported_across_partitions(small: model.Net, cohort: Path) -> None:
    cohort.write_text("id,Cancer\n" + "".join(f"p{i},absent\n" for i in range(120)) + "p7,absent\np7,absent\n")
    expected = ["column read as cancer in Cancer (3x, first in row 1)",
            "id occurs more than once in id (2x, first in row 122: 'p7')"]  # fmt: skip
    with pytest.raises(Stop):
        scored(small, cohort, "out.csv", mapped=stopping(2))
    repairs = score_file(small, cohort, cohort.with_name("out.csv"), rows=ROWS)
    assert [str(repair) for repair in repairs] == expected
    assert [str(repair) for repair in in_file(cohort, rows=ROWS).check(small)] == expected


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=4), st.integers(1, 12))
def test_repeated_ids_are_found_whatever_the_partitions(parts: list[list[int]], at_once: int) -> None:
    hashes = [id_hashes([str(name) for name in part]) for part in parts]
    places = [(name, (part, index)) for part, own in enumerate(parts) for index, name in enumerate(own)]
    again = [index for i, (name, index) in enumerate(places) if name in [other for other, _ in places[:i]]]
    found = repeated_hashes(lambda: hashes, at_once)
    assert (found and (found.count, (found.partition, found.patient))) == ((len(again), again[0]) if again else None)
