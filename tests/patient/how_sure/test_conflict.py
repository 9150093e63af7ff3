"""Conflict between findings: what it measures, and when it warns."""

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import ImpossibleEvidence, InputError
from model.patient.how_sure.conflict import conflict
from model.patient.thresholds import thresholds
from tests.helpers.priors import with_table
from tests.helpers.references import patients


@given(data=st.data())
def test_the_measure_is_how_much_rarer_the_findings_are_together(shipped: model.Net, data: st.DataObject) -> None:
    findings = data.draw(patients(shipped, 7))
    try:
        found = conflict(shipped, findings)
    except ImpossibleEvidence:
        return
    alone = {name: shipped.log_evidence({name: state}) for name, state in findings.items()}
    if len(findings) > 1:
        together = shipped.log_evidence(findings)
        assert found.measure == pytest.approx(math.fsum(alone.values()) - together, abs=1e-9)
        for name in findings:
            rest = shipped.log_evidence({k: v for k, v in findings.items() if k != name})
            assert found.against_the_rest[name] == pytest.approx(alone[name] + rest - together, abs=1e-9)
    pairs = {frozenset((pair.first, pair.second)): pair.log_ratio for pair in found.pairs}
    assert set(pairs) == {frozenset(pair) for pair in combinations(findings, 2)}
    for a, b in combinations(findings, 2):
        both = shipped.log_evidence({a: findings[a], b: findings[b]})
        assert pairs[frozenset((a, b))] == pytest.approx(alone[a] + alone[b] - both, abs=1e-9)


def test_pairs_come_most_contradictory_first(shipped: model.Net) -> None:
    findings = {"gottron_papules": "present", "heliotrope_rash": "present", "biopsy_rimmed_vacuoles": "present"}
    ratios = [pair.log_ratio for pair in conflict(shipped, findings).pairs]
    assert ratios == sorted(ratios, reverse=True) and ratios[0] > 0 > ratios[-1]


def test_findings_of_two_diseases_contradict_each_other(shipped: model.Net) -> None:
    found = conflict(shipped, {"gottron_papules": "present", "biopsy_rimmed_vacuoles": "present"})
    assert found.sentence == "Gottron papules and rimmed vacuoles contradict each other in this model."
    assert found.pairs[0].unexplained > 0


def test_weak_legs_without_weakness_contradict_each_other(shipped: model.Net) -> None:
    found = conflict(shipped, {"weakness_severity": "none", "proximal_leg_weakness": "present", "fever": "absent"})
    assert found.sentence.startswith("Severity of weakness (none) and proximal leg weakness contradict")


def test_signs_of_one_rash_support_each_other(shipped: model.Net) -> None:
    found = conflict(shipped, dict.fromkeys(("heliotrope_rash", "gottron_papules", "v_sign"), "present"))
    assert found.measure < 0 and all(pair.log_ratio < 0 for pair in found.pairs)
    assert found.sentence == ""


def test_a_pair_that_the_leading_diagnosis_explains_is_no_contradiction(shipped: model.Net) -> None:
    """Gottron papules with a positive anti-HMGCR are rare, but dermatomyositis with a false positive explains them."""
    found = conflict(shipped, {"gottron_papules": "present", "anti_hmgcr": "positive"})
    assert found.pairs[0].log_ratio > math.log(3) and found.pairs[0].unexplained < 0
    assert found.sentence == ""


@pytest.mark.parametrize("findings", [{}, {"fever": "present"}, {"fever": "present", "cancer": None}])
def test_fewer_than_two_findings_cannot_contradict(shipped: model.Net, findings: dict[str, object]) -> None:
    found = conflict(shipped, findings)
    assert (found.measure, found.pairs, found.sentence) == (0, (), "")


def test_a_finding_that_may_have_any_state_contradicts_nothing(shipped: model.Net) -> None:
    found = conflict(shipped, {"gottron_papules": "present", "fever": ["absent", "present"], "ck_level": 12})
    assert found.against_the_rest["fever"] == pytest.approx(0, abs=1e-12)


def test_a_folder_without_thresholds_measures_but_never_warns(small: model.Net) -> None:
    found = conflict(small, {"gottron_papules": "present", "finger_flexor_weakness": "present"})
    assert found.measure > 0 and found.sentence == ""


def test_an_unknown_threshold_is_an_error_that_names_its_line(small: model.Net) -> None:
    table = "id,value,unit,source,note\nconflict_factr,3,times,x,\n"
    with pytest.raises(InputError, match=r"thresholds\.csv, line 2, field id: .*did you mean conflict_factor"):
        thresholds(with_table(small.priors, "thresholds.csv", table))


def test_words_and_thresholds_name_known_sources(shipped: model.Net) -> None:
    for name in ("weight_words", "thresholds"):
        for row in shipped.priors.tables[name]:
            assert row.words("source") and set(row.words("source")) <= set(shipped.priors.sources)
