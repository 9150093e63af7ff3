"""One patient, and every answer about them: the front door of this package.

`Net.patient` makes a `Patient`. What an answer needs is computed when it is first asked for, and kept. Page, commands,
report and notebooks ask here, so that all of them give the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from model.inference.evidence import is_unknown
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting, one_referral
from model.patient.advice.alerts import Alert, alerts
from model.patient.advice.checklist import CheckItem, checklist
from model.patient.answers import Criteria, HowSure
from model.patient.criteria import disagreements, judge
from model.patient.how_sure.conflict import Conflict, conflict
from model.patient.how_sure.credible_interval import CredibleIntervals, credible_intervals
from model.patient.how_sure.surprise import Surprise, surprise
from model.patient.printed import Rows
from model.patient.what_next.procedures import Procedure
from model.patient.what_next.value_of_information import BURDEN_WEIGHT, Advice, Pair, advise, advise_pair
from model.patient.why.coalitions import Coalitions, all_or_sampled
from model.patient.why.compare import Comparison, compare
from model.patient.why.pathway import Pathway, pathway
from model.patient.why.weight_of_evidence import WeightOfEvidence, weigh_coalitions

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def read_patient(
    net: Net, findings: Findings, setting: str | None = None, prior: Mapping[str, float] | None = None
) -> "Patient":
    """Check what is known of a patient; unknown values are dropped. See `Net.patient`."""
    for name in findings:
        net.vocabulary.variable(name)
    known = {name: value for name, value in findings.items() if not is_unknown(value)}
    net.evidence(known, one_referral(known, setting, prior))
    if prior is not None:
        return Patient(net, known, None, dict(prior))
    return Patient(net, known, setting or net.default_setting, None)


@dataclass(frozen=True, repr=False)
class Patient:
    """A patient and the answers about them; made by `Net.patient`, never changed.

    Attributes
    ----------
    net
        The network that answers.
    findings
        Variable id -> value; unknown values are dropped.
    setting
        The referral setting in use; None where a prior is given.
    prior
        Diagnosis id -> weight; None where the setting says how common each diagnosis is.

    Examples
    --------
    >>> import model
    >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
    >>> patient
    Patient(2 findings, setting=suspected_myositis)
    >>> patient.posterior.round(2).nlargest(2).to_dict()
    {'dermatomyositis': 0.61, 'overlap_myositis': 0.15}
    """

    net: Net
    findings: Findings
    setting: str | None
    prior: Mapping[str, float] | None

    @property
    def referral(self) -> Setting:
        """The prior where there is one, else the setting: as the functions behind the answers take it."""
        return self.setting if self.prior is None else self.prior

    @cached_property
    def probabilities(self) -> Mapping[str, float]:
        """The posterior as a mapping, diagnosis id -> probability.

        Raises
        ------
        ImpossibleEvidence
            Where no diagnosis allows the findings together.
        """
        return self.net.posterior(self.findings, self.referral)

    @cached_property
    def probabilities_before(self) -> Mapping[str, float]:
        """Before any finding, diagnosis id -> probability."""
        return self.net.posterior({}, self.referral)

    @property
    def posterior(self) -> "Series[float]":
        """Probability of each diagnosis given the findings.

        Returns
        -------
        pandas.Series
            Named "posterior", indexed by diagnosis id in the order of the vocabulary; sums to 1.

        Raises
        ------
        ImpossibleEvidence
            Where no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"anti_hmgcr": "positive"})
        >>> patient.posterior.idxmax(), bool(abs(patient.posterior.sum() - 1) < 1e-12)
        ('immune_mediated_necrotizing_myopathy', True)
        """
        return _series(self.probabilities, "posterior")

    @property
    def before(self) -> "Series[float]":
        """Probability of each diagnosis before any finding.

        Returns
        -------
        pandas.Series
            Named "before", indexed by diagnosis id in the order of the vocabulary; sums to 1.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"anti_hmgcr": "positive"}, prior={"polymyositis": 1, "fibromyalgia": 3})
        >>> float(patient.before["polymyositis"].round(6))
        0.25
        """
        return _series(self.probabilities_before, "before")

    @property
    def leading(self) -> str:
        """The id of the most probable diagnosis."""
        return leading(self.probabilities)

    @cached_property
    def coalitions(self) -> Coalitions:
        """The probability of every diagnosis together with each part of the findings; `why` is made from it."""

        return all_or_sampled(self.net, self.findings, self.referral)

    def why(self, diagnosis: str | None = None, against: str | None = None) -> WeightOfEvidence:
        return weigh_coalitions(self.coalitions, diagnosis, against)

    def path(self, finding: str, diagnosis: str | None = None, against: str | None = None) -> Pathway:
        return pathway(self.net, self.findings, finding, self.referral, diagnosis, against)

    def compare(self, other: "Patient") -> Comparison:
        return compare(self, other)

    def how_sure(self) -> HowSure:
        return HowSure(self.intervals, self.conflict, self.surprise)

    @cached_property
    def intervals(self) -> CredibleIntervals:
        """The 90 % credible interval of each probability."""

        return credible_intervals(self.net, self.findings, self.referral)

    @cached_property
    def conflict(self) -> Conflict:
        """Whether the findings contradict each other."""

        return conflict(self.net, self.findings, self.referral)

    @cached_property
    def surprise(self) -> Surprise:
        """How well the findings fit each diagnosis."""

        return surprise(self.net, self.findings, self.referral)

    def what_next(self, burden_weight: float = BURDEN_WEIGHT, procedures: Sequence[Procedure] | None = None) -> Advice:

        if procedures is not None:
            return advise(self.net, self.findings, self.referral, procedures, burden_weight)
        if burden_weight not in self._advice:
            self._advice[burden_weight] = advise(self.net, self.findings, self.referral, None, burden_weight)
        return self._advice[burden_weight]

    @cached_property
    def _advice(self) -> dict[float, Advice]:
        """What was advised, by the weight of the burden."""
        return {}

    def together(self, first: Procedure, second: Procedure) -> Pair:
        return advise_pair(self.net, self.findings, self.referral, first, second)

    def work_up(self) -> Rows[CheckItem]:
        return self._work_up

    @cached_property
    def _work_up(self) -> Rows[CheckItem]:
        return Rows(checklist(self.net, self.findings, self.probabilities), ("state", "step", "text", "source"))

    def alerts(self) -> Rows[Alert]:
        return self._alerts

    @cached_property
    def _alerts(self) -> Rows[Alert]:
        called = alerts(self.net, self.findings, self.probabilities)
        return Rows(called, ("urgency", "kind", "title", "text", "because", "source"))

    def criteria(self) -> Criteria:
        return self._criteria

    @cached_property
    def _criteria(self) -> Criteria:
        verdicts = judge(self.net, self.findings)
        return Criteria(verdicts, tuple(disagreements(self.net, self.findings, verdicts, self.probabilities)))

    def report(self, path: str | Path, id: str = "", made_on: date | None = None) -> Path:
        # The report is built on the answers: this is the only arrow from here to there.
        from model.report.record import patient_report
        from model.report.write import write_report

        path = Path(path)
        write_report(patient_report(self, id, made_on or date.today()), path)
        return path

    def table(self) -> "DataFrame":
        from pandas import concat

        families = {d: family for family, members in self.net.vocabulary.families.items() for d in members}
        table = concat([self.before, self.posterior], axis=1)
        table.insert(0, "family", table.index.map(families))
        return table.sort_values("posterior", ascending=False, kind="stable")

    def __repr__(self) -> str:
        referral = f"setting={self.setting}" if self.prior is None else f"prior of {len(self.prior)} diagnoses"
        return f"Patient({len(self.findings)} finding{'' if len(self.findings) == 1 else 's'}, {referral})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table().to_html(border=0, float_format='{:.3f}'.format)}"


def _series(probabilities: Mapping[str, float], name: str) -> "Series[float]":
    from pandas import Series

    return Series(probabilities, name=name, dtype=float).rename_axis("diagnosis")
