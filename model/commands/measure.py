"""Commands that judge: how good the probabilities are on known patients, and which numbers one of them hangs on."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.commands.reading import print_notes
from model.commands.text import AddCommand, print_json, table
from model.errors import InputError
from model.inference.net import Net, load

if TYPE_CHECKING:
    from model.cases.case import Case
    from model.estimate import Estimate
    from model.inference.junction_tree import Index
    from model.measure.evaluate import Evaluation

MOST_LINES = 20


def add_commands(command: AddCommand) -> None:
    """evaluate, sensitivity and influence."""
    evaluate = command("evaluate", _evaluate, "Discrimination and calibration on patients with a known diagnosis.")
    evaluate.add_argument("cases", type=Path, metavar="PATIENTS", help="JSON Lines, CSV or Parquet with `diagnosis`")
    evaluate.add_argument("--stage", choices=["initial", "full"], default="full", help="what is known of the patient")
    evaluate.add_argument(
        "--mapping", type=Path, metavar="FILE", help="maps the file's columns and values to the model's (JSON)"
    )
    evaluate.add_argument("--against", metavar="DIR", help="other priors, compared on the same patients")
    evaluate.add_argument("--folds", type=int, default=0, metavar="K", help="also fit, and judge by K-fold validation")
    evaluate.add_argument("--tables", type=Path, metavar="DIR", help="write reliability, decision curves... as CSV")
    evaluate.add_argument("--misses", action="store_true", help="list the patients whose diagnosis is not first")
    evaluate.add_argument("--json", action="store_true", help="print JSON")

    sensitivity = command("sensitivity", _sensitivity, "Which numbers of the priors one patient's answer depends on.")
    sensitivity.add_argument("case", type=Path, metavar="CASE.json", help="a case, a Phenopacket or a FHIR Bundle")
    sensitivity.add_argument("--diagnosis", help="whose probability is watched (default: the leading one)")
    sensitivity.add_argument("--setting", help="referral setting; overrides the one in the case")
    sensitivity.add_argument("--json", action="store_true", help="print JSON")

    influence = command("influence", _influence, "All numbers, ranked by what an error of their own size does.")
    influence.add_argument("--patients", type=int, default=100, metavar="N", help="how many are simulated (100)")
    influence.add_argument("--missing", metavar="PATTERN", default="full_workup", help="of priors/missing.csv")
    influence.add_argument("--setting", help="referral setting of all patients (default: each equally often)")
    influence.add_argument("--seed", type=int, default=0)
    influence.add_argument("--out", type=Path, metavar="FILE", help="all numbers as CSV, JSON Lines or Parquet")


def _evaluate(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.cases.files.mapping import read_mapping
    from model.cases.known import known_patients
    from model.measure.evaluate import METRICS, by_diagnosis, evaluate
    from model.measure.strata import strata

    if options.folds < 0 or options.folds == 1:
        raise InputError("folds: 2 or more, or 0 for no fit")
    mapping = read_mapping(options.mapping, net.vocabulary) if options.mapping else None
    cases, repairs = known_patients(options.cases, net.vocabulary, mapping)
    print_notes(options.cases, repairs, mapping)
    try:
        with tqdm(total=options.folds, unit=" folds", disable=None if options.folds else True) as bar:
            results = evaluate(net, cases, options.stage, folds=options.folds, progress=lambda done: bar.update())
        against = evaluate(load(options.against), cases, options.stage)[0] if options.against else None
    except InputError as error:
        raise InputError(f"{options.cases.name}, {error}") from None
    if options.tables:
        _write_tables(net, options.tables, cases, results)
    if options.json:
        content = {
            e.name: {m: dict(zip(("value", "low", "high"), v, strict=True)) for m, v in e.metrics.items()}
            for e in results
        }
        found = {"patients": len(cases), "stage": options.stage, "predictors": content}
        print_json(found | ({"difference": _difference(net, cases, results[0], against)} if against else {}))
        return
    print(f"{len(cases)} patients, stage {options.stage}; value (bootstrap 90 % interval)\n")
    rows = [(e.name, *(f"{v:.3f} ({a:.2f}-{b:.2f})" for v, a, b in e.metrics.values())) for e in results]
    print(table(["predictor", *METRICS], rows), end="\n\n")
    print("\n".join(f"{name}: {text}" for name, text in METRICS.items()), end="\n\n")
    detail = [(d, n, k, f"{p:.2f}") for d, n, k, p in by_diagnosis(results[0], cases, net.vocabulary)]
    print(table(["diagnosis", "patients", "first", "mean p"], detail), end="\n\n")
    groups = [(s.name, s.patients, f"{s.top1:.3f}", f"{s.top2:.3f}", f"{s.log_loss:.3f}")
              for s in strata(net, results[0], cases)]  # fmt: skip
    print(table(["patients whose diagnosis is one of", "patients", "top1", "top2", "log_loss"], groups))
    if against:
        print(f"\n{options.against} less these priors, on the same patients (90 % interval of the paired bootstrap)")
        pairs = _difference(net, cases, results[0], against)
        print(table(["metric", "difference", "from", "to"], [(m, *(f"{x:+.3f}" for x in v)) for m, v in pairs.items()]))
    if options.misses:
        print("\n" + _misses(net, cases, results[0]))


def _misses(net: Net, cases: Sequence[object], result: "Evaluation") -> str:
    from model.cases.case import Case

    rows = []
    for case, posterior in zip(cases, result.posteriors, strict=True):
        assert isinstance(case, Case)
        order = posterior.argsort()[::-1]
        first = net.vocabulary.diagnoses[order[0]]
        if first != case.diagnosis:
            own = posterior[net.vocabulary.diagnoses.index(str(case.diagnosis))]
            rows.append((case.id, case.diagnosis, f"{own:.2f}", first, f"{posterior[order[0]]:.2f}"))
    return table(["case", "diagnosis", "p", "model says", "p"], rows)


def _truth(net: Net, cases: "Sequence[Case]") -> "Index":
    import numpy as np

    return np.array([net.vocabulary.diagnoses.index(str(case.diagnosis)) for case in cases])


def _write_tables(net: Net, folder: Path, cases: "Sequence[Case]", results: "Sequence[Evaluation]") -> None:
    from model.cases.files.write import write_table
    from model.measure.tables import columns, measure

    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder.name}: cannot be written ({error.strerror})") from None
    tables = measure({e.name: e.posteriors for e in results}, _truth(net, cases), net.vocabulary)
    for name, rows in tables.items():
        write_table(folder / f"{name}.csv", columns(rows))


def _difference(net: Net, cases: "Sequence[Case]", first: "Evaluation", second: "Evaluation") -> "dict[str, Estimate]":
    """Second less first of each metric, with the interval of the paired bootstrap."""
    from model.measure.comparison import differences

    return differences(first.posteriors, second.posteriors, _truth(net, cases), net.vocabulary)


def _sensitivity(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.calibrate.sensitivity import smallest_change, tornado
    from model.calibrate.variants import relevant
    from model.cases.exchange import read_patient_file

    case = read_patient_file(options.case, net).case
    setting = options.setting or case.setting or net.default_setting
    try:
        bars = tornado(net, case.findings, setting, options.diagnosis)
        asked = len(relevant(net, case.findings, setting))
        with tqdm(total=asked, unit=" numbers", disable=None) as bar:
            flips = smallest_change(net, case.findings, setting, progress=lambda done: bar.update(done - bar.n))
    except InputError as error:
        raise InputError(f"{options.case.name}: {error}") from None
    if options.json:
        print_json(
            {
                "numbers": [{"key": b.number.key, "value": b.number.value, "low": b.number.low, "high": b.number.high,
                             "at_low": b.at_low, "at_high": b.at_high} for b in bars],
                "changes": [{"key": f.number.key, "value": f.number.value, "to": f.value, "odds_times": f.times,
                             "leads": f.leads, "exact": f.exact} for f in flips],
            }
        )  # fmt: skip
        return
    print("Each number moves across its own 90 % interval, all others stay fixed: the probability in percent\n")
    rows = [(b.number.key, f"{b.number.value:.3g}", f"{b.number.low:.3g}", f"{b.number.high:.3g}",
             f"{100 * b.at_low:.1f}", f"{100 * b.at_high:.1f}", b.number.grade) for b in bars]  # fmt: skip
    columns = ["number (percent; OR: ratio)", "value", "low", "high", "at low", "at high", "grade"]
    print(table(columns, rows), end="\n\n")
    print("Nearest value of one number at which another diagnosis leads, by how many times its odds would change\n")
    changes = [(f.number.key, f"{f.number.value:.3g}", f"{f.value:.3g}", f"{f.times:.3g}", f.leads) for f in flips]
    print(table(["number (percent; OR: ratio)", "value", "to", "odds times", "then leads"], changes))


def _influence(net: Net, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.calibrate.influence import LARGE, grades_of_first, influence, influence_columns
    from model.cases.files.write import table_suffix, write_table
    from model.cases.imagine import Imagined, imagine
    from model.cases.known import cases_of

    if options.patients < 1 or options.seed < 0:
        raise InputError("influence: at least 1 patient, and a seed from 0 on")
    if options.out:
        table_suffix(options.out)
    wanted = Imagined(options.patients, options.seed, options.setting, options.missing)
    patients = [case for cohort in imagine(net, wanted) for case in cases_of(cohort, net.vocabulary)]
    with tqdm(total=len(patients), unit=" patients", disable=None) as bar:
        ranked = influence(net, patients, progress=lambda done: bar.update())
    columns = influence_columns(ranked)
    if options.out:
        write_table(options.out, columns)
    print(f"{len(ranked)} numbers, {len(patients)} simulated patients. Each number moves to both ends of its 90 % "
          f"interval: how much probability\nchanges its diagnosis on average (points), and in how many patients it is "
          f"over {100 * LARGE:.0f} points (percent)\n")  # fmt: skip
    print(table(list(columns), list(zip(*columns.values(), strict=True))[:MOST_LINES]), end="\n\n")
    counts = grades_of_first(ranked)
    print(f"Grades of the first {sum(counts.values())}: " + ", ".join(f"{g} {n}" for g, n in counts.items()))
