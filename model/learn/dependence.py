"""Why a finding is weaker or stronger evidence than it would be alone: which earlier findings overlap with it."""

from collections.abc import Mapping, Sequence

import numpy as np

from model.inference.evidence import likelihood
from model.inference.leading import leading
from model.inference.net import Findings, Net
from model.learn.step_by_step import StepByStep
from model.learn.words import ratio_phrase
from model.network.build import Array
from model.patient.phrases import enumeration, finding_phrase
from model.patient.why.weight_of_evidence import DECIBANS

NOTICEABLE = 1 / DECIBANS
"""One deciban, about the smallest change of evidence that a person notices (Good 1979)."""
MOST_NAMED = 3


def shared_causes(net: Net, finding: str, earlier: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Parents of `finding` other than the diagnosis -> the findings of `earlier` that carry evidence on them.

    A parent is a hidden variable or another finding. An earlier finding counts if it is that parent or its child.
    Parents without such a finding are left out.
    """
    parents = net.network.parents
    causes = [p for p in parents[finding] if p not in ("diagnosis", "setting")]
    shared = {cause: tuple(f for f in earlier if f == cause or cause in parents[f]) for cause in causes}
    return {cause: found for cause, found in shared.items() if found}


def dependence_sentence(net: Net, way: StepByStep, index: int) -> str:
    """A sentence that compares the likelihood ratio of step `index`, given the findings before, with independence.

    Empty for the first finding, for which the two are equal.
    """
    if not index:
        return ""
    step = way.steps[index]
    finding = finding_phrase(net.vocabulary, step.finding, step.value)
    claimed, real = step.log_ratio_if_independent, step.log_ratio
    if real == claimed or abs(real - claimed) < NOTICEABLE / 2:
        return "Nothing known so far overlaps with this finding, so it counts in full."
    claim = f"If findings were independent, {finding} would have a likelihood ratio of "
    claim += f"{ratio_phrase(claimed)}; given what is already known, it is {ratio_phrase(real)}. "
    return claim + _reason(net, way, index, less=abs(real) < abs(claimed) and real * claimed >= 0)


def _reason(net: Net, way: StepByStep, index: int, less: bool) -> str:
    finding = way.steps[index].finding
    values = {s.finding: s.value for s in way.steps[:index]}
    shared = shared_causes(net, finding, list(values))
    amount = "Part of its information was already known" if less else "What is already known changes its meaning"
    if not shared:
        return f"{amount}, through hidden processes behind the findings."
    cause = _main_cause(net, way, index, list(shared))
    if cause in values:
        return f"{amount}: it depends on {finding_phrase(net.vocabulary, cause, values[cause])}."
    found = shared[cause]
    named = [finding_phrase(net.vocabulary, f, values[f]) for f in found[-MOST_NAMED:]]
    more = len(found) - len(named)
    names = enumeration([*named, *([f"{more} more"] if more else [])])
    label = net.vocabulary.variables[cause].label
    return f"{amount}: it depends on “{label[:1].lower() + label[1:]}”, and so {_verb(len(found))} {names}."


def _verb(count: int) -> str:
    return "does" if count == 1 else "do"


def _main_cause(net: Net, way: StepByStep, index: int, causes: Sequence[str]) -> str:
    """The cause through which the findings before step `index` change the frequency of its finding most.

    For a cause with states c, within one diagnosis, the relative change of the frequency of the finding when P(c)
    becomes P(c | findings before) is |sum over c of (P(c | before) - P(c)) P(c | finding) / P(c)|. It is added up over
    the diagnosis and its rival (or the most probable other diagnosis).
    """
    if len(causes) == 1:
        return causes[0]
    step, posterior = way.steps[index], way.steps[index - 1].posterior
    rival = way.rival or leading(posterior, but=way.diagnosis)
    sides = [net.vocabulary.diagnoses.index(d) for d in (way.diagnosis, rival)]
    stages: list[Findings] = [{}, {s.finding: s.value for s in way.steps[:index]}, {step.finding: step.value}]
    joints = [net.joints(known, way.setting) for known in stages]

    def change(cause: str) -> float:
        total = 0.0
        for side in sides:
            beliefs = [_belief(net, cause, side, *stage) for stage in zip(stages, joints, strict=True)]
            if min(belief.sum() for belief in beliefs) > 0:
                prior, then, with_finding = (belief / belief.sum() for belief in beliefs)
                ratio = np.divide(with_finding, prior, out=np.zeros_like(prior), where=prior > 0)
                total += abs(float(((then - prior) * ratio).sum()))
        return total

    return max(causes, key=change)


def _belief(net: Net, cause: str, side: int, known: Findings, joints: Mapping[str, Array]) -> Array:
    """P(cause | diagnosis of index `side`, known) up to a factor, (states,)."""
    if cause in joints:
        return joints[cause][side]
    return likelihood(net.vocabulary, net.vocabulary.variable(cause), known[cause])
