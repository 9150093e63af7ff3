"""The answers that have several parts: how sure the posterior is, and what the criteria say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.patient.criteria import Verdict
from model.patient.how_sure.conflict import Conflict
from model.patient.how_sure.credible_interval import CredibleIntervals
from model.patient.how_sure.surprise import Surprise
from model.patient.printed import Printed

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, repr=False)
class HowSure(Printed):
    """How far to trust the posterior.

    intervals: 90 % credible intervals. conflict: whether findings contradict each other. surprise: whether any
    modelled disease produces such findings.
    """

    intervals: CredibleIntervals
    conflict: Conflict
    surprise: Surprise

    @property
    def doubts(self) -> tuple[str, ...]:
        """Warnings: the findings fit no disease, or contradict each other. Empty if neither holds."""
        return tuple(filter(None, (self.surprise.sentence, self.conflict.sentence)))

    def heading(self) -> str:
        """In which share of the draws the leading diagnosis leads, and the doubts."""
        leads = f"{self.intervals.leading} leads in {self.intervals.leads_in:.1%} of the draws of the numbers."
        return " ".join((leads, *self.doubts))

    def table(self) -> "DataFrame":
        """Posterior, 90 % interval and fit of each diagnosis, the most probable first."""
        from pandas import DataFrame

        parts = {
            "posterior": self.intervals.posterior,
            "low": self.intervals.low,
            "high": self.intervals.high,
            "fit": self.surprise.fit,
        }
        table = DataFrame(parts).rename_axis("diagnosis")
        return table.sort_values("posterior", ascending=False, kind="stable")


@dataclass(frozen=True, repr=False)
class Criteria(Printed):
    """The verdict of every set of classification criteria, and where verdicts and posterior disagree (sentences)."""

    verdicts: tuple[Verdict, ...]
    disagreements: tuple[str, ...]

    def heading(self) -> str:
        """Where the criteria and the posterior disagree."""
        return " ".join(self.disagreements)

    def table(self) -> "DataFrame":
        """One row for each set: verdict, whether it is met (None: undecided), score and probability if it has them."""
        from pandas import DataFrame

        columns = ("set_id", "label", "positive", "score", "probability")
        rows = [[getattr(verdict, name) for name in columns] for verdict in self.verdicts]
        return DataFrame(rows, columns=["criteria", *columns[1:]]).set_index("criteria")
