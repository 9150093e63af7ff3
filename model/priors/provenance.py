"""Where the numbers come from: numbers counted by grade, the weakest findings named."""

from collections.abc import Iterable
from typing import Any

from model.priors.folder import Priors
from model.priors.numbers import Rate


def deciding_rate(priors: Priors, node: str, diagnosis: str) -> Rate:
    """The rate that speaks for a diagnosis as a whole: id before family before any."""
    ranked = priors.vocabulary.specificity(diagnosis)
    plain = [rate for rate in priors.rates[node] if not rate.given and rate.diagnosis in ranked]
    pool = plain or [rate for rate in priors.rates[node] if rate.diagnosis in ranked]
    return max(pool, key=lambda rate: ranked[rate.diagnosis])


RESTS_ON = ("the diagnosis itself", "its family", "a default for all", "the true antibody alone (an assay)")


def report(priors: Priors) -> dict[str, Any]:
    """Numbers by grade, cells (finding x diagnosis) by what they rest on, and the weakest findings.

    Each part is a list of rows for a table; a cell's grade is that of the rate that decides it.
    """
    rows = [row for rates in priors.rates.values() for rate in rates for row in rate.rows]
    rows += [row for share in priors.shares.values() for row in share.rows]
    rows += [effect.row for effects in priors.effects.values() for effect in effects]
    cells = [
        (finding, rests_on(priors, finding, diagnosis), deciding_rate(priors, finding, diagnosis).grade)
        for finding in priors.vocabulary.findings
        for diagnosis in priors.vocabulary.diagnoses
    ]
    return {
        "grades": [
            (g, text, *_count(row["grade"] == g for row in rows), *_count(c[2] == g for c in cells))
            for g, text in priors.grades.items()
        ],
        "cells": [(place, *_count(c[1] == place for c in cells)) for place in RESTS_ON],
        "weakest": _weakest(priors, cells),
    }


def rests_on(priors: Priors, finding: str, diagnosis: str) -> str:
    """Which of RESTS_ON the number of a cell is."""
    if "diagnosis" not in priors.parents[finding]:
        return RESTS_ON[3]
    rate = deciding_rate(priors, finding, diagnosis)
    return RESTS_ON[0] if rate.diagnosis == diagnosis else RESTS_ON[2] if rate.diagnosis == "any" else RESTS_ON[1]


def _count(flags: Iterable[bool]) -> tuple[int, str]:
    values = list(flags)
    return sum(values), f"{100 * sum(values) / max(1, len(values)):.0f}"


def _weakest(priors: Priors, cells: list[tuple[str, str, str]], most: int = 15) -> list[tuple[object, ...]]:
    """Findings with the fewest diagnoses that have a number of grade A or B of their own."""
    result: list[tuple[object, ...]] = []
    for finding in priors.vocabulary.findings:
        own = [grade for name, place, grade in cells if name == finding and place == RESTS_ON[0]]
        assays = any(name == finding and place == RESTS_ON[3] for name, place, _ in cells)
        if not assays:
            strong = sum(g in "AB" for g in own)
            result.append(
                (finding, strong, own.count("C"), own.count("D"), len(priors.vocabulary.diagnoses) - len(own))
            )
    return sorted(result, key=lambda row: (row[1], row[2]))[:most]
