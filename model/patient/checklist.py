"""The published steps of the work-up (Silva 2022, Figure 3), and what of them is done in this patient."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.net import Findings, Net


@dataclass(frozen=True)
class CheckItem:
    """One item of the work-up. `state`: done, partly, open or not indicated; `done` and `open`: its findings by id."""

    step: str
    text: str
    state: str
    done: tuple[str, ...]
    open: tuple[str, ...]
    source: str
    locator: str


def checklist(net: Net, findings: Findings, posterior: Mapping[str, float]) -> tuple[CheckItem, ...]:
    """Every item, in the order of the figure."""
    return ()
