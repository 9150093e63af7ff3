"""A cohort of 100,000 patients: time against pyAgrum and against plain arithmetic, and memory."""

from dataclasses import replace

import numpy as np

from benchmarks.memory import measured
from benchmarks.patients import FINDINGS, SEED, cohort, row_states
from benchmarks.report import Line, agreement
from benchmarks.timing import medians
from model import Net
from model.cases.cohort import Cohort
from model.cases.score import score
from model.network.build import Array
from tests.helpers.peers import pyagrum_posteriors, to_pyagrum

MEMORY = 2.0**30
UNCERTAIN = 512


def run(net: Net, quick: bool, priors: str | None) -> list[Line]:
    """All lines on cohorts."""
    size, sample = (20_000, 400) if quick else (100_000, 2_000)
    added, whole = measured(size, priors)
    many = cohort(net, size, FINDINGS, SEED)
    states = [row_states(many, row) for row in range(sample)]
    peers = pyagrum_posteriors(to_pyagrum(net.network), "LazyPropagation")
    answers = score(net, many)
    differences = [np.abs(answers[i] - np.array(way(states[i]))).max() for way in peers.values() for i in range(100)]
    square = _square(multiply_adds(net, many))
    median = medians(
        {
            "ours": (lambda patients: score(net, patients), [many]),
            "product": (lambda matrix: matrix @ matrix, [square]),
            **{name: (way, states) for name, way in peers.items()},
        },
        2 if quick else 5,
        {"ours": 3, "product": 3},
    )
    best = min(peers, key=lambda way: median[way])
    each = f"one of {size:,} patients, {FINDINGS} findings on average, pyAgrum {best} ({sample:,} timed)"
    product = f"{size:,} patients, matrix product of as many multiply-adds ({square.shape[0]}^3)"
    return [
        agreement("batch, pyAgrum", max(differences)),
        Line(each, median["ours"] / size, median[best], 100),
        Line(product, median["ours"], median["product"], cost=True),
        *_soft(net, many.take(np.arange(UNCERTAIN)), quick),
        Line(f"{size:,} patients, memory that scoring adds, against 1 GiB", added, MEMORY, 1, "B", cost=True),
        Line(f"{size:,} patients, peak of the whole process, against 1 GiB", whole, MEMORY, 1, "B", cost=True),
    ]


def _soft(net: Net, few: Cohort, quick: bool) -> list[Line]:
    """The same findings as likelihoods: one for the state that was found, a tenth for every other."""
    states = net.network.states
    likelihoods = {
        name: np.where(column[:, None] < 0, 1.0, np.where(column[:, None] == np.arange(len(states[name])), 1.0, 0.1))
        for name, column in few.states.items()
    }
    uncertain = replace(few, states={}, likelihoods=likelihoods)
    asked = [
        {name: likelihoods[name][row].tolist() for name, column in few.states.items() if column[row] >= 0}
        | {"setting": int(few.settings[row])}
        for row in range(100)
    ]
    peers = pyagrum_posteriors(to_pyagrum(net.network), "LazyPropagation")
    answers = score(net, uncertain)
    differences = [np.abs(answers[i] - np.array(way(asked[i]))).max() for way in peers.values() for i in range(20)]
    ours = (lambda patients: score(net, patients), [uncertain])
    median = medians({"ours": ours, **{name: (way, asked) for name, way in peers.items()}}, 2 if quick else 5)
    best = min(peers, key=lambda way: median[way])
    return [
        agreement("batch with likelihoods, pyAgrum", max(differences)),
        Line(f"one of {len(few)} patients with likelihoods, pyAgrum {best}", median["ours"] / len(few), median[best]),
    ]


def multiply_adds(net: Net, patients: Cohort) -> int:
    """Multiply-adds of message passing if each patient is worked alone, counted from the cluster tables.

    In each cluster a patient costs one per configuration for each observation at home there and each
    message heard from below; the sum that makes the message falls together with the last of them. A
    cluster without evidence in it or below is silent where its message would be 1.
    """
    states = patients.evidence(slice(None), 0).states
    tables = net.engine.tables
    factors = [np.zeros(len(patients), dtype=np.intp) for _ in tables]
    total = 0
    for index in reversed(range(len(tables))):
        table = tables[index]
        for name in table.columns:
            if name in states:
                factors[index] += np.asarray(states[name]) >= 0
        total += int(factors[index].sum()) * table.weights.shape[1]
        if index:
            factors[table.parent] += (factors[index] > 0) | (not table.idle)
    return total


def _square(operations: int) -> Array:
    """A matrix whose square takes that many multiply-adds."""
    side = round(operations ** (1 / 3))
    return np.random.default_rng(SEED).random((side, side))
