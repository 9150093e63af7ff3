"""Exported networks give the same answers in the tools that read them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.network.build import Network
from model.network.export import FORMATS, export, portable, uai_order
from tests.helpers.peers import pyagrum
from tests.helpers.references import patients

SUFFIX = {"bif": "bif", "xmlbif": "bifxml", "net": "net", "uai": "uai"}


@pytest.fixture(scope="module")
def read_back(shipped: model.Net, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The shipped network, exported in each format and read by pyAgrum: format -> network."""
    folder = tmp_path_factory.mktemp("exports")
    networks = {}
    for name, suffix in SUFFIX.items():
        path = folder / f"network.{suffix}"
        export(shipped.network, name, path)
        networks[name] = pyagrum.loadBN(str(path))
    return networks


def ask(net: model.Net, read: Any, file_format: str, findings: dict[str, str]) -> list[float]:
    """The posterior that pyAgrum computes in a network read from a file. A UAI file has indices, not names."""
    order = uai_order(net.network)
    evidence: dict[Any, int] = {}
    for name, state in findings.items():
        index = net.network.states[name].index(state)
        if file_format != "uai":
            assert read.variable(name).labels()[index] == portable(state)
        evidence[order.index(name) if file_format == "uai" else name] = index
    target = order.index("diagnosis") if file_format == "uai" else "diagnosis"
    inference = pyagrum.LazyPropagation(read)
    inference.setTargets({target})
    inference.setEvidence(evidence)
    inference.makeInference()
    answer: list[float] = inference.posterior(target).tolist()
    return answer


@pytest.mark.parametrize("file_format", SUFFIX)
@given(data=st.data())
def test_pyagrum_reads_the_same_posteriors(
    shipped: model.Net, read_back: dict[str, Any], file_format: str, data: st.DataObject
) -> None:
    findings = {**data.draw(patients(shipped)), "setting": shipped.default_setting}
    theirs = ask(shipped, read_back[file_format], file_format, findings)
    np.testing.assert_allclose(theirs, list(shipped.posterior(findings).values()), rtol=0, atol=1e-6)


def test_files_name_every_node_and_state(shipped: model.Net, read_back: dict[str, Any]) -> None:
    for file_format in ("bif", "xmlbif", "net"):
        read = read_back[file_format]
        assert set(read.names()) == set(shipped.nodes)
        for node in shipped.nodes:
            assert list(read.variable(node).labels()) == [portable(s) for s in shipped.network.states[node]]
            assert {read.variable(p).name() for p in read.parents(node)} == set(shipped.network.parents[node])


def test_portable_names_of_a_node_are_distinct(shipped: model.Net) -> None:
    for states in shipped.network.states.values():
        assert len({portable(state) for state in states}) == len(states)
        assert all(portable(state).isidentifier() for state in states)


@pytest.mark.parametrize("name", ["small", "shipped"])
def test_pgmpy_reads_its_own_xdsl_the_same(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    """XDSL is the format of GeNIe. Only pgmpy's reader is free, so every table is compared."""
    from pgmpy.readwrite import XDSLReader

    net: model.Net = request.getfixturevalue(name)
    path = tmp_path / "network.xdsl"
    export(net.network, "xdsl", path)
    read = XDSLReader(str(path)).get_model()
    assert set(read.nodes()) == set(net.nodes)
    for node in net.nodes:
        cpd = read.get_cpds(node)
        assert list(cpd.state_names[node]) == [portable(s) for s in net.network.states[node]]
        own = (*net.network.parents[node], node)
        table = net.network.tables[node].transpose([own.index(n) for n in cpd.variables])
        np.testing.assert_allclose(cpd.values, table, rtol=0, atol=1e-6)


def test_json_holds_every_table_exactly(shipped: model.Net, tmp_path: Path) -> None:
    export(shipped.network, "json", tmp_path / "network.json")
    content = json.loads((tmp_path / "network.json").read_text())
    network = Network(
        {name: tuple(node["states"]) for name, node in content.items()},
        {name: tuple(node["parents"]) for name, node in content.items()},
        {name: np.array(node["table"]) for name, node in content.items()},
    )
    assert network.nodes == shipped.nodes
    assert network.states == shipped.network.states
    assert network.parents == shipped.network.parents
    assert all((network.tables[name] == shipped.network.tables[name]).all() for name in shipped.nodes)


def test_an_unknown_format_is_refused_with_the_nearest_name(small: model.Net, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'xmlbiff' is not known; did you mean xmlbif"):
        export(small.network, "xmlbiff", tmp_path / "network")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_export_that_fails_leaves_the_old_file_and_no_part(
    small: model.Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str
) -> None:
    """The disk is full when the file is moved into place."""
    path = tmp_path / "network.out"
    path.write_text("the old file")
    monkeypatch.setattr(Path, "replace", disk_full)
    with pytest.raises(InputError, match=r"network.out: cannot be written \(No space left on device\)"):
        export(small.network, file_format, path)
    assert path.read_text() == "the old file"
    assert list(tmp_path.iterdir()) == [path]


def disk_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_folder_that_does_not_exist_is_an_error(small: model.Net, tmp_path: Path, file_format: str) -> None:
    with pytest.raises(InputError, match=r"network.out: cannot be written \(No such file or directory\)"):
        export(small.network, file_format, tmp_path / "nowhere" / "network.out")
