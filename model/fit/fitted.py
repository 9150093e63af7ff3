"""A fit as a new folder of priors: the numbers that the cohort moved or strengthened, with it as their source."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.calibrate.edit import Change, new_cells, rewritten
from model.calibrate.numbers import Number, by_key
from model.calibrate.rates import rates_of
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
    """How the cohort is to be cited. `key`: of sources.csv, new or known.

    Examples
    --------
    >>> Source("our_clinic", "Our clinic, 500 patients").key
    'our_clinic'
    """

    key: str
    citation: str


@dataclass(frozen=True)
class _Learnt:
    """What the cohort says of one number: percent, strength, and patients' worth of information."""

    percent: float
    strength: float
    information: float


def write_fitted(priors: Priors, fit: Fit, out: Path, source: Source, date: str) -> Path:
    """A folder of priors with the rates of a fit.

    A number that moved is written, with the cohort before its earlier source. Where the cohort has half a patient's
    worth of information or more, the strength grows by it, to the cap of grade B at most, and the grade becomes B, a
    figure with a source; else both stay.

    Parameters
    ----------
    priors
        Those that the fit started from.
    fit
        What `fit` gave.
    out
        Where to; it must not exist.
    source
        How the cohort is to be cited.
    date
        For the log, as YYYY-MM-DD.

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
    learnt = _learnt(priors, fit, _cap(priors))
    rows: dict[str, dict[int, dict[str, str]]] = {}
    changes = []
    for number in known.values():
        found = learnt.get((number.row.file, number.row.line))
        if found is not None:
            change = _change(number, found, fit.patients, source)
            changes.append(change)
            cells = {**new_cells(change, number), "locator": number.row.cells.get("locator", "")}
            rows.setdefault(number.row.file, {})[number.row.line] = cells
    return rewritten(priors, rows, changes, out, date)


def check_target(priors: Priors, out: Path) -> None:
    """What `write_fitted` would refuse, told before the work of a fit. Raises InputError."""
    _cap(priors)
    if out.exists():
        raise InputError(f"{out.name}: exists already; choose another name")
    if not out.resolve().parent.is_dir():
        raise InputError(f"{out.name}: cannot be written (there is no such folder)")


def _cap(priors: Priors) -> float:
    cap = next((float(row["strength_cap"]) for row in priors.tables["grades"] if row["grade"] == GRADE), None)
    if cap is None:
        raise InputError(f"grades.csv: a fit needs grade {GRADE}, a figure with a source")
    return cap


def _change(number: Number, learnt: _Learnt, patients: int, source: Source) -> Change:
    telling = learnt.information >= LEAST_INFORMATION
    earlier = [word for word in number.row.words("source") if word != source.key]
    return Change(
        number.key,
        learnt.percent,
        float(np.round(learnt.strength, 1)) if telling else None,
        f"Fitted to {patients} patients; {learnt.information:.1f} patients' worth of information",
        ";".join([source.key, *earlier]),
        GRADE if telling else number.grade,
        source.citation,
    )


def _learnt(priors: Priors, fit: Fit, cap: float) -> dict[tuple[str, int], _Learnt]:
    """File and line of each row to change -> what was learnt of it; the states of a rate add up to exactly 100."""
    result: dict[tuple[str, int], _Learnt] = {}
    after, strengths = rates_of(fit.net.priors), strengthened(fit, cap)
    for node, rates in rates_of(priors).items():
        known = fit.information.get(node, np.zeros(len(rates)))
        for place, rate in enumerate(rates):
            percents = _rounded(np.array(after[node][place].percents))
            moved = np.abs(percents - np.array(rate.percents)).max() > 10.0**-DECIMALS
            if moved or known[place] >= LEAST_INFORMATION:
                for row in rate.rows:
                    percent = float(percents[_states(priors, rate).index(row["state"])])
                    result[row.file, row.line] = _Learnt(percent, strengths[node][place], float(known[place]))
    return result


def _states(priors: Priors, rate: Rate) -> tuple[str, ...]:
    return priors.vocabulary.variables[rate.node].states


def _rounded(percents: Array) -> Array:
    """Percents to DECIMALS that still add up to 100; the largest takes what rounding leaves."""
    short = np.round(percents, DECIMALS)
    short[short.argmax()] += 100 - short.sum()
    return np.round(short, DECIMALS)
