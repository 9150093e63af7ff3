"""Commands on one patient: posterior, why, what next, criteria, what must not be missed, and the report."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.commands.text import AddCommand, print_json, table
from model.errors import InputError
from model.inference.net import Net

if TYPE_CHECKING:
    from model.cases.case import Case


def add_commands(command: AddCommand) -> None:
    """diagnose, explain, advise, criteria, alerts and report."""

    def on_patient(name: str, run: object, text: str, prints_json: bool = True) -> argparse.ArgumentParser:
        added = command(name, run, text)
        added.add_argument("case", type=Path, metavar="CASE.json",
                           help='{"findings": {"ck_level": 23.5, ...}}, a Phenopacket or a FHIR Bundle')  # fmt: skip
        added.add_argument("--setting", help="referral setting; overrides the one in the case")
        if prints_json:
            added.add_argument("--json", action="store_true", help="print JSON")
        return added

    on_patient("diagnose", _diagnose, "Posterior probability of every diagnosis for one patient.")
    explain = on_patient("explain", _explain, "What each finding of a patient adds to a diagnosis.")
    explain.add_argument("--diagnosis", metavar="D", help="the diagnosis to explain (default: the leading one)")
    explain.add_argument("--against", metavar="R", help="a rival (default: all other diagnoses)")
    advise = on_patient("advise", _advise, "What each procedure not yet done is expected to add, best first.")
    weight = "how many bits the highest cost and burden outweigh (default: 0.3; 0 ranks by information alone)"
    advise.add_argument("--burden-weight", type=float, default=0.3, metavar="W", help=weight)
    on_patient("criteria", _criteria, "What the published classification criteria say of a patient.")
    on_patient("alerts", _alerts, "What must not be missed, and the published treatment steps.")
    report = on_patient("report", _report, "All answers on one patient as a web page, PDF or JSON.", False)
    report.add_argument("--out", type=Path, required=True, metavar="FILE", help="FILE.html, FILE.pdf or FILE.json")


def read_patient(net: Net, options: argparse.Namespace) -> "tuple[Case, str]":
    """The patient of the file and the setting that counts; what could not be taken over is listed on stderr."""
    from model.cases.exchange import read_patient_file

    imported = read_patient_file(options.case, net)
    for item in imported.left_out:
        print(f"left out: {item.where}: {item.text}: {item.reason}", file=sys.stderr)
    return imported.case, options.setting or imported.case.setting or net.default_setting


@contextmanager
def _naming(options: argparse.Namespace) -> Iterator[None]:
    """Every fault inside names the file of the patient."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{options.case.name}: {error}") from None


def _diagnose(net: Net, options: argparse.Namespace) -> None:
    from model.patient.phrases import percent

    case, setting = read_patient(net, options)
    with _naming(options):
        patient = net.patient(case.findings, setting)
        posterior, prior = patient.probabilities, patient.probabilities_before
    iim = sum(posterior[d] for d in net.vocabulary.families["iim"])
    if options.json:
        print_json({"id": case.id, "setting": setting, "iim": iim, "posterior": posterior})
        return
    print(f"Setting: {net.vocabulary.setting_labels[setting]}. Inflammatory myopathy: {percent(iim)}\n")
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


def _explain(net: Net, options: argparse.Namespace) -> None:
    from model.patient.phrases import value_phrase
    from model.patient.why.weight_of_evidence import DECIBANS, in_words, sentence, weight_words

    case, setting = read_patient(net, options)
    with _naming(options):
        patient = net.patient(case.findings, setting)
        weights = patient.why(options.diagnosis, options.against)
        doubts = patient.conflict, patient.surprise
    says = sentence(weights, net.vocabulary)
    if options.json:
        print_json({"id": case.id, "setting": setting, "sentence": says, "weight_of_evidence": weights,
                    "conflict": doubts[0], "surprise": doubts[1]})  # fmt: skip
        return
    labels, words = net.vocabulary.diagnosis_labels, weight_words(net.priors)
    rival = labels[weights.rival] if weights.rival else "all other diagnoses"
    print(f"{labels[weights.diagnosis]} against {rival}. {says}\n")
    rows = [
        (variable.label, value_phrase(w.value, variable), in_words(w.shapley, words), f"{DECIBANS * w.shapley:+.1f}",
         f"{DECIBANS * w.leave_one_out:+.1f}")
        for w in sorted(weights.weights, key=lambda w: -abs(w.shapley))
        if (variable := net.vocabulary.variables[w.finding])
    ]  # fmt: skip
    ends = [
        (name, "", "", f"{DECIBANS * value:+.1f}", "")
        for name, value in (("before", weights.prior_log_odds), ("after", weights.posterior_log_odds))
    ]
    print(table(["finding", "state", "speaks", "decibans", "the last to be learnt"], [ends[0], *rows, ends[1]]))
    for doubt in filter(None, (item.sentence for item in doubts)):
        print(f"\n{doubt}")


def _advise(net: Net, options: argparse.Namespace) -> None:
    from model.patient.phrases import percent

    case, setting = read_patient(net, options)
    if not 0 <= options.burden_weight < float("inf"):
        raise InputError("field --burden-weight: a number from 0 on is needed")
    with _naming(options):
        patient = net.patient(case.findings, setting)
        advice, steps = patient.what_next(options.burden_weight), patient.work_up()
    if options.json:
        print_json({"id": case.id, "setting": setting, "advice": advice, "checklist": steps})
        return
    labels = {name: variable.label for name, variable in net.vocabulary.variables.items()}
    print(f"{advice.sentence}\n")
    rows = [
        (value.procedure.label, f"{value.information:.2f}", percent(value.expected_leading),
         percent(value.same_decision), f"{value.procedure.burden:g}", f"{value.procedure.cost:g}",
         labels.get(value.best_finding or "", "") if value.open else "done")
        for value in advice.values
    ]  # fmt: skip
    print(table(["procedure", "bits", "expected p of the leader", "diagnosis stays", "burden", "cost", "most telling"],
                rows))  # fmt: skip
    if steps:
        print()
        print(table(["state", "step", "work-up"], [(item.state, item.step, item.text) for item in steps]))


def _criteria(net: Net, options: argparse.Namespace) -> None:
    from model.report.words import probability_text, score_text

    case, setting = read_patient(net, options)
    with _naming(options):
        criteria = net.patient(case.findings, setting).criteria()
    if options.json:
        print_json({"id": case.id, "setting": setting, "verdicts": criteria.verdicts,
                    "disagreements": criteria.disagreements})  # fmt: skip
        return
    rows = [(f"{v.name} {v.year}", v.label, score_text(v), probability_text(v)) for v in criteria.verdicts]
    print(table(["criteria", "verdict", "score", "probability"], rows))
    for text in criteria.disagreements:
        print(f"\n{text}")


def _alerts(net: Net, options: argparse.Namespace) -> None:
    from model.patient.advice.alerts import NOTHING_APPLIES, TO_WEIGH, URGENCY_WORDS
    from model.patient.advice.reasons import cited

    case, setting = read_patient(net, options)
    with _naming(options):
        called = net.patient(case.findings, setting).alerts()
    if options.json:
        print_json({"id": case.id, "setting": setting, "alerts": called})
        return
    if not called:
        print(NOTHING_APPLIES)
    for item in called:
        kind = "" if item.kind == "alert" else f" ({item.kind})"
        because = f"    because: {item.because}\n" if item.because else ""
        print(f"{URGENCY_WORDS[item.urgency]}{kind}: {item.title}\n    {item.text}\n{because}"
              f"    source: {cited(item.source, item.locator, net.priors.sources)}")  # fmt: skip
    if called:
        print(f"\n{TO_WEIGH}")


def _report(net: Net, options: argparse.Namespace) -> None:
    from dataclasses import replace
    from datetime import date

    from model.report.record import case_report
    from model.report.write import report_suffix, write_report

    report_suffix(options.out)
    case, setting = read_patient(net, options)
    with _naming(options):
        report = case_report(net, replace(case, setting=setting), date.today())
    write_report(report, options.out)
