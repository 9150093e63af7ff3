"""Why a finding says less, or more, than it would alone: which findings before it tell of the same."""

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
"""One deciban, about the least change of evidence that a person notices (Good 1979)."""
MOST_NAMED = 3


def shared_causes(net: Net, finding: str, earlier: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What `finding` depends on besides the diagnosis, and the findings of `earlier` that tell of it.

    A cause is a hidden variable or another finding; a finding tells of itself and of what it depends on.
    """
    parents = net.network.parents
    causes = [p for p in parents[finding] if p not in ("diagnosis", "setting")]
    shared = {cause: tuple(f for f in earlier if f == cause or cause in parents[f]) for cause in causes}
    return {cause: found for cause, found in shared.items() if found}


def dependence_sentence(net: Net, way: StepByStep, place: int) -> str:
    """What the finding of step `place` says given those before, against what independence would claim.

    Empty for the first finding, of which both say the same.
    """
    if not place:
        return ""
    step = way.steps[place]
    finding = finding_phrase(net.vocabulary, step.finding, step.value)
    claimed, real = step.log_ratio_if_independent, step.log_ratio
    if real == claimed or abs(real - claimed) < NOTICEABLE / 2:
        return "Nothing known so far overlaps with this finding, so it counts in full."
    claim = f"If findings were independent, {finding} would have a likelihood ratio of "
    claim += f"{ratio_phrase(claimed)}; given what is already known, it is {ratio_phrase(real)}. "
    return claim + _reason(net, way, place, less=abs(real) < abs(claimed) and real * claimed >= 0)


def _reason(net: Net, way: StepByStep, place: int, less: bool) -> str:
    finding = way.steps[place].finding
    values = {s.finding: s.value for s in way.steps[:place]}
    shared = shared_causes(net, finding, list(values))
    amount = "Part of its information was already known" if less else "What is already known changes its meaning"
    if not shared:
        return f"{amount}, through hidden processes behind the findings."
    cause = _told_most(net, way, place, list(shared))
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


def _told_most(net: Net, way: StepByStep, place: int, causes: Sequence[str]) -> str:
    """The cause by way of which the findings before step `place` say most about its finding.

    For a cause with states c, in the diagnosis and in its rival (the most probable other one): by how much the
    finding becomes more or less frequent when P(c) becomes P(c | findings before), all else as in the disease,
    |sum over c of (P(c | before) - P(c)) P(c | finding) / P(c)|. The two are added.
    """
    if len(causes) == 1:
        return causes[0]
    step, posterior = way.steps[place], way.steps[place - 1].posterior
    rival = way.rival or leading(posterior, but=way.diagnosis)
    sides = [net.vocabulary.diagnoses.index(d) for d in (way.diagnosis, rival)]
    stages: list[Findings] = [{}, {s.finding: s.value for s in way.steps[:place]}, {step.finding: step.value}]
    joints = [net.joints(known, way.setting) for known in stages]

    def told(cause: str) -> float:
        total = 0.0
        for side in sides:
            beliefs = [_belief(net, cause, side, *stage) for stage in zip(stages, joints, strict=True)]
            if min(belief.sum() for belief in beliefs) > 0:
                prior, then, with_finding = (belief / belief.sum() for belief in beliefs)
                ratio = np.divide(with_finding, prior, out=np.zeros_like(prior), where=prior > 0)
                total += abs(float(((then - prior) * ratio).sum()))
        return total

    return max(causes, key=told)


def _belief(net: Net, cause: str, side: int, known: Findings, joints: Mapping[str, Array]) -> Array:
    """P(cause | diagnosis number `side`, known) up to a factor, (states,)."""
    if cause in joints:
        return joints[cause][side]
    return likelihood(net.vocabulary, net.vocabulary.variable(cause), known[cause])
