"""Where the numbers come from: sources checked, numbers counted by grade, the weakest findings named."""

from collections.abc import Collection, Iterable
from typing import Any

from model.errors import nearest
from model.priors.folder import Priors, Rate
from model.priors.tables import Row, read_table


def check_sources(priors: Priors) -> None:
    """Every source key used must stand in sources.csv; raises InputError at the first that does not."""
    rows = [row for rates in priors.rates.values() for rate in rates for row in rate.rows]
    rows += [effect.row for effects in priors.effects.values() for effect in effects]
    rows += [row for share in priors.shares.values() for row in share.rows]
    check_rows([*rows, *priors.edges], priors.sources)


def check_rows(rows: Iterable[Row], known: Collection[str]) -> None:
    """Every source that the rows cite must be among the known ones; raises InputError at the first that is not."""
    for row in rows:
        for key in row.words("source"):
            if key not in known:
                raise row.fault("source", f"{key!r} is not known{nearest(key, known)}")


def deciding_rate(priors: Priors, node: str, diagnosis: str) -> Rate:
    """The rate that speaks for a diagnosis as a whole: id before family before any."""
    ranked = {
        "any": 0,
        **{f: 1 for f, ids in priors.vocabulary.families.items() if diagnosis in ids},
        diagnosis: 2,
    }
    plain = [rate for rate in priors.rates[node] if not rate.given and rate.diagnosis in ranked]
    pool = plain or [rate for rate in priors.rates[node] if rate.diagnosis in ranked]
    return max(pool, key=lambda rate: ranked[rate.diagnosis])


RESTS_ON = ("the diagnosis itself", "its family", "a default for all", "the true antibody alone (an assay)")


def report(priors: Priors) -> dict[str, Any]:
    """Numbers by grade, cells (finding x diagnosis) by what they rest on, and the weakest findings.

    Each part is a list of rows for a table; a cell's grade is that of the rate that decides it.
    """
    vocabulary = priors.vocabulary
    grades = [(r["grade"], r["meaning"]) for r in read_table(priors.folder / "grades.csv", ["grade", "meaning"])]
    rows = [row for rates in priors.rates.values() for rate in rates for row in rate.rows]
    rows += [row for share in priors.shares.values() for row in share.rows]
    rows += [effect.row for effects in priors.effects.values() for effect in effects]
    cells = [
        (finding, rests_on(priors, finding, diagnosis), deciding_rate(priors, finding, diagnosis).grade)
        for finding in vocabulary.findings
        for diagnosis in vocabulary.diagnoses
    ]
    return {
        "grades": [
            (g, text, *_count(row["grade"] == g for row in rows), *_count(c[2] == g for c in cells))
            for g, text in grades
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
    diagnoses = len(priors.vocabulary.diagnoses)
    result: list[tuple[object, ...]] = []
    for finding in priors.vocabulary.findings:
        own = [grade for name, place, grade in cells if name == finding and place == RESTS_ON[0]]
        assays = any(name == finding and place == RESTS_ON[3] for name, place, _ in cells)
        if not assays:
            strong = sum(g in "AB" for g in own)
            result.append((finding, strong, own.count("C"), own.count("D"), diagnoses - len(own)))
    return sorted(result, key=lambda row: (row[1], row[2]))[:most]
