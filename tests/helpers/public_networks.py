"""Public networks of other fields: seven in `tests/data/networks`, and those that pgmpy packs."""

import gzip
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from model.network.build import Array, Network

SHIPPED = Path(__file__).parents[1] / "data" / "networks"

# The grammar of BIF, as far as the repository of bnlearn uses it.
VARIABLE = re.compile(r"variable\s+(\S+)\s*\{\s*type\s+discrete\s*\[\s*\d+\s*\]\s*\{([^}]*)\}")
TABLE = re.compile(r"probability\s*\(([^)]*)\)\s*\{([^}]*)\}")
ROW = re.compile(r"(?:\(([^)]*)\)|table)\s+([^;(]*);")


def public_network(name: str) -> Network:
    """A network of the bnlearn repository. Raises FileNotFoundError if neither this project nor pgmpy has it."""
    pgmpy = find_spec("pgmpy")
    for folder in (SHIPPED, Path(str(pgmpy and pgmpy.origin)).parent / "utils" / "example_models"):
        path = folder / f"{name}.bif.gz"
        if path.exists():
            return read_bif(gzip.decompress(path.read_bytes()).decode())
    raise FileNotFoundError(f"{name}.bif.gz")


def read_bif(text: str) -> Network:
    """The network of a BIF file. Rows are scaled to sum to 1, since the files round them."""
    states = {name: _words(listed) for name, listed in VARIABLE.findall(text)}
    parents: dict[str, tuple[str, ...]] = {}
    tables: dict[str, Array] = {}
    for family, body in TABLE.findall(text):
        name, *above = _words(family.replace("|", ","))
        parents[name] = tuple(above)
        tables[name] = _table(body, states, (*above, name))
    order = tuple(TopologicalSorter(parents).static_order())
    return Network({n: states[n] for n in order}, {n: parents[n] for n in order}, {n: tables[n] for n in order})


def _table(body: str, states: Mapping[str, tuple[str, ...]], family: tuple[str, ...]) -> Array:
    index = [{state: i for i, state in enumerate(states[name])} for name in family]
    table = np.full([len(states[name]) for name in family], np.nan)
    for configuration, numbers in ROW.findall(body):
        place = tuple(index[axis][state] for axis, state in enumerate(_words(configuration)))
        table[place] = [float(number) for number in _words(numbers)]
    return np.asarray(table / table.sum(axis=-1, keepdims=True))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
