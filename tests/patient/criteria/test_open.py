"""What unknown findings leave open in every set of criteria, and how it narrows as findings become known."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.patient.criteria import Verdict, judge, judge_by
from model.priors.folder import SHIPPED, read_priors
from tests.patient.criteria.test_criteria import FINGER, MANDATORY, SKIN, Findings, complete

RELEVANT = (
    "age_at_onset", "ck_level", "onset_tempo", "emg", *SKIN, "proximal_arm_weakness", "proximal_leg_weakness",
    "distal_weakness", "finger_flexor_weakness", "quadriceps_atrophy", "dysphagia", "anti_jo1", "anti_srp",
    "anti_hmgcr", "interstitial_lung_disease", "raynaud", "mechanics_hands", "biopsy_cd8_invasion",
    "biopsy_rimmed_vacuoles", "biopsy_protein_aggregates", "biopsy_mhc1", "biopsy_necrosis", "biopsy_macrophages",
    "immunosuppression_response", "neck_flexor_weakness", "ldh",
)  # fmt: skip
NUMBERS = {"age_at_onset": (9, 17, 18, 30, 31, 40, 45, 46, 70), "ck_level": (0.5, 1, 1.1, 11.9, 12, 15, 15.1, 60)}


VOCABULARY = read_priors(SHIPPED).vocabulary
STATES = {name: VOCABULARY.variable(name).states for name in RELEVANT}


@st.composite
def patients(draw: st.DrawFn, fewest: int = 0) -> Findings:
    """Some of the relevant findings, as a state or, where there is one, a number."""
    names = draw(st.lists(st.sampled_from(RELEVANT), unique=True, min_size=fewest))
    return {name: draw(st.sampled_from([*STATES[name], *NUMBERS.get(name, ())])) for name in names}


@given(findings=patients(fewest=1), data=st.data())
def test_what_becomes_known_narrows_what_is_possible_and_never_undoes_a_decision(
    shipped: model.Net, findings: Findings, data: st.DataObject
) -> None:
    """Except scoring with a biopsy instead of without one: that is another column, with its own verdict."""
    dropped = data.draw(st.sampled_from(sorted(findings)))
    fewer = {name: value for name, value in findings.items() if name != dropped}
    for before, after in zip(judge(shipped, fewer), judge(shipped, findings), strict=True):
        if before.column != after.column:
            continue
        assert set(after.possible_labels) <= set(before.possible_labels)
        if before.positive is not None:
            assert after.positive is before.positive
        known = {item.id: item.met for item in after.items}
        assert all(item.met is None or known[item.id] is item.met for item in before.items)
        if before.score is not None:
            assert before.score_low <= after.score_low <= after.score_high <= before.score_high  # type: ignore[operator]


def test_only_a_biopsy_can_undo_a_classification(shipped: model.Net) -> None:
    probable = {"age_at_onset": 55, "proximal_arm_weakness": "present", "proximal_leg_weakness": "present",
                "legs_proximal_weaker_than_distal": "present", "ck_level": 40}  # fmt: skip
    assert judge_by(shipped, "eular_acr_2017", probable).positive is True
    assert judge_by(shipped, "eular_acr_2017", {**probable, "biopsy_necrosis": "present"}).classified is False


OPEN: dict[str, tuple[str, ...]] = {
    "griggs_1995": ("age_at_onset", "biopsy_rimmed_vacuoles", "biopsy_cd8_invasion", "onset_tempo"),
    "enmc_2011": ("age_at_onset", "biopsy_mhc1", "biopsy_rimmed_vacuoles", "quadriceps_atrophy"),
    "bohan_peter_1975": ("gottron_sign", "ldh", "emg", "biopsy_necrosis", "proximal_leg_weakness"),
    "enmc_224": ("anti_srp", "anti_hmgcr", "ck_level", "biopsy_necrosis", "proximal_leg_weakness"),
    "solomon_2011": ("interstitial_lung_disease", "raynaud", "mechanics_hands", "emg", "gottron_sign"),
    "eular_acr_2017": ("age_at_onset", "gottron_sign", "heliotrope_rash", "ldh", "neck_flexor_weakness"),
}


@given(set_id=st.sampled_from(sorted(OPEN)), findings=patients())
def test_what_is_possible_is_what_some_completion_gives(shipped: model.Net, set_id: str, findings: Findings) -> None:
    """Against brute force: every value of every open finding, one patient each."""
    known = {**complete(shipped), **findings}
    for name in OPEN[set_id]:
        known.pop(name)
    known.pop("weakness_severity")  # it would settle the open weakness of arms and legs
    values = [NUMBERS.get(name) or STATES[name] for name in OPEN[set_id]]
    ends: set[str] = set()
    for completion in product(*values):
        ends.update(
            judge_by(shipped, set_id, {**known, **dict(zip(OPEN[set_id], completion, strict=True))}).possible_labels
        )
    assert set(judge_by(shipped, set_id, known).possible_labels) == ends


@pytest.mark.parametrize("set_id", ["bohan_peter_1975", "enmc_224"])
def test_the_grade_of_weakness_settles_arms_and_legs_that_were_not_entered(shipped: model.Net, set_id: str) -> None:
    def weakness(findings: Findings) -> bool | None:
        items = judge_by(shipped, set_id, findings).items
        return next(item.met for item in items if "roximal weakness" in item.label)

    assert weakness({}) is None
    assert weakness({"weakness_severity": "none"}) is False
    assert weakness({"weakness_severity": "mild"}) is True
    assert weakness({"weakness_severity": ["mild", "severe"]}) is True
    assert weakness({"weakness_severity": ["none", "mild"]}) is None
    assert weakness({"weakness_severity": {"none": 0.5, "mild": 1}}) is None
    assert weakness({"weakness_severity": "none", "proximal_leg_weakness": "present"}) is True
    assert weakness({"proximal_arm_weakness": "absent", "proximal_leg_weakness": "absent"}) is False


def test_no_weakness_lowers_what_the_open_score_may_still_reach(shipped: model.Net) -> None:
    strong = judge_by(shipped, "eular_acr_2017", {"weakness_severity": "none"})
    unknown = judge_by(shipped, "eular_acr_2017", {})
    assert strong.score_high is not None and unknown.score_high is not None
    assert unknown.score_high - strong.score_high == pytest.approx(0.7 + 0.8)
    assert {item.id: item.met for item in strong.items}["arms"] is False


@given(findings=patients())
def test_what_would_be_needed_is_named_while_a_set_is_undecided(shipped: model.Net, findings: Findings) -> None:
    """In unknown items; all alternatives are of the same, smallest size."""
    for verdict in judge(shipped, findings):
        unknown = {item.label for item in verdict.items if item.met is None}
        assert all(set(items) <= unknown and items for items in verdict.would_need)
        assert len({len(items) for items in verdict.would_need}) <= 1
        assert bool(verdict.would_need) == (verdict.positive is None and verdict.score is None)


def test_the_least_that_is_needed(shipped: model.Net) -> None:
    lung = judge_by(shipped, "connors_2010", {"interstitial_lung_disease": "present"})
    assert lung.would_need == (("Antisynthetase antibody",),)
    jo1 = judge_by(shipped, "connors_2010", {"anti_jo1": "positive", "fever": "absent"})
    assert [items[0] for items in jo1.would_need] == [
        "Interstitial lung disease", "Arthritis", "Raynaud phenomenon", "Mechanic's hands"
    ]  # fmt: skip
    assert [len(items) for items in judge_by(shipped, "griggs_1995", {}).would_need] == [3]


def test_a_decided_set_with_open_grade_states_the_least_that_holds(shipped: model.Net) -> None:
    result: Verdict = judge_by(shipped, "enmc_2011", {**MANDATORY, **FINGER, "biopsy_mhc1": "normal",
                                                      "biopsy_rimmed_vacuoles": "present"})  # fmt: skip
    assert result.positive is True
    assert result.label == "probable IBM"
    assert "clinico-pathologically defined IBM" in result.possible_labels
