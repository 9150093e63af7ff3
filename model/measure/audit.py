"""The audit: every published rate against what the network implies for the same patients."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.errors import ImpossibleEvidence
from model.estimate import wilson
from model.inference.net import Net
from model.priors.published import PublishedRate, between_study_variance, in_percent

TOLERANCE = 10.0
GROSS_MISFIT = 25.0
COHORT_SETTING = "myositis_centre"


@dataclass(frozen=True)
class Audited:
    """A published rate, the implied percent, their difference (percentage points), and whether the rate holds.

    interval: (low, high), the percents within which the rate holds apart from TOLERANCE: the study's 95 % interval,
    widened for the spread between studies of the same figure. strictly: whether it holds without that widening.
    """

    rate: PublishedRate
    implied_percent: float
    difference: float
    interval: tuple[float, float]
    holds: bool
    strictly: bool


def implied_percent(net: Net, rate: PublishedRate, setting: str) -> float:
    """Percent of patients with the states of the rate, among those whom the rate describes.

    NaN if no such patient is possible. The setting matters only for a rate that describes several diagnoses.
    """
    evidence: dict[str, object] = {name: list(states) for name, states in rate.given.items()}
    evidence |= {"diagnosis": list(rate.diagnoses), "setting": setting}
    try:
        marginal = net.marginal(rate.finding, evidence)
    except ImpossibleEvidence:
        return float("nan")
    return 100 * sum(marginal[state] for state in rate.states)


def audit(net: Net, rates: Sequence[PublishedRate], setting: str | None = None) -> Iterator[Audited]:
    """Each published rate with what the network implies.

    Parameters
    ----------
    net
        The network.
    rates
        As `published_rates` reads them; those that are left out for a reason are skipped.
    setting
        Id of the referral setting. Default: "myositis_centre" if the priors have it, because published cohorts come
        from centres; else the default setting of the network.

    Returns
    -------
    iterator of Audited
        In the order of `rates`. A rate holds if the implied percent lies in the study's 95 % interval, widened for the
        spread between studies of the same figure, or differs from the rate by at most TOLERANCE points.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> audited = list(audit(net, model.published_rates(net.priors)[:20]))
    >>> 0 <= audited[0].implied_percent <= 100
    True
    """
    used = [rate for rate in rates if not rate.left_out]
    chosen = setting or (COHORT_SETTING if COHORT_SETTING in net.vocabulary.settings else net.default_setting)
    spread = _spread(used)
    for rate in used:
        implied = implied_percent(net, rate, chosen)
        low, high = rate.interval
        difference = implied - rate.percent
        strictly = bool(low <= implied <= high or abs(difference) <= TOLERANCE)
        if rate.n:
            wide = in_percent(wilson(rate.percent / 100, rate.n, variance=spread[_figure(rate)]))
            low, high = min(low, wide[0]), max(high, wide[1])
        holds = strictly or low <= implied <= high
        yield Audited(rate, implied, difference, (low, high), holds, strictly)


def _figure(rate: PublishedRate) -> tuple[object, ...]:
    return (rate.finding, rate.states, rate.diagnoses, tuple(sorted(rate.given.items())))


def _spread(rates: Sequence[PublishedRate]) -> Mapping[tuple[object, ...], float]:
    """Between-study variance of each figure."""
    grouped: dict[tuple[object, ...], list[tuple[float, float]]] = {}
    for rate in rates:
        grouped.setdefault(_figure(rate), []).append((rate.percent, rate.n or 0))
    return {figure: between_study_variance([(p, n) for p, n in counts if n]) for figure, counts in grouped.items()}


def share_that_holds(audited: Sequence[Audited], key: str) -> list[tuple[str, int, int]]:
    """How many rates hold, for each value of a column.

    Parameters
    ----------
    audited
        As `audit` gives them.
    key
        A column of the published rates, such as "diagnosis".

    Returns
    -------
    list of tuple
        (value, rates, rates that hold), the worst first.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> audited = list(audit(net, model.published_rates(net.priors)[:20]))
    >>> sum(rates for _, rates, _ in share_that_holds(audited, "diagnosis")) == len(audited)
    True
    """
    grouped: dict[str, list[bool]] = {}
    for item in audited:
        grouped.setdefault(item.rate.row[key], []).append(item.holds)
    rows = [(value, len(flags), sum(flags)) for value, flags in grouped.items()]
    return sorted(rows, key=lambda row: (row[2] / row[1], -row[1]))


@dataclass(frozen=True)
class AuditEffect:
    """How many of the published `rates` hold before and after a change of the priors.

    lost, won: pairs (before, after) of the rates that hold only before, or only after.
    """

    holds_before: int
    holds_after: int
    rates: int
    lost: tuple[tuple[Audited, Audited], ...]
    won: tuple[tuple[Audited, Audited], ...]


def effect_on_audit(
    before: Net, after: Net, rates: Sequence[PublishedRate], progress: Callable[[int], object] = lambda done: None
) -> AuditEffect:
    """The audit of two networks compared.

    `progress` is called with the number of rates finished; rates that are left out are not counted.
    """
    pairs = []
    for pair in zip(audit(before, rates), audit(after, rates), strict=True):
        pairs.append(pair)
        progress(len(pairs))
    return AuditEffect(
        sum(old.holds for old, _ in pairs),
        sum(new.holds for _, new in pairs),
        len(pairs),
        tuple((old, new) for old, new in pairs if old.holds and not new.holds),
        tuple((old, new) for old, new in pairs if new.holds and not old.holds),
    )
