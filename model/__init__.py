"""The open diagnostic model of the inflammatory myopathies.

>>> import model
>>> net = model.load()
>>> net.posterior({"heliotrope_rash": "present"})["dermatomyositis"] > 0.5
True

`docs/api.md` lists every name. What is not needed to load a network is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from model.about import VERSION as __version__
from model.errors import ImpossibleEvidence, InputError
from model.inference.net import Net, load

if TYPE_CHECKING:
    from model.calibrate.difference import difference as difference
    from model.calibrate.edit import Change as Change
    from model.calibrate.edit import edited as edit_priors
    from model.calibrate.edit import read_log as read_log
    from model.calibrate.edit import to_cite as to_cite
    from model.calibrate.numbers import by_key as numbers_by_key
    from model.calibrate.numbers import numbers as numbers
    from model.calibrate.numbers import rate_interval as rate_interval
    from model.cases.case import Case as Case
    from model.cases.case import read_cases as read_cases
    from model.cases.files.columns import column_values as column_values
    from model.cases.files.mapping import ColumnMapping as ColumnMapping
    from model.cases.files.mapping import propose as propose_mapping
    from model.cases.files.mapping import unused as unused_columns
    from model.cases.files.read import read_cohort_file as read_cohort
    from model.cases.files.write import write_table as write_table
    from model.cases.imagine import Imagined as Imagined
    from model.cases.imagine import columns as cohort_columns
    from model.cases.imagine import imagine as simulate
    from model.cases.score import score as score
    from model.estimate import Estimate as Estimate
    from model.fit.fit import fit as fit_priors
    from model.fit.fitted import Source as Source
    from model.fit.fitted import write_fitted as write_fitted
    from model.measure.audit import audit as audit
    from model.measure.audit import share_that_holds as share_that_holds
    from model.measure.calibration import recalibration as recalibration
    from model.measure.evaluate import METRICS as METRICS
    from model.measure.evaluate import evaluate as evaluate
    from model.measure.evaluate import independent as independent
    from model.measure.evaluate import metrics as metrics
    from model.measure.evaluate import weighed_metrics as weighed_metrics
    from model.measure.groups import by_group as by_group
    from model.measure.resampling import paired_bootstrap as paired_bootstrap
    from model.patient.patient import Patient as Patient
    from model.patient.why.coalitions import Coalitions as Coalitions
    from model.patient.why.weight_of_evidence import DECIBANS as DECIBANS
    from model.patient.why.weight_of_evidence import weigh_coalitions as weigh_coalitions
    from model.priors.published import published_rates as published_rates

__all__ = [
    "DECIBANS",
    "METRICS",
    "Case",
    "Change",
    "Coalitions",
    "ColumnMapping",
    "Estimate",
    "Imagined",
    "ImpossibleEvidence",
    "InputError",
    "Net",
    "Patient",
    "Source",
    "__version__",
    "audit",
    "by_group",
    "cohort_columns",
    "column_values",
    "difference",
    "edit_priors",
    "evaluate",
    "fit_priors",
    "independent",
    "load",
    "metrics",
    "numbers",
    "numbers_by_key",
    "paired_bootstrap",
    "propose_mapping",
    "published_rates",
    "rate_interval",
    "read_cases",
    "read_cohort",
    "read_log",
    "recalibration",
    "score",
    "share_that_holds",
    "simulate",
    "to_cite",
    "unused_columns",
    "weigh_coalitions",
    "weighed_metrics",
    "write_fitted",
    "write_table",
]

LATER = {
    "Case": ("model.cases.case", "Case"),
    "Change": ("model.calibrate.edit", "Change"),
    "Coalitions": ("model.patient.why.coalitions", "Coalitions"),
    "ColumnMapping": ("model.cases.files.mapping", "ColumnMapping"),
    "DECIBANS": ("model.patient.why.weight_of_evidence", "DECIBANS"),
    "Estimate": ("model.estimate", "Estimate"),
    "Imagined": ("model.cases.imagine", "Imagined"),
    "METRICS": ("model.measure.evaluate", "METRICS"),
    "Patient": ("model.patient.patient", "Patient"),
    "Source": ("model.fit.fitted", "Source"),
    "audit": ("model.measure.audit", "audit"),
    "rate_interval": ("model.calibrate.numbers", "rate_interval"),
    "by_group": ("model.measure.groups", "by_group"),
    "cohort_columns": ("model.cases.imagine", "columns"),
    "column_values": ("model.cases.files.columns", "column_values"),
    "difference": ("model.calibrate.difference", "difference"),
    "edit_priors": ("model.calibrate.edit", "edited"),
    "evaluate": ("model.measure.evaluate", "evaluate"),
    "fit_priors": ("model.fit.fit", "fit"),
    "independent": ("model.measure.evaluate", "independent"),
    "metrics": ("model.measure.evaluate", "metrics"),
    "numbers": ("model.calibrate.numbers", "numbers"),
    "numbers_by_key": ("model.calibrate.numbers", "by_key"),
    "paired_bootstrap": ("model.measure.resampling", "paired_bootstrap"),
    "propose_mapping": ("model.cases.files.mapping", "propose"),
    "published_rates": ("model.priors.published", "published_rates"),
    "read_cases": ("model.cases.case", "read_cases"),
    "read_cohort": ("model.cases.files.read", "read_cohort_file"),
    "read_log": ("model.calibrate.edit", "read_log"),
    "recalibration": ("model.measure.calibration", "recalibration"),
    "score": ("model.cases.score", "score"),
    "share_that_holds": ("model.measure.audit", "share_that_holds"),
    "simulate": ("model.cases.imagine", "imagine"),
    "to_cite": ("model.calibrate.edit", "to_cite"),
    "unused_columns": ("model.cases.files.mapping", "unused"),
    "weigh_coalitions": ("model.patient.why.weight_of_evidence", "weigh_coalitions"),
    "weighed_metrics": ("model.measure.evaluate", "weighed_metrics"),
    "write_fitted": ("model.fit.fitted", "write_fitted"),
    "write_table": ("model.cases.files.write", "write_table"),
}
"""Name -> its module, and what it is called there."""


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = LATER[name]
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
