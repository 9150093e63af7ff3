"""Published rates: their intervals, and pooling of several studies of one rate."""

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
    """The percentage of patients with one of `diagnoses` and the states in `given` who have one of `states`.

    `n`: number of patients, if known. `low`, `high`: the published 95 % interval in percent, if any. `left_out`: why
    the audit does not use the rate; empty if it does.
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
        """95 % interval in percent: the published one, else Wilson's from percentage and n, else the point itself."""
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
    """Read a file with the columns of `evidence/rates.csv`; raises InputError naming the line."""
    rows = read_table(path, COLUMNS)
    check_rows(rows, TABLE, priors.tables)
    return tuple(_published(row, priors) for row in rows)


@lru_cache(maxsize=1)
def _meanings() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(finding, state as studies use the word) -> the states it covers.

    For example, interstitial lung disease in a study includes the rapidly progressive form.
    """
    rows = Tables(read_files(SHIPPED))["evidence/meanings"]
    return {(row["finding"], row["state"]): row.words("counts", "|") for row in rows}


def states_meant(finding: str, state: str) -> tuple[str, ...]:
    """The states of a finding that studies mean by one of them."""
    return _meanings().get((finding, state), (state,))


def _published(row: Row, priors: Priors) -> PublishedRate:
    given = {name: states_meant(name, state) for name, state in row.stated("given").items()}
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
        row["finding"], states_meant(row["finding"], row["state"]), diagnoses, given, percent, n,
        number("low"), number("high"), row.cells.get("left_out", ""), row,
    )  # fmt: skip


@dataclass(frozen=True)
class Pooled:
    """Several studies of one rate, pooled.

    `patients`: in all studies. `variance`: between studies, of the proportion. `strength`: equivalent sample size in
    patients.
    """

    percent: float
    patients: float
    studies: int
    variance: float
    strength: float


def pool(counts: Sequence[tuple[float, float]], cap: float = 200) -> Pooled:
    """Pool the (percent, n) of several studies, weighted by n.

    The strength is the sample size whose binomial variance equals the sampling variance plus the variance between
    studies, at most `cap`. The latter is the moment estimate of DerSimonian & Laird 1986 (Control Clin Trials 7:177)
    on the raw proportions.
    """
    patients = sum(n for _, n in counts)
    share = sum(p * n for p, n in counts) / patients / 100
    bound = min(max(share, 0.5 / (patients + 1)), 1 - 0.5 / (patients + 1))
    variance = between_study_variance(counts)
    spread = bound * (1 - bound)
    strength = min(cap, spread / (variance + spread / patients))
    return Pooled(100 * share, patients, len(counts), variance, strength)


def between_study_variance(counts: Sequence[tuple[float, float]]) -> float:
    """Variance of the true proportion between studies; 0 for a single study."""
    if len(counts) < 2:
        return 0.0
    patients = sum(n for _, n in counts)
    share = sum(p * n for p, n in counts) / patients / 100
    spread = max(share * (1 - share), 0.25 / patients)
    q = sum(n * (p / 100 - share) ** 2 for p, n in counts) / spread
    scale = (patients - sum(n * n for _, n in counts) / patients) / spread
    return max(0.0, (q - (len(counts) - 1)) / scale)
