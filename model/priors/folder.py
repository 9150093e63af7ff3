"""A folder of priors as one immutable object: its words, its numbers, and all its tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from model.errors import InputError
from model.priors.checked import Tables
from model.priors.files import Files, read_files
from model.priors.numbers import Effect, Rate, read_effects, read_rates, read_scale, read_shares
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary, read_vocabulary

PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = PACKAGE / "shipped" / "priors"
SHIPPED = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent / "priors"
Made = TypeVar("Made")


@dataclass(frozen=True)
class Priors:
    """All that one folder says. `shares`: setting -> rate of the node `diagnosis`; `tables`: see `priors/TABLES.md`.

    `made`: what readers made of the tables, see `once`.
    """

    tables: Tables
    vocabulary: Vocabulary
    parents: Mapping[str, tuple[str, ...]]
    rates: Mapping[str, tuple[Rate, ...]]
    effects: Mapping[str, tuple[Effect, ...]]
    shares: Mapping[str, Rate]
    made: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def files(self) -> Files:
        return self.tables.files

    @property
    def folder(self) -> Path:
        return self.files.folder

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that tell one folder of priors from another by the contents of its tables."""
        return self.files.fingerprint

    @cached_property
    def grades(self) -> Mapping[str, str]:
        """Grade -> its meaning."""
        return MappingProxyType({row["grade"]: row["meaning"] for row in self.tables["grades"]})

    @cached_property
    def sources(self) -> Mapping[str, Row]:
        """Source key -> its row; none for a folder that lists no sources."""
        return MappingProxyType({row["source"]: row for row in self.tables["sources"]})


def once(read: Callable[[Priors], Made]) -> Callable[[Priors], Made]:
    """A reader of tables that works once for each `Priors`; its result is kept with them.

    A dictionary is returned as a read-only view.
    """

    @wraps(read)
    def kept(priors: Priors) -> Made:
        if kept not in priors.made:
            made: Any = read(priors)
            priors.made[kept] = MappingProxyType(made) if isinstance(made, dict) else made
        result: Made = priors.made[kept]
        return result

    return kept


def read_priors(folder: Path | Files = SHIPPED) -> Priors:
    """Read and check the numbers of a folder of priors; the tables beside them are checked when they are first used.

    Raises InputError that names file, line, field and the nearest valid word.
    """
    tables = Tables(folder if isinstance(folder, Files) else read_files(folder))
    vocabulary = read_vocabulary(tables)
    parents = _parents(tables["edges/"], vocabulary)
    scale = read_scale(tables)
    return Priors(
        tables,
        vocabulary,
        parents,
        read_rates(tables["rates/"], vocabulary, parents, scale),
        read_effects(tables["effects/"], parents, scale),
        read_shares(tables["shares"], vocabulary, scale),
    )


def _parents(rows: Iterable[Row], vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """The parents of each variable, the diagnosis first."""
    parents: dict[str, tuple[str, ...]] = dict.fromkeys(vocabulary.variables, ())
    for row in rows:
        for child in row.words("child"):
            if row["parent"] in parents[child]:
                raise row.fault("child", f"the edge {row['parent']} -> {child} stands twice")
            parents[child] += (row["parent"],)
    if parents["diagnosis"] != ("setting",):
        raise InputError("edges: the one parent of diagnosis is the setting")
    return {name: tuple(sorted(chosen, key=lambda parent: parent != "diagnosis")) for name, chosen in parents.items()}
