"""Commands that make and compare sets of priors: fit, diff and propose-mapping."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.commands.reading import add_cohort_options, cohort_options, print_notes
from model.commands.text import AddCommand, print_json, table
from model.errors import InputError
from model.inference.net import Net, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.calibrate.difference import NumberDifference
    from model.fit.fit import Fit
    from model.fit.fitted import Source
    from model.measure.audit import AuditEffect

MOST_LINES = 15


def add_commands(command: AddCommand) -> None:
    """fit, diff and propose-mapping."""
    fit = command("fit", _fit, "New priors from a cohort: the posterior mode of every rate, written as a folder.")
    fit.add_argument("cohort", type=Path, help="JSON Lines, CSV or Parquet; findings and diagnoses may be missing")
    fit.add_argument("--out", type=Path, required=True, metavar="DIR", help="the new folder of priors")
    shares = (
        "how common diagnoses are: fitted for each referral setting (default), by one factor for all, or left unchanged"
    )
    fit.add_argument("--shares", choices=["by-setting", "together", "fixed"], default="by-setting", help=shares)
    fit.add_argument("--iterations", type=int, default=100, metavar="N", help="maximum number (default: 100)")
    fit.add_argument("--source", metavar="KEY", help="short name of the cohort in sources.csv (default: the file name)")
    fit.add_argument("--citation", metavar="TEXT", help="how to cite the cohort, for a new source")
    add_cohort_options(fit)

    diff = command("diff", _diff, "Two folders of priors: which numbers differ, and what that changes.")
    diff.add_argument("before", type=Path, metavar="A")
    diff.add_argument("after", type=Path, metavar="B")
    diff.add_argument("--case", type=Path, metavar="CASE.json", help="the posterior of this patient under both")
    diff.add_argument("--setting", help="of the patient; overrides the one in the case")
    diff.add_argument("--audit", action="store_true", help="published rates that hold under each")
    diff.add_argument("--json", action="store_true", help="print JSON, with every number")

    mapping = command(
        "propose-mapping", _propose, "A first mapping from a file's columns to the model's, for you to edit."
    )
    mapping.add_argument("cohort", type=Path, help="CSV or Parquet")
    mapping.add_argument("--out", type=Path, required=True, metavar="FILE.json")


def _fit(net: Net, options: argparse.Namespace) -> None:
    from datetime import date

    from tqdm import tqdm

    from model.fit.fitted import check_target, write_fitted
    from model.runs.fit_run import fit_file

    if options.iterations < 1:
        raise InputError("field --iterations: at least 1 is needed")
    today = date.today().isoformat()
    source = _source(options, today)
    check_target(net.priors, options.out)
    with cohort_options(net, options) as (mapping, mapped), tqdm(total=options.iterations, disable=None) as bar:
        fitted, repairs = fit_file(
            net, options.cohort, options.out, lambda fit: write_fitted(net.priors, fit, options.out, source, today),
            options.shares, options.iterations, mapping, mapped, options.restart, progress=_shown(bar),
        )  # fmt: skip
    print_notes(options.cohort, repairs, mapping)
    print(_summary(net, fitted, options.out))


def _source(options: argparse.Namespace, today: str) -> "Source":
    """How the cohort is to be cited; its name makes the key where none is given."""
    from model.cases.files.write import escaped
    from model.fit.fitted import Source

    key = options.source or re.sub(r"\W+", "_", options.cohort.stem).strip("_") or "cohort"
    if not re.fullmatch(r"[\w.-]*\w", key) or escaped(key) != key:
        raise InputError(f"field --source: {key!r} is not a key; letters, digits, _, . and - make one")
    citation = options.citation or f"Cohort {options.cohort.name}, fitted {today}"
    if escaped(citation) != citation:
        raise InputError(f"field --citation: a spreadsheet would take {citation!r} for a formula")
    return Source(key, citation)


def _shown(bar: "object") -> "Callable[[int, float], bool]":
    def progress(iteration: int, log_posterior: float) -> bool:
        bar.set_postfix_str(f"log posterior {log_posterior:.2f}")  # type: ignore[attr-defined]
        bar.update(iteration - bar.n)  # type: ignore[attr-defined]
        return True

    return progress


def _summary(net: Net, fitted: "Fit", out: Path) -> str:
    from model.calibrate.difference import difference
    from model.priors.folder import read_priors

    first, last = fitted.log_posteriors[0], fitted.log_posteriors[-1]
    changed = difference(net.priors, read_priors(out)).numbers
    steps = len(fitted.log_posteriors) - 1
    lines = [
        f"{fitted.patients} patients, {steps} iterations{'' if fitted.converged else ' (not converged)'}; "
        f"log posterior {first:.2f} -> {last:.2f}. {len(changed)} numbers changed.",
    ]
    if fitted.impossible:
        lines.append(f"{len(fitted.impossible)} patients left out, whose findings cannot occur together: first in row "
                     f"{fitted.impossible[0]}.")  # fmt: skip
    lines += ["", "Moved most", _table_of(sorted(changed, key=_move)), "", "Strength grown most"]
    lines.append(_table_of(sorted(changed, key=_growth)))
    return "\n".join(lines)


def _move(change: "NumberDifference") -> float:
    return -abs(change.after.value - change.before.value) if change.before and change.after else 0


def _growth(change: "NumberDifference") -> float:
    before, after = (number.strength or 0 if number else 0 for number in (change.before, change.after))
    return before - after


def _table_of(changes: "Sequence[NumberDifference]", most: int = MOST_LINES) -> str:
    header = ["number", "what", "before", "after", "strength before", "after"]
    rows = []
    for change in changes[:most]:
        pair = (change.before, change.after)
        values = [f"{number.value:.4g}" if number else "" for number in pair]
        strengths = [f"{number.strength:.4g}" if number and number.strength else "" for number in pair]
        rows.append((change.key, change.what, *values, *strengths))
    return table(header, rows)


def _diff(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.calibrate.difference import difference, effect_on_patient
    from model.commands.patient import read_patient
    from model.measure.audit import effect_on_audit
    from model.priors.published import SHIPPED_RATES, read_published

    before, after = load(options.before), load(options.after)
    found = difference(before.priors, after.priors)
    patient, audited = None, None
    if options.case:
        case, setting = read_patient(before, options)
        try:
            patient = effect_on_patient(before, after, case.findings, setting)
        except InputError as error:
            raise InputError(f"{options.case.name}: {error}") from None
    if options.audit:
        rates = read_published(SHIPPED_RATES, before.priors)
        with tqdm(total=sum(not rate.left_out for rate in rates), unit=" rates", disable=None) as bar:
            audited = effect_on_audit(before, after, rates, progress=lambda done: bar.update())
    if options.json:
        print_json(
            {
                "numbers": [_as_json(change) for change in found.numbers],
                "edges": found.edges,
                "states": found.states,
                **({"patient": patient} if patient else {}),
                **({"audit": _audit_json(audited)} if audited else {}),
            }
        )
        return
    kinds = {kind: sum(change.what == kind for change in found.numbers) for kind in ("added", "removed", "value",
                                                                                  "strength", "source")}  # fmt: skip
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    print(f"{len(found.numbers)} numbers differ" + (f": {counted}." if counted else "."))
    if found.numbers:
        print("\n" + _table_of(sorted(found.numbers, key=_move), 40))
    for line in (*found.edges, *found.states):
        print(line)
    if patient:
        rows = [
            (d, f"{100 * a:.1f}", f"{100 * b:.1f}") for d, (a, b) in sorted(patient.items(), key=lambda p: -p[1][1])
        ]
        print("\n" + table(["diagnosis", "before %", "after %"], rows))
    if audited:
        print(f"\n{audited.holds_before} of {audited.rates} published rates hold before, {audited.holds_after} after; "
              f"{len(audited.won)} won, {len(audited.lost)} lost.")  # fmt: skip


def _as_json(change: "NumberDifference") -> dict[str, object]:
    def number(side: "object") -> dict[str, object] | None:
        fields = ("value", "strength", "grade")
        return {name: getattr(side, name) for name in fields} if side else None

    return {"key": change.key, "what": change.what, "before": number(change.before), "after": number(change.after)}


def _audit_json(effect: "AuditEffect") -> dict[str, int]:
    return {"rates": effect.rates, "holds_before": effect.holds_before, "holds_after": effect.holds_after,
            "won": len(effect.won), "lost": len(effect.lost)}  # fmt: skip


def _propose(net: Net, options: argparse.Namespace) -> None:
    from model.cases.files.columns import column_values
    from model.cases.files.mapping import propose, unused, write_mapping

    if options.out.exists():
        raise InputError(f"{options.out.name}: exists already, perhaps edited by hand; choose another name")
    mapping = propose(column_values(options.cohort), net.vocabulary)
    write_mapping(options.out, mapping)
    left = unused(mapping)
    print(table(["column", "read as"], [(theirs, ours or "") for theirs, ours in mapping.columns.items()]))
    print(f"\n{len(left)} of {len(mapping.columns)} columns stay unused.")
    for column, words in mapping.values.items():
        print(f"{column}: values without a state, read as unknown until {options.out.name} says more: "
              f"{', '.join(map(repr, words))}")  # fmt: skip
