"""A grade says what stands behind a number, and its strength is no more than that."""

from functools import cache
from itertools import chain

import pytest

from model.priors.folder import SHIPPED, read_priors
from model.priors.tables import Row

FILES = tuple(sorted(path.name for path in (SHIPPED / "rates").glob("*.csv")))


@cache
def rows_of(file: str) -> tuple[Row, ...]:
    rates = chain.from_iterable(read_priors(SHIPPED).rates.values())
    return tuple(row for rate in rates for row in rate.rows if row.file.endswith(file))


@pytest.mark.parametrize("file", FILES)
def test_a_derived_number_says_how_and_is_worth_at_most_60_patients(file: str) -> None:
    for row in (row for row in rows_of(file) if row["grade"] == "derived"):
        assert row["note"], (row.file, row.line)
        assert float(row["strength"]) <= 60, (row.file, row.line)


@pytest.mark.parametrize("file", FILES)
def test_a_word_of_the_verbal_scale_has_grade_c(file: str) -> None:
    for row in (row for row in rows_of(file) if row["term"]):
        assert row["grade"] == "C", (row.file, row.line)
