"""Finds repeated ids in a cohort of any size by hashes of 8 bytes, without holding the ids."""

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
class Repeated:
    """Ids that occurred before. `count`: how many. `partition`, `patient`: indices of the first of them."""

    count: int
    partition: int
    patient: int


def id_hashes(ids: Sequence[str]) -> Hashes:
    """A hash of each id, (patients,), the same in every process.

    The probability that any two of 100 million different ids share a hash is 1 in 4,000.
    """
    import pandas as pd

    return np.asarray(pd.util.hash_array(np.array([*ids, ""], dtype=object), categorize=False)[:-1], dtype=np.uint64)


def repeated_hashes(parts: Callable[[], Iterable[Hashes]], at_once: int = IDS_AT_ONCE) -> Repeated | None:
    """The hashes that occurred before; None if there are none.

    `parts`: returns the hashes of all partitions in order, each time it is called. To hold only about `at_once` hashes
    at a time, it is called several times, and each time one part of all hashes is compared.
    """
    rounds = -(-sum(map(len, parts())) // at_once)
    twice: list[Hashes] = []
    count = 0
    for share in range(rounds):
        values, times = np.unique(np.concatenate([own[own % rounds == share] for own in parts()]), return_counts=True)
        twice.append(values[times > 1])
        count += int((times - 1).sum())
    return Repeated(count, *_first(parts(), np.sort(np.concatenate(twice)))) if count else None


def repeated_ids(parts: Callable[[], Iterable[Hashes]], read: Callable[[int], Cohort]) -> Iterator[Repair]:
    """Warning about ids that occur more than once. `read`: returns the patients of a partition, given its index."""
    again = repeated_hashes(parts)
    if again:
        cohort = read(again.partition)
        yield Repair(SAME_ID, "id", again.count, cohort.row(again.patient), cohort.ids[again.patient])


def _first(parts: Iterable[Hashes], twice: Hashes) -> tuple[int, int]:
    """Indices of the partition and the patient of the first id that occurred before.

    `twice`: the hashes that occur more than once, sorted.
    """
    seen = np.zeros(len(twice), dtype=bool)
    for number, hashes in enumerate(parts):
        indices = np.flatnonzero(np.isin(hashes, twice))
        which = np.searchsorted(twice, hashes[indices])
        new = np.zeros(len(indices), dtype=bool)
        new[np.unique(which, return_index=True)[1]] = True
        again = indices[seen[which] | ~new]
        if len(again):
            return number, int(again[0])
        seen[which] = True
    raise AssertionError("an id that occurs twice was not found again")
