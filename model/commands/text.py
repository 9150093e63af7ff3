"""What the commands print: plain tables and JSON."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from model.io.plain import plain

if TYPE_CHECKING:
    from argparse import ArgumentParser

AddCommand = Callable[[str, object, str], "ArgumentParser"]
"""Adds a command (its name, the function that runs it, what it does) and returns its parser."""


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain text table; numbers are right-aligned."""
    cells = [[str(c) for c in header], *([str(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(
            c.rjust(w) if c[:1].isdigit() or c[:1] in "-+<>" else c.ljust(w) for c, w in zip(row, widths, strict=True)
        ).rstrip()

    return "\n".join([line(cells[0]), "  ".join("-" * w for w in widths), *map(line, cells[1:])])


def print_json(content: object) -> None:
    """Records and numbers as indented JSON."""
    print(json.dumps(plain(content), indent=1, allow_nan=False))
