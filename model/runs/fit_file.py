"""Expected counts of a cohort file of any size, partition by partition, in this process or on workers."""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from model.calibrate.rates import rate_values
from model.cases.cohort import Cohort
from model.cases.files.mapping import ColumnMapping
from model.cases.files.partitions import Partition, partitions
from model.cases.files.read import check_mappable, cohort_suffix, read_part
from model.cases.files.repairs import Repair, together
from model.fit.coordinates import Coordinates
from model.fit.counts import Counts, added, expected_counts
from model.fit.missing_information import missing_information
from model.inference.net import Net
from model.network.build import Array
from model.runs.ids import Hashes, id_hashes, repeated_ids
from model.runs.workers import Mapper, one_thread

ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class Sent:
    """A network to be sent to other processes. Its priors are sent, and each process compiles them once.

    `token`: a hash of its numbers, which identifies it.
    """

    token: str
    net: Net = field(compare=False)

    def __reduce__(self) -> tuple[type["Sent"], tuple[str, Net]]:
        return Sent, (self.token, Net(self.net.priors))


def sent(net: Net) -> Sent:
    """Wrap a network with the hash of its rates."""
    values = rate_values(net.priors).values()
    return Sent(sha256(b"".join(array.tobytes() for array in values)).hexdigest(), net)


@lru_cache(maxsize=1)
def _compiled(package: Sent) -> Net:
    """The network of the current iteration, compiled once in each process."""
    return package.net


@dataclass(frozen=True)
class _Source:
    """A cohort file, and the mapping with which its partitions are read."""

    path: Path
    mapping: ColumnMapping | None

    def read(self, partition: Partition, net: Net) -> Cohort:
        return read_part(self.path, partition, net.vocabulary, self.mapping).cohort


@dataclass(frozen=True)
class _Expect:
    source: _Source
    package: Sent

    def __call__(self, partition: Partition) -> Counts:
        net = _compiled(self.package)
        with one_thread():
            return expected_counts(net, self.source.read(partition, net))


@dataclass(frozen=True)
class _Miss:
    source: _Source
    package: Sent
    at: Coordinates

    def __call__(self, partition: Partition) -> Array:
        net = _compiled(self.package)
        with one_thread():
            return missing_information(net, self.source.read(partition, net), self.at)


@dataclass(frozen=True)
class _Check:
    source: _Source
    package: Sent

    def __call__(self, partition: Partition) -> tuple[tuple[Repair, ...], Hashes]:
        net = _compiled(self.package)
        part = read_part(self.source.path, partition, net.vocabulary, self.source.mapping)
        return part.repairs, id_hashes(part.cohort.ids)


@dataclass(frozen=True)
class InFile:
    """A cohort file as the patients of `model.fit.fit`. It is read in each iteration, so memory does not grow with it.

    `mapped`: applies a function to the partitions, here or on workers. Results are added in the order of the
    partitions, so the sum does not depend on who computes them.
    """

    path: Path
    mapping: ColumnMapping | None
    partitions: tuple[Partition, ...]
    mapped: Mapper = map

    @property
    def _source(self) -> _Source:
        return _Source(self.path.resolve(), self.mapping)

    def check(self, net: Net) -> tuple[Repair, ...]:
        """The repairs made while reading the whole file once. Raises InputError naming row and field."""
        repairs: list[Repair] = []
        hashes = []
        for found, own in self.mapped(_Check(self._source, sent(net)), self.partitions):
            repairs += found
            hashes.append(own)
        return together([*repairs, *repeated_ids(lambda: hashes, lambda p: self._source.read(self.partitions[p], net))])

    def expected(self, net: Net) -> Counts:
        """The expected counts of the cohort under `net`."""
        return added(self.mapped(_Expect(self._source, sent(net)), self.partitions))

    def missing(self, net: Net, at: Coordinates) -> Array:
        """The missing information, as `model.fit.missing_information.missing_information` computes it."""
        total = np.zeros((at.size, at.size))
        for part in self.mapped(_Miss(self._source, sent(net), at), self.partitions):
            total += part
        return total


def in_file(path: Path, mapping: ColumnMapping | None = None, mapped: Mapper = map, rows: int = ROWS_AT_ONCE) -> InFile:
    """A cohort file for a fit, cut into partitions of at most `rows` rows.

    Raises InputError for a file that cannot be read.
    """
    cohort_suffix(path)
    check_mappable(path, mapping)
    return InFile(path, mapping, partitions(path, rows), mapped)
