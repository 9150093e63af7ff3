"""Is the network as good in one group of patients as in another: by sex, age, setting, stage of the work-up?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.cases.case import Case
from model.cases.cohort import cohort_of
from model.cases.score import score
from model.errors import InputError
from model.estimate import Estimate
from model.inference.net import Net
from model.measure.evaluate import STAGES, Evaluation, at_stage, with_intervals

UNKNOWN = "unknown"
GROUPED_BY = ("sex", "age_at_onset")


@dataclass(frozen=True)
class GroupPerformance:
    """The patients in one state of a finding (or `unknown`): how many, and each metric with its 90 % interval."""

    finding: str
    state: str
    patients: int
    metrics: Mapping[str, Estimate]


def by_group(
    net: Net, evaluation: Evaluation, cases: Sequence[Case], finding: str, seed: int = 0
) -> list[GroupPerformance]:
    """How good the network is in each group of patients.

    Parameters
    ----------
    net
        The network.
    evaluation
        The evaluation of the network, from `evaluate`.
    cases
        The same cases as in `evaluate`.
    finding
        Id of the finding, or "setting", whose states make the groups.
    seed
        Seed of the bootstrap over the patients of a group.

    Returns
    -------
    list of GroupPerformance
        One for each state that occurs, in the order of the vocabulary, the unknown last; metrics with 90 % intervals.

    Raises
    ------
    InputError
        For an unknown finding, or cases that do not belong to the evaluation.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> first = model.Case("a", {"sex": "female"}, diagnosis="dermatomyositis")
    >>> cases = [first, model.Case("b", {}, diagnosis="fibromyalgia")]
    >>> [(group.state, group.patients) for group in by_group(net, model.evaluate(net, cases)[0], cases, "sex")]
    [('female', 1), ('unknown', 1)]
    """
    known = [case for case in cases if case.diagnosis]
    if len(known) != len(evaluation.posteriors):
        raise InputError(f"{len(known)} cases with a diagnosis, but {len(evaluation.posteriors)} posteriors")
    states = np.array([state_of(net, case, finding) for case in known])
    truth = np.array([net.vocabulary.diagnoses.index(str(case.diagnosis)) for case in known])
    iim = np.isin(net.vocabulary.diagnoses, net.vocabulary.families["iim"])
    groups = []
    for state in (*net.vocabulary.variable(finding).states, UNKNOWN):
        chosen = states == state
        if chosen.any():
            values = with_intervals(evaluation.posteriors[chosen], truth[chosen], iim, seed)
            groups.append(GroupPerformance(finding, state, int(chosen.sum()), values))
    return groups


def by_stage(net: Net, cases: Sequence[Case], seed: int = 0) -> dict[str, Mapping[str, Estimate]]:
    """Stage of the work-up -> metrics of the network with 90 % intervals; every case has a known diagnosis."""
    truth = np.array([net.vocabulary.diagnoses.index(str(case.diagnosis)) for case in cases])
    iim = np.isin(net.vocabulary.diagnoses, net.vocabulary.families["iim"])
    known = {stage: [at_stage(case, stage, net.vocabulary) for case in cases] for stage in STAGES}
    return {
        stage: with_intervals(score(net, cohort_of(seen, net.vocabulary)), truth, iim, seed)
        for stage, seen in known.items()
    }


def state_of(net: Net, case: Case, finding: str) -> str:
    """The state of a finding (or the setting) of a case; UNKNOWN if it is missing or may be one of several."""
    if finding == "setting":
        return case.setting or net.default_setting
    value = case.findings.get(finding)
    try:
        return net.vocabulary.variable(finding).state(value)
    except InputError:
        if finding not in net.vocabulary.variables:
            raise
        return UNKNOWN
