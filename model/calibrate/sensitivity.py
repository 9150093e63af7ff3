"""Which numbers does a patient's posterior hang on, and how far would one have to move to change the answer?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from model.calibrate.numbers import ODDS_RATIO, Number
from model.calibrate.variants import Variant, posteriors, relevant
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting
from model.network.factors import Array

# Each number is tried at odds up to a hundred times smaller and larger, in steps of equal factors.
FARTHEST, STEPS = log(100), 7
SCAN = np.delete(np.linspace(-FARTHEST, FARTHEST, 2 * STEPS + 1), STEPS)
ROUNDS = 14
NUMBERS_AT_ONCE = 10


@dataclass(frozen=True)
class Bar:
    """What one number does to the probability of a diagnosis across its own 90 % interval.

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
    """The numbers that move the probability of a diagnosis most (default: the leading one), widest first.

    Each number goes across its own interval while all others stay. Raises InputError for unknown words.
    """
    place = _place(net, findings, setting, diagnosis)
    asked = [n for n in relevant(net, findings, setting) if n.low is not None and n.high is not None and n.low < n.high]
    ends = [Variant(n, end) for n in asked for end in (n.low or 0.0, n.high or 0.0)]
    if not ends:
        return ()
    found = posteriors(net, findings, setting, ends)[:, place].reshape(-1, 2)
    bars = [Bar(n, *pair) for n, pair in zip(asked, found.tolist(), strict=True) if np.isfinite(pair).all()]
    return tuple(sorted(bars, key=lambda bar: -bar.width)[:most])


@dataclass(frozen=True)
class Surface:
    """The probability of a diagnosis over the values of two numbers: values (first values, second values)."""

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
    """Two numbers moved together, each across its own 90 % interval in `steps` steps: equal, for odds ratios by
    equal factors.

    Both must have an interval, and not be of the same distribution. Raises InputError otherwise.
    """
    place = _place(net, findings, setting, diagnosis)
    grids = [_across(number, steps) for number in (first, second)]
    pairs = [(Variant(first, a), Variant(second, b)) for a in grids[0] for b in grids[1]]
    found = posteriors(net, findings, setting, pairs)[:, place].reshape(steps, steps)
    return Surface(first, second, tuple(grids[0]), tuple(grids[1]), found)


def _across(number: Number, steps: int) -> list[float]:
    low, high = number.low or 0.0, number.high or 0.0
    values = np.geomspace(low, high, steps) if number.kind == ODDS_RATIO else np.linspace(low, high, steps)
    return [float(value) for value in values]


@dataclass(frozen=True)
class Flip:
    """The value nearest to a number's own at which another diagnosis leads.

    times: how far that is, as the factor, at least 1, by which the odds of the number (or the odds ratio itself)
    grow or shrink: a measure in which percentages and odds ratios compare. exact: by the sensitivity function, a
    quotient of two linear functions of the number; otherwise found by searching the exact posterior.
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
    """The single numbers whose smallest change would give another leading diagnosis, the nearest first.

    The nearest is that whose odds change least (`Flip.times`); none is sought beyond a hundred times. Where a
    number enters one table linearly, the odds of any two diagnoses are a quotient of two linear
    functions of it (Castillo, Gutierrez & Hadi 1997; Chan & Darwiche 2004), so that three values give the
    function and its crossing. Where an intercept is solved (always for an odds ratio) or a rest is shared out it
    is not linear, and the crossing nearest to the value is searched for. Numbers that cannot change the lead are
    left out. `progress` hears how many of the numbers that are `relevant` have been scanned, which is nearly
    all of the work.
    """

    def ask(pairs: Sequence[tuple[Number, float]]) -> Array:
        return posteriors(net, findings, setting, [Variant(number, value) for number, value in pairs])

    place = _place(net, findings, setting, None)
    brackets = _brackets(relevant(net, findings, setting), ask, place, most, progress)
    if not brackets:
        return ()
    start = ask([(brackets[0].number, brackets[0].number.value)])[0]
    flips = [*_exact(brackets, ask, start, place)]
    found = {id(flip.number) for flip in flips}
    flips += _searched([b for b in brackets if id(b.number) not in found], ask, start, place)
    named = [Flip(f.number, f.value, net.vocabulary.diagnoses[int(f.leads)], f.exact) for f in flips]
    return tuple(sorted(_nearest(named), key=lambda flip: flip.times)[:most])


@dataclass(frozen=True)
class _Bracket:
    """A move of a number's log odds after which another diagnosis leads, and the posterior there."""

    number: Number
    move: float
    posterior: Array

    @property
    def far(self) -> float:
        return self.number.moved(self.move)


Ask = Callable[[Sequence[tuple[Number, float]]], Array]


def _brackets(
    asked: Sequence[Number], ask: Ask, place: int, most: int, progress: Callable[[int], object]
) -> list[_Bracket]:
    """Where the lead has changed on a coarse scan, on either side of each number; those that may be the nearest."""
    if not asked:
        return []
    blocks = []
    for start in range(0, len(asked), NUMBERS_AT_ONCE):
        block = asked[start : start + NUMBERS_AT_ONCE]
        blocks.append(ask([(n, n.moved(move)) for n in block for move in SCAN.tolist()]))
        progress(start + len(block))
    grid = np.concatenate(blocks).reshape(len(asked), len(SCAN), -1)
    found: list[tuple[float, float, _Bracket]] = []
    for number, curve in zip(asked, grid, strict=True):
        leads = np.where(np.isfinite(curve[:, 0]), np.nan_to_num(curve).argmax(axis=1), place)
        lost = np.flatnonzero(leads != place)
        for index in (*lost[lost < STEPS][-1:], *lost[lost >= STEPS][:1]):
            move = float(SCAN[index])
            found.append((abs(move) - FARTHEST / STEPS, abs(move), _Bracket(number, move, curve[index])))
    reach = sorted(upper for _, upper, _ in found)[: 2 * most]
    return [bracket for near, _, bracket in found if near <= reach[-1]] if found else []


def _exact(brackets: Sequence[_Bracket], ask: Ask, start: Array, place: int) -> list[Flip]:
    """Crossings of the sensitivity functions that hold when tried; `leads` is the place of the new leader."""
    linear = [bracket for bracket in brackets if bracket.number.kind != ODDS_RATIO]
    if not linear:
        return []
    middles = ask([(b.number, (b.number.value + b.far) / 2) for b in linear])
    tried = []
    for bracket, middle in zip(linear, middles, strict=True):
        rival = int(bracket.posterior.argmax())
        odds = [float(p[rival] / p[place]) for p in (start, middle, bracket.posterior)]
        own = bracket.number.value
        root = _quotient_root(odds, [own, (own + bracket.far) / 2, bracket.far])
        if root is not None:
            tried.append((bracket, root, 1e-6 * (bracket.far - own)))
    if not tried:
        return []
    around = ask([(b.number, value) for b, root, step in tried for value in (root - step, root + step)])
    leads = around.argmax(axis=1).reshape(-1, 2).tolist()
    return [
        Flip(bracket.number, root, str(after), True)
        for (bracket, root, _), (before, after) in zip(tried, leads, strict=True)
        if before == place != after
    ]


def _searched(brackets: Sequence[_Bracket], ask: Ask, start: Array, place: int) -> list[Flip]:
    """Crossings by halving and by false position, in turns, on the log odds against the best other diagnosis.

    low, high: moves of the log odds of each number, before and after which the lead changes.
    """
    low = np.zeros(len(brackets))
    high = np.array([b.move for b in brackets])
    at_low = np.full(len(brackets), _lost(start, place))
    at_high = np.array([_lost(b.posterior, place) for b in brackets])
    leads = np.array([int(b.posterior.argmax()) for b in brackets])
    for turn in range(ROUNDS if brackets else 0):
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.nan_to_num(-at_low / (at_high - at_low), nan=0.5)
        middle = low + (np.clip(share, 0.001, 0.999) if turn % 2 else 0.5) * (high - low)
        found = ask([(b.number, b.number.moved(move)) for b, move in zip(brackets, middle.tolist(), strict=True)])
        lost = np.array([_lost(p, place) for p in found])
        beyond = lost > 0
        leads = np.where(beyond, found.argmax(axis=1), leads)
        at_low, at_high = np.where(beyond, at_low, lost), np.where(beyond, lost, at_high)
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return [
        Flip(b.number, b.number.moved(move), str(d), False)
        for b, move, d in zip(brackets, high.tolist(), leads.tolist(), strict=True)
    ]


def _lost(posterior: Array, place: int) -> float:
    """Log odds of the best other diagnosis against the one at `place`; above 0 it no longer leads."""
    others = np.delete(posterior, place)
    return float(np.log(max(others.max(), 1e-300)) - np.log(max(posterior[place], 1e-300)))


def _quotient_root(odds: Sequence[float], values: Sequence[float]) -> float | None:
    """Where (a + b t) / (1 + c t), given at three values of t, is 1; None where it is not between the ends.

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
    """One flip a number, that on its nearer side."""
    best: dict[str, Flip] = {}
    for flip in sorted(flips, key=lambda f: -f.times):
        best[flip.number.key] = flip
    return list(best.values())


def _place(net: Net, findings: Findings, setting: Setting, diagnosis: str | None) -> int:
    """The place of a diagnosis, by default of the leading one."""
    if diagnosis is not None:
        return net.vocabulary.diagnoses.index(net.vocabulary.variable("diagnosis").state(diagnosis))
    posterior = net.posterior(findings, setting)
    return net.vocabulary.diagnoses.index(leading(posterior))
