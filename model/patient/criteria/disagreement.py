"""Sentences on where a set of criteria and the posterior disagree, from `priors/criteria/disagreements.csv`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

from model.errors import InputError, nearest
from model.inference.evidence import is_unknown
from model.inference.leading import leading
from model.inference.net import Findings, Net
from model.patient.conditions.evaluate import Facts, truth
from model.patient.conditions.language import OTHERWISE, Condition
from model.patient.conditions.names import read_condition
from model.patient.criteria.tables import criteria_sets
from model.patient.criteria.verdicts import Verdict
from model.patient.phrases import diagnosis_phrase, enumeration, percent
from model.priors.folder import Priors, once
from model.priors.tables import Row

COLUMNS = ("id", "set", "outcome", "other_column", "stands_for", "leading", "share_of", "from_percent", "to_percent",
           "when", "sentence", "source", "locator")  # fmt: skip
# not_classified covers two cases: `open` (unknown items may still classify the patient) and `ruled_out`.
OUTCOMES = ("classified", "not_classified", "open", "ruled_out")
ANY, ANOTHER, TARGET = "any", "another", "target"
SHARES = ("leading", "label", "targets")
FIELDS = ("set", "label", "stands_for", "leading", "leading_percent", "label_percent", "targets_percent", "about",
          "score", "probability", "column", "other_score", "other_probability", "other_column", "not_met")  # fmt: skip
NOT_MET_SHOWN = 3


@dataclass(frozen=True)
class Reason:
    """One row: when it applies, and its sentence.

    `leading`: the leading diagnoses for which it applies; or ANOTHER, for any that the label does not mean; or
    TARGET, for any that the set is about.
    """

    id: str
    sets: tuple[str, ...]
    outcome: str
    other_column: str
    stands_for: str
    leading: tuple[str, ...]
    share_of: str
    low: float
    high: float
    when: Condition
    sentence: str
    row: Row


def disagreements(
    net: Net, findings: Findings, verdicts: Iterable[Verdict], posterior: Mapping[str, float]
) -> tuple[str, ...]:
    """Sentences on where a set and the posterior disagree, and why.

    At most one for each set, from the first row of `disagreements.csv` that applies; sets with the same sentence share
    it. A set that is still undecided gives none, unless it counts unknown items as absent. Empty if the priors have no
    such table or nothing is entered. Raises InputError for a faulty row.
    """
    if all(is_unknown(value) for value in findings.values()):
        return ()
    reasons, counts_unknown = read_reasons(net.priors), {s.id for s in criteria_sets(net.priors) if s.unknown_is_absent}
    facts, said = Facts(net.vocabulary, findings, posterior), dict[str, list[str]]()
    for verdict in verdicts:
        if verdict.positive is None and verdict.set_id not in counts_unknown:
            continue
        words = _words(net, verdict, posterior)
        reason = next((r for r in reasons if _applies(r, facts, verdict, posterior)), None)
        if reason:
            text = reason.sentence.format(**{**words, "set": "\0"})
            said.setdefault(text, []).append(f"{verdict.name} {verdict.year}")
    return tuple(text.replace("\0", enumeration(names)) for text, names in said.items())


@once
def read_reasons(priors: Priors) -> tuple[Reason, ...]:
    """The rows of `criteria/disagreements.csv`, first match first; raises InputError for a faulty row."""
    ids = [criteria.id for criteria in criteria_sets(priors)]
    return tuple(_reason(row, priors, ids) for row in priors.tables["criteria/disagreements"])


def _reason(row: Row, priors: Priors, ids: list[str]) -> Reason:
    vocabulary = priors.vocabulary
    for name in row.words("set"):
        row.check_known("set", name, (*ids, ANY))
    for _, placeholder, _, _ in Formatter().parse(row["sentence"]):
        if placeholder is not None and placeholder not in FIELDS:
            raise row.fault("sentence", f"{{{placeholder}}} is not known{nearest(placeholder, FIELDS)}")
    for name in row.words("source"):
        row.check_known("source", name, priors.sources)
    leading = row.words("leading")
    if leading not in ((ANOTHER,), (TARGET,)):
        try:
            leading = vocabulary.resolve_diagnoses(leading)
        except InputError as error:
            raise row.fault("leading", str(error)) from None
    when = read_condition(row, "when", vocabulary) if row["when"] else OTHERWISE
    return Reason(
        row["id"], row.words("set"), row["outcome"], row["other_column"], row["stands_for"], leading, row["share_of"],
        float(row["from_percent"]) / 100, float(row["to_percent"]) / 100, when, row["sentence"], row,
    )  # fmt: skip


def _applies(reason: Reason, facts: Facts, verdict: Verdict, posterior: Mapping[str, float]) -> bool:
    other = next((c for c in verdict.columns if c.label != verdict.column), None)
    return (
        (ANY in reason.sets or verdict.set_id in reason.sets)
        and reason.outcome in _outcomes(verdict)
        and (not reason.other_column or (other is not None and other.positive == (reason.other_column == "classified")))
        and (not reason.stands_for or reason.stands_for in verdict.stands_for)
        and _is_leading(reason, verdict, posterior)
        and reason.low <= _share(reason.share_of, verdict, posterior) <= reason.high
        and truth(reason.when, facts) is True
    )


def _outcomes(verdict: Verdict) -> tuple[str, ...]:
    if verdict.classified:
        return ("classified",)
    return ("not_classified", "open" if verdict.positive is None else "ruled_out")


def _is_leading(reason: Reason, verdict: Verdict, posterior: Mapping[str, float]) -> bool:
    first = leading(posterior)
    if reason.leading == (ANOTHER,):
        return first not in verdict.stands_for
    return first in (verdict.targets if reason.leading == (TARGET,) else reason.leading)


def _share(what: str, verdict: Verdict, posterior: Mapping[str, float]) -> float:
    members = {"leading": (leading(posterior),), "label": verdict.stands_for, "targets": verdict.targets}[what]
    return sum(posterior[d] for d in members)


def _words(net: Net, verdict: Verdict, posterior: Mapping[str, float]) -> dict[str, str]:
    """Placeholder -> text, for the sentences of the table."""
    other = next((c for c in verdict.columns if c.label != verdict.column), None)
    failed = [item.label for item in verdict.items if item.met is False]
    more = len(failed) - NOT_MET_SHOWN
    return {
        "label": verdict.label,
        "stands_for": enumeration([diagnosis_phrase(net.vocabulary, d) for d in verdict.stands_for]),
        "about": verdict.about,
        "leading": diagnosis_phrase(net.vocabulary, leading(posterior)),
        **{f"{what}_percent": percent(_share(what, verdict, posterior)) for what in SHARES},
        "score": _points(verdict.score),
        "probability": percent(verdict.probability or 0),
        "column": verdict.column,
        "other_score": _points(other.score if other else None),
        "other_probability": percent(other.probability if other else 0),
        "other_column": other.label if other else "",
        "not_met": "; ".join(failed[:NOT_MET_SHOWN]) + (f"; {more} more" if more > 0 else ""),
    }


def _points(score: float | None) -> str:
    return "" if score is None else f"{score:.1f}"
