"""Public networks of other fields: compiling them, and one posterior, against the junction trees of pyAgrum and pgmpy.

Each network and library has a process to itself with a limit of CPU time and memory, so that one that fails does not
stop the others; its line then says why. Times are CPU seconds in one thread. Our compiling includes the tables of all
clusters; pyAgrum builds the tree alone and multiplies tables when it is asked.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
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
SECONDS = 60
MEMORY = 8 << 30
ROUNDS, ENOUGH = 20, 1.0

States = Mapping[str, int]
Ask = Callable[[], list[float]]


def run(quick: bool) -> list[Line]:
    """The lines of all networks."""
    lines: list[Line] = []
    for name in tqdm(QUICK if quick else NAMES, desc="networks", file=sys.stderr):
        lines += compared(name, {way: in_a_process(name, way) for way in ("ours", *PEERS)})
    return lines


def compared(name: str, found: Mapping[str, Mapping[str, Any]]) -> list[Line]:
    """Ours against each peer, and the difference where both have an answer."""
    lines, ours = [], found["ours"]
    for peer in (peer for peer in PEERS if peer in found):
        theirs = found[peer]
        lines.append(Line(f"{name}, compiled, {peer}", ours["compile"], theirs["compile"]))
        lines.append(Line(f"{name}, one posterior, {peer}", ours["posterior"], theirs["posterior"]))
        if "answer" in ours and "answer" in theirs:
            lines.append(agreement(f"{name}, {peer}", np.abs(np.subtract(ours["answer"], theirs["answer"])).max()))
    return lines


def in_a_process(name: str, way: str) -> dict[str, Any]:
    """The figures of one library on one network; those that it did not reach are the reason."""
    command = [sys.executable, "-m", "benchmarks.networks", name, way]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    reached = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    reason = why(done.returncode, done.stderr)
    return {"compile": reason, "posterior": reason, **{key: value for part in reached for key, value in part.items()}}


def why(code: int, errors: str) -> str:
    """Why a process with this exit code and error output did not give its figures, in a few words.

    >>> why(-signal.SIGXCPU, ""), why(1, "MemoryError"), why(1, "  File\\nValueError: no sepset")
    ('over 60 s', 'memory', 'ValueError: no sepset')
    """
    last = (errors.strip().splitlines() or [f"ended with {code}"])[-1]
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"over {SECONDS} s"
    return "memory" if "MemoryError" in last or "exact inference" in last else last[:60]


def figures(name: str, way: str) -> Iterator[dict[str, Any]]:
    """CPU seconds to compile; then those to answer, and the answer, P(target | evidence)."""
    network = public_network(name)
    target, states = question(network)
    begin = {"ours": _ours, "pyAgrum": _pyagrum, "pgmpy": _pgmpy}[way](network, target, states)
    compiled, ask = _timed(begin)
    yield {"compile": compiled}
    asked, answer = _timed(ask)
    yield {"posterior": asked, "answer": answer}


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
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    for part in figures(sys.argv[1], sys.argv[2]):
        print(json.dumps(part), flush=True)
