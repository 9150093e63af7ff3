"""Public networks of other fields: compiling them, and one posterior, against the junction trees of pyAgrum and pgmpy.

Each network and library has a process to itself with a limit of time and memory, so that one that fails does not
stop the others. Times are CPU seconds in one thread. Our compiling includes the tables of all clusters; pyAgrum
builds the tree alone and multiplies tables when it is asked.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.report import Line, agreement
from model.inference.engine import Evidence, compile_engine
from model.inference.junction_tree import core_of
from model.inference.sweep import posterior
from model.network.build import Network
from model.network.export import to_pgmpy
from tests.helpers.peers import pyagrum, to_pyagrum
from tests.helpers.public_networks import public_network

QUICK = ("asia", "sachs", "child", "insurance", "alarm")
NAMES = (*QUICK, "hailfinder", "win95pts", "hepar2", "water", "andes", "pigs", "munin1")
PEERS = ("pyAgrum", "pgmpy")
SEED = 20261
OBSERVED = 5
SECONDS = 120
MEMORY = 8 << 30
ROUNDS, ENOUGH = 20, 1.0

States = Mapping[str, int]
Ask = Callable[[], list[float]]


def run(quick: bool) -> list[Line]:
    """The lines of all networks; what failed is printed with the reason."""
    lines: list[Line] = []
    for name in tqdm(QUICK if quick else NAMES, desc="networks", file=sys.stderr):
        found = {way: in_a_process(name, way) for way in ("ours", *PEERS)}
        for way, figures in found.items():
            if isinstance(figures, str):
                tqdm.write(f"{name}, {way}: {figures}")
        lines += compared(name, {way: figures for way, figures in found.items() if not isinstance(figures, str)})
    return lines


def compared(name: str, found: Mapping[str, Mapping[str, Any]]) -> list[Line]:
    """Ours against each peer that has an answer."""
    lines = []
    for peer in PEERS if "ours" in found else ():
        if peer in found:
            ours, theirs = found["ours"], found[peer]
            difference = np.abs(np.subtract(ours["answer"], theirs["answer"])).max()
            lines.append(Line(f"{name}, compiled, {peer}", ours["compile"], theirs["compile"]))
            lines.append(Line(f"{name}, one posterior, {peer}", ours["posterior"], theirs["posterior"]))
            lines.append(agreement(f"{name}, {peer}", difference))
    return lines


def in_a_process(name: str, way: str) -> dict[str, Any] | str:
    """The figures of one library on one network, or why there are none."""
    command = [sys.executable, "-m", "benchmarks.networks", name, way]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    root = Path(__file__).parents[1]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=root, env=environment)
    except subprocess.TimeoutExpired:
        return f"stopped after {SECONDS} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def figures(name: str, way: str) -> dict[str, Any]:
    """CPU seconds to compile and to answer, and the answer, P(target | evidence)."""
    network = public_network(name)
    target, states = question(network)
    begin = {"ours": _ours, "pyAgrum": _pyagrum, "pgmpy": _pgmpy}[way](network, target, states)
    compiled, ask = _timed(begin)
    asked, answer = _timed(ask)
    return {"compile": compiled, "posterior": asked, "answer": answer}


def question(network: Network) -> tuple[str, dict[str, int]]:
    """A variable with few states that has children, and what is observed: some leaves of one simulated case."""
    generator = np.random.default_rng(SEED)
    case: dict[str, int] = {}
    for name in network.nodes:
        row = network.tables[name][tuple(case[parent] for parent in network.parents[name])]
        case[name] = int(generator.choice(len(row), p=row))
    core = core_of(network.parents, network.nodes[0])
    leaves = [name for name in network.nodes if name not in core]
    observed = generator.choice(leaves, size=min(OBSERVED, len(leaves)), replace=False).tolist()
    return min(core, key=lambda name: len(network.states[name])), {name: case[name] for name in observed}


def _ours(network: Network, target: str, states: States) -> Callable[[], Ask]:
    def begin() -> Ask:
        engine = compile_engine(network, target)
        return lambda: posterior(engine, Evidence(states, {}))[0].tolist()

    return begin


def _pyagrum(network: Network, target: str, states: States) -> Callable[[], Ask]:
    bayes_net = to_pyagrum(network)

    def begin() -> Ask:
        inference = pyagrum.LazyPropagation(bayes_net)
        inference.setNumberOfThreads(1)
        inference.setTargets({target})
        inference.junctionTree()

        def ask() -> list[float]:
            inference.eraseAllEvidence()
            inference.setEvidence(dict(states))
            inference.makeInference()
            values: list[float] = inference.posterior(target).tolist()
            return values

        return ask

    return begin


def _pgmpy(network: Network, target: str, states: States) -> Callable[[], Ask]:
    from pgmpy.inference import BeliefPropagation

    bayes_net = to_pgmpy(network)
    evidence = {name: network.states[name][state] for name, state in states.items()}

    def begin() -> Ask:
        inference = BeliefPropagation(bayes_net)

        def ask() -> list[float]:
            factor = inference.query([target], evidence=dict(evidence), show_progress=False)
            return [float(factor.get_value(**{target: state})) for state in network.states[target]]

        return ask

    return begin


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Median CPU seconds of several calls, fewer where one takes long, and the last result."""
    spent: list[float] = []
    result = None
    while len(spent) < ROUNDS and sum(spent) < ENOUGH:
        start = process_time()
        result = call()
        spent.append(process_time() - start)
    return median(spent), result


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(json.dumps(figures(sys.argv[1], sys.argv[2])))
