"""P(configuration | findings) of every cluster for many patients: what expected counts are made of.

The messages of `model.inference.linear_scale`, up and back, with an axis of patients on everything. Patients whose
probability is too small for the linear scale, and soft evidence, go the general way of `model.inference.log_scale`.
"""

from collections.abc import Mapping

import numpy as np

from model.inference import log_scale as inference
from model.inference.junction_tree import Index
from model.inference.linear_scale import SAFE, LinearEngine
from model.inference.log_scale import Evidence
from model.inference.net import Net
from model.network.build import Array

PATIENTS_AT_ONCE = 512


def beliefs(net: Net, evidence: Evidence) -> tuple[list[Array], Array]:
    """Beliefs of each cluster, (patients, configurations), and ln P(evidence), (patients,).

    `evidence` is of many patients and has the setting of each. NaN and minus infinity where the
    findings cannot occur together.
    """
    if not evidence.likelihoods:
        believed, total = _linear_beliefs(net.linear, evidence.codes)  # type: ignore[arg-type]
        unsafe = np.flatnonzero(~(total > SAFE))
        if not len(unsafe):
            return believed, np.log(total)
    else:
        unsafe = np.arange(len(np.atleast_1d(evidence.codes["setting"])))
        believed, total = [], np.empty(0)
    few = Evidence(
        {name: np.asarray(codes)[unsafe] for name, codes in evidence.codes.items()},
        {name: weights[unsafe] for name, weights in evidence.likelihoods.items()},
    )
    slow = inference.beliefs(net.engine, few)
    log_slow = inference.posterior(net.engine, few)[1]
    log_slow = np.where(log_slow < inference.IMPOSSIBLE / 10, -np.inf, log_slow)
    if not believed:
        return slow, log_slow
    with np.errstate(divide="ignore"):
        log_total = np.log(total)
    log_total[unsafe] = log_slow
    for fast, exact in zip(believed, slow, strict=True):
        fast[unsafe] = exact
    return believed, log_total


def _linear_beliefs(engine: LinearEngine, codes: Mapping[str, Index]) -> tuple[list[Array], Array]:
    tables = engine.tables
    patients = len(next(iter(codes.values())))
    weights = [np.broadcast_to(table.weights[0], (patients, table.weights.shape[1])).copy() for table in tables]
    messages: list[Array] = [np.empty(0)] * len(tables)
    for index in range(len(tables) - 1, -1, -1):
        table = tables[index]
        for name, first in table.columns.items():
            if name in codes:
                known = np.flatnonzero(codes[name] >= 0)
                weights[index][known] *= table.weights.take(first + codes[name][known], 0)
        for child in (c for c in range(index + 1, len(tables)) if tables[c].parent == index):
            weights[index] *= messages[child].take(tables[child].to_parent, 1)
        messages[index] = np.add.reduceat(weights[index], table.starts, axis=1)
    total = messages[0].sum(axis=1)
    weights[0] /= np.where(total > 0, total, np.nan)[:, None]
    for index, table in enumerate(tables[1:], start=1):
        outside = np.add.reduceat(weights[table.parent].take(table.by_separator, 1), table.groups, axis=1)
        ratio = np.divide(outside, messages[index], out=np.zeros_like(outside), where=messages[index] > 0)
        weights[index] *= ratio.take(table.to_separator, 1)
    return weights, total
