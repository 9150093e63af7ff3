"""Write a fit as a new folder of priors. The cohort becomes the source of every number that it changes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.calibrate.edit import Change, new_cells, rewritten
from model.calibrate.numbers import Number, by_key
from model.errors import InputError
from model.fit.fit import Fit, strengthened
from model.network.build import Array
from model.priors.folder import Priors
from model.priors.numbers import Rate

GRADE = "B"
LEAST_INFORMATION = 0.5
DECIMALS = 6


@dataclass(frozen=True)
class Source:
    """The citation of a cohort. `key`: its key in sources.csv, new or existing.

    Examples
    --------
    >>> Source("our_clinic", "Our clinic, 500 patients").key
    'our_clinic'
    """

    key: str
    citation: str


@dataclass(frozen=True)
class _FittedNumber:
    """The new percentage and strength of one number, and the information of the cohort on it, in patients."""

    percent: float
    strength: float
    information: float


def write_fitted(priors: Priors, fit: Fit, out: Path, source: Source, date: str) -> Path:
    """A folder of priors with the rates of a fit.

    A number that changed is written, and the cohort is put before its earlier sources. If the information of the
    cohort on the number is worth half a patient or more, the strength grows by it (at most to the cap of grade B) and
    the grade becomes B, a figure with a source. Otherwise strength and grade do not change.

    Parameters
    ----------
    priors
        The priors that the fit started from.
    fit
        The result of `model.fit_priors`.
    out
        The folder to write; it must not exist.
    source
        How to cite the cohort.
    date
        The date for the log, as YYYY-MM-DD.

    Returns
    -------
    pathlib.Path
        The new folder; `model.load` reads it.

    Raises
    ------
    InputError
        As `model.edit_priors` does, and for a folder without grade B.

    Examples
    --------
    >>> import tempfile
    >>> import model
    >>> net = model.load()
    >>> cohort = next(model.simulate(net, model.Imagined(patients=20)))
    >>> fitted = model.fit_priors(net, cohort, iterations=1, weigh=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     out = write_fitted(net.priors, fitted, Path(folder) / "new", Source("clinic", "Clinic"), "2026-01-31")
    ...     model.load(out).vocabulary == net.vocabulary
    True
    """
    known = by_key(priors)
    fitted = _fitted_numbers(priors, fit, _cap(priors))
    rows: dict[str, dict[int, dict[str, str]]] = {}
    changes = []
    for number in known.values():
        found = fitted.get((number.row.file, number.row.line))
        if found is not None:
            change = _change(number, found, fit.patients, source)
            changes.append(change)
            cells = {**new_cells(change, number), "locator": number.row.cells.get("locator", "")}
            rows.setdefault(number.row.file, {})[number.row.line] = cells
    return rewritten(priors, rows, changes, out, date)


def check_target(priors: Priors, out: Path) -> None:
    """Check, before a fit, that `write_fitted` can write to `out`. Raises InputError if it cannot."""
    _cap(priors)
    if out.exists():
        raise InputError(f"{out.name}: exists already; choose another name")
    if not out.resolve().parent.is_dir():
        raise InputError(
            f"{out.name}: cannot be written (the folder to put it in does not exist); make that folder first"
        )


def _cap(priors: Priors) -> float:
    cap = next((float(row["strength_cap"]) for row in priors.tables["grades"] if row["grade"] == GRADE), None)
    if cap is None:
        raise InputError(f"grades.csv: no row for grade {GRADE} (a figure with a source), which a fit needs; add it")
    return cap


def _change(number: Number, fitted: _FittedNumber, patients: int, source: Source) -> Change:
    informative = fitted.information >= LEAST_INFORMATION
    earlier = [word for word in number.row.words("source") if word != source.key]
    return Change(
        number.key,
        fitted.percent,
        float(np.round(fitted.strength, 1)) if informative else None,
        f"Fitted to {patients} patients; {fitted.information:.1f} patients' worth of information",
        ";".join([source.key, *earlier]),
        GRADE if informative else number.grade,
        source.citation,
    )


def _fitted_numbers(priors: Priors, fit: Fit, cap: float) -> dict[tuple[str, int], _FittedNumber]:
    """The numbers to write, (file, line) -> number; the percentages of a rate sum to exactly 100."""
    result: dict[tuple[str, int], _FittedNumber] = {}
    after, strengths = fit.net.priors.rates, strengthened(fit, cap)
    for node, rates in priors.rates.items():
        known = fit.information.get(node, np.zeros(len(rates)))
        for index, rate in enumerate(rates):
            percents = _rounded(np.array(after[node][index].percents))
            moved = np.abs(percents - np.array(rate.percents)).max() > 10.0**-DECIMALS
            if moved or known[index] >= LEAST_INFORMATION:
                for row in rate.rows:
                    percent = float(percents[_states(priors, rate).index(row["state"])])
                    result[row.file, row.line] = _FittedNumber(percent, strengths[node][index], float(known[index]))
    return result


def _states(priors: Priors, rate: Rate) -> tuple[str, ...]:
    return priors.vocabulary.variables[rate.node].states


def _rounded(percents: Array) -> Array:
    """Percentages rounded to DECIMALS; the largest is adjusted so that they still sum to 100."""
    short = np.round(percents, DECIMALS)
    short[short.argmax()] += 100 - short.sum()
    return np.round(short, DECIMALS)
