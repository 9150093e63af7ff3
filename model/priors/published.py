"""Published rates: reading them, their intervals, and pooling several studies of one figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from model.errors import InputError
from model.priors.folder import SHIPPED
from model.priors.tables import Row, read_table
from model.priors.vocabulary import Vocabulary

COLUMNS = (
    "finding", "state", "diagnosis", "given", "population", "k", "n", "percent", "low", "high",
    "source", "locator", "url",
)  # fmt: skip
SHIPPED_RATES = SHIPPED / "evidence" / "rates.csv"
Z95 = 1.959963984540054


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
        return wilson(self.percent / 100, self.n) if self.n else (self.percent, self.percent)


def read_published(path: Path, vocabulary: Vocabulary) -> list[PublishedRate]:
    """All rates of a file with the columns of `evidence/rates.csv`; raises InputError naming the line."""
    meanings = _meanings()
    return [_published(row, vocabulary, meanings) for row in read_table(path, COLUMNS)]


def _meanings() -> dict[tuple[str, str], tuple[str, ...]]:
    """What a study means by a word: any interstitial lung disease includes the rapidly progressive."""
    rows = read_table(SHIPPED / "evidence" / "meanings.csv", ["finding", "state", "counts"])
    return {(row["finding"], row["state"]): tuple(row["counts"].split("|")) for row in rows}


def _published(row: Row, vocabulary: Vocabulary, meanings: Mapping[tuple[str, str], tuple[str, ...]]) -> PublishedRate:
    finding = row.one_of("finding", vocabulary.findings)
    state = row.one_of("state", vocabulary.variables[finding].states)
    given = {}
    for condition in row.words("given"):
        name, _, value = condition.partition("=")
        if name not in vocabulary.variables or value not in vocabulary.variables[name].states:
            raise row.fault("given", f"{condition!r} is not finding=state")
        given[name] = meanings.get((name, value), (value,))
    try:
        diagnoses = vocabulary.resolve_diagnoses(row["diagnosis"].split("|"))
    except InputError as error:
        raise row.fault("diagnosis", str(error)) from None

    def number(column: str, high: float) -> float | None:
        return row.number(column, 0, high) if row[column] else None

    k, n, percent = number("k", 1e9), number("n", 1e9), number("percent", 100)
    if percent is None:
        if k is None or not n:
            raise row.fault("percent", "a rate needs a percent, or k and n")
        percent = 100 * k / n
    return PublishedRate(
        finding, meanings.get((finding, state), (state,)), diagnoses, given, percent, n,
        number("low", 100), number("high", 100), row.cells.get("left_out", ""), row,
    )  # fmt: skip


def wilson(share: float, n: float, variance: float = 0.0) -> tuple[float, float]:
    """Wilson's 95 % interval in percent; `variance` between studies lowers the effective n.

    Wilson 1927, J Am Stat Assoc 22:209. With between-study variance t the share of a new study varies
    by p(1-p)/n + t, which is the variance of a sample of n / (1 + n t / p(1-p)) patients.
    """
    spread = max(share * (1 - share), 0.25 / max(n, 1))
    effective = n / (1 + n * variance / spread)
    z2 = Z95**2 / effective
    middle = (share + z2 / 2) / (1 + z2)
    half = Z95 / (1 + z2) * sqrt(share * (1 - share) / effective + z2 / effective / 4)
    return max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))


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
