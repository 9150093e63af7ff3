"""The steps of a patient, and one finding in every setting, as CSV tables."""

import csv
import math
from collections.abc import Sequence
from io import StringIO

from model.learn.one_finding import InSetting, OneFinding
from model.learn.step_by_step import StepByStep
from model.learn.words import probability
from model.patient.phrases import value_phrase
from model.patient.why.weight_of_evidence import DECIBANS


def steps_csv(way: StepByStep) -> str:
    """CSV with one row for each step, the prior first: log odds in decibans, likelihood ratios, all probabilities.

    The probabilities are the columns `p_<diagnosis>`. A likelihood ratio that excludes one side is `inf` or 0.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    diagnoses = list(way.prior)
    writer.writerow([
        "step", "finding", "value", "for", "against", "decibans", "probability", "likelihood_ratio",
        "likelihood_ratio_if_independent", "likelihood_ratio_alone", *(f"p_{d}" for d in diagnoses),
    ])  # fmt: skip
    sides = [way.diagnosis, way.rival or "all others"]
    writer.writerow([0, "", "", *sides, *_odds(way.prior_log_odds), "", "", "", *map(_short, way.prior.values())])
    for number, step in enumerate(way.steps, 1):
        ratios = (step.log_ratio, step.log_ratio_if_independent, step.log_ratio_alone)
        writer.writerow([
            number, step.finding, value_phrase(step.value), *sides, *_odds(step.log_odds_after),
            *(_short(math.exp(ratio) if ratio < 700 else math.inf) for ratio in ratios),
            *(_short(step.posterior[d]) for d in diagnoses),
        ])  # fmt: skip
    return text.getvalue()


def one_finding_csv(result: OneFinding, settings: Sequence[InSetting]) -> str:
    """CSV of rates and likelihood ratios in the chosen setting with 90 % intervals, then of every setting."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = (result.finding, "|".join(result.positive), result.diagnosis, result.rival or "all others")
    writer.writerow(["finding", "positive", "for", "against", "setting", "measure", "value", "low", "high"])
    for name in ("sensitivity", "false_positive_rate", "positive_ratio", "negative_ratio"):
        measure = getattr(result, name)
        writer.writerow([*head, result.setting, name, *map(_short, (measure.value, measure.low, measure.high))])
    for row in settings:
        for name in ("pre_test", "post_if_positive", "post_if_negative", "right"):
            if (value := getattr(row, name)) is not None:
                writer.writerow([*head, row.setting, name, _short(value), "", ""])
    return text.getvalue()


def _odds(log_odds: float) -> tuple[str, str]:
    return _short(DECIBANS * log_odds), _short(probability(log_odds))


def _short(number: float) -> str:
    return f"{number:.6g}"
