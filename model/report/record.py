"""All answers on one patient in one record; page, paper and JSON are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from model.about import INTENDED_USE, VERSION
from model.cases.case import Case
from model.inference.net import Net
from model.patient.advice.alerts import Alert
from model.patient.advice.checklist import CheckItem
from model.patient.criteria import Verdict
from model.patient.how_sure.conflict import Conflict
from model.patient.how_sure.credible_interval import NOTE_ON_STRUCTURE, CredibleIntervals
from model.patient.how_sure.surprise import Surprise
from model.patient.patient import Patient
from model.patient.what_next.value_of_information import Advice
from model.patient.why.weight_of_evidence import WeightOfEvidence, WeightWord, sentence, weight_words
from model.priors.tables import Row
from model.priors.vocabulary import Vocabulary

OWN_PRIOR = "own prior"


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


def case_report(net: Net, case: Case, made_on: date | None = None) -> PatientReport:
    """The report on the patient of a file. A case without a setting is read in the default one.

    Raises InputError for an unknown word and ImpossibleEvidence where no diagnosis allows the findings together.
    """
    report = patient_report(net.patient(case.findings, case.setting), case.id, made_on)
    return replace(report, case=replace(report.case, diagnosis=case.diagnosis, about=case.about))


def patient_report(patient: Patient, id: str = "", made_on: date | None = None) -> PatientReport:
    """Every answer on the patient; the same patient gives the same report.

    `id`: what the report calls the patient. Raises ImpossibleEvidence where no diagnosis allows the findings together.
    """
    net, posterior = patient.net, patient.probabilities
    weights, criteria = patient.why(), patient.criteria()
    called, steps = patient.alerts(), patient.work_up()
    return PatientReport(
        case=Case(id, patient.findings, patient.setting),
        setting=patient.setting or OWN_PRIOR,
        prior=patient.probabilities_before,
        posterior=posterior,
        intervals=patient.intervals,
        weights=weights,
        why=sentence(weights, net.vocabulary),
        advice=patient.what_next(),
        verdicts=criteria.verdicts,
        disagreements=criteria.disagreements,
        alerts=called,
        checklist=steps,
        conflict=patient.conflict,
        surprise=patient.surprise,
        version=VERSION,
        priors=net.priors.fingerprint,
        made_on=made_on,
        intended_use=INTENDED_USE,
        note_on_structure=NOTE_ON_STRUCTURE,
        vocabulary=net.vocabulary,
        sources=net.priors.sources if called or steps else {},  # a folder of priors without rules may have none
        weight_words=weight_words(net.priors),
    )
