"""A fit of a file that can be interrupted and resumed: its state is saved beside the output after each step."""

import json
from collections.abc import Callable
from pathlib import Path

from model.calibrate.rates import with_percents
from model.cases.files.mapping import ColumnMapping
from model.cases.files.read import cohort_suffix
from model.cases.files.repairs import Repair
from model.errors import InputError, Unfinished
from model.fit.fit import Fit, FitState, fit
from model.fit.maximise import Shares
from model.inference.net import Net
from model.io.files import whole_file
from model.io.json_text import parse_json
from model.runs.fit_file import ROWS_AT_ONCE, in_file
from model.runs.parts import FIT_STATE, Run, begin, discard, original, resumable
from model.runs.workers import Mapper


def fit_file(
    net: Net,
    cohort: Path,
    out: Path,
    write: Callable[[Fit], object],
    shares: Shares = "by-setting",
    iterations: int = 100,
    mapping: ColumnMapping | None = None,
    mapped: Mapper = map,
    restart: bool = False,
    rows: int = ROWS_AT_ONCE,
    progress: Callable[[int, float], bool] = lambda iteration, log_posterior: True,
) -> tuple[Fit, tuple[Repair, ...]]:
    """Fit the priors to a cohort file; returns the fit, and the repairs made while reading.

    `write`: writes the result at `out`. An interrupted fit is resumed after its last complete step and gives the same
    result, to the last digit; its state is deleted once the result is written. If the cohort, the priors or the
    options have changed, the fit is refused unless `restart` deletes the state. Raises InputError and Unfinished as
    `model.runs.score_file.score_file` does.
    """
    cohort_suffix(cohort)
    before = original(cohort)
    patients = in_file(cohort, mapping, mapped, rows)
    about = {
        "cohort": before.content,
        "priors": net.priors.fingerprint,
        "mapping": None if mapping is None else repr(mapping),
        "shares": shares,
        "iterations": iterations,
        "rows": rows,
    }
    run = begin(out, (), about, restart)

    def keep(reached: FitState) -> None:
        before.check()
        _keep(run, reached)

    with resumable(run):
        repairs = patients.check(net)
        try:
            fitted = fit(net, patients, shares, iterations, progress=progress, start=_kept(run, net), keep=keep)
        except Unfinished:
            raise
        except InputError as error:
            raise InputError(f"{cohort.name}: {error}") from None
        before.check()
    write(fitted)
    discard(run)
    return fitted, repairs


def _keep(run: Run, reached: FitState) -> None:
    percents = {node: [rate.percents for rate in rates] for node, rates in reached.net.priors.rates.items()}
    with whole_file(run.folder / FIT_STATE) as partial:
        partial.write_text(json.dumps({"log_posteriors": reached.log_posteriors, "percents": percents}))


def _kept(run: Run, net: Net) -> FitState | None:
    """The saved state of an interrupted fit; None if there is none."""
    path = run.folder / FIT_STATE
    if not path.exists():
        return None
    content = parse_json(path.read_bytes(), path.name)
    return FitState(Net(with_percents(net.priors, content["percents"])), tuple(content["log_posteriors"]))
