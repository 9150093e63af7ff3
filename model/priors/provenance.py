"""Where the numbers come from: how many have each grade, and which findings have the weakest sources."""

from collections.abc import Iterable
from typing import Any

from model.priors.folder import Priors
from model.priors.numbers import Rate


def deciding_rate(priors: Priors, node: str, diagnosis: str) -> Rate:
    """The rate that applies to a diagnosis as a whole: that of its id before that of its family before `any`.

    A diagnosis may have no such rate because it is a mixture, and each of its forms has one: then that of the first.
    """
    if forms := _rates_of_all_forms(priors, node, diagnosis):
        return forms[0]
    ranked = priors.vocabulary.specificity(diagnosis)
    plain = [rate for rate in priors.rates[node] if not rate.given and rate.diagnosis in ranked]
    pool = plain or [rate for rate in priors.rates[node] if rate.diagnosis in ranked]
    return max(pool, key=lambda rate: ranked[rate.diagnosis])


def _rates_of_all_forms(priors: Priors, node: str, diagnosis: str) -> list[Rate]:
    """The rates of a diagnosis by the states of one hidden variable, if every possible state has one."""
    own = [rate for rate in priors.rates[node] if rate.diagnosis == diagnosis]
    if any(not rate.given for rate in own):
        return []
    for form in priors.parents[node]:
        if priors.parents[form] != ("diagnosis",) or form not in priors.rates:
            continue
        found = {rate.given[form]: rate for rate in own if tuple(rate.given) == (form,)}
        shares = zip(
            priors.vocabulary.variables[form].states, deciding_rate(priors, form, diagnosis).percents, strict=True
        )
        if found and all(state in found for state, percent in shares if percent):
            return list(found.values())
    return []


# Numbers of these grades are not published as such; all other grades count as stated or published.
NOT_AS_SUCH = ("derived", "C", "D")
RESTS_ON = ("the diagnosis itself", "its family", "a default for all", "the true antibody alone (an assay)")


def report(priors: Priors) -> dict[str, Any]:
    """Count the numbers by grade and the cells (finding x diagnosis) by basis, and list the weakest findings.

    Each part is a list of rows for a table. The grade of a cell is that of its deciding rate.
    """
    rows = [row for rates in priors.rates.values() for rate in rates for row in rate.rows]
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
        "cells": [(basis, *_count(c[1] == basis for c in cells)) for basis in RESTS_ON],
        "weakest": _weakest(priors, cells),
    }


def rests_on(priors: Priors, finding: str, diagnosis: str) -> str:
    """The basis of the rate of a finding in a diagnosis: one of RESTS_ON."""
    if "diagnosis" not in priors.parents[finding]:
        return RESTS_ON[3]
    rate = deciding_rate(priors, finding, diagnosis)
    return RESTS_ON[0] if rate.diagnosis == diagnosis else RESTS_ON[2] if rate.diagnosis == "any" else RESTS_ON[1]


def _count(flags: Iterable[bool]) -> tuple[int, str]:
    values = list(flags)
    return sum(values), f"{100 * sum(values) / max(1, len(values)):.0f}"


def _weakest(priors: Priors, cells: list[tuple[str, str, str]], most: int = 15) -> list[tuple[object, ...]]:
    """The findings with the fewest diagnoses for which a rate of that diagnosis itself is stated or published.

    Each row: finding, how many diagnoses have such a rate, one of each grade of NOT_AS_SUCH, and none of their own.
    """
    result: list[tuple[object, ...]] = []
    for finding in priors.vocabulary.findings:
        own = [grade for name, basis, grade in cells if name == finding and basis == RESTS_ON[0]]
        assays = any(name == finding and basis == RESTS_ON[3] for name, basis, _ in cells)
        if not assays:
            weak = [own.count(grade) for grade in NOT_AS_SUCH]
            result.append((finding, len(own) - sum(weak), *weak, len(priors.vocabulary.diagnoses) - len(own)))
    return sorted(result, key=lambda row: row[1:4])[:most]
