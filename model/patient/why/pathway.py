"""How a finding supports a diagnosis: through which parents in the network, and by which rows of `priors/`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.errors import InputError
from model.inference.evidence import is_unknown, likelihood
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.inference.sweep import log_total
from model.network.build import Array
from model.patient.why.sides import Sides, two_sides
from model.priors.folder import Priors
from model.priors.numbers import Effect, Rate
from model.priors.provenance import deciding_rate
from model.priors.reading import cited_in_full
from model.priors.tables import Row


@dataclass(frozen=True)
class Carrier:
    """A parent of the finding other than the diagnosis.

    observed: the parent is itself an entered finding. without, with_finding: P(state | the other findings) and
    P(state | all findings); if `observed`, both are the entered value. share: the part of the finding's log likelihood
    ratio that vanishes once the parent's state is known, 1 - E[ln LR | parent] / ln LR. The expectation is over the
    states of the parent, given all findings and that the diagnosis is of one of the two sides. None if the ratio is 1
    or one side is excluded. A share lies outside 0 to 1 if the parent and the finding itself have opposite effects.
    The shares of several parents need not add up to 1, because each is computed alone.
    """

    variable: str
    observed: bool
    without: Mapping[str, float]
    with_finding: Mapping[str, float]
    share: float | None


@dataclass(frozen=True)
class PriorRow:
    """A number of `priors/` and its sources.

    of: the diagnosis, family or `any` that a rate describes; empty for an effect. percent: of `state`, for a rate.
    odds_ratio: of an effect, whose parent and state are in `given`. citations: one for each source of `row`, in order.
    """

    node: str
    state: str
    of: str
    given: Mapping[str, str]
    percent: float | None
    odds_ratio: float | None
    strength: float | None
    grade: str
    citations: tuple[str, ...]
    row: Row


@dataclass(frozen=True)
class Pathway:
    """The evidence of one finding, given the others, for `diagnosis` against `rival` (None: all others together).

    log_likelihood_ratio: natural logarithm, equal to the leave-one-out weight of evidence. compared_with: the rival, or
    the most probable other diagnosis; `rows` has its numbers next to those of `diagnosis`.
    """

    finding: str
    value: object
    diagnosis: str
    rival: str | None
    compared_with: str
    log_likelihood_ratio: float
    carriers: tuple[Carrier, ...]
    rows: tuple[PriorRow, ...]


def pathway(
    net: Net,
    findings: Findings,
    finding: str,
    setting: Setting = None,
    diagnosis: str | None = None,
    rival: str | None = None,
) -> Pathway:
    """The path diagnosis -> other parents -> `finding`, which must have been entered.

    Raises InputError for a finding that was not entered or an unknown word, ImpossibleEvidence for findings that no
    diagnosis allows together.
    """
    value = findings.get(finding)
    if is_unknown(value):
        raise InputError(f"{finding} is not among the findings entered")
    posterior = net.posterior(findings, setting)
    diagnosis = diagnosis or leading(posterior)
    compared = rival or leading(posterior, but=diagnosis)
    others = {name: v for name, v in findings.items() if name != finding}
    before, after = net.joints(others, setting), net.joints(findings, setting)
    both = two_sides(net.vocabulary.diagnoses, diagnosis, rival)
    ratio = _log_ratio(before[finding].sum(axis=1), np.array(list(posterior.values())), both)
    parents = [p for p in net.network.parents[finding] if p not in ("diagnosis", "setting")]
    carriers = tuple(_carrier(net, findings, p, before, after, both, ratio) for p in parents)
    likelihoods = likelihood(net.vocabulary, net.vocabulary.variable(finding), value)
    state = net.vocabulary.variable(finding).states[int(likelihoods.argmax())]
    rows = _rows(net.priors, finding, state, (diagnosis, compared), carriers)
    return Pathway(finding, value, diagnosis, rival, compared, ratio, carriers, rows)


def _log_ratio(before: Array, after: Array, sides: Sides) -> float:
    """ln of the odds after over the odds before, from two arrays P(diagnosis, ...), (diagnoses,) each.

    0 if one side is excluded both before and after.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = [log_total(np.log(p[sides[0]])) - log_total(np.log(p[sides[1]])) for p in (before, after)]
        change = float(odds[1] - odds[0])
    return 0.0 if math.isnan(change) else change


def _carrier(
    net: Net,
    findings: Findings,
    parent: str,
    before: Mapping[str, Array],
    after: Mapping[str, Array],
    sides: Sides,
    ratio: float,
) -> Carrier:
    states = net.vocabulary.variable(parent).states
    if parent not in after:
        likelihoods = likelihood(net.vocabulary, net.vocabulary.variable(parent), findings[parent])
        belief = dict(zip(states, (likelihoods / likelihoods.sum()).tolist(), strict=True))
        return Carrier(parent, True, belief, belief, 0.0)
    old, new = before[parent], after[parent]
    chance = new[[*sides[0], *sides[1]]].sum(axis=0)
    known = [(chance[i], _log_ratio(old[:, i], new[:, i], sides)) for i in range(len(states)) if chance[i] > 0]
    share = None
    if ratio and math.isfinite(ratio) and all(math.isfinite(value) for _, value in known):
        share = float(1 - sum(w * v for w, v in known) / sum(w for w, _ in known) / ratio)
    return Carrier(
        parent,
        False,
        dict(zip(states, old.sum(axis=0).tolist(), strict=True)),
        dict(zip(states, new.sum(axis=0).tolist(), strict=True)),
        share,
    )


def _rows(
    priors: Priors, finding: str, state: str, diagnoses: tuple[str, str], carriers: tuple[Carrier, ...]
) -> tuple[PriorRow, ...]:
    """Rates of the finding, then of its carriers in their most probable states, then the effects between them."""
    likely = {c.variable: max(c.with_finding, key=lambda s, c=c: c.with_finding[s]) for c in carriers}  # type: ignore[misc]
    found: list[PriorRow] = []
    for node, node_state in ((finding, state), *likely.items()):
        for diagnosis in diagnoses:
            found += [_of_rate(priors, rate, node_state) for rate in _rates_for(priors, node, diagnosis, likely)]
    found += [
        _of_effect(priors, effect)
        for effect in priors.effects.get(finding, ())
        if effect.state == state and likely.get(effect.parent) == effect.parent_state
    ]
    unique = {(row.node, row.row.file, row.row.line): row for row in found}
    return tuple(unique.values())


def _rates_for(priors: Priors, node: str, diagnosis: str, likely: Mapping[str, str]) -> list[Rate]:
    """The rate for the diagnosis as a whole, and the one for the most probable states of the node's parents."""
    whole = [] if _conditional_only(priors, node) else [deciding_rate(priors, node, diagnosis)]
    ranked = priors.vocabulary.specificity(diagnosis)
    fitting = [
        rate
        for rate in priors.rates[node]
        if rate.given
        and rate.diagnosis in ranked
        and all(likely.get(parent) == value for parent, value in rate.given.items())
    ]
    special = max(fitting, key=lambda rate: (len(rate.given), ranked[rate.diagnosis]), default=None)
    return [*whole, *([special] if special else [])]


def _conditional_only(priors: Priors, node: str) -> bool:
    return all(rate.given for rate in priors.rates[node])


def _of_rate(priors: Priors, rate: Rate, state: str) -> PriorRow:
    states = priors.vocabulary.variables[rate.node].states
    row = next((row for row in rate.rows if row["state"] == state), rate.rows[0])
    percent = rate.percents[states.index(state)]
    return PriorRow(
        rate.node, state, rate.diagnosis, rate.given, percent, None, rate.strength, row["grade"],
        _citations(priors, row), row,
    )  # fmt: skip


def _of_effect(priors: Priors, effect: Effect) -> PriorRow:
    given = {effect.parent: effect.parent_state}
    return PriorRow(
        effect.node, effect.state, "", given, None, effect.odds_ratio, effect.strength, effect.grade,
        _citations(priors, effect.row), effect.row,
    )  # fmt: skip


def _citations(priors: Priors, row: Row) -> tuple[str, ...]:
    """The full citation of each source of a row, and what was read of it."""
    return tuple(cited_in_full(priors, key) for key in row.words("source"))
