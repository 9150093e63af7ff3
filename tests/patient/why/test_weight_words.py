"""Weights of evidence in words: the sentence, and the words of the grades of Jeffreys."""

import math

import pytest

import model
from model.errors import InputError
from model.patient.why.weight_of_evidence import (
    DECIBANS,
    in_words,
    sentence,
    weigh,
    weight_words,
)
from tests.helpers.priors import with_table


@pytest.mark.parametrize(
    ("findings", "diagnosis", "said"),
    [
        ({}, "dermatomyositis", "Nothing entered yet: this is how common dermatomyositis is in this referral setting."),
        (
            {"heliotrope_rash": "present"},
            "dermatomyositis",
            "Main reason for dermatomyositis: heliotrope rash. Nothing entered argues against it.",
        ),
        (
            {"heliotrope_rash": "present", "ck_level": "normal"},
            "inclusion_body_myositis",
            "Main reason against inclusion body myositis: heliotrope rash. Nothing entered argues for it.",
        ),
        (
            {"anti_jo1": "positive", "biopsy_rimmed_vacuoles": "absent", "anti_mda5": "positive"},
            "antisynthetase_syndrome",
            "Main reason for antisynthetase syndrome: anti-Jo-1. Against it: anti-MDA5.",
        ),
    ],
)
def test_the_sentence_says_what_speaks_for_and_against(
    shipped: model.Net, findings: dict[str, object], diagnosis: str, said: str
) -> None:
    assert sentence(weigh(shipped, findings, diagnosis=diagnosis), shipped.vocabulary) == said


def test_one_finding_is_a_reason_and_two_are_reasons(shipped: model.Net) -> None:
    papules = sentence(weigh(shipped, {"gottron_papules": "present"}), shipped.vocabulary)
    assert papules.startswith("Main reason for dermatomyositis: Gottron papules.")
    both = sentence(weigh(shipped, {"gottron_papules": "present", "anti_mi2": "positive"}), shipped.vocabulary)
    assert both.startswith("Main reasons for dermatomyositis: ")


def test_words_follow_the_grades_of_jeffreys(shipped: model.Net) -> None:
    words = weight_words(shipped.priors)
    said = {factor: in_words(math.log(factor), words) for factor in (1.1, 2, 5, 50, 200, 1 / 50)}
    assert said == {
        1.1: "hardly for", 2: "weakly for", 5: "clearly for", 50: "strongly for", 200: "decisively for",
        1 / 50: "strongly against",
    }  # fmt: skip
    assert math.log(10) * DECIBANS == pytest.approx(10)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            "decibans_from,word,source\n0,hardly,x\n5,clearly,x\n3,weakly,x\n",
            "line 4, field decibans_from: the rows must rise",
        ),
        ("decibans_from,word,source\nfew,hardly,x\n", "line 2, field decibans_from: 'few' is not a number"),
        ("decibans,word,source\n", "column 'decibans_from' is missing"),
    ],
)
def test_a_fault_in_the_words_is_an_error_that_names_its_line(small: model.Net, table: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        weight_words(with_table(small.priors, "weight_words.csv", table))


def test_a_folder_without_words_gives_numbers_only(small: model.Net) -> None:
    assert weight_words(small.priors) == ()
    assert in_words(3.0, weight_words(small.priors)) == ""
