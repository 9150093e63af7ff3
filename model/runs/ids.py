"""Ids that occur more than once in a cohort of any size: found by hashes of 8 bytes, without holding the ids."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.cases.cohort import Cohort
from model.cases.files.read import SAME_ID
from model.cases.files.repairs import Repair

Hashes = NDArray[np.uint64]
IDS_AT_ONCE = 1 << 24


@dataclass(frozen=True)
class Again:
    """Ids that stood before: how many, and the first of them as its partition and its place there, both from 0."""

    count: int
    partition: int
    patient: int


def id_hashes(ids: Sequence[str]) -> Hashes:
    """A hash of each id, (patients,), the same in every process.

    Of 100 million different ids two share a hash with a probability of 1 in 4,000.
    """
    import pandas as pd

    return np.asarray(pd.util.hash_array(np.array([*ids, ""], dtype=object), categorize=False)[:-1], dtype=np.uint64)


def stand_again(parts: Callable[[], Iterable[Hashes]], at_once: int = IDS_AT_ONCE) -> Again | None:
    """Which ids occur more than once. `parts` gives the hashes of all partitions in order, as often as it is called.

    Holds about `at_once` hashes at a time: it goes through them once for each share of all hashes.
    """
    rounds = -(-sum(map(len, parts())) // at_once)
    twice: list[Hashes] = []
    count = 0
    for share in range(rounds):
        values, times = np.unique(np.concatenate([own[own % rounds == share] for own in parts()]), return_counts=True)
        twice.append(values[times > 1])
        count += int((times - 1).sum())
    return Again(count, *_first(parts(), np.sort(np.concatenate(twice)))) if count else None


def repeated_ids(parts: Callable[[], Iterable[Hashes]], read: Callable[[int], Cohort]) -> Iterator[Repair]:
    """What is told of ids that occur more than once. `read` gives the patients of a partition."""
    again = stand_again(parts)
    if again:
        cohort = read(again.partition)
        yield Repair(SAME_ID, "id", again.count, cohort.row(again.patient), cohort.ids[again.patient])


def _first(parts: Iterable[Hashes], twice: Hashes) -> tuple[int, int]:
    """Partition and place of the first id that stood before; `twice`: the hashes that occur more than once, sorted."""
    seen = np.zeros(len(twice), dtype=bool)
    for number, hashes in enumerate(parts):
        places = np.flatnonzero(np.isin(hashes, twice))
        which = np.searchsorted(twice, hashes[places])
        new = np.zeros(len(places), dtype=bool)
        new[np.unique(which, return_index=True)[1]] = True
        again = places[seen[which] | ~new]
        if len(again):
            return number, int(again[0])
        seen[which] = True
    raise AssertionError("an id that occurs twice was not found again")
