"""One scored set on many patients: the same verdicts as for each patient alone."""

from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model
from model.errors import InputError
from model.patient.criteria import judge_by
from model.patient.criteria.baseline import probabilities
from model.patient.criteria.cohort import verdicts
from model.patient.criteria.tables import criteria_set
from model.priors.folder import SHIPPED
from tests.patient.criteria.test_criteria import Findings
from tests.patient.criteria.test_files import SMALL_SET, with_set
from tests.patient.criteria.test_open import NUMBERS, RELEVANT, VOCABULARY

SET = "eular_acr_2017"
READ = (
    *RELEVANT, "weakness_severity", "legs_proximal_weaker_than_distal", "transaminases",
    "biopsy_endomysial_inflammation", "biopsy_perivascular_inflammation", "biopsy_perifascicular_atrophy",
)  # fmt: skip
SCORED = """
[[column]]
id = "tested"
label = "CK known"
when = "known(ck_level)"
intercept = 2
cut_offs_tenths = { definite = 20, possible = 10 }
[[column]]
id = "untested"
label = "CK open"
when = "otherwise"
intercept = 1
cut_offs_tenths = { definite = 15, possible = 9 }
"""
POINTS = """
[[item]]
id = "high"
label = "CK above 9"
when = "ck_level > 9"
tenths = { tested = 15, untested = 11 }
[[item]]
id = "low"
label = "CK up to 9, not measured twice"
when = "ck_level <= 9 and (v_sign = absent or entered(v_sign))"
tenths = { tested = 7 }
[[definition]]
id = "looked"
when = "entered(v_sign) and rash"
[[label]]
text = "definite: {subgroup}"
cut_off = "definite"
positive = true
[[label]]
text = "possible"
cut_off = "possible"
diagnoses = ["dermatomyositis"]
[[subgroup]]
id = "skin"
text = "skin"
when = "looked"
diagnoses = ["dermatomyositis"]
"""


@st.composite
def patients(draw: st.DrawFn, net: model.Net, names: tuple[str, ...]) -> list[Findings]:
    """Patients with some findings: a state, a number, several states, or a likelihood for each state."""
    result = []
    for _ in range(draw(st.integers(1, 8))):
        findings: dict[str, object] = {}
        for name in draw(st.lists(st.sampled_from(names), unique=True)):
            states = st.sampled_from(net.vocabulary.variable(name).states)
            forms = [states, st.none(), st.lists(states, min_size=1), st.dictionaries(states, st.just(0.5), min_size=1)]
            numbers = [st.sampled_from(NUMBERS[name])] if name in NUMBERS else []
            findings[name] = draw(st.one_of(*forms, *numbers))
        result.append(findings)
    return result


@pytest.fixture(scope="module")
def staying_open(tmp_path_factory: pytest.TempPathFactory) -> model.Net:
    """The shipped priors, but the scored set does not count unknown items as absent."""
    folder = copytree(SHIPPED, tmp_path_factory.mktemp("open") / "priors")
    path = folder / "criteria" / f"{SET}.toml"
    text = path.read_text(encoding="utf-8")
    assert 'unknown = "counts as absent"' in text
    path.write_text(text.replace('unknown = "counts as absent"', 'unknown = "stays open"'), encoding="utf-8")
    return model.load(folder)


def same_as_alone(net: model.Net, set_id: str, findings: list[Findings]) -> None:
    found = verdicts(net, criteria_set(net.priors, set_id), findings)
    for patient, own in enumerate(findings):
        alone = judge_by(net, set_id, own)
        assert found.probability[patient] == alone.probability
        assert found.stands_for[found.conclusion[patient]] == alone.stands_for


@given(data=st.data())
def test_many_patients_have_the_verdicts_of_each_alone(shipped: model.Net, data: st.DataObject) -> None:
    same_as_alone(shipped, SET, data.draw(patients(shipped, READ)))


@given(data=st.data())
def test_so_do_patients_of_a_set_that_leaves_unknown_items_open(staying_open: model.Net, data: st.DataObject) -> None:
    same_as_alone(staying_open, SET, data.draw(patients(staying_open, READ)))


@pytest.mark.parametrize("unknown", ["counts as absent", "stays open"])
def test_so_do_patients_of_a_set_whose_items_share_a_finding(tmp_path: Path, unknown: str) -> None:
    """Open items of one number exclude each other."""
    net = with_set(tmp_path, scored(unknown))
    rash = [None, "present", "absent", ["present", "absent"]]
    level = [None, 1, 9, 9.5, 40, "mild", "high", ["mild", "high"]]
    same_as_alone(net, "two_signs", [{"v_sign": sign, "ck_level": ck} for sign in rash for ck in level])


def scored(unknown: str) -> str:
    """The small set with points, one column and a subgroup."""
    head, _, labels = SMALL_SET.partition('[[label]]\ntext = "dermatomyositis"')
    last = labels[labels.index("[[label]]") :]
    return head.replace("[source]", f'unknown = "{unknown}"\n[source]') + SCORED + POINTS + last


@given(data=st.data())
def test_the_baseline_of_a_patient_does_not_depend_on_the_others(shipped: model.Net, data: st.DataObject) -> None:
    findings = data.draw(patients(shipped, READ))
    prior = np.random.default_rng(1).dirichlet(np.ones(len(VOCABULARY.diagnoses)), len(findings))
    together = probabilities(shipped, findings, prior, SET, 0.01)
    alone = [probabilities(shipped, [own], prior[[i]], SET, 0.01)[0] for i, own in enumerate(findings)]
    assert np.array_equal(together, alone)
    assert np.allclose(together.sum(axis=1), 1)


def test_a_number_is_not_mistaken_for_a_truth_value(shipped: model.Net) -> None:
    """In Python 1 equals true; as a CK level only 1 has a meaning."""
    with pytest.raises(InputError, match="field ck_level"):
        verdicts(shipped, criteria_set(shipped.priors, SET), [{"ck_level": 1}, {"ck_level": True}])


def test_columns_that_leave_a_patient_out_are_an_error(tmp_path: Path) -> None:
    net = with_set(tmp_path, scored("stays open").replace('when = "otherwise"', 'when = "known(v_sign)"', 1))
    with pytest.raises(InputError, match=r"criteria/two_signs.toml, field column: the last column must have"):
        judge_by(net, "two_signs", {})
