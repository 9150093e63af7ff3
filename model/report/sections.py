"""The answers of a report in the order in which a clinician reads them."""

from itertools import chain

from model.patient.advice.alerts import NOTHING_APPLIES, TO_WEIGH, URGENCY_WORDS, Alert
from model.patient.advice.reasons import cited
from model.patient.criteria import Verdict
from model.patient.phrases import capitalised, percent
from model.report.blocks import Block, IntervalRow, Intervals, Item, Items, Section, Steps, Table, Text
from model.report.record import PatientReport
from model.report.waterfall import waterfall
from model.report.words import (
    date_text,
    interval_text,
    probability_text,
    score_text,
    value_text,
)

TITLE = "Myositis network: one patient"
BARS = (
    "Solid bar: inflammatory myopathy; hatched bar: mimic or other condition; line: 90 % interval; "
    "upright mark: before any finding."
)
WEIGHTS = (
    "To the right: for; to the left, hatched: against. The bars lead from before any finding to now. Where "
    "findings overlap, their effect is divided between them. Without it: the probability if this one finding were "
    "unknown."
)
TELLS = (
    "Bits: the expected information about the diagnosis. Unchanged: probability that the leading "
    "diagnosis stays the same. Burden 0–10; cost 0–100, relative to the most expensive. Both are assumptions."
)
UNKNOWN_ITEMS = "In brackets: the range that the unknown items leave open."


def sections(report: PatientReport) -> tuple[Section, ...]:
    """Every section that has something to say."""
    everything = (
        Section("In short", _in_short(report)),
        Section("Findings entered", _findings(report)),
        Section("Probability of each diagnosis", _probabilities(report)),
        Section("Why", _why(report)),
        Section("How sure", _how_sure(report)),
        Section("What next", _next(report)),
        Section("Classification criteria", _criteria(report)),
        Section("Not to miss", _called(report, "alert")),
        Section("Published treatment scheme", _called(report, "treatment")),
        Section("Sources and version", _version(report)),
    )
    return tuple(section for section in everything if section.blocks)


def meta(report: PatientReport) -> tuple[tuple[str, str], ...]:
    """What identifies the report, as name and value; the patient only by the id that the case gives."""
    entries = (
        ("Patient", report.case.id),
        ("Referral setting", report.vocabulary.setting_labels.get(report.setting, report.setting)),
        ("Date", date_text(report.made_on) if report.made_on else ""),
        ("Model", f"version {report.version}, priors {report.priors}"),
    )
    return tuple((name, value) for name, value in entries if value)


def _in_short(report: PatientReport) -> list[Block]:
    leading = report.intervals.leading
    _, low, high = report.intervals.of(leading)
    blocks: list[Block] = [
        Text(
            f"{report.vocabulary.diagnosis_labels[leading]}: {percent(report.posterior[leading])} "
            f"(90 % interval {interval_text(low, high)}).",
            "lead",
        )
    ]
    if "iim" in report.vocabulary.families:
        now, low, high = report.intervals.iim
        between = f" ({interval_text(low, high)})" if interval_text(low, high) != percent(now) else ""
        blocks.append(Text(f"Any inflammatory myopathy: {percent(now)}{between}."))
    blocks += [Text(text, "warning") for text in _doubts(report)]
    blocks += [Text(text) for text in (report.why, report.advice.sentence) if text]
    urgent = [alert.title for alert in report.alerts if alert.urgency == 1 and alert.kind == "alert"]
    if urgent:
        blocks.append(Text(f"Now: {'; '.join(urgent)}.", "warning"))
    return blocks


def _doubts(report: PatientReport) -> list[str]:
    return [f"Caution: {text}" for text in (report.surprise.sentence, report.conflict.sentence) if text]


def _findings(report: PatientReport) -> list[Block]:
    if not report.case.findings:
        return [Text("Nothing entered: the probabilities depend on the referral setting alone.")]
    rows = tuple(
        (report.vocabulary.variable(name).label, value_text(report.vocabulary, name, value))
        for name, value in report.case.findings.items()
    )
    return [Table(f"{len(rows)} findings; all others are unknown", ("Finding", "State"), rows, (0.55, 0.45))]


def _probabilities(report: PatientReport) -> list[Block]:
    families = {d: family for family, members in report.vocabulary.families.items() for d in members}
    ordered = sorted(report.posterior, key=lambda d: -report.posterior[d])
    rows = tuple(
        IntervalRow(d, report.vocabulary.diagnosis_labels[d], families.get(d, ""), report.prior[d],
                    *report.intervals.of(d))
        for d in ordered
    )  # fmt: skip
    return [Intervals("Every diagnosis, most probable first", rows), Text(BARS, "note")]


def _why(report: PatientReport) -> list[Block]:
    if not report.weights.weights:
        return []
    estimate = "" if report.weights.exact else " With so many findings the effects are estimates (± standard error)."
    chart = waterfall(report.weights, report.vocabulary)
    return [Text(report.why, "lead"), Steps(chart), Text(WEIGHTS + estimate, "note")]


def _how_sure(report: PatientReport) -> list[Block]:
    label = report.vocabulary.diagnosis_labels[report.intervals.leading]
    fit = report.surprise.fit.get(report.intervals.leading)
    blocks: list[Block] = [
        Text(
            f"Given how uncertain the published numbers are, {label} stays first in "
            f"{percent(report.intervals.leads_in)} of runs."
        )
    ]
    shares = {grade: share for grade, share in report.intervals.by_grade.items() if share > 0}
    if shares:
        rows = tuple((f"Grade {grade}", percent(share)) for grade, share in shares.items())
        blocks.append(Table("Uncertainty that comes from the numbers of each grade (best first; D: assumption)",
                            ("Grade of the numbers", "Share"), rows, (0.6, 0.4), 1))  # fmt: skip
    blocks += [Text(text, "warning") for text in _doubts(report)]
    if report.case.findings and report.surprise.fits and fit is not None:
        blocks.append(Text(f"Of patients with {report.vocabulary.short[report.intervals.leading]}, "
                           f"{percent(fit)} look at least as unusual."))  # fmt: skip
    return [*blocks, Text(report.note_on_structure, "note")]


def _next(report: PatientReport) -> list[Block]:
    blocks: list[Block] = [Text(report.advice.sentence, "lead")] if report.advice.sentence else []
    labels = report.vocabulary.variables
    rows = tuple(
        (value.procedure.label, labels[value.best_finding].label if value.best_finding else "",
         f"{value.information:.2f}", percent(value.same_decision), f"{value.procedure.burden:g}",
         f"{value.procedure.cost:g}")
        for value in report.advice.values
        if value.open
    )  # fmt: skip
    if rows:
        header = ("Procedure", "Most telling", "Bits", "Unchanged", "Burden", "Cost")
        blocks += [Table("Open procedures, best first", header, rows, (0.26, 0.24, 0.1, 0.18, 0.13, 0.09), 4),
                   Text(TELLS, "note")]  # fmt: skip
    done = tuple((item.step, item.text, item.state) for item in report.checklist)
    if done:
        blocks.append(Table("Published steps of the work-up", ("Step", "What", "State"), done, (0.24, 0.58, 0.18)))
    return blocks


def _criteria(report: PatientReport) -> list[Block]:
    if not report.verdicts:
        return []
    rows = tuple((f"{v.name} {v.year}", v.label, score_text(v), probability_text(v)) for v in report.verdicts)
    header = ("Criteria", "Verdict", "Score", "Probability")
    blocks: list[Block] = [Table("Verdicts of the published criteria", header, rows, (0.26, 0.36, 0.16, 0.22))]
    blocks += [Text(text) for text in report.disagreements]
    return [*blocks, Text(UNKNOWN_ITEMS, "note"), Items(tuple(_items_of_set(v) for v in report.verdicts))]


def _items_of_set(verdict: Verdict) -> Item:
    """What of a set is met, not met and unknown."""
    states = (("Met", True), ("not met", False), ("unknown", None))
    lists = [(word, [item.label for item in verdict.items if item.met is met]) for word, met in states]
    text = ". ".join(f"{word[:1].upper() + word[1:]}: {'; '.join(labels)}" for word, labels in lists if labels)
    return Item(
        f"{verdict.name} {verdict.year}",
        f"{text}." if text else "",
        f"{verdict.source.rstrip('.')}. {capitalised(verdict.certainty)}.",
    )


def _called(report: PatientReport, kind: str) -> list[Block]:
    called = [alert for alert in report.alerts if alert.kind == kind]
    if called:
        return [Items(tuple(_alert(alert, report) for alert in called)), Text(TO_WEIGH, "note")]
    if kind == "alert" and report.case.findings:
        return [Text(NOTHING_APPLIES)]
    return []


def _alert(alert: Alert, report: PatientReport) -> Item:
    because = f"Because: {alert.because}. " if alert.because else ""
    source = cited(alert.source, alert.locator, report.sources)
    return Item(alert.title, alert.text, f"{because}Source: {source}.", URGENCY_WORDS[alert.urgency])


def _version(report: PatientReport) -> list[Block]:
    cited_by = [*(alert.source for alert in report.alerts), *(item.source for item in report.checklist)]
    keys = dict.fromkeys(chain.from_iterable(source.split(";") for source in cited_by))
    rows = [report.sources[key.strip()] for key in keys if key.strip() in report.sources]
    entries = {row["citation"]: row.cells.get("url", "") for row in rows}
    return [
        Text(
            f"Model version {report.version}. Priors {report.priors}: this code changes whenever one of their tables "
            "does."
        ),
        Text(report.intended_use),
        *([Items(tuple(Item("", citation, url) for citation, url in entries.items()))] if entries else []),
    ]
