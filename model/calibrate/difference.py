"""Compare two folders of priors: which numbers differ, and how the posterior of a patient changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.calibrate.numbers import Number, by_key
from model.inference.net import Findings, Net, Setting
from model.priors.folder import Priors


@dataclass(frozen=True)
class NumberDifference:
    """A number that differs between two folders; None in the one that does not have it."""

    key: str
    before: Number | None
    after: Number | None

    @property
    def what(self) -> str:
        """`added`, `removed`, `value`, `strength`, or `source` (grade, source, note)."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        if self.before.value != self.after.value:
            return "value"
        return "strength" if self.before.strength != self.after.strength else "source"


@dataclass(frozen=True)
class Difference:
    """The differences between two folders.

    edges, states: those of one folder only, as "parent -> child" and "variable=state". They begin with "- " if only
    the first folder has them, with "+ " if only the second has.
    """

    numbers: tuple[NumberDifference, ...]
    edges: tuple[str, ...]
    states: tuple[str, ...]


def difference(before: Priors, after: Priors) -> Difference:
    """Every number, edge and state that differs between two folders of priors.

    Parameters
    ----------
    before, after
        `net.priors` of two networks.

    Returns
    -------
    Difference

    Examples
    --------
    >>> import model
    >>> net = model.load()
    >>> difference(net.priors, net.priors).numbers
    ()
    """
    old, new = by_key(before), by_key(after)
    pairs = [NumberDifference(key, old.get(key), new.get(key)) for key in {**old, **new}]
    changed = [pair for pair in pairs if not _same(pair.before, pair.after)]
    return Difference(tuple(changed), _only(_edges(before), _edges(after)), _only(_states(before), _states(after)))


def _same(before: Number | None, after: Number | None) -> bool:
    if before is None or after is None:
        return False
    cells = [{k: v for k, v in number.row.cells.items() if k in ("grade", "source", "locator", "note")}
             for number in (before, after)]  # fmt: skip
    return (before.value, before.strength, cells[0]) == (after.value, after.strength, cells[1])


def _edges(priors: Priors) -> list[str]:
    return [f"{parent} -> {child}" for child, parents in priors.parents.items() for parent in parents]


def _states(priors: Priors) -> list[str]:
    return [f"{name}={state}" for name, v in priors.vocabulary.variables.items() for state in v.states]


def _only(before: list[str], after: list[str]) -> tuple[str, ...]:
    removed = [f"- {word}" for word in before if word not in set(after)]
    return (*removed, *(f"+ {word}" for word in after if word not in set(before)))


def effect_on_patient(
    before: Net, after: Net, findings: Findings, setting: Setting = None
) -> Mapping[str, tuple[float, float]]:
    """The posterior of one patient under both folders, diagnosis -> (before, after).

    A diagnosis that a folder does not have is 0. Raises InputError if a finding is unknown to one of them.
    """
    old, new = before.posterior(findings, setting), after.posterior(findings, setting)
    return {diagnosis: (old.get(diagnosis, 0.0), new.get(diagnosis, 0.0)) for diagnosis in {**old, **new}}
