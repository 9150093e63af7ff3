"""Runs over a cohort in partitions, and ways to stop them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import model
from model.runs.score_file import score_file

PATIENTS, ROWS = 600, 50


def scored(net: model.Net, cohort: Path, name: str, **more: Any) -> bytes:
    score_file(net, cohort, cohort.with_name(name), rows=ROWS, **more)
    return cohort.with_name(name).read_bytes()


class Stop(Exception):
    """As if the process had ended."""


def stopping(after: int, how: Exception | type[Exception] = Stop) -> Callable[..., Iterator[Any]]:
    """A map that does some items and then stops."""

    def mapped(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == after:
                raise how
            yield function(item)

    return mapped


def stopped(net: model.Net, cohort: Path) -> None:
    """A run that was stopped after three partitions."""
    with pytest.raises(Stop):
        scored(net, cohort, "out.csv", mapped=stopping(3))
