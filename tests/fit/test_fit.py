"""A fit of the priors never lowers the log posterior, agrees with pgmpy, and gives results known in advance."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import dirichlet

import model
from model.calibrate.rates import applied_values, rate_values, with_applied, with_values
from model.cases.case import Case
from model.cases.cohort import Cohort, cohort_of, joined
from model.cases.imagine import Imagined, imagine
from model.errors import InputError
from model.fit.counts import added, expected_counts
from model.fit.fit import InMemory, fit, strengthened
from model.fit.maximise import Shares, prior_gains, proposed
from model.inference.simulate import simulate
from model.network.build import Array, build_network
from tests.helpers.nets import NETS

RASH, LEGS, FLEXORS = "heliotrope_rash", "proximal_leg_weakness", "finger_flexor_weakness"


def imagined(net: model.Net, patients: int, seed: int, known: float = 1.0, without_diagnosis: float = 0.0) -> Cohort:
    """Imagined patients in whom each finding is known with probability `known`."""
    cohort = joined(list(imagine(net, Imagined(patients, seed, without_diagnosis=without_diagnosis))))
    kept = np.random.default_rng(seed)
    return replace(cohort, states={f: np.where(kept.random(patients) < known, c, -1) for f, c in cohort.states.items()})


def altered(net: model.Net, seed: int, share: float = 0.4) -> model.Net:
    """The same network with other numbers: every rate is moved towards a random one, by `share` of the way."""
    generator = np.random.default_rng(seed)
    moved = {
        node: np.where(values > 0, (1 - share) * values + share * generator.dirichlet(np.ones(values.shape[1]),
                                                                                      len(values)), 0)
        for node, values in applied_values(net).items()
    }  # fmt: skip
    return with_applied(net, {node: values / values.sum(axis=1, keepdims=True) for node, values in moved.items()})


def index_of_rate(net: model.Net, node: str, diagnosis: str, **given: str) -> int:
    """The index of the rate of a node for a diagnosis and conditions."""
    rates = net.priors.rates[node]
    return next(i for i, r in enumerate(rates) if (r.diagnosis, dict(r.given)) == (diagnosis, given))


def log_posterior(prior: model.Net, net: model.Net, cohort: Cohort) -> float:
    return expected_counts(net, cohort).log_likelihood + sum(prior_gains(prior, prior, net).values())


# Expected counts


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


# The log posterior


@given(seed=st.integers(0, 10_000), patients=st.integers(1, 60), known=st.floats(0, 1), unknown=st.floats(0, 1),
       shares=st.sampled_from(["by-setting", "together", "fixed"]))  # fmt: skip
@settings(max_examples=8)
def test_the_log_posterior_never_falls(seed: int, patients: int, known: float, unknown: float, shares: Shares) -> None:
    net = NETS["small_priors"]
    cohort = imagined(altered(net, seed), patients, seed, known, unknown)
    fitted = fit(net, cohort, shares, iterations=6, tolerance=0, weigh=False)
    assert (np.diff(fitted.log_posteriors) >= 0).all()
    gained = log_posterior(net, fitted.net, cohort) - log_posterior(net, net, cohort)
    assert fitted.log_posteriors[-1] - fitted.log_posteriors[0] == pytest.approx(gained, abs=1e-6)


def test_at_a_fit_no_single_rate_can_be_improved(small: model.Net) -> None:
    """At the fit the log posterior is flat along every rate: its slope is small compared with its curvature."""
    cohort = imagined(altered(small, 3), 80, 3, 0.7, 0.5)
    fitted = fit(small, cohort, iterations=40, tolerance=1e-6, weigh=False)
    best, step = applied_values(fitted.net), 1e-2
    here = log_posterior(small, fitted.net, cohort)
    numbers = [(RASH, 1, 1), ("ck_level", 1, 2), ("skin", 0, 1), ("skin", 1, 2), ("muscle", 0, 1), ("cancer", 1, 1)]
    for node, index, state in numbers:
        sides = []
        for direction in (step, -step):
            row = best[node][index] * np.exp(direction * (np.arange(best[node].shape[1]) == state))
            moved = {**best, node: best[node].copy()}
            moved[node][index] = row / row.sum()
            sides.append(log_posterior(small, with_applied(fitted.net, moved), cohort) - here)
        slope, curvature = (sides[0] - sides[1]) / (2 * step), -(sides[0] + sides[1]) / step**2
        assert abs(slope) < 0.15 * np.sqrt(curvature), node


@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_the_density_of_the_priors_is_that_of_dirichlets(seed: int) -> None:
    """Each rate has the exponents strength x mean, compared with scipy's density, whose parameters are larger by 1."""
    net = NETS["small_priors"]
    moved = altered(net, seed)
    means, after = rate_values(net.priors), rate_values(moved.priors)
    for node, gain in prior_gains(net, net, moved).items():
        expected = 0.0
        for rate, mean, value in zip(net.priors.rates[node], means[node], after[node], strict=True):
            possible = mean > 0
            density = dirichlet(1 + rate.strength * mean[possible])
            expected += density.logpdf(value[possible]) - density.logpdf(mean[possible])
        assert gain == pytest.approx(expected, rel=1e-6, abs=1e-8), node


def test_each_step_distributes_a_strong_whole_disease_rate_over_its_conditions_until_it_converges(
    small: model.Net,
) -> None:
    """The rate of cancer in the whole disease is worth 200 patients; the patients of the cohort contradict it."""
    rates = {
        node: tuple(replace(r, strength=200 if r.diagnosis == "dermatomyositis" and not r.given else 0.5) for r in own)
        for node, own in small.priors.rates.items()
    }
    rates["diagnosis"] = small.priors.rates["diagnosis"]
    prior = model.Net(replace(small.priors, rates=rates))
    cohort = imagined(small, 60, 4)
    known = small.vocabulary.diagnoses.index("dermatomyositis")
    cohort = replace(cohort, states={**cohort.states, "cancer": np.where(cohort.diagnoses == known, 1, 0)})
    counts, start = expected_counts(prior, cohort), applied_values(prior)
    once = proposed(prior, prior, start, counts, "by-setting")
    again = proposed(prior, prior, {**start, "cancer": once["cancer"]}, counts, "by-setting")
    assert np.abs(once["cancer"] - start["cancer"]).max() > 0.1
    np.testing.assert_allclose(again["cancer"], once["cancer"], atol=0.01)


# What is known in advance


def test_complete_data_are_counted(small: model.Net) -> None:
    """With complete data, a rate of a node without odds ratios becomes (strength mean + n_s) / (strength + n)."""
    cohort = imagined(altered(small, 1), 400, 1)
    fitted = fit(small, cohort, iterations=5)
    rates, after = small.priors.rates, rate_values(fitted.net.priors)
    disease = small.vocabulary.diagnoses.index("inclusion_body_myositis")
    for node, rate_index, chosen in (
        (FLEXORS, index_of_rate(small, FLEXORS, "inclusion_body_myositis"), cohort.diagnoses == disease),
        (FLEXORS, index_of_rate(small, FLEXORS, "any"), cohort.diagnoses != disease),
        ("diagnosis", 1, cohort.settings == 1),
    ):
        column = cohort.diagnoses if node == "diagnosis" else cohort.states[node]
        rate = rates[node][rate_index]
        seen = np.bincount(column[chosen], minlength=len(rate.percents))
        expected = (rate.strength * np.array(rate.percents) / 100 + seen) / (rate.strength + seen.sum())
        np.testing.assert_allclose(after[node][rate_index], expected, atol=2e-6)


def test_patients_without_known_findings_do_not_change_the_priors(small: model.Net) -> None:
    fitted = fit(small, cohort_of([Case(str(i), {}) for i in range(50)], small.vocabulary))
    before, after = rate_values(small.priors), rate_values(fitted.net.priors)
    for node in before:
        np.testing.assert_allclose(after[node], before[node], atol=2e-6)
    assert all((worth < 1e-6).all() for worth in fitted.information.values())


def test_a_cohort_without_a_usable_patient_is_refused(small: model.Net, strict: model.Net) -> None:
    with pytest.raises(InputError, match="no patient of the cohort can be used"):
        fit(small, cohort_of([], small.vocabulary))
    clash = Case("a", {"v_sign": "present", FLEXORS: "present"})
    with pytest.raises(InputError, match="no patient"):
        fit(strict, cohort_of([clash], strict.vocabulary))
    fitted = fit(strict, cohort_of([Case("b", {RASH: "present"}), clash], strict.vocabulary), iterations=2)
    assert (fitted.patients, fitted.impossible) == (1, (2,))


def test_known_parameters_are_recovered(small: model.Net) -> None:
    """4000 patients, a fifth of the findings and half of the diagnoses unknown: each within 4 standard errors."""
    truth = altered(small, 7)
    fitted = fit(small, imagined(truth, 4000, 7, 0.8, 0.5), iterations=40, tolerance=1e-4)
    before, wanted, after = (rate_values(net.priors) for net in (small, truth, fitted.net))
    closer = 0
    for node in (RASH, "gottron_papules", "v_sign", LEGS, FLEXORS, "ck_level", "diagnosis"):
        for i, rate in enumerate(small.priors.rates[node]):
            patients = rate.strength + fitted.information[node][i]
            error = np.sqrt(np.maximum(wanted[node][i] * (1 - wanted[node][i]), 1e-3) / patients)
            pull = np.abs(before[node][i] - wanted[node][i]) * rate.strength / patients
            assert (np.abs(after[node][i] - wanted[node][i]) < 4 * error + pull).all(), (node, i)
            closer += np.abs(after[node][i] - wanted[node][i]).sum() < np.abs(before[node][i] - wanted[node][i]).sum()
    assert closer == 14


def test_one_rate_for_many_diseases_stays_one_rate(small: model.Net) -> None:
    """The rate for any disease applies to two of them; both get the same new value, from the patients of both."""
    cohort = imagined(altered(small, 2), 300, 2)
    fitted = fit(small, cohort, iterations=5)
    others = [small.vocabulary.diagnoses.index(d) for d in ("dermatomyositis", "fibromyalgia")]
    first, second = fitted.net.network.tables[FLEXORS][others]
    assert (first == second).all()
    assert (small.network.tables[FLEXORS][others[0]] != first).any()


@pytest.mark.parametrize("shares", ["by-setting", "together", "fixed"])
def test_shares_move_as_asked(small: model.Net, shares: Shares) -> None:
    """All patients of one setting have one disease; the shares of the other setting change only with "together"."""
    cohort = cohort_of([Case(str(i), {}, "primary_care", "dermatomyositis") for i in range(40)], small.vocabulary)
    fitted = fit(small, cohort, shares, iterations=5, weigh=False)
    before, after = (rate_values(net.priors)["diagnosis"] for net in (small, fitted.net))
    own, other = (small.vocabulary.settings.index(s) for s in ("primary_care", "suspected_myositis"))
    assert (after[own, 0] > before[own, 0] + 0.01) == (shares != "fixed")
    assert (after[other, 0] > before[other, 0] + 0.001) == (shares == "together")
    if shares == "together":
        ratio = (after / before) / (after / before)[:, :1]
        np.testing.assert_allclose(ratio[0], ratio[1], rtol=1e-3)


def test_the_remainder_of_a_whole_disease_rate_never_becomes_negative(small: model.Net) -> None:
    """The patients contradict the rate of the whole disease: each number moves towards them."""
    cohort = imagined(small, 300, 4)
    known = small.vocabulary.diagnoses.index("dermatomyositis")
    states = {**cohort.states, "cancer": np.where(cohort.diagnoses == known, 1, cohort.states["cancer"])}
    fitted = fit(small, replace(cohort, states=states), iterations=20, weigh=False)
    tables = build_network(fitted.net.priors).tables
    assert min(float(table.min()) for table in tables.values()) >= 0
    after = 100 * rate_values(fitted.net.priors)["cancer"][:, 1]
    assert after[index_of_rate(small, "cancer", "dermatomyositis")] > 60
    assert after[index_of_rate(small, "cancer", "dermatomyositis", antibody="mi2")] > 40
    assert log_posterior(small, fitted.net, cohort) < log_posterior(small, small, cohort)


def test_a_network_with_its_own_applied_values_is_unchanged(small: model.Net, shipped: model.Net) -> None:
    for net in (small, shipped):
        applied = applied_values(net)
        again = with_applied(net, applied)
        for node, values in rate_values(net.priors).items():
            np.testing.assert_allclose(rate_values(again.priors)[node], values, atol=1e-9)


def test_a_stopped_fit_keeps_the_steps_it_made(small: model.Net) -> None:
    iterations_seen: list[tuple[int, float]] = []

    def stop_at_two(iteration: int, value: float) -> bool:
        iterations_seen.append((iteration, value))
        return iteration < 2

    fitted = fit(small, imagined(altered(small, 1), 100, 1, 0.5), tolerance=0, progress=stop_at_two, weigh=False)
    assert [iteration for iteration, _ in iterations_seen] == [1, 2]
    assert fitted.log_posteriors[1:] == tuple(value for _, value in iterations_seen)
    assert not fitted.converged


# Against pgmpy


def chain(folder: Path) -> model.Net:
    """setting -> diagnosis -> a hidden variable -> three findings; every row of a table has its own rate."""
    tables = {
        "vocabulary/diagnoses.csv": "id,short,label,family\nill,I,Ill,iim\nwell,W,Well,mimic\n",
        "vocabulary/settings.csv": "id,label\nclinic,Clinic\n",
        "vocabulary/hidden.csv": "id,label,states,definition\ndamage,Damage,no|yes,\n",
        "vocabulary/findings.csv": "id,group,label,states,definition\n"
        + "".join(f"sign_{i},skin,Sign {i},absent|present,\n" for i in range(3)),
        "vocabulary/bins.csv": "finding,state,from,to,closed\n",
        "vocabulary/synonyms.csv": "finding,synonyms\n",
        "edges/all.csv": "parent,child,reason,source\nsetting,diagnosis,r,\ndiagnosis,damage,r,\n"
        "damage,sign_0;sign_1;sign_2,r,\n",
        "effects/all.csv": "node,state,parent,parent_state,odds_ratio,grade,source,locator,note\n",
        "grades.csv": "grade,meaning,default_strength,strength_cap\nB,b,1,200\n",
        "verbal_scale.csv": "term,percent,low,high,basis,source\n",
        "shares.csv": "setting,diagnosis,percent,strength,grade,source,locator,note\n"
        "clinic,ill,50,1,B,,,\nclinic,well,50,1,B,,,\n",
        "rates/all.csv": "node,state,diagnosis,given,percent,term,strength,grade,source,locator,note\n"
        "damage,yes,ill,,70,,1,B,,,\ndamage,yes,well,,20,,1,B,,,\n"
        + "".join(
            f"sign_{i},present,any,damage=no,{20 + 5 * i},,1,B,,,\n"
            f"sign_{i},present,any,damage=yes,{70 - 5 * i},,1,B,,,\n"
            for i in range(3)
        ),
    }
    for name, text in tables.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return model.load(folder)


def reweighted(net: model.Net, strength: float) -> model.Net:
    """The same network with one strength for all numbers."""
    rates = {node: tuple(replace(r, strength=strength) for r in own) for node, own in net.priors.rates.items()}
    return model.Net(replace(net.priors, rates=rates))


def test_one_iteration_without_priors_is_that_of_pgmpy(tmp_path: Path) -> None:
    """pgmpy's expectation-maximisation has no priors; with practically no priors, ours takes the same steps."""
    pandas = pytest.importorskip("pandas")
    from pgmpy.estimators import ExpectationMaximization
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    net = reweighted(chain(tmp_path), 1e-9)
    drawn = simulate(altered(net, 5).network, 100, 5)
    signs = [f"sign_{i}" for i in range(3)]
    cohort = Cohort(tuple(map(str, range(100))), {s: drawn[s] for s in signs}, {}, drawn["setting"],
                    drawn["diagnosis"])  # fmt: skip
    steps = 3
    ours = fit(net, cohort, iterations=steps, tolerance=0, weigh=False).net.network.tables

    peer = DiscreteBayesianNetwork([("diagnosis", "damage"), *(("damage", s) for s in signs)], latents={"damage"})
    frame = pandas.DataFrame({name: drawn[name] for name in ("diagnosis", *signs)})
    start = {}
    for name, parents in (("diagnosis", []), ("damage", ["diagnosis"]), *((s, ["damage"]) for s in signs)):
        table = net.network.tables[name].reshape(-1, 2).T if name != "diagnosis" else net.network.tables[name].T
        start[name] = TabularCPD(name, 2, table, parents, [2] * len(parents))
    learnt = ExpectationMaximization(peer, frame).get_parameters(
        latent_card={"damage": 2}, init_cpds=start, max_iter=steps, atol=0, show_progress=False, n_jobs=1
    )
    for cpd in learnt:
        own = ours[cpd.variable]
        theirs = cpd.get_values().T.reshape(own.shape)
        np.testing.assert_allclose(own, theirs, atol=1e-5, err_msg=cpd.variable)


# Partitions and strength


def test_counts_of_two_halves_add_up(small: model.Net) -> None:
    cohort = imagined(small, 60, 2, 0.5, 0.5)
    halves = [cohort_slice(cohort, slice(0, 25)), cohort_slice(cohort, slice(25, 60))]
    whole, sums = expected_counts(small, cohort), added(expected_counts(small, half) for half in halves)
    assert (sums.patients, sums.impossible) == (whole.patients, whole.impossible)
    assert sums.log_likelihood == pytest.approx(whole.log_likelihood)
    for node, family in whole.families.items():
        np.testing.assert_allclose(sums.families[node], family, atol=1e-10)


def cohort_slice(cohort: Cohort, rows: slice) -> Cohort:
    return Cohort(cohort.ids[rows], {f: c[rows] for f, c in cohort.states.items()}, {}, cohort.settings[rows],
                  cohort.diagnoses[rows])  # fmt: skip


def test_strengths_grow_to_the_cap_and_never_shrink(small: model.Net) -> None:
    fitted = fit(small, imagined(small, 300, 10), iterations=3)
    after = strengthened(fitted, cap=50)
    for node, rates in small.priors.rates.items():
        own = np.array([rate.strength for rate in rates])
        assert (after[node] >= own).all()
        assert (after[node] <= np.maximum(50, own)).all()
    assert after[FLEXORS].max() == 50


# Values


def test_probabilities_stay_probabilities(small: model.Net) -> None:
    """A test is positive in all patients: possible states stay possible, impossible ones stay impossible."""
    cohort = cohort_of([Case(str(i), {"anti_mi2": "positive"}, None, "dermatomyositis") for i in range(500)],
                       small.vocabulary)  # fmt: skip
    fitted = fit(reweighted(small, 1e-6), cohort, iterations=5, weigh=False)
    check_values(rate_values(small.priors), rate_values(fitted.net.priors))


def check_values(before: Mapping[str, Array], after: Mapping[str, Array]) -> None:
    for node, values in after.items():
        np.testing.assert_allclose(values.sum(axis=1), 1, atol=1e-12)
        assert ((values > 0) == (before[node] > 0)).all(), node


def test_with_values_replaces_the_rates(small: model.Net) -> None:
    values = rate_values(altered(small, 1).priors)
    for node, own in rate_values(with_values(small.priors, values)).items():
        np.testing.assert_allclose(own, values[node], atol=1e-12)


def test_a_cohort_in_memory_gives_the_expected_counts(small: model.Net) -> None:
    cohort = imagined(small, 20, 1)
    assert InMemory(cohort).expected(small).log_likelihood == expected_counts(small, cohort).log_likelihood
