"""One patient: the posterior, all joints with the diagnosis, and the cost against the number of findings."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.patients import Patient, patients
from benchmarks.report import Line, agreement
from benchmarks.timing import medians
from model import Net
from model.network.build import Array
from tests.helpers.peers import pgmpy_posterior, pyagrum_joints, pyagrum_posteriors, to_pyagrum

SEED = 20221
FINDINGS = 12
COUNTS = (0, 5, 10, 20, 40, 96)


def run(net: Net, quick: bool) -> list[Line]:
    """All lines on single patients."""
    bayes_net = to_pyagrum(net.network)
    return [*_posterior(net, bayes_net, quick), *_joints(net, bayes_net, quick), *_by_count(net, bayes_net, quick)]


def _ours(net: Net) -> Callable[[Patient], dict[str, float]]:
    return lambda patient: net.posterior(patient.findings, patient.setting)


def _posterior(net: Net, bayes_net: Any, quick: bool) -> list[Line]:
    asked = patients(net, 20, FINDINGS, SEED)
    states = [patient.states for patient in asked]
    few = [{**patient.findings, "setting": patient.setting} for patient in asked][: 5 if quick else 20]
    ours, pgmpy = _ours(net), pgmpy_posterior(net.network)
    lazy = pyagrum_posteriors(bayes_net, "LazyPropagation")
    elimination = pyagrum_posteriors(bayes_net, "VariableElimination")
    answers = np.array([list(ours(patient).values()) for patient in asked])
    references = {
        "pyAgrum": [np.array([way(c) for c in states]) for way in (*lazy.values(), *elimination.values())],
        "pgmpy": [np.array([pgmpy(evidence) for evidence in few])],
    }
    lines = [
        agreement(f"posterior, {name}", max(float(np.abs(answers[: len(r)] - r).max()) for r in found))
        for name, found in references.items()
    ]
    ways = {name: (way, states) for name, way in {**lazy, **elimination}.items()}
    median = medians({"ours": (ours, asked), **ways}, 5 if quick else 20, {"ours": 5})
    slow = medians({"ours": (ours, asked[: len(few)]), "pgmpy": (pgmpy, few)}, 1 if quick else 3, {"ours": 5})
    for peer, target in ((lazy, 10), (elimination, None)):
        best = min(peer, key=lambda way: median[way])
        what = f"posterior, {FINDINGS} findings, pyAgrum {best}"
        lines.append(Line(what, median["ours"], median[best], target))
    lines.append(Line(f"posterior, {FINDINGS} findings, pgmpy VariableElimination", median["ours"], slow["pgmpy"]))
    return lines


def _joints(net: Net, bayes_net: Any, quick: bool) -> list[Line]:
    asked = patients(net, 20, FINDINGS, SEED)
    states = [patient.states for patient in asked]
    peers = pyagrum_joints(net, bayes_net)

    def ours(patient: Patient) -> dict[str, Array]:
        return net.joints(patient.findings, patient.setting)

    difference = 0.0
    for way in peers.values():
        difference = max(difference, _difference(ours(asked[0]), way(states[0])))
    few = {"by diagnosis": states[:2]}
    ways = {name: (way, few.get(name, states[:5] if quick else states)) for name, way in peers.items()}
    median = medians({"ours": (ours, asked), **ways}, 1 if quick else 3, {"ours": 10})
    best = min(peers, key=lambda way: median[way])
    what = f"all unobserved nodes jointly with the diagnosis, pyAgrum LazyPropagation, {best}"
    return [agreement("joints, pyAgrum", difference), Line(what, median["ours"], median[best], 50)]


def _difference(ours: Mapping[str, Array], theirs: Mapping[str, Array]) -> float:
    if set(ours) != set(theirs):
        raise AssertionError("the two give joints of different nodes")
    return max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


def _by_count(net: Net, bayes_net: Any, quick: bool) -> list[Line]:
    """The cost against the number of findings; 0 findings still have a setting."""
    ours, lines = _ours(net), []
    peers = pyagrum_posteriors(bayes_net, "LazyPropagation")
    for count in (c for c in COUNTS if c <= len(net.vocabulary.findings)):
        asked = patients(net, 20, count, SEED + count)
        ways = {name: (way, [p.states for p in asked]) for name, way in peers.items()}
        median = medians({"ours": (ours, asked), **ways}, 2 if quick else 8, {"ours": 5})
        best = min(peers, key=lambda way: median[way])
        lines.append(Line(f"posterior, {count} findings, pyAgrum {best}", median["ours"], median[best]))
    return lines
