"""The measured part of the model card: `python -m model.measure.card` updates it in docs/model_card.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from model.about import VERSION
from model.cases.case import Case, read_cases
from model.estimate import Estimate
from model.inference.net import Net, load
from model.measure.audit import TOLERANCE, audit
from model.measure.evaluate import evaluate
from model.measure.groups import GROUPED_BY, by_group
from model.priors.provenance import report
from model.priors.published import published_rates

PROJECT = Path(__file__).resolve().parents[2]
CARD = PROJECT / "docs" / "model_card.md"
CASES = PROJECT / "cases" / "published.jsonl"
BEGIN, END = "<!-- measured by python -m model.measure.card: begin -->", "<!-- measured: end -->"
SHOWN = {"top1": "first", "top2": "among two", "log_loss": "log loss", "brier": "Brier score", "auc_iim": "AUC"}
STAGES = {"full": "all findings", "initial": "at first sight"}


def measured(net: Net, cases: Sequence[Case]) -> str:
    """Audit, performance overall and by group, and grades of the numbers, as Markdown; writes no file."""
    known = [case for case in cases if case.diagnosis]
    by_stage = {words: evaluate(net, known, stage) for stage, words in STAGES.items()}
    full = by_stage[STAGES["full"]]
    overall = [(f"network, {words}", len(known), results[0].metrics) for words, results in by_stage.items()]
    overall += [(f"{result.name}, {STAGES['full']}", len(known), result.metrics) for result in full[1:]]
    groups = [
        (f"{net.vocabulary.variables[finding].label}: {group.state}", group.patients, group.metrics)
        for finding in GROUPED_BY
        if finding in net.vocabulary.findings
        for group in by_group(net, full[0], known, finding)
    ]
    parts = [
        f"Version {VERSION}, priors {net.priors.fingerprint}. Value (90 % interval by bootstrap).",
        _held(net),
        f"Overall, {len(known)} published patients:",
        _table(overall),
        "The network with all findings, by group:",
        _table(groups),
        "What the numbers of the priors rest on:",
        _grades(net),
    ]
    return "\n\n".join(part for part in parts if part)


def _held(net: Net) -> str:
    rates = published_rates(net.priors)
    if not rates:
        return ""
    audited = list(audit(net, rates))
    holds, strictly = sum(item.holds for item in audited), sum(item.strictly for item in audited)
    share = 100 / len(audited)
    return (
        f"Published rates that hold, in the study's own 95 % interval or within {TOLERANCE:g} points: {strictly} of "
        f"{len(audited)} ({share * strictly:.1f} %). With the interval widened for the spread between studies: {holds} "
        f"({share * holds:.1f} %). {len(rates) - len(audited)} are left out, each with its reason."
    )


def _table(rows: Sequence[tuple[str, int, Mapping[str, Estimate]]]) -> str:
    lines = [f"| | patients | {' | '.join(SHOWN.values())} |", f"|---|---{'|---' * len(SHOWN)}|"]
    for name, patients, metrics in rows:
        lines.append(f"| {name} | {patients} | {' | '.join(_interval(*metrics[metric]) for metric in SHOWN)} |")
    return "\n".join(lines)


def _interval(value: float, low: float, high: float) -> str:
    return "–" if value != value else f"{value:.2f} ({low:.2f}-{high:.2f})"


def _grades(net: Net) -> str:
    rows = report(net.priors)["grades"]
    lines = [f"| {grade}: {meaning} | {numbers} ({share} %) |" for grade, meaning, numbers, share, *_ in rows]
    return "\n".join(["| grade | numbers |", "|---|---|", *lines])


def with_measured(text: str, part: str) -> str:
    """The card with its measured part replaced; raises ValueError if the two marks BEGIN and END are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the card needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"


if __name__ == "__main__":
    shipped = load()
    part = measured(shipped, read_cases(CASES, shipped.vocabulary))
    CARD.write_text(with_measured(CARD.read_text(encoding="utf-8"), part), encoding="utf-8")
