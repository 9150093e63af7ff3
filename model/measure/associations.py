"""The audit of associations: how strongly two findings go together, published and as the network implies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from model.errors import ImpossibleEvidence, InputError
from model.inference.net import Net
from model.measure.audit import COHORT_SETTING
from model.priors.folder import Priors, once
from model.priors.published import states_meant
from model.priors.tables import Row

TABLE = "evidence/associations"
NORMAL_95 = 1.959964
CELLS = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Association:
    """Two findings in one group of patients.

    first, second: finding and the states that count as having it. given: what else all the patients have.
    log_odds_ratio, error: natural logarithm of the published odds ratio, and its standard error. left_out: why the
    audit does not use it; empty if it does.
    """

    first: tuple[str, tuple[str, ...]]
    second: tuple[str, tuple[str, ...]]
    diagnoses: tuple[str, ...]
    given: Mapping[str, tuple[str, ...]]
    log_odds_ratio: float
    error: float
    left_out: str
    row: Row


@dataclass(frozen=True)
class AuditedAssociation:
    """An association, the log odds ratio that the network implies, and its 95 % interval with and without spread.

    holds: the implied value is in `widened`; holds_strictly: in `interval`.
    """

    association: Association
    implied: float
    interval: tuple[float, float]
    widened: tuple[float, float]

    @property
    def holds(self) -> bool:
        return self.widened[0] <= self.implied <= self.widened[1]

    @property
    def holds_strictly(self) -> bool:
        return self.interval[0] <= self.implied <= self.interval[1]


@once
def published_associations(priors: Priors) -> tuple[Association, ...]:
    """The rows of `evidence/associations.csv`; none where the folder has no such table.

    Raises InputError, naming file, line and field, for a row without counts and without an interval that is not left
    out.
    """
    return tuple(_association(row, priors) for row in priors.tables[TABLE])


def _association(row: Row, priors: Priors) -> Association:
    left_out = row["left_out"]
    if left_out:
        return Association(("", ()), ("", ()), (), {}, float("nan"), float("nan"), left_out, row)
    try:
        diagnoses = priors.vocabulary.resolve_diagnoses(row["diagnosis"].split("|"))
    except InputError as error:
        raise row.fault("diagnosis", str(error)) from None
    first, second = (_finding(row, which, priors) for which in ("a", "b"))
    given = {name: states_meant(name, state) for name, state in row.stated("given").items()}
    return Association(first, second, diagnoses, given, *_logarithm(row), left_out, row)


def _finding(row: Row, which: str, priors: Priors) -> tuple[str, tuple[str, ...]]:
    finding, states = row[f"finding_{which}"], row.words(f"state_{which}", "|")
    row.check_known(f"finding_{which}", finding, priors.vocabulary.findings)
    for state in states:
        row.check_known(f"state_{which}", state, priors.vocabulary.variables[finding].states)
    return finding, states_meant(finding, states[0]) if len(states) == 1 else states


def _logarithm(row: Row) -> tuple[float, float]:
    """Log odds ratio and standard error: of the four counts plus one half each (Haldane 1956), or as printed."""
    if all(row[cell] for cell in CELLS):
        a, b, c, d = (float(row[cell]) + 0.5 for cell in CELLS)
        return log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    if not (row["odds_ratio"] and row["low"] and row["high"]):
        raise row.fault("a", "an association needs four counts, or an odds ratio with its interval")
    ratio, low, high = (float(row[name]) for name in ("odds_ratio", "low", "high"))
    return log(ratio), (log(high) - log(low)) / (2 * NORMAL_95)


def audit_associations(net: Net, setting: str | None = None) -> Iterator[AuditedAssociation]:
    """Each published association with what the network implies for the same patients, in the order of the table.

    setting: the case mix for a row about several diagnoses; by default that of the audit of rates. `widened` adds the
    variance between studies, which is estimated from all associations together as their excess of squared deviations
    over their errors (DerSimonian & Laird 1986, Control Clin Trials 7:177), because few pairs of findings were counted
    in several studies. Rows that are left out, and patients that are impossible in the network, are skipped.
    """
    used = [one for one in published_associations(net.priors) if not one.left_out]
    chosen = setting or (COHORT_SETTING if COHORT_SETTING in net.vocabulary.settings else net.default_setting)
    variance = spread(used)
    for one in used:
        implied = implied_log_odds_ratio(net, one, chosen)
        reach, wide = NORMAL_95 * one.error, NORMAL_95 * sqrt(one.error**2 + variance)
        centre = one.log_odds_ratio
        yield AuditedAssociation(one, implied, (centre - reach, centre + reach), (centre - wide, centre + wide))


def spread(associations: Sequence[Association]) -> float:
    """Variance of the log odds ratio of one pair of findings between studies; 0 if no pair has several studies."""
    groups: dict[object, list[Association]] = {}
    for one in associations:
        groups.setdefault(frozenset((one.first[0], one.second[0])), []).append(one)
    excess = scale = 0.0
    for members in (group for group in groups.values() if len(group) > 1):
        weights = [1 / one.error**2 for one in members]
        total = sum(weights)
        mean = sum(w * one.log_odds_ratio for w, one in zip(weights, members, strict=True)) / total
        q = sum(w * (one.log_odds_ratio - mean) ** 2 for w, one in zip(weights, members, strict=True))
        excess += q - (len(members) - 1)
        scale += total - sum(w * w for w in weights) / total
    return max(0.0, excess / scale) if scale else 0.0


def implied_log_odds_ratio(net: Net, one: Association, setting: str) -> float:
    """The log odds ratio of the two findings among the patients of the association; NaN if they are impossible."""
    evidence: dict[str, object] = {name: list(states) for name, states in one.given.items()}
    evidence |= {"diagnosis": list(one.diagnoses), "setting": setting}
    finding, states = one.second
    others = [state for state in net.vocabulary.variables[finding].states if state not in states]
    odds = []
    for wanted in (list(states), others):
        try:
            marginal = net.marginal(one.first[0], {**evidence, finding: wanted})
        except ImpossibleEvidence:
            return float("nan")
        share = sum(marginal[state] for state in one.first[1])
        odds.append(share / (1 - share) if 0 < share < 1 else float("nan"))
    return log(odds[0] / odds[1])
