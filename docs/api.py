"""The page of the public names: `python -m docs.api` writes `docs/api.md` from their docstrings."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import model

PAGE = Path(__file__).with_name("api.md")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "The network": ("load", "Net", "InputError", "ImpossibleEvidence"),
    "One patient": ("Patient", "Estimate", "DECIBANS", "Coalitions", "weigh_coalitions"),
    "Many patients": (
        "Case", "read_cases", "read_cohort", "ColumnMapping", "column_values", "propose_mapping", "unused_columns",
        "Imagined", "simulate", "cohort_columns", "write_table", "score",
    ),
    "How good is it?": (
        "evaluate", "METRICS", "by_group", "independent", "metrics", "weighed_metrics", "paired_bootstrap",
        "recalibration", "published_rates", "audit", "share_that_holds",
    ),
    "The numbers, and how to change them": (
        "numbers", "numbers_by_key", "rate_interval", "Change", "edit_priors", "read_log", "to_cite", "difference",
    ),
    "A fit to a cohort": ("fit_priors", "Source", "write_fitted"),
}  # fmt: skip
WITH_MEMBERS = ("Net", "Patient")
MADE_BY_USERS = ("Case", "Change", "ColumnMapping", "Imagined", "Source", "Coalitions")
"""Records that a user makes; the others are answers."""
SECTION = re.compile(r"^(Parameters|Attributes|Returns|Raises|Examples)\n-+\n", re.MULTILINE)


def page() -> str:
    """The whole page as Markdown."""
    parts = [
        "# The names of `import model`",
        "Made from the docstrings by `python -m docs.api`; every example is run by the tests. "
        "`import myositis` gives the same names.",
    ]
    for title, names in GROUPS.items():
        parts.append(f"## {title}")
        for name in names:
            parts += _entry(f"model.{name}", getattr(model, name), "###")
            if name in WITH_MEMBERS:
                for member, of in members(getattr(model, name)):
                    parts += _entry(f"{name}.{member}", of, "####")
    return "\n\n".join(parts) + "\n"


def members(of: type) -> Iterator[tuple[str, object]]:
    """The public methods and properties of a class, in the order in which they are written."""
    for name, value in vars(of).items():
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | cached_property)):
            yield name, value


def _entry(name: str, of: object, heading: str) -> list[str]:
    """Heading, how it is called, docstring."""
    if isinstance(of, property | cached_property):
        return [f"{heading} {name}", *_markdown(of.fget if isinstance(of, property) else of.func)]
    if not callable(of):
        return [f"{heading} {name}", "A constant."]
    made_by_user = inspect.isfunction(of) or name.removeprefix("model.") in MADE_BY_USERS
    called = [f"```text\n{name}{_signature(of)}\n```"] if made_by_user else []
    return [f"{heading} {name}", *called, *_markdown(of)]


def _signature(of: Callable[..., object]) -> str:
    """Names and defaults of the arguments; the source has their types."""
    arguments = inspect.signature(of).parameters.values()
    shown = [a.replace(annotation=inspect.Parameter.empty) for a in arguments if a.name != "self"]
    texts = [f"{a.name}=..." if callable(a.default) and a.default is not a.empty else str(a) for a in shown]
    return f"({', '.join(text.replace(' = ', '=').replace('<factory>', '{}') for text in texts)})"


def _markdown(of: object) -> list[str]:
    """A docstring in the style of numpydoc, as Markdown."""
    first, *rest = SECTION.split(inspect.getdoc(of) or "")
    parts = [first.strip()]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        body = body.strip("\n")
        parts.append(f"**{title}**")
        parts.append(f"```pycon\n{body.strip()}\n```" if title == "Examples" else _items(body))
    return parts


def _items(body: str) -> str:
    """Each unindented line of a section as a point, with the indented lines that follow."""
    points = [line if line[:1].strip() else f"  {line.strip()}" for line in body.splitlines() if line.strip()]
    return "\n".join(f"- `{line}`" if not line.startswith(" ") else line for line in points)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
