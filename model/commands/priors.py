"""Commands on the numbers: audit, export, check, what they rest on, pooled studies."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from model.commands.text import AddCommand, print_json, table
from model.inference.net import Net
from model.priors.published import PublishedRate


def add_commands(command: AddCommand) -> None:
    """audit, export, check, report-priors and pool."""
    audit = command("audit", _audit, "Published rates against what the network implies for the same patients.")
    audit.add_argument("evidence", type=Path, nargs="?", help="columns of priors/evidence/rates.csv (the default)")
    audit.add_argument("--out", type=Path, help="write every row with implied_percent, difference and holds")
    audit.add_argument("--setting", help="case mix for rates of several diagnoses (default: myositis_centre)")
    audit.add_argument("--json", action="store_true", help="print the summary as JSON")

    export = command("export", _export, "The network in a format of other tools.")
    export.add_argument("--format", required=True, help="bif, xmlbif, xdsl, net, uai or json; pyAgrum reads "
                        "uai and xdsl otherwise than the tools that they belong to")  # fmt: skip
    export.add_argument("file", type=Path)

    check = command("check", _check, "Read and check every table of the priors.")
    check.add_argument("--schema", action="store_true", help="print what each table and column holds")
    report = command("report-priors", _report_priors, "Numbers by grade, cells that rest on a default, weak findings.")
    report.add_argument("--json", action="store_true", help="print JSON")

    pool = command("pool", _pool, "Published studies of one figure, and their pooled rate and strength.")
    pool.add_argument("finding")
    pool.add_argument("diagnosis", nargs="?", help="a diagnosis or family (default: every one)")


def _audit(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.cases.files.write import table_suffix, write_table
    from model.measure.audit import GROSS_MISFIT, TOLERANCE, audit, share_that_holds
    from model.priors.published import COLUMNS, SHIPPED_RATES, read_published

    if options.out:
        table_suffix(options.out)
    rates = read_published(options.evidence or SHIPPED_RATES, net.priors)
    used = sum(not rate.left_out for rate in rates)
    audited = list(tqdm(audit(net, rates, options.setting), total=used, unit=" rates", disable=None))
    holds = sum(item.holds for item in audited)
    if options.out:
        columns: dict[str, Sequence[object]] = {c: [a.rate.row[c] for a in audited] for c in COLUMNS}
        columns["implied_percent"] = [round(a.implied_percent, 3) for a in audited]
        columns["difference"] = [round(a.difference, 3) for a in audited]
        columns["holds"] = ["true" if a.holds else "false" for a in audited]
        write_table(options.out, columns)
    strictly, share = sum(item.strictly for item in audited), 100 / max(1, len(audited))
    if options.json:
        print_json({"rates": len(audited), "hold_strictly": strictly, "hold": holds, "left_out": len(rates) - used})
        return
    print(f"{strictly} of {len(audited)} published rates hold ({share * strictly:.1f} %): the implied rate lies in the "
          f"study's own 95 % interval or within {TOLERANCE:g} points. With the interval widened for the spread between "
          f"studies: {holds} ({share * holds:.1f} %). {len(rates) - used} are left out with a reason.\n")  # fmt: skip
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
    if options.evidence is None:
        _audit_mixtures(net, rates, options.setting)
        _audit_associations(net, options.setting)


def _audit_mixtures(net: Net, rates: Sequence[PublishedRate], setting: str | None) -> None:
    from model.measure.audit import audit
    from model.priors.mixtures import mixture_rates

    audited = list(audit(net, mixture_rates(net.priors, rates), setting))
    if not audited:
        return
    holds = sum(item.holds for item in audited)
    print(f"\nDiagnoses that are mixtures: of {len(audited)} rates joined from studies of their diseases "
          f"{holds} hold ({100 * holds / len(audited):.1f} %). Those that do not:")  # fmt: skip
    rows = [
        (a.rate.finding, a.rate.row["state"], a.rate.row["diagnosis"], a.rate.row["given"], a.rate.row["population"],
         f"{a.rate.percent:.1f}", f"{a.implied_percent:.1f}")
        for a in audited if not a.holds
    ]  # fmt: skip
    print(table(["finding", "state", "diagnosis", "given", "diseases", "published", "implied"], rows))


def _audit_associations(net: Net, setting: str | None) -> None:
    from math import exp

    from model.measure.associations import audit_associations

    audited = list(audit_associations(net, setting))
    if not audited:
        return
    strict, holds = sum(one.holds_strictly for one in audited), sum(one.holds for one in audited)
    observed = sum(one.association.log_odds_ratio for one in audited) / len(audited)
    implied = sum(one.implied for one in audited) / len(audited)
    print(f"\n{strict} of {len(audited)} published associations of two findings hold in their 95 % "
          f"interval ({100 * strict / len(audited):.1f} %), {holds} in it widened for the spread between studies "
          f"({100 * holds / len(audited):.1f} %). Mean log odds ratio: {observed:.2f}, implied {implied:.2f}.\n"
          "Those that do not hold in their interval, odds ratios:")  # fmt: skip
    rows = [(one.association.first[0], one.association.second[0], one.association.row["diagnosis"],
             f"{exp(one.association.log_odds_ratio):.2f}", *(f"{exp(end):.2f}" for end in one.interval),
             f"{exp(one.implied):.2f}", one.association.row["source"])
            for one in sorted(audited, key=lambda a: -abs(a.implied - a.association.log_odds_ratio))
            if not one.holds_strictly]  # fmt: skip
    print(table(["first", "second", "diagnosis", "published", "from", "to", "implied", "source"], rows))


def _export(net: Net, options: argparse.Namespace) -> None:
    from model.network.export import export

    export(net.network, options.format, options.file)


def _check(net: Net, options: argparse.Namespace) -> None:
    from model.calibrate.check import check
    from model.measure.definitions import definitions
    from model.priors.schema import as_markdown

    if options.schema:
        print(as_markdown(), end="")
        return
    held = ", ".join(f"{count} {what}" for what, count in check(net).items())
    print(f"{held}: no fault found.")
    obeyed = list(definitions(net))
    broken = [
        (o.row["diagnosis"], o.row["rule"], f"{o.row['finding']}={o.row['states']}", f"{o.implied_percent:.1f}")
        for o in obeyed
        if not o.holds
    ]
    if obeyed:
        print(f"{len(obeyed) - len(broken)} of {len(obeyed)} definitions obeyed.")
    if broken:
        print(table(["diagnosis", "rule", "states", "implied %"], broken))


def _report_priors(net: Net, options: argparse.Namespace) -> None:
    from model.priors.provenance import NOT_AS_SUCH, report

    content = report(net.priors)
    if options.json:
        print_json(content)
        return
    print(table(["grade", "meaning", "numbers", "%", "cells", "%"], content["grades"]), end="\n\n")
    print(table(["cells (finding x diagnosis) resting on", "cells", "share %"], content["cells"]), end="\n\n")
    print("Weakest findings: diagnoses with a number of their own, by grade")
    print(table(["finding", "stated or published", *NOT_AS_SUCH, "family or default"], content["weakest"]))


def _pool(net: Net, options: argparse.Namespace) -> None:
    from model.priors.published import SHIPPED_RATES, pool, read_published

    net.vocabulary.variable(options.finding)
    wanted = set(net.vocabulary.resolve_diagnoses(options.diagnosis or list(net.vocabulary.families)))
    groups: dict[tuple[str, str, str], list[object]] = {}
    for rate in read_published(SHIPPED_RATES, net.priors):
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
