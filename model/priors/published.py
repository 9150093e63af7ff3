"""Published rates: reading them, their intervals, and pooling several studies of one figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from model.errors import InputError
from model.estimate import Estimate, wilson
from model.priors.checked import Tables, check_rows
from model.priors.files import read_files
from model.priors.folder import SHIPPED, Priors, once
from model.priors.schema import SCHEMA
from model.priors.tables import Row, read_table

TABLE = SCHEMA["evidence/rates"]
COLUMNS = TABLE.needed
SHIPPED_RATES = SHIPPED / "evidence" / "rates.csv"


@dataclass(frozen=True)
class PublishedRate:
    """How many patients (`n`, where known) with `diagnosis` and `given` have `states` of `finding`.

    `left_out` says why the audit does not use it; empty when it does.
    """

    finding: str
    states: tuple[str, ...]
    diagnoses: tuple[str, ...]
    given: Mapping[str, tuple[str, ...]]
    percent: float
    n: float | None
    low: float | None
    high: float | None
    left_out: str
    row: Row

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval in percent: the stated one, else Wilson's from k and n, else the point itself."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return in_percent(wilson(self.percent / 100, self.n)) if self.n else (self.percent, self.percent)


def in_percent(estimate: Estimate) -> tuple[float, float]:
    """The interval of a share, in percent."""
    return 100 * estimate.low, 100 * estimate.high


@once
def published_rates(priors: Priors) -> tuple[PublishedRate, ...]:
    """The published rates that come with the priors.

    Parameters
    ----------
    priors
        Of the network: `net.priors`.

    Returns
    -------
    tuple of PublishedRate
        The rows of `evidence/rates.csv`; none where the folder has no such table.

    Raises
    ------
    InputError
        For a fault in the table, with file, line and field.

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> len(published_rates(net.priors)) > 800
    True
    """
    return tuple(_published(row, priors) for row in priors.tables[TABLE.name])


def read_published(path: Path, priors: Priors) -> tuple[PublishedRate, ...]:
    """All rates of a file with the columns of `evidence/rates.csv`; raises InputError naming the line."""
    rows = read_table(path, COLUMNS)
    check_rows(rows, TABLE, priors.tables)
    return tuple(_published(row, priors) for row in rows)


@lru_cache(maxsize=1)
def _meanings() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """What a study means by a word: any interstitial lung disease includes the rapidly progressive."""
    rows = Tables(read_files(SHIPPED))["evidence/meanings"]
    return {(row["finding"], row["state"]): row.words("counts", "|") for row in rows}


def _published(row: Row, priors: Priors) -> PublishedRate:
    meanings, seen = _meanings(), (row["finding"], row["state"])
    given = {name: meanings.get((name, state), (state,)) for name, state in row.stated("given").items()}
    try:
        diagnoses = priors.vocabulary.resolve_diagnoses(row["diagnosis"].split("|"))
    except InputError as error:
        raise row.fault("diagnosis", str(error)) from None

    def number(column: str) -> float | None:
        return float(row[column]) if row[column] else None

    k, n, percent = number("k"), number("n"), number("percent")
    if percent is None:
        if k is None or not n:
            raise row.fault("percent", "a rate needs a percent, or k and n")
        percent = 100 * k / n
    return PublishedRate(
        row["finding"], meanings.get(seen, (row["state"],)), diagnoses, given, percent, n,
        number("low"), number("high"), row.cells.get("left_out", ""), row,
    )  # fmt: skip


@dataclass(frozen=True)
class Pooled:
    """Several studies of one figure: percent, patients, between-study variance, equivalent sample size."""

    percent: float
    patients: float
    studies: int
    variance: float
    strength: float


def pool(counts: Sequence[tuple[float, float]], cap: float = 200) -> Pooled:
    """Pool (percent, n) of several studies by their counts.

    The between-study variance is the moment estimate of DerSimonian & Laird 1986 (Control Clin
    Trials 7:177) on the raw proportions; the strength is the sample size whose binomial variance
    equals sampling plus between-study variance, at most `cap`.
    """
    patients = sum(n for _, n in counts)
    share = sum(p * n for p, n in counts) / patients / 100
    bound = min(max(share, 0.5 / (patients + 1)), 1 - 0.5 / (patients + 1))
    variance = between_study_variance(counts)
    spread = bound * (1 - bound)
    strength = min(cap, spread / (variance + spread / patients))
    return Pooled(100 * share, patients, len(counts), variance, strength)


def between_study_variance(counts: Sequence[tuple[float, float]]) -> float:
    """Variance of the true share between studies, 0 for a single study."""
    if len(counts) < 2:
        return 0.0
    patients = sum(n for _, n in counts)
    share = sum(p * n for p, n in counts) / patients / 100
    spread = max(share * (1 - share), 0.25 / patients)
    q = sum(n * (p / 100 - share) ** 2 for p, n in counts) / spread
    scale = (patients - sum(n * n for _, n in counts) / patients) / spread
    return max(0.0, (q - (len(counts) - 1)) / scale)
