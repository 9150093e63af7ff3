"""Studies of one disease enter the audit as part of the diagnosis to which it belongs."""

import pytest

import model
from model.measure.audit import Audited, audit
from model.priors.mixtures import LEAST_COVERED, mixture_rates
from model.priors.published import PublishedRate, published_rates


@pytest.fixture(scope="module")
def mixed(shipped: model.Net) -> tuple[PublishedRate, ...]:
    return mixture_rates(shipped.priors, published_rates(shipped.priors))


def test_most_mixtures_of_published_rates_hold(shipped: model.Net, mixed: tuple[PublishedRate, ...]) -> None:
    audited: list[Audited] = list(audit(shipped, mixed))
    assert len(audited) >= 40
    assert sum(item.holds for item in audited) / len(audited) >= 0.85


def test_every_mixed_diagnosis_but_the_dermatoses_has_a_rate_of_its_diseases(
    shipped: model.Net, mixed: tuple[PublishedRate, ...]
) -> None:
    of_mixtures = {row["diagnosis"] for row in shipped.priors.tables["mixtures"]}
    assert of_mixtures - {rate.diagnoses[0] for rate in mixed} <= {"dm_like_dermatosis"}


def test_a_mixture_weighs_its_diseases_by_their_shares(shipped: model.Net, mixed: tuple[PublishedRate, ...]) -> None:
    """Normal CK with antimalarials (55 %) and colchicine (40 %): 4 of 13 in one study, none of 12 in the other."""
    rates = [r for r in published_rates(shipped.priors) if r.row["source"] in ("Naddaf2021_B", "Kuncl1987_B")]
    (mixture,) = [
        r for r in mixture_rates(shipped.priors, rates) if r.finding == "ck_level" and r.states == ("normal",)
    ]
    assert mixture.percent == pytest.approx(55 / 95 * 100 * 4 / 13, abs=0.1)
    assert mixture.n == pytest.approx(1 / ((55 / 95) ** 2 / 13 + (40 / 95) ** 2 / 12))


def test_a_disease_that_is_a_small_part_says_nothing_of_the_whole(shipped: model.Net) -> None:
    colchicine = [r for r in published_rates(shipped.priors) if r.row["source"] == "Kuncl1987_B"]
    assert LEAST_COVERED > 0.4 and mixture_rates(shipped.priors, colchicine) == ()
