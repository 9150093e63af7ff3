"""Traps: short guided stories in which the obvious answer is wrong, told with the network's own numbers.

A story is data (`priors/lessons/`): patients step by step, sentences with places for numbers, and what each step is
expected to show. The network fills the places; whether it shows what is expected can be asked, and is tested.
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
"""One deciban, about the least change of evidence that a person notices (Good 1979)."""
PLACE = re.compile(r"\{(before|after|independent)(?: (\w+))?\}")


@dataclass(frozen=True)
class Shown:
    """A step with its numbers: P(diagnosis) before and after it, and after it if findings were independent."""

    step: TrapStep
    before: Posterior
    after: Posterior
    independent: Posterior


def show_steps(net: Net, trap: Trap) -> tuple[Shown, ...]:
    """The steps of a story; before the first, nothing is known.

    Raises ImpossibleEvidence for findings that cannot be.
    """
    shown = []
    before: Posterior = net.posterior({}, trap.steps[0].setting)
    for step in trap.steps:
        after = net.posterior(step.findings, step.setting)
        shown.append(Shown(step, before, after, if_independent(net, step.findings, step.setting)))
        before = after
    return tuple(shown)


def show_toggle(net: Net, trap: Trap, states: Mapping[str, str | None]) -> Shown:
    """The last step with the findings of the toggle in these states (None: unknown); the text is the answer."""
    last = trap.steps[-1]
    tried = {**last.findings, **states}
    findings = {name: state for name, state in tried.items() if state is not None}
    before = net.posterior(last.findings, last.setting)
    after = net.posterior(findings, last.setting)
    step = TrapStep(trap.answer, findings, last.setting, trap.answer_expects)
    return Shown(step, before, after, if_independent(net, findings, last.setting))


def show_answer(net: Net, trap: Trap) -> Shown:
    """The first finding of the toggle in the state that the answer speaks of."""
    return show_toggle(net, trap, {trap.toggles[0]: trap.state})


def if_independent(net: Net, findings: Mapping[str, str], setting: str) -> dict[str, float]:
    """The posterior if findings were independent given the diagnosis: P(d) times every P(finding | d) alone."""
    prior = net.posterior({}, setting)
    weights = dict(prior)
    for finding, value in findings.items():
        alone = net.posterior({finding: value}, setting)
        weights = {d: w * alone[d] / prior[d] if prior[d] > 0 else 0.0 for d, w in weights.items()}
    total = math.fsum(weights.values())
    return {d: w / total for d, w in weights.items()}


def told(net: Net, shown: Shown, watched: str) -> str:
    """The sentence with its numbers in place, as percentages; `watched`: whose, where a place names nobody."""

    def number(place: re.Match[str]) -> str:
        return percent(share(net, getattr(shown, place[1]), place[2] or watched))

    return PLACE.sub(number, shown.step.text)


def story_csv(shown: Sequence[Shown]) -> str:
    """One row a step: setting, findings, `p_<diagnosis>` of every diagnosis, and `independent_p_<diagnosis>`."""
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


def share(net: Net, posterior: Posterior, of: str) -> float:
    """Probability of a diagnosis, or of a family together."""
    members = net.vocabulary.families.get(of, (of,))
    return min(1.0, math.fsum(posterior[d] for d in members))


def holds(net: Net, shown: Shown, expectation: Expectation) -> bool:
    """Does the network show what the step expects? A rise or fall counts from one deciban on."""
    before, after = share(net, shown.before, expectation.of), share(net, shown.after, expectation.of)
    if expectation.change in CHANGES:
        sign = 1 if expectation.change == "rises" else -1
        return sign * (_log_odds(after) - _log_odds(before)) >= NOTICEABLE
    if expectation.change == "leads":
        return leading(shown.after) == expectation.of
    if expectation.change == "independent":
        return after < share(net, shown.independent, expectation.of)
    limit = (expectation.percent or 0.0) / 100
    return after > limit if expectation.change == "above" else after < limit


def not_shown(net: Net, shown: Shown) -> tuple[Expectation, ...]:
    """What the step claims and the network, with the numbers in use, does not show."""
    return tuple(expectation for expectation in shown.step.expects if not holds(net, shown, expectation))


def _log_odds(p: float) -> float:
    if p in (0, 1):
        return -math.inf if p == 0 else math.inf
    return math.log(p / (1 - p))
