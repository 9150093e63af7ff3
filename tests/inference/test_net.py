"""The network by name answers as pyAgrum and pgmpy do on the same tables, whatever is asked."""

import math
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.cases.case import Case
from model.cases.cohort import cohort_of
from model.cases.score import score
from model.errors import InputError
from tests.helpers.nets import AGRUM, NETS, SMALL, agree_or_both_refuse, each_net, finding_variables, setting_of
from tests.helpers.peers import pgmpy_posterior
from tests.helpers.references import agree, patients, values

# One posterior


@each_net
@given(data=st.data())
def test_the_posterior_equals_that_of_pyagrum(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings, setting = data.draw(patients(net)), data.draw(setting_of(net))
    theirs = {**findings, "setting": setting}
    agree_or_both_refuse(name, lambda: net.posterior(findings, setting), "diagnosis", theirs)


@each_net
def test_the_posterior_equals_that_of_pgmpy(name: str) -> None:
    net = NETS[name]
    ask = pgmpy_posterior(net.network)
    findings = dict(zip(net.vocabulary.findings, (v.states[-1] for v in finding_variables(net)), strict=True))
    for count in (0, 1, 5, len(findings)):
        some = dict(list(findings.items())[:count])
        agree(net.posterior(some), np.array(ask({**some, "setting": net.default_setting})))


@each_net
@given(data=st.data())
def test_order_and_unknown_findings_change_nothing(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net))
    rest = [finding for finding in net.vocabulary.findings if finding not in findings]
    unknown = {finding: data.draw(st.sampled_from([None, "", math.nan])) for finding in rest}
    shuffled = dict(data.draw(st.permutations([*findings.items(), *unknown.items()])))
    agree(net.posterior(shuffled), values(net.posterior(findings)), 1e-12)
    node = data.draw(st.sampled_from(rest)) if rest else "diagnosis"
    agree(net.marginal(node, shuffled), values(net.marginal(node, findings)), 1e-12)


@each_net
@given(data=st.data())
def test_a_query_never_changes_the_network(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net))
    before, engine = tables(net), net.engine
    given_findings = dict(findings)
    first = values(net.posterior(findings))
    net.marginal("diagnosis", findings)
    net.joints(findings)
    net.posterior({**findings, "diagnosis": {"dermatomyositis": 0.5, "fibromyalgia": 1}})
    net.posterior(findings, {"dermatomyositis": 1, "fibromyalgia": 3})
    score(net, cohort_of([Case("a", findings)], net.vocabulary))
    assert (values(net.posterior(findings)) == first).all()
    assert findings == given_findings
    assert tables(net) == before
    assert net.engine is engine


def tables(net: model.Net) -> list[bytes]:
    """Every number of the network and of its engine, byte by byte."""
    compiled = [array for t in net.engine.tables for array in (t.weights, t.with_prior, t.alone, *t.padded)]
    return [array.tobytes() for array in (*net.network.tables.values(), *compiled)]


@each_net
def test_a_network_prints_in_one_line(name: str) -> None:
    words = NETS[name].vocabulary
    expected = f"<Net {name}: {len(words.diagnoses)} diagnoses, {len(words.findings)} findings>"
    assert repr(NETS[name]) == expected


# Any node, any evidence


@each_net
@given(data=st.data())
def test_the_marginal_of_any_node_equals_that_of_pyagrum(name: str, data: st.DataObject) -> None:
    """Evidence on findings, on hidden variables, and on the diagnosis as id, family or list."""
    net = NETS[name]
    words = net.vocabulary
    hidden = [v for v in words.variables.values() if v.kind == "hidden"]
    evidence: dict[str, Any] = dict(data.draw(patients(net, most=12)))
    for variable in data.draw(st.lists(st.sampled_from(hidden), max_size=2, unique=True)):
        evidence[variable.id] = data.draw(st.sampled_from(variable.states))
    evidence["setting"] = data.draw(setting_of(net))
    theirs = dict(evidence)
    ids = st.sampled_from(words.diagnoses)
    chosen = data.draw(st.one_of(st.none(), ids, st.sampled_from(list(words.families)), st.lists(ids, min_size=1)))
    if chosen is not None:
        evidence["diagnosis"] = chosen
        inside = words.resolve_diagnoses(chosen)
        theirs["diagnosis"] = [float(d in inside) for d in words.diagnoses]
    node = data.draw(st.sampled_from([n for n in net.nodes if n not in evidence]))
    agree_or_both_refuse(name, lambda: net.marginal(node, evidence), node, theirs)


@each_net
@given(data=st.data())
def test_joints_sum_to_one_and_over_diagnoses_to_the_marginal(name: str, data: st.DataObject) -> None:
    net = NETS[name]
    findings = data.draw(patients(net))
    joints = net.joints(findings)
    assert set(joints) == {n for n in net.nodes if n not in findings and n not in ("setting", "diagnosis")}
    posterior = values(net.posterior(findings))
    for joint in joints.values():
        np.testing.assert_allclose(joint.sum(axis=1), posterior, rtol=0, atol=1e-12)
        assert joint.sum() == pytest.approx(1, abs=1e-12)
    for node in data.draw(st.lists(st.sampled_from([*joints]), max_size=3)) if joints else ():
        agree(joints[node].sum(axis=0), values(net.marginal(node, findings)), 1e-12)
        agree(joints[node].sum(axis=0), AGRUM[name].posterior(node, {**findings, "setting": net.default_setting}))


@each_net
def test_evidence_on_a_node_is_kept_by_its_own_marginal(name: str) -> None:
    net = NETS[name]
    for node, kept in (("diagnosis", net.vocabulary.families["mimic"]), ("ck_level", ["mild", "high"])):
        free = net.marginal(node)
        total = sum(free[state] for state in kept)
        expected = [free[state] / total if state in kept else 0 for state in free]
        agree(net.marginal(node, {node: list(kept)}), np.array(expected), 1e-12)


# Loading


def test_a_folder_is_read_again_only_when_a_table_has_changed(tmp_path: Path) -> None:
    folder = copytree(SMALL, tmp_path / "priors")
    first = model.load(folder)
    (folder / "notes.md").write_text("no table")
    assert model.load(str(folder)) is first
    table = folder / "shares.csv"
    table.write_text(table.read_text().replace("dermatomyositis,40,", "dermatomyositis,41,").replace(
        "fibromyalgia,35,", "fibromyalgia,34,"))  # fmt: skip
    assert model.load(folder).posterior({})["dermatomyositis"] == pytest.approx(0.41)
    table.unlink()
    with pytest.raises(InputError, match=r"shares\.csv: there is no such file"):
        model.load(folder)
