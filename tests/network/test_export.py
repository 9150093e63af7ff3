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
from model.network.export import FORMATS, READERS, export, portable, portable_states, uai_order
from tests.helpers.peers import pyagrum
from tests.helpers.references import patients

SUFFIX = {"bif": "bif", "xmlbif": "bifxml", "net": "net"}


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


def ask(net: model.Net, read: Any, findings: dict[str, str]) -> list[float]:
    """The posterior that pyAgrum computes in a network read from a file."""
    evidence: dict[str, int] = {}
    for name, state in findings.items():
        evidence[name] = index = net.network.states[name].index(state)
        assert read.variable(name).labels()[index] == portable(state)
    inference = pyagrum.LazyPropagation(read)
    inference.setTargets({"diagnosis"})
    inference.setEvidence(evidence)
    inference.makeInference()
    answer: list[float] = inference.posterior("diagnosis").tolist()
    return answer


def read_uai(text: str) -> tuple[list[int], list[list[int]], list[Any]]:
    """A reader of the published format: numbers of states, scopes, and tables whose last axis varies fastest."""
    kind, *words = text.split()
    assert kind == "BAYES"
    numbers = iter(words)
    cards = [int(next(numbers)) for _ in range(int(next(numbers)))]
    scopes = [[int(next(numbers)) for _ in range(int(next(numbers)))] for _ in range(int(next(numbers)))]
    tables = []
    for scope in scopes:
        values = [float(next(numbers)) for _ in range(int(next(numbers)))]
        tables.append(np.array(values).reshape([cards[i] for i in scope]))
    assert next(numbers, None) is None
    return cards, scopes, tables


@pytest.mark.parametrize("name", ["small", "shipped"])
def test_a_uai_file_holds_every_table_in_the_published_order(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    net: model.Net = request.getfixturevalue(name)
    export(net.network, "uai", tmp_path / "network.uai")
    text = (tmp_path / "network.uai").read_text(encoding="ascii")
    assert "e" not in text.lower().removeprefix("bayes")  # no exponents
    cards, scopes, tables = read_uai(text)
    order = uai_order(net.network)
    assert cards == [len(net.network.states[node]) for node in order]
    for node, scope, table in zip(order, scopes, tables, strict=True):
        assert [order[i] for i in scope] == [*net.network.parents[node], node]
        assert (table == net.network.tables[node]).all()


@pytest.mark.parametrize("file_format", ["uai", "xdsl"])
def test_pyagrum_reads_the_parents_in_the_other_order(small: model.Net, tmp_path: Path, file_format: str) -> None:
    """As READERS says: it lets the first parent vary fastest. Tables with one parent or none are the same."""
    path = tmp_path / f"network.{file_format}"
    export(small.network, file_format, path)
    assert "pyAgrum" in READERS[file_format]
    read, order, differ = pyagrum.loadBN(str(path)), uai_order(small.network), 0
    for node in small.nodes:
        name = order.index(node) if file_format == "uai" else node
        table, parents = small.network.tables[node], small.network.parents[node]
        cpt = read.cpt(name)
        names = [order[int(v)] if file_format == "uai" else v for v in cpt.names]
        theirs = np.array(cpt.tolist()).transpose([names[::-1].index(n) for n in (*parents, node)])
        swapped = table.reshape([*table.shape[:-1][::-1], table.shape[-1]])
        swapped = swapped.transpose([*range(len(parents))[::-1], len(parents)])
        np.testing.assert_allclose(theirs, swapped, rtol=0, atol=1e-6)
        differ += not np.allclose(theirs, table)
    assert differ


@pytest.mark.parametrize("file_format", SUFFIX)
@given(data=st.data())
def test_pyagrum_reads_the_same_posteriors(
    shipped: model.Net, read_back: dict[str, Any], file_format: str, data: st.DataObject
) -> None:
    findings = {**data.draw(patients(shipped)), "setting": shipped.default_setting}
    theirs = ask(shipped, read_back[file_format], findings)
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
        assert portable_states(states) == tuple(portable(state) for state in states)
        assert all(portable(state).isidentifier() for state in states)


@given(states=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=8, unique=True))
def test_every_list_of_states_has_portable_names(states: list[str]) -> None:
    names = portable_states(states)
    assert len({name.lower() for name in names}) == len(states)
    assert all(name.isascii() and name.isidentifier() for name in names)


@pytest.mark.parametrize("file_format", ["bif", "xmlbif", "net", "xdsl"])
def test_states_that_differ_by_signs_only_are_exported_and_read_back(
    small: model.Net, tmp_path: Path, file_format: str
) -> None:
    from pgmpy.readwrite import XDSLReader

    own = small.network
    states = {**own.states, "aldolase": ("<=5", ">=5"), "v_sign": ("a-b", "a_b")}
    network = Network(states, own.parents, own.tables)
    path = tmp_path / f"network.{SUFFIX.get(file_format, file_format)}"
    export(network, file_format, path)
    read = XDSLReader(str(path)).get_model() if file_format == "xdsl" else pyagrum.loadBN(str(path))
    for node, names in (("aldolase", ("less__5", "more__5")), ("v_sign", ("a_b", "a_b_2"))):
        found = read.get_cpds(node).state_names[node] if file_format == "xdsl" else read.variable(node).labels()
        assert tuple(found) == names


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
