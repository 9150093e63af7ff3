"""What must not be missed in this patient, and what the published scheme of treatment says next."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.net import Findings, Net


@dataclass(frozen=True)
class Alert:
    """One line of advice. `kind`: "alert" or "treatment"; `because`: the findings or probabilities that called it, in
    words; `urgency`: 1 (now), 2 (soon) or 3 (in due course); `source` and `locator`: where it is published."""

    id: str
    kind: str
    title: str
    text: str
    because: str
    urgency: int
    source: str
    locator: str


def alerts(net: Net, findings: Findings, posterior: Mapping[str, float]) -> tuple[Alert, ...]:
    """Every alert and step of treatment that applies, most urgent first."""
    return ()
