"""Every measure of how well the probabilities of one event are calibrated, with its bootstrap interval."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.estimate import Estimate
from model.inference.junction_tree import Index
from model.measure.calibration import NEAR_CERTAIN, bin_of, log_odds, quantiles, recalibration
from model.measure.resampling import RESAMPLES, percentiles, resampled_counts
from model.network.factors import Array

Flags = NDArray[np.bool_]
CALIBRATION: Mapping[str, str] = {
    "slope": "1 is perfect; below 1 the probabilities are too extreme, above 1 too timid",
    "intercept": "0 is perfect; above 0 the probabilities are too low on the whole",
    "calibration_error": "mean gap between probability and frequency, in bins of equal width; 0 is perfect",
    "log_loss": "mean -ln of the probability of what happened; 0 is perfect",
    "brier": "mean squared error; 0 is perfect, = reliability - resolution + uncertainty + within",
    "reliability": "squared gap between probability and frequency, in bins of equal numbers; 0 is perfect",
    "resolution": "how far the frequencies of the bins lie from the overall one; more is better",
    "uncertainty": "of the event itself",
    "within": "what is left because probabilities differ inside a bin",
}
PER_LOG_ODDS = 100  # The resamples use log odds rounded to 1/100.
STEPS, LONGEST_STEP = 25, 2.0


def calibration_measures(
    predicted: Array, happened: Flags, bins: int = 10, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Each measure of CALIBRATION with the 5th and 95th percentile over resampled patients.

    predicted (patients,): probability of the event; happened (patients,). Slope and intercept: Cox 1958; error:
    Naeini et al 2015; parts of the Brier score: Murphy 1973, with the part inside the bins of Stephenson, Coelho &
    Jolliffe 2008. The resamples use log odds rounded to two decimals, so that their cost does not grow with the number
    of patients. Resampling increases gaps, so the intervals of error, reliability and resolution are biased upwards. A
    bound is NaN if the resamples have no finite one, for example for the slope of perfectly separated patients.
    """
    edges = quantiles(predicted, bins)
    cox = recalibration(predicted, happened)
    point = _scores(_cells(predicted, happened), edges)
    values = {"slope": cox.slope, "intercept": cox.intercept} | {name: float(v[0]) for name, v in point.items()}
    rounded = np.round(PER_LOG_ODDS * log_odds(predicted)) / PER_LOG_ODDS
    cells = _cells(1 / (1 + np.exp(-rounded)), happened)
    drawn = [
        np.column_stack([*_recalibrations(block), *_scores(block, edges).values()])
        for counts in resampled_counts(cells.counts.ravel(), seed, resamples)
        for block in [_Cells(cells.values, counts.reshape(-1, *cells.counts.shape[1:]))]
    ]
    ends = zip(*(end.tolist() for end in percentiles(np.concatenate(drawn))), strict=True)
    return {name: _estimate(values[name], *pair) for name, pair in zip(CALIBRATION, ends, strict=True)}


def _estimate(value: float, *ends: float) -> Estimate:
    return Estimate(value, *(end if np.isfinite([value, end]).all() else float("nan") for end in ends))


@dataclass(frozen=True)
class _Cells:
    """Patients grouped by probability: values (cells,); counts (samples, 2, cells), without and with the event."""

    values: Array
    counts: Array


def _cells(predicted: Array, happened: Flags) -> _Cells:
    values, cell = np.unique(predicted, return_inverse=True)
    counts = [np.bincount(cell[happened == side], minlength=len(values)) for side in (False, True)]
    return _Cells(values, np.stack(counts)[None])


def _scores(cells: _Cells, edges: Array) -> dict[str, Array]:
    """The measures of CALIBRATION after slope and intercept, (samples,) each, in that order."""
    without, having = cells.counts[:, 0], cells.counts[:, 1]
    given, patients = cells.values, cells.counts.sum(axis=(1, 2))
    inside = np.clip(given, NEAR_CERTAIN, 1 - NEAR_CERTAIN)
    loss = -(having @ np.log(inside) + without @ np.log1p(-inside)) / patients
    brier = (having @ (1 - given) ** 2 + without @ given**2) / patients
    base = having.sum(axis=1) / patients
    ten_wide = np.minimum((given * 10).astype(np.intp), 9)
    share, gap, _ = _binned(cells, ten_wide)
    error = (share * np.abs(gap)).sum(axis=1)
    share, gap, observed = _binned(cells, bin_of(given, edges))
    reliability = (share * gap**2).sum(axis=1)
    resolution = (share * (observed - base[:, None]) ** 2).sum(axis=1)
    uncertainty = base * (1 - base)
    within = brier - reliability + resolution - uncertainty
    values = (error, loss, brier, reliability, resolution, uncertainty, within)
    return dict(zip(list(CALIBRATION)[2:], values, strict=True))


def _binned(cells: _Cells, bins: Index) -> tuple[Array, Array, Array]:
    """Share of patients, mean probability minus observed frequency, and observed frequency, each (samples, bins).

    bins (cells,): the bin of each cell. An empty bin has share 0.
    """
    member = (bins[:, None] == np.arange(bins.max() + 1)).astype(float)
    patients = cells.counts.sum(axis=1) @ member
    some = np.maximum(patients, 1)
    observed = cells.counts[:, 1] @ member / some
    given = cells.counts.sum(axis=1) @ (member * cells.values[:, None]) / some
    return patients / patients.sum(axis=1, keepdims=True), given - observed, observed


def _recalibrations(cells: _Cells) -> tuple[Array, Array]:
    """Slope and intercept of each sample, (samples,) each; NaN if the event always or never happened."""
    sides = cells.counts.sum(axis=2)
    both = (sides > 0).all(axis=1)
    return tuple(np.where(both, _fitted(cells, free), np.nan) for free in (True, False))  # type: ignore[return-value]


def _fitted(cells: _Cells, free: bool) -> Array:
    """For each sample, the slope of a logistic regression; if not `free`, the intercept with the slope fixed at 1.

    Newton's method for all samples at once; infinite if it does not converge, as for separable samples. (samples,)
    """
    from scipy.special import expit

    given = log_odds(cells.values)
    design = np.stack([np.ones_like(given), given]) if free else np.ones((1, len(given)))
    offset = np.zeros_like(given) if free else given
    outer = (design[:, None] * design[None]).reshape(-1, len(given))
    having, patients = cells.counts[:, 1], cells.counts.sum(axis=1)
    found = np.tile([0.0, 1.0] if free else [0.0], (len(patients), 1))
    change = np.full_like(found, np.inf)
    for _ in range(STEPS):
        chance = expit(found @ design + offset)
        gradient = (having - patients * chance) @ design.T
        curvature = (patients * chance * (1 - chance)) @ outer.T
        curvature = curvature.reshape(-1, len(design), len(design)) + 1e-9 * np.eye(len(design))
        change = np.clip(np.linalg.solve(curvature, gradient[..., None])[..., 0], -LONGEST_STEP, LONGEST_STEP)
        found = found + change
        if np.abs(change).max() < 1e-7:
            break
    settled = np.abs(change).max(axis=1) < 1e-3
    return np.where(settled, found[:, -1], np.inf)
