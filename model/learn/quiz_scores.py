"""How good the beliefs of a student are: proper scores next to those of the model, and calibration.

The logarithmic score (Good 1952) and the Brier score over all diagnoses (Brier 1950, Monthly Weather Review 78:1) are
proper: whoever states what they really believe has the best expected score.
"""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise

import numpy as np

Belief = Mapping[str, float]
BINS = (0.0, 0.25, 0.5, 0.75, 1.0)
TIE = 1e-9


@dataclass(frozen=True)
class Scores:
    """log: -ln p(true diagnosis), 0 is perfect, ln of the number of diagnoses is ignorance.

    brier: 0 is perfect, 2 the worst.
    """

    log: float
    brier: float


@dataclass(frozen=True)
class Round:
    """One patient of a quiz. model: posterior on the findings that the student has seen; model_with_all: on all."""

    patient: str
    diagnosis: str
    asked: tuple[str, ...]
    student: Belief
    model: Belief
    model_with_all: Belief


@dataclass(frozen=True)
class Means:
    """Mean scores over the rounds of a session; NaN without rounds."""

    rounds: int
    student: Scores
    model: Scores
    model_with_all: Scores


@dataclass(frozen=True)
class CalibrationRow:
    """Rounds in which the leading diagnosis had a probability from `low` up to `high`.

    said: mean of that probability; right: share of rounds in which it was the true diagnosis. NaN without rounds.
    """

    low: float
    high: float
    rounds: int
    said: float
    right: float


def scores(belief: Belief, truth: str) -> Scores:
    """Both scores of a belief, given the true diagnosis; the log score is infinite if that was excluded."""
    own = belief[truth]
    return Scores(
        math.inf if own <= 0 else max(0.0, -math.log(own)),
        math.fsum((p - (diagnosis == truth)) ** 2 for diagnosis, p in belief.items()),
    )


def leaders(belief: Belief) -> tuple[str, ...]:
    """The most probable diagnosis, or several that are equally probable."""
    most = max(belief.values())
    return tuple(diagnosis for diagnosis, p in belief.items() if p >= most - TIE)


def right(belief: Belief, truth: str) -> float:
    """1 if the leading diagnosis is true, 0 if not; 1/n if the true one is among n equally probable ones."""
    first = leaders(belief)
    return 1 / len(first) if truth in first else 0.0


def means(rounds: Sequence[Round]) -> Means:
    """Mean scores of the student and of the model."""
    return Means(len(rounds), *(_mean(rounds, of) for of in BELIEFS.values()))


BELIEFS: Mapping[str, Callable[[Round], Belief]] = {
    "student": lambda played: played.student,
    "model": lambda played: played.model,
    "model_with_all": lambda played: played.model_with_all,
}


def _mean(rounds: Sequence[Round], of: Callable[[Round], Belief]) -> Scores:
    if not rounds:
        return Scores(math.nan, math.nan)
    each = [scores(of(played), played.diagnosis) for played in rounds]
    return Scores(math.fsum(s.log for s in each) / len(each), math.fsum(s.brier for s in each) / len(each))


def calibration(rounds: Sequence[Round], whose: str = "student") -> tuple[CalibrationRow, ...]:
    """How often the leading diagnosis was right, by its probability; one row for each of BINS.

    `whose`: a key of BELIEFS.
    """
    beliefs = [BELIEFS[whose](played) for played in rounds]
    said = np.array([max(belief.values()) for belief in beliefs])
    true = np.array([right(belief, played.diagnosis) for belief, played in zip(beliefs, rounds, strict=True)])
    bins = np.clip(np.searchsorted(BINS, said, side="right") - 1, 0, len(BINS) - 2)
    rows = []
    for index, (low, high) in enumerate(pairwise(BINS)):
        chosen = bins == index
        of = (float(said[chosen].mean()), float(true[chosen].mean())) if chosen.any() else (math.nan, math.nan)
        rows.append(CalibrationRow(low, high, int(chosen.sum()), *of))
    return tuple(rows)


def rounds_csv(rounds: Sequence[Round]) -> str:
    """CSV with one row for each round: the procedures asked for, the scores of each belief, and the whole beliefs of
    the student and of the model on the same findings."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    diagnoses = list(rounds[0].student) if rounds else []
    per_belief = ("leading", "p_leading", "p_true", "log_score", "brier_score")
    heads = [f"{whose}_{measure}" for whose in BELIEFS for measure in per_belief]
    writer.writerow(["round", "patient", "diagnosis", "asked", *heads, *(f"student_p_{d}" for d in diagnoses),
                     *(f"model_p_{d}" for d in diagnoses)])  # fmt: skip
    for number, played in enumerate(rounds, 1):
        cells = [cell for of in BELIEFS.values() for cell in _cells(of(played), played.diagnosis)]
        writer.writerow([
            number, played.patient, played.diagnosis, ";".join(played.asked), *cells,
            *(f"{belief[d]:.6g}" for belief in (played.student, played.model) for d in diagnoses),
        ])  # fmt: skip
    return text.getvalue()


def _cells(belief: Belief, truth: str) -> list[str]:
    score = scores(belief, truth)
    numbers = (max(belief.values()), belief[truth], score.log, score.brier)
    return [";".join(leaders(belief)), *(f"{number:.6g}" for number in numbers)]
