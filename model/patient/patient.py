"""One patient, and every answer about them: the entry point of this package.

`Net.patient` makes a `Patient`. An answer is computed when it is first needed, and kept. Page, commands, report and
notebooks all use `Patient`, so that they give the same answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from model.inference.evidence import is_unknown
from model.inference.leading import leading
from model.inference.net import Findings, Net, Setting, one_referral
from model.io.markup import html
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
from model.priors.spectra import spectra

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def read_patient(
    net: Net, findings: Findings, setting: str | None = None, prior: Mapping[str, float] | None = None
) -> "Patient":
    """A checked patient; unknown values are dropped. Arguments and errors as in `Net.patient`."""
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
    {'dermatomyositis': 0.6, 'antisynthetase_syndrome': 0.15}
    """

    net: Net
    findings: Findings
    setting: str | None
    prior: Mapping[str, float] | None

    @property
    def referral(self) -> Setting:
        """The prior if there is one, else the setting: the argument `setting` of the functions behind the answers."""
        return self.setting if self.prior is None else self.prior

    @cached_property
    def probabilities(self) -> Mapping[str, float]:
        """The posterior as a mapping, diagnosis id -> probability.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.
        """
        return self.net.posterior(self.findings, self.referral)

    @cached_property
    def probabilities_before(self) -> Mapping[str, float]:
        """The prior as a mapping, diagnosis id -> probability before any finding."""
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
            If no diagnosis allows the findings together.

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

    @property
    def spectra(self) -> Mapping[str, float]:
        """The posterior of each disease that has several forms here, as the sum over its forms.

        Returns
        -------
        Mapping
            Label of the disease in `vocabulary/spectra.csv` -> probability; empty if the priors have no such table.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "age_at_onset": 54})
        >>> patient.spectra["Dermatomyositis, any form"] > patient.probabilities["dermatomyositis"]
        True
        """
        forms = spectra(self.net.priors).items()
        return {label: sum(self.probabilities[d] for d in diagnoses) for label, diagnoses in forms}

    @cached_property
    def coalitions(self) -> Coalitions:
        """The probability of every diagnosis together with each part of the findings; `why` is made from it."""

        return all_or_sampled(self.net, self.findings, self.referral)

    def why(self, diagnosis: str | None = None, against: str | None = None) -> WeightOfEvidence:
        """What each finding adds to the log odds of a diagnosis.

        Shapley values of the log odds (Shapley 1953): the step that a finding makes, averaged over every order in which
        the findings could have been learnt. Exact for up to 14 findings, an estimate beyond.

        Parameters
        ----------
        diagnosis
            Id of the diagnosis. Default: the leading one.
        against
            Id of another diagnosis. Default: all others together.

        Returns
        -------
        WeightOfEvidence
            In natural logarithms; its table in decibans (10 make the odds 10 times larger).

        Raises
        ------
        InputError
            For an unknown diagnosis, for a diagnosis against itself, and if the findings exclude both sides.
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> list(patient.why().table().index)
        ['heliotrope_rash', 'ck_level']
        """
        return weigh_coalitions(self.coalitions, diagnosis, against)

    def path(self, finding: str, diagnosis: str | None = None, against: str | None = None) -> Pathway:
        """Through which hidden variables a finding supports a diagnosis, and by which rows of the priors.

        Parameters
        ----------
        finding
            Id of one of the findings entered.
        diagnosis, against
            As in `Patient.why`.

        Returns
        -------
        Pathway
            The log likelihood ratio of the finding given the others, its carriers, and the rows with their sources.

        Raises
        ------
        InputError
            For a finding that was not entered, or an unknown diagnosis.
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> "muscle_damage" in [carrier.variable for carrier in patient.path("ck_level").carriers]
        True
        """
        return pathway(self.net, self.findings, finding, self.referral, diagnosis, against)

    def compare(self, other: "Patient") -> Comparison:
        """How another patient differs, and how each difference changes the diagnosis.

        Parameters
        ----------
        other
            A patient of the same network.

        Returns
        -------
        Comparison
            Probabilities of both, and the weight of each difference in natural logarithms.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> other = patient.net.patient({"heliotrope_rash": "absent", "ck_level": 12})
        >>> [difference.name for difference in patient.compare(other).differences]
        ['heliotrope_rash']
        """
        return compare(self, other)

    def how_sure(self) -> HowSure:
        """How far to trust the posterior.

        Returns
        -------
        HowSure
            90 % credible intervals from a thousand draws of the priors, the conflict among the findings (Jensen &
            Nielsen 2007), and how well they fit each diagnosis (Box 1980).

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> sure = patient.how_sure()
        >>> estimate = sure.intervals.of("dermatomyositis")
        >>> estimate.low < estimate.value < estimate.high
        True
        """
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
        """How much each open procedure is expected to tell, and whether it would change the leading diagnosis.

        Parameters
        ----------
        burden_weight
            How many bits the greatest cost and burden count for; 0 ranks by information alone.
        procedures
            The procedures to rank. Default: `procedures.csv` of the priors.

        Returns
        -------
        Advice
            The procedures, best first: mutual information with the diagnosis in bits (Lindley 1956), and the
            probability that the leading diagnosis stays the same (Darwiche & Choi 2010).

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> best = patient.what_next().values[0]
        >>> 0 < best.information <= patient.what_next().uncertainty
        True
        """

        if procedures is not None:
            return advise(self.net, self.findings, self.referral, procedures, burden_weight)
        if burden_weight not in self._advice:
            self._advice[burden_weight] = advise(self.net, self.findings, self.referral, None, burden_weight)
        return self._advice[burden_weight]

    @cached_property
    def _advice(self) -> dict[float, Advice]:
        """Burden weight -> the advice computed for it."""
        return {}

    def together(self, first: Procedure, second: Procedure) -> Pair:
        """What two procedures tell when both are done, and how much more or less that is than the sum of each alone.

        Parameters
        ----------
        first, second
            Two of the procedures of `what_next`.

        Returns
        -------
        Pair
            Information and synergy in bits.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> first, second = [value.procedure for value in patient.what_next().values[:2]]
        >>> patient.together(first, second).information > 0
        True
        """
        return advise_pair(self.net, self.findings, self.referral, first, second)

    def work_up(self) -> Rows[CheckItem]:
        """The published steps of the work-up, and which of them are done.

        Returns
        -------
        Rows of CheckItem
            A tuple in the order of the publication; empty if the priors have no checklist.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> {item.state for item in patient.work_up()} <= {"done", "partly", "open", "not indicated"}
        True
        """
        return self._work_up

    @cached_property
    def _work_up(self) -> Rows[CheckItem]:
        return Rows(checklist(self.net, self.findings, self.probabilities), ("state", "step", "text", "source"))

    def alerts(self) -> Rows[Alert]:
        """What must not be missed, and the published steps of treatment.

        Returns
        -------
        Rows of Alert
            A tuple, the most urgent first; empty before anything is entered.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"dysphagia": "present", "heliotrope_rash": "present"})
        >>> all(alert.urgency in (1, 2, 3) for alert in patient.alerts())
        True
        """
        return self._alerts

    @cached_property
    def _alerts(self) -> Rows[Alert]:
        triggered = alerts(self.net, self.findings, self.probabilities)
        return Rows(triggered, ("urgency", "kind", "title", "text", "because", "source"))

    def criteria(self) -> Criteria:
        """What the published classification criteria say, and where they and the posterior disagree.

        Returns
        -------
        Criteria
            The verdict of every set, and sentences on disagreements. The sets select patients for studies.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> [verdict.set_id for verdict in patient.criteria().verdicts][:1]
        ['eular_acr_2017']
        """
        return self._criteria

    @cached_property
    def _criteria(self) -> Criteria:
        verdicts = judge(self.net, self.findings)
        return Criteria(verdicts, tuple(disagreements(self.net, self.findings, verdicts, self.probabilities)))

    def report(self, path: str | Path, id: str = "", made_on: date | None = None) -> Path:
        """Write all answers to one file.

        Parameters
        ----------
        path
            The file to write; its suffix chooses the format: .html, .pdf or .json.
        id
            The name of the patient in the report. Default: none.
        made_on
            The date of the report. Default: today.

        Returns
        -------
        pathlib.Path
            `path`.

        Raises
        ------
        InputError
            For another suffix, or a file that cannot be written.
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     patient.report(Path(folder) / "report.html").stat().st_size > 10_000
        True
        """
        # The report is built on the answers, so it is imported only here.
        from model.report.record import patient_report
        from model.report.write import write_report

        path = Path(path)
        write_report(patient_report(self, id, made_on or date.today()), path)
        return path

    def table(self) -> "DataFrame":
        """The posterior beside the probabilities before any finding.

        Returns
        -------
        pandas.DataFrame
            Indexed by diagnosis id, the most probable first; columns family, before, posterior.

        Raises
        ------
        ImpossibleEvidence
            If no diagnosis allows the findings together.

        Examples
        --------
        >>> import model
        >>> patient = model.load().patient({"heliotrope_rash": "present", "ck_level": 12})
        >>> list(patient.table().columns)
        ['family', 'before', 'posterior']
        """
        from pandas import concat

        families = {d: family for family, members in self.net.vocabulary.families.items() for d in members}
        table = concat([self.before, self.posterior], axis=1)
        table.insert(0, "family", table.index.map(families))
        return table.sort_values("posterior", ascending=False, kind="stable")

    def __repr__(self) -> str:
        referral = f"setting={self.setting}" if self.prior is None else f"prior of {len(self.prior)} diagnoses"
        return f"Patient({len(self.findings)} finding{'' if len(self.findings) == 1 else 's'}, {referral})"

    def _repr_html_(self) -> str:
        return html("<p>{}</p>{}", repr(self), Markup(self.table().to_html(border=0, float_format="{:.3f}".format)))


def _series(probabilities: Mapping[str, float], name: str) -> "Series[float]":
    from pandas import Series

    return Series(probabilities, name=name, dtype=float).rename_axis("diagnosis")
