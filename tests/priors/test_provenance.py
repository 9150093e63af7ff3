"""Which rate applies to a cell: the row of the diagnosis before that of its family before that of all."""

from dataclasses import replace
from itertools import permutations

import pytest

import model
from model.priors.folder import Rate
from model.priors.provenance import RESTS_ON, deciding_rate, rests_on

SIGN, DISEASE = "finger_flexor_weakness", "dermatomyositis"


def with_rates(net: model.Net, *rates: Rate) -> model.priors.folder.Priors:
    return replace(net.priors, rates={**net.priors.rates, SIGN: rates})


def test_the_most_specific_row_decides_in_whatever_order_the_rows_are(small: model.Net) -> None:
    [family] = [family for family, ids in small.vocabulary.families.items() if DISEASE in ids]
    [default] = [rate for rate in small.priors.rates[SIGN] if rate.diagnosis == "any"]
    rows = [replace(default, diagnosis=name) for name in (DISEASE, family, "any")]
    for specific, basis in ((0, RESTS_ON[0]), (1, RESTS_ON[1]), (2, RESTS_ON[2])):
        for order in permutations(rows[specific:]):
            priors = with_rates(small, *order)
            assert deciding_rate(priors, SIGN, DISEASE) is rows[specific]
            assert rests_on(priors, SIGN, DISEASE) == basis


@pytest.mark.parametrize("row", ["inclusion_body_myositis", "mimic"])
def test_rows_of_other_diseases_and_families_do_not_decide(row: str, small: model.Net) -> None:
    [default] = [rate for rate in small.priors.rates[SIGN] if rate.diagnosis == "any"]
    assert deciding_rate(with_rates(small, replace(default, diagnosis=row), default), SIGN, DISEASE) is default


def test_a_row_for_all_patients_of_a_disease_decides_before_rows_for_some_of_them(small: model.Net) -> None:
    rates = small.priors.rates["cancer"]
    assert any(rate.given for rate in rates if rate.diagnosis == DISEASE)
    for order in (rates, rates[::-1]):
        decides = deciding_rate(replace(small.priors, rates={"cancer": order}), "cancer", DISEASE)
        assert (decides.diagnosis, dict(decides.given)) == (DISEASE, {})
