"""The work behind Measure: posteriors, tables and comparisons of predictors on patients with a known diagnosis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app_pages.calibrate import work
from app_pages.calibrate.cohort_choice import Chosen
from app_pages.shared.measures import STAGE_WORDS, group_row, metrics_in_words
from model import InputError, Net
from model.cases.case import Case
from model.cases.known import cases_of
from model.estimate import Estimate
from model.measure.comparison import differences
from model.measure.evaluate import STAGES, Evaluation, evaluate
from model.measure.groups import GROUPED_BY, by_group, by_stage, state_of
from model.measure.tables import Rows, measure


@dataclass(frozen=True)
class Question:
    """What is to be measured. `setting`: of the patients, all where it is empty; `against`: name and network of
    another set of priors; `folds`: of a cross-validated fit, 0 for none.
    """

    chosen: Chosen
    setting: str
    stage: str
    against: tuple[str, Net] | None
    folds: int


@dataclass(frozen=True)
class Measured:
    """Predictors on a cohort, the network first and the other set second; `differences`: other set less this one."""

    results: list[Evaluation]
    tables: Mapping[str, Rows]
    groups: list[dict[str, object]]
    differences: Mapping[str, Estimate]
    other: str = ""


def task_of(net: Net, asked: Question) -> work.Task:
    """What `work.start` runs; its result is `Measured`."""

    def task(tell: work.Tell) -> Measured:
        cases = known_cases(net, asked)
        truth = np.array([net.vocabulary.diagnoses.index(str(case.diagnosis)) for case in cases])
        _say(tell, 0.02, f"Computing {len(cases):,} patients with the model and simpler predictors")
        folded = work.steps(tell, asked.folds, "Testing fits on patients left out", 0.02, 0.4)
        results = evaluate(net, cases, asked.stage, folds=asked.folds, progress=folded)
        found: Mapping[str, Estimate] = {}
        other = ""
        if asked.against:
            _say(tell, 0.4, "The other priors on the same patients")
            second = evaluate(asked.against[1], cases, asked.stage)[0]
            other = f"network with: {asked.against[0]}"
            found = differences(results[0].posteriors, second.posteriors, truth, net.vocabulary)
            results.insert(1, replace(second, name=other))
        predictors = {result.name: result.posteriors for result in results}
        done = work.steps(tell, len(predictors), "Curves and their intervals, predictors", 0.5, 0.85)
        tables = measure(predictors, truth, net.vocabulary, done)
        return Measured(results, tables, _groups(net, results[0], cases, tell), found, other)

    return task


def known_cases(net: Net, asked: Question) -> list[Case]:
    """The patients that are judged; raises InputError where there is none."""
    cases = [case for case in cases_of(asked.chosen.cohort, net.vocabulary) if case.diagnosis]
    if asked.setting:
        cases = [case for case in cases if state_of(net, case, "setting") == asked.setting]
    if not cases:
        raise InputError(f"{asked.chosen.name}: none of these patients has a known diagnosis to compare with")
    return cases


def _groups(net: Net, result: Evaluation, cases: Sequence[Case], tell: work.Tell) -> list[dict[str, object]]:
    _say(tell, 0.85, "By stage of the work-up")
    stages = by_stage(net, cases)
    rows = [{"group": STAGE_WORDS[stage], "patients": len(cases)} | metrics_in_words(stages[stage]) for stage in STAGES]
    for place, finding in enumerate(("setting", *GROUPED_BY)):
        if finding in net.vocabulary.variables:
            _say(tell, 0.9 + 0.03 * place, f"By {net.vocabulary.variables[finding].label.lower()}")
            rows += [group_row(group, net.vocabulary) for group in by_group(net, result, cases, finding)]
    return rows


def _say(tell: work.Tell, share: float, words: str) -> None:
    if not tell(share, words):
        raise work.Stopped
