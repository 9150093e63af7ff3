"""A fit as a new folder of priors: the numbers that the cohort moved or strengthened, with it as their source."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.calibrate.edit import Change, new_cells, rewritten
from model.calibrate.fit import Fit, strengthened
from model.calibrate.rates import rates_of
from model.calibrate.numbers import Number, by_key
from model.network import Array
from model.priors import Priors, Rate

GRADE = "B"
LEAST_INFORMATION = 0.5


@dataclass(frozen=True)
class Source:
    """How the cohort is to be cited. `key`: of sources.csv, new or known."""

    key: str
    citation: str


def write_fitted(priors: Priors, fit: Fit, out: Path, source: Source, date: str, cap: float = 200) -> Path:
    """The folder of `priors` with the rates of the fit, at `out`, which must not exist.

    A rate on which the cohort has less than half a patient's worth of information keeps its row as it is.
    The strength grows by that information, to `cap` at most; the grade becomes B, a figure with a source,
    and the earlier source stays beside it. Raises InputError as `model.calibrate.edit.rewritten` does.
    """
    known = by_key(priors)
    values, strengths = _learnt(priors, fit), strengthened(fit, cap)
    rows: dict[str, dict[int, dict[str, str]]] = {}
    changes = []
    for number in known.values():
        found = values.get((number.row.file, number.row.line))
        if found is None:
            continue
        node, place, percent = found
        change = Change(
            number.key,
            percent,
            _strength(strengths[node][place]),
            f"Fitted to {fit.patients} patients; {fit.information[node][place]:.0f} patients' worth of information",
            _sources(number, source),
            GRADE,
            source.citation,
        )
        changes.append(change)
        rows.setdefault(number.row.file, {})[number.row.line] = {
            **new_cells(change, number),
            "locator": number.row.cells.get("locator", ""),
        }
    return rewritten(priors, rows, changes, out, date)


def _strength(strength: float) -> float:
    return float(np.round(strength, 1))


def _sources(number: Number, source: Source) -> str:
    earlier = [word for word in number.row.words("source") if word != source.key]
    return ";".join([source.key, *earlier])


def _learnt(priors: Priors, fit: Fit) -> dict[tuple[str, int], tuple[str, int, float]]:
    """File and line of each row to change -> node, place of its rate, new percent (that add up to exactly 100)."""
    result: dict[tuple[str, int], tuple[str, int, float]] = {}
    after = rates_of(fit.net.priors)
    for node, rates in rates_of(priors).items():
        learnt = fit.information.get(node, np.zeros(len(rates)))
        for place, rate in enumerate(rates):
            if learnt[place] < LEAST_INFORMATION:
                continue
            percents = _rounded(np.array(after[node][place].percents))
            for row in rate.rows:
                result[row.file, row.line] = (node, place, percents[_states(priors, rate).index(row["state"])])
    return result


def _states(priors: Priors, rate: Rate) -> tuple[str, ...]:
    return priors.vocabulary.variables[rate.node].states


def _rounded(percents: Array) -> list[float]:
    """Percents to four decimals that still add up to 100; the largest takes what rounding leaves."""
    short = np.round(percents, 4)
    short[short.argmax()] += 100 - short.sum()
    return [float(round(value, 4)) for value in short]
