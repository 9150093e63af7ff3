"""A quiz on a patient whose diagnosis is known: what is known at first, and what each procedure reveals."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.cases.case import Case
from model.errors import InputError, nearest
from model.inference.evidence import is_unknown
from model.inference.net import Net
from model.patient.what_next.procedures import Procedure, procedures_of


@dataclass(frozen=True)
class QuizPatient:
    """A patient whose diagnosis is to be guessed. findings: all that is known, in the order of the vocabulary.

    at_first: findings of history and examination, or that no procedure yields. procedures: those that can be asked
    for, even if they reveal nothing.
    """

    id: str
    setting: str
    diagnosis: str
    findings: Mapping[str, object]
    at_first: tuple[str, ...]
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True)
class Revealed:
    """What a procedure reveals of a patient; not_reported: its findings that are unknown."""

    procedure: Procedure
    findings: Mapping[str, object]
    not_reported: tuple[str, ...]


def quiz_patient(net: Net, case: Case) -> QuizPatient:
    """The case as a quiz. Raises InputError if its diagnosis is not known."""
    if case.diagnosis is None:
        raise InputError(f"case {case.id or 'without id'}, field diagnosis: a quiz needs the final diagnosis")
    findings = {f: case.findings[f] for f in net.vocabulary.findings if not is_unknown(case.findings.get(f))}
    procedures = tuple(procedure for procedure in procedures_of(net.priors) if not comes_with_the_visit(procedure))
    asked_for = {finding for procedure in procedures for finding in procedure.findings}
    at_first = tuple(finding for finding in findings if finding not in asked_for)
    return QuizPatient(case.id, case.setting or net.default_setting, case.diagnosis, findings, at_first, procedures)


def comes_with_the_visit(procedure: Procedure) -> bool:
    """Whether a procedure is part of the visit (history, examination): no burden, result at once."""
    return procedure.burden == 0 and procedure.days == 0


def quiz_order(patients: Iterable[str], seed: int) -> tuple[str, ...]:
    """The patients in a random order that depends on `seed` alone, each once."""
    order = list(patients)
    random.Random(seed).shuffle(order)
    return tuple(order)


def reveal(patient: QuizPatient, procedure: str) -> Revealed:
    """What the procedure of this id reveals. Raises InputError if it is not among the patient's procedures."""
    found = {offered.id: offered for offered in patient.procedures}
    if procedure not in found:
        raise InputError(f"{procedure!r} is not a procedure to ask for{nearest(procedure, found)}")
    chosen = found[procedure]
    known = {f: patient.findings[f] for f in chosen.findings if f in patient.findings}
    return Revealed(chosen, known, tuple(f for f in chosen.findings if f not in patient.findings))


def revealed(patient: QuizPatient, asked: Sequence[str] = ()) -> dict[str, object]:
    """All findings known after the procedures `asked`, in the order of the vocabulary."""
    shown = set(patient.at_first)
    for procedure in asked:
        shown.update(reveal(patient, procedure).findings)
    return {finding: value for finding, value in patient.findings.items() if finding in shown}
