"""Patterns of missing findings: how often a work-up leaves each finding unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError, nearest
from model.priors.folder import Priors, once

COMPLETE = "complete"
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pattern:
    """One pattern. `done`: procedure (or finding) -> share of patients who have it; `recorded`: finding -> share
    of those in whom it is recorded; `procedure`: finding -> key of `done`. Any other finding is unknown.
    """

    name: str
    done: Mapping[str, float]
    recorded: Mapping[str, float]
    procedure: Mapping[str, str]

    def known(self, patients: int, generator: np.random.Generator) -> Iterator[tuple[str, Flags]]:
        """Draw, for each finding, in which patients it is known, (patients,).

        If a procedure is not done, all its findings are unknown. If it is done, each of them is recorded or not
        independently. Nothing else has an influence: findings are missing completely at random.
        """
        done = {name: generator.random(patients) < share for name, share in self.done.items()}
        for finding, share in self.recorded.items():
            yield finding, done[self.procedure[finding]] & (generator.random(patients) < share)


@once
def patterns(priors: Priors) -> dict[str, Pattern]:
    """The patterns of `missing.csv` by name, and always `complete`, in which every finding is known.

    A row is about a procedure of procedures.csv, with all its findings, or about one finding alone. Raises InputError
    naming file, line, field and the nearest word.
    """
    findings = priors.vocabulary.findings
    everything = dict.fromkeys(findings, 1.0)
    own = {finding: finding for finding in findings}
    result = {COMPLETE: Pattern(COMPLETE, everything, everything, own)}
    procedures = {row["id"]: row.words("findings") for row in priors.tables["procedures"]}
    for row in priors.tables["missing"]:
        what = row["what"]
        before = result.get(row["pattern"], Pattern(row["pattern"], {}, {}, {}))
        if what in before.done:
            raise row.fault("what", f"{what!r} occurs twice in the pattern {row['pattern']}")
        done, recorded = (float(row[f"{word}_percent"]) / 100 for word in ("done", "recorded"))
        new = [f for f in procedures.get(what, (what,)) if f == what or f not in before.done]
        result[row["pattern"]] = Pattern(
            row["pattern"],
            {**before.done, what: done},
            {**before.recorded, **dict.fromkeys(new, recorded)},
            {**before.procedure, **dict.fromkeys(new, what)},
        )
    return result


def pattern(name: str, priors: Priors) -> Pattern:
    """The pattern of that name; raises InputError with the nearest name."""
    known = patterns(priors)
    if name not in known:
        raise InputError(f"missing: {name!r} is not a pattern of missing.csv{nearest(name, known)}")
    return known[name]
