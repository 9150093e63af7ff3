"""Every measure of a predictor as a table of rows, for the page and the command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from model.inference.junction_tree import Index
from model.measure.calibration import reliability
from model.measure.calibration_measures import calibration_measures
from model.measure.decisions import decision_curve
from model.measure.discrimination import Flags, areas, confusion, top
from model.network.build import Array
from model.priors.vocabulary import Vocabulary

Rows = list[dict[str, object]]
THRESHOLDS = tuple(np.round(np.arange(0.02, 1, 0.02), 2).tolist())
FAMILY = "iim"
TABLES = ("discrimination", "ranks", "calibration", "reliability", "decisions", "confusion")


def events(vocabulary: Vocabulary) -> dict[str, Flags]:
    """The events that can be scored: inflammatory myopathy, and each diagnosis; name -> flags (diagnoses,)."""
    family = np.isin(vocabulary.diagnoses, vocabulary.families[FAMILY])
    own = {d: np.array([d == other for other in vocabulary.diagnoses]) for d in vocabulary.diagnoses}
    return {FAMILY: family, **own}


def measure(
    predictors: Mapping[str, Array],
    truth: Index,
    vocabulary: Vocabulary,
    progress: Callable[[int], object] = lambda done: None,
) -> dict[str, Rows]:
    """Name of a table -> its rows. predictors: name -> posteriors (patients, diagnoses); truth (patients,).

    discrimination: area of each event against the rest. ranks: share of true diagnoses among the first k. calibration:
    the measures of CALIBRATION for two events: IIM, and that the leading diagnosis is right. reliability: the curves of
    these two. decisions: net benefit for IIM and each diagnosis that occurs. confusion: of the first predictor.
    Intervals are 90 %, by bootstrap; those of the bins of a curve are Wilson's. `progress` is called with the number of
    predictors finished.
    """
    tables: dict[str, Rows] = {name: [] for name in TABLES}
    occurring = {n: flags for n, flags in events(vocabulary).items() if flags[truth].any()}
    for done, (name, posteriors) in enumerate(predictors.items(), start=1):
        tables["discrimination"] += [{"predictor": name, **asdict(a)} for a in areas(posteriors, truth, occurring)]
        shares = top(posteriors, truth).items()
        tables["ranks"] += [{"predictor": name, "first": k, "share": e.value, "low": e.low, "high": e.high}
                            for k, e in shares]  # fmt: skip
        for event, (predicted, happened) in _calibrated(posteriors, truth, vocabulary).items():
            measures = calibration_measures(predicted, happened)
            tables["calibration"] += [
                {"predictor": name, "event": event, "measure": m, **e._asdict()} for m, e in measures.items()
            ]
            curve = [asdict(b) for b in reliability(predicted, happened)]
            tables["reliability"] += [{"predictor": name, "event": event, **point} for point in curve]
        tables["decisions"] += _decisions(name, posteriors, truth, occurring)
        progress(done)
    tables["confusion"] = _confusion(next(iter(predictors.values())), truth, vocabulary)
    return tables


def _calibrated(posteriors: Array, truth: Index, vocabulary: Vocabulary) -> dict[str, tuple[Array, Flags]]:
    """The two events whose calibration is measured: name -> probability and occurrence, (patients,) each."""
    family = events(vocabulary)[FAMILY]
    return {
        FAMILY: (posteriors[:, family].sum(axis=1), family[truth]),
        "leading diagnosis": (posteriors.max(axis=1), posteriors.argmax(axis=1) == truth),
    }


def _decisions(name: str, posteriors: Array, truth: Index, occurring: Mapping[str, Flags]) -> Rows:
    return [
        {"event": event, "predictor": name, **asdict(point)}
        for event, flags in occurring.items()
        for point in decision_curve(posteriors[:, flags].sum(axis=1), flags[truth], THRESHOLDS)
    ]


def _confusion(posteriors: Array, truth: Index, vocabulary: Vocabulary) -> Rows:
    counts = confusion(posteriors, truth)
    return [
        {"diagnosis": d, **dict(zip(vocabulary.diagnoses, row.tolist(), strict=True))}
        for d, row in zip(vocabulary.diagnoses, counts, strict=True)
        if row.any()
    ]


def columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Column name -> values, for `model.cases.files.write.write_table`; all rows have the same keys."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}
