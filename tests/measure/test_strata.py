"""Groups of diagnoses, and the forms of one disease counted as one."""

import numpy as np
import pytest

import model
from model.cases.known import known_patients
from model.measure.evaluate import evaluate
from model.measure.strata import strata
from tests.helpers.places import PUBLISHED


def test_families_share_the_patients_and_a_spectrum_is_never_harder(shipped: model.Net) -> None:
    cases, _ = known_patients(PUBLISHED, shipped.vocabulary)
    network = evaluate(shipped, cases)[0]
    found = {stratum.name: stratum for stratum in strata(shipped, network, cases)}
    families = [found[family] for family in shipped.vocabulary.families]
    assert sum(family.patients for family in families) == len(cases)
    whole = sum(family.patients * family.log_loss for family in families) / len(cases)
    assert whole == pytest.approx(network.metrics["log_loss"].value)
    summed = found["all, Dermatomyositis, any form as one"]
    assert summed.patients == len(cases) and summed.log_loss < whole
    assert summed.top1 >= np.mean([network.metrics["top1"].value]) - 1e-9
