"""All answers on one patient in one record; page, paper and JSON are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from model.about import INTENDED_USE, VERSION, fingerprint
from model.cases.case import Case
from model.inference.evidence import is_unknown
from model.inference.net import Net
from model.patient.advice.alerts import Alert, alerts
from model.patient.advice.checklist import CheckItem, checklist
from model.patient.criteria import Verdict, disagreements, judge
from model.patient.how_sure.conflict import Conflict, conflict
from model.patient.how_sure.credible_interval import NOTE_ON_STRUCTURE, CredibleIntervals, credible_intervals
from model.patient.how_sure.surprise import Surprise, surprise
from model.patient.what_next.value_of_information import Advice, advise
from model.patient.why.weight_of_evidence import WeightOfEvidence, WeightWord, sentence, weigh, weight_words
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary


@dataclass(frozen=True)
class PatientReport:
    """What the model says of one patient.

    case: as entered, unknown findings dropped. setting: the one in use. prior, posterior: diagnosis -> probability
    without and with the findings. why: one sentence on `weights`. priors: fingerprint of the folder of priors.
    made_on: None where the reader is not to know. vocabulary, sources and weight_words put ids into words.
    """

    case: Case
    setting: str
    prior: Mapping[str, float]
    posterior: Mapping[str, float]
    intervals: CredibleIntervals
    weights: WeightOfEvidence
    why: str
    advice: Advice
    verdicts: tuple[Verdict, ...]
    disagreements: tuple[str, ...]
    alerts: tuple[Alert, ...]
    checklist: tuple[CheckItem, ...]
    conflict: Conflict
    surprise: Surprise
    version: str
    priors: str
    made_on: date | None
    intended_use: str
    note_on_structure: str
    vocabulary: Vocabulary
    sources: Mapping[str, Row]
    weight_words: tuple[WeightWord, ...]


def patient_report(net: Net, case: Case, made_on: date | None = None) -> PatientReport:
    """Every answer on the patient; the same case gives the same report.

    A case without a setting is read in the default one. Raises InputError for an unknown word and
    ImpossibleEvidence for findings that cannot be.
    """
    findings = {name: value for name, value in case.findings.items() if not is_unknown(value)}
    setting = case.setting or net.default_setting
    posterior = net.posterior(findings, setting)
    weights = weigh(net, findings, setting)
    verdicts = judge(net, findings)
    called, steps = alerts(net, findings, posterior), checklist(net, findings, posterior)
    return PatientReport(
        case=Case(case.id, findings, setting, case.diagnosis, case.about),
        setting=setting,
        prior=net.posterior({}, setting),
        posterior=posterior,
        intervals=credible_intervals(net, findings, setting),
        weights=weights,
        why=sentence(weights, net.vocabulary),
        advice=advise(net, findings, setting),
        verdicts=verdicts,
        disagreements=disagreements(net, findings, verdicts, posterior),
        alerts=called,
        checklist=steps,
        conflict=conflict(net, findings, setting),
        surprise=surprise(net, findings, setting),
        version=VERSION,
        priors=fingerprint(net.priors.folder),
        made_on=made_on,
        intended_use=INTENDED_USE,
        note_on_structure=NOTE_ON_STRUCTURE,
        vocabulary=net.vocabulary,
        sources=net.priors.sources if called or steps else {},  # a folder of priors without rules may have none
        weight_words=weight_words(net.priors),
    )
