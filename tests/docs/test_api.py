"""Every public name stands on the API page, with a docstring in the style of numpydoc and an example that is run."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import model
from docs.api import GROUPS, PAGE, WITH_MEMBERS, members, page

NAMES = [name for name in model.__all__ if name != "__version__"]
CALLED = {f"model.{name}": getattr(model, name) for name in NAMES if callable(getattr(model, name))}
METHODS = {
    f"{name}.{member}": of
    for name in WITH_MEMBERS
    for member, of in members(getattr(model, name))
    if inspect.isfunction(of)
}


def test_the_page_is_that_of_the_docstrings() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.api"


def test_the_page_holds_every_public_name_once() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(NAMES)


@pytest.mark.parametrize("name", [*CALLED, *METHODS])
def test_a_public_name_says_what_it_takes_gives_and_raises_and_shows_it(name: str) -> None:
    of: Callable[..., Any] = {**CALLED, **METHODS}[name]
    text = inspect.getdoc(of) or ""
    summary = text.split("\n")[0]
    assert summary and summary[-1] in ".:;"
    assert "Raises InputError" not in text and "Raises ImpossibleEvidence" not in text
    if inspect.isclass(of) and issubclass(of, Exception):
        return
    assert "Examples\n--------\n>>> " in text
    if inspect.isfunction(of):
        signature = inspect.signature(of)
        if set(signature.parameters) - {"self"}:
            assert "Parameters\n----------\n" in text
        if signature.return_annotation not in (None, "None"):
            assert "Returns\n-------\n" in text
        documented = re.findall(r"\w+", text.partition("Parameters\n---")[2].partition("Returns\n---")[0])
        assert set(signature.parameters) - {"self"} <= set(documented)


def test_names_that_are_imported_later_are_those_of_their_modules() -> None:
    assert set(model.LATER) < set(model.__all__)
    with pytest.raises(AttributeError, match="no attribute"):
        _ = model.no_such_name


def test_loading_a_network_imports_neither_pandas_nor_the_answers() -> None:
    """What a start costs: a name of the front is imported when it is first used."""
    code = "import sys, model; model.load(); print({'pandas', 'scipy', 'model.patient'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
