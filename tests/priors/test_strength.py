"""The strength and the grade of a distribution follow from those of its rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.priors.numbers import Scale, together
from model.priors.tables import Row

GRADES = {"A": 100.0, "B": 60.0, "D": 8.0}
ROWS = st.lists(st.tuples(st.floats(0, 60), st.sampled_from(list(GRADES))), min_size=2, max_size=6)
SCALE = Scale(GRADES, GRADES, {})


def strength_and_grade(rows: list[tuple[float, str]]) -> tuple[float, str]:
    cells = [{"percent": str(percent), "term": "", "grade": grade} for percent, grade in rows]
    return together([Row("a.csv", line, row) for line, row in enumerate(cells)], SCALE)


@given(ROWS)
def test_a_distribution_varies_as_much_as_its_rows(rows: list[tuple[float, str]]) -> None:
    strength, grade = strength_and_grade(rows)
    assert min(GRADES[g] for _, g in rows) - 1e-9 <= strength <= max(GRADES[g] for _, g in rows) + 1e-9
    spreads = [(percent * (100 - percent), g) for percent, g in rows]
    if any(spread for spread, _ in spreads):
        parts = {g: sum(spread / GRADES[g] for spread, other in spreads if other == g) for g in GRADES}
        assert sum(spread for spread, _ in spreads) / strength == pytest.approx(sum(parts.values()))
        assert parts[grade] == pytest.approx(max(parts.values()))


def test_a_rare_state_that_is_assumed_hardly_weakens_a_published_distribution() -> None:
    strength, grade = strength_and_grade([(60, "A"), (39.5, "A"), (0.5, "D")])
    assert strength > 85
    assert grade == "A"


def test_where_every_state_is_certain_the_weakest_row_counts() -> None:
    assert strength_and_grade([(0, "A"), (100, "D")]) == (8, "D")
