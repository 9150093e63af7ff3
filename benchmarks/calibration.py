"""Simulation-based calibration of the fit (Talts et al 2018, arXiv:1804.06788): do its intervals cover?

The numbers are drawn from the priors, a cohort is drawn from the numbers, the priors are fitted to the cohort,
and each number's place in its fitted Beta distribution is noted. Were the fitted distributions exact, the
places would be uniform. On the small priors of the tests, unless others are given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.report import Line
from model import Net
from model.cases.cohort import Cohort
from model.fit.fit import Fit, fit
from model.inference.junction_tree import Index
from model.inference.simulate import simulate
from model.network.build import Array, as_network, draw_joints
from model.network.sampling import Sampling

PATIENTS, KNOWN, DIAGNOSED = 300, 0.7, 0.5
BINS = 10
COVERAGE = 0.9
SHARES, HIDDEN, ALONE, BELOW_HIDDEN, WITH_EFFECTS, AS_A_WHOLE = CLASSES = (
    "shares",
    "hidden variables",
    "findings: the rate alone",
    "findings: read through a hidden variable",
    "findings: with odds ratios",
    "rates of a disease beside rates for single conditions",
)


@dataclass(frozen=True)
class Place:
    """Where one true number lies in its fitted distribution, 0 to 1, and its class."""

    kind: str
    value: float


def run(net: Net, quick: bool) -> list[Line]:
    """Coverage of the 90 % intervals by class of numbers; prints the rank histograms."""
    repetitions = 20 if quick else 200
    places = [place for seed in range(repetitions) for place in places_of(net, seed)]
    lines = []
    print(
        f"\n{repetitions} cohorts of {PATIENTS} patients, {100 * KNOWN:.0f} % of the findings and "
        f"{100 * DIAGNOSED:.0f} % of the diagnoses known.\n"
        "Of 1000 numbers, how many lie in each tenth of their fitted distribution (exact: 100 each)"
    )
    for kind in CLASSES:
        values = np.array([place.value for place in places if place.kind == kind])
        if len(values):
            counts = np.histogram(values, BINS, (0, 1))[0]
            shown = " ".join(f"{1000 * count / len(values):4.0f}" for count in counts)
            print(f"{kind:54} {shown}   n {len(values)}, chi-square {chi_square(counts):.0f} (95 %: 17)")
            inside = float((np.abs(values - 0.5) < COVERAGE / 2).mean())
            lines.append(Line(f"{kind}: 90 % intervals that hold the number, against 0.9", inside, COVERAGE, unit="",
                              cost=True))  # fmt: skip
    return lines


def chi_square(counts: Array) -> float:
    """Against equal counts. Numbers of one cohort are not independent, so that it is somewhat too large."""
    expected = counts.sum() / len(counts)
    return float(((counts - expected) ** 2 / expected).sum())


def places_of(net: Net, seed: int) -> Iterator[Place]:
    """Draw numbers and a cohort, fit, and place each number in its fitted distribution."""
    sampling = Sampling(1, seed, odds_ratios=False)  # as the fit takes them
    truth = as_network(net.priors, draw_joints(net.means, net.nodes, sampling), drawn=True)
    tables = {name: table if name == "setting" else table[0] for name, table in truth.tables.items()}
    drawn = simulate(replace(truth, tables=tables), PATIENTS, seed)
    fitted = fit(net, _cohort(net, drawn, seed))
    kinds = _kinds(net)
    for node, rates in net.priors.rates.items():
        for place, rate in enumerate(rates):
            true = sampling.values(rate)[:, 0]
            for state in range(1, len(true)):
                if 0 < rate.percents[state] < 100:
                    yield Place(kinds[node][place], _place(fitted, node, place, state, float(true[state])))


def _cohort(net: Net, drawn: Mapping[str, Index], seed: int) -> Cohort:
    generator = np.random.default_rng([seed, 1])
    states = {f: np.where(generator.random(PATIENTS) < KNOWN, drawn[f], -1) for f in net.vocabulary.findings}
    diagnoses = np.where(generator.random(PATIENTS) < DIAGNOSED, drawn["diagnosis"], -1)
    return Cohort(tuple(map(str, range(PATIENTS))), states, {}, drawn["setting"], diagnoses)


def _kinds(net: Net) -> dict[str, list[str]]:
    """The class of each rate, node -> one for each rate."""
    variables = net.vocabulary.variables
    result = {"diagnosis": [SHARES] * len(net.vocabulary.settings)}
    for node, built in net.means.built.items():
        through = any(variables[parent].kind == "hidden" for parent in built.recipe.rate_parents)
        kind = WITH_EFFECTS if built.recipe.effect_parents else BELOW_HIDDEN if through else ALONE
        kind = HIDDEN if variables[node].kind == "hidden" else kind
        shared = {rest.rate for rest in built.recipe.remainders}
        result[node] = [AS_A_WHOLE if place in shared else kind for place in range(len(built.recipe.rates))]
    return result


def _place(fitted: Fit, node: str, place: int, state: int, true: float) -> float:
    from scipy.special import betainc

    rate = fitted.net.priors.rates[node][place]
    strength = rate.strength + fitted.information.get(node, np.zeros(place + 1))[place]
    mean = rate.percents[state] / 100
    return float(betainc(strength * mean, strength * (1 - mean), true))
