"""What next? How much every open procedure is expected to tell, and whether it would change the leading diagnosis.

For the open findings X of a procedure, given the evidence e: the mutual information I(D; X | e) with the diagnosis
(Lindley 1956), and the probability that the leading diagnosis stays the same once X is known (same-decision
probability: Darwiche & Choi 2010). Exact if X has at most MOST_RESULTS results. Else estimated from imagined
patients with results from P(X | e). They are the same for every procedure, so that differences are less noisy.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.inference.net import Findings, Net, Setting
from model.patient.phrases import diagnosis_phrase, finding_phrase, percent
from model.patient.printed import Printed
from model.patient.thresholds import thresholds
from model.patient.what_next.predictive import (
    Imagined,
    Predictive,
    count_results,
    imagine,
    in_order,
    open_findings,
    predictive,
)
from model.patient.what_next.procedures import Procedure, procedures_of
from model.patient.what_next.results import (
    Results,
    entropy,
    leader,
    mutual_information,
    score_all,
    score_imagined,
    standard_error,
)
from model.priors.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pandas import DataFrame

BURDEN_WEIGHT = 0.3
MOST_RESULTS = 1024
PATIENTS = 2048
ERRORS = 2.0
HARDLY_EVER = 0.0005


@dataclass(frozen=True)
class ProcedureValue:
    """What one procedure is expected to tell.

    open, done: its findings that are unknown, and those of which something is known. information: mutual information
    of the open ones with the diagnosis, bits. expected_leading: expected probability of whichever diagnosis leads
    afterwards. same_decision: probability that the leading diagnosis stays the same. *_error: standard errors, 0
    if exact. best_finding: the open finding with most information alone; best_finding_information: in bits, always
    exact. utility: information minus burden_weight times the procedure's load, bits.
    """

    procedure: Procedure
    open: tuple[str, ...]
    done: tuple[str, ...]
    information: float
    information_error: float
    expected_leading: float
    same_decision: float
    same_decision_error: float
    best_finding: str | None
    best_finding_information: float
    exact: bool
    utility: float


@dataclass(frozen=True)
class Pair:
    """Two procedures done together; synergy: information of both minus the sum of the information of each, bits.

    Positive synergy: each result is more informative given the other. Negative: the results partly overlap.
    """

    first: Procedure
    second: Procedure
    information: float
    information_error: float
    expected_leading: float
    same_decision: float
    same_decision_error: float
    synergy: float
    synergy_error: float
    exact: bool


@dataclass(frozen=True)
class Prospect:
    """What several findings are expected to tell together; the fields are those of ProcedureValue."""

    information: float
    information_error: float
    expected_leading: float
    same_decision: float
    same_decision_error: float


@dataclass(frozen=True, repr=False)
class Advice(Printed):
    """Every procedure, best first; procedures without open findings come last.

    stop: no open procedure is likely to change the leading diagnosis. sentence: what to do; empty if there are no
    procedures. together: all open procedures done at once; None if none is open. uncertainty: entropy of the posterior
    in bits, the most that any procedure can tell.
    """

    leading: str
    values: tuple[ProcedureValue, ...]
    stop: bool
    sentence: str
    together: Prospect | None = None
    uncertainty: float = 0.0

    def heading(self) -> str:
        """What to do, in a sentence."""
        return self.sentence

    def table(self) -> "DataFrame":
        """One row for each open procedure, best first; information in bits."""
        from pandas import DataFrame

        rows = [
            (v.procedure.id, v.information, v.expected_leading, v.same_decision, v.procedure.burden, v.procedure.cost,
             v.utility, v.best_finding)
            for v in self.values
            if v.open
        ]  # fmt: skip
        columns = ["procedure", "information", "expected_leading", "same_decision", "burden", "cost", "utility",
                   "best_finding"]  # fmt: skip
        return DataFrame(rows, columns=columns).set_index("procedure")


def advise(
    net: Net,
    findings: Findings,
    setting: Setting = None,
    procedures: Sequence[Procedure] | None = None,
    burden_weight: float = BURDEN_WEIGHT,
    seed: int = 0,
) -> Advice:
    """Rank the procedures (default: those of the priors) by information minus burden.

    burden_weight: how many bits the greatest cost and burden count for; 0 ranks by information alone. A finding with
    several states or likelihoods is not open, because something is known of it. A seed gives the same result every
    time. Raises InputError for an unknown word or a fault in the table, ImpossibleEvidence for findings that no
    diagnosis allows together.
    """
    if procedures is None:
        procedures = procedures_of(net.priors)
    findings = in_order(net, findings)
    outlook = predictive(net, findings, setting)
    leading = net.vocabulary.diagnoses[leader(outlook.posterior)]
    best = _best_findings(net, findings, setting, procedures)
    unknown = {procedure.id: open_findings(findings, procedure.findings) for procedure in procedures}
    everything = tuple(name for names in unknown.values() for name in names)
    imagined = imagine(outlook, everything, PATIENTS, seed)
    values = []
    for procedure in procedures:
        results = _score(net, outlook, imagined, unknown[procedure.id])
        values.append(_value(procedure, unknown[procedure.id], results, best[procedure.id], burden_weight))
    values.sort(key=lambda value: (not value.open, -value.utility))
    # All open findings together take longest to score, and are not ranked: half of the imagined patients do.
    together = _prospect(_score(net, outlook, imagined.every_second, everything)) if everything else None
    limits = thresholds(net.priors)
    limit = limits.get("same_decision", math.inf)
    stop = bool(values) and all(v.same_decision - ERRORS * v.same_decision_error >= limit for v in values if v.open)
    low = outlook.posterior.max() < limits.get("leading_probability", 0.0)
    said = f"now {diagnosis_phrase(net.vocabulary, leading)}, {percent(float(outlook.posterior.max()))}"
    text = _stop_sentence(together, said, low, limit) if stop else _sentence(net.vocabulary, values, said)
    return Advice(leading, tuple(values), stop, text, together, entropy(outlook.posterior))


def advise_pair(
    net: Net, findings: Findings, setting: Setting, first: Procedure, second: Procedure, seed: int = 0
) -> Pair:
    """What two procedures tell together, and how much more or less that is than the sum of each alone."""
    outlook = predictive(net, findings, setting)
    names = [open_findings(findings, procedure.findings) for procedure in (first, second)]
    both = tuple(dict.fromkeys((*names[0], *names[1])))
    exact = count_results(net, both) <= MOST_RESULTS
    imagined = None if exact else imagine(outlook, both, PATIENTS, seed)

    def score(chosen: tuple[str, ...]) -> Results:
        return score_all(net, outlook, chosen) if imagined is None else score_imagined(outlook, imagined, chosen)

    together, alone = score(both), [score(chosen) for chosen in names]
    whole, parts = _prospect(together), [_prospect(part) for part in alone]
    error = 0.0
    if not exact:
        # All parts use the same imagined patients: the error of the difference is less than those of its parts suggest.
        residuals = together.residuals(together.gain) - sum(part.residuals(part.gain) for part in alone)
        error = standard_error(residuals)
    synergy = whole.information - sum(part.information for part in parts)
    return Pair(first, second, **vars(whole), synergy=synergy, synergy_error=error, exact=exact)


def _score(net: Net, outlook: Predictive, imagined: Imagined, names: tuple[str, ...]) -> Results:
    if count_results(net, names) <= MOST_RESULTS:
        return score_all(net, outlook, names)
    return score_imagined(outlook, imagined, names)


def _prospect(results: Results) -> Prospect:
    return Prospect(
        results.mean(results.gain),
        results.error(results.gain),
        results.expected_leading(),
        1 - results.mean(1 - results.stays),
        # A change that occurs in no imagined patient is still possible: the error is at least one patient.
        0.0 if results.exact else max(results.error(results.stays), 1 / len(results.stays)),
    )


def _value(
    procedure: Procedure, unknown: tuple[str, ...], results: Results, best: tuple[str | None, float], weight: float
) -> ProcedureValue:
    prospect = _prospect(results) if unknown else Prospect(0.0, 0.0, float(results.leading[0]), 1.0, 0.0)
    return ProcedureValue(
        procedure=procedure,
        open=unknown,
        done=tuple(name for name in procedure.findings if name not in unknown),
        **vars(prospect),
        best_finding=best[0],
        best_finding_information=best[1],
        exact=results.exact,
        utility=prospect.information - weight * procedure.load,
    )


def _best_findings(
    net: Net, findings: Findings, setting: Setting, procedures: Sequence[Procedure]
) -> dict[str, tuple[str | None, float]]:
    """For each procedure: the open finding with most information alone, and that information in bits."""
    joints = net.joints(findings, setting)
    result: dict[str, tuple[str | None, float]] = {}
    for procedure in procedures:
        open_ = open_findings(findings, procedure.findings)
        information = {name: mutual_information(joints[name]) for name in open_}
        best = max(information, key=lambda name: information[name], default=None)
        result[procedure.id] = (best, information[best] if best else 0.0)
    return result


def _stop_sentence(together: Prospect | None, leading: str, low: bool, limit: float) -> str:
    """Why to stop, and the warning where the leading diagnosis itself is not sound (McSherry 1997)."""
    if together is None:
        return f"Nothing is left to do: every finding in this model is known ({leading})."
    said = f"No open procedure is likely to change the leading diagnosis ({leading})."
    if together.same_decision < limit:
        said += f" All of them together would, in {percent(1 - together.same_decision)} of patients like this."
    if low:
        said += " Its probability is still low, and no single procedure would settle the doubt."
    return said


def _sentence(vocabulary: Vocabulary, values: Sequence[ProcedureValue], leading: str) -> str:
    """What to do; empty without procedures."""
    if not values:
        return ""
    best, decisive = values[0], min(values, key=lambda value: value.same_decision)
    if best.utility <= 0:
        return (
            f"No open procedure is worth its burden. Most likely to change the leading diagnosis ({leading}): "
            f"{decisive.procedure.phrase}, in {percent(1 - decisive.same_decision)} of patients like this."
        )
    first = f", mainly for {finding_label(vocabulary, best)}" if len(best.open) > 1 else ""
    change = f"in {percent(1 - best.same_decision)} of patients like this it changes the leading diagnosis ({leading})"
    if best.same_decision > decisive.same_decision and 1 - best.same_decision < HARDLY_EVER:
        change = (
            f"it would not change the leading diagnosis ({leading}); {decisive.procedure.phrase} would, "
            f"in {percent(1 - decisive.same_decision)} of patients like this"
        )
    second = f" Second best: {values[1].procedure.phrase}." if len(values) > 1 and values[1].utility > 0 else ""
    return f"Best next step: {best.procedure.phrase}{first}; {change}.{second}"


def finding_label(vocabulary: Vocabulary, value: ProcedureValue) -> str:
    """The most telling open finding of a procedure, inside a sentence."""
    return finding_phrase(vocabulary, value.best_finding, "present") if value.best_finding else ""
