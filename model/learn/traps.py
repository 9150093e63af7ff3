"""Traps: short guided stories in which the obvious answer is wrong, with the numbers of the network in use.

A story is data (`priors/lessons/`): the findings of each step, sentences with placeholders for numbers, and what each
step is expected to show. The network fills the placeholders; `not_shown` lists the expectations that it does not meet.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from model.inference.leading import leading
from model.inference.net import Net
from model.learn.trap_tables import CHANGES, Expectation, Trap, TrapStep
from model.patient.phrases import percent
from model.patient.why.weight_of_evidence import DECIBANS

Posterior = Mapping[str, float]
NOTICEABLE = 1 / DECIBANS
"""One deciban, about the smallest change of evidence that a person notices (Good 1979)."""
PLACEHOLDER = re.compile(r"\{(before|after|independent)(?: (\w+))?\}")


@dataclass(frozen=True)
class Shown:
    """A step with its numbers: P(diagnosis) before and after it, and after it if findings were independent."""

    step: TrapStep
    before: Posterior
    after: Posterior
    independent: Posterior


def show_steps(net: Net, trap: Trap) -> tuple[Shown, ...]:
    """The steps of a story; before the first, nothing is known.

    Raises ImpossibleEvidence for findings that no diagnosis allows together.
    """
    shown = []
    before: Posterior = net.posterior({}, trap.steps[0].setting)
    for step in trap.steps:
        after = net.posterior(step.findings, step.setting)
        shown.append(Shown(step, before, after, if_independent(net, step.findings, step.setting)))
        before = after
    return tuple(shown)


def show_toggle(net: Net, trap: Trap, states: Mapping[str, str | None]) -> Shown:
    """The last step with its toggles in these states (None: unknown); its text is the answer of the story."""
    last = trap.steps[-1]
    tried = {**last.findings, **states}
    findings = {name: state for name, state in tried.items() if state is not None}
    before = net.posterior(last.findings, last.setting)
    after = net.posterior(findings, last.setting)
    step = TrapStep(trap.answer, findings, last.setting, trap.answer_expects)
    return Shown(step, before, after, if_independent(net, findings, last.setting))


def show_answer(net: Net, trap: Trap) -> Shown:
    """The last step with the first toggle in the state that the answer is about."""
    return show_toggle(net, trap, {trap.toggles[0]: trap.state})


def if_independent(net: Net, findings: Mapping[str, str], setting: str) -> dict[str, float]:
    """The posterior if findings were independent given the diagnosis: P(d) times the product of the P(finding | d)."""
    prior = net.posterior({}, setting)
    weights = dict(prior)
    for finding, value in findings.items():
        alone = net.posterior({finding: value}, setting)
        weights = {d: w * alone[d] / prior[d] if prior[d] > 0 else 0.0 for d, w in weights.items()}
    total = math.fsum(weights.values())
    return {d: w / total for d, w in weights.items()}


def filled_text(net: Net, shown: Shown, watched: str) -> str:
    """The sentence of a step with percentages filled in; `watched`: the diagnosis or family of unnamed placeholders."""

    def number(placeholder: re.Match[str]) -> str:
        return percent(probability_of(net, getattr(shown, placeholder[1]), placeholder[2] or watched))

    return PLACEHOLDER.sub(number, shown.step.text)


def story_csv(shown: Sequence[Shown]) -> str:
    """CSV with one row for each step: setting, findings, and all `p_<diagnosis>` and `independent_p_<diagnosis>`."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    diagnoses = list(shown[0].after) if shown else []
    names = [*(f"p_{d}" for d in diagnoses), *(f"independent_p_{d}" for d in diagnoses)]
    writer.writerow(["step", "setting", "findings", *names])
    for number, step in enumerate(shown, 1):
        findings = ";".join(f"{finding}={state}" for finding, state in step.step.findings.items())
        numbers = [f"{p[d]:.6g}" for p in (step.after, step.independent) for d in diagnoses]
        writer.writerow([number, step.step.setting, findings, *numbers])
    return text.getvalue()


def probability_of(net: Net, posterior: Posterior, of: str) -> float:
    """Probability of a diagnosis or family."""
    members = net.vocabulary.families.get(of, (of,))
    return min(1.0, math.fsum(posterior[d] for d in members))


def holds(net: Net, shown: Shown, expectation: Expectation) -> bool:
    """Whether the network shows what the step expects; a rise or fall counts if it is at least one deciban."""
    before, after = probability_of(net, shown.before, expectation.of), probability_of(net, shown.after, expectation.of)
    if expectation.change in CHANGES:
        sign = 1 if expectation.change == "rises" else -1
        return sign * (_log_odds(after) - _log_odds(before)) >= NOTICEABLE
    if expectation.change == "leads":
        return leading(shown.after) == expectation.of
    if expectation.change == "independent":
        return after < probability_of(net, shown.independent, expectation.of)
    limit = (expectation.percent or 0.0) / 100
    return after > limit if expectation.change == "above" else after < limit


def not_shown(net: Net, shown: Shown) -> tuple[Expectation, ...]:
    """The expectations of the step that the network in use does not meet."""
    return tuple(expectation for expectation in shown.step.expects if not holds(net, shown, expectation))


def _log_odds(p: float) -> float:
    if p in (0, 1):
        return -math.inf if p == 0 else math.inf
    return math.log(p / (1 - p))
