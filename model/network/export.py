"""Export the network: as a pgmpy object, as JSON, as UAI, and in the file formats that pgmpy writes.

pgmpy is imported inside the functions because the import takes seconds and a posterior does not need it.

Readers differ. UAI is written as published (uaicompetition.github.io, "Model Format"): in each table the last
variable named varies fastest. pyAgrum lets the first parent named vary fastest, so it reads tables with two or more
parents otherwise, and so it reads XDSL. XDSL is written as GeNIe and SMILE do: the last parent varies faster than the
first, the states of the node fastest.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import InputError, nearest
from model.io.files import whole_file
from model.io.optional import needs
from model.network.build import Network

FORMATS = ("bif", "xmlbif", "xdsl", "net", "uai", "json")
READERS = {
    "uai": "tables as published, the last variable fastest; pyAgrum reads those with two or more parents otherwise",
    "xdsl": "tables as in GeNIe; pyAgrum reads those with two or more parents otherwise",
}
"""What to know before a file is read by another tool."""
SIGNS = (("+", "_plus"), ("<", "less_"), (">", "more_"), ("%", "_percent"))


def portable(state: str) -> str:
    """A state as a name that every format accepts: letters, digits and underscores, a letter first.

    BIF refuses `0-17` and XMLBIF turns `65+` into `65_`, so both are renamed before writing.

    >>> portable("0-17"), portable("65+"), portable("present"), portable("<=5")
    ('s0_17', 's65_plus', 'present', 'less__5')
    """
    for sign, word in SIGNS:
        state = state.replace(sign, word)
    name = re.sub(r"[^A-Za-z0-9]", "_", state)
    return name if name[:1].isalpha() else "s" + name


def portable_states(states: Sequence[str]) -> tuple[str, ...]:
    """The states of one node as different portable names: states that differ by signs only are numbered.

    >>> portable_states(("a-b", "a_b", "a b")), portable_states(("absent", "present"))
    (('a_b', 'a_b_2', 'a_b_3'), ('absent', 'present'))
    """
    names: list[str] = []
    for state in states:
        plain, number = portable(state), 2
        name = plain
        while name.lower() in {other.lower() for other in names}:
            name, number = f"{plain}_{number}", number + 1
        names.append(name)
    return tuple(names)


def to_pgmpy(network: Network, rename: bool = False) -> Any:
    """The network as a pgmpy `DiscreteBayesianNetwork`, checked by pgmpy.

    rename: replace the names of states by `portable_states`. Raises InputError where pgmpy is not installed.
    """
    with needs("pgmpy", "export", "This format"):
        from pgmpy.factors.discrete import TabularCPD
        from pgmpy.models import DiscreteBayesianNetwork

    result = DiscreteBayesianNetwork()
    result.add_nodes_from(network.nodes)
    result.add_edges_from([(p, child) for child in network.nodes for p in network.parents[child]])
    names = {n: list(portable_states(states) if rename else states) for n, states in network.states.items()}
    for node in network.nodes:
        table, parents = network.tables[node], network.parents[node]
        result.add_cpds(
            TabularCPD(
                node,
                len(network.states[node]),
                table.reshape(-1, table.shape[-1]).T,
                evidence=list(parents) or None,
                evidence_card=list(network.shape(parents)) or None,
                state_names={n: names[n] for n in (node, *parents)},
            )
        )
    if not result.check_model():
        raise AssertionError("pgmpy's check of the exported network failed")
    return result


def export(network: Network, file_format: str, path: Path) -> None:
    """Write the network to `path` in one of FORMATS.

    A UAI file has no names: its variable i is `uai_order(network)[i]`, and its states are numbered as in the network.
    READERS says which tools read a format otherwise. Raises InputError for an unknown format and for a path that
    cannot be written; an existing file is then unchanged.
    """
    if file_format not in FORMATS:
        raise InputError(f"field format: {file_format!r} is not known{nearest(file_format, FORMATS)}")
    with whole_file(path) as partial:
        if file_format == "json":
            partial.write_text(json.dumps(as_json(network), indent=1), encoding="utf-8")
        elif file_format == "uai":
            partial.write_text("\n".join(as_uai(network)) + "\n", encoding="ascii")
        else:
            graph = to_pgmpy(network, rename=True)
            _writer(file_format)(graph).write(str(partial))


def as_json(network: Network) -> Mapping[str, Any]:
    """Node -> its states, parents and table (nested lists, axes (*parents, states)), in topological order."""
    return {
        name: {
            "states": list(network.states[name]),
            "parents": list(network.parents[name]),
            "table": network.tables[name].tolist(),
        }
        for name in network.nodes
    }


def as_uai(network: Network) -> Iterator[str]:
    """The lines of a UAI file: the scope of a table names the parents and then the node; decimals without exponents."""
    order = uai_order(network)
    index = {name: str(i) for i, name in enumerate(order)}
    yield "BAYES"
    yield str(len(order))
    yield " ".join(str(len(network.states[name])) for name in order)
    yield str(len(order))
    for name in order:
        scope = (*network.parents[name], name)
        yield " ".join([str(len(scope)), *(index[n] for n in scope)])
    for name in order:
        values = network.tables[name].ravel()
        yield ""
        yield str(values.size)
        yield " ".join(np.format_float_positional(value, trim="0") for value in values)


def uai_order(network: Network) -> list[str]:
    """The nodes in the order of a UAI file: each after its parents."""
    return list(network.nodes)


def _writer(file_format: str) -> Any:
    from pgmpy.readwrite import BIFWriter, NETWriter, XDSLWriter, XMLBIFWriter

    return {"bif": BIFWriter, "xmlbif": XMLBIFWriter, "xdsl": XDSLWriter, "net": NETWriter}[file_format]
