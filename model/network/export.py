"""Export the network: as a pgmpy object, as JSON, and in the file formats that pgmpy writes.

pgmpy is imported inside the functions because the import takes seconds and a posterior does not need it.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import InputError, nearest
from model.io.files import whole_file
from model.io.optional import needs
from model.network.build import Network

FORMATS = ("bif", "xmlbif", "xdsl", "net", "uai", "json")


def portable(state: str) -> str:
    """A state as a name that every format accepts: letters, digits and underscores, a letter first.

    BIF refuses `0-17` and XMLBIF turns `65+` into `65_`, so both are renamed before writing.

    >>> portable("0-17"), portable("65+"), portable("present")
    ('s0_17', 's65_plus', 'present')
    """
    name = re.sub(r"\W", "_", state.replace("+", "_plus"))
    return name if name[0].isalpha() else "s" + name


def to_pgmpy(network: Network, rename: bool = False) -> Any:
    """The network as a pgmpy `DiscreteBayesianNetwork`, checked by pgmpy.

    rename: replace the names of states by `portable` ones. Raises InputError where pgmpy is not installed.
    """
    with needs("pgmpy", "export", "This format"):
        from pgmpy.factors.discrete import TabularCPD
        from pgmpy.models import DiscreteBayesianNetwork

    result = DiscreteBayesianNetwork()
    result.add_nodes_from(network.nodes)
    result.add_edges_from([(p, child) for child in network.nodes for p in network.parents[child]])
    names = {n: [portable(s) if rename else s for s in network.states[n]] for n in network.nodes}
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

    A UAI file has no names: its variable i is `uai_order(network)[i]`. Raises InputError for an unknown format and
    for a path that cannot be written; an existing file is then unchanged.
    """
    if file_format not in FORMATS:
        raise InputError(f"field format: {file_format!r} is not known{nearest(file_format, FORMATS)}")
    with whole_file(path) as partial:
        if file_format == "json":
            partial.write_text(json.dumps(as_json(network), indent=1), encoding="utf-8")
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


def uai_order(network: Network) -> list[str]:
    """The nodes in the order of a UAI file. pgmpy sorts by the number of states, compared as text, then by name."""
    return sorted(network.nodes, key=lambda name: (str(len(network.states[name])), name))


def _writer(file_format: str) -> Any:
    from pgmpy.readwrite import BIFWriter, NETWriter, UAIWriter, XDSLWriter, XMLBIFWriter

    class OrderedUAIWriter(UAIWriter):  # type: ignore[misc]
        """A UAI writer with tables in the order of the variables, and the child varying fastest in each table.

        pgmpy orders tables by name, with the child varying slowest. Among the parents, pyAgrum lets the first one
        named vary fastest, the published format the last one. This writer follows pyAgrum.
        """

        def _tables_in_order(self) -> list[Any]:
            order = sorted(self.domain, key=lambda name: (self.domain[name], name))
            return [self.model.get_cpds(name) for name in order]

        def get_functions(self) -> list[list[str]]:
            tables = self._tables_in_order()
            index = {cpd.variable: str(i) for i, cpd in enumerate(tables)}
            return [[index[n] for n in (*cpd.variables[:0:-1], cpd.variable)] for cpd in tables]

        def get_tables(self) -> list[list[str]]:
            flat = [np.moveaxis(cpd.values, 0, -1).ravel().tolist() for cpd in self._tables_in_order()]
            return [[str(value) for value in values] for values in flat]

    return {
        "bif": BIFWriter,
        "xmlbif": XMLBIFWriter,
        "xdsl": XDSLWriter,
        "net": NETWriter,
        "uai": OrderedUAIWriter,
    }[file_format]
