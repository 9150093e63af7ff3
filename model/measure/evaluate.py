"""How good are the probabilities? Discrimination, calibration and proper scores on patients with a known diagnosis."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.cases.case import Case
from model.cases.cohort import cohort_of
from model.cases.score import score
from model.estimate import Estimate
from model.inference.junction_tree import Index
from model.inference.net import Net
from model.measure.cross_validation import cross_validated
from model.measure.discrimination import areas_under_curve
from model.measure.resampling import Measure, bootstrap
from model.network.build import Array, Network, joint_given
from model.patient.criteria.baseline import baselines, probabilities
from model.priors.vocabulary import Vocabulary

Flags = NDArray[np.bool_]
FITTED = "network, fitted (cross-validated)"
STAGES = ("initial", "full")
LATER_GROUPS = ("antibody", "emg", "imaging", "biopsy", "genetic", "course")
LATER_FINDINGS = ("skin_biopsy_interface_dermatitis",)
METRICS: Mapping[str, str] = {
    "top1": "share with the true diagnosis first",
    "top2": "share with the true diagnosis among the first two",
    "log_loss": "mean -ln p(true diagnosis); 0 is perfect, ln of the number of diagnoses is ignorance",
    "brier": "mean squared error over all diagnoses; 0 is perfect, 2 the worst",
    "calibration_error": "mean gap between the leading probability and how often it is right; 0 is perfect",
    "auc_iim": "chance that an IIM patient has a higher P(IIM) than a mimic; 0.5 is chance, 1 perfect",
}


@dataclass(frozen=True)
class Evaluation:
    """One predictor: each of METRICS with its 90 % bootstrap interval, and its posteriors (patients, diagnoses)."""

    name: str
    metrics: Mapping[str, Estimate]
    posteriors: Array


def at_stage(case: Case, stage: str, vocabulary: Vocabulary) -> Case:
    """The case as known at a stage: `initial` is history, examination and routine blood tests."""
    if stage == "full":
        return case
    kept = {
        name: value
        for name, value in case.findings.items()
        if vocabulary.variable(name).group not in LATER_GROUPS and name not in LATER_FINDINGS
    }
    return replace(case, findings=kept)


def evaluate(
    net: Net,
    cases: Sequence[Case],
    stage: str = "full",
    seed: int = 0,
    folds: int = 0,
    progress: Callable[[int], object] = lambda done: None,
) -> list[Evaluation]:
    """The network and its baselines on cases with a known diagnosis.

    Parameters
    ----------
    net
        The network.
    cases
        The patients; those without a known diagnosis are left out.
    stage
        "full", or "initial": history, examination and routine blood tests only.
    seed
        Of the bootstrap and of the folds.
    folds
        With more than 0, also the network fitted to these cases by cross-validation.
    progress
        Called with the number of folds finished.

    Returns
    -------
    list of Evaluation
        The network first: each of METRICS with its 90 % interval, and the posteriors (patients, diagnoses).

    Raises
    ------
    InputError
        For cases of which none has a diagnosis.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> first = model.Case("a", {"ck_level": 12}, diagnosis="dermatomyositis")
    >>> cases = [first, model.Case("b", {}, diagnosis="fibromyalgia")]
    >>> network, *baselines = evaluate(net, cases)
    >>> network.posteriors.shape, 0 <= network.metrics["top1"].value <= 1
    ((2, 30), True)
    """
    known = [at_stage(case, stage, net.vocabulary) for case in cases if case.diagnosis]
    truth = np.array([net.vocabulary.diagnoses.index(str(case.diagnosis)) for case in known])
    cohort = cohort_of(known, net.vocabulary)
    prior = score(net, replace(cohort, states={}, likelihoods={}))
    criteria = {
        name: probabilities(net, [case.findings for case in known], prior, *how)
        for name, how in baselines(net.priors).items()
    }
    predictors = {
        "network": score(net, cohort),
        **({FITTED: cross_validated(net, cohort, folds, progress=progress)} if folds else {}),
        "independent findings": score(independent(net), cohort),
        **criteria,
        "prior alone": prior,
    }
    iim = np.isin(net.vocabulary.diagnoses, net.vocabulary.families["iim"])
    return [Evaluation(name, with_intervals(p, truth, iim, seed), p) for name, p in predictors.items()]


def independent(net: Net) -> Net:
    """The same priors with the hidden variables removed: findings are independent given the diagnosis.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    Net

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> both = {"ck_level": "high", "aldolase": "elevated"}
    >>> independent(net).posterior(both)["dermatomyositis"] != net.posterior(both)["dermatomyositis"]
    True
    """
    whole = net.network
    tables = {"setting": whole.tables["setting"], "diagnosis": whole.tables["diagnosis"]}
    parents: dict[str, tuple[str, ...]] = {"setting": (), "diagnosis": ("setting",)}
    for name in net.vocabulary.findings:
        tables[name] = joint_given(whole, ("diagnosis",), (name,))
        parents[name] = ("diagnosis",)
    network = Network({n: whole.states[n] for n in tables}, parents, tables)
    result = Net(net.priors)
    result.__dict__.update(network=network)
    return result


def metrics(posteriors: Array, truth: Index, iim: Flags) -> dict[str, float]:
    """Every metric of METRICS.

    Parameters
    ----------
    posteriors
        Array (patients, diagnoses).
    truth
        Index of the true diagnosis, (patients,).
    iim
        Whether each diagnosis is an inflammatory myopathy, (diagnoses,).

    Returns
    -------
    dict
        Metric -> value.

    Examples
    --------
    >>> posteriors = np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> metrics(posteriors, np.array([0, 0]), np.array([True, False]))["top1"]
    0.5
    """
    once = np.ones((1, len(truth)))
    return {name: float(values[0]) for name, values in weighed_metrics(posteriors, truth, iim)(once).items()}


def weighed_metrics(posteriors: Array, truth: Index, iim: Flags) -> Measure:
    """The metrics of samples in which each patient occurs a given number of times.

    Parameters
    ----------
    posteriors, truth, iim
        As in `metrics`.

    Returns
    -------
    function
        From counts (samples, patients) to metric -> array (samples,); what `paired_bootstrap` takes.

    Examples
    --------
    >>> posteriors = np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> measure = weighed_metrics(posteriors, np.array([0, 0]), np.array([True, False]))
    >>> measure(np.array([[1.0, 1.0], [2.0, 0.0]]))["top1"].tolist()
    [0.5, 1.0]
    """
    rows = np.arange(len(truth))
    own = posteriors[rows, truth]
    rank = (posteriors > own[:, None]).sum(axis=1)
    one_hot = np.zeros_like(posteriors)
    one_hot[rows, truth] = 1
    means = {
        "top1": rank == 0,
        "top2": rank <= 1,
        "log_loss": -np.log(np.maximum(own, 1e-300)),
        "brier": ((posteriors - one_hot) ** 2).sum(axis=1),
    }
    each = np.stack(list(means.values()), axis=1).astype(float)
    error = calibration_errors(posteriors.max(axis=1), rank == 0)
    area = areas_under_curve(posteriors @ iim.astype(float), iim[truth])

    def measure(counts: Array) -> dict[str, Array]:
        shares = counts / counts.sum(axis=1, keepdims=True)
        return {
            **dict(zip(means, (shares @ each).T, strict=True)),
            "calibration_error": error(counts),
            "auc_iim": area(counts),
        }

    return measure


def calibration_errors(confidence: Array, right: Flags, bins: int = 10) -> Callable[[Array], Array]:
    """A function from bootstrap samples to the expected calibration error, in bins of equal width.

    confidence, right (patients,). The function takes counts (samples, patients), how often each patient is in each
    sample, and returns (samples,). Source: Naeini et al 2015, AAAI.
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = (index[:, None] == np.arange(bins)) * (confidence - right)[:, None]
    return lambda counts: np.abs(counts @ gaps).sum(axis=1) / counts.sum(axis=1)


def with_intervals(posteriors: Array, truth: Index, iim: Flags, seed: int) -> dict[str, Estimate]:
    """Every metric with the 5th and 95th percentile of its bootstrap over the patients; shapes as in `metrics`."""
    return bootstrap(weighed_metrics(posteriors, truth, iim), len(truth), seed)


def by_diagnosis(
    evaluation: Evaluation, cases: Sequence[Case], vocabulary: Vocabulary
) -> list[tuple[str, int, int, float]]:
    """For each diagnosis: (id, patients who have it, in how many of them it leads, its mean probability in them)."""
    truth = [str(case.diagnosis) for case in cases if case.diagnosis]
    rows = []
    for i, diagnosis in enumerate(vocabulary.diagnoses):
        own = evaluation.posteriors[[t == diagnosis for t in truth]]
        if len(own):
            rows.append((diagnosis, len(own), int((own.argmax(axis=1) == i).sum()), float(own[:, i].mean())))
    return rows
