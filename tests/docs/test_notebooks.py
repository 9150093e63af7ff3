"""The notebooks run from start to end, and what they show is what was written down."""

import re
from pathlib import Path

import pytest

from notebooks.execution import executed, names, outputs, read

NOTEBOOKS = names()
MOST_BYTES = 100_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_run_prints_what_is_stored(path: Path) -> None:
    stored = read(path)
    assert outputs(executed(stored)) == outputs(stored), f"run: python -m notebooks {path.name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_teaching_material(path: Path) -> None:
    """A title, a question to the reader, every cell with its outputs, and no more than fits a screen or two."""
    notebook = read(path)
    assert notebook.cells[0].cell_type == "markdown" and notebook.cells[0].source.startswith("# ")
    assert any("**Question.**" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert path.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_needs_nothing_deeper_than_the_front(path: Path) -> None:
    code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert re.findall(r"^\s*(?:from|import) +(model\S*)", code, re.MULTILINE) == ["model"]
