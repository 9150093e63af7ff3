"""Sensitivity analysis: which numbers a patient's posterior depends on, and how large a change alters the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from model.calibrate.numbers import ODDS_RATIO, Number
from model.calibrate.variants import Variant, posteriors, relevant
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.network.factors import Array

# Each number is scanned at odds up to a hundred times smaller and larger, in equal steps of log odds.
FARTHEST, STEPS = log(100), 7
SCAN = np.delete(np.linspace(-FARTHEST, FARTHEST, 2 * STEPS + 1), STEPS)
ROUNDS = 14
NUMBERS_AT_ONCE = 10


@dataclass(frozen=True)
class Bar:
    """The effect of one number on the probability of a diagnosis, over the number's 90 % interval.

    at_low, at_high: the probability with the number at its 5th and 95th percentile.
    """

    number: Number
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


def tornado(
    net: Net, findings: Findings, setting: Setting = None, diagnosis: str | None = None, most: int = 15
) -> tuple[Bar, ...]:
    """The `most` numbers that change the probability of a diagnosis most (default: the leading one), widest bar first.

    Each number is set to the ends of its interval while all others are unchanged. Raises InputError for unknown words.
    """
    index = _diagnosis_index(net, findings, setting, diagnosis)
    numbers = relevant(net, findings, setting)
    candidates = [n for n in numbers if n.low is not None and n.high is not None and n.low < n.high]
    ends = [Variant(n, end) for n in candidates for end in (n.low or 0.0, n.high or 0.0)]
    if not ends:
        return ()
    found = posteriors(net, findings, setting, ends)[:, index].reshape(-1, 2)
    bars = [Bar(n, *pair) for n, pair in zip(candidates, found.tolist(), strict=True) if np.isfinite(pair).all()]
    return tuple(sorted(bars, key=lambda bar: -bar.width)[:most])


@dataclass(frozen=True)
class Surface:
    """The probability of a diagnosis as a function of two numbers: values, (first_values, second_values)."""

    first: Number
    second: Number
    first_values: tuple[float, ...]
    second_values: tuple[float, ...]
    values: Array


def two_way(
    net: Net,
    findings: Findings,
    setting: Setting,
    first: Number,
    second: Number,
    diagnosis: str | None = None,
    steps: int = 15,
) -> Surface:
    """The probability of a diagnosis (default: the leading one) while two numbers vary together.

    Each takes `steps` values across its 90 % interval: equally spaced, for odds ratios on the log scale. Both must have
    an interval and belong to different distributions. Raises InputError for unknown words.
    """
    index = _diagnosis_index(net, findings, setting, diagnosis)
    grids = [_across(number, steps) for number in (first, second)]
    pairs = [(Variant(first, a), Variant(second, b)) for a in grids[0] for b in grids[1]]
    found = posteriors(net, findings, setting, pairs)[:, index].reshape(steps, steps)
    return Surface(first, second, tuple(grids[0]), tuple(grids[1]), found)


def _across(number: Number, steps: int) -> list[float]:
    low, high = number.low or 0.0, number.high or 0.0
    values = np.geomspace(low, high, steps) if number.kind == ODDS_RATIO else np.linspace(low, high, steps)
    return [float(value) for value in values]


@dataclass(frozen=True)
class Flip:
    """The closest value of a number at which another diagnosis leads.

    leads: that diagnosis. times: how far the value is, as the factor (at least 1) by which the odds of the number grow
    or shrink; for an odds ratio, the ratio itself. exact: whether the value was solved from the sensitivity function, a
    quotient of two linear functions; otherwise it was found by a search.
    """

    number: Number
    value: float
    leads: str
    exact: bool

    @property
    def times(self) -> float:
        factor = self.number.odds(self.value) / self.number.odds(self.number.value)
        return max(factor, 1 / factor)


def smallest_change(
    net: Net,
    findings: Findings,
    setting: Setting = None,
    most: int = 10,
    progress: Callable[[int], object] = lambda done: None,
) -> tuple[Flip, ...]:
    """The `most` smallest changes of a single number that give another leading diagnosis, smallest first.

    Changes are compared by `Flip.times`; changes of more than 100 times are not considered, and numbers that do not
    change the leading diagnosis within them are left out. If a number enters its table linearly, the odds of two
    diagnoses are a quotient of two linear functions of it (Castillo, Gutierrez & Hadi 1997; Chan & Darwiche 2004);
    three values determine the function and the crossing. Odds ratios, rates of nodes with odds ratios and rates with
    a remainder do not enter linearly, so the closest crossing is searched for. progress: called with how many of the
    `relevant` numbers have been scanned, which is nearly all of the work.
    """

    def posteriors_at(pairs: Sequence[tuple[Number, float]]) -> Array:
        return posteriors(net, findings, setting, [Variant(number, value) for number, value in pairs])

    index = _diagnosis_index(net, findings, setting, None)
    brackets = _brackets(relevant(net, findings, setting), posteriors_at, index, most, progress)
    if not brackets:
        return ()
    start = posteriors_at([(brackets[0].number, brackets[0].number.value)])[0]
    flips = [*_exact(brackets, posteriors_at, start, index)]
    found = {id(flip.number) for flip in flips}
    flips += _searched([b for b in brackets if id(b.number) not in found], posteriors_at, start, index)
    named = [Flip(f.number, f.value, net.vocabulary.diagnoses[int(f.leads)], f.exact) for f in flips]
    return tuple(sorted(_nearest(named), key=lambda flip: flip.times)[:most])


@dataclass(frozen=True)
class _Bracket:
    """A change of a number's log odds (`move`) after which another diagnosis leads, and the posterior there."""

    number: Number
    move: float
    posterior: Array

    @property
    def far(self) -> float:
        return self.number.moved(self.move)


PosteriorsAt = Callable[[Sequence[tuple[Number, float]]], Array]


def _brackets(
    candidates: Sequence[Number], posteriors_at: PosteriorsAt, index: int, most: int, progress: Callable[[int], object]
) -> list[_Bracket]:
    """The closest points of a coarse scan, below and above each number, at which another diagnosis leads.

    Only those that may be among the `most` smallest changes are returned. index: of the leading diagnosis.
    """
    if not candidates:
        return []
    blocks = []
    for start in range(0, len(candidates), NUMBERS_AT_ONCE):
        block = candidates[start : start + NUMBERS_AT_ONCE]
        blocks.append(posteriors_at([(n, n.moved(move)) for n in block for move in SCAN.tolist()]))
        progress(start + len(block))
    grid = np.concatenate(blocks).reshape(len(candidates), len(SCAN), -1)
    found: list[tuple[float, float, _Bracket]] = []
    for number, curve in zip(candidates, grid, strict=True):
        leads = np.where(np.isfinite(curve[:, 0]), np.nan_to_num(curve).argmax(axis=1), index)
        lost = np.flatnonzero(leads != index)
        for step in (*lost[lost < STEPS][-1:], *lost[lost >= STEPS][:1]):
            move = float(SCAN[step])
            found.append((abs(move) - FARTHEST / STEPS, abs(move), _Bracket(number, move, curve[step])))
    above_table = sorted(upper for _, upper, _ in found)[: 2 * most]
    return [bracket for near, _, bracket in found if near <= above_table[-1]] if found else []


def _exact(brackets: Sequence[_Bracket], posteriors_at: PosteriorsAt, start: Array, index: int) -> list[Flip]:
    """The crossings of the sensitivity functions that the exact posterior confirms.

    `Flip.leads` is here the index of the new leading diagnosis, as text. index: of the present one.
    """
    linear = [bracket for bracket in brackets if bracket.number.kind != ODDS_RATIO]
    if not linear:
        return []
    middles = posteriors_at([(b.number, (b.number.value + b.far) / 2) for b in linear])
    tried = []
    for bracket, middle in zip(linear, middles, strict=True):
        rival = int(bracket.posterior.argmax())
        odds = [float(p[rival] / p[index]) for p in (start, middle, bracket.posterior)]
        own = bracket.number.value
        root = _quotient_root(odds, [own, (own + bracket.far) / 2, bracket.far])
        if root is not None:
            tried.append((bracket, root, 1e-6 * (bracket.far - own)))
    if not tried:
        return []
    around = posteriors_at([(b.number, value) for b, root, step in tried for value in (root - step, root + step)])
    leads = around.argmax(axis=1).reshape(-1, 2).tolist()
    return [
        Flip(bracket.number, root, str(after), True)
        for (bracket, root, _), (before, after) in zip(tried, leads, strict=True)
        if before == index != after
    ]


def _searched(brackets: Sequence[_Bracket], posteriors_at: PosteriorsAt, start: Array, index: int) -> list[Flip]:
    """The crossings found by bisection and false position, in turns; `Flip.leads` as in `_exact`.

    The function is the log odds of the most probable other diagnosis against the present one. low, high: changes of
    each number's log odds between which its sign changes.
    """
    low = np.zeros(len(brackets))
    high = np.array([b.move for b in brackets])
    at_low = np.full(len(brackets), _lost(start, index))
    at_high = np.array([_lost(b.posterior, index) for b in brackets])
    leads = np.array([int(b.posterior.argmax()) for b in brackets])
    for turn in range(ROUNDS if brackets else 0):
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.nan_to_num(-at_low / (at_high - at_low), nan=0.5)
        middle = low + (np.clip(share, 0.001, 0.999) if turn % 2 else 0.5) * (high - low)
        found = posteriors_at(
            [(b.number, b.number.moved(move)) for b, move in zip(brackets, middle.tolist(), strict=True)]
        )
        lost = np.array([_lost(p, index) for p in found])
        beyond = lost > 0
        leads = np.where(beyond, found.argmax(axis=1), leads)
        at_low, at_high = np.where(beyond, at_low, lost), np.where(beyond, lost, at_high)
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return [
        Flip(b.number, b.number.moved(move), str(d), False)
        for b, move, d in zip(brackets, high.tolist(), leads.tolist(), strict=True)
    ]


def _lost(posterior: Array, index: int) -> float:
    """The log odds of the most probable other diagnosis against the one at `index`; positive if the other leads."""
    others = np.delete(posterior, index)
    return float(np.log(max(others.max(), 1e-300)) - np.log(max(posterior[index], 1e-300)))


def _quotient_root(odds: Sequence[float], values: Sequence[float]) -> float | None:
    """The t at which (a + b t) / (1 + c t) is 1; None if it is not between the ends.

    odds: the function at three values of t, `values`.

    >>> round(_quotient_root([0.5, 0.65 / 0.7, 2.0], [0.0, 0.5, 1.0]), 6)  # (0.5 + 0.3 t) / (1 - 0.6 t)
    0.555556
    """
    matrix = np.array([[1.0, t, -o * t] for t, o in zip(values, odds, strict=True)])
    try:
        a, b, c = np.linalg.solve(matrix, odds)
    except np.linalg.LinAlgError:
        return None
    root = float((1 - a) / (b - c)) if b != c else float("nan")
    return root if min(values) <= root <= max(values) else None


def _nearest(flips: Sequence[Flip]) -> list[Flip]:
    """The closer flip of each number."""
    best: dict[str, Flip] = {}
    for flip in sorted(flips, key=lambda f: -f.times):
        best[flip.number.key] = flip
    return list(best.values())


def _diagnosis_index(net: Net, findings: Findings, setting: Setting, diagnosis: str | None) -> int:
    """The index of a diagnosis, by default of the leading one."""
    if diagnosis is not None:
        return net.vocabulary.diagnoses.index(net.vocabulary.variable("diagnosis").state(diagnosis))
    posterior = net.posterior(findings, setting)
    return net.vocabulary.diagnoses.index(leading(posterior))
