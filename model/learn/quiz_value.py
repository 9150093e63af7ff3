"""Which procedures were worth it: the expected and the actual information of each, against its burden.

Expected: the mutual information of its open findings with the diagnosis (`value_of_information`). Actual: by how many
bits it brought the model nearer to the true diagnosis, log2 p(truth | after) / p(truth | before). The expected value is
the mean of the actual one over all patients like this one (Lindley 1956). For one patient, the actual one may be
negative.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.inference.net import Net
from model.learn.quiz import QuizPatient, revealed
from model.patient.what_next.procedures import Procedure
from model.patient.what_next.value_of_information import BURDEN_WEIGHT, advise


@dataclass(frozen=True)
class AskedValue:
    """A procedure, valued at the time when it was asked for; all values in bits.

    reported: how many of its findings are known of this patient. expected, expected_error: expected information of all
    its open findings, and its standard error. gained: how much nearer the reported findings brought the model to the
    true diagnosis; negative if they led away from it. price: its cost and burden. best: what the model would have asked
    for at that time; None if nothing was worth its burden.
    """

    procedure: Procedure
    reported: int
    expected: float
    expected_error: float
    gained: float
    price: float
    best: Procedure | None

    @property
    def was_expected_to_pay(self) -> bool:
        return self.expected > self.price

    @property
    def paid(self) -> bool:
        return self.gained > self.price


def asked_values(
    net: Net, patient: QuizPatient, asked: Sequence[str], burden_weight: float = BURDEN_WEIGHT
) -> Iterator[AskedValue]:
    """One value for each procedure, in the order asked; computing one takes some tenths of a second.

    Raises InputError for an unknown procedure, ImpossibleEvidence for findings that no diagnosis allows together.
    """
    for number, name in enumerate(asked):
        before, after = revealed(patient, asked[:number]), revealed(patient, asked[: number + 1])
        offered = [p for p in patient.procedures if p.id not in asked[:number]]
        advice = advise(net, before, patient.setting, offered, burden_weight)
        value = next(v for v in advice.values if v.procedure.id == name)
        first = advice.values[0]
        yield AskedValue(
            value.procedure,
            len(after) - len(before),
            value.information,
            value.information_error,
            bits_nearer(net.posterior(before, patient.setting)[patient.diagnosis],
                        net.posterior(after, patient.setting)[patient.diagnosis]),
            burden_weight * value.procedure.load,
            first.procedure if first.open and first.utility > 0 else None,
        )  # fmt: skip


def bits_nearer(before: float, after: float) -> float:
    """log2 of the probability of the true diagnosis after over before; 0 if it was already excluded.

    >>> bits_nearer(0.25, 0.5)
    1.0
    """
    if before == 0:
        return 0.0
    return math.log2(after / before) if after > 0 else -math.inf
