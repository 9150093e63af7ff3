"""A folder of priors as one immutable object: its vocabulary, its numbers and all its tables."""

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
    """The content of a folder of priors.

    `tables`: see `priors/TABLES.md`. `parents`: variable -> its parents. `rates`, `effects`: node -> its numbers. The
    rates of the node `diagnosis` are the shares, one rate for each setting, in order. `made`: results of readers, see
    `once`.
    """

    tables: Tables
    vocabulary: Vocabulary
    parents: Mapping[str, tuple[str, ...]]
    rates: Mapping[str, tuple[Rate, ...]]
    effects: Mapping[str, tuple[Effect, ...]]
    made: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def files(self) -> Files:
        return self.tables.files

    @property
    def folder(self) -> Path:
        return self.files.folder

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that identify the contents of the folder."""
        return self.files.fingerprint

    @cached_property
    def grades(self) -> Mapping[str, str]:
        """Grade -> its meaning."""
        return MappingProxyType({row["grade"]: row["meaning"] for row in self.tables["grades"]})

    @cached_property
    def sources(self) -> Mapping[str, Row]:
        """Source key -> its row; empty if the folder lists no sources."""
        return MappingProxyType({row["source"]: row for row in self.tables["sources"]})


def once(read: Callable[[Priors], Made]) -> Callable[[Priors], Made]:
    """Decorate a reader of tables so that it runs once for each `Priors`, which keeps the result.

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
    """Read and check the vocabulary and numbers of a folder of priors. Other tables are checked when first used.

    Raises InputError naming file, line, field and the nearest valid word.
    """
    tables = Tables(folder if isinstance(folder, Files) else read_files(folder))
    vocabulary = read_vocabulary(tables)
    parents = _parents(tables["edges/"], vocabulary)
    scale = read_scale(tables)
    rates = read_rates(tables["rates/"], vocabulary, parents, scale)
    alone = next((name for name, own in parents.items() if not own and name != "setting"), None)
    if alone:
        raise InputError(f"edges: {alone} has no parents; it needs the diagnosis, or a variable that depends on it")
    return Priors(
        tables,
        vocabulary,
        parents,
        {**rates, "diagnosis": read_shares(tables["shares"], vocabulary, scale)},
        read_effects(tables["effects/"], parents, scale),
    )


def _parents(rows: Iterable[Row], vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """The parents of each variable, the diagnosis first."""
    parents: dict[str, tuple[str, ...]] = dict.fromkeys(vocabulary.variables, ())
    for row in rows:
        for child in row.words("child"):
            if row["parent"] in parents[child]:
                raise row.fault("child", f"the edge {row['parent']} -> {child} occurs twice")
            parents[child] += (row["parent"],)
    if parents["diagnosis"] != ("setting",):
        raise InputError("edges: the setting must be the only parent of diagnosis")
    return {name: tuple(sorted(own, key=lambda parent: parent != "diagnosis")) for name, own in parents.items()}
