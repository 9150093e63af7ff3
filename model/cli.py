"""The command line: python -m model COMMAND. Bad input is one line on stderr and exit code 2."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from model.errors import InputError, nearest
from model.net import Net, load

if TYPE_CHECKING:
    from model.evaluate import Evaluation


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        net = load(options.priors)
        if getattr(options, "setting", None):
            _known_setting(net, options.setting)
        options.run(net, options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 1
    return 0


class _Parser(argparse.ArgumentParser):
    """A parser that tells a fault in one line, as every other fault is told."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}; {self.prog} --help tells more\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m model",
        description="Open diagnostic model of the inflammatory myopathies. For education, research and decision "
        "support by professionals; not a medical device.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--priors", metavar="DIR", help="a folder of priors (default: the shipped one)")
        added.set_defaults(run=run)
        return added

    diagnose = command("diagnose", _diagnose, "Posterior probability of every diagnosis for one patient.")
    diagnose.add_argument("case", type=Path, metavar="CASE.json", help='{"findings": {"ck_level": 23.5, ...}}')
    diagnose.add_argument("--setting", help="referral setting; overrides the one in the case")
    diagnose.add_argument("--json", action="store_true", help="print JSON")

    score = command("score", _score, "Posteriors of a cohort: one row a patient, in order.")
    score.add_argument("cohort", type=Path, help="JSON Lines, CSV or Parquet; a column a finding")
    score.add_argument("--out", type=Path, required=True, help="CSV, JSON Lines or Parquet, by the name")
    score.add_argument("--setting", help="setting of patients for whom the cohort names none")

    audit = command("audit", _audit, "Published rates against what the network implies for the same patients.")
    audit.add_argument("evidence", type=Path, nargs="?", help="columns of priors/evidence/rates.csv (the default)")
    audit.add_argument("--out", type=Path, help="write every row with implied_percent, difference and holds")
    audit.add_argument("--setting", help="case mix for rates of several diagnoses (default: myositis_centre)")
    audit.add_argument("--json", action="store_true", help="print the summary as JSON")

    evaluate = command("evaluate", _evaluate, "Discrimination and calibration on patients with a known diagnosis.")
    evaluate.add_argument("cases", type=Path, metavar="CASES.jsonl")
    evaluate.add_argument("--stage", choices=["initial", "full"], default="full", help="what is known of the patient")
    evaluate.add_argument("--misses", action="store_true", help="list the patients whose diagnosis is not first")
    evaluate.add_argument("--json", action="store_true", help="print JSON")

    export = command("export", _export, "The network in a format of other tools.")
    export.add_argument("--format", required=True, help="bif, xmlbif, xdsl, net, uai or json")
    export.add_argument("file", type=Path)

    command("check", _check, "Read and check every table of the priors.")
    report = command("report-priors", _report_priors, "Numbers by grade, cells that rest on a default, weak findings.")
    report.add_argument("--json", action="store_true", help="print JSON")

    pool = command("pool", _pool, "Published studies of one figure, and their pooled rate and strength.")
    pool.add_argument("finding")
    pool.add_argument("diagnosis", nargs="?", help="a diagnosis or family (default: every one)")
    return parser


def _known_setting(net: Net, setting: str) -> None:
    if setting not in net.vocabulary.settings:
        hint = nearest(setting, net.vocabulary.settings)
        raise InputError(f"field setting: {setting!r} is not a setting{hint}")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain text table; numbers are right-aligned."""
    cells = [[str(c) for c in header], *([str(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(
            c.rjust(w) if c[:1].isdigit() or c[:1] in "-+" else c.ljust(w) for c, w in zip(row, widths, strict=True)
        ).rstrip()

    return "\n".join([line(cells[0]), "  ".join("-" * w for w in widths), *map(line, cells[1:])])


def _diagnose(net: Net, options: argparse.Namespace) -> None:
    from model.cases import read_case

    case = read_case(options.case, net.vocabulary)
    setting = options.setting or case.setting or net.default_setting
    try:
        posterior, prior = net.posterior(case.findings, setting), net.posterior({}, setting)
    except InputError as error:
        raise InputError(f"{options.case.name}: {error}") from None
    iim = sum(posterior[d] for d in net.vocabulary.families["iim"])
    if options.json:
        print(json.dumps({"id": case.id, "setting": setting, "iim": iim, "posterior": posterior}, indent=1))
        return
    print(f"Setting: {net.vocabulary.setting_labels[setting]}. Inflammatory myopathy: {100 * iim:.1f} %\n")
    ranked = sorted(posterior, key=lambda d: -posterior[d])
    print(
        table(
            ["diagnosis", "prior %", "posterior %", ""],
            (
                (net.vocabulary.diagnosis_labels[d], f"{100 * prior[d]:.1f}", f"{100 * posterior[d]:.1f}",
                 "#" * round(40 * posterior[d]))
                for d in ranked
            ),
        )
    )  # fmt: skip


def _score(net: Net, options: argparse.Namespace) -> None:
    import numpy as np
    from tqdm import tqdm

    from model.cases import read_cohort, table_suffix, write_table
    from model.score import chunks

    table_suffix(options.out)
    cohort = read_cohort(options.cohort, net.vocabulary)
    parts = []
    try:
        with tqdm(total=len(cohort), unit=" patients", disable=None) as bar:
            for rows, values in chunks(net, cohort, options.setting):
                parts.append(values)
                bar.update(rows.stop - rows.start)
    except InputError as error:
        raise InputError(f"{options.cohort.name}, {error}") from None
    result = np.concatenate(parts) if parts else np.empty((0, len(net.vocabulary.diagnoses)))
    columns = {f"p_{d}": result[:, i].tolist() for i, d in enumerate(net.vocabulary.diagnoses)}
    write_table(options.out, {"id": list(cohort.ids), **columns})


def _audit(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.audit import GROSS_MISFIT, audit, share_that_holds
    from model.cases import table_suffix, write_table
    from model.published import COLUMNS, SHIPPED_RATES, read_published

    if options.out:
        table_suffix(options.out)
    rates = read_published(options.evidence or SHIPPED_RATES, net.vocabulary)
    used = sum(not rate.left_out for rate in rates)
    audited = list(tqdm(audit(net, rates, options.setting), total=used, unit=" rates", disable=None))
    holds = sum(item.holds for item in audited)
    if options.out:
        columns: dict[str, Sequence[object]] = {c: [a.rate.row[c] for a in audited] for c in COLUMNS}
        columns["implied_percent"] = [round(a.implied_percent, 3) for a in audited]
        columns["difference"] = [round(a.difference, 3) for a in audited]
        columns["holds"] = ["true" if a.holds else "false" for a in audited]
        write_table(options.out, columns)
    if options.json:
        print(json.dumps({"rates": len(audited), "hold": holds, "left_out": len(rates) - used}))
        return
    print(f"{holds} of {len(audited)} published rates hold ({100 * holds / max(1, len(audited)):.1f} %); "
          f"{len(rates) - used} left out with a reason.\n")  # fmt: skip
    for key in ("diagnosis", "finding"):
        rows = [(v, n, k, f"{100 * k / n:.0f}") for v, n, k in share_that_holds(audited, key)]
        print(table([key, "rates", "hold", "%"], rows), end="\n\n")
    worst = sorted((a for a in audited if not a.holds), key=lambda a: -abs(a.difference))[:25]
    print(f"Worst misfits ({sum(abs(a.difference) > GROSS_MISFIT for a in worst)} over {GROSS_MISFIT:g} points):")
    rows_out = [
        (a.rate.finding, a.rate.row["state"], a.rate.row["diagnosis"], a.rate.row["given"],
         f"{a.rate.percent:.1f}", f"{a.implied_percent:.1f}", a.rate.row["source"])
        for a in worst
    ]  # fmt: skip
    print(table(["finding", "state", "diagnosis", "given", "published", "implied", "source"], rows_out))


def _evaluate(net: Net, options: argparse.Namespace) -> None:
    from model.cases import read_cases
    from model.evaluate import METRICS, by_diagnosis, evaluate

    cases = [case for case in read_cases(options.cases, net.vocabulary) if case.diagnosis]
    if not cases:
        raise InputError(f"{options.cases.name}: no case has a diagnosis to compare with")
    try:
        results = evaluate(net, cases, options.stage)
    except InputError as error:
        raise InputError(f"{options.cases.name}, {error}") from None
    if options.json:
        content = {
            e.name: {m: dict(zip(("value", "low", "high"), map(_known, v), strict=True)) for m, v in e.metrics.items()}
            for e in results
        }
        print(json.dumps({"patients": len(cases), "stage": options.stage, "predictors": content}, indent=1))
        return
    print(f"{len(cases)} patients, stage {options.stage}; value (bootstrap 90 % interval)\n")
    rows = [(e.name, *(f"{v:.3f} ({a:.2f}-{b:.2f})" for v, a, b in e.metrics.values())) for e in results]
    print(table(["predictor", *METRICS], rows), end="\n\n")
    print("\n".join(f"{name}: {text}" for name, text in METRICS.items()), end="\n\n")
    detail = [(d, n, k, f"{p:.2f}") for d, n, k, p in by_diagnosis(results[0], cases, net.vocabulary)]
    print(table(["diagnosis", "patients", "first", "mean p"], detail))
    if options.misses:
        print("\n" + _misses(net, cases, results[0]))


def _known(number: float) -> float | None:
    """JSON has no NaN: a metric that cannot be computed is null."""
    return None if number != number else number


def _misses(net: Net, cases: Sequence[object], result: "Evaluation") -> str:
    from model.cases import Case

    rows = []
    for case, posterior in zip(cases, result.posteriors, strict=True):
        assert isinstance(case, Case)
        order = posterior.argsort()[::-1]
        first = net.vocabulary.diagnoses[order[0]]
        if first != case.diagnosis:
            own = posterior[net.vocabulary.diagnoses.index(str(case.diagnosis))]
            rows.append((case.id, case.diagnosis, f"{own:.2f}", first, f"{posterior[order[0]]:.2f}"))
    return table(["case", "diagnosis", "p", "model says", "p"], rows)


def _export(net: Net, options: argparse.Namespace) -> None:
    from model.interchange import export

    export(net, options.format, options.file)


def _check(net: Net, options: argparse.Namespace) -> None:
    from model.provenance import check_sources

    check_sources(net.priors)
    rates = sum(len(group) for group in net.priors.rates.values())
    effects = sum(len(group) for group in net.priors.effects.values())
    print(f"{len(net.nodes)} nodes, {rates} rates, {effects} effects: no fault found.")


def _report_priors(net: Net, options: argparse.Namespace) -> None:
    from model.provenance import report

    content = report(net)
    if options.json:
        print(json.dumps(content, indent=1))
        return
    print(table(["grade", "meaning", "numbers", "%", "cells", "%"], content["grades"]), end="\n\n")
    print(table(["cells (finding x diagnosis) resting on", "cells", "share %"], content["cells"]), end="\n\n")
    print("Weakest findings: diagnoses with a number of their own, by grade")
    print(table(["finding", "A or B", "C", "D", "family or default"], content["weakest"]))


def _pool(net: Net, options: argparse.Namespace) -> None:
    from model.published import SHIPPED_RATES, pool, read_published

    net.vocabulary.variable(options.finding)
    wanted = set(net.vocabulary.resolve_diagnoses(options.diagnosis or list(net.vocabulary.families)))
    groups: dict[tuple[str, str, str], list[object]] = {}
    for rate in read_published(SHIPPED_RATES, net.vocabulary):
        if rate.finding == options.finding and set(rate.diagnoses) <= wanted and not rate.left_out and rate.n:
            groups.setdefault((rate.row["diagnosis"], rate.row["state"], rate.row["given"]), []).append(
                (rate.percent, rate.n)
            )
    rows = []
    for key, counts in sorted(groups.items()):
        pooled = pool(counts)  # type: ignore[arg-type]
        rows.append(
            (
                *key,
                pooled.studies,
                f"{pooled.patients:.0f}",
                f"{pooled.percent:.1f}",
                f"{pooled.strength:.0f}",
            )
        )
    print(table(["diagnosis", "state", "given", "studies", "patients", "percent", "strength"], rows))
