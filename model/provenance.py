"""Where the numbers come from: sources checked, numbers counted by grade, the weakest findings named."""

from typing import Any

from model.net import Net
from model.priors import Priors, Rate


def check_sources(priors: Priors) -> None:
    """Every source key used must stand in sources.csv; raises InputError at the first that does not."""
    known = set(priors.sources)
    rows = [row for rates in priors.rates.values() for rate in rates for row in rate.rows]
    rows += [effect.row for effects in priors.effects.values() for effect in effects]
    rows += [row for share in priors.shares.values() for row in share.rows]
    for row in [*rows, *priors.edges]:
        for key in row.words("source"):
            if key not in known:
                row.one_of("source", known) if ";" not in row["source"] else None
                raise row.fault("source", f"{key!r} is not in sources.csv")


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


def report(net: Net) -> dict[str, Any]:
    """Numbers by grade, cells by what they rest on, and the findings with the least published support."""
    priors, vocabulary = net.priors, net.vocabulary
    meanings = {
        "A": "seed's number",
        "B": "published figure",
        "C": "words through the verbal scale",
        "D": "assumption",
    }
    rows = [row for rates in priors.rates.values() for rate in rates for row in rate.rows]
    rows += [row for share in priors.shares.values() for row in share.rows]
    rows += [effect.row for effects in priors.effects.values() for effect in effects]
    counts = {grade: sum(row["grade"] == grade for row in rows) for grade in meanings}
    total = max(1, sum(counts.values()))
    cells: dict[str, int] = {
        "a number for the diagnosis": 0,
        "a number for its family": 0,
        "a default for all": 0,
    }
    weakest = []
    for finding in vocabulary.findings:
        tally = {"AB": 0, "C": 0, "D": 0, "default": 0}
        for diagnosis in vocabulary.diagnoses:
            rate = deciding_rate(priors, finding, diagnosis)
            kind = {"any": "a default for all", diagnosis: "a number for the diagnosis"}
            cells[kind.get(rate.diagnosis, "a number for its family")] += 1
            own = rate.diagnosis == diagnosis
            tally["default" if not own else "AB" if rate.grade in "AB" else rate.grade] += 1
        weakest.append((finding, tally["AB"], tally["C"], tally["D"], tally["default"]))
    weakest.sort(key=lambda row: (row[1], row[2]))
    size = sum(cells.values())
    return {
        "grades": [(g, meanings[g], n, f"{100 * n / total:.0f}") for g, n in counts.items()],
        "cells": [(name, n, f"{100 * n / size:.0f}") for name, n in cells.items()],
        "weakest": weakest[:20],
    }
