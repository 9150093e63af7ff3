"""One toggle with twelve findings entered: every answer of the page on one core, and what a peer needs for the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from benchmarks.patients import Patient, patients
from benchmarks.report import Line, agreement
from benchmarks.timing import medians
from model import Net
from model.network.build import Array
from model.patient.patient import Patient as Answers
from model.patient.what_next.procedures import Procedure, procedures_of
from model.patient.what_next.value_of_information import advise
from tests.helpers.peers import pyagrum, to_pyagrum

SEED = 20261
FINDINGS = 12
COALITIONS = 64
BUDGET, BUDGET_OF_POSTERIOR = 0.25, 0.001
SMALL_PROCEDURE = 3

# Untyped; scikit-learn brings it.
threadpoolctl: Any = import_module("threadpoolctl")


def run(net: Net, quick: bool) -> list[Line]:
    """The budget of a toggle, the part of it that each answer takes, and two answers against pyAgrum."""
    asked = patients(net, 4 if quick else 20, FINDINGS, SEED)
    ways = answers(net)
    with threadpoolctl.threadpool_limits(1):
        spent = {name: _of_a_toggle(way, asked) for name, way in ways.items()}
        total = sum(spent.values())
        what = f"one toggle, {FINDINGS} findings, one core:"
        return [
            Line(f"{what} every answer, against the budget", total, BUDGET, 1, cost=True),
            Line(f"{what} posterior, against the budget", spent["posterior"], BUDGET_OF_POSTERIOR, 1, cost=True),
            *(Line(f"{name}, share of every answer", seconds, total, cost=True) for name, seconds in spent.items()),
            *_against_pyagrum(net, asked, quick),
        ]


def _of_a_toggle(way: Callable[[Patient], object], asked: Sequence[Patient]) -> float:
    """Median seconds of computing for an answer after one more finding; it has just been given for the others.

    The time of the processor, which other programs on the machine do not count into.
    """
    seconds = []
    for patient in asked:
        *others, _ = patient.findings
        way(replace(patient, findings={name: patient.findings[name] for name in others}))
        start = process_time()
        way(patient)
        seconds.append(process_time() - start)
    return median(seconds)


def answers(net: Net) -> Mapping[str, Callable[[Patient], object]]:
    """What the page computes of a patient, by question; each starts from the findings alone."""

    def of(patient: Patient) -> Answers:
        return net.patient(patient.findings, patient.setting)

    return {
        "posterior": lambda patient: of(patient).probabilities,
        "why": lambda patient: of(patient).why(),
        "how sure: intervals": lambda patient: of(patient).intervals,
        "how sure: conflict": lambda patient: of(patient).conflict,
        "how sure: surprise": lambda patient: of(patient).surprise,
        "what next: procedures": lambda patient: of(patient).what_next(),
        "what next: work-up": lambda patient: of(patient).work_up(),
        "criteria": lambda patient: of(patient).criteria(),
        "not to miss": lambda patient: of(patient).alerts(),
    }


def _against_pyagrum(net: Net, asked: Sequence[Patient], quick: bool) -> list[Line]:
    """Exact Shapley values from one posterior a coalition, and the information of a small procedure."""
    bayes_net = to_pyagrum(net.network)
    ask, coalitions = _posterior_of_a_coalition(bayes_net, asked[0])
    seconds = medians({"ours": (answers(net)["why"], asked), "theirs": (ask, coalitions)}, 1 if quick else 3)
    what = f"why, exact, pyAgrum LazyPropagation, extrapolated from {COALITIONS} of {2**FINDINGS} coalitions"
    lines = [Line(what, seconds["ours"], seconds["theirs"] * 2**FINDINGS)]
    small = _small_procedure(net, asked)
    if small is None:
        return lines
    procedure, chosen = small
    peer = _information_by_pyagrum(bayes_net, procedure)

    def ours(patient: Patient) -> float:
        return advise(net, patient.findings, patient.setting, [procedure]).values[0].information

    difference = max(abs(ours(patient) - peer(patient)) for patient in chosen[:3])
    seconds = medians({"ours": (ours, chosen), "theirs": (peer, chosen)}, 1 if quick else 3)
    what = f"{procedure.label} ({len(procedure.findings)} findings)"
    return [
        *lines,
        agreement(f"{what}: information, pyAgrum", difference),
        Line(f"{what}: whole advice, pyAgrum for the information alone", seconds["ours"], seconds["theirs"]),
    ]


def _posterior_of_a_coalition(
    bayes_net: Any, patient: Patient
) -> tuple[Callable[[Mapping[str, int]], Any], list[dict[str, int]]]:
    """The posterior by pyAgrum given some of the findings, and random sets of them to ask for."""
    inference = pyagrum.LazyPropagation(bayes_net)
    inference.setTargets({"diagnosis"})
    taken = np.random.default_rng(SEED).random((COALITIONS, len(patient.findings))) < 0.5
    coalitions = [
        {name: patient.states[name] for name, chosen in zip(patient.findings, row, strict=True) if chosen}
        | {"setting": patient.states["setting"]}
        for row in taken
    ]

    def ask(states: Mapping[str, int]) -> Any:
        inference.setEvidence(states)
        inference.makeInference()
        return inference.posterior("diagnosis")

    return ask, coalitions


def _small_procedure(net: Net, asked: Sequence[Patient]) -> tuple[Procedure, list[Patient]] | None:
    """The largest procedure of few findings, and the patients in whom all of them are still unknown."""
    small = [p for p in procedures_of(net.priors) if len(p.findings) <= SMALL_PROCEDURE]
    if not small:
        return None
    procedure = max(small, key=lambda p: len(p.findings))
    chosen = [patient for patient in asked if not set(procedure.findings) & set(patient.findings)]
    return (procedure, chosen) if chosen else None


def _information_by_pyagrum(bayes_net: Any, procedure: Procedure) -> Callable[[Patient], float]:
    """Mutual information of the diagnosis and all findings of the procedure, bits, from their joint posterior."""
    names = {"diagnosis", *procedure.findings}
    inference = pyagrum.LazyPropagation(bayes_net)
    inference.eraseAllTargets()
    inference.addJointTarget(names)

    def ask(patient: Patient) -> float:
        inference.setEvidence(patient.states)
        inference.makeInference()
        table = inference.jointPosterior(names)
        axis = len(table.names) - 1 - list(table.names).index("diagnosis")
        joint = np.moveaxis(np.asarray(table.toarray()), axis, 0)
        return _mutual_information(joint.reshape(len(joint), -1))

    return ask


def _mutual_information(joint: Array) -> float:
    """Of the two axes of a joint distribution, bits."""
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    return float((joint[seen] * np.log2(joint[seen] / independent[seen])).sum())
