"""Which findings a work-up leaves unknown: patterns of missing data as a table."""

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
    of those in whom it is written down; `procedure`: finding -> what it comes with. Anything else is unknown.
    """

    name: str
    done: Mapping[str, float]
    recorded: Mapping[str, float]
    procedure: Mapping[str, str]

    def known(self, patients: int, generator: np.random.Generator) -> Iterator[tuple[str, Flags]]:
        """Each finding with the patients in whom it is known, (patients,).

        The findings of one procedure are unknown together where it was not done; given that it was, each
        is left out by itself. What is unknown depends on nothing else: it is missing completely at random.
        """
        done = {name: generator.random(patients) < share for name, share in self.done.items()}
        for finding, share in self.recorded.items():
            yield finding, done[self.procedure[finding]] & (generator.random(patients) < share)


@once
def patterns(priors: Priors) -> dict[str, Pattern]:
    """The patterns of `missing.csv` by name; `complete`, in which all is known, is always there.

    A row is for a procedure of procedures.csv (all its findings) or for one finding, which then stands for
    itself. Raises InputError naming file, line, field and nearest word.
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
    """A pattern by name; raises InputError with the nearest name."""
    known = patterns(priors)
    if name not in known:
        raise InputError(f"missing: {name!r} is not a pattern of missing.csv{nearest(name, known)}")
    return known[name]
