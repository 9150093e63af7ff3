"""Expected counts: those of each family, added up over patients and partitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.cases.case import Case
from model.cases.cohort import Cohort, cohort_of
from model.fit.counts import added, expected_counts
from model.fit.fit import InMemory
from tests.helpers.fits import RASH, cohort_slice, imagined
from tests.helpers.nets import NETS


@given(seed=st.integers(0, 1000), known=st.floats(0.1, 1))
def test_expected_counts_are_the_posteriors_of_each_family_added_up(seed: int, known: float) -> None:
    """Compared with the marginals of one patient at a time, for a hidden variable and a finding below it."""
    net = NETS["small_priors"]
    cohort = imagined(net, 4, seed, known, 0.5)
    counts = expected_counts(net, cohort).families
    skin, rash = np.zeros(3), np.zeros(2)
    for evidence in evidences(net, cohort):
        skin += list(net.marginal("skin", evidence).values())
        if RASH in evidence:
            rash += [evidence[RASH] == state for state in ("absent", "present")]
    np.testing.assert_allclose(counts["skin"].sum(axis=(0, 1)), skin, atol=1e-10)
    np.testing.assert_allclose(counts[RASH].sum(axis=(0, 1)), rash, atol=1e-10)
    assert counts["diagnosis"].sum() == pytest.approx(4)


def evidences(net: model.Net, cohort: Cohort) -> list[dict[str, object]]:
    """The known findings of each patient by name, with setting and diagnosis if they are known."""
    states = {name: variable.states for name, variable in net.vocabulary.variables.items()}
    columns = {**cohort.states, "setting": cohort.settings, "diagnosis": cohort.diagnoses}
    return [
        {name: states[name][column[i]] for name, column in columns.items() if column[i] >= 0}
        for i in range(len(cohort))
    ]


def test_the_log_likelihood_is_that_of_each_patient(small: model.Net) -> None:
    cohort = imagined(small, 30, 1, 0.6)
    alone = [
        small.log_evidence({k: v for k, v in evidence.items() if k != "setting"}, evidence["setting"])  # type: ignore[arg-type]
        for evidence in evidences(small, cohort)
    ]
    assert expected_counts(small, cohort).log_likelihood == pytest.approx(sum(alone), abs=1e-8)


def test_soft_evidence_that_is_certain_counts_like_hard_evidence(small: model.Net) -> None:
    """A likelihood that is practically zero for all other states is the same as a known state."""
    hard = cohort_of([Case("a", {RASH: "present", "ck_level": 12})] * 2, small.vocabulary)
    soft = cohort_of([Case("a", {RASH: {"absent": 1e-12, "present": 1}, "ck_level": 12})] * 2, small.vocabulary)
    assert RASH in soft.likelihoods
    for node, family in expected_counts(small, hard).families.items():
        np.testing.assert_allclose(expected_counts(small, soft).families[node], family, atol=1e-9)


def test_counts_of_two_halves_add_up(small: model.Net) -> None:
    cohort = imagined(small, 60, 2, 0.5, 0.5)
    halves = [cohort_slice(cohort, slice(0, 25)), cohort_slice(cohort, slice(25, 60))]
    whole, sums = expected_counts(small, cohort), added(expected_counts(small, half) for half in halves)
    assert (sums.patients, sums.impossible) == (whole.patients, whole.impossible)
    assert sums.log_likelihood == pytest.approx(whole.log_likelihood)
    for node, family in whole.families.items():
        np.testing.assert_allclose(sums.families[node], family, atol=1e-10)


def test_a_cohort_in_memory_gives_the_expected_counts(small: model.Net) -> None:
    cohort = imagined(small, 20, 1)
    assert InMemory(cohort).expected(small).log_likelihood == expected_counts(small, cohort).log_likelihood
