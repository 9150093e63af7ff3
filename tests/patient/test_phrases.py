"""Findings and diagnoses as parts of a sentence."""

import pytest

import model
from model.patient.phrases import diagnosis_phrase, finding_phrase


@pytest.mark.parametrize(
    ("finding", "value", "said"),
    [
        ("heliotrope_rash", "present", "heliotrope rash"),
        ("gottron_papules", "absent", "Gottron papules (absent)"),
        ("anti_jo1", "positive", "anti-Jo-1"),
        ("biopsy_mxa", "positive", "MxA"),
        ("esr_crp", "elevated", "ESR or CRP (elevated)"),
        ("ck_level", 23.5, "creatine kinase (23.5, high)"),
        ("ck_level", "very_high", "creatine kinase (very high)"),
        ("age_at_onset", 54, "age at onset (54)"),
        ("emg", ["normal", "myopathic_irritable"], "EMG (normal or myopathic irritable)"),
        ("fever", {"absent": 0.2, "present": 0.8}, "fever (uncertain)"),
        ("mechanics_hands", "present", "mechanic's hands"),
    ],
)
def test_a_finding_reads_as_part_of_a_sentence(shipped: model.Net, finding: str, value: object, said: str) -> None:
    assert finding_phrase(shipped.vocabulary, finding, value) == said


def test_the_phrase_of_a_diagnosis_has_no_remark(shipped: model.Net) -> None:
    assert diagnosis_phrase(shipped.vocabulary, "dermatomyositis") == "dermatomyositis"
