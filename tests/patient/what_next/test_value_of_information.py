"""What next? Information and same-decision probability against enumeration, and properties of any advice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, product
from math import log2
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.network.export import to_pgmpy
from model.patient.phrases import percent
from model.patient.what_next import value_of_information
from model.patient.what_next.predictive import imagine, open_findings, predictive
from model.patient.what_next.procedures import Procedure, procedures_of
from model.patient.what_next.results import entropy, score_all, score_imagined, standard_error
from model.patient.what_next.value_of_information import PATIENTS, ProcedureValue, advise, advise_pair
from model.priors.tables import Row
from tests.helpers.nets import NETS, setting_of
from tests.helpers.references import patients

TWELVE: dict[str, object] = {
    "age_at_onset": 54, "sex": "female", "proximal_leg_weakness": "present", "proximal_arm_weakness": "present",
    "onset_tempo": "subacute", "ck_level": 12, "heliotrope_rash": "absent", "arthritis": "present",
    "fever": "absent", "myalgia": "present", "dysphagia": "absent", "raynaud": "present",
}  # fmt: skip


def procedure(name: str, *findings: str, cost: float = 10, burden: float = 1) -> Procedure:
    return Procedure(name, name.capitalize(), findings, cost, burden, 1, Row("here", 1, {}))


SMALL = [
    procedure("look", "heliotrope_rash", "gottron_papules", "v_sign", "age_at_onset", cost=0, burden=0),
    procedure("examination", "proximal_leg_weakness", "finger_flexor_weakness", cost=1, burden=0),
    procedure("blood", "ck_level", "aldolase", "anti_mi2"),
    procedure("scan", "cancer", cost=60, burden=5),
]
NEXT = {p.id: p for p in procedures_of(NETS["priors"].priors)}


def value(values: Sequence[ProcedureValue], name: str) -> ProcedureValue:
    return next(v for v in values if v.procedure.id == name)


@cache
def pgmpy_of(name: str) -> Any:
    from pgmpy.inference import VariableElimination

    return VariableElimination(to_pgmpy(NETS[name].network))


def enumerated(name: str, evidence: Mapping[str, str], unknown: Sequence[str]) -> tuple[float, float, float]:
    """Information, expected leading probability and same-decision probability, result by result, from pgmpy."""
    net = NETS[name]
    factor = pgmpy_of(name).query(["diagnosis", *unknown], evidence=dict(evidence), show_progress=False)
    sizes = [range(len(net.vocabulary.variable(n).states)) for n in unknown]
    before = [sum(factor.get_value(diagnosis=d, **_states(net, unknown, x)) for x in product(*sizes))
              for d in net.vocabulary.diagnoses]  # fmt: skip
    leader = next(i for i, b in enumerate(before) if b >= max(before) - 1e-9)  # of equals the first
    information = expected = same = 0.0
    for result in product(*sizes):
        joint = [factor.get_value(diagnosis=d, **_states(net, unknown, result)) for d in net.vocabulary.diagnoses]
        chance = sum(joint)
        information += sum(j * log2(j / (chance * b)) for j, b in zip(joint, before, strict=True) if j > 0)
        expected += max(joint)
        same += chance if joint[leader] >= max(joint) - 1e-9 * chance else 0
    return information, expected, same


def _states(net: model.Net, names: Sequence[str], indices: Sequence[int]) -> dict[str, str]:
    return {n: net.vocabulary.variable(n).states[i] for n, i in zip(names, indices, strict=True)}


def agrees(value: ProcedureValue, reference: tuple[float, float, float]) -> None:
    assert value.exact
    np.testing.assert_allclose((value.information, value.expected_leading, value.same_decision), reference, atol=1e-9)


@given(data=st.data())
def test_a_small_procedure_tells_what_enumeration_through_pgmpy_says(data: st.DataObject) -> None:
    net = NETS["small_priors"]
    findings, setting = data.draw(patients(net, 5)), data.draw(setting_of(net))
    for value in advise(net, findings, setting, SMALL).values:
        if value.open:
            agrees(value, enumerated("small_priors", {**findings, "setting": setting}, value.open))


@pytest.mark.parametrize("name", ["emg", "mri", "gene_test", "chest_ct"])
@pytest.mark.parametrize(
    "findings",
    [
        {"proximal_leg_weakness": "present", "ck_level": "very_high"},
        {"finger_flexor_weakness": "present", "sex": "male"},
    ],
    ids=["weak, high CK", "weak finger flexors"],
)
def test_shipped_procedures_tell_what_enumeration_through_pgmpy_says(name: str, findings: dict[str, str]) -> None:
    value = advise(NETS["priors"], findings, "suspected_myositis", [NEXT[name]]).values[0]
    agrees(value, enumerated("priors", {**findings, "setting": "suspected_myositis"}, value.open))


@pytest.mark.parametrize("findings", [{}, TWELVE, {"ck_level": ["high", "very_high"], "v_sign": {"present": 0.7}}],
                         ids=["none", "twelve", "uncertain"])  # fmt: skip
def test_simulation_agrees_with_enumeration_within_the_error_it_states(findings: Mapping[str, object]) -> None:
    """Over 40 seeds: no bias, and errors neither too small nor much too large."""
    net = NETS["priors"]
    outlook = predictive(net, findings)
    unknown = open_findings(findings, NEXT["blood_tests"].findings)
    exact = score_all(net, outlook, unknown)
    scored = [score_imagined(outlook, imagine(outlook, unknown, 1024, seed), unknown) for seed in range(40)]
    for quantity in ("gain", "stays", "leading"):
        truth = exact.mean(getattr(exact, quantity))
        value = np.array([r.mean(getattr(r, quantity)) for r in scored])
        if quantity == "stays" and truth > 0.99:  # too rare a change for an error to be measured
            assert np.abs(value - truth).max() < 0.01
            continue
        stated = np.array([r.error(getattr(r, quantity)) for r in scored])
        misses = (value - truth) / stated
        assert abs(misses.mean()) < 4 / np.sqrt(len(scored))
        assert 0.5 < misses.std() < 1.4
        assert np.abs(misses).max() < 4
    truth = exact.mean(exact.leading)
    assert exact.expected_leading() == pytest.approx(truth, abs=1e-9)
    misses = np.array([r.expected_leading() - truth for r in scored])
    assert abs(misses.mean()) < 4 * misses.std() / np.sqrt(len(scored)) + 1e-9
    assert misses.std() < 1.1 * np.std([r.mean(r.leading) for r in scored])


@given(data=st.data())
def test_information_lies_between_that_of_the_best_finding_and_the_uncertainty(data: st.DataObject) -> None:
    net = NETS["priors"]
    findings = data.draw(patients(net, 14))
    try:
        advice = advise(net, findings)
    except model.ImpossibleEvidence:
        return
    uncertainty = entropy(np.array(list(net.posterior(findings).values())))
    assert advice.uncertainty == pytest.approx(uncertainty, abs=1e-9)
    leading = max(net.posterior(findings).values())
    for value in advice.values:
        doubt = 5 * value.information_error + 1e-9
        assert 0 <= value.best_finding_information <= value.information + doubt
        assert value.information <= uncertainty + doubt
        assert leading - 1e-9 <= value.expected_leading <= 1 + 1e-9
        if value.same_decision == 1:
            assert value.expected_leading == pytest.approx(leading, abs=1e-8)
        assert 0 <= value.same_decision <= 1


def test_what_is_known_contributes_nothing(shipped: model.Net) -> None:
    known = {**TWELVE, "emg": "myopathic", "mri_muscle_edema": "present"}
    with_done = advise(shipped, known, procedures=[NEXT["emg"], NEXT["mri"]]).values
    fewer = replace(NEXT["mri"], findings=tuple(f for f in NEXT["mri"].findings if f != "mri_muscle_edema"))
    assert value(with_done, "emg").information == 0 and value(with_done, "emg").same_decision == 1
    assert value(with_done, "emg").open == () and with_done[-1].procedure.id == "emg"
    alone = advise(shipped, known, procedures=[fewer]).values[0]
    assert value(with_done, "mri").information == pytest.approx(alone.information, abs=1e-12)
    assert value(with_done, "mri").done == ("mri_muscle_edema",)


@pytest.mark.parametrize("known", [["myopathic", "myopathic_irritable"], {"myopathic": 0.9, "normal": 0.2}], ids=str)
def test_a_finding_known_in_part_is_not_open(known: object, shipped: model.Net) -> None:
    value = advise(shipped, {**TWELVE, "emg": known}, procedures=[NEXT["emg"]]).values[0]
    assert (value.open, value.done, value.information) == ((), ("emg",), 0)


def test_advice_is_the_same_for_a_seed_and_for_any_order_of_the_findings(shipped: model.Net) -> None:
    advice = advise(shipped, TWELVE)
    assert advise(shipped, TWELVE) == advice
    assert advise(shipped, dict(reversed(TWELVE.items()))) == advice
    assert advise(shipped, TWELVE, seed=1) != advice


def test_procedures_that_differ_clearly_have_the_same_rank_for_every_seed(shipped: model.Net) -> None:
    """Clearly: by more than four times their two standard errors. By the usual rank, the first two always do."""
    runs = [advise(shipped, TWELVE, seed=seed, burden_weight=0).values for seed in range(8)]
    clear = [
        (more.procedure.id, less.procedure.id)
        for more, less in combinations(runs[0], 2)
        if more.information - less.information > 4 * (more.information_error + less.information_error)
    ]
    assert len(clear) > 20
    for values in runs:
        ranked = [value.procedure.id for value in values]
        assert all(ranked.index(more) < ranked.index(less) for more, less in clear)
    first = {tuple(v.procedure.id for v in advise(shipped, TWELVE, seed=seed).values[:2]) for seed in range(8)}
    assert len(first) == 1


def test_a_certain_diagnosis_stays_whatever_is_done(shipped: model.Net) -> None:
    advice = advise(shipped, {"ck_level": 12, "diagnosis": "dermatomyositis"})
    for value in advice.values:
        assert (value.same_decision, value.expected_leading) == (1, pytest.approx(1))
        assert value.information == pytest.approx(0, abs=1e-9)
    assert advice.stop and advice.sentence.startswith("No open procedure is likely to change")


def test_all_open_findings_together_tell_at_least_as_much_as_any_part(shipped: model.Net) -> None:
    advice = advise(shipped, TWELVE)
    assert advice.together is not None
    for value in advice.values:
        assert value.information <= advice.together.information + 4 * advice.together.information_error
    assert advice.together.information <= advice.uncertainty


def test_without_burden_weight_the_most_informative_comes_first_and_with_it_the_lighter_one(shipped: model.Net) -> None:
    by_information = [v.information for v in advise(shipped, TWELVE, burden_weight=0).values]
    assert by_information == sorted(by_information, reverse=True)
    light, heavy = replace(NEXT["emg"], cost=0, burden=0), replace(NEXT["mri"], cost=100, burden=10)
    assert NEXT["emg"].load < heavy.load == 1
    order = [[v.procedure.id for v in advise(shipped, TWELVE, procedures=[light, heavy], burden_weight=w).values]
             for w in (0, 1)]  # fmt: skip
    assert order == [["mri", "emg"], ["emg", "mri"]]


def test_utility_is_information_minus_the_weighted_load(shipped: model.Net) -> None:
    for value in advise(shipped, TWELVE, burden_weight=0.7).values:
        assert value.utility == pytest.approx(value.information - 0.7 * value.procedure.load)


@pytest.mark.parametrize(("first", "second"), [("emg", "mri"), ("chest_ct", "gene_test")])
def test_a_pair_tells_what_one_procedure_with_the_findings_of_both_tells(
    first: str, second: str, shipped: model.Net
) -> None:
    pair = advise_pair(shipped, TWELVE, None, NEXT[first], NEXT[second])
    both = procedure("both", *NEXT[first].findings, *NEXT[second].findings)
    values = advise(shipped, TWELVE, procedures=[both]).values[0]
    single = advise(shipped, TWELVE, procedures=[NEXT[first], NEXT[second]]).values
    assert pair.exact and pair.information == pytest.approx(values.information, abs=1e-12)
    assert pair.same_decision == pytest.approx(values.same_decision)
    assert pair.synergy == pytest.approx(pair.information - sum(v.information for v in single), abs=1e-12)


def test_antibodies_and_biopsy_tell_partly_the_same_within_the_error_that_is_stated(shipped: model.Net) -> None:
    pairs = [
        advise_pair(shipped, TWELVE, None, NEXT["myositis_antibodies"], NEXT["muscle_biopsy"], s) for s in range(12)
    ]
    synergies = np.array([pair.synergy for pair in pairs])
    assert (synergies < -4 * pairs[0].synergy_error).all()
    assert synergies.std() < 1.6 * pairs[0].synergy_error
    assert not pairs[0].exact and pairs[0].synergy_error < 0.02


def test_the_order_of_a_pair_does_not_matter(shipped: model.Net) -> None:
    one = advise_pair(shipped, TWELVE, None, NEXT["emg"], NEXT["mri"])
    other = advise_pair(shipped, TWELVE, None, NEXT["mri"], NEXT["emg"])
    assert one.information == pytest.approx(other.information, abs=1e-12)


def test_advice_is_to_stop_only_if_no_open_procedure_may_change_the_leading_diagnosis(shipped: model.Net) -> None:
    typical = {
        "age_at_onset": 54,
        "heliotrope_rash": "present",
        "gottron_papules": "present",
        "anti_mi2": "positive",
        "ck_level": 20,
        "proximal_leg_weakness": "present",
    }
    certain, open_question = advise(shipped, typical), advise(shipped, TWELVE)
    assert certain.stop and min(v.same_decision for v in certain.values) > 0.95
    assert not open_question.stop and min(v.same_decision for v in open_question.values) < 0.95
    assert open_question.sentence.startswith("Best next step: myositis antibody panel, mainly for anti-Jo-1;")
    second = open_question.values[1].procedure.phrase
    assert open_question.sentence.endswith(f"Second best: {second}.")


def test_a_low_probability_that_nothing_would_change_brings_a_warning(shipped: model.Net) -> None:
    """McSherry 1997: with one uninformative test left, the leading diagnosis stays, however improbable it is."""
    advice = advise(shipped, TWELVE, procedures=[NEXT["heart"]])
    assert advice.stop and max(shipped.posterior(TWELVE).values()) < 0.7
    assert "probability is still low" in advice.sentence
    assert "low" not in advise(shipped, {"diagnosis": "dermatomyositis"}, procedures=[NEXT["heart"]]).sentence


def test_procedures_together_may_change_what_none_of_them_changes_alone(shipped: model.Net) -> None:
    """Single findings as procedures: none is decisive, the whole work-up is."""
    findings = {"heliotrope_rash": "present", "gottron_papules": "present", "proximal_leg_weakness": "present"}
    alone = [procedure(name, name) for name in shipped.vocabulary.findings if name not in findings]
    weak = [v.procedure for v in advise(shipped, findings, procedures=alone).values if v.same_decision > 0.96]
    advice = advise(shipped, findings, procedures=weak)
    assert advice.together is not None
    assert advice.stop and advice.together.same_decision < 0.95
    assert f"together would, in {percent(1 - advice.together.same_decision)}" in advice.sentence


def test_when_everything_is_known_the_advice_says_so(small: model.Net) -> None:
    findings = {name: small.vocabulary.variable(name).states[0] for name in small.vocabulary.findings}
    advice = advise(small, findings, procedures=SMALL)
    assert advice.together is None and all(not v.open for v in advice.values)
    assert advice.sentence.startswith("Nothing is left to do")


def test_when_nothing_is_worth_its_burden_the_advice_says_so(shipped: model.Net) -> None:
    heavy = [replace(NEXT[name], cost=100, burden=10) for name in ("emg", "muscle_biopsy")]
    advice = advise(shipped, TWELVE, procedures=heavy, burden_weight=1)
    assert advice.sentence.startswith("No open procedure is worth its burden")
    assert "muscle biopsy, in" in advice.sentence


def test_priors_without_procedures_give_empty_advice(small: model.Net) -> None:
    advice = advise(small, {"v_sign": "present"})
    assert (advice.values, advice.stop, advice.sentence) == ((), False, "")


# Errors of simulated values


@pytest.mark.parametrize("count", [2, 3, 50])
def test_the_error_of_a_sum_of_independent_terms_is_the_root_of_the_sum_of_their_variances(count: int) -> None:
    """On average over many sums; also of few terms, for which the correction for their number matters."""
    sums = 4000
    squares = [standard_error(terms) ** 2 for terms in np.random.default_rng(1).normal(0, 3, (sums, count))]
    assert np.mean(squares) == pytest.approx(9 * count, abs=4 * np.std(squares) / np.sqrt(sums))


def test_a_change_that_no_imagined_patient_shows_is_still_possible(shipped: model.Net) -> None:
    """If the leading diagnosis stays in all of them, the error is one patient; in an enumeration it is 0."""
    certain = {"ck_level": 12, "diagnosis": "dermatomyositis"}
    simulated, exact = (
        advise(shipped, certain, procedures=[NEXT[name]]).values[0] for name in ("muscle_biopsy", "emg")
    )
    assert (simulated.exact, simulated.same_decision, simulated.same_decision_error) == (False, 1, 1 / PATIENTS)
    assert (exact.exact, exact.same_decision, exact.same_decision_error) == (True, 1, 0)


@pytest.mark.parametrize(("errors", "stop"), [(1.9, False), (2.1, True)])
def test_advice_is_to_stop_only_if_the_limit_is_two_standard_errors_below(
    errors: float, stop: bool, shipped: model.Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = advise(shipped, TWELVE, procedures=[NEXT["muscle_biopsy"]]).values[0]
    assert value.same_decision_error > 0
    limit = value.same_decision - errors * value.same_decision_error
    monkeypatch.setattr(value_of_information, "thresholds", lambda priors: {"same_decision": limit})
    assert advise(shipped, TWELVE, procedures=[NEXT["muscle_biopsy"]]).stop == stop
